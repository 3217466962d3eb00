"""Write into the manifest what was asked, what ran and on what."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from kojudge import __version__
from kojudge.cards import candidate_identity, judge_identity
from kojudge.selection import METHOD, Asked, Memory, engine_for
from kojudge.store import manifest
from kojudge.store.run import Run

_PACKAGES = ("torch", "transformers", "numpy", "scipy", "pyarrow", "duckdb", "jinja2")


@contextmanager
def recorded(run: Run, command: str, workspace: Path, **known: Any) -> Iterator[dict[str, Any]]:
    """Record one command: yields a dict to fill; what is in it is stored at the end.

    The entry is there from the start, with ``finished`` null and what is ``known`` before
    any work, so that a killed command shows as one.
    """
    entry: dict[str, Any] = {
        "command": command,
        "argv": sys.argv[1:],
        "started": _now(),
        "finished": None,
        "seconds": None,
        "versions": versions(),
        "git": git_revision(workspace),
        "hardware": hardware(),
        **known,
    }
    manifest.update(run.path, lambda content: content.setdefault("commands", []).append(entry))
    started = time.monotonic()
    try:
        yield entry
    finally:
        entry["finished"] = _now()
        entry["seconds"] = round(time.monotonic() - started, 2)
        manifest.update(run.path, lambda content: _replace(content, entry))


def _replace(content: dict[str, Any], entry: dict[str, Any]) -> None:
    same = ("command", "started", "argv")
    commands = content.setdefault("commands", [])
    for at, other in enumerate(commands):
        if all(other.get(key) == entry[key] for key in same) and other.get("finished") is None:
            commands[at] = entry
            return
    commands.append(entry)


def remember(run: Run, asked: Asked, memory: Memory) -> None:
    """Store what the run was asked, with the identity of every card, prompt set and rubric."""
    settings = asked.settings

    def change(content: dict[str, Any]) -> None:
        content["asked"] = memory.to_manifest()
        content["settings"] = settings.model_dump(mode="json")
        content["candidates"] = {
            card.name: card.model_dump(mode="json", exclude_defaults=True)
            | {"candidate_id": candidate_identity(card, engine_for(card, settings))}
            for card in asked.candidates
        }
        content["judges"] = {
            card.name: card.model_dump(mode="json", exclude_defaults=True)
            | {"judge_id": judge_identity(card, engine_for(card, settings), METHOD)}
            for card in asked.judges
        }
        content["prompts"] = {p.name: p.prompt_id for p in asked.prompts}
        content["rubrics"] = {
            r.name: {"version": r.version, "rubric_id": r.rubric_id} for r in asked.rubrics
        }

    manifest.update(run.path, change)


def versions() -> dict[str, str]:
    """Return the versions of what matters, without importing any of it."""
    found = {"kojudge": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def git_revision(folder: Path) -> str | None:
    """Return the commit the workspace is at, ``+dirty`` where files differ; None outside git."""
    try:
        head = _git(folder, "rev-parse", "HEAD")
        dirty = _git(folder, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{head}+dirty" if dirty else head


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603
        ["git", "-C", str(folder), *arguments],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def hardware() -> Mapping[str, Any]:
    """Return processor, core count and memory (bytes) of this machine."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
