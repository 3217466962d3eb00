"""Engines: what runs a model. One protocol, several backends."""

from kojudge.engines.base import (
    Choice,
    ChoiceRequest,
    Completion,
    CompletionRequest,
    Decision,
    DecisionEngine,
    Engine,
    Reading,
    ReadingEngine,
)
from kojudge.engines.opening import Placement, open_engine

__all__ = [
    "Choice",
    "ChoiceRequest",
    "Completion",
    "CompletionRequest",
    "Decision",
    "DecisionEngine",
    "Engine",
    "Placement",
    "Reading",
    "ReadingEngine",
    "open_engine",
]
