"""A run as LogicKor's generated and evaluated files.

generated/ORG/MODEL/default.jsonl
JUDGE.CRITERION/evaluated/ORG/MODEL/default.jsonl
"""

from __future__ import annotations

import re
from collections.abc import Iterable

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
from kojudge.bridges.logickor import QUERIES, SCALE, STRATEGIES
from kojudge.bridges.peer_files import Line, original_id
from kojudge.bridges.tally import Tally
from kojudge.errors import said
from kojudge.records import Json, Judgment, Text, Unscored

__all__ = ["logickor_files"]

Place = tuple[str, str]
_NAMED = re.compile(rf"(.+) \(({'|'.join(STRATEGIES[1:])})\)")


def logickor_files(texts: Iterable[Text], judgments: Iterable[Judgment]) -> Exported:
    """Return the generated files, and an evaluated file for each judge and criterion."""
    tally = Tally(TEXT_WORDS | _WORDS)
    found = {}
    for (prompt_id, candidate, sample), talk in conversations(texts, tally).items():
        if sample:
            tally.add("samples", len(talk.turns))
        else:
            found[prompt_id, candidate] = talk
    tally.add("one_turn", sum(len(talk.turns) == 1 for talk in found.values()))
    tally.add("turns", sum(max(0, len(talk.turns) - len(QUERIES)) for talk in found.values()))
    files: dict[tuple[str, ...], PeerFile] = {}
    for talk in found.values():
        _file(files, ("generated",), talk.first.candidate).records.append(_answered(talk))
    for (judge, criterion, place), queries in _queries(judgments, found, tally).items():
        folders = (f"{judge}.{criterion}", "evaluated")
        record = _answered(found[place]) | queries
        _file(files, folders, place[1]).records.append(record)
    for file in files.values():
        file.records.sort(key=lambda record: natural(record["id"]))
    return Exported([*files.values()], tally.said())


def _file(
    files: dict[tuple[str, ...], PeerFile], folders: tuple[str, ...], candidate: str
) -> PeerFile:
    named = _NAMED.fullmatch(candidate)
    model, strategy = (named[1], named[2]) if named else (candidate, STRATEGIES[0])
    whole = (*folders, *(part for part in model.split("/") if part))
    return files.setdefault((*whole, strategy), PeerFile(whole, strategy, ".jsonl"))


def _answered(talk: Conversation) -> Line:
    kept = kept_of(talk.first, "logickor")
    questions: list[Json] = [text.prompt for text in talk.turns]
    outputs: list[Json] = [text.text for text in talk.turns]
    record: Line = {
        "id": original_id(talk.first.prompt_id, kept, "id"),
        "category": talk.first.category,
        "questions": questions,
        "outputs": outputs,
    }
    none: list[Json] = [None] * len(questions)
    return record | (kept or {"references": none})


def _queries(
    judgments: Iterable[Judgment], found: dict[Place, Conversation], tally: Tally
) -> dict[tuple[str, str, Place], Line]:
    """Return query_single and query_multi by judge, criterion and what was judged."""
    queries: dict[tuple[str, str, Place], Line] = {}
    for item in finished(judgments, tally):
        place = (item.prompt_id, item.candidate)
        if item.mode == "pairwise":
            tally.add("pairwise")
        elif item.sample or item.repeat:
            tally.add("samples_judged")
        elif place not in found or len(found[place].turns) < item.turn or item.turn > len(QUERIES):
            tally.add("no_text")
        else:
            own = queries.setdefault((item.judge, item.criterion, place), {})
            if QUERIES[item.turn - 1] in own:
                tally.add("rubrics")
            else:
                own[QUERIES[item.turn - 1]] = _query(item, tally)
    return queries


def _query(item: Judgment, tally: Tally) -> Line:
    reason = item.outcome.reason if isinstance(item.outcome, Unscored) else ""
    query: Line = {"judge_message": item.rationale or reason, "judge_score": score_of(item)}
    if item.scale != SCALE:
        tally.add("scale")
        query["scale"] = list(item.scale)
    kept = kept_of(item, "logickor")
    tally.add("null", int(query["judge_score"] is None and "judge_score" not in kept))
    return query | kept


_WORDS = {
    "samples": said(
        "둘째 이후의 표본이라 뺀 글 {n}건(LogicKor는 답이 하나)",
        "{n} texts of further samples are left out: LogicKor holds one answer",
    ),
    "turns": said(
        "셋째 이후의 차례 {n}건은 적지만 LogicKor가 심사하지 않습니다",
        "{n} turns after the second are written, but LogicKor judges two",
    ),
    "one_turn": said(
        "차례가 하나뿐인 답 {n}건: LogicKor의 evaluator.py는 두 차례를 요구합니다",
        "{n} answers have one turn; LogicKor's evaluator.py asks for two",
    ),
    "pairwise": said("쌍 비교라 뺀 판정 {n}건", "{n} pairwise judgments are left out"),
    "samples_judged": said(
        "둘째 이후의 표본이나 되풀이라 뺀 판정 {n}건",
        "{n} judgments of further samples or repeats are left out",
    ),
    "no_text": said(
        "글이 없거나 셋째 이후의 차례라 뺀 판정 {n}건",
        "{n} judgments are left out for want of the text, or of a turn after the second",
    ),
    "rubrics": said(
        "같은 글·심사 모델·평가 항목의 다른 루브릭이라 뺀 판정 {n}건",
        "{n} judgments by another rubric of the same judge and criterion are left out",
    ),
    "scale": said(
        "LogicKor의 0–10이 아닌 척도의 점수 {n}건: 그대로 적고 scale을 붙입니다",
        "{n} scores are not on LogicKor's 0–10: written as they are, with their scale",
    ),
    "null": said(
        "점수가 없는 판정 {n}건: judge_score를 null로 적습니다(LogicKor의 score.py는 null을 읽지 못합니다)",
        "{n} judgments without a score: judge_score is null, which LogicKor's score.py cannot read",
    ),
}
