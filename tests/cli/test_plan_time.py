"""plan --calibrate: how long it takes; and afterwards how far off that was."""

from __future__ import annotations

import itertools
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from kojudge.cli import calibrating
from kojudge.cli.against_plan import timed
from kojudge.cli.calibrations import FILE, Calibration, keep, kept
from kojudge.cli.session import Session
from kojudge.cli.speeds import JudgeSpeed, Line, Span, TextSpeed, texts_span
from kojudge.cli.timing import planned_judgments
from kojudge.selection import wanted_controls, wanted_judgments
from kojudge.store import manifest
from kojudge.store.run import Run

from .conftest import JUDGMENTS, TEXTS, edit
from .outcome import Call

EACH = TEXTS // 3


def time_of(call: Call, *flags: str) -> Any:
    done = call("plan", *flags, "--json")
    assert done.code == 0, done.err
    return done.json["time"]


def by_name(found: Any) -> dict[str, Any]:
    return {row["name"]: row for row in found["models"]}


def make_slower(workspace: Path, factor: float) -> None:
    """Keep speeds of ``factor`` seconds a text and half as many a judgment."""
    folder = workspace / "runs"
    for one in kept(folder).values():
        speed: TextSpeed | JudgeSpeed = TextSpeed(0.0, factor, 0.0, Span(10, 10, 10))
        if isinstance(one.speed, JudgeSpeed):
            speed = JudgeSpeed(0.0, {key: Line(0.0, factor / 2) for key in one.speed.rubrics})
        keep(folder, [Calibration(one.key, one.name, one.measured, speed)])


class TestPlan:
    def test_without_a_calibration_time_is_null_and_says_how_to_get_it(
        self, call: Call, no_model: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = time_of(call)
        assert found["generate"]["seconds"] is None
        assert found["score"] == {
            "seconds": None, "low_seconds": None, "high_seconds": None, "missing": ["fake-judge"],
        }  # fmt: skip
        for row in found["models"]:
            assert (row["calibration"], row["seconds"]) == (None, None)
            assert "plan --calibrate" in row["reason"]
        assert "kojudge plan --calibrate" in call("plan", lang="ko").out

    def test_a_calibration_covers_every_model_and_all_its_work(self, call: Call) -> None:
        found = time_of(call, "--calibrate")
        rows = by_name(found)
        assert {name: row["items"] for name, row in rows.items()} == {
            "fake-plain": EACH, "fake-warm": EACH, "fake-stiff": EACH, "fake-judge": JUDGMENTS,
        }  # fmt: skip
        for row in rows.values():
            assert row["reason"] is None
            assert 0 <= row["low_seconds"] <= row["seconds"] <= row["high_seconds"]
            assert row["measured"]
        assert len(rows["fake-judge"]["calibration"]["rubrics"]) == 2
        assert 0 < rows["fake-warm"]["calibration"]["tokens_per_text"]["expected"] < 512
        assert found["generate"]["missing"] == found["score"]["missing"] == []

    def test_it_is_kept_for_later_plans(self, workspace: Path, call: Call) -> None:
        assert not (workspace / "runs" / FILE).exists()
        first = time_of(call, "--calibrate")
        assert time_of(call) == first

    def test_other_settings_are_not_what_was_measured(self, workspace: Path, call: Call) -> None:
        time_of(call, "--calibrate")
        edit(workspace / "kojudge.toml", "batch_size = 32", "batch_size = 8")
        assert all(row["calibration"] is None for row in time_of(call)["models"])

    def test_a_changed_rubric_is_not_what_was_measured(self, workspace: Path, call: Call) -> None:
        time_of(call, "--calibrate")
        edit(workspace / "rubrics" / "naturalness.md.j2", "version: ", "version: 7")
        rows = by_name(time_of(call))
        assert rows["fake-judge"]["seconds"] is None
        assert rows["fake-warm"]["seconds"] is not None

    def test_a_model_that_is_not_here_is_left_out_with_the_reason(
        self, workspace: Path, call: Call, tmp_path: Path
    ) -> None:
        edit(workspace / "kojudge.toml", 'engine = "fake"', 'engine = "transformers"')
        card = f"name: fake-stiff\nengine: transformers\nsource:\n  path: {tmp_path / 'nowhere'}\n"
        (workspace / "candidates" / "fake-stiff.yaml").write_text(card, encoding="utf-8")
        done = call("plan", "--calibrate", "--json")
        rows = by_name(done.json["time"])
        assert done.code == 0
        assert rows["fake-stiff"]["calibration"] is None
        assert "not on this machine" in rows["fake-stiff"]["reason"]
        assert rows["fake-warm"]["seconds"] is not None
        assert rows["fake-judge"]["seconds"] is not None
        assert done.json["time"]["generate"]["missing"] == ["fake-stiff"]
        assert done.json["time"]["generate"]["seconds"] is None

    def test_a_model_that_fails_is_left_out_with_the_reason(
        self, workspace: Path, call: Call
    ) -> None:
        edit(workspace / "judge" / "fake-judge.yaml", "plain", "crash")
        rows = by_name(time_of(call, "--calibrate"))
        assert "fake crash" in rows["fake-judge"]["reason"]
        assert rows["fake-judge"]["seconds"] is None

    def test_what_is_wrong_with_other_flags_shows_before_a_model_is_opened(
        self, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*arguments: object) -> None:
            raise AssertionError("a model was opened")

        monkeypatch.setattr("kojudge.cli.calibrating.open_model", refuse)
        assert call("plan", "--calibrate", "--difference", "0.7").code == 2
        assert call("plan", "--calibrate", "--run", "nowhere").code == 2

    def test_the_judges_read_the_texts_of_a_run(
        self, workspace: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert call("generate").code == 0
        read: list[str] = []

        def seen(engine: Any, method: Any, blocks: Any) -> Any:
            read.extend(q.text for own in blocks.values() for block in own for q in block)
            return {key: Line(0.0, 0.1) for key in blocks}

        monkeypatch.setattr(calibrating, "time_judgments", seen)
        run = str(workspace / "runs" / "main")
        found = call("plan", "--calibrate", "--run", run, "--json")
        assert "The variances are assumed" in found.err  # the run has no scores yet
        assert found.json["power"]["source"] == "assumed"
        assert set(read) <= {text.text for text in Run.open(run).texts()}

    def test_the_pace_of_the_plan_is_the_calibrated_one(self, workspace: Path, call: Call) -> None:
        call("plan", "--calibrate")
        make_slower(workspace, 1.0)
        found = call("plan", "--json").json["power"]
        assert (found["seconds_per_text"], found["seconds_per_judgment"]) == (1.0, 0.5)
        printed = call("plan").out
        assert "means of the calibration: 1 s a text, 0.5 s a judgment" in printed
        assert "재어 본 평균: 글 1초, 판정 0.5초" in call("plan", lang="ko").out

    def test_a_broken_file_of_speeds_is_named(self, workspace: Path, call: Call) -> None:
        (workspace / "runs").mkdir(exist_ok=True)
        (workspace / "runs" / FILE).write_text("{", encoding="utf-8")
        done = call("plan")
        assert (done.code, FILE in done.err) == (2, True)

    @pytest.mark.parametrize("controls", [0, 5, 30])
    def test_the_judgments_it_counts_are_those_that_are_asked(
        self, workspace: Path, call: Call, controls: int
    ) -> None:
        edit(workspace / "kojudge.toml", "controls = 0", f"controls = {controls}")
        assert call("generate").code == 0
        session = Session(workspace, None, "en")
        asked, _ = session.ask(None, {}, {})
        texts = list(Run.open(workspace / "runs" / "main").texts())
        wanted = [*wanted_judgments(asked, texts), *wanted_controls(asked, texts)]
        assert sum(planned_judgments(asked).values()) == len(wanted)


class TestRun:
    def plans(self, workspace: Path) -> list[Any]:
        return [entry["plan"] for entry in manifest.read(workspace / "runs" / "main")["commands"]]

    def test_the_manifest_says_how_far_off_the_plan_was(self, workspace: Path, call: Call) -> None:
        call("plan", "--calibrate")
        make_slower(workspace, 2.0)
        call("generate")
        call("score")
        wrote, judged = self.plans(workspace)
        warm = wrote["models"]["fake-warm"]
        assert (warm["items"], warm["done"]) == (EACH, EACH)
        assert warm["planned_seconds"] == warm["planned_for_done"] == 2.0 * EACH
        assert 0 <= warm["took_seconds"] < 2.0 * EACH
        assert warm["ratio"] == round(warm["took_seconds"] / (2.0 * EACH), 2)
        assert wrote["planned_seconds"] == 2.0 * TEXTS
        assert judged["planned_seconds"] == 1.0 * JUDGMENTS
        assert judged["models"]["fake-judge"]["done"] == JUDGMENTS
        found = call("plan", "--run", str(workspace / "runs" / "main"), "--json").json["held"]
        assert [(one["command"], one["planned_seconds"]) for one in found] == [
            ("generate", 2.0 * TEXTS), ("score", 1.0 * JUDGMENTS),
        ]  # fmt: skip
        printed = call("plan", "--run", str(workspace / "runs" / "main")).out
        assert "generate: planned 1 min 36 s, took" in printed
        assert "times the plan of what was done" in printed

    def test_what_was_done_before_is_not_in_the_plan(self, workspace: Path, call: Call) -> None:
        call("plan", "--calibrate")
        make_slower(workspace, 1.0)
        call("generate", "--limit", "2")
        call("generate")
        first, second = self.plans(workspace)
        assert first["planned_seconds"] == 3 * 4
        assert second["planned_seconds"] == TEXTS - 3 * 4

    def test_without_a_calibration_the_time_is_recorded_alone(
        self, workspace: Path, call: Call
    ) -> None:
        call("generate")
        (plan,) = self.plans(workspace)
        assert (plan["planned_seconds"], plan["ratio"]) == (None, None)
        assert plan["took_seconds"] is not None
        assert call("plan", "--json", "--run", str(workspace / "runs" / "main")).code == 2
        assert call("plan", "--json").json["held"] == []

    def test_a_killed_command_shows_what_it_had_planned(
        self, workspace: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        call("plan", "--calibrate")
        make_slower(workspace, 1.0)
        seen: list[Any] = []

        def killed(run: Run, *arguments: Any, **options: Any) -> None:
            seen.append(manifest.read(run.path)["commands"][-1])
            raise KeyboardInterrupt

        monkeypatch.setattr("kojudge.cli.generating.generate", killed)
        assert call("generate").code == 130
        assert seen[0]["finished"] is None
        assert seen[0]["plan"]["planned_seconds"] == TEXTS
        (plan,) = self.plans(workspace)
        assert plan["ratio"] is None

    def test_looks_add_up_in_one_entry(self, workspace: Path, call: Call) -> None:
        call("plan", "--calibrate")
        make_slower(workspace, 1.0)
        call("generate")
        call("score", "--looks", "2")
        _, judged = self.plans(workspace)
        judge = judged["models"]["fake-judge"]
        assert judge["items"] == judge["done"]
        assert judge["planned_seconds"] == judge["planned_for_done"] == judge["items"] / 2


class TestTimed:
    """One model's share, by a clock that goes a second a call."""

    SPEED = TextSpeed(load=4.0, prefill=1.0, token=0.0, tokens=Span(1, 1, 1))

    def told(self, entry: dict[str, Any], ticks: list[int], items: int, error: Any = None) -> Any:
        times = itertools.count()
        found = Calibration("k", "warm", "then", self.SPEED)

        def estimate(done: int, load: bool) -> Span:
            return texts_span(self.SPEED, done, load=load)

        with (
            suppress(KeyboardInterrupt, RuntimeError),
            timed(
                entry, "warm", found, estimate, items, 4, clock=lambda: float(next(times))
            ) as tick,
        ):
            for done in ticks:
                tick(done)
            if error:
                raise error
        return entry["plan"]["models"]["warm"]

    def test_all_done(self) -> None:
        entry: dict[str, Any] = {}
        told = self.told(entry, [4, 8, 12], 12)
        assert (told["planned_seconds"], told["took_seconds"]) == (16.0, 4.0)
        assert (told["ratio"], entry["plan"]["ratio"]) == (0.25, 0.25)

    def test_broken_off_is_held_against_what_was_done_till_the_last_that_was(self) -> None:
        told = self.told({}, [4, 8], 100, KeyboardInterrupt())
        assert (told["done"], told["took_seconds"], told["planned_for_done"]) == (8, 2.0, 12.0)
        assert told["ratio"] == round(2 / 12, 2)

    def test_broken_off_before_two_batches_has_no_ratio(self) -> None:
        told = self.told({}, [4, 7], 100, KeyboardInterrupt())
        assert (told["done"], told["ratio"]) == (7, None)

    def test_nothing_done_took_no_time_that_counts(self) -> None:
        told = self.told({}, [], 100, RuntimeError())
        assert (told["done"], told["took_seconds"], told["ratio"]) == (0, 0.0, None)

    def test_a_second_look_opens_no_model_and_adds_up(self) -> None:
        entry: dict[str, Any] = {}
        self.told(entry, [8], 8)
        told = self.told(entry, [8], 8)
        assert (told["items"], told["done"]) == (16, 16)
        assert told["planned_seconds"] == 4 + 8 + 8
        assert told["took_seconds"] == 4.0
        assert told["ratio"] == round(4 / 20, 2)

    def test_what_is_not_known_of_one_model_is_not_known_of_all(self) -> None:
        entry: dict[str, Any] = {}
        with timed(entry, "new", None, lambda done, load: None, 8, 4) as tick:
            tick(8)
        self.told(entry, [8], 8)
        plan = entry["plan"]
        assert plan["planned_seconds"] is None
        assert plan["models"]["new"]["ratio"] is None
        assert plan["ratio"] == plan["models"]["warm"]["ratio"]
