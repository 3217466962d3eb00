"""JSON Lines as users hand them over, and errors that name file, line and field.

A line is UTF-8 and holds one JSON object. A byte order mark, CRLF and blank lines are
taken; anything else that is wrong is an InputError at its place.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kojudge.errors import InputError, Said, said
from kojudge.records import Json
from kojudge.store.schema import clean

__all__ = [
    "LineError",
    "Lines",
    "json_line",
    "line_error",
    "parsed",
    "problem_at",
    "read_objects",
    "refuse_not_finite",
    "shown",
]

_BOM = b"\xef\xbb\xbf"
_LONGEST_LINE = 64 * 2**20
_SHOWN = 60
_LINE_BREAKS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


class LineError(Exception):
    """What is wrong with one line, before its file and number are known.

    ``field`` is the dotted name of the field, or empty where the whole line is wrong.
    """

    def __init__(self, field: str, problem: Said, hint: Said | None = None) -> None:
        super().__init__(f"{field}: {problem.en}")
        self.field = field
        self.problem = problem
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Lines:
    """Interchange lines made from a file of another form.

    ``path`` is that file; each line comes with the line (or record, from 1) of the file that
    it was made from, so that an error about it can be found. Several may share one.
    """

    path: str
    objects: Iterable[tuple[int, dict[str, Json]]]


def problem_at(path: str, line: int, error: LineError) -> InputError:
    """Return the InputError of ``error`` at ``path:line:field``."""
    place = f"{path}:{line}" + (f":{error.field}" if error.field else "")
    message = said(f"{place}: {error.problem.ko}", f"{place}: {error.problem.en}")
    return InputError(message, error.hint)


def read_objects(path: str | os.PathLike[str]) -> Iterator[tuple[int, dict[str, Json]]]:
    """Yield (line number from 1, object) for each line of the file that is not blank.

    Raises InputError where the file cannot be read, is empty, or a line is wrong.
    """
    shown = os.fspath(path)
    empty = True
    for number, line in _raw_lines(shown):
        empty = False
        try:
            yield number, parsed(line)
        except LineError as error:
            raise problem_at(shown, number, error) from error
    if empty:
        raise InputError(
            said(f"{shown}: 내용이 없습니다.", f"{shown}: the file is empty."),
            said(
                "한 줄에 JSON 객체가 하나씩 있는 파일을 주세요.",
                "Give a file with one JSON object a line.",
            ),
        )


def parsed(line: bytes) -> dict[str, Json]:
    """Return the object that ``line`` holds, its strings free of lone surrogates.

    Raises LineError where it is not UTF-8, not JSON, not an object, or names a field twice.
    """
    try:
        value = json.loads(line.decode("utf-8"), object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        raise LineError("", _not_utf8(error.start + 1), _SAVE_AS_UTF8) from error
    except (ValueError, RecursionError) as error:
        raise LineError("", _not_json(error), _ONE_OBJECT) from error
    if not isinstance(value, dict):
        kind = type(value).__name__
        raise LineError(
            "", said(f"JSON 객체가 아닙니다({kind}).", f"not a JSON object ({kind})."), _ONE_OBJECT
        )
    return value


def json_line(data: Mapping[str, Json]) -> bytes:
    """Return ``data`` as one line of UTF-8 JSON, its end included.

    Raises ValueError where a number in it is not finite.
    """
    text = clean(json.dumps(data, ensure_ascii=False, allow_nan=False))
    # JSON allows these as they are, but many readers take them for ends of lines.
    for mark, escape in _LINE_BREAKS.items():
        text = text.replace(mark, escape)
    return text.encode("utf-8") + b"\n"


def line_error(error: ValidationError) -> LineError:
    """Return the first thing that pydantic found wrong with a line."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    kind = first["type"]
    if kind == "missing":
        return LineError(field, said("있어야 하는 필드가 없습니다.", "this field is required."))
    given = shown(first["input"])
    expected = _expected(kind, first.get("ctx") or {}) or said(first["msg"], first["msg"])
    return LineError(
        field,
        said(f"{expected.ko} (받은 값: {given})", f"{expected.en} (given: {given})"),
    )


def _raw_lines(path: str) -> Iterator[tuple[int, bytes]]:
    try:
        with Path(path).open("rb") as file:
            number = 0
            while line := file.readline(_LONGEST_LINE):
                number += 1
                if len(line) == _LONGEST_LINE:
                    raise problem_at(path, number, LineError("", _TOO_LONG, _ONE_OBJECT))
                content = (line.removeprefix(_BOM) if number == 1 else line).rstrip()
                if content:
                    yield number, content
    except OSError as error:
        cause = error.strerror or str(error)
        raise InputError(
            said(
                f"{path}: 파일을 읽지 못했습니다. 원인: {cause}.",
                f"{path}: the file cannot be read: {cause}.",
            ),
            said("경로와 권한을 확인하세요.", "Check the path and its permissions."),
        ) from error


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for name, value in pairs:
        if name in made:
            raise LineError(
                clean(name),
                said("같은 필드가 두 번 나옵니다.", "this field stands there twice."),
                said("하나만 남기세요.", "Keep one of them."),
            )
        made[clean(name)] = _cleaned(value)
    return made


def _cleaned(value: Json) -> Json:
    """Clean what no nested object has cleaned: strings, and those in lists."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    return value


def refuse_not_finite(value: Json, field: str) -> None:
    """Raise LineError where ``value``, or anything in it, is NaN or infinite: no JSON has that."""
    if isinstance(value, float) and not math.isfinite(value):
        raise LineError(field, said(*_EXPECTED["finite_number"]))
    if isinstance(value, dict):
        for name, item in value.items():
            refuse_not_finite(item, f"{field}.{name}")
    if isinstance(value, list):
        for place, item in enumerate(value):
            refuse_not_finite(item, f"{field}.{place}")


def _expected(kind: str, context: dict[str, Any]) -> Said | None:
    if kind not in _EXPECTED:
        return None
    ko, en = _EXPECTED[kind]
    limits = {name: f"{end:.10g}" for name, end in context.items() if name in ("ge", "le")}
    choices = {"choices": str(context.get("expected", "")).replace(" or ", ", ")}
    return said(ko.format(**context | limits | choices), en.format(**context | limits))


_EXPECTED = {
    "string_type": ("문자열이어야 합니다.", "must be a string."),
    "string_too_short": ("빈 문자열일 수 없습니다.", "must not be empty."),
    "int_type": ("정수여야 합니다.", "must be an integer."),
    "int_from_float": ("정수여야 합니다.", "must be an integer."),
    "float_type": ("숫자여야 합니다.", "must be a number."),
    "finite_number": (
        "유한한 숫자여야 합니다(NaN이나 무한대는 안 됩니다).",
        "must be a finite number, not NaN or infinity.",
    ),
    "list_type": ("목록이어야 합니다.", "must be a list."),
    "tuple_type": ("목록이어야 합니다.", "must be a list."),
    "dict_type": ("JSON 객체여야 합니다.", "must be an object."),
    "model_type": ("JSON 객체여야 합니다.", "must be an object."),
    "too_long": ("항목이 너무 많습니다.", "has too many items."),
    "greater_than_equal": ("{ge} 이상이어야 합니다.", "must be at least {ge}."),
    "less_than_equal": ("{le} 이하여야 합니다.", "must be at most {le}."),
    "literal_error": ("{choices} 가운데 하나여야 합니다.", "must be {expected}."),
}

_ONE_OBJECT = said(
    "한 줄에 JSON 객체 하나만 두세요(여러 줄로 펼친 JSON이나 JSON 배열은 읽지 않습니다).",
    "Put one JSON object on each line; indented JSON and JSON arrays are not read.",
)
_SAVE_AS_UTF8 = said("파일을 UTF-8로 저장하세요.", "Save the file as UTF-8.")
_TOO_LONG = said("줄이 너무 깁니다.", "the line is too long.")


def _not_utf8(byte: int) -> Said:
    return said(
        f"이 줄의 {byte}번째 바이트가 UTF-8이 아닙니다.", f"byte {byte} of the line is not UTF-8."
    )


def _not_json(error: Exception) -> Said:
    cause = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    column = f" {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
    return said(
        f"JSON이 아닙니다({cause}{',' + column + '번째 글자' if column else ''}).",
        f"not JSON ({cause}{', at character' + column if column else ''}).",
    )


def shown(value: object) -> str:
    """Return a value as JSON, cut to a length that fits a message."""
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
