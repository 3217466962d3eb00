"""plan: what fits a GPU, which judges there are, and what all of it asks for."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from rich.cells import cell_len
from rich.console import Console

from kojudge.cli.auditing import AuditRequest, plan_audit
from kojudge.cli.calibrations import Calibration
from kojudge.cli.plan_judges import grade_of
from kojudge.cli.plan_lengths import judge_length, writer_length
from kojudge.cli.session import Session
from kojudge.cli.speeds import JudgeSpeed, Span
from kojudge.cli.time_table import time_table
from kojudge.cli.timing import Forecast, planned_judgments
from kojudge.prompts import load_prompts
from kojudge.records import Scored
from kojudge.selection import Memory, ask
from kojudge.store.run import Run
from kojudge.workspace import Workspace

from .conftest import JUDGMENTS, TEXTS, edit
from .outcome import Call

ROOT = Path(__file__).resolve().parents[2]
LONG = "a-judge-with-a-name-of-34-characters"[:34]
SIZED = "parameters: 7000000000\nkv: {layers: 28, heads: 4, head_dim: 128}\nfamily: aaa\n"


def plan(call: Call, *flags: str) -> Any:
    done = call("plan", *flags, "--json")
    assert done.code == 0, done.err
    assert done.json["schema"] == "kojudge.plan/1"
    return done.json


def judges(call: Call, *flags: str) -> dict[str, Any]:
    return {row["name"]: row for row in plan(call, *flags)["judges"]}


def add_judge(workspace: Path, name: str, more: str) -> None:
    text = f"name: {name}\nsource: {{hub: a/{name}}}\n{more}"
    (workspace / "judge" / f"{name}.yaml").write_text(text, encoding="utf-8")


@pytest.fixture
def shipped(workspace: Path) -> None:
    """Put the judge cards that ship beside the fake one."""
    for path in (ROOT / "judge").glob("*.yaml"):
        shutil.copy(path, workspace / "judge")


@pytest.fixture
def audited(workspace: Path) -> None:
    """Put the audit texts into the workspace."""
    shutil.copytree(ROOT / "judge" / "audit", workspace / "judge" / "audit")


@pytest.mark.usefixtures("shipped")
class TestJudges:
    def test_every_card_is_listed_not_only_the_workspaces(
        self, workspace: Path, call: Call
    ) -> None:
        found = judges(call, "--gpu-memory", "24")
        assert set(found) == {path.stem for path in (workspace / "judge").glob("*.yaml")}
        assert [name for name, row in found.items() if row["asked"]] == ["fake-judge"]

    def test_a_card_says_what_it_is_good_for(self, call: Call) -> None:
        row = judges(call, "--gpu-memory", "24")["qwen2.5-32b-instruct"]
        assert (row["fits"], row["precision"]) == (True, "int4")
        assert row["batch"] >= 1
        assert (row["license"], row["family"], row["grade"]) == (
            "apache-2.0", "qwen2.5", "unaudited",
        )  # fmt: skip

    def test_more_memory_and_more_gpus_allow_finer_weights(self, call: Call) -> None:
        name = "qwen2.5-32b-instruct"
        assert judges(call, "--gpu-memory", "8")[name]["fits"] is False
        assert judges(call, "--gpu-memory", "80")[name]["precision"] == "fp16"
        split = judges(call, "--gpu-memory", "24", "--gpus", "4")[name]
        assert split["precision"] == "fp16"

    def test_those_that_fit_come_first_and_the_largest_of_them_before(self, call: Call) -> None:
        rows = plan(call, "--gpu-memory", "24")["judges"]
        fits = [{True: 0, None: 1, False: 2}[row["fits"]] for row in rows]
        assert fits == sorted(fits)
        sizes = [row["parameters"] for row in rows if row["fits"]]
        assert sizes == sorted(sizes, reverse=True)

    def test_a_judge_of_a_candidates_family_is_pointed_out(
        self, workspace: Path, call: Call
    ) -> None:
        add_judge(workspace, "kin", SIZED)
        with (workspace / "candidates" / "fake-warm.yaml").open("a", encoding="utf-8") as card:
            card.write("\nfamily: aaa\n")
        assert judges(call, "--gpu-memory", "24")["kin"]["kin"] == ["fake-warm"]
        assert "Of one family (aaa) with fake-warm" in call("plan", "--gpu-memory", "24").out
        korean = call("plan", "--gpu-memory", "24", lang="ko").out
        assert "같은 계열(aaa)이라 fake-warm의 글을 후하게 볼 수 있음: kin" in korean

    def test_the_certificates_grade_stands_beside_the_judge(
        self, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def certified(asked: Any) -> Any:
            return {
                ("fake-judge", "naturalness", mode): {"grade": "provisional", "quick": False}
                for mode in ("pointwise", "pairwise")
            }

        monkeypatch.setattr("kojudge.cli.plan_judges.certificates_for", certified)
        row = judges(call, "--gpu-memory", "24")["fake-judge"]
        assert row["grade"] == "provisional"
        assert set(row["grades"]) == {"naturalness/pointwise", "naturalness/pairwise"}

    @pytest.mark.parametrize(
        ("grades", "worst"),
        [
            ({}, "unaudited"),
            ({"a": "certified"}, "unaudited"),
            ({"a": "certified", "b": "provisional"}, "provisional"),
            ({"a": "failed"}, "failed"),
        ],
    )
    def test_the_worst_grade_counts_and_a_missing_one_is_no_grade(
        self, grades: dict[str, str], worst: str
    ) -> None:
        assert grade_of(grades, ["a", "b"]) == worst

    @pytest.mark.parametrize("lacking", ["parameters: 7000000000\n", "", SIZED.split("\n")[1]])
    def test_a_card_without_its_numbers_is_listed_and_nothing_claimed(
        self, workspace: Path, call: Call, lacking: str
    ) -> None:
        add_judge(workspace, "bare", lacking)
        row = judges(call, "--gpu-memory", "24")["bare"]
        assert (row["fits"], row["precision"], row["batch"]) == (None, None, None)
        assert "bare: its card lacks parameters or kv" in call("plan", "--gpu-memory", "24").out

    def test_a_broken_card_is_named(self, workspace: Path, call: Call) -> None:
        add_judge(workspace, "broken", "parameters: -5\n")
        refused = call("plan", "--gpu-memory", "24")
        assert refused.code == 2
        assert "broken.yaml" in refused.err
        assert call("plan").code == 0  # nobody asked about it

    def test_without_a_memory_no_judge_is_listed(self, call: Call) -> None:
        found = plan(call)
        assert (found["judges"], found["gpu_memory_gib"], found["gpus"]) == (None, None, 1)

    @pytest.mark.parametrize(
        ("flags", "said"),
        [
            (["--gpus", "2"], "--gpu-memory 24"),
            (["--gpu-memory", "nan"], "no size"),
            (["--gpu-memory", "inf"], "no size"),
            (["--gpu-memory", "0"], "--gpu-memory"),
            (["--gpu-memory", "24", "--gpus", "0"], "--gpus"),
        ],
    )
    def test_what_is_no_memory_is_refused(self, call: Call, flags: list[str], said: str) -> None:
        refused = call("plan", *flags)
        assert (refused.code, said in refused.err) == (2, True)


class TestLengths:
    def asked(self, workspace: Path) -> Any:
        return ask(Workspace(workspace), Memory())

    def test_without_a_run_they_are_the_longest_prompt_and_the_most_a_text_may_have(
        self, workspace: Path
    ) -> None:
        asked = self.asked(workspace)
        length = writer_length(asked, asked.candidates[0], None)
        assert not length.measured
        longest = max(len(prompt.request) for prompt in asked.prompts)
        limit = asked.candidates[0].sampling.max_tokens
        assert limit + longest / 1.3 <= length.tokens <= limit + longest / 1.3 + 66

    def test_a_judge_reads_the_rubric_and_both_texts_of_a_pair(self, workspace: Path) -> None:
        asked = self.asked(workspace)
        limit = asked.candidates[0].sampling.max_tokens
        whole = judge_length(asked, asked.judges[0], None)
        edit(workspace / "kojudge.toml", ', "naturalness-pairwise"', "")
        edit(workspace / "kojudge.toml", "seed = 7", 'seed = 7\nprimary_mode = "pointwise"')
        asked = self.asked(workspace)
        alone = judge_length(asked, asked.judges[0], None)
        assert not whole.measured
        assert whole.tokens > 2 * limit
        assert alone.tokens < whole.tokens

    def test_a_judge_that_writes_reasons_keeps_those_too(self, workspace: Path) -> None:
        asked = self.asked(workspace)
        silent = asked.judges[0]
        talking = silent.model_copy(update={"rationale": "before", "rationale_tokens": 99})
        assert (
            judge_length(asked, talking, None).tokens
            == judge_length(asked, silent, None).tokens + 99
        )

    def test_a_run_that_counted_tokens_goes_before_an_assumption(
        self, workspace: Path, scored: Run
    ) -> None:
        asked = self.asked(workspace)
        [row] = scored.query("SELECT max(prompt_tokens) AS most FROM texts").to_pylist()
        found = writer_length(asked, asked.candidates[0], scored)
        own = writer_length(asked, asked.candidates[0], None)
        assert found.measured == bool(row["most"])
        first = next(iter(scored.judgments()))
        assert isinstance(first.outcome, Scored)
        scored.append_judgments([replace(first, judgment_id="long", prompt_tokens=7_777)])
        judge = judge_length(asked, asked.judges[0], scored)
        assert (judge.tokens, judge.measured) == (7_777, True)
        assert own.measured is False

    def test_the_plan_says_which_it_is(self, call: Call) -> None:
        found = plan(call)
        for row in found["models"]:
            assert row["tokens"] == row["batch"] * row["tokens_each"]
            assert row["tokens_measured"] is False
        assert "assumed from characters" in call("plan").out
        assert "글자 수로 어림한 가정" in call("plan", lang="ko").out


class TestWork:
    def test_judgments_of_every_kind_are_counted(self, workspace: Path, call: Call) -> None:
        edit(workspace / "kojudge.toml", "controls = 0", "controls = 5")
        work = plan(call)["work"]
        assert (work["texts"], work["judgments"]) == (TEXTS, JUDGMENTS)
        assert (work["pointwise"], work["pairwise"]) == (48, 64)
        assert work["controls"] == 5 * (1 + 2)  # alone, and in both orders
        asked = ask(Workspace(workspace), Memory())
        assert sum(planned_judgments(asked).values()) == work["judgments"] + work["controls"]

    def test_tokens_are_those_of_writing_and_of_reading(self, call: Call) -> None:
        found = plan(call)
        each = {row["name"]: row["tokens_each"] for row in found["models"]}
        assert found["work"]["max_read_tokens"] == JUDGMENTS * each["fake-judge"]
        assert found["work"]["max_new_tokens"] == TEXTS * 512

    @pytest.mark.usefixtures("audited")
    def test_the_audit_to_come_is_what_the_audit_asks(self, workspace: Path, call: Call) -> None:
        found = plan(call)
        [cost] = found["work"]["audits"]
        audit = plan_audit(Session(workspace, None, "en"), AuditRequest("fake-judge"))
        assert cost["judgments"] == len(audit.questions)
        assert cost["retests"] == sum(q.repeat > 0 for q in audit.questions) > 0
        assert cost["seconds"] is None
        said = call("plan").out
        assert f"`kojudge audit --judge fake-judge` asks {cost['judgments']:,} judgments" in said

    @pytest.mark.usefixtures("audited")
    def test_a_calibration_tells_how_long_the_audit_takes(self, call: Call) -> None:
        [cost] = plan(call, "--calibrate")["work"]["audits"]
        assert 0 <= cost["low_seconds"] <= cost["seconds"] <= cost["high_seconds"]

    @pytest.mark.usefixtures("audited")
    def test_an_audited_judge_has_none_to_come(
        self, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def certified(asked: Any) -> Any:
            return {
                ("fake-judge", "naturalness", mode): {"grade": "certified", "quick": False}
                for mode in ("pointwise", "pairwise")
            }

        monkeypatch.setattr("kojudge.cli.plan_audit.certificates_for", certified)
        assert plan(call)["work"]["audits"][0]["judgments"] == 0
        assert "audit" not in call("plan").out

    @pytest.mark.usefixtures("audited")
    def test_a_quick_audit_leaves_the_full_one_to_come(
        self, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def quick(asked: Any) -> Any:
            return {("fake-judge", "naturalness", "pairwise"): {"grade": "failed", "quick": True}}

        whole = plan(call)["work"]["audits"][0]["judgments"]
        monkeypatch.setattr("kojudge.cli.plan_audit.certificates_for", quick)
        assert plan(call)["work"]["audits"][0]["judgments"] == whole

    def test_without_audit_texts_there_is_no_audit(self, call: Call) -> None:
        assert plan(call)["work"]["audits"] == []


@pytest.mark.usefixtures("shipped")
class TestTables:
    @pytest.mark.parametrize("language", ["ko", "en"])
    def test_they_fit_into_eighty_columns_and_cut_nothing_off(
        self, workspace: Path, call: Call, monkeypatch: pytest.MonkeyPatch, language: str
    ) -> None:
        add_judge(workspace, LONG, SIZED)
        add_judge(workspace, 2 * LONG, SIZED)
        edit(workspace / "kojudge.toml", '["fake-judge"]', '["fake-judge", "gemma-3-27b-it"]')
        monkeypatch.setenv("COLUMNS", "80")
        printed = call("plan", "--gpu-memory", "24", lang=language).out
        assert "…" not in printed
        for name in ("mistral-small-24b-instruct-2501", LONG):
            [row] = [line for line in printed.split("\n") if line.startswith(f"{name} ")]
            assert cell_len(row) <= 80
        table = [line for line in printed.split("\n") if line.endswith(" ")]
        assert max(map(cell_len, table)) <= 80
        assert ("kin" if language == "en" else "같은 계열") in printed
        assert "≤" in printed  # of the judge with windowed layers

    @pytest.mark.parametrize("language", ["ko", "en"])
    def test_so_does_the_table_of_time_with_the_longest_name_that_ships(
        self, language: Literal["ko", "en"]
    ) -> None:
        name = max((path.stem for path in (ROOT / "candidates").glob("*.yaml")), key=len)
        measured = Calibration("k", name, "2026-11-22T13:00:00", JudgeSpeed(0.0, {}))
        span = Span(7_200.0, 4_980.0, 80_000.0)
        row = Forecast(name, "judge", "transformers", 12_580, measured, span, None)
        console = Console(width=80, file=io.StringIO())
        console.print(time_table([row], language))
        lines = console.file.getvalue().split("\n")
        assert any(line.startswith(f"{name} ") for line in lines)
        assert max(map(cell_len, lines)) <= 80
        assert "…" not in "".join(lines)
        assert ("between" if language == "en" else "범위") in lines[1]
        assert ("– 22 h 13 min" if language == "en" else "~ 22시간 13분") in "".join(lines)

    def test_they_say_what_fits_and_what_does_not(self, workspace: Path, call: Call) -> None:
        edit(workspace / "kojudge.toml", '["fake-judge"]', '["qwen2.5-32b-instruct"]')
        printed = call("plan", "--gpu-memory", "24").out
        [needs, fits] = [x for x in printed.split("\n") if x.startswith("qwen2.5-32b-instruct ")]
        assert needs.split()[:6] == ["qwen2.5-32b-instruct", "32.76B", "68.1", "✗", "36.8", "✗"]
        assert "int4" in fits

    def test_without_a_memory_nothing_is_marked(self, call: Call) -> None:
        printed = call("plan").out
        assert "✓" not in printed
        assert "Judges that fit" not in printed


def test_all_shipped_prompts_bring_the_margin_within_reach(workspace: Path, call: Call) -> None:
    """300 prompts find ±0.07; one category's 100 find no less than ±0.13 (docs/planning.md)."""
    folder = ROOT / "prompts"
    for name in ("blog", "emotional", "imaginative"):
        whole = (folder / f"{name}.jsonl").read_text(encoding="utf-8")
        (workspace / "prompts" / f"{name}.jsonl").write_text(whole, encoding="utf-8")
    edit(
        workspace / "kojudge.toml", '["blog", "emotional"]', '["blog", "emotional", "imaginative"]'
    )
    prompts = load_prompts(folder, ["blog", "emotional", "imaginative"])
    found = plan(call)["power"]
    assert found["prompts"] == len(prompts) == 300
    assert found["detectable"] == pytest.approx(0.073, abs=0.001)
    assert found["required"] == 163
    printed = call("plan").out
    assert "on 300 prompts × 1 text finds a true difference of ±0.07" in printed
    assert "wider than the margin" not in printed
    edit(workspace / "kojudge.toml", '["blog", "emotional", "imaginative"]', '["blog"]')
    alone = plan(call)["power"]
    assert alone["detectable"] == pytest.approx(0.128, abs=0.001)
    assert "choose another margin" in call("plan").out
