"""What changes asks anew for what it touches, and for nothing else; the rest is remembered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kojudge.store.run import Run

from .conftest import JUDGMENTS, TEXTS, edit
from .outcome import Call

ABOUT_ONE_PROMPT = 3 + 2 * 2
"""Judgments of one prompt: a score a model, two orders a candidate."""


def manifest(run: Run) -> Any:
    return json.loads((Path(run.path) / "manifest.json").read_text(encoding="utf-8"))


class TestRubrics:
    def test_a_changed_rubric_asks_its_own_judgments_again(
        self, scored: Run, workspace: Path, call: Call
    ) -> None:
        edit(workspace / "rubrics" / "naturalness.md.j2", "어색한 데가 없고", "걸리는 데가 없고")
        assert call("generate", "--json").json["stored"] == TEXTS
        again = call("score", "--json").json
        assert (again["wanted"], again["stored"]) == (JUDGMENTS, JUDGMENTS - TEXTS)
        assert call("report", "--json").json["stale"] == {"texts": 0, "judgments": TEXTS}
        assert scored.counts()["judgments"]["scored"] == JUDGMENTS + TEXTS

    def test_a_changed_partial_asks_all_that_include_it(
        self, scored: Run, workspace: Path, call: Call
    ) -> None:
        edit(workspace / "rubrics" / "_answer.md.j2", "골라", "골라서")
        assert call("score", "--dry-run", "--json").json["stored"] == 0

    def test_the_changed_words_reach_the_judge(
        self, scored: Run, workspace: Path, call: Call
    ) -> None:
        """The fake judge answers by what it reads: other words, other noise, other scores."""
        before = {j.text_id: j.outcome for j in scored.judgments() if j.rubric == "naturalness"}
        edit(workspace / "rubrics" / "_answer.md.j2", "골라", "골라서")
        call("score")
        after = [
            j
            for j in scored.judgments()
            if j.rubric == "naturalness" and before[j.text_id] != j.outcome
        ]
        assert len(after) == TEXTS

    def test_changing_it_back_finds_the_old_judgments(
        self, scored: Run, workspace: Path, call: Call
    ) -> None:
        rubric = workspace / "rubrics" / "naturalness.md.j2"
        edit(rubric, "어색한 데가 없고", "걸리는 데가 없고")
        edit(rubric, "걸리는 데가 없고", "어색한 데가 없고")
        assert call("score", "--dry-run", "--json").json["stored"] == JUDGMENTS


class TestPrompts:
    def test_a_changed_request_asks_its_own_texts_again(
        self, scored: Run, workspace: Path, call: Call
    ) -> None:
        edit(workspace / "prompts" / "blog.jsonl", "두 돌 지난 아이를", "세 돌 지난 아이를")
        assert call("generate", "--json").json["written"] == 3
        assert call("score", "--json").json["scored"] == ABOUT_ONE_PROMPT
        stale = call("report", "--json").json["stale"]
        assert stale == {"texts": 3, "judgments": ABOUT_ONE_PROMPT}

    def test_a_changed_topic_asks_nothing(self, scored: Run, workspace: Path, call: Call) -> None:
        edit(workspace / "prompts" / "blog.jsonl", '"topic": "', '"topic": "새로 단 ')
        assert call("generate", "--json").json["stored"] == TEXTS
        assert call("score", "--dry-run", "--json").json["stored"] == JUDGMENTS

    def test_a_new_prompt_asks_for_itself(self, scored: Run, workspace: Path, call: Call) -> None:
        line = {"id": "blog-new", "category": "blog", "messages": [
            {"role": "user", "content": "첫눈 온 날 이야기를 블로그에 써 줘."}]}  # fmt: skip
        with (workspace / "prompts" / "blog.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        assert call("generate", "--json").json["written"] == 3
        assert call("score", "--json").json["scored"] == ABOUT_ONE_PROMPT


class TestCards:
    def test_other_sampling_is_another_candidate(
        self, scored: Run, workspace: Path, call: Call
    ) -> None:
        card = workspace / "candidates" / "fake-warm.yaml"
        card.write_text(
            card.read_text(encoding="utf-8") + "sampling: {temperature: 0.2}\n", encoding="utf-8"
        )
        assert call("generate", "--json").json["written"] == 16
        assert call("score", "--json").json["scored"] == 16 + 2 * 16
        assert call("report", "--json").json["stale"] == {"texts": 16, "judgments": 48}

    def test_a_note_on_a_card_changes_nothing(
        self, scored: Run, workspace: Path, call: Call
    ) -> None:
        edit(workspace / "candidates" / "fake-warm.yaml", "license: Apache-2.0", "license: MIT")
        assert call("generate", "--json").json["stored"] == TEXTS

    def test_a_judge_card_with_another_floor_is_another_judge(
        self, scored: Run, workspace: Path, call: Call
    ) -> None:
        card = workspace / "judge" / "fake-judge.yaml"
        card.write_text(card.read_text(encoding="utf-8") + "mass_floor: 0.9\n", encoding="utf-8")
        assert call("score", "--dry-run", "--json").json["stored"] == 0


class TestCompact:
    def test_it_merges_the_parts_and_changes_no_result(self, scored: Run, call: Call) -> None:
        before = call("report", "--json").out
        texts, judgments = list(scored.texts()), list(scored.judgments())
        done = call("compact")
        assert (done.code, done.out) == (0, "")
        assert [len(list(Path(scored.path, kind).glob("part-*"))) for kind in
                ("texts", "judgments")] == [1, 1]  # fmt: skip
        assert call("report", "--json").out == before
        assert (list(scored.texts()), list(scored.judgments())) == (texts, judgments)
        assert call("generate", "--json").json["stored"] == TEXTS

    def test_it_keeps_what_is_stale(self, scored: Run, workspace: Path, call: Call) -> None:
        edit(workspace / "prompts" / "blog.jsonl", "두 돌 지난 아이를", "세 돌 지난 아이를")
        call("compact")
        assert scored.counts()["texts"]["ok"] == TEXTS


class TestMemory:
    def test_a_profile_has_a_run_of_its_own(self, workspace: Path, call: Call) -> None:
        assert call("--profile", "tiny", "generate", "--json").json["written"] == 2 * 8
        run = Run.open(workspace / "runs" / "tiny")
        assert {text.category for text in run.texts()} == {"imaginative"}

    def test_a_run_remembers_its_profile(self, workspace: Path, call: Call) -> None:
        call("--profile", "tiny", "generate")
        there = ("--run", str(workspace / "runs" / "tiny"))
        assert call("generate", *there, "--json").json["stored"] == 2 * 8
        assert call("score", *there, "--json").json["scored"] == 2 * 8 + 2 * 8
        assert call("report", *there, "--json").code == 0

    def test_a_run_remembers_names_that_were_added(self, workspace: Path, call: Call) -> None:
        card = (workspace / "candidates" / "fake-warm.yaml").read_text(encoding="utf-8")
        extra = card.replace("fake-warm", "extra").replace("fake:warm", "fake:warm2")
        (workspace / "candidates" / "extra.yaml").write_text(extra, encoding="utf-8")
        call("generate", "--candidate", "extra")
        assert call("generate", "--json").json["wanted"] == TEXTS + 16
        call("score", "--mode", "pointwise")
        board = call("report", "--json").json["leaderboard"]
        assert {row["candidate"] for row in board} == {
            "fake-plain", "fake-warm", "fake-stiff", "extra",
        }  # fmt: skip

    def test_a_run_remembers_how_many_samples(self, scored: Run, call: Call) -> None:
        call("generate", "--samples", "2")
        assert call("generate", "--json").json["wanted"] == 2 * TEXTS

    def test_the_last_word_counts_even_where_nothing_is_left_to_do(
        self, scored: Run, call: Call
    ) -> None:
        call("generate", "--samples", "2")
        assert call("generate", "--samples", "1", "--json").json["written"] == 0
        assert call("generate", "--json").json["wanted"] == TEXTS
        assert call("report", "--json").json["stale"] == {"texts": TEXTS, "judgments": 0}

    def test_a_dry_run_is_not_remembered(self, scored: Run, call: Call) -> None:
        call("generate", "--samples", "3", "--dry-run")
        assert call("generate", "--json").json["wanted"] == TEXTS

    def test_edited_settings_take_effect_in_an_old_run(
        self, scored: Run, workspace: Path, call: Call
    ) -> None:
        edit(workspace / "kojudge.toml", '["fake-warm", "fake-stiff"]', '["fake-warm"]')
        results = call("report", "--json").json
        assert {row["candidate"] for row in results["comparisons"]} == {"fake-warm"}
        assert results["stale"] == {"texts": 16, "judgments": 16 + 32}

    def test_the_manifest_keeps_every_command(self, scored: Run, call: Call) -> None:
        call("generate", "--samples", "2")
        commands = [entry["command"] for entry in manifest(scored)["commands"]]
        assert commands == ["generate", "score", "generate"]
        assert manifest(scored)["asked"]["overrides"] == {"samples": 2}


def test_another_seed_asks_nothing_but_draws_new_texts_in_a_new_run(
    scored: Run, workspace: Path, call: Call
) -> None:
    """The seed is not part of a text's id: texts that are there stay."""
    first = {text.text_id: text.text for text in scored.texts()}
    edit(workspace / "kojudge.toml", "seed = 7", "seed = 8")
    assert call("generate", "--json").json["stored"] == TEXTS
    call("generate", "--run", str(workspace / "runs" / "other"))
    other = {text.text_id: text.text for text in Run.open(workspace / "runs" / "other").texts()}
    assert other.keys() == first.keys()
    assert sum(first[key] != other[key] for key in first) > TEXTS / 2
