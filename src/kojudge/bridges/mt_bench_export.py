"""A run as files of MT-bench.

question.jsonl
model_answer/MODEL.jsonl
model_judgment/JUDGE.CRITERION_single.jsonl, …_pair.jsonl
model_judgment/JUDGE.CRITERION/MODEL.jsonl    games that came from arena-hard
votes.CRITERION.jsonl                         labels of pairs
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kojudge.bridges.exports import (
    TEXT_WORDS,
    Conversation,
    Exported,
    PeerFile,
    conversations,
    finished,
    kept_of,
    natural,
    score_of,
)
from kojudge.bridges.mt_bench import NO_CATEGORY
from kojudge.bridges.mt_bench_judgments import SCALE
from kojudge.bridges.mt_bench_pairs import PAIR_WORDS, pair_records
from kojudge.bridges.mt_bench_votes import vote_record
from kojudge.bridges.peer_files import Line, original_id
from kojudge.bridges.tally import Tally
from kojudge.errors import said
from kojudge.records import Json, Judgment, Label, Text, Unscored

__all__ = ["mt_bench_files"]


def mt_bench_files(
    texts: Iterable[Text], judgments: Iterable[Judgment], labels: Iterable[Label]
) -> Exported:
    """Return the questions, a file of answers a candidate, the judgments, and votes of people."""
    tally = Tally(TEXT_WORDS | _WORDS | PAIR_WORDS)
    talks = conversations(texts, tally)
    items = finished(judgments, tally)
    singles = _singles([item for item in items if item.mode == "pointwise"], tally)
    pairs = pair_records([item for item in items if item.mode == "pairwise"], tally)
    files = [*_answers(talks), *singles, *pairs, *_votes(labels, tally)]
    for file in files:
        file.records.sort(key=_sorting)
    questions = _questions(talks)
    return Exported([*questions, *files], tally.said())


def _sorting(record: Line) -> tuple[object, ...]:
    names = ("model", "model_1", "model_2", "model_a", "model_b", "turn")
    return (natural(record["question_id"]), *(str(record.get(name)) for name in names))


def _questions(talks: Mapping[Any, Conversation]) -> list[PeerFile]:
    longest: dict[str, Conversation] = {}
    for talk in talks.values():
        held = longest.setdefault(talk.first.prompt_id, talk)
        if len(talk.turns) > len(held.turns):
            longest[talk.first.prompt_id] = talk
    records: list[Line] = []
    for talk in longest.values():
        turns = [_turn(text, text.prompt, question=True) for text in talk.turns]
        category = talk.first.category
        records.append({"question_id": _id(talk.first), "category": category, "turns": turns})
        if category == NO_CATEGORY:
            del records[-1]["category"]
    records.sort(key=lambda record: natural(record["question_id"]))
    return [PeerFile((), "question", ".jsonl", records)] if records else []


def _answers(talks: Mapping[Any, Conversation]) -> list[PeerFile]:
    by: dict[tuple[str, str], list[Conversation]] = {}
    for talk in talks.values():
        by.setdefault((talk.first.candidate, talk.first.prompt_id), []).append(talk)
    files: dict[str, PeerFile] = {}
    for (candidate, _), own in by.items():
        own.sort(key=lambda talk: talk.first.sample)
        first = own[0].first
        extra = {k: v for k, v in kept_of(first, "mt_bench").items() if k not in _OWN}
        if first.origin == "generated":
            extra["answer_id"] = first.text_id
        record = {"question_id": _id(first), "model_id": candidate} | extra
        record["choices"] = [_choice(talk) for talk in own]
        file = PeerFile(("model_answer",), candidate, ".jsonl")
        files.setdefault(candidate, file).records.append(record)
    return [*files.values()]


_OWN = ("choice", "turn")
"""What an import keeps for a choice or a turn, not for the record."""


def _choice(talk: Conversation) -> Line:
    turns = [_turn(text, text.text) for text in talk.turns]
    choice: Line = {"index": talk.first.sample, "turns": turns}
    kept = kept_of(talk.first, "mt_bench").get("choice")
    return choice | (kept if isinstance(kept, dict) else {})


def _turn(text: Text, content: str, *, question: bool = False) -> Json:
    """Return a turn as the import found it: a string, or (arena-hard) an object."""
    kept = kept_of(text, "mt_bench").get("turn")
    if not isinstance(kept, dict):
        return content
    return {"content": content} | ({} if question else kept)


def _id(text: Text) -> Json:
    return original_id(text.prompt_id, kept_of(text, "mt_bench"), "question_id")


def _singles(items: Iterable[Judgment], tally: Tally) -> list[PeerFile]:
    files: dict[tuple[str, str], PeerFile] = {}
    for item in items:
        if item.sample or item.repeat:
            tally.add("samples")
            continue
        name = f"{item.judge}.{item.criterion}_single"
        file = PeerFile(("model_judgment",), name, ".jsonl")
        files.setdefault((item.judge, item.criterion), file).records.append(_single(item, tally))
    return [*files.values()]


def _single(item: Judgment, tally: Tally) -> Line:
    kept = kept_of(item, "mt_bench")
    score = score_of(item)
    reason = item.outcome.reason if isinstance(item.outcome, Unscored) else ""
    record: Line = {
        "question_id": original_id(item.prompt_id, kept, "question_id"),
        "model": item.candidate,
        "judge": [item.judge, item.rubric] if item.rubric else item.judge,
        "judgment": item.rationale or reason,
        "score": -1 if score is None else int(score) if score == int(score) else score,
        "turn": item.turn,
    }
    if item.scale != SCALE:
        tally.add("scale")
        record["scale"] = list(item.scale)
    return record | kept


def _votes(labels: Iterable[Label], tally: Tally) -> list[PeerFile]:
    files: dict[str, PeerFile] = {}
    for label in labels:
        if label.preference not in (0, 0.5, 1) or label.baseline is None or label.sample:
            tally.add("labels")
            continue
        file = PeerFile((), f"votes.{label.criterion}", ".jsonl")
        files.setdefault(label.criterion, file).records.append(vote_record(label))
    return [*files.values()]


_WORDS = {
    "samples": said(
        "둘째 이후의 표본이나 되풀이라 뺀 판정 {n}건(MT-bench는 첫 답을 한 번 심사)",
        "{n} judgments of further samples or repeats are left out: MT-bench judges the first "
        "answer once",
    ),
    "scale": said(
        "MT-bench의 1–10이 아닌 척도의 점수 {n}건: 그대로 적고 scale을 붙입니다",
        "{n} scores are not on MT-bench's 1–10: written as they are, with their scale",
    ),
    "labels": said(
        "승·무·패가 아니어서 뺀 사람 평가 {n}건",
        "{n} labels are left out that are no win, tie or loss against a baseline",
    ),
}
