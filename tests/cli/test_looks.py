"""score --looks K: planned before the data, judged in batches, stopped when decided."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

import pytest

from kojudge.cli.looking import decisions
from kojudge.store import manifest
from kojudge.store.run import Run

from .conftest import JUDGMENTS, edit
from .outcome import Call

PROMPTS = 16
EACH = JUDGMENTS // PROMPTS
"""Judgments of one prompt: a score a model, two orders a candidate."""


def looks_of(workspace: Path, name: str = "main") -> Any:
    return manifest.read(workspace / "runs" / name)["looks"]


def judged_prompts(workspace: Path) -> set[str]:
    run = Run.open(workspace / "runs" / "main")
    return set(run.query("SELECT DISTINCT prompt_id FROM judgments")["prompt_id"].to_pylist())


@pytest.fixture
def written(workspace: Path, call: Call) -> Path:
    """The workspace with every text written and nothing judged."""
    assert call("generate").code == 0
    return workspace


@pytest.fixture
def stopped(written: Path, call: Call) -> Any:
    """What `score --looks 4` says on texts that differ a lot: it stops early."""
    done = call("score", "--looks", "4", "--json")
    assert done.code == 0
    assert done.json["looks"]["stopped"]
    return done.json


class TestPlan:
    def test_everything_the_test_rests_on_is_fixed_before_the_first_judgment(
        self, written: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unplugged(*arguments: object, **options: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("kojudge.cli.scoring.open_model", unplugged)
        assert call("score", "--looks", "5").code == 130
        plan = looks_of(written)
        assert (plan["looks"], plan["seed"], plan["resamples"]) == (5, 7, 100_000)
        assert plan["nominal"] == sorted(plan["nominal"])
        assert plan["nominal"][0] < 1e-5 < 0.03 < plan["nominal"][-1] < 0.05
        assert plan["rules"]["primary_mode"] == "pairwise"
        assert plan["rules"]["margins"] == {"pointwise": 0.25, "pairwise": 0.10}
        assert plan["rules"]["baseline"] == "fake-plain"
        assert set(plan["members"]["judges"]) == {"fake-judge"}
        assert set(plan["members"]["writers"]) == {"fake-plain", "fake-warm", "fake-stiff"}
        assert plan["members"]["criteria"] == ["naturalness"]
        assert plan["done"] == []
        run = Run.open(written / "runs" / "main")
        assert run.counts()["judgments"]["scored"] == 0

    def test_the_batches_hold_every_prompt_once_and_the_categories_evenly(
        self, stopped: Any, workspace: Path
    ) -> None:
        batches = looks_of(workspace)["batches"]
        run = Run.open(workspace / "runs" / "main")
        category = {text.prompt_id: text.category for text in run.texts()}
        assert sorted(name for batch in batches for name in batch) == sorted(category)
        for batch in batches:
            assert sorted(category[name] for name in batch) == ["blog"] * 2 + ["emotional"] * 2

    def test_a_dry_run_fixes_nothing_and_calls_no_model(
        self, written: Path, call: Call, no_model: None
    ) -> None:
        dry = call("score", "--looks", "4", "--dry-run", "--json")
        assert dry.code == 0
        assert (dry.json["wanted"], dry.json["stored"]) == (JUDGMENTS, 0)
        assert (dry.json["looks"]["done"], dry.json["looks"]["prompts_planned"]) == (0, PROMPTS)
        assert "looks" not in manifest.read(written / "runs" / "main")

    @pytest.mark.parametrize("looks", ["1", "11", "many"])
    def test_there_are_two_to_ten_looks(self, written: Path, call: Call, looks: str) -> None:
        assert call("score", "--looks", looks).code == 2

    def test_more_looks_than_prompts_are_refused(
        self, workspace: Path, call: Call, no_model: None
    ) -> None:
        edit(workspace / "kojudge.toml", "seed = 7", "seed = 7\nlimit = 1")
        brought = call("import", "--run", str(workspace / "runs" / "main"), "--texts", str(
            texts_file(workspace, 2)))  # fmt: skip
        assert brought.code == 0
        refused = call("score", "--looks", "3")
        assert (refused.code, "2 prompts cannot be dealt into 3 looks" in refused.err) == (2, True)

    @pytest.mark.parametrize(
        ("flags", "said"),
        [
            (["--limit", "2"], "--limit do not go together"),
            (["--mode", "pointwise"], "Nothing to look at"),
            (["--rubric", "naturalness"], "Nothing to look at"),
        ],
    )
    def test_flags_that_cut_into_the_plan_are_refused(
        self, written: Path, call: Call, no_model: None, flags: list[str], said: str
    ) -> None:
        refused = call("score", "--looks", "4", *flags)
        assert (refused.code, said in refused.err) == (2, True)
        assert "looks" not in manifest.read(written / "runs" / "main")


def texts_file(workspace: Path, prompts: int) -> Path:
    path = workspace / "texts.jsonl"
    path.write_text(
        "".join(
            json.dumps({"prompt_id": f"p{at}", "category": "blog", "prompt": "써 줘",
                        "candidate": name, "sample": 0, "text": f"{name}의 글 {at}"}) + "\n"
            for at in range(prompts)
            for name in ("fake-plain", "fake-warm", "fake-stiff")
        ),
        encoding="utf-8",
    )  # fmt: skip
    return path


class TestStopping:
    def test_a_large_difference_stops_early_and_saves_judgments(
        self, stopped: Any, workspace: Path
    ) -> None:
        looks = stopped["looks"]
        assert 1 < looks["done"] < 4
        assert (looks["decided"], looks["hypotheses"]) == (2, 2)
        assert looks["prompts_used"] == 4 * looks["done"] == len(judged_prompts(workspace))
        assert looks["judgments_saved"] == JUDGMENTS - EACH * looks["prompts_used"]
        assert stopped["scored"] == EACH * looks["prompts_used"]

    def test_each_finished_look_is_on_record(self, stopped: Any, workspace: Path) -> None:
        done = looks_of(workspace)["done"]
        assert [look["look"] for look in done] == list(range(1, len(done) + 1))
        assert [look["stopped"] for look in done] == [False] * (len(done) - 1) + [True]
        assert [look["judgments"] for look in done] == [4 * EACH * look["look"] for look in done]
        assert done[0]["decided"] == []
        assert {(d["candidate"], d["decision"]) for d in done[-1]["decided"]} == {
            ("fake-warm", "better"), ("fake-stiff", "worse"),
        }  # fmt: skip

    def test_nothing_but_counts_is_told_between_looks(self, written: Path, call: Call) -> None:
        told = call("score", "--looks", "4").err
        assert "look 1/4: 4 prompts judged · 0 of 2 comparisons decided" in told
        for word in ("better", "worse", "similar", "p =", "fake-warm"):
            assert word not in told

    def test_it_speaks_korean(self, written: Path, call: Call) -> None:
        told = call("score", "--looks", "4", lang="ko").err
        assert "중간 분석 1/4: 프롬프트 4개까지 심사 · 비교 2건 가운데 0건 결론" in told
        assert "모든 비교의 결론이 나서 멈췄습니다" in told

    def test_the_same_command_again_asks_nothing(
        self, stopped: Any, workspace: Path, call: Call, no_model: None
    ) -> None:
        before = looks_of(workspace)
        again = call("score", "--looks", "4", "--json")
        assert (again.code, again.json["scored"]) == (0, 0)
        assert again.json["looks"] == stopped["looks"]
        assert looks_of(workspace) == before

    def test_every_comparison_of_every_judge_and_of_their_panel_must_be_decided(
        self, written: Path, call: Call
    ) -> None:
        card = (written / "judge" / "fake-judge.yaml").read_text(encoding="utf-8")
        second = card.replace("fake-judge", "second").replace("fake:plain", "fake:other")
        (written / "judge" / "second.yaml").write_text(second, encoding="utf-8")
        edit(written / "kojudge.toml", '["fake-judge"]', '["fake-judge", "second"]')
        done = call("score", "--looks", "4", "--json")
        assert done.code == 0
        assert (done.json["looks"]["decided"], done.json["looks"]["hypotheses"]) == (6, 6)
        last = looks_of(written)["done"][-1]["decided"]
        assert {one["judge"] for one in last} == {"fake-judge", "second", "panel"}

    def test_a_judge_stays_loaded_from_look_to_look(
        self, written: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from kojudge.cli import scoring

        opened: list[str] = []
        really = scoring.open_model

        def counting(card: Any, *rest: Any) -> Any:
            opened.append(card.name)
            return really(card, *rest)

        monkeypatch.setattr("kojudge.cli.scoring.open_model", counting)
        assert call("score", "--looks", "4", "--json").json["looks"]["done"] > 1
        assert opened == ["fake-judge"]

    def test_pointwise_can_carry_the_verdicts(self, written: Path, call: Call) -> None:
        edit(written / "kojudge.toml", "seed = 7", 'seed = 7\nprimary_mode = "pointwise"')
        assert call("score", "--looks", "4").code == 0
        report = call("report", "--json")
        assert report.code == 0
        shown = {
            (row["candidate"], row["verdict"])
            for row in report.json["comparisons"]
            if row["primary"]
        }
        assert shown == {
            (one["candidate"], one["decision"]) for one in looks_of(written)["done"][-1]["decided"]
        }

    def test_the_other_mode_can_follow_on_the_same_prompts(self, written: Path, call: Call) -> None:
        first = call("score", "--looks", "4", "--mode", "pairwise", "--json").json
        assert first["scored"] == 4 * first["looks"]["prompts_used"]
        then = call("score", "--looks", "4", "--json").json
        assert then["scored"] == 3 * first["looks"]["prompts_used"]
        assert then["looks"]["done"] == first["looks"]["done"]
        assert call("report", "--json").code == 0

    def test_texts_alike_go_on_to_the_last_look(self, workspace: Path, call: Call) -> None:
        """Two models that write alike: nothing is decided, and "similar" is withheld anyway."""
        for name in ("fake-warm", "fake-stiff"):
            card = workspace / "candidates" / f"{name}.yaml"
            behaviour = name.removeprefix("fake-")
            edit(card, f"fake:{behaviour}", f"fake:plain-{behaviour}")
        call("generate")
        done = call("score", "--looks", "2", "--json")
        assert (done.code, done.json["scored"]) == (0, JUDGMENTS)
        assert (done.json["looks"]["done"], done.json["looks"]["stopped"]) == (2, False)
        assert done.json["looks"]["judgments_saved"] == 0
        assert "The last look is done" in done.err


class TestDecisions:
    ENTRY: ClassVar[dict[str, Any]] = {
        "judge": "j", "candidate": "c", "criterion": "k", "primary": True, "slice": "overall",
        "withheld": False, "verdict": "similar", "ci_low": -0.05, "ci_high": 0.05,
    }  # fmt: skip

    @pytest.mark.parametrize(
        ("change", "decided"),
        [
            ({}, ["similar"]),
            ({"withheld": True}, []),
            ({"verdict": "better", "ci_low": 0.01}, ["better"]),
            ({"verdict": "better", "ci_low": 0.01, "withheld": True}, []),
            ({"verdict": "undecided", "ci_low": None, "ci_high": None}, []),
            ({"verdict": "refused"}, []),
            ({"verdict": "not worse", "ci_high": 0.3}, []),
            ({"primary": False}, []),
            ({"slice": "blog"}, []),
        ],
    )
    def test_a_comparison_is_decided_by_its_interval_unless_withheld(
        self, change: dict[str, Any], decided: list[str]
    ) -> None:
        found = decisions([self.ENTRY | change], look=2, margin=0.1)
        assert [one.decision for one in found] == decided


class TestRefusals:
    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("seed = 7", 'seed = 7\nprimary_mode = "pointwise"', "primary_mode pairwise → pointwise"),
            ("seed = 7", "seed = 7\nmargins = {pairwise = 0.2}", "pairwise 0.1] → "),
            ("seed = 7", "seed = 7\nalpha = 0.1", "alpha 0.05 → 0.1"),
            ('["fake-warm", "fake-stiff"]', '["fake-warm"]', "fake-stiff, fake-warm] → [fake-plain"),
            ('baseline = "fake-plain"\ncandidates = ["fake-warm"',
             'baseline = "fake-warm"\ncandidates = ["fake-plain"', "baseline fake-plain → fake-warm"),
        ],
    )  # fmt: skip
    def test_what_was_fixed_cannot_change(
        self, stopped: Any, workspace: Path, call: Call, no_model: None,
        old: str, new: str, said: str,
    ) -> None:  # fmt: skip
        edit(workspace / "kojudge.toml", old, new)
        before = looks_of(workspace)
        for command in (("score", "--looks", "4"), ("report",)):
            refused = call(*command)
            assert refused.code == 2
            assert said in refused.err
            assert "Change it back" in refused.err
        assert looks_of(workspace) == before
        assert "바꿀 수 없습니다" in call("score", "--looks", "4", lang="ko").err

    def test_another_number_of_looks_is_refused(
        self, stopped: Any, call: Call, no_model: None
    ) -> None:
        refused = call("score", "--looks", "5")
        assert (refused.code, "looks 4 → 5" in refused.err) == (2, True)

    def test_a_changed_rubric_is_refused(
        self, stopped: Any, workspace: Path, call: Call, no_model: None
    ) -> None:
        edit(workspace / "rubrics" / "_answer.md.j2", "골라", "골라서")
        refused = call("score", "--looks", "4")
        assert refused.code == 2
        assert "the content of rubrics naturalness-pairwise" in refused.err

    def test_an_edited_prompt_is_refused(
        self, stopped: Any, workspace: Path, call: Call, no_model: None
    ) -> None:
        edit(workspace / "prompts" / "blog.jsonl", "두 돌 지난 아이를", "세 돌 지난 아이를")
        for command in (("score", "--looks", "4"), ("report",)):
            refused = call(*command)
            assert (refused.code, "1 prompts lost their texts" in refused.err) == (2, True)

    def test_looks_cannot_be_planned_after_the_data(
        self, scored: Run, call: Call, no_model: None
    ) -> None:
        refused = call("score", "--looks", "4")
        assert refused.code == 2
        assert "holds 64 judgments already" in refused.err
        assert "looks" not in manifest.read(scored.path)

    def test_judgments_of_the_other_mode_do_not_stand_in_the_way(
        self, written: Path, call: Call
    ) -> None:
        assert call("score", "--mode", "pointwise").code == 0
        assert call("score", "--looks", "4").code == 0

    def test_imported_judgments_are_refused(
        self, written: Path, call: Call, no_model: None
    ) -> None:
        text = next(iter(Run.open(written / "runs" / "main").texts()))
        line = {"prompt_id": text.prompt_id, "candidate": "fake-warm", "sample": 0,
                "criterion": "naturalness", "judge": "theirs", "mode": "pairwise",
                "baseline": "fake-plain", "order": "AB", "preference": 1}  # fmt: skip
        file = written / "judgments.jsonl"
        file.write_text(json.dumps(line) + "\n", encoding="utf-8")
        assert call("import", "--run", str(written / "runs" / "main"), "--judgments", str(file)
                    ).code == 0  # fmt: skip
        refused = call("score", "--looks", "4")
        assert (refused.code, "1 imported judgments" in refused.err) == (2, True)

    def test_a_stopped_run_is_not_judged_on_without_looks(
        self, stopped: Any, call: Call, no_model: None
    ) -> None:
        refused = call("score")
        assert refused.code == 2
        assert "stopped as planned at look" in refused.err
        assert "새 실행" in call("score", lang="ko").err

    def test_a_run_between_looks_names_the_command_that_goes_on(
        self, written: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("kojudge.cli.looking.decisions", _interrupt)
        assert call("score", "--looks", "4").code == 130
        refused = call("score")
        assert (refused.code, "kojudge score --looks 4" in refused.err) == (2, True)

    def test_after_the_last_look_new_prompts_stay_outside(
        self, written: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("kojudge.cli.looking.decisions", lambda *arguments: [])
        assert call("score", "--looks", "2", "--json").json["looks"]["done"] == 2
        line = {"id": "blog-new", "category": "blog", "messages": [
            {"role": "user", "content": "첫눈 온 날 이야기를 블로그에 써 줘."}]}  # fmt: skip
        with (written / "prompts" / "blog.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        assert call("generate", "--json").json["written"] == 3
        later = call("score", "--json")
        assert (later.code, later.json["wanted"], later.json["scored"]) == (0, JUDGMENTS, 0)
        assert "outside the planned looks" in later.err
        report = call("report", "--json")
        assert report.code == 0
        assert report.json["looks"]["prompts_used"] == PROMPTS


def _interrupt(*arguments: object) -> None:
    raise KeyboardInterrupt


class TestReport:
    def test_it_tests_at_the_level_of_the_last_look_and_misses_nothing(
        self, stopped: Any, workspace: Path, call: Call
    ) -> None:
        plan, done = looks_of(workspace), stopped["looks"]["done"]
        report = call("report", "--json")
        assert report.code == 0
        found = report.json
        assert found["looks"] == {
            "planned": 4, "done": done, "alpha_total": 0.05, "alpha_now": plan["nominal"][done - 1],
            "prompts_used": 4 * done, "prompts_planned": PROMPTS, "stopped": True,
            "share_saved": 1 - done / 4,
        }  # fmt: skip
        assert found["resamples"] == 100_000
        assert {row["unscored"] for row in found["missing"]} == {0}
        overall = [row for row in found["comparisons"] if row["slice"] == "overall"]
        assert {row["n_prompts"] for row in overall} == {4 * done}
        decided = {(d["candidate"], d["decision"]) for d in plan["done"][-1]["decided"]}
        shown = {(row["candidate"], row["verdict"]) for row in overall if row["primary"]}
        assert shown == decided

    def test_its_intervals_are_wider_than_those_of_a_run_that_did_not_look(
        self, stopped: Any, call: Call, workspace: Path
    ) -> None:
        looked = call("report", "--json").json["comparisons"]
        run = Run.open(workspace / "runs" / "main")
        manifest.update(run.path, lambda content: content.pop("looks"))
        plain = call("report", "--json").json["comparisons"]
        for with_looks, without in zip(looked, plain, strict=True):
            if with_looks["slice"] == "overall":
                assert with_looks["delta"] == without["delta"]
                assert with_looks["ci_low"] < without["ci_low"]
                assert with_looks["ci_high"] > without["ci_high"]

    @pytest.mark.parametrize(
        ("language", "words"),
        [("ko", "중간 분석(오브라이언–플레밍)"), ("en", "O'Brien–Fleming looks")],
    )
    def test_terminal_and_page_say_so(
        self, stopped: Any, workspace: Path, call: Call, language: str, words: str
    ) -> None:
        assert words in call("report", lang=language).err
        page = (workspace / "runs" / "main" / "report.html").read_text(encoding="utf-8")
        assert words.replace("'", "&#39;") in page

    def test_before_the_first_look_there_is_nothing_to_report(
        self, written: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("kojudge.cli.looking.decisions", _interrupt)
        call("score", "--looks", "4")
        refused = call("report")
        assert (refused.code, "first look" in refused.err) == (2, True)

    def test_an_early_look_without_an_interval_is_shown_without_one(
        self, written: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of eight looks the first is at a level that no bootstrap resolves."""
        real = decisions
        seen: list[int] = []

        def once(entries: Any, look: int, margin: float) -> Any:
            seen.append(look)
            if look == 2:
                raise KeyboardInterrupt
            return real(entries, look, margin)

        monkeypatch.setattr("kojudge.cli.looking.decisions", once)
        assert call("score", "--looks", "8").code == 130
        assert seen == [1, 2]
        report = call("report", "--json")
        # The second look is begun and unfinished here only in name: all of it is judged.
        assert report.code == 0
        overall = [row for row in report.json["comparisons"] if row["slice"] == "overall"]
        assert {row["n_prompts"] for row in overall} == {2}
        assert report.json["looks"]["done"] == 1


class TestFailures:
    def test_a_look_with_failed_judgments_waits_for_them(
        self, written: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        edit(written / "judge" / "fake-judge.yaml", "fake:plain", "fake:crash")
        failed = call("score", "--looks", "4", "--json")
        assert failed.code == 3
        assert (failed.json["looks"]["done"], failed.json["looks"]["complete"]) == (0, False)
        assert failed.json["failed"] == 4 * EACH
        assert "The same command asks only those again" in failed.err
