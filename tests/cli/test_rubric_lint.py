"""rubric lint: every mistake of every rubric, with its place; the tokens where they can be told."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engines.tiny import save_model
from kojudge.audit.texts import is_training, load_sources
from kojudge.cli.rubric_tokens import Reader
from kojudge.records import ModelSpec
from kojudge.rubrics import load_rubric, rubric_names

from .conftest import edit
from .outcome import Call, Outcome

AUDIT = Path(__file__).resolve().parents[2] / "judge" / "audit"
SHIPPED = len(rubric_names(AUDIT.parents[1] / "rubrics"))

Codes = Callable[..., list[str]]


def found(done: Outcome, rubric: str) -> list[dict[str, Any]]:
    """The findings of one rubric in the JSON."""
    return next(one["findings"] for one in done.json["rubrics"] if one["rubric"] == rubric)


def line_in(path: Path, start: str) -> int:
    """The line of a file that begins with ``start``."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return next(n for n, line in enumerate(lines, 1) if line.startswith(start))


@pytest.fixture
def codes(call: Call) -> Codes:
    """Lint one rubric; give back the codes of what was found."""

    def linted(rubric: str) -> list[str]:
        return [f["code"] for f in found(call("rubric", "lint", rubric, "--json"), rubric)]

    return linted


@pytest.fixture
def local_judge(workspace: Path, tmp_path: Path) -> str:
    """A judge whose tokenizer is on this machine."""
    folder = save_model(tmp_path / "tiny")
    card = f"name: tiny\nsource: {{path: {folder}}}\nengine: transformers\n"
    (workspace / "judge" / "tiny.yaml").write_text(card, encoding="utf-8")
    return "tiny"


class TestShipped:
    def test_the_shipped_rubrics_have_nothing_to_mend(self, call: Call) -> None:
        done = call("rubric", "lint", "--json")
        assert (done.code, done.err) == (0, "")
        assert (done.json["schema"], len(done.json["rubrics"])) == (
            "kojudge.rubric-lint/1",
            SHIPPED,
        )
        assert (done.json["errors"], done.json["warnings"]) == (0, 0)

    def test_a_person_is_told_so_in_either_language(self, call: Call) -> None:
        korean, english = call("rubric", "lint", lang="ko"), call("rubric", "lint")
        assert "✓ naturalness — 자연스러움 · pointwise · ko · 버전 1" in korean.out
        assert "✓ naturalness — naturalness · pointwise · ko · version 1" in english.out
        assert korean.out.rstrip().endswith(f"루브릭 {SHIPPED}개 · 오류 0 · 주의 0")
        assert english.out.rstrip().endswith(f"{SHIPPED} rubrics · 0 errors · 0 warnings")

    def test_only_the_named_are_looked_at(self, call: Call) -> None:
        done = call("rubric", "lint", "naturalness", "--json")
        assert [one["rubric"] for one in done.json["rubrics"]] == ["naturalness"]

    def test_an_unknown_name_is_met_with_the_nearest(self, call: Call) -> None:
        done = call("rubric", "lint", "naturalnes")
        assert (done.code, "naturalness" in done.err) == (2, True)


class TestErrors:
    def test_all_mistakes_of_all_rubrics_are_listed(self, call: Call, workspace: Path) -> None:
        folder = workspace / "rubrics"
        edit(folder / "naturalness.md.j2", "mode: pointwise", "mode: points")
        edit(folder / "naturalness.md.j2", "version: 1", "version: one")
        edit(folder / "friendliness.md.j2", "# 주의", "{{ one }}\n{{ prompt.two }}\n# 주의")
        edit(folder / "friendliness-en.md.j2", "{% for level in levels %}", "{% for levels %}")
        done = call("rubric", "lint", "--json")
        assert done.code == 2
        places = {
            rubric: [f["place"].removeprefix(f"{folder}/") for f in found(done, rubric)]
            for rubric in ("naturalness", "friendliness", "friendliness-en")
        }
        assert places == {
            "naturalness": ["naturalness.md.j2:5", "naturalness.md.j2:6"],
            "friendliness": [
                f"friendliness.md.j2:{line_in(folder / 'friendliness.md.j2', '{{ one }}')}",
                f"friendliness.md.j2:{line_in(folder / 'friendliness.md.j2', '{{ prompt.two }}')}",
            ],
            "friendliness-en": [
                f"friendliness-en.md.j2:{line_in(folder / 'friendliness-en.md.j2', '{% for levels')}"
            ],
        }

    def test_a_person_sees_place_reason_and_next_step(self, call: Call, workspace: Path) -> None:
        path = workspace / "rubrics" / "naturalness.md.j2"
        edit(path, "mode: pointwise", "mode: points")
        done = call("rubric", "lint", "naturalness", lang="ko")
        assert done.code == 2
        assert "✗ naturalness\n" in done.out
        assert f"  ✗ {path}:6: 머리말: mode: 쓸 수 있는 값은" in done.out
        assert "    → rubrics/README.md" in done.out

    @pytest.mark.parametrize(
        "branch",
        [
            "{% if prompt.history %}{{ oops }}{% endif %}",
            "{% if prompt.friendly is none %}{{ oops }}{% endif %}",
            "{% if prompt.constraints %}{{ prompt.oops }}{% endif %}",
            "{% if prompt.category == 'a kind no prompt has' %}{{ oops }}{% endif %}",
        ],
    )
    def test_a_variable_is_missed_in_whatever_branch_it_stands(
        self, codes: Codes, workspace: Path, branch: str
    ) -> None:
        edit(workspace / "rubrics" / "naturalness.md.j2", "# 주의", f"{branch}\n# 주의")
        assert codes("naturalness") == ["undefined"]

    def test_a_mistake_that_only_filling_shows_is_found(self, call: Call, workspace: Path) -> None:
        branch = "{% for turn in prompt.history %}{{ turn.words }}{% endfor %}"
        edit(workspace / "rubrics" / "naturalness.md.j2", "# 주의", f"{branch}\n# 주의")
        (finding,) = found(call("rubric", "lint", "naturalness", "--json"), "naturalness")
        assert finding["code"] == "cannot_be_filled"
        assert "words" in finding["message"]["en"]

    def test_a_partial_is_to_blame_where_the_mistake_stands_in_it(
        self, call: Call, workspace: Path
    ) -> None:
        edit(workspace / "rubrics" / "_fence.md.j2", "{{ text }}", "{{ text }}{{ oops }}")
        (finding,) = found(call("rubric", "lint", "naturalness", "--json"), "naturalness")
        assert re.search(r"_fence\.md\.j2:\d+$", finding["place"])

    def test_a_rubric_must_show_the_text(self, codes: Codes, workspace: Path) -> None:
        path = workspace / "rubrics" / "naturalness.md.j2"
        edit(path, '{{ fenced("글", text, fence, "ko") }}', '{{ fenced("글", "", fence, "ko") }}')
        assert codes("naturalness") == ["text_not_shown"]

    def test_a_pairwise_rubric_must_show_both(self, codes: Codes, workspace: Path) -> None:
        path = workspace / "rubrics" / "naturalness-pairwise.md.j2"
        edit(path, 'fenced("글 B", text_b', 'fenced("글 B", text_a')
        assert codes("naturalness-pairwise") == ["text_not_shown"]

    def test_an_example_must_not_be_a_text_that_tests_the_judge(
        self, codes: Codes, workspace: Path
    ) -> None:
        shutil.copytree(AUDIT, workspace / "judge" / "audit")
        sources = load_sources(AUDIT)
        training = next(s for s in sources if is_training(s.source_id))
        test = next(s for s in sources if not is_training(s.source_id))
        path = workspace / "rubrics" / "naturalness.md.j2"
        start = 'examples:\n  - {answer: "5", text: "%s"%s}\nanswer_prefix'
        edit(
            path,
            "answer_prefix",
            start % ("우리 동네 이야기다.", f", source: {training.source_id}"),
        )
        assert codes("naturalness") == []
        edit(path, "우리 동네 이야기다.", test.original.replace('"', "'").replace("\n", "\\n"))
        assert codes("naturalness") == ["example_of_test_split"]


class TestWarnings:
    @pytest.mark.parametrize(
        ("rubric", "old", "new", "code"),
        [
            ("naturalness", '{{ fenced("글", text, fence, "ko") }}', "{{ text }}", "not_fenced"),
            ("naturalness", 'fenced("글", text, fence,', 'fenced("글", text, "고정",', "not_fenced"),
            ("naturalness-pairwise", 'fenced("글 A"', 'fenced("첫째 글"', "text_not_named"),
            ("naturalness", 'answer_prefix: "점수: "', 'answer_prefix: "평점: "', "answer_prefix_differs"),
            ("naturalness", 'answer_prefix: "점수: "\n', "", "no_answer_prefix"),
            ("naturalness", "{{ criterion.name }} 점수만 매기세요.\n", "\n", "task_not_repeated"),
            ("friendliness-pairwise-en", "decide only whether Text A or Text B is friendlier by", "answer by", "task_not_repeated"),
            ("naturalness", '{{ answer(levels, "점수:", "ko") }}', "점수: 다음에 쓰세요.", "answers_not_named"),
            ("naturalness", "{{ level.label }}점: {{ level.description }}", "{{ level.label }}점", "levels_not_shown"),
        ],
    )  # fmt: skip
    def test_a_habit_that_weakens_a_rubric_is_told_and_does_not_fail(
        self, call: Call, workspace: Path, rubric: str, old: str, new: str, code: str
    ) -> None:
        edit(workspace / "rubrics" / f"{rubric}.md.j2", old, new)
        done = call("rubric", "lint", rubric, "--json")
        assert (done.code, done.json["errors"]) == (0, 0)
        assert [f["code"] for f in found(done, rubric)] == [code]

    def test_levels_behind_the_request_cost_every_text_anew(
        self, codes: Codes, workspace: Path
    ) -> None:
        path = workspace / "rubrics" / "naturalness.md.j2"
        levels = "{% for level in levels %}\n{{ level.label }}점: {{ level.description }}\n{% endfor %}\n"
        edit(path, levels, "")
        edit(path, "# 답\n", f"# 단계\n{levels}\n# 답\n")
        assert codes("naturalness") == ["levels_after_request"]

    def test_levels_must_be_told_apart_by_their_descriptions(
        self, call: Call, workspace: Path
    ) -> None:
        path = workspace / "rubrics" / "naturalness.md.j2"
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"^  4: .*$", "  4: 막힘없이 읽히는 좋은 글이다.", text, flags=re.MULTILINE)
        text = re.sub(r"^  5: .*$", "  5: 막힘없이 읽히는 좋은 글이다.", text, flags=re.MULTILINE)
        text = re.sub(r"^  3: .*$", "  3: 보통이다.", text, flags=re.MULTILINE)
        path.write_text(text, encoding="utf-8")
        listed = found(call("rubric", "lint", "naturalness", "--json"), "naturalness")
        places = [(f["code"], f["place"].rpartition(":")[2]) for f in listed]
        assert places == [("short_level", "11"), ("same_levels", "13")]


class TestTokens:
    def test_they_are_counted_for_a_judge_that_is_here(self, call: Call, local_judge: str) -> None:
        done = call("rubric", "lint", "naturalness", "--judge", local_judge, "--json")
        (count,) = done.json["rubrics"][0]["tokens"]
        assert (count["judge"], count["distinct"]) == (local_judge, True)
        assert 0 < count["shared"] < count["tokens"]

    def test_a_longer_rubric_has_more_of_them(
        self, call: Call, workspace: Path, local_judge: str
    ) -> None:
        def counted() -> dict[str, int]:
            done = call("rubric", "lint", "naturalness", "--judge", local_judge, "--json")
            (count,) = done.json["rubrics"][0]["tokens"]
            return {key: count[key] for key in ("tokens", "shared")}

        before = counted()
        edit(workspace / "rubrics" / "naturalness.md.j2", "# 주의", "abc\n\n# 주의")
        after = counted()
        assert after["tokens"] - before["tokens"] == after["shared"] - before["shared"] > 0

    def test_nothing_is_fetched_to_count_them(self, call: Call, workspace: Path) -> None:
        card = "name: far\nsource: {hub: someone/far-away}\nengine: transformers\n"
        (workspace / "judge" / "far.yaml").write_text(card, encoding="utf-8")
        done = call("rubric", "lint", "naturalness")
        assert done.code == 0
        assert "(fetch one with kojudge models pull NAME): far\n" in done.out
        assert (
            "No tokenizer of the engine here, so tokens are not counted: fake-judge\n" in done.out
        )

    def test_a_broken_tokenizer_is_told(
        self, call: Call, workspace: Path, local_judge: str, tmp_path: Path
    ) -> None:
        (tmp_path / "tiny" / "tokenizer.json").write_text("{", encoding="utf-8")
        done = call("rubric", "lint", "naturalness", "--judge", local_judge)
        assert done.code == 0
        assert "! tiny: Cannot read the tokenizer of 'tiny'" in done.out

    def test_answers_that_are_one_token_to_a_judge_are_an_error(self, workspace: Path) -> None:
        from tokenizers import Tokenizer, models, pre_tokenizers
        from transformers import PreTrainedTokenizerFast

        words = Tokenizer(models.WordLevel({"<unk>": 0, "1": 1, "2": 2}, unk_token="<unk>"))
        words.pre_tokenizer = pre_tokenizers.Whitespace()
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>")
        reader = Reader(ModelSpec("odd", "odd"), tokenizer)
        assert not reader.tells_apart(load_rubric(workspace / "rubrics", "naturalness"))
