"""Errors a user can act on, and the two languages they speak.

    KojudgeError
    ├── ConfigError        exit 2   the workspace, a card, a prompt, a rubric or a flag is wrong
    │   └── InputError     exit 2   one line or field of a user's file is wrong
    ├── StoreError         exit 2   a run directory cannot be read or written
    ├── IncompleteError    exit 3   finished, but some items failed
    └── UnavailableError   exit 4   a model, its weights or a backend cannot be had
        └── EngineError    exit 4   a loaded engine failed

Each says what is wrong, where, and (``hint``) what to do next, in Korean and English.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

__all__ = [
    "ConfigError",
    "EngineError",
    "IncompleteError",
    "InputError",
    "KojudgeError",
    "Language",
    "Said",
    "StoreError",
    "UnavailableError",
    "did_you_mean",
    "said",
]

Language = Literal["ko", "en"]


@dataclass(frozen=True, slots=True)
class Said:
    """One message in Korean and English."""

    ko: str
    en: str

    def in_(self, language: Language) -> str:
        """Return the message in ``language``."""
        return self.ko if language == "ko" else self.en

    def __str__(self) -> str:
        return self.en


def said(ko: str, en: str) -> Said:
    """Pair a Korean message with its English twin."""
    return Said(ko, en)


class KojudgeError(Exception):
    """Base of every error kojudge raises on purpose."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: Said, hint: Said | None = None) -> None:
        super().__init__(message.en if hint is None else f"{message.en} {hint.en}")
        self.message = message
        self.hint = hint


class ConfigError(KojudgeError):
    """The workspace, a card, a prompt, a rubric or a command line is wrong."""

    exit_code = 2


class InputError(ConfigError):
    """A file the user handed over is wrong at a known place."""


class StoreError(KojudgeError):
    """A run directory cannot be read or written."""

    exit_code = 2


class IncompleteError(KojudgeError):
    """The work finished, but some items did not."""

    exit_code = 3


class UnavailableError(KojudgeError):
    """A model, its weights or a backend cannot be had."""

    exit_code = 4


class EngineError(UnavailableError):
    """A loaded engine failed in a way that retrying the item cannot mend."""


def did_you_mean(name: str, known: Iterable[str]) -> Said:
    """Suggest the names closest to ``name``, or list those there are."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        listed = ", ".join(close)
        return said(f"혹시 이 이름인가요? {listed}", f"Did you mean: {listed}?")
    listed = ", ".join(names) or "—"
    return said(f"쓸 수 있는 이름: {listed}", f"Names there are: {listed}")
