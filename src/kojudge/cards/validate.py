"""Check a card file against its schema, and say what is wrong in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from kojudge.cards.schema import SECTIONS, Section
from kojudge.errors import InputError, Said, did_you_mean, said

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from kojudge.cards.document import Document

__all__ = ["validate"]

CardT = TypeVar("CardT", bound=Section)

_KINDS = {
    "string_type": said(
        "글자여야 합니다(숫자처럼 보이면 따옴표로 감싸세요).",
        "must be text (quote it if it looks like a number).",
    ),
    "string_too_short": said("비어 있으면 안 됩니다.", "must not be empty."),
    "int_type": said("정수여야 합니다.", "must be a whole number."),
    "int_parsing": said("정수여야 합니다.", "must be a whole number."),
    "int_from_float": said("정수여야 합니다.", "must be a whole number."),
    "float_type": said("숫자여야 합니다.", "must be a number."),
    "float_parsing": said("숫자여야 합니다.", "must be a number."),
    "bool_type": said("true나 false여야 합니다.", "must be true or false."),
    "bool_parsing": said("true나 false여야 합니다.", "must be true or false."),
    "tuple_type": said("목록이어야 합니다.", "must be a list."),
    "dict_type": said("'이름: 값' 꼴이어야 합니다.", "must be 'name: value' entries."),
    "model_type": said("'이름: 값' 꼴이어야 합니다.", "must be 'name: value' entries."),
    "missing": said("꼭 필요한데 빠졌습니다.", "is required and missing."),
}

_BOUNDS = {
    "greater_than": ("gt", said("보다 커야 합니다", "must be more than")),
    "greater_than_equal": ("ge", said("이상이어야 합니다", "must be at least")),
    "less_than": ("lt", said("보다 작아야 합니다", "must be less than")),
    "less_than_equal": ("le", said("이하여야 합니다", "must be at most")),
}


def validate(document: Document, kind: type[CardT]) -> CardT:
    """Return the card, or other ``kind`` of file, in ``document``.

    Raises:
        InputError: names the file, the line, the entry and what would be right. Only the
            first problem of the file is told.

    """
    try:
        return kind.model_validate(document.content)
    except ValidationError as error:
        # A misspelt key is also a missing one: the misspelling is the better thing to tell.
        problems = sorted(
            error.errors(), key=lambda e: (e["type"] == "missing", document.line(e["loc"]))
        )
        raise _input_error(document, problems[0], kind) from error


def _input_error(document: Document, problem: ErrorDetails, kind: type[Section]) -> InputError:
    place = problem["loc"]
    where = f"{document.path}:{document.line(place)}: "
    entry = f"`{_dotted(place)}` " if place else ""
    if problem["type"] == "extra_forbidden":
        message = said(
            f"{where}{entry}— 카드에 없는 항목입니다.", f"{where}{entry}is not an entry of a card."
        )
        return InputError(message, did_you_mean(str(place[-1]), _keys_beside(place, kind)))
    why = _explain(problem)
    return InputError(said(f"{where}{entry}{why.ko}", f"{where}{entry}{why.en}"))


def _explain(problem: ErrorDetails) -> Said:
    sort = problem["type"]
    context: Mapping[str, object] = problem.get("ctx", {})
    if sort == "card_rule":
        return said(str(context["ko"]), str(context["en"]))
    if sort == "missing":
        return _KINDS[sort]
    shown = _shown(problem["input"])
    if sort in _BOUNDS:
        name, words = _BOUNDS[sort]
        bound = context[name]
        return said(
            f"값은 {bound}{'' if words.ko.startswith('보다') else ' '}{words.ko}: {shown}",
            f"{words.en} {bound}: {shown}",
        )
    if sort == "literal_error":
        allowed = str(context["expected"]).replace(" or ", ", ")
        return said(
            f"쓸 수 있는 값은 {allowed}입니다: {shown}", f"must be one of {allowed}: {shown}"
        )
    if sort == "string_pattern_mismatch":
        pattern = context["pattern"]
        return said(f"꼴이 맞지 않습니다({pattern}): {shown}", f"must look like {pattern}: {shown}")
    known = _KINDS.get(sort, said(problem["msg"], problem["msg"]))
    return said(f"{known.ko} ({shown})", f"{known.en} ({shown})")


def _keys_beside(place: tuple[str | int, ...], kind: type[Section]) -> list[str]:
    section = tuple(str(step) for step in place[:-1] if not isinstance(step, int))
    return list(SECTIONS.get(section, kind).model_fields)


def _dotted(place: tuple[str | int, ...]) -> str:
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
