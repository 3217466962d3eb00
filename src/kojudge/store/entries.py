"""One line of interchange JSONL, and the record it stands for.

    texts      prompt_id category prompt candidate sample text          [turn history]
    judgments  prompt_id candidate sample criterion judge mode, then
               pointwise: score scale          pairwise: baseline order preference
                                     [category rubric turn repeat rationale reason]
    labels     prompt_id candidate sample criterion rater, then
               score or preference                        [category baseline]

A score or preference may be null where ``reason`` says why there is none. Every other
field is kept as ``extra``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kojudge.errors import Said, said
from kojudge.records import Json, Judgment, Label, Outcome, Scored, Text, Unscored, identity
from kojudge.store.lines import LineError, line_error, refuse_not_finite, shown

__all__ = ["FIELDS", "absent_text_identity", "judgment_of", "label_key", "label_of", "text_of"]

_LARGEST = 2**31 - 1
_VOTES = (0.0, 0.5, 1.0)

Name = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=0, le=_LARGEST)]
Turn = Annotated[int, Field(ge=1, le=_LARGEST)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True, frozen=True)


class _Turn(_Line):
    role: Literal["system", "user", "assistant"]
    content: str


class _TextLine(_Line):
    prompt_id: Name
    category: Name
    prompt: str
    candidate: Name
    sample: Count
    text: str
    turn: Turn = 1
    history: list[_Turn] | None = None


class _JudgmentLine(_Line):
    prompt_id: Name
    candidate: Name
    sample: Count
    criterion: Name
    judge: Name
    mode: Literal["pointwise", "pairwise"]
    score: Number | None = None
    scale: Annotated[list[Number], Field(max_length=2)] | None = None
    baseline: Name | None = None
    order: Literal["AB", "BA"] | None = None
    preference: Probability | None = None
    category: Name | None = None
    rubric: str | None = None
    turn: Turn = 1
    repeat: Count = 0
    rationale: str | None = None
    reason: str | None = None


class _LabelLine(_Line):
    prompt_id: Name
    candidate: Name
    sample: Count
    criterion: Name
    rater: Name
    score: Number | None = None
    preference: Probability | None = None
    category: Name | None = None
    baseline: Name | None = None


FIELDS: Mapping[str, Said] = {
    "texts": said(
        "texts 한 줄에 있어야 하는 필드: prompt_id, category, prompt, candidate, sample, text.",
        "A line of texts needs prompt_id, category, prompt, candidate, sample, text.",
    ),
    "judgments": said(
        "judgments 한 줄에 있어야 하는 필드: prompt_id, candidate, sample, criterion, judge, mode. "
        "pointwise이면 score와 scale, pairwise이면 baseline, order, preference도 있어야 합니다.",
        "A line of judgments needs prompt_id, candidate, sample, criterion, judge, mode; "
        "pointwise also score and scale, pairwise also baseline, order and preference.",
    ),
    "labels": said(
        "labels 한 줄에 있어야 하는 필드: prompt_id, candidate, sample, criterion, rater, "
        "그리고 score나 preference 가운데 하나.",
        "A line of labels needs prompt_id, candidate, sample, criterion, rater, "
        "and either score or preference.",
    ),
}
"""What each kind of line needs, as the hint of an error about it."""

LineType = TypeVar("LineType", bound=_Line)


def text_of(data: Mapping[str, Json]) -> Text:
    """Return the imported Text of one line; raise LineError where the line is wrong."""
    line = _checked(_TextLine, data)
    history = [turn.model_dump() for turn in line.history or ()]
    content = [line.prompt_id, line.candidate, line.sample, line.turn, history, line.text]
    return Text(
        text_id=identity(["imported-text", *content]),
        prompt_id=line.prompt_id,
        category=line.category,
        prompt=line.prompt,
        candidate=line.candidate,
        sample=line.sample,
        text=line.text,
        candidate_id=f"imported:{line.candidate}",
        turn=line.turn,
        history=json.dumps(history, ensure_ascii=False),
        origin="imported",
        extra=_json(line.model_extra or {}),
    )


def judgment_of(data: Mapping[str, Json]) -> Judgment:
    """Return the imported Judgment of one line; raise LineError where the line is wrong.

    Its text ids are those of texts that the run does not hold, and its category is empty
    where the line names none: the import fills both from the run's texts.
    """
    line = _checked(_JudgmentLine, data)
    outcome, scale = _pointwise(line) if line.mode == "pointwise" else _pairwise(line)
    extra = dict(line.model_extra or {})
    if line.reason and isinstance(outcome, Scored):
        extra["reason"] = line.reason  # a remark on a score, not why there is none
    place = (line.prompt_id, line.candidate, line.sample, line.turn)
    asked = [line.criterion, line.rubric or "", line.judge, line.mode, line.baseline, line.order]
    return Judgment(
        judgment_id=identity(["imported-judgment", *place, *asked, line.repeat]),
        text_id=absent_text_identity(*place),
        baseline_text_id=line.baseline
        and absent_text_identity(line.prompt_id, line.baseline, line.sample, line.turn),
        prompt_id=line.prompt_id,
        category=line.category or "",
        candidate=line.candidate,
        baseline=line.baseline,
        sample=line.sample,
        turn=line.turn,
        criterion=line.criterion,
        rubric=line.rubric or "",
        judge=line.judge,
        judge_id=f"imported:{line.judge}",
        mode=line.mode,
        order=line.order,
        repeat=line.repeat,
        outcome=outcome,
        scale=scale,
        rationale=line.rationale or "",
        origin="imported",
        extra=_json(extra),
    )


def label_of(data: Mapping[str, Json]) -> Label:
    """Return the Label of one line; raise LineError where the line is wrong."""
    line = _checked(_LabelLine, data)
    if line.score is None and line.preference is None:
        raise LineError("score", _NO_OPINION)
    if line.score is not None and line.preference is not None:
        raise LineError("preference", _TWO_OPINIONS)
    return Label(
        prompt_id=line.prompt_id,
        candidate=line.candidate,
        sample=line.sample,
        criterion=line.criterion,
        rater=line.rater,
        score=line.score,
        preference=line.preference,
        baseline=line.baseline,
        category=line.category,
        extra=line.model_extra or {},
    )


def label_key(label: Label) -> tuple[object, ...]:
    """Return what a rater's label is about: a later label with the same key replaces it.

    Conversations are rated turn by turn, so an extra field ``turn`` is part of it.
    """
    kind = "pointwise" if label.preference is None else "pairwise"
    about = (label.prompt_id, label.candidate, label.sample, label.extra.get("turn", 1))
    return (label.rater, *about, label.criterion, kind, label.baseline)


def absent_text_identity(prompt_id: str, candidate: str, sample: int, turn: int) -> str:
    """Return the id that stands for a text which was judged elsewhere and is not here."""
    return identity(["absent-text", prompt_id, candidate, sample, turn])


def _checked(model: type[LineType], data: Mapping[str, Json]) -> LineType:
    for name, value in data.items():
        refuse_not_finite(value, name)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise line_error(error) from error


def _pointwise(line: _JudgmentLine) -> tuple[Outcome, tuple[float, float]]:
    for name in ("baseline", "order", "preference"):
        _forbid(line, name)
    for name in ("score", "scale"):
        _require(line, name)
    scale = _scale(line.scale)
    if line.score is None:
        return _unscored(line), scale
    if not scale[0] <= line.score <= scale[1]:
        listed, given = f"{scale[0]:g}–{scale[1]:g}", shown(line.score)
        raise LineError(
            "score",
            said(
                f"척도({listed})를 벗어난 값입니다. (받은 값: {given})",
                f"is outside the scale {listed}. (given: {given})",
            ),
        )
    return Scored(line.score, "imported"), scale


def _pairwise(line: _JudgmentLine) -> tuple[Outcome, tuple[float, float]]:
    for name in ("score", "scale"):
        _forbid(line, name)
    for name in ("baseline", "order", "preference"):
        _require(line, name)
    for name in ("baseline", "order"):
        if getattr(line, name) is None:
            raise LineError(name, said("null일 수 없습니다.", "must not be null."))
    if line.preference is None:
        return _unscored(line), (0.0, 1.0)
    method = "vote" if line.preference in _VOTES else "imported"
    return Scored(line.preference, method), (0.0, 1.0)


def _scale(ends: list[float] | None) -> tuple[float, float]:
    if ends is None or len(ends) != 2:
        raise LineError(
            "scale",
            said(
                f"[최저, 최고] 꼴의 두 숫자여야 합니다. (받은 값: {shown(ends)})",
                f"must be two numbers, [lowest, highest]. (given: {shown(ends)})",
            ),
        )
    low, high = ends
    if low >= high:
        raise LineError(
            "scale",
            said(
                f"최저값이 최고값보다 작아야 합니다. (받은 값: {shown(ends)})",
                f"its lowest must be below its highest. (given: {shown(ends)})",
            ),
        )
    return low, high


def _unscored(line: _JudgmentLine) -> Unscored:
    if not line.reason:
        raise LineError(
            "reason",
            said(
                "점수가 null이면 그 까닭을 적어야 합니다.",
                "is required where there is no score, to say why.",
            ),
        )
    return Unscored(line.reason)


def _forbid(line: _JudgmentLine, name: str) -> None:
    if getattr(line, name) is not None:
        raise LineError(
            name,
            said(
                f"mode가 {line.mode}인 줄에는 둘 수 없는 필드입니다.",
                f"this field does not go with mode {line.mode}.",
            ),
        )


def _require(line: _JudgmentLine, name: str) -> None:
    if name not in line.model_fields_set:
        raise LineError(
            name,
            said(
                f"mode가 {line.mode}이면 있어야 하는 필드입니다.",
                f"this field is required with mode {line.mode}.",
            ),
        )


def _json(extra: Mapping[str, Json]) -> str:
    return json.dumps(extra, ensure_ascii=False, sort_keys=True)


_NO_OPINION = said(
    "score나 preference 가운데 하나는 있어야 합니다.",
    "either this field or preference is required.",
)
_TWO_OPINIONS = said(
    "score와 preference를 함께 둘 수 없습니다.", "does not go together with score."
)
