"""What the workspace asks for now: which texts, which judgments."""

from kojudge.selection.asked import METHOD, Asked, Memory, ask, engine_for, placement_for
from kojudge.selection.certificates import certificates_for
from kojudge.selection.controls import wanted_controls
from kojudge.selection.flags import Flags, evidence_ids, evidence_of, flags_of
from kojudge.selection.holdout import held_out
from kojudge.selection.judgments import WantedJudgment, apart, wanted_judgments
from kojudge.selection.texts import WantedText, current_texts, imported_names, wanted_texts

__all__ = [
    "METHOD",
    "Asked",
    "Flags",
    "Memory",
    "WantedJudgment",
    "WantedText",
    "apart",
    "ask",
    "certificates_for",
    "current_texts",
    "engine_for",
    "evidence_ids",
    "evidence_of",
    "flags_of",
    "held_out",
    "imported_names",
    "placement_for",
    "wanted_controls",
    "wanted_judgments",
    "wanted_texts",
]
