"""What every bridge takes and gives.

A bridge is a module with ``convert(files: Files) -> Converted``. It reads lazily: opening a
file and finding its first error may wait until the lines are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, cast

from kojudge.errors import Said

if TYPE_CHECKING:  # the command line reads FORMATS, and must not load the store for it
    from kojudge.store.interchange import Lines

FORMATS = {
    "logickor": "kojudge.bridges.logickor",
    "mt-bench": "kojudge.bridges.mt_bench",
    "alpaca-eval": "kojudge.bridges.alpaca_eval",
    "lm-eval": "kojudge.bridges.lm_eval",
    "hf": "kojudge.bridges.huggingface",
}
"""The module of each format, loaded when it is asked for."""


@dataclass(frozen=True, slots=True)
class Named:
    """What the user says where a format does not: empty means not said.

    ``columns`` are ``FIELD=COLUMN`` or ``FIELD:=VALUE``, for formats whose columns have any
    names.
    """

    candidate: str = ""
    judge: str = ""
    criterion: str = ""
    baseline: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one import, as given: paths, or what the format takes in their place."""

    prompts: Sequence[str] = ()
    texts: Sequence[str] = ()
    judgments: Sequence[str] = ()
    labels: Sequence[str] = ()
    named: Named = field(default_factory=Named)


@dataclass(frozen=True, slots=True)
class Converted:
    """Interchange lines, one :class:`Lines` a file, to be imported in this order.

    ``left_out`` is called once all lines were drawn and says what has no place in a run,
    with counts; nothing is left out unsaid.
    """

    texts: Sequence[Lines] = ()
    judgments: Sequence[Lines] = ()
    labels: Sequence[Lines] = ()
    left_out: Callable[[], Sequence[Said]] = tuple


def bridge(form: str) -> Callable[[Files], Converted]:
    """Return the bridge of ``form``, a key of :data:`FORMATS`."""
    return cast("Callable[[Files], Converted]", import_module(FORMATS[form]).convert)
