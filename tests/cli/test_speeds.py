"""Seconds from timed rounds: arithmetic."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.cli.speeds import (
    ROUGH,
    JudgeSpeed,
    Line,
    Round,
    Span,
    TextSpeed,
    fit,
    judgments_span,
    mean_length,
    observed_length,
    texts_span,
    total,
)

POSITIVE = st.floats(0.001, 1e4)


class TestFit:
    def test_a_start_and_a_speed_are_told_apart(self) -> None:
        line = fit([Round(10, 3.0), Round(20, 5.0), Round(100, 21.0)])
        assert (line.fixed, line.each) == (pytest.approx(1.0), pytest.approx(0.2))
        assert line.seconds(1000) == pytest.approx(201.0)

    @pytest.mark.parametrize(
        "rounds",
        [
            [Round(10, 4.0)],
            [Round(10, 4.0), Round(10, 5.0)],
            [Round(5, 9.0), Round(10, 5.0)],  # the larger one was no slower
            [Round(5, 1.0), Round(10, 5.0)],  # the start would be negative
        ],
    )
    def test_where_they_cannot_be_all_time_is_the_works(self, rounds: list[Round]) -> None:
        assert fit(rounds).fixed == 0.0
        assert fit(rounds).each in {r.seconds / r.amount for r in rounds}

    @given(POSITIVE, POSITIVE, st.integers(1, 100), st.integers(101, 10_000))
    def test_it_finds_the_line_that_made_the_rounds(
        self, fixed: float, each: float, few: int, many: int
    ) -> None:
        line = fit([Round(n, fixed + each * n) for n in (few, many)])
        assert line.seconds(many) == pytest.approx(fixed + each * many)
        assert line.each >= 0
        assert line.fixed >= 0

    def test_rounds_without_work_are_refused(self) -> None:
        with pytest.raises(ValueError, match="no round"):
            fit([Round(0, 1.0)])

    def test_no_work_takes_no_time(self) -> None:
        assert Line(5.0, 1.0).seconds(0) == 0.0


class TestLength:
    def test_ends_seen_give_the_mean_of_a_length_cut_at_the_limit(self) -> None:
        """Rate (10 + ½) / 1000 a token: (1 − e^(−0.0105·256)) / 0.0105."""
        found = mean_length([50] * 20, 10, 256)
        assert found.expected == pytest.approx((1 - math.exp(-0.0105 * 256)) / 0.0105)

    def test_the_interval_is_that_of_the_counted_ends(self) -> None:
        """Garwood's 90 % interval of a count of 10 is 5.4254–16.9622."""
        found = mean_length([50] * 20, 10, 10**9)
        assert found.high == pytest.approx(1000 / 5.4254, rel=1e-4)
        assert found.low == pytest.approx(1000 / 16.9622, rel=1e-4)

    def test_no_end_seen_leaves_the_limit_possible(self) -> None:
        """Garwood's upper end of a count of 0 is −ln 0.05."""
        found = mean_length([8] * 16, 0, 160)
        rate = -math.log(0.05) / 128
        assert found.high == 160.0
        assert found.low == pytest.approx((1 - math.exp(-160 * rate)) / rate)
        assert found.low < found.expected < found.high

    @given(st.integers(0, 50), st.integers(1, 5000), st.integers(1, 2000))
    def test_the_estimate_lies_in_its_interval_and_under_the_limit(
        self, ended: int, tokens: int, limit: int
    ) -> None:
        found = mean_length([tokens], ended, limit)
        assert 0 < found.low <= found.expected <= found.high <= limit

    def test_whole_texts_are_averaged(self) -> None:
        found = observed_length([10, 20, 30], 160)
        assert found.expected == 20
        assert found.high - 20 == pytest.approx(1.645 * 10 / math.sqrt(3))
        assert observed_length([100], 160) == Span(100, 50, 160)

    def test_nothing_written_is_refused(self) -> None:
        with pytest.raises(ValueError, match="nothing"):
            mean_length([0, 0], 2, 10)


class TestSpans:
    TEXT = TextSpeed(load=5.0, prefill=0.1, token=0.01, tokens=Span(100, 50, 150))
    JUDGE = JudgeSpeed(load=2.0, rubrics={"a": Line(1.0, 0.5), "b": Line(0.0, 2.0)})

    def test_texts_take_opening_prompts_and_tokens(self) -> None:
        found = texts_span(self.TEXT, 20)
        assert found.expected == pytest.approx(5 + 20 * (0.1 + 1.0))
        assert found.low == pytest.approx((5 + 20 * 0.6) / ROUGH)
        assert found.high == pytest.approx((5 + 20 * 1.6) * ROUGH)
        assert texts_span(self.TEXT, 20, load=False).expected == pytest.approx(22)

    def test_judgments_take_what_their_rubric_takes(self) -> None:
        found = judgments_span(self.JUDGE, {"a": 10, "b": 3})
        assert found is not None
        assert found.expected == pytest.approx(2 + (1 + 5) + 6)
        assert found.high / found.expected == pytest.approx(found.expected / found.low)

    def test_a_rubric_that_was_not_timed_leaves_no_estimate(self) -> None:
        assert judgments_span(self.JUDGE, {"a": 1, "new": 1}) is None

    def test_nothing_to_do_takes_no_time(self) -> None:
        assert texts_span(self.TEXT, 0) == judgments_span(self.JUDGE, {}) == Span(0, 0, 0)

    def test_spans_add_up(self) -> None:
        assert total([Span(1, 0.5, 2), Span(3, 2, 9)]) == Span(4, 2.5, 11)
