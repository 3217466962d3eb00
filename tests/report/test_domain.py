"""Texts unlike those a head learned from are counted, and too many withhold a verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_results import judgment

from kojudge.records import Scored, Unscored
from kojudge.report.domain import Outside, outside_counts, outside_rows, strays
from kojudge.report.withhold import withhold
from kojudge.store.run import Run

OUT = '{"remark": "out_of_domain"}'


def one(candidate: str, outside: int, total: int, **changes: Any) -> Outside:
    fields = {"judge": "j", "criterion": "naturalness", "mode": "pointwise", "category": "blog"}
    return Outside(candidate=candidate, outside=outside, total=total, **(fields | changes))


class TestCounts:
    @pytest.fixture
    def run(self, tmp_path: Path) -> Run:
        return Run.open(tmp_path / "run", create=True)

    def counted(self, run: Run, *made: Any) -> list[Outside]:
        run.append_judgments(list(made))
        return outside_counts(run, [judgment.judgment_id for judgment in made])

    def test_by_candidate_and_category(self, run: Run) -> None:
        found = self.counted(
            run,
            judgment("x", 0, Scored(3, "expected"), extra=OUT, origin="judged"),
            judgment("x", 1, Scored(3, "expected"), extra='{"remark": "cut"}', origin="judged"),
            judgment("x", 2, Scored(3, "expected"), origin="judged"),
            judgment("base", 0, Scored(3, "expected"), extra=OUT, category="mail", origin="judged"),
        )
        assert [(o.candidate, o.category, o.outside, o.total) for o in found] == [
            ("base", "mail", 1, 1), ("x", "blog", 1, 3),
        ]  # fmt: skip

    def test_only_what_a_judge_here_read_and_scored(self, run: Run) -> None:
        found = self.counted(
            run,
            judgment("x", 0, Scored(3, "expected"), extra=OUT, origin="judged"),
            judgment("x", 1, Scored(1, "flagged"), extra=OUT, origin="judged"),
            judgment("x", 2, Unscored("low_mass"), extra=OUT, origin="judged"),
            judgment("x", 3, Scored(3, "expected"), extra=OUT, origin="imported"),
        )
        assert [(o.outside, o.total) for o in found] == [(1, 1)]

    def test_what_is_no_longer_wanted_does_not_count(self, run: Run) -> None:
        stale = judgment("x", 0, Scored(3, "expected"), extra=OUT, origin="judged")
        run.append_judgments([stale])
        assert outside_counts(run, []) == []

    def test_a_judge_that_remarks_on_nothing_has_no_rows(self, run: Run) -> None:
        assert self.counted(run, judgment("x", 0, Scored(3, "expected"), origin="judged")) == []


class TestStrays:
    @pytest.mark.parametrize(("outside", "stray"), [(0, False), (10, False), (11, True)])
    def test_more_than_a_tenth(self, outside: int, stray: bool) -> None:
        found = strays([one("x", outside, 100)], "base")
        assert (("j", "naturalness", "pointwise", "x", "overall") in found) is stray

    def test_of_the_baselines_texts_too(self) -> None:
        found = strays([one("x", 0, 10), one("base", 5, 10)], "base")
        assert ("j", "naturalness", "pointwise", "x", "overall") in found

    def test_a_pair_holds_both_texts_already(self) -> None:
        rows = [one("x", 0, 10, mode="pairwise"), one("base", 5, 10, mode="pairwise")]
        assert ("j", "naturalness", "pairwise", "x", "overall") not in strays(rows, "base")

    def test_each_category_for_itself(self) -> None:
        rows = [one("x", 0, 90), one("x", 5, 10, category="mail")]
        assert {key[4] for key in strays(rows, "base")} == {"mail"}

    def test_rows_of_the_results_add_the_categories_up(self) -> None:
        rows = [one("x", 1, 90), one("x", 5, 10, category="mail"), one("base", 0, 9)]
        assert outside_rows(rows) == [
            {"candidate": "x", "criterion": "naturalness", "mode": "pointwise", "judge": "j",
             "outside": 6, "total": 100}
        ]  # fmt: skip


def entry(judge: str = "j", **changes: Any) -> dict[str, Any]:
    fields = {
        "judge": judge, "criterion": "naturalness", "mode": "pointwise", "candidate": "x",
        "slice": "overall", "verdict": "better", "withheld": False, "reasons": [],
    }  # fmt: skip
    return fields | changes


class TestWithheld:
    FAR = (("j", "naturalness", "pointwise", "x", "overall"),)

    def test_the_verdict_that_rests_on_them(self) -> None:
        [found] = withhold([entry()], [], ["j"], strays=self.FAR)
        assert (found["withheld"], found["reasons"]) == (True, ["out_of_domain"])
        assert found["verdict"] == "better"

    @pytest.mark.parametrize(
        "change",
        [{"candidate": "y"}, {"criterion": "friendliness"}, {"mode": "pairwise"},
         {"slice": "blog"}, {"judge": "k"}, {"verdict": "refused"}],
    )  # fmt: skip
    def test_and_no_other(self, change: dict[str, Any]) -> None:
        [found] = withhold([entry() | change], [], ["j", "k"], strays=self.FAR)
        assert not found["withheld"]

    @pytest.mark.parametrize(("members", "withheld"), [(["j", "k"], True), (["k", "l"], False)])
    def test_a_panel_is_no_better_than_its_members(
        self, members: list[str], withheld: bool
    ) -> None:
        seats = {("naturalness", "pointwise"): members}
        entries = [entry("panel"), entry("k")]
        [panel, _] = withhold(entries, [], ["j", "k"], members=seats, strays=self.FAR)
        assert panel["withheld"] is withheld
