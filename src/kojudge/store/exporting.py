"""A run's texts, judgments and labels as interchange JSONL.

Each file appears whole or not at all. Items that failed and will be asked again are left
out and counted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from kojudge.records import CONTROL, Json, Judgment, Scored, Text
from kojudge.store.labels import label_line
from kojudge.store.lines import json_line
from kojudge.store.run import Run
from kojudge.store.storage import RunPath, is_url, open_parent, trouble

__all__ = ["ExportCount", "export_judgments", "export_labels", "export_texts"]


@dataclass(frozen=True, slots=True)
class ExportCount:
    """How many lines were ``written``, and what was left out: ``failed`` items, ``controls``."""

    written: int
    failed: int = 0
    controls: int = 0


def export_texts(run: Run, out: RunPath, text_ids: Iterable[str] | None = None) -> ExportCount:
    """Write the texts (all, or those of ``text_ids``) to the file ``out``, a path or URL.

    Raises StoreError where the run cannot be read or ``out`` cannot be written.
    """
    return _export(out, (_text_line(text) for text in run.texts(text_ids)))


def export_judgments(
    run: Run, out: RunPath, judgment_ids: Iterable[str] | None = None
) -> ExportCount:
    """Write the judgments (all, or those of ``judgment_ids``) to the file ``out``.

    Controls are left out: their texts are nobody's, and read back they would pass for a
    candidate's.

    Raises StoreError where the run cannot be read or ``out`` cannot be written.
    """
    controls = 0

    def lines() -> Iterator[bytes | None]:
        nonlocal controls
        for judgment in run.judgments(judgment_ids):
            if judgment.candidate.endswith(CONTROL):
                controls += 1
            else:
                yield _judgment_line(judgment)

    count = _export(out, lines())
    return replace(count, controls=controls)


def export_labels(run: Run, out: RunPath) -> ExportCount:
    """Write the latest labels to the file ``out``.

    Raises StoreError where the run cannot be read or ``out`` cannot be written.
    """
    return _export(out, (label_line(label) for label in run.labels().labels))


def _export(out: RunPath, lines: Iterable[bytes | None]) -> ExportCount:
    counted = {"written": 0, "failed": 0}

    def whole_lines() -> Iterator[bytes]:
        for line in lines:
            counted["failed" if line is None else "written"] += 1
            if line is not None:
                yield line

    _write(out, whole_lines())
    return ExportCount(**counted)


def _write(out: RunPath, lines: Iterable[bytes]) -> None:
    path = os.fspath(out)
    if not is_url(path) and _must_stay(Path(path)):
        try:
            with Path(path).open("wb") as stream:
                stream.writelines(lines)
        except OSError as error:
            raise trouble("write", path, error) from error
        return
    directory, name = open_parent(path)
    directory.create()
    with directory.writing(name) as file:
        file.writelines(lines)


def _must_stay(path: Path) -> bool:
    """Say whether ``path`` is to be written through, not replaced.

    A rename would put a plain file in the place of a pipe, a device or a link to one:
    /dev/stdout is a link, and looks like a plain file while output is redirected to one.
    """
    return path.is_symlink() or (path.exists() and not path.is_file())


def _text_line(text: Text) -> bytes | None:
    if text.status == "failed":
        return None
    line: dict[str, Json] = {
        "prompt_id": text.prompt_id,
        "category": text.category,
        "prompt": text.prompt,
        "candidate": text.candidate,
        "sample": text.sample,
        "text": text.text,
    }
    history = json.loads(text.history)
    if text.turn != 1:
        line["turn"] = text.turn
    if history:
        line["history"] = history
    return _line(line, text.extra)


def _judgment_line(judgment: Judgment) -> bytes | None:
    if judgment.status == "failed":
        return None
    outcome = judgment.outcome
    value = outcome.score if isinstance(outcome, Scored) else None
    line: dict[str, Json] = {
        "prompt_id": judgment.prompt_id,
        "category": judgment.category,
        "candidate": judgment.candidate,
        "sample": judgment.sample,
        "criterion": judgment.criterion,
        "judge": judgment.judge,
        "mode": judgment.mode,
    }
    if judgment.mode == "pointwise":
        line |= {"score": value, "scale": list(judgment.scale)}
    else:
        line |= {"baseline": judgment.baseline, "order": judgment.order, "preference": value}
    if judgment.turn != 1:
        line["turn"] = judgment.turn
    if judgment.repeat:
        line["repeat"] = judgment.repeat
    reason = "" if isinstance(outcome, Scored) else outcome.reason
    remarks = {"rubric": judgment.rubric, "rationale": judgment.rationale, "reason": reason}
    line |= {name: text for name, text in remarks.items() if text}
    return _line(line, judgment.extra)


def _line(line: dict[str, Json], extra: str) -> bytes:
    more = {name: value for name, value in json.loads(extra).items() if name not in line}
    return json_line(line | more)
