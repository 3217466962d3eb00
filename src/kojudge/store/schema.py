"""The columns of a run's parts, and the way between records and rows.

One row is one Text or one Judgment. A judgment's outcome is laid flat: ``status`` says
which of ``score`` and ``reason`` it has. Parquet strings are UTF-8, which has no place for
a lone surrogate, so each becomes U+FFFD when a record enters.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pyarrow as pa

from kojudge.errors import StoreError, said
from kojudge.records import Evidence, Judgment, Outcome, Scored, Text, Unscored

__all__ = [
    "EVIDENCE",
    "EVIDENCE_NUMBERS",
    "JUDGMENTS",
    "KEYS",
    "SCHEMAS",
    "TEXTS",
    "Kind",
    "clean",
    "evidence_from",
    "evidence_table",
    "judgment_from",
    "judgments_table",
    "text_from",
    "texts_table",
]

Kind = Literal["texts", "judgments", "evidence"]

KEYS: Mapping[Kind, str] = {
    "texts": "text_id",
    "judgments": "judgment_id",
    "evidence": "evidence_id",
}

TEXTS = pa.schema(
    [
        ("text_id", pa.string()),
        ("prompt_id", pa.string()),
        ("category", pa.string()),
        ("prompt", pa.string()),
        ("candidate", pa.string()),
        ("sample", pa.int64()),
        ("text", pa.string()),
        ("candidate_id", pa.string()),
        ("prompt_name", pa.string()),
        ("turn", pa.int64()),
        ("history", pa.string()),
        ("finish_reason", pa.string()),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
        ("seconds", pa.float64()),
        ("seed", pa.int64()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("origin", pa.string()),
        ("extra", pa.string()),
    ]
)

JUDGMENTS = pa.schema(
    [
        ("judgment_id", pa.string()),
        ("text_id", pa.string()),
        ("baseline_text_id", pa.string()),
        ("prompt_id", pa.string()),
        ("category", pa.string()),
        ("candidate", pa.string()),
        ("baseline", pa.string()),
        ("sample", pa.int64()),
        ("turn", pa.int64()),
        ("criterion", pa.string()),
        ("rubric", pa.string()),
        ("rubric_id", pa.string()),
        ("judge", pa.string()),
        ("judge_id", pa.string()),
        ("mode", pa.string()),
        ("order", pa.string()),
        ("repeat", pa.int64()),
        ("score", pa.float64()),
        ("mass", pa.float64()),
        ("method", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("options", pa.list_(pa.string())),
        ("probabilities", pa.list_(pa.float64())),
        ("scale_lo", pa.float64()),
        ("scale_hi", pa.float64()),
        ("rationale", pa.string()),
        ("seconds", pa.float64()),
        ("prompt_tokens", pa.int64()),
        ("origin", pa.string()),
        ("extra", pa.string()),
    ]
)

EVIDENCE_NUMBERS = (
    "characters",
    "eojeols",
    "script.hangul_share",
    "script.han",
    "script.kana",
    "script.cyrillic",
    "script.latin",
    "script.other",
    "script.jamo",
    "script.replacement",
    "degeneration.rep4",
    "degeneration.duplicate_sentences",
    "degeneration.exact_duplicates",
    "degeneration.loops",
    "degeneration.morphemes",
    "degeneration.sentences",
    "truncation.truncated",
    "spacing.missing_per_100",
    "spacing.extra_per_100",
    "spacing.per_100",
    "spelling.per_100",
    "corruption.mean_score",
    "corruption.low",
    "speech_level.share.hasipsio",
    "speech_level.share.haeyo",
    "speech_level.share.hao",
    "speech_level.share.hage",
    "speech_level.share.hae",
    "speech_level.share.haera",
    "speech_level.share.nominal",
    "speech_level.mixing",
    "speech_level.levelled",
    "translationese.per_100",
    "translationese.kinds",
    "cliche.per_100",
    "cliche.comma_after_ending",
    "cliche.initial_connectives",
    "cliche.comma_sentences",
    "style.mattr",
    "style.mtld",
    "style.length_cv",
    "style.ending_entropy",
    "style.noun_share",
    "style.predicate_share",
    "friendliness.haeyo",
    "friendliness.interactional",
    "friendliness.ideophones",
    "friendliness.questions",
    "friendliness.address",
)
"""The signals of a text, one column each, as `kojudge diagnose` names them."""

EVIDENCE = pa.schema(
    [
        ("evidence_id", pa.string()),
        ("text_id", pa.string()),
        ("version", pa.string()),
        ("status", pa.string()),
        ("language", pa.string()),
        ("gates", pa.list_(pa.string())),
        *((name, pa.float64()) for name in EVIDENCE_NUMBERS),
        ("hits", pa.string()),
    ]
)

SCHEMAS: Mapping[Kind, pa.Schema] = {
    "texts": TEXTS,
    "judgments": JUDGMENTS,
    "evidence": EVIDENCE,
}

_SURROGATE = re.compile("[\ud800-\udfff]")
_OUTCOME_COLUMNS = frozenset({"score", "mass", "method", "status", "reason", "options"})
_OUTCOME_COLUMNS |= {"probabilities", "scale_lo", "scale_hi"}


def clean(text: str) -> str:
    """Return ``text`` with every surrogate code point replaced by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def texts_table(texts: Sequence[Text]) -> pa.Table:
    """Return the rows of ``texts``, one a text, in their order."""
    rows = [{name: getattr(text, name) for name in TEXTS.names} for text in texts]
    return _table(rows, TEXTS)


def judgments_table(judgments: Sequence[Judgment]) -> pa.Table:
    """Return the rows of ``judgments``, one a judgment, in their order."""
    return _table([_judgment_row(judgment) for judgment in judgments], JUDGMENTS)


def evidence_table(found: Sequence[Evidence]) -> pa.Table:
    """Return the rows of ``found``, one a text, in their order."""
    rows = [
        {
            "evidence_id": one.evidence_id,
            "text_id": one.text_id,
            "version": one.version,
            "status": "ok",
            "language": one.language,
            "gates": one.gates,
            "hits": one.hits,
            **{name: one.numbers[name] for name in EVIDENCE_NUMBERS},
        }
        for one in found
    ]
    return _table(rows, EVIDENCE)


def evidence_from(row: Mapping[str, Any]) -> Evidence:
    """Return the Evidence of one row."""
    return Evidence(
        row["evidence_id"],
        row["text_id"],
        row["version"],
        row["language"],
        tuple(row["gates"]),
        {name: row[name] for name in EVIDENCE_NUMBERS},
        row["hits"],
    )


def text_from(row: Mapping[str, Any]) -> Text:
    """Return the Text of one row; raise StoreError where a required column is empty."""
    return Text(**_filled(row, Text))


def judgment_from(row: Mapping[str, Any]) -> Judgment:
    """Return the Judgment of one row; raise StoreError where a required column is empty."""
    flat = {name: value for name, value in row.items() if name not in _OUTCOME_COLUMNS}
    flat["outcome"] = _outcome_from(row)
    if row["scale_lo"] is not None and row["scale_hi"] is not None:
        flat["scale"] = (row["scale_lo"], row["scale_hi"])
    return Judgment(**_filled(flat, Judgment))


def _table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    columns = [
        pa.array([_storable(row[column.name]) for row in rows], type=column.type)
        for column in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, tuple):
        return [_storable(item) for item in value]
    return value


def _judgment_row(judgment: Judgment) -> dict[str, Any]:
    outcome = judgment.outcome
    row: dict[str, Any] = {
        name: getattr(judgment, name) for name in JUDGMENTS.names if name not in _OUTCOME_COLUMNS
    }
    scored = isinstance(outcome, Scored)
    row["score"] = outcome.score if isinstance(outcome, Scored) else None
    row["method"] = outcome.method if isinstance(outcome, Scored) else None
    row["reason"] = None if isinstance(outcome, Scored) else outcome.reason
    row["status"] = "scored" if scored else judgment.status
    row["mass"] = outcome.mass
    row["options"] = outcome.options
    row["probabilities"] = outcome.probabilities
    row["scale_lo"], row["scale_hi"] = judgment.scale
    return row


def _outcome_from(row: Mapping[str, Any]) -> Outcome:
    options = tuple(row["options"] or ())
    probabilities = tuple(row["probabilities"] or ())
    status, score = row["status"], row["score"]
    if status == "scored" and score is not None:
        return Scored(score, row["method"] or "", row["mass"], options, probabilities)
    if status in ("unscored", "failed"):
        final = status == "unscored"
        return Unscored(row["reason"] or "", final, row["mass"], options, probabilities)
    raise StoreError(
        said(
            f"판정 {row['judgment_id']}: status={status!r}, score={score!r} 조합은 있을 수 "
            "없습니다.",
            f"Judgment {row['judgment_id']}: status={status!r} with score={score!r} cannot be.",
        ),
        _FOREIGN_PART,
    )


def _filled(row: Mapping[str, Any], record: type[Text] | type[Judgment]) -> dict[str, Any]:
    """Leave empty columns to the record's defaults: a part may be older than a column."""
    filled = {name: value for name, value in row.items() if value is not None}
    for item in dataclasses.fields(record):
        required = item.default is dataclasses.MISSING
        if required and item.name not in filled:
            raise StoreError(
                said(
                    f"저장된 {record.__name__} 한 건의 '{item.name}' 열이 비어 있습니다.",
                    f"Column '{item.name}' of a stored {record.__name__} is empty.",
                ),
                _FOREIGN_PART,
            )
    return filled


_FOREIGN_PART = said(
    "kojudge가 쓰지 않은 part 파일이 섞였는지 확인하고, 있으면 다른 곳으로 옮기세요.",
    "Look for a part file that kojudge did not write, and move it away.",
)
