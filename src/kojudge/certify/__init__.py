"""The audit stage: a judge answers the audit's questions, and earns its certificate."""

from kojudge.certify.measuring import measured
from kojudge.certify.questions import (
    AuditQuestion,
    audit_questions,
    chosen_sources,
    criterion_of,
)
from kojudge.certify.stage import answered, ask_pending, pending

__all__ = [
    "AuditQuestion",
    "answered",
    "ask_pending",
    "audit_questions",
    "chosen_sources",
    "criterion_of",
    "measured",
    "pending",
]
