"""From the judgments of runs, or people's labels about their texts, to what a head learns from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kojudge.engines.head.features import with_evidence
from kojudge.errors import ConfigError, said
from kojudge.heads.data import Example, Lesson, Material, preferred, spread_over_levels
from kojudge.judging import rubric_key
from kojudge.judging.reading import evidence_for_heads
from kojudge.records import Judgment, Label, Message, Mode, Scored, Text
from kojudge.rubrics import Rubric
from kojudge.selection.judgments import prompt_of
from kojudge.stats.pairs import combine_log_odds
from kojudge.store.run import Run

__all__ = ["PEOPLE", "Gathered", "from_judgments", "from_labels", "merged", "teachers_of"]

Floats = NDArray[np.float64]

PEOPLE = "people"
"""The teacher's name where people are the teachers."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Answers of one source, by criterion and mode, about texts by id.

    ``scores`` are (text, distribution over the rubric's levels), ``pairs`` (text, baseline's
    text, distribution over A, B, C with the first text as A). ``left`` counts answers that
    were left aside, by reason.
    """

    texts: Mapping[str, Text]
    scores: dict[str, list[tuple[str, Floats]]] = field(default_factory=dict)
    pairs: dict[str, list[tuple[str, str, Floats]]] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)


def teachers_of(run: Run) -> list[str]:
    """Return the judges with scored judgments in ``run``, and ``people`` where there are labels."""
    table = run.query("SELECT DISTINCT judge FROM judgments WHERE status = 'scored' ORDER BY judge")
    judges: list[str] = table["judge"].to_pylist()
    return [*judges, PEOPLE] if run.labels().labels else judges


def from_judgments(
    run: Run, judge: str, rubrics: Sequence[Rubric], hidden: frozenset[str]
) -> Gathered:
    """Gather what ``judge`` said by each of ``rubrics`` about the run's texts.

    Texts of the prompts in ``hidden`` are not read. Where a criterion was judged by several
    versions of a rubric, the present one counts, or the one with the most judgments. Repeats
    are averaged; a pair counts where both orders were scored, combined in log-odds.
    """
    texts, left = _texts(run, hidden)
    by_rubric = {(rubric.criterion, rubric.mode): rubric for rubric in rubrics}
    found: dict[tuple[str, Mode], dict[tuple[str, str], list[Judgment]]] = {}
    for item in run.judgments():
        if item.judge != judge or (item.criterion, item.mode) not in by_rubric:
            continue
        if item.prompt_id in hidden:
            left["held_out"] += 1
        elif item.text_id not in texts or (
            item.mode == "pairwise" and item.baseline_text_id not in texts
        ):
            left["no_text"] += 1  # the controls' damaged texts are among these
        elif not isinstance(item.outcome, Scored) or item.outcome.method == "flagged":
            left["unscored"] += 1
        else:
            version = (item.rubric_id, item.judge_id)
            found.setdefault((item.criterion, item.mode), {}).setdefault(version, []).append(item)
    gathered = Gathered(texts, {}, {}, left)
    for key, versions in found.items():
        rubric = by_rubric[key]
        chosen = _version(versions, rubric_key(rubric))
        left["stale"] += sum(len(own) for v, own in versions.items() if v != chosen)
        if rubric.mode == "pointwise":
            gathered.scores[rubric.criterion] = _scored(versions[chosen], rubric)
        else:
            gathered.pairs[rubric.criterion] = _paired(versions[chosen], rubric, left)
    return gathered


def from_labels(
    run: Run, labels: Iterable[Label], rubrics: Sequence[Rubric], hidden: frozenset[str]
) -> Gathered:
    """Gather what people said: the mean of the raters' scores, or of their preferences, a text.

    Raises:
        ConfigError: a score lies outside its rubric's scale.
    """
    texts, left = _texts(run, hidden)
    places = {(t.prompt_id, t.candidate, t.sample): key for key, t in texts.items()}
    by_mode = {(rubric.criterion, rubric.mode): rubric for rubric in rubrics}
    given: dict[tuple[str, tuple[str, ...]], list[Floats]] = {}
    for label in labels:
        names = [label.candidate] if label.score is not None else [label.candidate, label.baseline]
        keys = [places.get((label.prompt_id, name or "", label.sample)) for name in names]
        rubric = by_mode.get((label.criterion, "pointwise" if len(keys) == 1 else "pairwise"))
        if label.prompt_id in hidden:
            left["held_out"] += 1
        elif None in keys:
            left["no_text"] += 1
        elif rubric is not None:
            shown = tuple(key for key in keys if key is not None)
            given.setdefault((label.criterion, shown), []).append(_opinion(label, rubric))
    gathered = Gathered(texts, left=left)
    for (criterion, shown), opinions in given.items():
        if len(shown) == 1:
            gathered.scores.setdefault(criterion, []).append((shown[0], _mean(opinions)))
        else:
            gathered.pairs.setdefault(criterion, []).append((shown[0], shown[1], _mean(opinions)))
    return gathered


def _opinion(label: Label, rubric: Rubric) -> Floats:
    if label.score is None:
        return preferred(label.preference or 0.0, rubric.labels)
    low, high = rubric.scale
    if not low <= label.score <= high:
        raise ConfigError(
            said(f"{label.prompt_id}/{label.candidate}: {label.rater}의 점수 {label.score:g}이(가) 루브릭 "
                 f"'{rubric.name}'의 점수 범위 {low:g}–{high:g}를 벗어납니다.",
                 f"{label.prompt_id}/{label.candidate}: the score {label.score:g} by {label.rater} is "
                 f"outside the scale {low:g}–{high:g} of the rubric '{rubric.name}'."),
            said("라벨을 고치거나, 그 척도의 루브릭을 kojudge.toml의 rubrics에 넣으세요.",
                 "Mend the label, or put a rubric with that scale into rubrics of kojudge.toml."),
        )  # fmt: skip
    return spread_over_levels(label.score, rubric.labels)


def merged(
    sources: Sequence[Gathered],
    rubrics: Sequence[Rubric],
    teacher: str,
    *,
    licence: str = "",
    evidence: bool = False,
) -> Material:
    """Join the answers of several runs into one set of examples and a lesson a criterion and mode.

    ``evidence`` puts what a program counted in each text below its request. A text that two
    runs hold counts once for each answer about it.
    """
    texts: dict[str, Text] = {}
    for source in sources:
        asked = {key for own in source.scores.values() for key, _ in own}
        asked |= {key for own in source.pairs.values() for pair in own for key in pair[:2]}
        texts |= {key: source.texts[key] for key in asked}
    places = {key: at for at, key in enumerate(sorted(texts))}
    examples = tuple(
        Example(
            key,
            texts[key].prompt_id,
            texts[key].candidate,
            _turns(texts[key], evidence=evidence),
            texts[key].text,
        )
        for key in places
    )
    lessons = [lesson for rubric in rubrics if (lesson := _lesson(sources, rubric, places))]
    held = sum(source.left["held_out"] for source in sources)
    return Material(examples, tuple(lessons), teacher, licence, held, evidence)


def _turns(text: Text, *, evidence: bool) -> tuple[Message, ...]:
    prompt = prompt_of(text)
    if not evidence:
        return prompt.messages
    counted = evidence_for_heads(text.text, prompt.request, prompt.category)
    return with_evidence(prompt.messages, counted)


def _version(
    versions: Mapping[tuple[str, str], Sequence[Judgment]], current: str
) -> tuple[str, str]:
    """Return the (rubric, judge) whose judgments count: the present rubric's, else the most."""
    return max(versions, key=lambda one: (one[0] == current, len(versions[one]), one))


def _lesson(
    sources: Sequence[Gathered], rubric: Rubric, places: Mapping[str, int]
) -> Lesson | None:
    if rubric.mode == "pointwise":
        scores = [one for source in sources for one in source.scores.get(rubric.criterion, ())]
        if not scores:
            return None
        first = np.array([places[key] for key, _ in scores], dtype=np.intp)
        answers = np.array([spread for _, spread in scores])
        return Lesson(rubric.criterion, "pointwise", rubric.labels, first, answers)
    pairs = [one for source in sources for one in source.pairs.get(rubric.criterion, ())]
    if not pairs:
        return None
    return Lesson(
        rubric.criterion,
        "pairwise",
        rubric.labels,
        np.array([places[own] for own, _, _ in pairs], dtype=np.intp),
        np.array([spread for _, _, spread in pairs]),
        np.array([places[other] for _, other, _ in pairs], dtype=np.intp),
        against_baseline=True,
    )


def _texts(run: Run, hidden: frozenset[str]) -> tuple[dict[str, Text], Counter[str]]:
    found = {
        text.text_id: text
        for text in run.texts()
        if text.status == "ok" and text.text.strip() and text.prompt_id not in hidden
    }
    return found, Counter()


def _scored(judgments: Sequence[Judgment], rubric: Rubric) -> list[tuple[str, Floats]]:
    by_text: dict[str, list[Floats]] = {}
    for item in judgments:
        by_text.setdefault(item.text_id, []).append(_levels(item, rubric))
    return [(key, _mean(own)) for key, own in by_text.items()]


def _levels(item: Judgment, rubric: Rubric) -> Floats:
    """Return the judge's own distribution where it has the rubric's levels, else its score's.

    A score on another scale is brought to the rubric's, end to end.
    """
    assert isinstance(item.outcome, Scored)  # noqa: S101 - the caller has looked
    if item.outcome.options == rubric.labels:
        return np.array(item.outcome.probabilities)
    (low, high), (bottom, top) = item.scale, rubric.scale
    share = (item.outcome.score - low) / (high - low)
    return spread_over_levels(bottom + share * (top - bottom), rubric.labels)


def _paired(
    judgments: Sequence[Judgment], rubric: Rubric, left: Counter[str]
) -> list[tuple[str, str, Floats]]:
    by_pair: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = {}
    for item in judgments:
        assert isinstance(item.outcome, Scored)  # noqa: S101
        tie = dict(zip(item.outcome.options, item.outcome.probabilities, strict=True)).get("C", 0.0)
        own = by_pair.setdefault((item.text_id, item.baseline_text_id or ""), {})
        own.setdefault(item.order or "", []).append((item.outcome.score, tie))
    found = []
    for (one, other), orders in by_pair.items():
        if not {"AB", "BA"} <= set(orders):
            left["one_order"] += 1
            continue
        means = np.array([np.mean(orders[order], axis=0) for order in ("AB", "BA")])
        win = float(combine_log_odds(means[0, 0], means[1, 0]))
        found.append((one, other, _outcomes(win, float(means[:, 1].mean()), rubric.labels)))
    return found


def _outcomes(win: float, tie: float, labels: Sequence[str]) -> Floats:
    """Return the distribution over A, B, C of a preference with so much of a tie in it."""
    if tie == 0.0 or len(labels) < 3:
        return preferred(win, labels)
    tie = min(tie, 2 * win, 2 * (1 - win))
    return np.array([win - tie / 2, 1 - win - tie / 2, tie])


def _mean(spreads: Sequence[Floats]) -> Floats:
    mean: Floats = np.mean(spreads, axis=0)
    return mean
