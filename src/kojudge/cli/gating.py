"""``--gate``: read before the work, held against the results after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kojudge.cli.session import Session
from kojudge.errors import said

if TYPE_CHECKING:
    from kojudge.report.gate_grammar import Expression


def read_gate(source: str | None) -> Expression | None:
    """Return the expression of ``--gate``; a wrong one fails here, before anything is computed.

    Raises:
        ConfigError: as :func:`kojudge.report.gate_grammar.parse`.
    """
    from kojudge.report.gate_grammar import parse

    return None if source is None else parse(source)


def gate_holds(session: Session, gate: Expression | None, results: Mapping[str, Any]) -> bool:
    """Tell what became of each claim; return whether the gate holds (True without one).

    Raises:
        ConfigError: as :func:`kojudge.report.gate.evaluate`.
    """
    from kojudge.report.gate import evaluate

    if gate is None:
        return True
    outcome = evaluate(gate, results)
    if outcome.holds:
        session.say(said("게이트 통과", "Gate passed"))
    else:
        session.say(said("게이트 불통과", "Gate failed"))
    for finding in outcome.reasons:
        line = finding.message
        session.say(said(f"  {line.ko}", f"  {line.en}"))
    if not outcome.holds and any(finding.truth is None for finding in outcome.reasons):
        session.say(said(
            "  판정을 보류했거나 비교가 없는 조건은 참으로 치지 않습니다(not을 붙여도 같습니다).",
            "  A claim whose verdict is withheld, refused or absent never passes, with `not` neither.",
        ))  # fmt: skip
    return outcome.holds
