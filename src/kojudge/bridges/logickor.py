"""LogicKor: 42 Korean questions of two turns, answered, then judged turn by turn.

    questions.jsonl                    id category questions[2] [references]
    generated/ORG/MODEL/default.jsonl  the same with outputs[2]
    evaluated/ORG/MODEL/default.jsonl  the same with query_single, query_multi, each a
                                       judge_message and a judge_score

The model's name is the folder below ``generated`` or ``evaluated``; the file's is the way of
prompting (default, 1-shot, cot-1-shot). The files do not name the judge. Its judges are asked
for 1–10, and for 0 where the answer is not Korean, so a 0 is a score; after five failures
LogicKor itself writes 0.0 with a text that says so, and that is none.

All that has no place in a run is kept under ``logickor`` for the way back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import PurePath

from kojudge.bridges.base import Converted, Files, Named
from kojudge.bridges.peer_files import (
    Line,
    Name,
    Record,
    checked,
    converted,
    identifier,
    kept_id,
    needed,
    number,
    refuse_prompts,
    scale_of,
    wrong,
)
from kojudge.bridges.tally import Tally
from kojudge.errors import ConfigError, Said, said
from kojudge.records import Json
from kojudge.store.interchange import Lines
from kojudge.store.lines import LineError

__all__ = ["QUERIES", "SCALE", "STRATEGIES", "candidate_of", "convert"]

QUERIES = ("query_single", "query_multi")
"""The judgment of the first turn, and of the second."""
SCALE = (0.0, 10.0)
STRATEGIES = ("default", "1-shot", "cot-1-shot")
"""Its ways of prompting; ``default`` adds nothing."""
_GAVE_UP = "Impossible to judge due to repetition."
_FOLDERS = ("generated", "evaluated")
_JUDGED_AT = re.compile(r"judge_\d{8}_\d{6}")


class _Answered(Record):
    category: Name
    questions: list[str]
    outputs: list[str]


class _Judged(Record):
    category: Name


class _Query(Record):
    judge_message: str


def convert(files: Files) -> Converted:
    """Return the texts and judgments of generated and evaluated files.

    Raises ConfigError where the files lack a name that no option gives, or labels are given.
    """
    refuse_prompts(files.prompts)
    if files.labels:
        raise ConfigError(
            said("LogicKor에는 사람의 평가가 없습니다.", "LogicKor has no human labels."),
            said("--labels를 빼세요.", "Leave --labels out."),
        )
    tally = Tally(_WORDS)
    asked = files.named
    if files.judgments:
        needed(asked.judge, "--judge", said("심사 모델의 이름이", "who judged"))
        needed(asked.criterion, "--criterion", said("평가 항목의 이름이", "the criterion"))
    texts = [
        Lines(path, converted(path, partial(_texts, candidate_of(path, asked), tally)))
        for path in files.texts
    ]
    judgments = [
        Lines(path, converted(path, partial(_judgments, candidate_of(path, asked), asked, tally)))
        for path in files.judgments
    ]
    return Converted(texts=texts, judgments=judgments, left_out=tally.said)


def candidate_of(path: str, named: Named) -> str:
    """Return the candidate: as named, else ``ORG/MODEL`` or ``ORG/MODEL (1-shot)`` by the path.

    Raises ConfigError where neither says.
    """
    if named.candidate:
        return named.candidate
    *folders, stem = PurePath(path).with_suffix("").parts
    places = [at for at, part in enumerate(folders) if part in _FOLDERS]
    folders = folders[places[-1] + 1 :] if places else []
    if stem in STRATEGIES and folders:
        return "/".join(folders) + ("" if stem == STRATEGIES[0] else f" ({stem})")
    if stem not in STRATEGIES and not _JUDGED_AT.fullmatch(stem):
        return "/".join([*folders, stem])
    raise ConfigError(
        said(f"{path}: 경로에 후보 모델의 이름이 없습니다(generated/ORG/MODEL/{stem}.jsonl 꼴).",
             f"{path}: the path does not name the candidate "
             f"(as generated/ORG/MODEL/{stem}.jsonl does)."),
        said("--candidate로 주세요.", "Give it with --candidate."),
    )  # fmt: skip


def _texts(candidate: str, tally: Tally, data: Line) -> Iterator[Line]:
    record = checked(_Answered, data)
    if not 0 < len(record.outputs) <= len(record.questions):
        raise LineError("outputs", _count(len(record.outputs), len(record.questions)))
    tally.add("questions", len(record.questions) - len(record.outputs))
    history: list[Json] = []
    turns = zip(record.questions, record.outputs, strict=False)
    for turn, (question, output) in enumerate(turns, start=1):
        line = _place(data, candidate, turn) | {"prompt": question, "text": output}
        kept = _rest(record, data) if turn == 1 else {}
        if history:
            line["history"] = list(history)
        yield line | ({"logickor": kept} if kept else {})
        history += [
            {"role": "user", "content": question},
            {"role": "assistant", "content": output},
        ]


def _rest(record: _Answered, data: Line) -> Line:
    """Return the fields of an answered record that texts have no place for."""
    kept = {k: v for k, v in (record.model_extra or {}).items() if k not in ("id", *QUERIES)}
    if len(record.questions) != len(record.outputs):
        kept["questions"] = list(record.questions)
    return kept | kept_id(data, "id")


def _judgments(candidate: str, named: Named, tally: Tally, data: Line) -> Iterator[Line]:
    checked(_Judged, data)
    if not any(query in data for query in QUERIES):
        raise LineError(QUERIES[0], _NOT_JUDGED)
    for turn, query in enumerate(QUERIES, start=1):
        given = data.get(query)
        if query not in data:
            continue
        if not isinstance(given, dict):
            raise wrong(query, said("JSON 객체여야 합니다.", "must be an object."), given)
        try:
            outcome = _outcome(given, tally)
        except LineError as error:
            raise LineError(f"{query}.{error.field}", error.problem, error.hint) from error
        yield (
            _place(data, candidate, turn)
            | outcome
            | {
                "criterion": named.criterion,
                "judge": named.judge,
                "mode": "pointwise",
            }
        )


def _outcome(given: Line, tally: Tally) -> Line:
    query = checked(_Query, given)
    score = number(given.get("judge_score"), "judge_score")
    low, high = scale_of(given, SCALE)
    kept = {k: v for k, v in given.items() if k not in ("judge_message", "judge_score", "scale")}
    reason = ""
    if score is None:
        reason = "LogicKor: no score"
    elif not score and query.judge_message.strip() == _GAVE_UP:
        reason = f"LogicKor gave up: {_GAVE_UP}"
    elif not low <= score <= high:
        reason = f"LogicKor: score {score:g} is outside {low:g}–{high:g}"
    line: Line = {"score": score, "scale": [low, high], "rationale": query.judge_message}
    if reason:
        tally.add("unscored")
        kept["judge_score"] = given.get("judge_score")
        line |= {"score": None, "reason": reason}
    elif score == 0:
        tally.add("zeros")
    return line | ({"logickor": kept} if kept else {})


def _place(data: Line, candidate: str, turn: int) -> Line:
    line: Line = {
        "prompt_id": identifier(data, "id"),
        "category": data["category"],
        "candidate": candidate,
        "sample": 0,
    }
    return line | ({"turn": turn} if turn != 1 else {})


def _count(outputs: int, questions: int) -> Said:
    return said(
        f"질문이 {questions}개인데 답이 {outputs}개입니다.",
        f"there are {outputs} answers to {questions} questions.",
    )


_NOT_JUDGED = said(
    "query_single도 query_multi도 없습니다. LogicKor의 evaluated 파일이 맞나요?",
    "is required, or query_multi: is this one of LogicKor's evaluated files?",
)
_WORDS = {
    "unscored": said(
        "점수가 없는 판정 {n}건: LogicKor가 심사에 실패해 0.0으로 적었거나 척도를 벗어난 값입니다. "
        "점수 없이 까닭만 남깁니다.",
        "{n} judgments without a score: LogicKor failed and wrote 0.0, or the value is off the "
        "scale. Kept with the reason, without a number.",
    ),
    "zeros": said(
        "0점 {n}건은 심사 모델이 매긴 점수로 봅니다(실패했다는 LogicKor의 문구가 없습니다).",
        "{n} zeros are taken for scores of the judge: LogicKor's words for a failure are not there.",
    ),
    "questions": said(
        "답이 없는 질문 {n}개: 글이 되지 않습니다.",
        "{n} questions have no answer and make no text.",
    ),
}
