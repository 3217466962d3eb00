"""Read files of other tools: JSON Lines or one JSON array, with the line of each record.

What is wrong with a record is a LineError; :func:`converted` turns it into the InputError
that names file, line and field.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kojudge.errors import ConfigError, Said, said
from kojudge.records import Json
from kojudge.store.lines import LineError, line_error, parsed, problem_at, read_objects, shown

__all__ = [
    "Line",
    "Name",
    "Object",
    "Record",
    "checked",
    "converted",
    "identifier",
    "kept_id",
    "needed",
    "number",
    "original_id",
    "records",
    "refuse_prompts",
    "scale_of",
    "wrong",
]

Line = dict[str, Json]
"""A line of interchange JSONL, or a peer's record."""
Object = dict[str, Any]
"""An object in a field of a :class:`Record`: pydantic does not take the type of ``Line``."""
Name = Annotated[str, Field(min_length=1)]

_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_PEEK = 4096
_LONGEST_NUMBER = 18


class Record(BaseModel):
    """The fields of a peer's record that are read; all others are ``model_extra``."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)


RecordType = TypeVar("RecordType", bound=Record)


def records(path: str) -> Iterator[tuple[int, Line]]:
    """Yield (line, object) for each record of a JSONL file or of a file with one JSON array.

    ``line`` (from 1) is where the record begins. Raises InputError where the file cannot be
    read, is empty, or a record is wrong.
    """
    return _elements(path) if _is_array(path) else read_objects(path)


def converted(path: str, convert: Callable[[Line], Iterable[Line]]) -> Iterator[tuple[int, Line]]:
    """Yield the interchange lines that ``convert`` makes of each record of the file.

    Raises InputError, naming file, line and field, for a LineError of ``convert``.
    """
    for line, data in records(path):
        try:
            made = list(convert(data))
        except LineError as error:
            raise problem_at(path, line, error) from error
        for one in made:
            yield line, one


def checked(model: type[RecordType], data: Mapping[str, Json]) -> RecordType:
    """Return ``data`` as ``model``; raise LineError where a field is missing or wrong."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise line_error(error) from error


def identifier(data: Mapping[str, Json], field: str) -> str:
    """Return the id in ``field``, an integer or a string that is not empty, as a string."""
    value = data.get(field)
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise wrong(field, _ID, value)


def kept_id(data: Mapping[str, Json], field: str, kept_as: str = "") -> Line:
    """Return what tells :func:`original_id` that the id was a string of digits."""
    value = data.get(field)
    return (
        {kept_as or field: value} if isinstance(value, str) and _number(value) is not None else {}
    )


def original_id(prompt_id: str, kept: Mapping[str, Json], field: str) -> Json:
    """Return the id as the peer's file had it: an integer where it looks like one."""
    number = _number(prompt_id)
    return kept.get(field, prompt_id if number is None else number)


def number(value: Json, field: str) -> float | None:
    """Return a number, None for null and NaN; raise LineError for anything else."""
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(field, said("숫자나 null이어야 합니다.", "must be a number or null."), value)
    return float(value)


def scale_of(data: Mapping[str, Json], scale: tuple[float, float]) -> tuple[float, float]:
    """Return the ends of ``scale``, or those that an export of kojudge wrote beside a score."""
    given = data.get("scale")
    if given is None:
        return scale
    if isinstance(given, list) and len(given) == 2:
        low, high = (number(end, "scale") for end in given)
        if low is not None and high is not None and low < high:
            return low, high
    raise wrong("scale", _TWO_NUMBERS, given)


def wrong(field: str, problem: Said, value: Json) -> LineError:
    """Return the LineError of a ``value`` that ``field`` must not have."""
    given = shown(value)
    return LineError(
        field, said(f"{problem.ko} (받은 값: {given})", f"{problem.en} (given: {given})")
    )


def needed(value: str, option: str, what: Said) -> str:
    """Return ``value``; where it is empty raise ConfigError that names the option."""
    if value:
        return value
    raise ConfigError(
        said(f"파일에 {what.ko} 없습니다.", f"The files do not say {what.en}."),
        said(f"{option}으로 주세요.", f"Give it with {option}."),
    )


def refuse_prompts(paths: Sequence[str]) -> None:
    """Raise ConfigError where question files are given to a format whose answers hold them."""
    if paths:
        raise ConfigError(
            said("이 형식의 답 파일에는 질문이 들어 있어 --prompts를 쓰지 않습니다.",
                 "The answers of this format hold the questions; it takes no --prompts."),
            said("--prompts를 빼세요. 프롬프트 묶음을 만들려면 --out도 주세요.",
                 "Leave --prompts out; to make a prompt set, give --out too."),
        )  # fmt: skip


def _number(text: str) -> int | None:
    digits = text.removeprefix("-")
    short = len(digits) <= _LONGEST_NUMBER
    if short and digits.isascii() and digits.isdecimal() and str(int(text)) == text:
        return int(text)
    return None


def _is_array(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            return file.read(_PEEK).removeprefix(_BOM).lstrip(_SPACE).startswith(b"[")
    except OSError:
        return False  # read_objects opens it again, and says what is wrong


def _elements(path: str) -> Iterator[tuple[int, Line]]:
    """Yield the objects of the JSON array that the file holds, with the lines they begin on."""
    try:
        text = Path(path).read_bytes().removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise problem_at(path, line, LineError("", _NOT_UTF8)) from error
    yielded = False
    line, seen = 1, 0
    for start, end in _spans(path, text):
        line, seen = line + text.count("\n", seen, start), start
        try:
            yield line, parsed(text[start:end].encode("utf-8"))
        except LineError as error:
            raise problem_at(path, line, error) from error
        yielded = True
    if not yielded:
        raise problem_at(path, 1, LineError("", _EMPTY))


def _spans(path: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield where each element of the array begins and ends."""
    decoder = json.JSONDecoder()
    at = _skip(text, text.index("[") + 1)
    first = True
    try:
        while text[at : at + 1] != "]":
            if not first:
                at = _skip(text, _after(text, at, ","))
            _, end = decoder.raw_decode(text, at)
            yield at, end
            at, first = _skip(text, end), False
        if _skip(text, at + 1) != len(text):
            raise json.JSONDecodeError("Extra data", text, at + 1)
    except (ValueError, RecursionError) as error:
        place = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        cause = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        problem = said(f"JSON 배열이 아닙니다({cause}).", f"not a JSON array ({cause}).")
        raise problem_at(path, place, LineError("", problem, _WHOLE_FILE)) from error


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _after(text: str, at: int, mark: str) -> int:
    if text[at : at + 1] != mark:
        raise json.JSONDecodeError(f"Expecting '{mark}' or ']'", text, at)
    return at + 1


_ID = said(
    "정수나 빈 문자열이 아닌 문자열이어야 합니다.",
    "must be an integer or a string that is not empty.",
)
_TWO_NUMBERS = said(
    "[최저, 최고] 꼴의 두 숫자여야 합니다.", "must be two numbers, [lowest, highest]."
)
_NOT_UTF8 = said("UTF-8이 아닙니다.", "is not UTF-8.")
_EMPTY = said("배열이 비어 있습니다.", "the array is empty.")
_WHOLE_FILE = said(
    "파일이 끝까지 다 있는지 확인하세요.", "Check that the file is there to its end."
)
