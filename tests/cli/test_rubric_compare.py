"""rubric compare: two rubrics on the same texts, and only what is new is asked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kojudge.engines import Choice, ChoiceRequest
from kojudge.engines.fake import FakeEngine
from kojudge.store.run import Run

from .conftest import edit
from .outcome import Call

AUDIT = Path(__file__).resolve().parents[2] / "judge" / "audit"
SOURCES = ("blog-01", "blog-02", "blog-03", "blog-04")
TEXTS_A_SOURCE = 7
"""An original with the two ↓ and the four ≈ kinds of friendliness."""
POINTS = len(SOURCES) * TEXTS_A_SOURCE
PAIRS = len(SOURCES) * (TEXTS_A_SOURCE - 1) * 2
A, B = "friendliness", "friendliness-short"

Asked = list[str]


@pytest.fixture(autouse=True)
def audit_texts(workspace: Path) -> Path:
    """Four sources of the shipped audit set."""
    folder = workspace / "judge" / "audit"
    folder.mkdir()
    lines = (AUDIT / "blog.jsonl").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if json.loads(line)["source_id"] in SOURCES]
    (folder / "blog.jsonl").write_text("\n".join(kept) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The keys of all questions that reach the fake judge."""
    keys: Asked = []
    choose = FakeEngine.choose

    def listening(self: FakeEngine, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        def passed() -> Iterator[ChoiceRequest]:
            for request in requests:
                keys.append(request.key)
                yield request

        return choose(self, passed())

    monkeypatch.setattr(FakeEngine, "choose", listening)
    return keys


def compare(call: Call, *more: str) -> Any:
    done = call("rubric", "compare", A, B, "--judge", "fake-judge", "--json", *more)
    assert done.code == 0, done.err
    return done.json


def names(found: Any) -> list[str]:
    return [row["name"] for row in found["comparison"]["measures"]]


def row(found: Any, name: str) -> dict[str, Any]:
    return next(row for row in found["comparison"]["measures"] if row["name"] == name)


class TestWhatIsFound:
    def test_both_rubrics_are_measured_on_the_audit_texts(self, call: Call) -> None:
        found = compare(call)
        assert (found["schema"], found["judge"]) == ("kojudge.rubric-compare/1", "fake-judge")
        comparison = found["comparison"]
        assert [comparison[key] for key in ("a", "b", "criterion", "mode", "sources")] == [
            A, B, "friendliness", "pointwise", len(SOURCES),
        ]  # fmt: skip
        assert names(found) == ["separation", "detection", "ceiling", "mass", "unscored"]
        assert {row["kind"] for row in comparison["kinds"]} == {
            "stiff", "cold", "paraphrase", "cliche", "verbose", "markdown",
        }  # fmt: skip
        assert [cost["judgments"] for cost in comparison["costs"]] == [POINTS, POINTS]
        assert comparison["costs"][0]["tokens"] > comparison["costs"][1]["tokens"] > 0

    def test_a_difference_is_a_minus_b(self, call: Call) -> None:
        for measure in compare(call)["comparison"]["measures"]:
            a, b, gap = (measure[key]["value"] for key in ("a", "b", "difference"))
            assert gap == pytest.approx(a - b)

    def test_the_texts_where_they_differ_most_are_given_whole(self, call: Call) -> None:
        first, *others = compare(call)["comparison"]["disagreements"]
        assert len(first["text"]) > 100
        assert abs(first["gap"]) >= abs(others[-1]["gap"]) > 0

    def test_pairs_are_asked_in_both_orders_and_show_their_consistency(self, call: Call) -> None:
        given = ("friendliness-pairwise", "friendliness-pairwise-short", "--judge", "fake-judge")
        found = call("rubric", "compare", *given, "--json").json
        assert found["judgments"] == 2 * PAIRS
        assert "position" in names(found)
        assert "ceiling" not in names(found)

    def test_a_person_reads_tables_in_either_language(self, call: Call) -> None:
        compare(call)
        korean = call("rubric", "compare", A, B, "--judge", "fake-judge", lang="ko").out
        english = call("rubric", "compare", A, B, "--judge", "fake-judge").out
        assert "friendliness · pointwise · 원문 4편" in korean
        assert "나빠진 글을 알아봄" in korean
        assert "↓ 딱딱한 공문체" in korean
        assert "A와 B가 가장 크게 갈린 글" in korean
        assert "detection of worse texts" in english
        assert "the texts where A and B differ most" in english

    def test_without_a_judge_named_it_is_the_workspaces_first(self, call: Call) -> None:
        done = call("rubric", "compare", A, B, "--json")
        assert (done.code, done.json["judge"]) == (0, "fake-judge")

    def test_a_source_that_a_rubric_shows_as_an_example_is_left_out(
        self, workspace: Path, call: Call
    ) -> None:
        example = 'examples:\n  - {source: blog-02, answer: "5", text: 예시 글}\nanswer_prefix'
        edit(workspace / "rubrics" / f"{B}.md.j2", "answer_prefix", example)
        found = compare(call)
        assert found["comparison"]["sources"] == len(SOURCES) - 1
        assert [c["judgments"] for c in found["comparison"]["costs"]] == [21, 21]


class TestOnlyWhatIsNewIsAsked:
    def test_a_comparison_made_before_asks_nothing(self, call: Call, asked: Asked) -> None:
        first = compare(call)
        assert (len(asked), first["stored"], first["judgments"]) == (2 * POINTS, 0, 2 * POINTS)
        asked.clear()
        again = compare(call)
        assert (asked, again["stored"]) == ([], 2 * POINTS)
        assert again["comparison"] == first["comparison"]

    def test_an_edited_rubric_asks_for_its_own_judgments_alone(
        self, workspace: Path, call: Call, asked: Asked
    ) -> None:
        compare(call)
        asked.clear()
        edit(workspace / "rubrics" / f"{B}.md.j2", "version: 1", "version: 2")
        found = compare(call)
        assert (len(asked), found["stored"]) == (POINTS, POINTS)

    def test_what_an_audit_asked_is_not_asked_again(self, call: Call, asked: Asked) -> None:
        assert call("audit", "--judge", "fake-judge", "--rubric", A).code == 0
        asked.clear()
        assert compare(call)["stored"] == POINTS
        assert len(asked) == POINTS

    def test_a_dry_run_asks_and_writes_nothing(
        self, workspace: Path, call: Call, asked: Asked
    ) -> None:
        found = compare(call, "--dry-run")
        assert (found["judgments"], found["stored"], found["comparison"]) == (2 * POINTS, 0, None)
        assert asked == []
        assert not (workspace / "runs").exists()

    def test_what_failed_is_told_and_asked_again(
        self, workspace: Path, call: Call, asked: Asked
    ) -> None:
        card = workspace / "judge" / "fake-judge.yaml"
        plain = card.read_text(encoding="utf-8")
        card.write_text(plain.replace("fake:plain", "fake:crash"), encoding="utf-8")
        done = call("rubric", "compare", A, B, "--json")
        assert (done.code, done.json["failed"], done.json["comparison"]) == (3, 2 * POINTS, None)
        assert "Run again" in done.err
        card.write_text(plain, encoding="utf-8")
        assert compare(call)["failed"] == 0


class TestPeople:
    @pytest.fixture
    def labels(self, scored: Run, tmp_path: Path) -> Path:
        """Labels of friendliness on some texts of the run, by two raters."""
        path = tmp_path / "labels.jsonl"
        stars = {"fake-plain": 3, "fake-warm": 5, "fake-stiff": 1}
        lines = [
            {
                "prompt_id": text.prompt_id, "candidate": text.candidate, "sample": text.sample,
                "criterion": "friendliness", "rater": rater, "score": stars[text.candidate],
            }
            for text in scored.texts()
            if text.category == "blog"
            for rater in ("김", "이")
        ]  # fmt: skip
        path.write_text(
            "\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8"
        )
        return path

    def test_agreement_is_shown_with_labels_of_a_file(
        self, scored: Run, call: Call, labels: Path, asked: Asked
    ) -> None:
        found = compare(call, "--labels", str(labels), "--run", scored.path)
        assert names(found)[-3:] == ["kappa", "alpha", "r"]
        assert (found["comparison"]["rated"], found["comparison"]["prompts"]) == (24, 8)
        # The fake judge prefers what speaks to the reader, as these raters do.
        assert row(found, "r")["a"]["value"] > 0.5
        assert len(asked) == 2 * (POINTS + 24)

    def test_judgments_of_labelled_texts_are_kept_beside_the_audit_not_in_the_run(
        self, scored: Run, call: Call, labels: Path, asked: Asked
    ) -> None:
        before = scored.counts()["judgments"]
        given = ("--labels", str(labels), "--run", scored.path)
        compare(call, *given)
        assert scored.counts()["judgments"] == before
        asked.clear()
        compare(call, *given)
        assert asked == []

    def test_labels_in_a_run_are_taken_with_its_texts(
        self, scored: Run, call: Call, labels: Path
    ) -> None:
        assert call("import", "--run", scored.path, "--labels", str(labels)).code == 0
        found = compare(call, "--labels", scored.path)
        assert found["comparison"]["rated"] == 24

    def test_preferences_serve_a_pairwise_rubric(
        self, scored: Run, call: Call, labels: Path
    ) -> None:
        lines = [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines()]
        pairs = [
            {k: v for k, v in line.items() if k != "score"}
            | {"preference": float(line["candidate"] == "fake-warm"), "baseline": "fake-plain"}
            for line in lines
            if line["candidate"] != "fake-plain"
        ]
        labels.write_text("\n".join(map(json.dumps, pairs)), encoding="utf-8")
        given = ("friendliness-pairwise", "friendliness-pairwise-short", "--judge", "fake-judge")
        done = call(
            "rubric", "compare", *given, "--labels", str(labels), "--run", scored.path, "--json"
        )
        assert row(done.json, "alpha")["a"]["value"] > 0.5
        assert row(done.json, "r")["b"]["value"] > 0.5

    def test_ratings_on_another_scale_are_compared_by_their_differences_alone(
        self, scored: Run, call: Call, labels: Path
    ) -> None:
        text = labels.read_text(encoding="utf-8").replace('"score": 5', '"score": 9')
        labels.write_text(text, encoding="utf-8")
        given = ("--labels", str(labels), "--run", scored.path)
        done = call("rubric", "compare", A, B, "--json", *given)
        assert ("r" in names(done.json), "kappa" in names(done.json)) == (True, False)
        assert "24 of 24 texts rated by people are judged" in done.err
        assert "only r of differences" in done.err

    def hold_out(self, workspace: Path, keep: int) -> None:
        """Mark all blog prompts but the first ``keep`` as held out, as an editor would."""
        file = workspace / "prompts" / "blog.jsonl"
        rows = [json.loads(row) for row in file.read_text(encoding="utf-8").splitlines() if row]
        for place, row in enumerate(rows):
            row["holdout"] = place >= keep
        text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        file.write_text(text, encoding="utf-8")

    def test_texts_of_held_out_prompts_stay_unread(
        self, scored: Run, call: Call, labels: Path, workspace: Path
    ) -> None:
        given = ("rubric", "compare", A, B, "--labels", str(labels), "--run", scored.path)
        everything = call(*given, "--dry-run", "--json")
        assert "stay unread" not in everything.err
        self.hold_out(workspace, keep=1)
        some = call(*given, "--dry-run", "--json")
        assert (some.code, everything.code) == (0, 0)
        assert some.json["judgments"] < everything.json["judgments"]
        labelled = {json.loads(row)["prompt_id"] for row in labels.read_text("utf-8").splitlines()}
        hidden = 3 * (len(labelled) - 1)  # the texts of three models
        assert f"{hidden} labelled texts of held-out prompts stay unread" in some.err

    def test_labels_on_held_out_prompts_alone_are_refused(
        self, scored: Run, call: Call, labels: Path, workspace: Path
    ) -> None:
        self.hold_out(workspace, keep=0)
        done = call("rubric", "compare", A, B, "--labels", str(labels), "--run", scored.path)
        assert done.code == 2
        assert "every label is about a prompt that is held out" in done.err

    def test_labels_of_another_criterion_are_none(
        self, scored: Run, call: Call, labels: Path
    ) -> None:
        text = labels.read_text(encoding="utf-8").replace("friendliness", "naturalness")
        labels.write_text(text, encoding="utf-8")
        done = call("rubric", "compare", A, B, "--labels", str(labels), "--run", scored.path)
        assert (done.code, "no label is about 'friendliness'" in done.err) == (2, True)

    def test_a_line_that_is_no_label_is_named(self, scored: Run, call: Call, labels: Path) -> None:
        with labels.open("a", encoding="utf-8") as file:
            file.write('\n{"prompt_id": "x"}\n')
        done = call("rubric", "compare", A, B, "--labels", str(labels), "--run", scored.path)
        assert (done.code, f"{labels}:49" in done.err) == (2, True)


class TestRefusals:
    @pytest.mark.parametrize(
        ("other", "says"),
        [
            ("naturalness", "cannot be compared"),
            ("friendliness-pairwise", "cannot be compared"),
            (A, "are the same rubric"),
            ("friendlines", "friendliness"),
        ],
    )
    def test_rubrics_that_cannot_be_compared(self, call: Call, other: str, says: str) -> None:
        done = call("rubric", "compare", A, other, "--judge", "fake-judge")
        assert (done.code, says in done.err) == (2, True)

    def test_a_criterion_without_audit_texts(self, workspace: Path, call: Call) -> None:
        for name in (A, B):
            edit(
                workspace / "rubrics" / f"{name}.md.j2", "criterion: friendliness", "criterion: wit"
            )
        done = call("rubric", "compare", A, B, "--judge", "fake-judge")
        assert (done.code, "No audit text is about 'wit'" in done.err) == (2, True)

    def test_an_unknown_judge(self, call: Call) -> None:
        done = call("rubric", "compare", A, B, "--judge", "fake-jugde")
        assert (done.code, "fake-judge" in done.err) == (2, True)

    def test_a_workspace_without_audit_texts(self, audit_texts: Path, call: Call) -> None:
        shutil.rmtree(audit_texts)
        done = call("rubric", "compare", A, B, "--judge", "fake-judge")
        assert (done.code, "no audit text" in done.err) == (2, True)
