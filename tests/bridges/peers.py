"""Take peers' files into a run and out again, as the command line does."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from kojudge.bridges.base import Converted
from kojudge.bridges.exports import Exported
from kojudge.records import Judgment, Scored, Unscored
from kojudge.store.interchange import (
    ImportCount,
    import_judgments,
    import_labels,
    import_texts,
)
from kojudge.store.run import Run

Line = dict[str, Any]
SHARED = Path(os.environ.get("KOJUDGE_SHARED", Path(__file__).resolve().parents[3] / "shared"))
with_data = pytest.mark.skipif(
    not (SHARED / "data").is_dir(),
    reason="the real files are not beside this checkout (../shared/data or KOJUDGE_SHARED)",
)


def lines_file(path: Path, records: Iterable[Line], *, bom: bool = False) -> str:
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8-sig" if bom else "utf-8")
    return str(path)


def array_file(path: Path, records: Iterable[Line]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([*records], ensure_ascii=False, indent=2), encoding="utf-8")
    return str(path)


def read_lines(path: Path | str) -> list[Line]:
    text = Path(path).read_text(encoding="utf-8-sig")
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def take(run: Run, converted: Converted) -> ImportCount:
    """Import all of it; return how much was new, and how much was there already."""
    counts = [import_texts(run, lines) for lines in converted.texts]
    counts += [import_judgments(run, lines) for lines in converted.judgments]
    counts += [import_labels(run, lines) for lines in converted.labels]
    return ImportCount(sum(c.added for c in counts), sum(c.repeated for c in counts))


def given(exported: Exported) -> dict[str, list[Line]]:
    """Return the records by the path of their file."""
    files = ["/".join((*file.folders, file.name + file.suffix)) for file in exported.files]
    assert len(set(files)) == len(files), "one file would overwrite another"
    return {name: file.records for name, file in zip(files, exported.files, strict=True)}


def value(judgment: Judgment) -> float | None:
    return judgment.outcome.score if isinstance(judgment.outcome, Scored) else None


def reason(judgment: Judgment) -> str:
    assert isinstance(judgment.outcome, Unscored)
    return judgment.outcome.reason


def same(one: Iterable[Line], other: Iterable[Line]) -> bool:
    """Whether two files hold the same records, in any order."""
    return sorted(map(canonical, one)) == sorted(map(canonical, other))


def canonical(record: Line) -> str:
    return json.dumps(_plain(record), ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:
    """JSON does not tell 8 from 8.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
