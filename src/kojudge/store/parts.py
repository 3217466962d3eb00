"""Parquet parts: the immutable files that a run is made of.

Each append is a new part with a name no other process can have, so writers need no lock.
Names sort by the time they were made; among rows of equal worth the earliest part wins.
"""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as pq

from kojudge.errors import StoreError, said
from kojudge.store.storage import Directory

__all__ = ["broken_part", "list_parts", "name_before", "part_name", "write_part"]

_PART = re.compile(r"part-.*\.parquet")
_TIMED = re.compile(r"part-(\d{20})-[0-9a-f]{8}\.parquet")


def part_name(time_ns: int | None = None) -> str:
    """Return a new name: ``part-<20 digits of time in ns>-<8 random hex digits>.parquet``."""
    stamp = time.time_ns() if time_ns is None else time_ns
    return f"part-{stamp:020d}-{secrets.token_hex(4)}.parquet"


def name_before(names: Iterable[str]) -> str:
    """Return a new name that sorts before all ``names`` that kojudge made."""
    times = [int(match[1]) for name in names if (match := _TIMED.fullmatch(name))]
    return part_name(max(min(times, default=0) - 1, 0))


def list_parts(directory: Directory) -> list[str]:
    """Return the names of the parts in ``directory``, sorted; temporary files are not parts."""
    return [name for name in directory.names() if _PART.fullmatch(name)]


def write_part(
    directory: Directory,
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    name: str | None = None,
) -> int:
    """Write ``batches`` as one part, atomically, and return its number of rows.

    No part is made of no rows. A local write holds one batch in memory; a remote one holds
    the compressed part. Raises StoreError, and leaves nothing behind, where it fails.
    """
    filled = (batch for batch in batches if batch.num_rows)
    first = next(filled, None)
    if first is None:
        return 0
    rows = 0
    directory.create()
    with directory.writing(name or part_name()) as file:
        # Page checksums let a damaged part be told from a sound one.
        writer = pq.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True)
        with writer:
            for batch in itertools.chain([first], filled):
                writer.write_table(pa.Table.from_batches([batch]).cast(schema))
                rows += batch.num_rows
    return rows


def broken_part(directory: Directory, names: Iterable[str]) -> StoreError | None:
    """Read the parts through and return the error of the first that is damaged, if any."""
    for name in names:
        file = directory.open(name)
        if file is None:  # removed by a compaction meanwhile
            continue
        try:
            with file, pq.ParquetFile(file, page_checksum_verification=True) as part:
                for _ in part.iter_batches():
                    pass
        except (pa.ArrowException, OSError) as error:
            return _damaged(directory.url(name), error)
    return None


def _damaged(path: str, error: Exception) -> StoreError:
    cause = str(error).strip().splitlines()[0]
    return StoreError(
        said(
            f"{path}: part 파일이 손상되어 읽을 수 없습니다. 원인: {cause}",
            f"{path}: this part is damaged and cannot be read: {cause}",
        ),
        said(
            "이 파일을 실행 폴더 밖으로 옮기고 같은 명령을 다시 실행하세요. "
            "그 안에 있던 항목만 다시 만듭니다.",
            "Move the file out of the run and run the same command again; "
            "only the items it held will be asked again.",
        ),
    )
