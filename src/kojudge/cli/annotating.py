"""Measure the Korean evidence of a run's texts, and tell which of them fail a gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kojudge.annotate import annotate, pending_texts
from kojudge.cli.progress import Bar
from kojudge.cli.session import Session
from kojudge.errors import said
from kojudge.records import Text
from kojudge.report.wording import FLAGS, look_up
from kojudge.selection import Flags
from kojudge.store.run import Run


def measure(session: Session, run: Run, texts: Sequence[Text]) -> None:
    """Measure those of ``texts`` that have no evidence by the present signals."""
    pending = pending_texts(run, texts)
    if not pending:
        return
    label = said("한국어 살펴보기", "Korean evidence").in_(session.language)
    with Bar(label, len(pending), "texts") as bar:
        annotate(run, pending, bar.show)


def tell_flags(session: Session, flags: Flags, *, minimum: bool) -> None:
    """Say how many texts fail which gate, and what becomes of them."""
    counted = Counter(gate for fired in flags.values() for gate in fired)
    if not counted:
        return
    named = [(look_up(FLAGS, gate), number) for gate, number in sorted(counted.items())]
    korean = ", ".join(f"{name.ko} {number}" for name, number in named)
    english = ", ".join(f"{name.en} {number}" for name, number in named)
    done = (
        said("심사하지 않고 최저점을 줍니다", "not judged, given the minimum")
        if minimum
        else said("그대로 심사합니다", "judged as they are")
    )
    session.say(said(
        f"살펴볼 글 {len(flags)}편: {korean} ({done.ko}).",
        f"{len(flags)} texts fail a gate: {english} ({done.en}).",
    ))  # fmt: skip
