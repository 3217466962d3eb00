"""What every command is given: workspace, profile, language, the run it works on."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kojudge.errors import Language, Said, StoreError, did_you_mean, said

if TYPE_CHECKING:
    from rich.console import Console

    from kojudge.selection import Asked, Memory
    from kojudge.store.run import Run
    from kojudge.workspace import Workspace


def language_of(asked: str | None) -> Language:
    """Return the language of messages: ``--lang``, else the locale's (Korean or English)."""
    if asked in ("ko", "en"):
        return "ko" if asked == "ko" else "en"
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return "ko" if locale.lower().startswith("ko") else "en"


@dataclass(frozen=True, slots=True)
class Session:
    """One call of the command line."""

    workspace_path: Path | None
    profile: str | None
    language: Language

    def say(self, message: Said) -> None:
        """Print a message on stderr, where it never mixes with ``--json``."""
        click.echo(message.in_(self.language), err=True)

    def console(self) -> Console:
        """Return a console on stderr, wide enough for a table where it is no terminal."""
        from rich.console import Console

        width = None if sys.stderr.isatty() else 140
        return Console(stderr=True, highlight=False, width=width)

    def print_json(self, content: Mapping[str, Any]) -> None:
        """Print one JSON object on stdout, in ASCII where stdout cannot write Hangul."""
        utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        text = json.dumps(content, ensure_ascii=not utf8, indent=1, allow_nan=False)
        sys.stdout.write(text + "\n")

    def workspace(self) -> Workspace:
        """Return the workspace, or raise ConfigError that says how to make one."""
        from kojudge.workspace import find_workspace

        return find_workspace(self.workspace_path)

    def workspace_or_starter(self) -> Workspace:
        """Return the workspace; away from any, the starter's content serves."""
        from kojudge.errors import ConfigError
        from kojudge.workspace import Workspace, starter_root

        try:
            return self.workspace()
        except ConfigError:
            if self.workspace_path is not None:
                raise
            return Workspace(starter_root())

    def run_path(self, given: str | None) -> str:
        """Return ``--run``, or the default: ``runs/<profile>`` or ``runs/main``."""
        return given or str(self.workspace().runs / (self.profile or "main"))

    def open_run(self, given: str | None, *, create: bool = False) -> Run:
        """Open the run; where it is missing, name the runs there are.

        Raises:
            StoreError: the run does not exist or cannot be written.
        """
        from kojudge.store.run import Run

        path = self.run_path(given)
        try:
            return Run.open(path, create=create)
        except StoreError as error:
            siblings = sorted(p.parent.name for p in Path(path).parent.glob("*/manifest.json"))
            if create or not siblings or Path(path).exists():
                raise
            there = did_you_mean(Path(path).name, siblings)
            make = error.hint or said("", "")
            hint = said(
                f"{there.ko} `--run {Path(path).parent}/이름`으로 고르세요. {make.ko}",
                f"{there.en} Pick one with `--run {Path(path).parent}/NAME`. {make.en}",
            )
            raise StoreError(error.message, hint) from None

    def ask(
        self,
        run: Run | None,
        overrides: Mapping[str, Any],
        named: Mapping[str, Sequence[str]],
        *,
        starter_serves: bool = False,
    ) -> tuple[Asked, Memory]:
        """Return what the workspace asks for, and what the run should remember of it.

        ``starter_serves``: away from any workspace the starter's content will do.
        """
        from kojudge.selection import Memory, ask, imported_names
        from kojudge.store import manifest

        before = Memory.from_manifest(manifest.read(run.path)) if run else Memory()
        memory = before.later(self.profile, overrides, named)
        workspace = self.workspace_or_starter() if starter_serves else self.workspace()
        return ask(workspace, memory, imported_names(run) if run else ()), memory

    def pulling(self, name: str) -> Callable[[str, int, int], None]:
        """Return a callback that shows how far the weights of ``name`` have come."""
        from kojudge.cli.pulling import PullLine

        return PullLine(name, self.language)
