"""SQL over a run's parts with an in-memory DuckDB.

Each read lists the parts, binds views to exactly those and runs one query. A compaction
may remove a listed part before it is opened: then the parts are listed again, for what
they held is in a new part.
"""

# ruff: noqa: S608  names in SQL are those of the schema; paths are quoted, values are bound

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from kojudge.errors import StoreError, said
from kojudge.store import parts
from kojudge.store.schema import KEYS, SCHEMAS, Kind
from kojudge.store.storage import Directory

__all__ = ["Query", "Stream", "parquet", "read_stream", "read_table", "winners"]

_MEMORY_LIMIT = "1GB"
_BATCH_ROWS = 8192
_ATTEMPTS = 20

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Query:
    """One SQL query over the views of ``kinds``.

    For each kind there are two views: its name (one row a key), and ``<kind>_parts`` (every
    stored row, with ``part_index`` and ``row_index``). ``tables`` are Arrow tables to join
    with.
    """

    sql: str
    parameters: Sequence[object] | Mapping[str, object] = ()
    kinds: tuple[Kind, ...] = ("texts", "judgments")
    tables: Mapping[str, pa.Table] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stream:
    """Rows on their way, and the names of the parts that they were read from."""

    listed: Mapping[Kind, Sequence[str]]
    batches: Iterator[pa.RecordBatch]


def read_table(root: Directory, query: Query) -> pa.Table:
    """Run ``query`` over the run at ``root`` and return all its rows."""
    connection, table, _ = _attempt(root, query, lambda relation: relation.to_arrow_table())
    connection.close()
    return table


def read_stream(root: Directory, query: Query) -> Stream:
    """Run ``query`` and return its rows, to be taken some thousand at a time.

    The query must sort or deduplicate, so that all parts are read before its first row.
    """
    connection, reader, listed = _attempt(
        root, query, lambda relation: relation.to_arrow_reader(_BATCH_ROWS)
    )
    return Stream(listed, _drained(root, connection, reader))


def _drained(
    root: Directory, connection: duckdb.DuckDBPyConnection, reader: pa.RecordBatchReader
) -> Iterator[pa.RecordBatch]:
    try:
        yield from reader
    except (duckdb.Error, pa.ArrowException, OSError) as error:  # the disk it spills to is full
        raise _unreadable(root, error) from error
    finally:
        connection.close()


def winners(kind: Kind) -> str:
    """Return the SQL of the rows that count: the best of each key.

    A finished row beats an unscored one, which beats a failed one; then the earliest part
    wins, then the earliest row in it.
    """
    return f"""
        SELECT * FROM {kind}_parts
        QUALIFY row_number() OVER (
            PARTITION BY {KEYS[kind]}
            ORDER BY CASE status WHEN 'ok' THEN 0 WHEN 'scored' THEN 0 WHEN 'unscored' THEN 1
                     ELSE 2 END, part_index, row_index) = 1
    """


def parquet(directory: Directory, names: Sequence[str]) -> str:
    """Return the SQL that reads the parts ``names``, of which there is at least one."""
    quoted = ("'" + directory.url(name).replace("'", "''") + "'" for name in names)
    # A run under a directory such as category=blog must keep its own category column.
    options = "union_by_name = true, hive_partitioning = false"
    return f"read_parquet([{', '.join(quoted)}], {options})"


def _attempt(
    root: Directory, query: Query, run: Callable[[Any], Result]
) -> tuple[duckdb.DuckDBPyConnection, Result, Mapping[Kind, Sequence[str]]]:
    for _ in range(_ATTEMPTS):
        listed = {kind: parts.list_parts(root.child(kind)) for kind in query.kinds}
        connection = _connect()
        try:
            _bind(connection, root, query, listed)
            relation = connection.sql(query.sql, params=query.parameters or None)
            return connection, run(relation), listed
        except duckdb.Error as error:
            connection.close()
            problem = _diagnosis(root, listed, error)
            if problem is not None:
                raise problem from error
        except BaseException:
            connection.close()
            raise
    raise StoreError(
        said(
            f"{root}: 다른 작업이 part 파일을 계속 합치고 있어 읽지 못했습니다.",
            f"{root}: cannot be read, for another process keeps merging its parts.",
        ),
        said(
            "그 작업이 끝난 뒤 같은 명령을 다시 실행하세요.",
            "Run the same command again when that process has ended.",
        ),
    )


def _connect() -> duckdb.DuckDBPyConnection:
    spill = Path(tempfile.gettempdir()) / f"kojudge-{os.getpid()}-{secrets.token_hex(4)}"
    return duckdb.connect(
        ":memory:",
        config={
            # Nothing is fetched from the network to answer a query.
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": _MEMORY_LIMIT,
            "temp_directory": str(spill),
            # A name in SQL means a view, never a Python variable that happens to be in scope.
            "python_enable_replacements": False,
        },
    )


def _bind(
    connection: duckdb.DuckDBPyConnection,
    root: Directory,
    query: Query,
    listed: Mapping[Kind, Sequence[str]],
) -> None:
    root.register(connection)
    for kind in query.kinds:
        _create_views(connection, root.child(kind), kind, listed[kind])
    for name, table in query.tables.items():
        connection.register(name, table)


def _create_views(
    connection: duckdb.DuckDBPyConnection, directory: Directory, kind: Kind, names: Sequence[str]
) -> None:
    schema = SCHEMAS[kind]
    columns = ", ".join(f'"{name}"' for name in schema.names)
    connection.register(f"{kind}_none", schema.empty_table())
    source = f"SELECT *, NULL::BIGINT AS part_index, NULL::BIGINT AS row_index FROM {kind}_none"
    if names:
        # The empty table types the columns that every one of the parts may lack.
        source = f"""
            SELECT * FROM {kind}_none UNION ALL BY NAME
            SELECT *, file_index AS part_index, file_row_number AS row_index
            FROM {parquet(directory, names)}
        """
    connection.execute(
        f"CREATE TEMP VIEW {kind}_parts AS SELECT {columns}, part_index, row_index FROM ({source})"
    )
    connection.execute(f"CREATE TEMP VIEW {kind} AS SELECT {columns} FROM ({winners(kind)})")


def _diagnosis(
    root: Directory, listed: Mapping[Kind, Sequence[str]], error: duckdb.Error
) -> StoreError | None:
    """Say why a query failed, or ``None`` where parts were merged away under it."""
    for kind, names in listed.items():
        if not set(names) <= set(parts.list_parts(root.child(kind))):
            return None
        broken = parts.broken_part(root.child(kind), names)
        if broken is not None:
            return broken
    return _unreadable(root, error)


def _unreadable(root: Directory, error: Exception) -> StoreError:
    return StoreError(
        said(f"{root}: 조회하지 못했습니다. 원인: {error}", f"{root}: the query failed: {error}"),
        said(
            "메모리가 모자란 것이라면 `kojudge compact`로 part 파일을 합친 뒤 다시 실행하세요.",
            "If memory ran out, merge the parts with `kojudge compact` and try again.",
        ),
    )
