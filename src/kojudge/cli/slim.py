"""A table without frame for terminals of 80 columns: names stay whole where they can."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from kojudge.errors import Language, Said

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["slim_table"]

_WIDEST_NAME = 36


def slim_table(
    title: Said, headings: Sequence[Said], names: Collection[str], language: Language
) -> Table:
    """Return a table whose first column holds ``names``; only that column folds.

    A name folds beyond 36 columns. The other columns must leave it that much of 80.
    """
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table

    table = Table(
        title=title.in_(language), title_justify="left", box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0), pad_edge=False, show_edge=False,
    )  # fmt: skip
    whole = min(_WIDEST_NAME, max(map(cell_len, names), default=0))
    table.add_column(headings[0].in_(language), overflow="fold", min_width=whole)
    for heading in headings[1:]:
        table.add_column(heading.in_(language), no_wrap=True)
    return table
