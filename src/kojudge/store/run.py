"""A run: the texts, judgments and labels that one directory holds."""

# ruff: noqa: S608  names in SQL are those of the schema; values are bound

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from kojudge.errors import StoreError, said
from kojudge.records import Evidence, Judgment, Label, Text
from kojudge.store import labels, manifest, parts, schema
from kojudge.store.database import Query, Stream, read_stream, read_table, winners
from kojudge.store.schema import KEYS, SCHEMAS, Kind
from kojudge.store.storage import Directory, RunPath, open_directory, trouble

__all__ = ["Run"]

_CONTENTS = frozenset({manifest.MANIFEST, "texts", "judgments", "labels"})
_FINISHED: Mapping[Kind, str] = {
    "texts": "('ok')",
    "judgments": "('scored', 'unscored')",
    "evidence": "('ok')",
}
_TEXT_ORDER = "category, prompt_name, prompt_id, candidate, sample, turn, text_id"
_JUDGMENT_ORDER = (
    'category, prompt_id, candidate, sample, turn, criterion, judge, rubric, mode, "order", '
    "repeat, judgment_id"
)
_ABANDONED_SECONDS = 24 * 3600.0


class Run:
    """Append to and read one run. Several processes may do so at once, without locks.

    Every method raises StoreError where the run cannot be read or written.
    """

    def __init__(self, directory: Directory) -> None:
        self.directory = directory

    @classmethod
    def open(cls, path: RunPath, create: bool = False) -> Run:
        """Open the run at a local path or fsspec URL; with ``create``, make it if missing.

        Raises StoreError where there is no run (and ``create`` is off), where it cannot be
        made, or (with ``create``) where it cannot be written.
        """
        directory = open_directory(path)
        found = not _CONTENTS.isdisjoint(directory.names())
        if not found and not create:
            raise _missing(directory)
        if create:
            directory.create()
            _check_writable(directory)
            if directory.read(manifest.MANIFEST) is None:
                manifest.update(path, lambda _: None)
        return cls(directory)

    @property
    def path(self) -> str:
        """The path or URL of the run."""
        return str(self.directory)

    def append_texts(self, texts: Sequence[Text]) -> None:
        """Store ``texts`` as one part, whole or not at all; none make no part."""
        self._append("texts", schema.texts_table(texts))

    def append_judgments(self, judgments: Sequence[Judgment]) -> None:
        """Store ``judgments`` as one part, whole or not at all; none make no part."""
        self._append("judgments", schema.judgments_table(judgments))

    def append_evidence(self, found: Sequence[Evidence]) -> None:
        """Store the Korean evidence of texts as one part, whole or not at all."""
        self._append("evidence", schema.evidence_table(found))

    def append_labels(self, rater: str, opinions: Sequence[Label]) -> None:
        """Add a rater's labels, on disk for good when this returns. The latest opinion counts."""
        labels.append(self.directory.child("labels"), rater, opinions)

    def texts(self, text_ids: Iterable[str] | None = None) -> Iterator[Text]:
        """Yield the texts (all, or those of ``text_ids``), failed ones too.

        Their order is by category, prompt_name, prompt_id, candidate, sample and turn.
        """
        for row in self._rows("texts", text_ids, _TEXT_ORDER):
            yield schema.text_from(row)

    def judgments(self, judgment_ids: Iterable[str] | None = None) -> Iterator[Judgment]:
        """Yield the judgments (all, or those of ``judgment_ids``), failed ones too.

        Their order is by category, prompt_id, candidate, sample, turn, criterion, judge,
        rubric, mode, order and repeat.
        """
        for row in self._rows("judgments", judgment_ids, _JUDGMENT_ORDER):
            yield schema.judgment_from(row)

    def evidence(self, evidence_ids: Iterable[str]) -> Iterator[Evidence]:
        """Yield the stored evidence of ``evidence_ids``, by id."""
        for row in self._rows("evidence", evidence_ids, "evidence_id"):
            yield schema.evidence_from(row)

    def labels(self) -> labels.StoredLabels:
        """Return the latest label of each rater about each item, with what was torn."""
        return labels.read(self.directory.child("labels"))

    def pending(self, kind: Kind, keys: Sequence[str]) -> list[str]:
        """Return which of ``keys`` are still to be made, in their order, each once.

        Finished are texts that are ok, and judgments scored or unscored; what failed is
        asked again.
        """
        wanted = list(dict.fromkeys(keys))
        table = _key_table(wanted).append_column("place", pa.array(range(len(wanted)), pa.int64()))
        sql = f"""
            SELECT place FROM wanted
            WHERE NOT EXISTS (
                SELECT 1 FROM {kind}_parts AS done
                WHERE done.{KEYS[kind]} = wanted.key AND done.status IN {_FINISHED[kind]})
            ORDER BY place
        """
        answer = read_table(self.directory, Query(sql, kinds=(kind,), tables={"wanted": table}))
        return [wanted[place] for place in answer["place"].to_pylist()]

    def query(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> pa.Table:
        """Run SQL over the views ``texts`` and ``judgments``, which have one row a key.

        Of rows with one key, ok or scored beats unscored, which beats failed; then the
        earliest part wins, then the earliest row in it. Columns are those of
        :mod:`kojudge.store.schema`; ``parameters`` fill ``?`` or ``$name``.
        """
        return read_table(self.directory, Query(sql, parameters))

    def counts(self) -> dict[Kind, dict[str, int]]:
        """Return the number of texts and judgments of each status, 0 for statuses unseen."""
        counted: dict[Kind, dict[str, int]] = {
            "texts": {"ok": 0, "failed": 0},
            "judgments": {"scored": 0, "unscored": 0, "failed": 0},
        }
        for kind, by_status in counted.items():
            sql = f"SELECT status, count(*) AS rows FROM {kind} GROUP BY status"
            for row in read_table(self.directory, Query(sql, kinds=(kind,))).to_pylist():
                by_status[row["status"]] = row["rows"]
        return counted

    def compact(self) -> dict[Kind, int]:
        """Merge the parts of each kind into one; return how many each kind had before.

        Only the rows that count are kept. The merged part is in place before the old ones
        go, and sorts before them, so a kill at any moment changes no answer, and parts
        appended meanwhile stay.
        """
        return {kind: self._compact(kind) for kind in SCHEMAS}

    def _append(self, kind: Kind, table: pa.Table) -> None:
        parts.write_part(self.directory.child(kind), table.to_batches(), SCHEMAS[kind])

    def _rows(self, kind: Kind, keys: Iterable[str] | None, order: str) -> Iterator[dict[str, Any]]:
        tables = {} if keys is None else {"wanted": _key_table(keys)}
        chosen = f"WHERE {KEYS[kind]} IN (SELECT key FROM wanted)" if tables else ""
        sql = f"SELECT * FROM {kind} {chosen} ORDER BY {order}"
        stream = read_stream(self.directory, Query(sql, kinds=(kind,), tables=tables))
        for batch in stream.batches:
            yield from batch.to_pylist()

    def _compact(self, kind: Kind) -> int:
        directory = self.directory.child(kind)
        directory.remove_abandoned(_ABANDONED_SECONDS)
        if len(parts.list_parts(directory)) < 2:
            return len(parts.list_parts(directory))
        stream = self._winning_rows(kind)
        old = stream.listed[kind]
        parts.write_part(directory, stream.batches, SCHEMAS[kind], parts.name_before(old))
        # The last goes first: whichever remain after a kill, the earliest row still wins.
        for name in reversed(old):
            directory.remove(name)
        return len(old)

    def _winning_rows(self, kind: Kind) -> Stream:
        columns = ", ".join(f'"{name}"' for name in SCHEMAS[kind].names)
        sql = f"SELECT {columns} FROM ({winners(kind)}) ORDER BY part_index, row_index"
        return read_stream(self.directory, Query(sql, kinds=(kind,)))


def _key_table(keys: Iterable[str]) -> pa.Table:
    return pa.table({"key": pa.array([schema.clean(key) for key in keys], pa.string())})


def _missing(directory: Directory) -> StoreError:
    return StoreError(
        said(f"{directory}: 실행 폴더가 없습니다.", f"{directory}: there is no run here."),
        said(
            f"글을 새로 만들려면 `kojudge generate --run {directory}`, 가진 글을 들여오려면 "
            f"`kojudge import --run {directory} --texts 파일`을 실행하세요.",
            f"Make texts with `kojudge generate --run {directory}`, or bring your own with "
            f"`kojudge import --run {directory} --texts FILE`.",
        ),
    )


def _check_writable(directory: Directory) -> None:
    """Fail before hours of work, not after them, where the run is read-only."""
    if directory.local is None:
        return
    for name in ("", "texts", "judgments", "evidence", "labels"):
        path = directory.local / name
        if path.exists() and not os.access(path, os.W_OK):
            refused = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            raise trouble("write", str(path), refused)
