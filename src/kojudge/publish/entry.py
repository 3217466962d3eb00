"""One published run: what it is made of, and how it lies in a site.

    runs/SLUG/results.json  report.html  comparisons.csv  run.json

``report.html`` is the run's own page with links to the files beside it. ``run.json`` is
written last: a folder without it is one that was never finished.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kojudge.errors import StoreError, said
from kojudge.publish.linked import linked_report
from kojudge.records import identity
from kojudge.report.export_csv import comparisons_csv
from kojudge.report.file_names import file_name
from kojudge.report.results_file import RESULTS, parse_results
from kojudge.store import manifest, parts
from kojudge.store.schema import clean
from kojudge.store.storage import Directory, RunPath, open_directory

__all__ = [
    "ABOUT",
    "CSV",
    "INDEX",
    "REPORT",
    "Entry",
    "Source",
    "read_entry",
    "read_source",
    "write_entry",
]

SCHEMA = "kojudge.published/1"
ABOUT, REPORT, CSV = "run.json", "report.html", "comparisons.csv"
INDEX = "index.html"
"""The site's own page, two folders above a run's files."""
_KINDS = ("texts", "judgments")
_TIMED = re.compile(r"part-(\d{20})-")
_SLUG = re.compile(r"[A-Za-z0-9가-힣_][A-Za-z0-9가-힣._-]*")

Criteria = Mapping[str, tuple[str, str]]
"""A criterion's Korean and English name."""


@dataclass(frozen=True, slots=True)
class Source:
    """A run to be published. ``older``: its page is older than its results."""

    slug: str
    name: str
    date: datetime
    criteria: Criteria
    results: bytes
    report: bytes
    older: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A run as it lies in the site; ``date`` is in UTC."""

    slug: str
    name: str
    date: datetime
    criteria: Criteria
    results: Mapping[str, Any]

    def link(self, file: str) -> str:
        """Return the address of ``file`` relative to the index."""
        return f"runs/{self.slug}/{file}"


def read_source(run_path: RunPath, criteria: Criteria) -> Source:
    """Read the run at ``run_path``, which must have its report.

    A run is known by its name and by when it began: with its first command, or with the first
    texts or judgments it holds where they were imported. So publishing it again replaces it,
    while the next checkpoint's ``runs/main`` stands beside the last one's.

    Raises:
        StoreError: results.json or report.html is missing or cannot be read.
    """
    directory = open_directory(run_path)
    results, report = directory.read(RESULTS), directory.read(REPORT)
    if results is None or report is None:
        raise _no_report(directory, RESULTS if results is None else REPORT)
    parse_results(results, directory.url(RESULTS))
    name = str(directory).rstrip("/").rsplit("/", 1)[-1] or "run"
    starts = [start for start in (_first_command(run_path), _first_part(directory)) if start]
    if starts:
        date = min(starts)  # texts may have been imported before the first command
        known_by = date.isoformat(timespec="milliseconds")
    else:  # a report alone: what it says is all that tells it apart
        date, known_by = _written(directory), hashlib.sha256(results).hexdigest()
    slug = f"{file_name(name)}-{identity(['run', name, known_by])[:6]}"
    return Source(slug, name, date, criteria, results, report, _is_older(directory))


def write_entry(site: Path, source: Source) -> bool:
    """Put ``source`` into the folder ``site``; return whether it replaces an earlier one.

    Raises:
        StoreError: it cannot be written.
    """
    folder = open_directory(site / "runs" / source.slug)
    replaces = folder.read(ABOUT) is not None
    folder.create()
    about = {
        "schema": SCHEMA,
        "name": source.name,
        "date": source.date.isoformat(timespec="seconds"),
        "criteria": {name: list(names) for name, names in sorted(source.criteria.items())},
    }
    results = parse_results(source.results, str(folder))
    for name, data in (
        (REPORT, linked_report(source.report, (RESULTS, CSV), f"../../{INDEX}")),
        (CSV, comparisons_csv(results)),
        (RESULTS, source.results),
        (ABOUT, clean(json.dumps(about, ensure_ascii=False, indent=1)).encode() + b"\n"),
    ):
        with folder.writing(name) as file:
            file.write(data)
    return replaces


def read_entry(site: Path, slug: str) -> Entry:
    """Return the run ``slug`` of the folder ``site``.

    Raises:
        StoreError: a file of it is missing or broken.
    """
    folder = open_directory(site / "runs" / slug)
    data, results = folder.read(ABOUT), folder.read(RESULTS)
    if data is None or results is None:
        raise _broken(folder.url(ABOUT if data is None else RESULTS), "there is no such file")
    try:
        about = json.loads(data.decode("utf-8"))
        if not _SLUG.fullmatch(slug):
            raise ValueError("the folder's name is not one that kojudge gives")
        if about["schema"] != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        date = _date(about["date"])
        if date is None:
            raise ValueError("date is no date")
        criteria = {str(c): (str(ko), str(en)) for c, (ko, en) in about["criteria"].items()}
        name = str(about["name"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _broken(folder.url(ABOUT), str(error)) from error
    return Entry(slug, name, date, criteria, parse_results(results, folder.url(RESULTS)))


def _first_command(run_path: RunPath) -> datetime | None:
    """Return when the run's first command started; imports are no commands."""
    commands = manifest.read(run_path).get("commands", ())
    return next((_date(one.get("started")) for one in commands), None)


def _first_part(directory: Directory) -> datetime | None:
    """Return when the first texts or judgments were stored, where the names of parts tell.

    They tell it wherever the run has been copied to since. To the millisecond: compacting a
    run names its parts a nanosecond earlier.
    """
    names = [n for kind in _KINDS for n in parts.list_parts(directory.child(kind))]
    times = [int(found[1]) for name in names if (found := _TIMED.match(name))]
    return datetime.fromtimestamp(min(times) // 10**6 / 1000, UTC) if times else None


def _date(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def _written(directory: Directory) -> datetime:
    """Return when the results were written, where nothing tells when the run began."""
    if directory.local is None:
        return datetime.now(UTC)
    return datetime.fromtimestamp((directory.local / RESULTS).stat().st_mtime, UTC)


def _is_older(directory: Directory) -> bool:
    if directory.local is None:
        return False
    page, results = ((directory.local / name).stat().st_mtime_ns for name in (REPORT, RESULTS))
    return page < results


def _no_report(directory: Directory, missing: str) -> StoreError:
    return StoreError(
        said(f"{directory}: 발행할 {missing}이(가) 없습니다.",
             f"{directory}: no {missing} to publish."),
        said(f"먼저 `kojudge report --run {directory}`를 실행하세요.",
             f"Run `kojudge report --run {directory}` first."),
    )  # fmt: skip


def _broken(where: str, cause: str) -> StoreError:
    return StoreError(
        said(f"{where}: 발행된 실행을 읽을 수 없습니다. 원인: {cause}.",
             f"{where}: the published run cannot be read: {cause}."),
        said("그 실행을 다시 발행하거나 폴더를 지우세요.",
             "Publish that run again, or remove its folder."),
    )  # fmt: skip
