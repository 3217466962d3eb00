"""Take interchange JSONL into a run: all of a file, or nothing of it.

Lines are read in bounded memory into a staging directory; DuckDB then looks for
contradictions, within the file and with the run; only then one part, made of what is new,
appears in the run. A local run is locked meanwhile, so two imports cannot contradict each
other unseen.
"""

# ruff: noqa: S608  names in SQL are those of the schema; paths are quoted

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from kojudge.errors import said
from kojudge.records import Json, Label
from kojudge.store import labels, parts, schema
from kojudge.store.database import Query, parquet, read_stream, read_table
from kojudge.store.entries import FIELDS, judgment_of, label_key, label_of, text_of
from kojudge.store.lines import LineError, Lines, problem_at, read_objects
from kojudge.store.run import Run
from kojudge.store.schema import SCHEMAS, Kind
from kojudge.store.storage import Directory, locked, open_directory, trouble

__all__ = ["ImportCount", "import_judgments", "import_labels", "import_texts"]

FilePath = str | os.PathLike[str]
Source = FilePath | Lines
"""A file of interchange JSONL, or the lines made from a file of another form."""

_STAGING = ".import-"
_LOCK = ".import.lock"
_CHUNK_LINES = 10_000


@dataclass(frozen=True, slots=True)
class ImportCount:
    """How many lines were ``added``, and how many were ``repeated``: there already."""

    added: int
    repeated: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """How lines of one kind enter: their record, what names them, what they say.

    ``held`` selects the rows of the run that a line can repeat or contradict; ``fresh``
    selects from ``new``, the staged rows the run does not hold, the rows to store.
    """

    kind: Kind
    record: Callable[[Mapping[str, Json]], Any]
    table: Callable[[Sequence[Any]], pa.Table]
    key: tuple[str, ...]
    content: tuple[str, ...]
    held: str
    fresh: str


_TEXTS = _Plan(
    kind="texts",
    record=text_of,
    table=schema.texts_table,
    key=("prompt_id", "candidate", "sample", "turn"),
    content=("category", "prompt", "text", "history", "extra"),
    held="SELECT * FROM texts WHERE status = 'ok'",
    fresh="SELECT * FROM new",
)

# A text that was imported is the one that was judged; without one, the only one is. A line
# without a category takes its text's, or that which all texts of its prompt share.
_LINKED_JUDGMENTS = """
    WITH known AS (
        SELECT prompt_id, candidate, sample, turn, min(category) AS category,
               coalesce(min(text_id) FILTER (WHERE origin = 'imported'),
                        CASE WHEN count(*) = 1 THEN min(text_id) END) AS text_id
        FROM texts WHERE status = 'ok' GROUP BY prompt_id, candidate, sample, turn),
    prompts AS (
        SELECT prompt_id, min(category) AS category FROM texts
        GROUP BY prompt_id HAVING count(DISTINCT category) = 1)
    SELECT new.* REPLACE (
        coalesce(mine.text_id, new.text_id) AS text_id,
        coalesce(theirs.text_id, new.baseline_text_id) AS baseline_text_id,
        coalesce(nullif(new.category, ''), mine.category, prompts.category, 'all') AS category)
    FROM new
    LEFT JOIN known AS mine ON mine.prompt_id = new.prompt_id AND mine.sample = new.sample
        AND mine.turn = new.turn AND mine.candidate = new.candidate
    LEFT JOIN known AS theirs ON theirs.prompt_id = new.prompt_id
        AND theirs.sample = new.sample AND theirs.turn = new.turn
        AND theirs.candidate = new.baseline
    LEFT JOIN prompts ON prompts.prompt_id = new.prompt_id
"""

_JUDGMENTS = _Plan(
    kind="judgments",
    record=judgment_of,
    table=schema.judgments_table,
    key=(
        *("prompt_id", "candidate", "sample", "turn", "criterion", "rubric", "judge", "mode"),
        *("baseline", "order", "repeat"),
    ),
    content=("status", "score", "reason", "scale_lo", "scale_hi", "rationale", "extra"),
    held="SELECT * FROM judgments WHERE status <> 'failed'",
    fresh=_LINKED_JUDGMENTS,
)


def import_texts(run: Run, file: Source) -> ImportCount:
    """Take in texts; raise InputError at file:line:field, having changed nothing.

    One (prompt_id, candidate, sample, turn) has one text: a line that says what the file or
    the run already says is counted as repeated, one that says something else is an error.
    """
    return _import(run, file, _TEXTS)


def import_judgments(run: Run, file: Source) -> ImportCount:
    """Take in judgments; raise InputError at file:line:field, having changed nothing.

    Their texts may be absent; those in the run are linked, so import texts first.
    """
    return _import(run, file, _JUDGMENTS)


def import_labels(run: Run, file: Source) -> ImportCount:
    """Take in human labels; raise InputError at file:line:field, having changed nothing.

    All distinct labels of the file are held in memory.
    """
    with _import_lock(run):
        held = {label_key(label): label for label in run.labels().labels}
        new: dict[tuple[object, ...], tuple[int, Label]] = {}
        lines = 0
        for line, label in _records(file, "labels", label_of):
            lines += 1
            key = label_key(label)
            if key in new and new[key][1] != label:
                raise problem_at(_path(file), line, _contradiction(_LABEL_KEY, new[key][0]))
            if key in held and held[key] != label:
                raise problem_at(_path(file), line, _conflict(_LABEL_KEY, run))
            if key not in held:
                new.setdefault(key, (line, label))
        if new:
            data = b"".join(labels.label_line(label) for _, label in new.values())
            labels.add_file(run.directory.child("labels"), "import", data)
    return ImportCount(len(new), lines - len(new))


_LABEL_KEY = ("rater", "prompt_id", "candidate", "sample", "criterion", "baseline")


def _import(run: Run, file: Source, plan: _Plan) -> ImportCount:
    with _import_lock(run), _staging(run) as staging:
        lines = _stage(file, plan, staging)
        _refuse_contradictions(run, file, plan, staging)
        _refuse_conflicts(run, file, plan, staging)
        added = _store(run, plan, staging)
    return ImportCount(added, lines - added)


def _path(file: Source) -> str:
    return file.path if isinstance(file, Lines) else os.fspath(file)


def _records(
    file: Source, kind: str, record: Callable[[Mapping[str, Json]], Any]
) -> Iterator[tuple[int, Any]]:
    for line, data in file.objects if isinstance(file, Lines) else read_objects(file):
        try:
            yield line, record(data)
        except LineError as error:
            error.hint = error.hint or FIELDS[kind]
            raise problem_at(_path(file), line, error) from error


def _stage(file: Source, plan: _Plan, staging: Directory) -> int:
    """Write the file's records, with their line numbers, to ``staging``; count them."""
    count = 0
    chunk: list[tuple[int, Any]] = []
    for item in _records(file, plan.kind, plan.record):
        chunk.append(item)
        count += 1
        if len(chunk) == _CHUNK_LINES:
            _stage_chunk(chunk, plan, staging)
            chunk = []
    if chunk:
        _stage_chunk(chunk, plan, staging)
    return count


def _stage_chunk(chunk: list[tuple[int, Any]], plan: _Plan, staging: Directory) -> None:
    table = plan.table([record for _, record in chunk])
    table = table.append_column("line", pa.array([line for line, _ in chunk], pa.int64()))
    parts.write_part(staging, table.to_batches(), table.schema)


def _refuse_contradictions(run: Run, file: Source, plan: _Plan, staging: Directory) -> None:
    """Raise InputError where two lines of the file say different things of one key."""
    sql = f"""
        {_with_staged(plan, staging)}
        SELECT firsts.line AS first, staged.line FROM staged JOIN firsts ON {_same_key(plan)}
        WHERE staged.line > firsts.line AND NOT ({_same("staged", "firsts", plan, True)})
        ORDER BY staged.line LIMIT 1
    """
    for row in read_table(run.directory, Query(sql, kinds=())).to_pylist():
        raise problem_at(_path(file), row["line"], _contradiction(plan.key, row["first"]))


def _refuse_conflicts(run: Run, file: Source, plan: _Plan, staging: Directory) -> None:
    """Raise InputError where a line contradicts what the run holds."""
    sql = f"""
        {_with_staged(plan, staging)}, held AS ({plan.held})
        SELECT firsts.line FROM firsts JOIN held ON {_same_key(plan, "firsts", "held")}
        GROUP BY firsts.line HAVING NOT bool_or({_same("firsts", "held", plan, False)})
        ORDER BY firsts.line LIMIT 1
    """
    for row in read_table(run.directory, Query(sql)).to_pylist():
        raise problem_at(_path(file), row["line"], _conflict(plan.key, run))


def _store(run: Run, plan: _Plan, staging: Directory) -> int:
    """Write what the run does not hold as one part, and count its rows."""
    columns = ", ".join(f'"{name}"' for name in SCHEMAS[plan.kind].names)
    sql = f"""
        {_with_staged(plan, staging)}, held AS ({plan.held}),
        new AS (SELECT * FROM firsts WHERE NOT EXISTS (
            SELECT 1 FROM held WHERE {_same_key(plan, "firsts", "held")}))
        SELECT {columns} FROM ({plan.fresh}) ORDER BY line
    """
    stream = read_stream(run.directory, Query(sql))
    return parts.write_part(run.directory.child(plan.kind), stream.batches, SCHEMAS[plan.kind])


def _with_staged(plan: _Plan, staging: Directory) -> str:
    source = parquet(staging, parts.list_parts(staging))
    key = ", ".join(f'"{name}"' for name in plan.key)
    return f"""
        WITH staged AS (SELECT * FROM {source}),
        firsts AS (SELECT * FROM staged
                   QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY line) = 1)
    """


def _same_key(plan: _Plan, one: str = "staged", other: str = "firsts") -> str:
    return " AND ".join(_equal(one, other, name) for name in plan.key)


def _same(one: str, other: str, plan: _Plan, in_file: bool) -> str:
    """Return SQL that says whether two rows of one key say the same.

    The category a judgment takes from its text is not part of what its line says.
    """
    names = [*plan.content, "category"] if in_file else plan.content
    return " AND ".join(_equal(one, other, name) for name in names)


def _equal(one: str, other: str, name: str) -> str:
    return f'{one}."{name}" IS NOT DISTINCT FROM {other}."{name}"'


def _contradiction(key: Sequence[str], first: int) -> LineError:
    listed = ", ".join(key)
    return LineError(
        key[0],
        said(
            f"{first}번째 줄과 ({listed})가 같은데 내용이 다릅니다.",
            f"has the same ({listed}) as line {first}, but says something else.",
        ),
        said(
            "두 줄 가운데 하나를 지우거나, 따로 뽑은 결과라면 sample 번호를 다르게 매기세요.",
            "Delete one of the two lines, or give separate draws different sample numbers.",
        ),
    )


def _conflict(key: Sequence[str], run: Run) -> LineError:
    listed = ", ".join(key)
    return LineError(
        key[0],
        said(
            f"실행 폴더 {run.path}에 ({listed})가 같고 내용이 다른 항목이 이미 있습니다.",
            f"the run {run.path} already holds other content for the same ({listed}).",
        ),
        said(
            "이 줄을 고치거나, --run 옵션으로 새 폴더를 지정해 들여오세요.",
            "Mend the line, or import into a new run with --run.",
        ),
    )


@contextmanager
def _import_lock(run: Run) -> Iterator[None]:
    local = run.directory.local
    with nullcontext() if local is None else locked(local / _LOCK):
        yield


@contextmanager
def _staging(run: Run) -> Iterator[Directory]:
    """Make a hidden directory and remove it afterwards, with any a killed import left."""
    parent = run.directory.local
    if parent is not None:
        for left in parent.glob(f"{_STAGING}*/"):  # the lock is held: nobody else uses it
            shutil.rmtree(left, ignore_errors=True)
    try:
        path = Path(tempfile.mkdtemp(prefix=_STAGING, dir=parent))
    except OSError as error:
        raise trouble("write", str(parent), error) from error
    try:
        yield open_directory(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)
