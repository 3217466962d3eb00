"""What pydantic finds wrong with a value in a user's file, said in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from kojudge.errors import Said, said

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["explain", "rule"]

_RULE = "kojudge_rule"
_SHOWN = 60

_KINDS = {
    "string_type": said("글자여야 합니다.", "must be text."),
    "string_too_short": said("비어 있으면 안 됩니다.", "must not be empty."),
    "too_short": said("항목이 모자랍니다.", "has too few entries."),
    "int_type": said("정수여야 합니다.", "must be a whole number."),
    "int_parsing": said("정수여야 합니다.", "must be a whole number."),
    "int_from_float": said("정수여야 합니다.", "must be a whole number."),
    "float_type": said("숫자여야 합니다.", "must be a number."),
    "float_parsing": said("숫자여야 합니다.", "must be a number."),
    "finite_number": said("유한한 숫자여야 합니다.", "must be a finite number."),
    "bool_type": said("true나 false여야 합니다.", "must be true or false."),
    "bool_parsing": said("true나 false여야 합니다.", "must be true or false."),
    "tuple_type": said("목록이어야 합니다.", "must be a list."),
    "list_type": said("목록이어야 합니다.", "must be a list."),
    "dict_type": said("이름과 값의 묶음이어야 합니다.", "must be names with values."),
    "model_type": said("이름과 값의 묶음이어야 합니다.", "must be names with values."),
}

_BOUNDS = {
    "greater_than": said("{gt}보다 커야 합니다.", "must be more than {gt}."),
    "greater_than_equal": said("{ge} 이상이어야 합니다.", "must be at least {ge}."),
    "less_than": said("{lt}보다 작아야 합니다.", "must be less than {lt}."),
    "less_than_equal": said("{le} 이하여야 합니다.", "must be at most {le}."),
}


def rule(ko: str, en: str) -> PydanticCustomError:
    """Return an error for a validator to raise, which :func:`explain` gives back as it is."""
    return PydanticCustomError(_RULE, "{en}", {"ko": ko, "en": en})


def explain(problem: ErrorDetails) -> Said:
    """Say what is wrong with one value, and show it."""
    sort = problem["type"]
    context: Mapping[str, object] = problem.get("ctx", {})
    if sort == _RULE:
        return said(str(context["ko"]), str(context["en"]))
    if sort == "missing":
        return said("꼭 필요한데 빠졌습니다.", "is required and missing.")
    if sort == "extra_forbidden":
        return said("없는 항목입니다.", "is not a known entry.")
    if sort == "json_invalid":
        return said(f"JSON이 아닙니다: {context['error']}", f"not JSON: {context['error']}")
    shown = _shown(problem["input"])
    if sort == "literal_error":
        allowed = str(context["expected"]).replace(" or ", ", ")
        return said(
            f"쓸 수 있는 값은 {allowed}입니다(받은 값: {shown}).",
            f"must be one of {allowed} (given: {shown}).",
        )
    if sort in _BOUNDS:
        bound = _BOUNDS[sort]
        known = said(bound.ko.format(**context), bound.en.format(**context))
    else:
        known = _KINDS.get(sort, said(problem["msg"], problem["msg"]))
    return said(f"{known.ko} (받은 값: {shown})", f"{known.en} (given: {shown})")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
