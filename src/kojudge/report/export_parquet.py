"""A run's texts or judgments as one Parquet file, every column kept."""

from __future__ import annotations

import os
from typing import Literal

from kojudge.store.run import Run
from kojudge.store.schema import SCHEMAS
from kojudge.store.storage import RunPath, open_parent

__all__ = ["export_parquet"]

_ORDER = {"texts": "text_id", "judgments": "judgment_id"}


def export_parquet(run: Run, kind: Literal["texts", "judgments"], out: RunPath) -> int:
    """Write the rows that count to the file ``out``, a path or URL; return how many.

    The columns are those of :mod:`kojudge.store.schema`. Failed items are rows too: their
    ``status`` and ``reason`` say so.

    Raises:
        StoreError: the run cannot be read or ``out`` cannot be written.
    """
    import pyarrow.parquet as pq

    columns = ", ".join(f'"{name}"' for name in SCHEMAS[kind].names)
    table = run.query(f"SELECT {columns} FROM {kind} ORDER BY {_ORDER[kind]}")  # noqa: S608
    directory, name = open_parent(os.fspath(out))
    directory.create()
    with directory.writing(name) as file:
        pq.write_table(table.cast(SCHEMAS[kind]), file, compression="zstd")
    return int(table.num_rows)
