"""The texts that people rated: what to ask the judge about them, and both opinions side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kojudge.audit.rubric_comparison import Rated
from kojudge.cards import JudgeCard
from kojudge.cli.session import Session
from kojudge.errors import ConfigError, InputError, said
from kojudge.records import Judgment, Label, Scored
from kojudge.rubrics import Rubric
from kojudge.selection import (
    Asked,
    WantedJudgment,
    current_texts,
    held_out,
    wanted_judgments,
    wanted_texts,
)
from kojudge.stats.pairs import combine_log_odds
from kojudge.store.entries import label_of
from kojudge.store.lines import LineError, parsed
from kojudge.store.run import Run
from kojudge.workspace.jsonl import read_lines

__all__ = ["Labelled", "open_labelled", "rated", "read_labels", "wanted_of"]

Unit = tuple[str, str, int]
"""(prompt_id, candidate, sample)."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A run with the labels of one criterion and mode: ``opinions`` by unit and rater.

    ``held_out`` counts the labelled units that stay unread: their prompts are held out.
    """

    run: Run
    asked: Asked
    opinions: Mapping[Unit, Mapping[str, float]]
    held_out: int = 0

    @property
    def baseline(self) -> str:
        """The model that the others are compared with."""
        return self.asked.settings.baseline

    def units_of(self, wanted: Sequence[WantedJudgment]) -> set[Unit]:
        """Return the labelled units that ``wanted`` are about."""
        asked = {(i.text.prompt_id, i.text.candidate, i.text.sample) for i in wanted}
        return asked & set(self.opinions)

    def fits(self, rubric: Rubric) -> bool:
        """Tell whether every rating lies on the rubric's scale."""
        low, high = rubric.scale
        return all(low <= x <= high for own in self.opinions.values() for x in own.values())

    def ratings(self, given: Mapping[str, float]) -> tuple[float | None, ...]:
        """Return an entry a rater, in one order."""
        raters = sorted({rater for own in self.opinions.values() for rater in own})
        return tuple(given.get(rater) for rater in raters)


def open_labelled(session: Session, labels: str, run_path: str | None, rubric: Rubric) -> Labelled:
    """Open labels: a run that holds them, or a JSONL file about the texts of ``run_path``.

    Raises:
        ConfigError: no label is about the rubric's criterion and mode, or all that are
            belong to prompts that are held out.
        InputError: a line of the file is no label; names file, line and field.
    """
    file = Path(labels)
    if file.is_file():
        run = session.open_run(run_path)
        found = read_labels(file)
    else:
        run = session.open_run(labels)
        found = list(run.labels().labels)
    asked, _ = session.ask(run, {}, {})
    opinions = _opinions(found, rubric, asked.settings.baseline)
    if not opinions:
        unit = "preference" if rubric.mode == "pairwise" else "score"
        raise ConfigError(
            said(f"{labels}: '{rubric.criterion}'을(를) {rubric.mode}(으)로 평가한 라벨이 없습니다.",
                 f"{labels}: no label is about '{rubric.criterion}', {rubric.mode}."),
            said(f"criterion이 {rubric.criterion}이고 {unit}가 있는 줄이 필요합니다. docs/run-files.md를 보세요.",
                 f"Lines with criterion {rubric.criterion} and a {unit} are needed; "
                 "see docs/run-files.md."),
        )  # fmt: skip
    hidden = held_out(asked)
    seen = {unit: own for unit, own in opinions.items() if unit[0] not in hidden}
    if not seen:
        raise ConfigError(
            said(f"{labels}: 라벨이 모두 holdout 프롬프트의 글에 달려 있어 루브릭을 견주는 데 쓰지 않습니다.",
                 f"{labels}: every label is about a prompt that is held out; "
                 "rubrics are not compared on those."),
            said("holdout이 아닌 프롬프트의 글에 라벨을 다세요(split = \"tuning\", prompts/README.md).",
                 "Label texts of other prompts (split = \"tuning\", prompts/README.md)."),
        )  # fmt: skip
    return Labelled(run, asked, seen, len(opinions) - len(seen))


def wanted_of(
    labelled: Labelled, rubric: Rubric, card: JudgeCard, engine: str
) -> list[WantedJudgment]:
    """Return the judgments about the labelled texts, with the ids they have in their run."""
    settings = labelled.asked.settings.model_copy(
        update={"mode": rubric.mode, "engine": engine, "flagged": "keep"}
    )
    asked = replace(labelled.asked, settings=settings, judges=(card,), rubrics=(rubric,))
    there = current_texts(labelled.run, {item.text_id for item in wanted_texts(labelled.asked)})
    units = set(labelled.opinions)
    if rubric.mode == "pairwise":
        units |= {(prompt, labelled.baseline, sample) for prompt, _, sample in units}
    texts = [text for text in there if (text.prompt_id, text.candidate, text.sample) in units]
    return list(wanted_judgments(asked, texts))


def rated(
    labelled: Labelled,
    rubric: Rubric,
    wanted: Sequence[WantedJudgment],
    answers: Mapping[str, Judgment],
) -> tuple[tuple[Rated, ...], tuple[Rated, ...]]:
    """Return people and judge on each text or pair, and on its difference from the baseline.

    Texts are left out where a rating lies outside the rubric's scale: on another scale only
    differences can be compared.
    """
    scores = _scores(rubric, wanted, answers)
    texts = tuple(
        Rated(_name(unit), unit[0], scores[unit], labelled.ratings(given))
        for unit, given in sorted(labelled.opinions.items())
        if unit in scores
    )
    if rubric.mode == "pairwise":
        return texts, texts  # a preference is a difference from the baseline already
    return (texts if labelled.fits(rubric) else ()), tuple(_differences(labelled, scores))


def _differences(labelled: Labelled, scores: Mapping[Unit, float | None]) -> list[Rated]:
    found = []
    for unit, own in sorted(labelled.opinions.items()):
        other = (unit[0], labelled.baseline, unit[2])
        beside = labelled.opinions.get(other, {})
        both = {rater: x - beside[rater] for rater, x in own.items() if rater in beside}
        if unit == other or not both:
            continue
        one, base = scores.get(unit), scores.get(other)
        judge = None if one is None or base is None else one - base
        found.append(Rated(_name(unit), unit[0], judge, labelled.ratings(both)))
    return found


def _scores(
    rubric: Rubric, wanted: Sequence[WantedJudgment], answers: Mapping[str, Judgment]
) -> dict[Unit, float | None]:
    """Return the judge's score, or win score over both orders, of each unit; None unscored."""
    by_unit: dict[Unit, dict[str, list[float]]] = {}
    for item in wanted:
        own = by_unit.setdefault((item.text.prompt_id, item.text.candidate, item.text.sample), {})
        answer = answers.get(item.judgment_id)
        if answer is not None and isinstance(answer.outcome, Scored):
            own.setdefault(item.order or "", []).append(answer.outcome.score)
    of: Callable[[Mapping[str, list[float]]], float | None]
    of = _win if rubric.mode == "pairwise" else _level
    return {unit: of(own) for unit, own in by_unit.items()}


def _level(own: Mapping[str, list[float]]) -> float | None:
    return float(np.mean(own[""])) if "" in own else None


def _win(own: Mapping[str, list[float]]) -> float | None:
    if not {"AB", "BA"} <= set(own):
        return None
    return float(combine_log_odds(np.mean(own["AB"]), np.mean(own["BA"])))


def _opinions(
    labels: Sequence[Label], rubric: Rubric, baseline: str
) -> dict[Unit, dict[str, float]]:
    found: dict[Unit, dict[str, float]] = {}
    for label in labels:
        pairwise = rubric.mode == "pairwise"
        value = label.preference if pairwise else label.score
        ours = label.criterion == rubric.criterion and label.baseline in (None, baseline)
        if value is not None and ours:
            unit = (label.prompt_id, label.candidate, label.sample)
            found.setdefault(unit, {})[label.rater] = value
    return found


def read_labels(file: Path) -> list[Label]:
    """Return the labels of a JSONL file.

    Raises:
        InputError: a line is no label; names file, line and field.
    """
    return [_label(place, raw) for place, raw in read_lines(file)]


def _label(place: str, raw: str) -> Label:
    try:
        return label_of(parsed(raw.encode("utf-8")))
    except LineError as error:
        where = f"{place}: {error.field}" if error.field else place
        raise InputError(
            said(f"{where}: {error.problem.ko}", f"{where}: {error.problem.en}"),
            said("docs/run-files.md의 라벨 형식을 보고 고치세요.",
                 "See the format of labels in docs/run-files.md."),
        ) from error  # fmt: skip


def _name(unit: Unit) -> str:
    return "/".join(str(part) for part in unit)
