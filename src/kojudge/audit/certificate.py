"""The certificate of one judge: its standing and grade for every criterion and mode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kojudge.audit.figures import Precision, as_json
from kojudge.audit.grade import Grade, Graded, grade, worst
from kojudge.audit.kinds import Criterion
from kojudge.audit.measured import Measured
from kojudge.audit.standing import Standing, measure
from kojudge.records import Json, Mode, identity

__all__ = ["VERSION", "Certificate", "Entry", "certificate_key", "certify"]

VERSION = 1
"""Of how certificates are computed; part of the key, so that an older one is made anew."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One criterion in one mode."""

    standing: Standing
    graded: Graded


@dataclass(frozen=True, slots=True)
class Certificate:
    """What ``judge`` earned on the audit set whose hash is ``audit_set``.

    ``rubrics`` are rubric ids by ``criterion/mode``. ``skipped``: sources by kind that gave
    no item. ``key`` identifies what was asked of whom: see :func:`certificate_key`.
    """

    judge: str
    judge_id: str
    key: str
    audit_set: str
    quick: bool
    rubrics: Mapping[str, str]
    entries: tuple[Entry, ...]
    skipped: Mapping[str, int]

    @property
    def grade(self) -> Grade:
        """The worst grade of all entries."""
        return worst([entry.graded for entry in self.entries])

    def grade_of(self, criterion: Criterion, mode: Mode) -> Grade | None:
        """Return the grade for ``criterion`` in ``mode``; None where it was not audited."""
        for entry in self.entries:
            if (entry.standing.criterion, entry.standing.mode) == (criterion, mode):
                return entry.graded.grade
        return None

    def to_json(self) -> dict[str, Json]:
        """Return the certificate as a JSON object; what was not measured is null."""
        entries: list[Json] = [_entry(entry) for entry in self.entries]
        return {
            "version": VERSION,
            "judge": self.judge,
            "judge_id": self.judge_id,
            "key": self.key,
            "audit_set": self.audit_set,
            "quick": self.quick,
            "grade": self.grade,
            "rubrics": dict(self.rubrics),
            "skipped": dict(self.skipped),
            "entries": entries,
        }


def certificate_key(
    judge_id: str,
    rubrics: Mapping[str, str],
    audit_set: str,
    *,
    quick: bool = False,
    labels: str = "",
) -> str:
    """Return the id a certificate is kept under: judge, rubrics, audit set, quick or full.

    ``labels`` is an id of the people's labels it was compared with, if any.
    """
    return identity(["certificate", VERSION, judge_id, dict(rubrics), audit_set, quick, labels])


def certify(
    judge: str,
    judge_id: str,
    rubrics: Mapping[str, str],
    audit_set: str,
    measured: Sequence[Measured],
    precision: Precision,
    *,
    quick: bool = False,
    skipped: Mapping[str, int] | None = None,
    labels: str = "",
) -> Certificate:
    """Return the certificate of ``judge`` from its answers for each criterion and mode.

    Raises:
        ValueError: nothing was measured, or answers do not fit: see ``standing.measure``.
    """
    if not measured:
        raise ValueError("nothing was measured")
    standings = [measure(answers, precision) for answers in measured]
    return Certificate(
        judge,
        judge_id,
        certificate_key(judge_id, rubrics, audit_set, quick=quick, labels=labels),
        audit_set,
        quick,
        dict(rubrics),
        tuple(Entry(standing, grade(standing, quick=quick)) for standing in standings),
        dict(skipped or {}),
    )


def _entry(entry: Entry) -> dict[str, Json]:
    reasons: list[Json] = [
        {"code": reason.code, "ko": reason.text.ko, "en": reason.text.en}
        for reason in entry.graded.reasons
    ]
    standing = as_json(entry.standing)
    assert isinstance(standing, dict)  # noqa: S101 - a dataclass becomes an object
    return {"grade": entry.graded.grade, "reasons": reasons, **standing}
