"""What an engine's model really reads, pass by pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kojudge.engines.local.engine import TransformersEngine


class Forwards:
    """Rows and new tokens of each pass (``shapes``), and how wide its attention was."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, int]] = []
        self.widths: list[int] = []

    def note(self, model: Any, arguments: Any, options: dict[str, Any]) -> None:
        rows, tokens = options["input_ids"].shape
        self.shapes.append((rows, tokens))
        if options.get("attention_mask") is not None:
            self.widths.append(options["attention_mask"].shape[1])

    @property
    def tokens(self) -> int:
        return sum(rows * tokens for rows, tokens in self.shapes)

    @property
    def steps(self) -> list[int]:
        """Rows of the passes that read one token a row."""
        return [rows for rows, tokens in self.shapes if tokens == 1]

    @property
    def prefills(self) -> list[int]:
        """Rows of the passes that read more."""
        return [rows for rows, tokens in self.shapes if tokens > 1]


@contextmanager
def watched(engine: TransformersEngine) -> Iterator[Forwards]:
    """Count the passes of the engine's model inside the block."""
    forwards = Forwards()
    handle = engine.loaded.model.register_forward_pre_hook(forwards.note, with_kwargs=True)
    try:
        yield forwards
    finally:
        handle.remove()
