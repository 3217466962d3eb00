"""A run's records as the rows of a dataset: interchange fields first, then where they come from.

A record that was imported from such a dataset carries the columns of the second kind as extra
keys; they go back to their columns, so that a dataset made of an import is the dataset that
was imported.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import pyarrow as pa

from kojudge.records import CONTROL, Json, Judgment, Label, Scored, Text
from kojudge.store.database import Query, read_stream
from kojudge.store.run import Run
from kojudge.store.schema import EVIDENCE

__all__ = ["CONFIGS", "SCHEMAS", "Config", "rows"]

Config = Literal["texts", "judgments", "labels", "controls", "evidence"]
CONFIGS: tuple[Config, ...] = ("texts", "judgments", "labels", "controls", "evidence")
"""``controls`` are judgments of texts that were damaged on purpose, to check the judge: apart,
for an import would take the damaged texts' author for one more candidate."""

Row = dict[str, Any]

_STRING, _INT, _FLOAT = pa.string(), pa.int64(), pa.float64()
_TURN = pa.struct([("role", _STRING), ("content", _STRING)])

_TEXT_ORIGIN = (
    *(("text_id", _STRING), ("candidate_id", _STRING), ("prompt_name", _STRING)),
    *(("finish_reason", _STRING), ("prompt_tokens", _INT), ("completion_tokens", _INT)),
    *(("seconds", _FLOAT), ("seed", _INT), ("origin", _STRING)),
)
_JUDGMENT_ORIGIN = (
    *(("method", _STRING), ("mass", _FLOAT)),
    *(("options", pa.list_(_STRING)), ("probabilities", pa.list_(_FLOAT))),
    *(("judgment_id", _STRING), ("text_id", _STRING), ("baseline_text_id", _STRING)),
    *(("rubric_id", _STRING), ("judge_id", _STRING)),
    *(("seconds", _FLOAT), ("prompt_tokens", _INT), ("origin", _STRING)),
)
_OF_TEXTS = ("prompt_id", "candidate", "sample", "turn")

_SCHEMAS: Mapping[str, pa.Schema] = {
    "texts": pa.schema(
        [
            *(("prompt_id", _STRING), ("category", _STRING), ("prompt", _STRING)),
            *(("candidate", _STRING), ("sample", _INT), ("turn", _INT)),
            *(("history", pa.list_(_TURN)), ("text", _STRING)),
            *_TEXT_ORIGIN,
            ("extra", _STRING),
        ]
    ),
    "judgments": pa.schema(
        [
            *(("prompt_id", _STRING), ("category", _STRING), ("candidate", _STRING)),
            *(("baseline", _STRING), ("sample", _INT), ("turn", _INT), ("criterion", _STRING)),
            *(("rubric", _STRING), ("judge", _STRING), ("mode", _STRING), ("order", _STRING)),
            *(("repeat", _INT), ("score", _FLOAT), ("scale", pa.list_(_FLOAT))),
            *(("preference", _FLOAT), ("rationale", _STRING), ("reason", _STRING)),
            *_JUDGMENT_ORIGIN,
            ("extra", _STRING),
        ]
    ),
    "labels": pa.schema(
        [
            *(("prompt_id", _STRING), ("category", _STRING), ("candidate", _STRING)),
            *(("baseline", _STRING), ("sample", _INT), ("criterion", _STRING)),
            *(("rater", _STRING), ("score", _FLOAT), ("preference", _FLOAT)),
            ("extra", _STRING),
        ]
    ),
    "evidence": pa.schema(
        [
            *(("prompt_id", _STRING), ("candidate", _STRING), ("sample", _INT), ("turn", _INT)),
            *(field for field in EVIDENCE if field.name not in ("evidence_id", "status")),
        ]
    ),
}
SCHEMAS: Mapping[Config, pa.Schema] = {
    config: _SCHEMAS["judgments" if config == "controls" else config] for config in CONFIGS
}


def rows(run: Run, config: Config, failed: Callable[[], None]) -> Iterator[Row]:
    """Yield the rows of ``config``; call ``failed`` for each item that failed and has none.

    Raises:
        StoreError: the run cannot be read.
    """
    if config == "evidence":
        yield from _evidence(run)
    elif config == "labels":
        yield from (_label(label) for label in run.labels().labels)
    elif config == "texts":
        for text in run.texts():
            if text.status == "failed":
                failed()
            else:
                yield _text(text)
    else:
        for judgment in run.judgments():
            if judgment.candidate.endswith(CONTROL) != (config == "controls"):
                continue
            if judgment.status == "failed":
                failed()
            else:
                yield _judgment(judgment)


def _text(text: Text) -> Row:
    row = {name: getattr(text, name) for name in ("prompt_id", "category", "prompt", "candidate")}
    row |= {"sample": text.sample, "turn": text.turn, "text": text.text}
    row["history"] = json.loads(text.history)
    own = {name: getattr(text, name) for name, _ in _TEXT_ORIGIN}
    return row | _origin(own, _TEXT_ORIGIN, text.extra)


def _judgment(judgment: Judgment) -> Row:
    outcome = judgment.outcome
    value = outcome.score if isinstance(outcome, Scored) else None
    names = ("prompt_id", "category", "candidate", "baseline", "sample", "turn", "criterion")
    row = {name: getattr(judgment, name) for name in (*names, "judge", "mode", "order", "repeat")}
    if judgment.mode == "pointwise":
        row |= {"score": value, "scale": list(judgment.scale)}
    else:
        row["preference"] = value
    row["rubric"], row["rationale"] = judgment.rubric or None, judgment.rationale or None
    row["reason"] = None if isinstance(outcome, Scored) else outcome.reason
    own = {name: getattr(judgment, name, None) for name, _ in _JUDGMENT_ORIGIN}
    own |= {"method": outcome.method if isinstance(outcome, Scored) else None}
    own |= {"mass": outcome.mass, "options": outcome.options}
    own["probabilities"] = outcome.probabilities
    row |= _origin(own, _JUDGMENT_ORIGIN, judgment.extra)
    return row


def _label(label: Label) -> Row:
    names = [name for name in _SCHEMAS["labels"].names if name != "extra"]
    return {name: getattr(label, name) for name in names} | {"extra": _packed(label.extra)}


def _evidence(run: Run) -> Iterator[Row]:
    """Yield the signals of the texts that are in the dataset, as they were measured last."""
    wanted = [name for name in _SCHEMAS["evidence"].names if name not in _OF_TEXTS]
    columns = ", ".join(f'latest."{name}"' for name in wanted)
    of_texts = ", ".join(f"texts.{name}" for name in _OF_TEXTS)
    sql = f"""
        WITH latest AS (
            SELECT * FROM evidence_parts QUALIFY row_number() OVER (
                PARTITION BY text_id ORDER BY part_index DESC, row_index DESC) = 1)
        SELECT {of_texts}, {columns} FROM latest JOIN texts USING (text_id)
        WHERE texts.status = 'ok' ORDER BY {of_texts}
    """  # noqa: S608  names are those of the schema
    stream = read_stream(run.directory, Query(sql, kinds=("texts", "evidence")))
    for batch in stream.batches:
        yield from batch.to_pylist()


def _origin(own: Row, columns: tuple[tuple[str, pa.DataType], ...], extra: str) -> Row:
    """Return the columns that say where a record comes from, and what is left of ``extra``."""
    left: dict[str, Json] = json.loads(extra)
    if own["origin"] == "imported":
        for name, kind in columns:
            if name in left and _fits(left[name], kind):
                own[name] = left.pop(name)
    told = {name: value if value not in ("", (), []) else None for name, value in own.items()}
    return {**told, "extra": _packed(left)}


def _fits(value: Json, kind: pa.DataType) -> bool:
    try:
        pa.scalar(value, kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return False
    return True


def _packed(extra: Mapping[str, Json]) -> str | None:
    return json.dumps(extra, ensure_ascii=False, sort_keys=True) if extra else None
