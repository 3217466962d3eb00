"""Hugging Face datasets: every row becomes an interchange line.

Columns named like interchange fields are taken; ``--column FIELD=COLUMN`` takes another
column for a field (``#``: the row's number), ``--column FIELD:=VALUE`` one value for all rows.
Other columns are kept as extra keys where JSON has a place for them. A null is an absent field. A column ``extra``
with JSON objects, as ``kojudge export --hf`` writes it, is laid out into its keys.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from kojudge.bridges.base import Converted, Files, Named
from kojudge.bridges.hf_source import Opened, Row, open_rows, place_of
from kojudge.errors import ConfigError, InputError, Said, did_you_mean, said
from kojudge.records import Json
from kojudge.store.interchange import Lines
from kojudge.store.lines import LineError, problem_at, shown

__all__ = ["convert"]

_ASKED = ("prompt_id", "candidate", "sample", "criterion")
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "prompts": ("prompt_id",),
    "texts": ("prompt_id", "category", "prompt", "candidate", "sample", "text"),
    "judgments": (*_ASKED, "judge", "mode"),
    "labels": (*_ASKED, "rater"),
}
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "prompts": (*_REQUIRED["prompts"], "category", "prompt"),
    "texts": (*_REQUIRED["texts"], "turn", "history"),
    "judgments": (
        *(*_REQUIRED["judgments"], "score", "scale", "baseline", "order", "preference"),
        *("category", "rubric", "turn", "repeat", "rationale", "reason"),
    ),
    "labels": (*_REQUIRED["labels"], "score", "preference", "category", "baseline", "turn"),
}
_ALL_FIELDS = frozenset(name for names in _FIELDS.values() for name in names)
_NAMES = ("prompt_id", "category", "candidate", "baseline", "criterion", "judge", "rater", "rubric")
_WORDS = ("prompt", "text", "mode", "order", "rationale", "reason", "history", "scale", "extra")
_COUNTS = frozenset({"sample", "turn", "repeat"})
_PACKED = frozenset({"history", "scale"})
"""Fields that are lists: a CSV file holds them as JSON."""
_OF_OTHER_MODE = {"pointwise": ("baseline", "order", "preference"), "pairwise": ("score", "scale")}
_EXTRA = "extra"
_NUMBER = "#"
"""The column that every file has: the number of the row, from 1."""


@dataclass(frozen=True, slots=True)
class _Mapping:
    """``--column``: the column of a field, the value of a field."""

    columns: Mapping[str, str]
    values: Mapping[str, Json]


class _NoPlaceError(Exception):
    """JSON has nothing like this value."""


def convert(files: Files) -> Converted:
    """Return the lines of the datasets ``files``; all are opened here, to fail early.

    Raises:
        ConfigError: a name or ``--column`` is wrong.
        InputError: a file cannot be read, or a column is missing.
        UnavailableError: no library, no such dataset, no right to it, no network.
    """
    mapping = _mapping(files.named.columns)
    left: Counter[tuple[str, str]] = Counter()
    opened = {
        kind: [open_rows(place_of(path), kind, _strings(mapping)) for path in paths]
        for kind, paths in _paths(files)
    }
    _refuse_unused(mapping, opened)
    prompts = _prompts(opened["prompts"], mapping)
    for kind in ("texts", "judgments", "labels"):
        for one in opened[kind]:
            _refuse_missing(kind, one, mapping, files.named, bool(prompts))

    def lines(kind: str) -> list[Lines]:
        return [
            Lines(one.given, _lines(kind, one, mapping, files.named, prompts, left))
            for one in opened[kind]
        ]

    return Converted(lines("texts"), lines("judgments"), lines("labels"), lambda: _told(left))


def _paths(files: Files) -> Iterable[tuple[str, Sequence[str]]]:
    return (
        ("prompts", files.prompts),
        ("texts", files.texts),
        ("judgments", files.judgments),
        ("labels", files.labels),
    )


def _strings(mapping: _Mapping) -> list[str]:
    """Return the columns that hold strings, whatever a CSV file's values look like."""
    fields = (*_NAMES, *_WORDS)
    return [*fields, *(mapping.columns[name] for name in fields if name in mapping.columns)]


def _mapping(given: Sequence[str]) -> _Mapping:
    columns: dict[str, str] = {}
    values: dict[str, Json] = {}
    for one in given:
        field, sign, right = one.partition("=")
        constant = field.endswith(":")
        field = field.removesuffix(":").strip()
        if not sign or field not in _ALL_FIELDS or not right:
            raise _wrong_column(one, field)
        if field in columns or field in values:
            raise ConfigError(said(f"--column {one}: {field}을(를) 두 번 정했습니다.",
                                   f"--column {one}: {field} is given twice."))  # fmt: skip
        if constant:
            values[field] = _value(right)
        else:
            columns[field] = right
    return _Mapping(columns, values)


def _value(text: str) -> Json:
    try:
        found: Json = json.loads(text)
    except ValueError:  # a bare word is itself: category:=blog
        return text
    return found


def _wrong_column(given: str, field: str) -> ConfigError:
    known = did_you_mean(field, _ALL_FIELDS)
    return ConfigError(
        said(f"--column {given}: 읽을 수 없습니다.", f"--column {given}: cannot be read."),
        said(f"--column 필드=열 이름이나 --column 필드:=값 꼴로 적으세요. {known.ko}",
             f"Write --column FIELD=COLUMN or --column FIELD:=VALUE. {known.en}"),
    )  # fmt: skip


def _refuse_unused(mapping: _Mapping, opened: Mapping[str, Sequence[Opened]]) -> None:
    """Refuse a mapping that no file can use: its column was most likely misspelt."""
    for field, column in mapping.columns.items():
        files = [one for kind, ones in opened.items() if field in _FIELDS[kind] for one in ones]
        if not any(column in (*one.columns, _NUMBER) for one in files):
            there = did_you_mean(column, {name for one in files for name in one.columns})
            raise ConfigError(
                said(f"--column {field}={column}: 그런 열이 없습니다.",
                     f"--column {field}={column}: there is no such column."),
                there,
            )  # fmt: skip


def _refuse_missing(
    kind: str, one: Opened, mapping: _Mapping, named: Named, has_prompts: bool
) -> None:
    there = {*one.columns, *mapping.values, *_said(named)}
    there |= set(_of_file(mapping, one).columns)
    there |= {"category", "prompt"} if has_prompts else set()
    missing = [name for name in _REQUIRED[kind] if name not in there]
    if not missing:
        return
    listed = ", ".join(missing)
    columns = ", ".join(one.columns)
    raise InputError(
        said(f"{one.given}: 있어야 하는 열이 없습니다: {listed}. 있는 열: {columns}.",
             f"{one.given}: columns are missing: {listed}. There are: {columns}."),
        said(f"--column {missing[0]}=열 이름으로 다른 열을 쓰거나, --column {missing[0]}:=값으로 모든 행에 한 값을 "
             "주세요. candidate, judge, criterion, baseline은 같은 이름의 옵션으로도 됩니다.",
             f"Take another column with --column {missing[0]}=COLUMN, or one value for all rows with "
             f"--column {missing[0]}:=VALUE; candidate, judge, criterion and baseline have options "
             "of their own too."),
    )  # fmt: skip


def _said(named: Named) -> dict[str, Json]:
    given = {
        "candidate": named.candidate,
        "judge": named.judge,
        "criterion": named.criterion,
        "baseline": named.baseline,
    }
    return {name: value for name, value in given.items() if value}


def _prompts(opened: Sequence[Opened], mapping: _Mapping) -> dict[Json, dict[str, Json]]:
    """Return what the prompt files say of each prompt_id, to fill in what texts lack."""
    found: dict[Json, dict[str, Json]] = {}
    for one in opened:
        _refuse_missing("prompts", one, mapping, Named(), has_prompts=False)
        for number, row in one.rows:
            line = _fields("prompts", one.given, number, row, _of_file(mapping, one))
            told: dict[str, Json] = {
                name: line[name] for name in ("category", "prompt") if name in line
            }
            known = found.setdefault(line.get("prompt_id"), told)
            if known != told:
                raise problem_at(one.given, number, LineError("prompt_id", said(
                    "같은 prompt_id에 다른 내용이 있습니다.", "this id stands for something else too."
                )))  # fmt: skip
    return found


def _lines(
    kind: str,
    one: Opened,
    mapping: _Mapping,
    named: Named,
    prompts: Mapping[Json, Mapping[str, Json]],
    left: Counter[tuple[str, str]],
) -> Iterator[tuple[int, dict[str, Json]]]:
    mapping = _of_file(mapping, one)
    given = {**mapping.values, **_said(named)}
    given = {name: value for name, value in given.items() if name in _FIELDS[kind]}
    for number, row in one.rows:
        line = _fields(kind, one.given, number, row, mapping)
        mode = line.get("mode", given.get("mode"))
        line = {name: value for name, value in given.items() if _goes(name, mode)} | line
        if kind == "texts":
            line = dict(prompts.get(line.get("prompt_id"), {})) | line
        for name, value in _others(kind, one.given, row, mapping, left).items():
            line.setdefault(name, value)
        yield number, line


def _of_file(mapping: _Mapping, one: Opened) -> _Mapping:
    """Return the part of ``mapping`` whose columns the file has."""
    known = {*one.columns, _NUMBER}
    here = {field: name for field, name in mapping.columns.items() if name in known}
    return _Mapping(here, mapping.values)


def _goes(field: str, mode: Json) -> bool:
    """Say whether a value given for all rows fits one of this mode: a file may hold both."""
    return field not in _OF_OTHER_MODE.get(mode if isinstance(mode, str) else "", ())


def _fields(kind: str, given: str, number: int, row: Row, mapping: _Mapping) -> dict[str, Json]:
    """Return the interchange fields of a row."""
    line: dict[str, Json] = {}
    row = {**row, _NUMBER: number}
    for field in _FIELDS[kind]:
        column = mapping.columns.get(field, field)
        if column not in row or (row[column] is None and field not in ("score", "preference")):
            continue
        try:
            line[field] = _field(field, row[column])
        except _NoPlaceError as error:
            raise problem_at(given, number, LineError(field, said(
                f"이런 값은 읽을 수 없습니다({error}).", f"such a value cannot be read ({error})."
            ))) from error  # fmt: skip
    return line


def _field(field: str, value: Any) -> Json:
    if field in _NAMES and isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # ids that are numbers
    if field in _COUNTS and isinstance(value, float) and value.is_integer():
        return int(value)  # what a column of counts becomes where some are missing
    if field in _PACKED and isinstance(value, str):
        return _value(value)
    if isinstance(value, float):
        return value  # NaN too: the line is refused for it, by its name
    return _json(value)


def _others(
    kind: str, given: str, row: Row, mapping: _Mapping, left: Counter[tuple[str, str]]
) -> dict[str, Json]:
    """Return the columns that are no interchange fields; count what JSON has no place for."""
    taken = {column for field, column in mapping.columns.items() if field in _FIELDS[kind]}
    found: dict[str, Json] = {}
    for column, value in row.items():
        if value is None or column in _FIELDS[kind]:
            # A field's own column gives way to the one that --column names: said, not silent.
            if value is not None and mapping.columns.get(column, column) != column:
                left[given, column] += 1
            continue
        if column in taken:
            continue
        try:
            found |= _laid_out(value) if column == _EXTRA else {column: _json(value)}
        except _NoPlaceError:
            left[given, column] += 1
    return found


def _laid_out(value: Any) -> dict[str, Json]:
    """Return the keys of the column ``extra``, which may be a JSON object."""
    made = _value(value) if isinstance(value, str) else _json(value)
    if not isinstance(made, dict):
        return {_EXTRA: _json(value)}
    return {name: item for name, item in made.items() if item is not None}


def _json(value: Any) -> Json:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _json(item) for name, item in value.items()}
    raise _NoPlaceError(f"{type(value).__name__} {shown(str(value))}")


def _told(left: Counter[tuple[str, str]]) -> list[Said]:
    return [
        said(f"{given}: 열 {column}의 값 {count}개는 들여오지 않았습니다(JSON에 담을 수 없거나 --column이 대신한 값).",
             f"{given}: {count} values of the column {column} were not imported (JSON has no place "
             "for them, or --column names another column).")
        for (given, column), count in left.items()
    ]  # fmt: skip
