"""What the workspace asks for now: which texts, which judgments."""

from kojudge.selection.asked import METHOD, Asked, Memory, ask, engine_for
from kojudge.selection.judgments import WantedJudgment, is_flagged, wanted_judgments
from kojudge.selection.texts import WantedText, current_texts, imported_names, wanted_texts

__all__ = [
    "METHOD",
    "Asked",
    "Memory",
    "WantedJudgment",
    "WantedText",
    "ask",
    "current_texts",
    "engine_for",
    "imported_names",
    "is_flagged",
    "wanted_judgments",
    "wanted_texts",
]
