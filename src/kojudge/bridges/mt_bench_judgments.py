"""Judgments of MT-bench files, one record at a time; its fields tell its kind.

    single  question_id model judge[model, prompt] judgment score turn      1–10, -1: not read
    pair    question_id model_1 model_2 judge g1_winner g2_winner turn      model_1 first in g1
    arena   question_id model judge games[2] of score "A>>B" … "B>>A"       baseline first in 1
    komt    id chatgpt score                                                0–5, 0: maybe not read
    vote    question_id model_a model_b judge winner turn                   both orders in one

In a pair, model_1 is the candidate, but where --baseline names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kojudge.bridges.base import Named
from kojudge.bridges.mt_bench_votes import WINNERS, Vote, vote_of
from kojudge.bridges.peer_files import (
    Line,
    Name,
    Object,
    Record,
    checked,
    identifier,
    kept_id,
    needed,
    number,
    scale_of,
    wrong,
)
from kojudge.bridges.tally import Tally
from kojudge.errors import said
from kojudge.records import Json
from kojudge.store.lines import LineError

if TYPE_CHECKING:
    from kojudge.bridges.mt_bench import Question

__all__ = ["KOMT_SCALE", "SCALE", "VERDICTS", "Judging", "judgment_lines"]

SCALE = (1.0, 10.0)
KOMT_SCALE = (0.0, 5.0)
VERDICTS = {
    "A>>B": 1.0, "A>B": 1.0, "A=B": 0.5, "B>A": 0.0, "B>>A": 0.0,
    "B<<A": 1.0, "B<A": 1.0, "B=A": 0.5, "A<B": 0.0, "A<<B": 0.0,
}  # fmt: skip
"""What the answer shown first gets in a verdict of arena-hard; ``>>`` says it strongly."""
_COMPARED = {"model_1": 1.0, "model_2": 0.0, "tie": 0.5}
_SAYS_ZERO = re.compile(r"(Score:\s*)?0(\.0*)?")
_BOTH_ORDERS = "_pair"


@dataclass(frozen=True, slots=True)
class Judging:
    """What the options say, what is counted, and the questions where they were given."""

    named: Named
    tally: Tally
    questions: Callable[[], Mapping[str, Question]]


class _Single(Record):
    model: Name
    judgment: str | None = None


class _Pair(Record):
    model_1: Name
    model_2: Name


class _Arena(Record):
    model: Name
    judge: Name
    games: list[Object | None]


class _Komt(Record):
    chatgpt: str


def judgment_lines(judging: Judging, komt_model: str, data: Line) -> Iterator[Line]:
    """Yield the judgments of one record; raise LineError where it is wrong or of no kind known."""
    if "games" in data:
        lines = _arena(judging, data)
    elif "g1_winner" in data or "model_1" in data:
        lines = _pair(judging, data)
    elif "model_a" in data:
        lines = _votes(judging, data)
    elif "chatgpt" in data:
        lines = _komt(judging, komt_model, data)
    elif "score" in data:
        lines = _single(judging, data)
    else:
        raise LineError("", _NO_KIND)
    for line in lines:
        question = judging.questions().get(str(line["prompt_id"]))
        yield line | ({"category": question.category} if question else {})


def _single(judging: Judging, data: Line) -> Iterator[Line]:
    record = checked(_Single, data)
    kept = _kept(record, "question_id", "judge", "score", "turn", "scale")
    kept |= kept_id(data, "question_id")
    score = number(data["score"], "score")
    low, high = scale_of(data, SCALE)
    reason = ""
    if score is None or score == -1:
        called = (record.judgment or "").strip() != "$ERROR$"
        reason = "no rating in the judge's reply" if called else "the judge could not be reached"
    elif not low <= score <= high:
        reason = f"rating {score:g} is outside {low:g}–{high:g}"
    line: Line = _asked(judging, data) | {
        "candidate": record.model,
        "mode": "pointwise",
        "score": score,
        "scale": [low, high],
        "rationale": record.judgment,
    }
    if reason:
        judging.tally.add("unscored")
        kept["score"] = data["score"]
        line |= {"score": None, "reason": reason}
    yield _with(line, kept)


def _komt(judging: Judging, model: str, data: Line) -> Iterator[Line]:
    record = checked(_Komt, data)
    candidate = model or judging.named.candidate
    score = number(data.get("score"), "score")
    line: Line = {
        "prompt_id": identifier(data, "id"),
        "candidate": needed(candidate, "--candidate", said("후보 모델의 이름이", "the candidate")),
        "sample": 0,
        "criterion": judging.named.criterion,
        "judge": judging.named.judge or "chatgpt",
        "mode": "pointwise",
        "score": score,
        "scale": list(KOMT_SCALE),
        "rationale": record.chatgpt,
    }
    kept: Line = kept_id(data, "id", "question_id")
    # Its parser writes 0 both for a zero and where it reads none; the reply tells them apart.
    if score is None or (not score and not _SAYS_ZERO.fullmatch(record.chatgpt.strip())):
        judging.tally.add("unscored")
        line |= {"score": None, "reason": "no score in the judge's reply"}
        kept["komt_score"] = data.get("score")  # not "score": it would come back as a zero
    yield _with(line, kept)


def _pair(judging: Judging, data: Line) -> Iterator[Line]:
    record = checked(_Pair, data)
    turned = record.model_2 != judging.named.baseline == record.model_1
    asked = _asked(judging, data) | {"mode": "pairwise"}
    asked |= _sides(record.model_1, record.model_2, turned)
    games = ("g1", "g2")
    used = [f"{game}_{part}" for game in games for part in ("winner", "judgment", "preference")]
    rest = _kept(record, "question_id", "judge", "turn", *used)
    rest |= kept_id(data, "question_id")
    shared = {k: v for k, v in rest.items() if not k.startswith(("g1_", "g2_"))}
    for game in games:
        first = _won(data, game)
        own = {k: v for k, v in rest.items() if k.startswith(f"{game}_")}
        kept = own | (shared if game == "g1" else {}) | ({"turned": True} if turned else {})
        line = asked | {
            "order": "AB" if (game == "g1") != turned else "BA",
            "preference": first if first is None or not turned else 1 - first,
            "rationale": _string(data, f"{game}_judgment"),
        }
        if turned and (exact := data.get(f"{game}_preference")) is not None:
            kept[f"{game}_preference"] = exact  # one less it is not that to its last digit
        if first is None:
            judging.tally.add("unscored")
            kept[f"{game}_winner"] = data[f"{game}_winner"]
            line["reason"] = "no verdict in the judge's reply"
        yield _with(line, kept)


def _won(data: Line, game: str) -> float | None:
    """Return what model_1 got in a game: 1, ½ or 0, or the probability that kojudge wrote."""
    field = f"{game}_winner"
    if field not in data:
        raise LineError(field, said("있어야 하는 필드가 없습니다.", "this field is required."))
    winner = data[field]
    exact = number(data.get(f"{game}_preference"), f"{game}_preference")
    if winner is None or winner == "error":
        return None
    if not isinstance(winner, str) or winner not in _COMPARED:
        raise wrong(field, said("model_1, model_2, tie, error 가운데 하나여야 합니다.",
                                "must be model_1, model_2, tie or error."), winner)  # fmt: skip
    return _COMPARED[winner] if exact is None else exact


def _arena(judging: Judging, data: Line) -> Iterator[Line]:
    record = checked(_Arena, data)
    baseline = needed(
        judging.named.baseline, "--baseline", said("기준 모델의 이름이", "the baseline")
    )
    if not 0 < len(record.games) <= 2:
        raise wrong(
            "games",
            said("판이 하나나 둘이어야 합니다.", "must hold one game or two."),
            len(record.games),
        )
    judging.tally.add("games", 2 - len(record.games))
    asked = _asked(judging, data) | _sides(record.model, baseline, False) | {"mode": "pairwise"}
    rest = _kept(record, "question_id") | kept_id(data, "question_id")
    for at, game in enumerate(record.games):
        # The baseline is shown first in the first game, the model in the second.
        verdict, first = _verdict(game or {}, at)
        own = None if game is None else _own(game)
        kept: Line = {"verdict": verdict} | (rest if at == 0 else {})
        kept |= {"game": own} if own != {} else {}
        preference = first if first is None or at == 1 else 1 - first
        line = asked | {"order": "BA" if at == 0 else "AB", "preference": preference}
        line["rationale"] = _string(game or {}, "judgment", f"games.{at}.")
        if first is None:
            judging.tally.add("unscored")
            line["reason"] = "no verdict in the judge's reply"
        yield _with(line, kept)


def _verdict(game: Line, at: int) -> tuple[str | None, float | None]:
    """Return the verdict, and what the answer shown first gets by it."""
    verdict = game.get("score")
    if verdict is None:
        return None, None
    if not isinstance(verdict, str) or verdict not in VERDICTS:
        listed = ", ".join(list(VERDICTS)[:5])
        problem = said(
            f"{listed} 가운데 하나나 null이어야 합니다.", f"must be one of {listed}, or null."
        )
        raise wrong(f"games.{at}.score", problem, verdict)
    return verdict, VERDICTS[verdict]


def _own(game: Line) -> Line:
    return {k: v for k, v in game.items() if k not in ("score", "judgment")}


def _votes(judging: Judging, data: Line) -> Iterator[Line]:
    vote = vote_of(data, judging.named.baseline)
    if not vote.judge.endswith(_BOTH_ORDERS):
        raise wrong("judge", _NO_ORDER, vote.judge)
    judging.tally.add("votes")
    line: Line = {
        "prompt_id": vote.prompt_id,
        "candidate": vote.candidate,
        "baseline": vote.baseline,
        "sample": 0,
        "criterion": judging.named.criterion,
        "judge": vote.judge,
        "mode": "pairwise",
        "preference": vote.preference if vote.winner in WINNERS else None,
    }
    line |= {"turn": vote.turn} if vote.turn != 1 else {}
    if vote.winner not in WINNERS:
        line["reason"] = f"both orders in one: {vote.winner}"
    for order in ("AB", "BA"):
        yield _with(line | {"order": order}, _vote_kept(vote, order))


def _vote_kept(vote: Vote, order: str) -> Line:
    return {"vote": vote.winner} | (vote.kept if order == "AB" else {})


def _asked(judging: Judging, data: Line) -> Line:
    """Return the fields that records of FastChat and arena-hard share."""
    judge, prompt = _judge(data.get("judge"))
    turn = data.get("turn", 1)
    if not isinstance(turn, int) or isinstance(turn, bool) or turn < 1:
        raise wrong(
            "turn", said("1 이상의 정수여야 합니다.", "must be an integer of at least 1."), turn
        )
    line: Line = {
        "prompt_id": identifier(data, "question_id"),
        "sample": 0,
        "criterion": judging.named.criterion,
        "judge": judge,
    }
    return line | ({"rubric": prompt} if prompt else {}) | ({"turn": turn} if turn != 1 else {})


def _judge(judge: Json) -> tuple[str, str]:
    """Return the judge and the prompt it was asked with, which may be empty."""
    if isinstance(judge, str) and judge:
        return judge, ""
    if isinstance(judge, list) and len(judge) == 2:
        model, prompt = judge
        if isinstance(model, str) and model and isinstance(prompt, str):
            return model, prompt
    raise wrong("judge", said('이름이나 ["모델", "프롬프트"]여야 합니다.',
                              'must be a name or ["model", "prompt"].'), judge)  # fmt: skip


def _sides(one: str, other: str, turned: bool) -> Line:
    return (
        {"candidate": other, "baseline": one} if turned else {"candidate": one, "baseline": other}
    )


def _string(data: Mapping[str, Json], field: str, where: str = "") -> str | None:
    value = data.get(field)
    if value is None or isinstance(value, str):
        return value
    raise wrong(where + field, said("문자열이어야 합니다.", "must be a string."), value)


def _kept(record: Record, *read: str) -> Line:
    extra: Mapping[str, Any] = record.model_extra or {}
    return {name: value for name, value in extra.items() if name not in read}


def _with(line: Line, kept: Line) -> Line:
    found = line | ({"mt_bench": kept} if kept else {})
    return {k: v for k, v in found.items() if v is not None or k in ("score", "preference")}


_NO_KIND = said(
    "MT-bench의 판정이 아닙니다(score, g1_winner, games, winner 가운데 아무것도 없습니다).",
    "is no judgment of MT-bench: it has none of score, g1_winner, games, winner.",
)
_NO_ORDER = said(
    "이 투표는 어느 글을 먼저 보였는지 말하지 않습니다. 사람의 평가라면 --labels로 들여오세요.",
    "this vote does not say which answer was shown first; import votes of people with --labels.",
)
