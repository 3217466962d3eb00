"""Which of the workspace's judge cards fit a GPU, and what is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from kojudge.cards import JudgeCard, load_judges
from kojudge.cli.plan_lengths import judge_length
from kojudge.models.fitting import best_fit
from kojudge.models.memory import windowed
from kojudge.report.wording import GRADES
from kojudge.selection import Asked, certificates_for
from kojudge.store.run import Run

__all__ = ["JudgeChoice", "choices", "grade_of"]

UNAUDITED = "unaudited"


@dataclass(frozen=True, slots=True)
class JudgeChoice:
    """One judge card beside the memory there is.

    ``fits`` is None where the card lacks what it takes to tell. ``precision`` is the finest
    that fits, ``batch`` the most judgments of ``tokens`` tokens at once with it. ``grades``
    are those of the certificate by criterion/mode, ``grade`` the one to go by. ``kin`` are
    candidates of the same family, the baseline included; ``asked``: the workspace uses it.
    """

    name: str
    parameters: int | None
    fits: bool | None
    precision: str | None
    batch: int | None
    tokens: int
    tokens_measured: bool
    kv_at_most: bool
    served: bool
    license: str
    family: str
    grade: str
    grades: dict[str, str]
    kin: tuple[str, ...]
    asked: bool

    def content(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return asdict(self)


def choices(asked: Asked, run: Run | None, memory: float, gpus: int) -> list[JudgeChoice]:
    """Return every card in ``judge/``, those that fit first, the largest of them first.

    ``memory`` is what each of ``gpus`` has, in bytes.

    Raises:
        InputError: a card or a certificate is wrong; names the file.
    """
    if asked.workspace is None:
        return []
    cards = list(load_judges(asked.workspace.judge).values())
    known = certificates_for(replace(asked, judges=tuple(cards)))
    grades: dict[str, dict[str, str]] = {}
    for (judge, criterion, mode), entry in known.items():
        grades.setdefault(judge, {})[f"{criterion}/{mode}"] = entry["grade"]
    wanted = [f"{rubric.criterion}/{rubric.mode}" for rubric in asked.rubrics]
    found = [
        _choice(asked, run, card, memory, gpus, grades.get(card.name, {}), wanted) for card in cards
    ]
    return sorted(found, key=lambda one: (_rank(one.fits), -(one.parameters or 0), one.name))


def _rank(fits: bool | None) -> int:
    return {True: 0, None: 1, False: 2}[fits]


def _choice(
    asked: Asked,
    run: Run | None,
    card: JudgeCard,
    memory: float,
    gpus: int,
    grades: Mapping[str, str],
    wanted: Iterable[str],
) -> JudgeChoice:
    length = judge_length(asked, card, run)
    fit = best_fit(card, length.tokens, memory, gpus)
    return JudgeChoice(
        card.name,
        card.parameters,
        None if fit is None else fit.precision is not None,
        fit.precision if fit else None,
        fit.batch if fit else None,
        length.tokens,
        length.measured,
        windowed(card),
        card.engine in ("openai", "systemone"),
        card.license,
        card.family,
        grade_of(grades, wanted),
        dict(grades),
        tuple(one.name for one in asked.candidates if one.family and one.family == card.family),
        card.name in {judge.name for judge in asked.judges},
    )


def grade_of(grades: Mapping[str, str], wanted: Iterable[str]) -> str:
    """Return the worst grade of the rubrics ``wanted``; one failed rubric goes before all."""
    own = {grades.get(place, UNAUDITED) for place in wanted} or {UNAUDITED}
    return "failed" if "failed" in own else max(own, key=list(GRADES).index)
