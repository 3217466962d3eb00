"""How many prompts a claim needs: from a pilot run's scores, or from variances seen elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kojudge.errors import ConfigError, said
from kojudge.records import Mode
from kojudge.report import count
from kojudge.report.gather import Score, as_scores, pairs, scores
from kojudge.selection import Asked
from kojudge.stats.power import (
    VarianceComponents,
    detectable_difference,
    optimal_repeats,
    paired_components,
    required_prompts,
    variance_components,
)
from kojudge.stats.verdict import MIN_PROMPTS
from kojudge.store.run import Run

CLAIM_PROMPTS = 100
"""Prompts a claim should rest on at least, say 35 in each of three categories."""
FEW_PROMPTS = 20
"""A pilot of fewer prompts knows the variances only roughly."""

ASSUMED_WINS = {"wins-low": 0.39, "wins-high": 0.41}
"""SD per prompt of win scores, on near-even pairs of real Korean texts."""
ASSUMED_SCORES = {
    "scores-mid": VarianceComponents(3.2, 13.2, None),
    "scores-strong": VarianceComponents(0.5, 2.9, None),
}
"""Variances of differences on 0–10, from real Korean writing scores of mid-size and strong models."""

Nested = dict[str, dict[str, list[float]]]
"""Scores by prompt and text; several where a text was judged repeatedly."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How much one comparison's prompt-level differences vary.

    ``candidate`` names an assumption where no pilot was given; then ``judge`` and
    ``prompts`` are None.
    """

    candidate: str
    components: VarianceComponents
    criterion: str | None = None
    judge: str | None = None
    prompts: int | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of a text and of a judgment, None where not measured.

    They are medians of the pilot, or means of a calibration.
    """

    text: float | None = None
    judgment: float | None = None
    calibrated: bool = False

    @property
    def known(self) -> bool:
        """Whether both were measured."""
        return self.text is not None and self.judgment is not None


@dataclass(frozen=True, slots=True)
class Design:
    """What is planned, and what it should find.

    ``difference`` and ``margin`` are score points (pointwise) or a share of wins
    (pairwise); ``texts`` and ``judgments`` count those of one prompt.
    """

    mode: Mode
    prompts: int
    samples: int
    family: int
    alpha: float
    power: float
    margin: float
    difference: float
    texts: float
    judgments: float


@dataclass(frozen=True, slots=True)
class PowerRow:
    """What the design finds if the differences vary as ``spread`` does.

    ``sd`` is that of a prompt's difference and ``detectable`` the smallest difference found
    with the planned power, in the difference's unit; ``twice_samples`` and
    ``twice_prompts`` the same with twice as many of one. ``required`` prompts find the
    difference asked for, at the cost of ``judgments`` and ``seconds``; None where more than
    ten million would be needed, or nothing was measured. ``repeats`` is the best number of
    judgments a text, ``repeats_help`` whether it lies above 1.5; None where not known.
    """

    spread: Spread
    sd: float
    detectable: float
    twice_samples: float | None
    twice_prompts: float
    required: int | None
    judgments: int | None
    seconds: float | None
    repeats: float | None
    repeats_help: bool | None


def design_of(
    asked: Asked, work: Mapping[str, Any], difference: float | None, power: float
) -> Design | None:
    """Return what the workspace plans; None where no rubric has the primary mode.

    Raises:
        ConfigError: the power is not above alpha, or the difference is off the scale.
    """
    settings = asked.settings
    own = [rubric for rubric in asked.rubrics if rubric.mode == settings.primary_mode]
    if not own:
        return None
    if power <= settings.alpha:
        raise ConfigError(
            said(f"--power {power:g}은(는) alpha {settings.alpha:g}보다 커야 합니다.",
                 f"--power {power:g} must be above alpha {settings.alpha:g}."),
            said("보통 0.8을 씁니다.", "0.8 is usual."),
        )  # fmt: skip
    pairwise = settings.primary_mode == "pairwise"
    margin = settings.margins.pairwise if pairwise else settings.margins.pointwise
    low, high = own[0].scale
    most = 0.5 if pairwise else high - low
    if difference is not None and not 0 < difference < most:
        raise ConfigError(
            said(f"--difference {difference:g}: 0보다 크고 {most:g}보다 작아야 합니다({settings.primary_mode}).",
                 f"--difference {difference:g} must lie between 0 and {most:g} ({settings.primary_mode})."),
            said("승률은 0.5에서 벌어진 만큼, 점수는 척도 위의 차이로 적으세요.",
                 "Give win rates as the distance from 0.5, scores as points of the scale."),
        )  # fmt: skip
    criteria = {rubric.criterion for rubric in own}
    prompts = len(asked.prompts)
    return Design(
        settings.primary_mode,
        prompts,
        settings.samples,
        max(1, len(settings.all_candidates) - 1) * len(criteria),
        settings.alpha,
        power,
        margin,
        margin if difference is None else difference,
        work["texts"] / prompts,
        work["judgments"] / prompts,
    )


def power_rows(design: Design, spreads: Iterable[Spread], pace: Pace) -> list[PowerRow]:
    """Return what ``design`` finds for each of ``spreads``, and what the difference costs."""
    return [_row(design, spread, pace) for spread in spreads]


def _row(design: Design, spread: Spread, pace: Pace) -> PowerRow:
    variance = spread.components.variance(design.samples)
    required = _required(design, variance)
    ratio = _repeats(design, spread.components, pace)
    return PowerRow(
        spread,
        math.sqrt(variance),
        _detectable(design, variance, design.prompts),
        _detectable(design, spread.components.variance(2 * design.samples), design.prompts)
        if spread.components.generation is not None
        else None,
        _detectable(design, variance, 2 * design.prompts),
        required,
        None if required is None else math.ceil(required * design.judgments),
        None if required is None else seconds_of(design, required, pace),
        ratio if ratio is not None and math.isfinite(ratio) else None,
        None if ratio is None else ratio > 1.5,
    )


def _detectable(design: Design, variance: float, prompts: int) -> float:
    return detectable_difference(
        variance, max(2, prompts), alpha=design.alpha, family=design.family, power=design.power
    )


def _required(design: Design, variance: float) -> int | None:
    """Return the prompts needed: never fewer than a verdict needs at all."""
    try:
        found = required_prompts(
            design.difference,
            variance,
            alpha=design.alpha,
            family=design.family,
            power=design.power,
        )
    except ValueError:  # more than ten million; the other arguments are checked above
        return None
    return max(MIN_PROMPTS, found)


def seconds_of(design: Design, prompts: int, pace: Pace) -> float | None:
    """Return the seconds that ``prompts`` take to write and judge, None where not measured."""
    if pace.text is None or pace.judgment is None:
        return None
    return prompts * (design.texts * pace.text + design.judgments * pace.judgment)


def _repeats(design: Design, components: VarianceComponents, pace: Pace) -> float | None:
    """Return the best number of judgments a text; one of a pair is two, one for each order."""
    known = components.generation is not None and components.judge is not None
    if not known or pace.text is None or pace.judgment is None:
        return None
    return optimal_repeats(components, pace.text, pace.judgment * (1 + (design.mode == "pairwise")))


def assumed_spreads(asked: Asked, mode: Mode) -> list[Spread]:
    """Return what to expect without a pilot: see ``ASSUMED_WINS`` and ``ASSUMED_SCORES``."""
    if mode == "pairwise":
        return [
            Spread(name, VarianceComponents(sd**2, None, None)) for name, sd in ASSUMED_WINS.items()
        ]
    low, high = next(rubric.scale for rubric in asked.rubrics if rubric.mode == mode)
    ratio = (high - low) ** 2 / 100
    return [
        Spread(name, VarianceComponents(of.prompt * ratio, (of.generation or 0.0) * ratio, None))
        for name, of in ASSUMED_SCORES.items()
    ]


def pilot_spreads(run: Run, asked: Asked, mode: Mode) -> list[Spread]:
    """Return the spread of every judge × candidate × criterion that ``run`` scored in ``mode``.

    ``asked`` is what the run's own memory asks for. Categories are not parted, so that a
    difference between categories counts as spread: if anything, too many prompts.

    Raises:
        ConfigError: no comparison has two prompts.
    """
    ids = count(run, asked).wanted_ids
    baseline = asked.settings.baseline
    if mode == "pairwise":
        rows = as_scores(pair for pair in pairs(run, ids, baseline) if pair.complete)
    else:
        rows = [row for row in scores(run, ids) if not math.isnan(row.score)]
    groups: dict[tuple[str, str, str], Nested] = {}
    for row in rows:
        _add(groups.setdefault((row.judge, row.criterion, row.candidate), {}), row)
    found = [
        Spread(name, components, criterion, judge, prompts)
        for (judge, criterion, name), own in sorted(groups.items())
        if name != baseline
        for components, prompts in _components(own, groups.get((judge, criterion, baseline)), mode)
    ]
    if not found:
        raise ConfigError(
            said(f"{run.path}: {mode} 방식으로 프롬프트 두 개 이상을 비교한 점수가 없어 분산을 잴 수 없습니다.",
                 f"{run.path}: no comparison has {mode} scores on two prompts or more."),
            said("먼저 `kojudge score`로 예비 실행을 심사하거나, --run 없이 가정한 분산으로 보세요.",
                 "Judge the pilot with `kojudge score` first, or plan without --run."),
        )  # fmt: skip
    return found


def _add(nested: Nested, row: Score) -> None:
    nested.setdefault(row.prompt_id, {}).setdefault(row.text, []).append(row.score)


def _components(
    own: Nested, baseline: Nested | None, mode: Mode
) -> list[tuple[VarianceComponents, int]]:
    """Return the components and the number of prompts, nothing for fewer than two."""
    if mode == "pairwise":
        sides = [_listed(own, list(own))]
    else:
        shared = [name for name in own if name in (baseline or {})]
        sides = _levelled([_listed(own, shared), _listed(baseline or {}, shared)])
    if len(sides[0]) < 2:
        return []
    components = variance_components(*sides) if len(sides) == 1 else paired_components(*sides)
    return [(components, len(sides[0]))]


_Side = list[list[list[float]]]


def _listed(nested: Nested, prompts: Sequence[str]) -> _Side:
    return [list(nested[name].values()) for name in prompts]


def _levelled(sides: list[_Side]) -> list[_Side]:
    """Average away what only one side has: repeated judgments, several texts a prompt.

    A difference's component needs both models; what one of them lacks stays contained in
    the component above.
    """
    if len({any(len(text) > 1 for prompt in side for text in prompt) for side in sides}) > 1:
        sides = [[[[_mean(text)] for text in prompt] for prompt in side] for side in sides]
    if len({any(len(prompt) > 1 for prompt in side) for side in sides}) > 1:
        sides = [[[[_mean(map(_mean, prompt))]] for prompt in side] for side in sides]
    return sides


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return math.fsum(listed) / len(listed)


def pace_of(run: Run) -> Pace:
    """Return the median seconds of the run's own texts and judgments; 0 is not measured."""

    def median(kind: str, origin: str) -> float | None:
        table = run.query(
            f"SELECT median(seconds) AS it FROM {kind} WHERE origin = ? AND seconds > 0",  # noqa: S608
            [origin],
        )
        value = table.to_pylist()[0]["it"]
        return None if value is None else float(value)

    return Pace(median("texts", "generated"), median("judgments", "judged"))
