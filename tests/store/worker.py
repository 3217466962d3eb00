"""Another process, for tests: ``python worker.py ROLE RUN NAME COUNT``.

It prints a line for each step that has returned, so that a test knows what must be there
whenever it kills it. A COUNT of 0 goes on until killed.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from typing import Any

from kojudge.records import Label, Text
from kojudge.store import manifest
from kojudge.store.run import Run

BATCH = 5


def tell(line: str) -> None:
    """Say that a step has returned."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def append(run: Run, name: str, step: int) -> None:
    """Append a batch: texts of its own, and one that every process appends."""
    own = [f"{name}-{step}-{number}" for number in range(BATCH)]
    run.append_texts(
        [Text(key, key, "blog", "써 줘", name, step, "글" * 200) for key in [*own, "shared"]]
    )
    tell(" ".join(own))


def compact(run: Run, name: str, step: int) -> None:
    """Append, so that there is something to merge, then merge."""
    append(run, name, step)
    run.compact()


def note(run: Run, name: str, step: int) -> None:
    """Change the manifest: count, and leave an entry."""

    def change(content: dict[str, Any]) -> None:
        content["count"] = content.get("count", 0) + 1
        content.setdefault("entries", []).append(f"{name}-{step}")

    manifest.update(run.path, change)
    tell("ok")


def opine(run: Run, name: str, step: int) -> None:
    """Append a label to a file that every process appends to."""
    run.append_labels("shared", [Label(f"{name}-{step}", "gemma", 0, "n", "shared", score=1.0)])
    tell("ok")


ROLES: dict[str, Callable[[Run, str, int], None]] = {
    "append": append,
    "compact": compact,
    "note": note,
    "opine": opine,
}


def main(role: str, path: str, name: str, count: str) -> None:
    """Do the role's step ``count`` times, or until killed."""
    run = Run.open(path)
    for step in itertools.islice(itertools.count(), int(count) or None):
        ROLES[role](run, name, step)


if __name__ == "__main__":
    main(*sys.argv[1:])
