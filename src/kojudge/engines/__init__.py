"""Engines: what runs a model. One protocol, several backends."""

from kojudge.engines.base import (
    Choice,
    ChoiceRequest,
    Completion,
    CompletionRequest,
    Engine,
)
from kojudge.engines.opening import open_engine

__all__ = [
    "Choice",
    "ChoiceRequest",
    "Completion",
    "CompletionRequest",
    "Engine",
    "open_engine",
]
