"""Pairwise judgments of a run as records of MT-bench: pairs, games of arena-hard, votes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kojudge.bridges.exports import PeerFile, kept_of, score_of
from kojudge.bridges.peer_files import Line, original_id
from kojudge.bridges.tally import Tally
from kojudge.errors import said
from kojudge.records import Json, Judgment, Unscored

__all__ = ["PAIR_WORDS", "pair_records"]

Orders = dict[str, Judgment]
"""The judgments of one pair by order."""


def pair_records(items: Iterable[Judgment], tally: Tally) -> list[PeerFile]:
    """Return the files of pairs; those that came as games or votes go back as such."""
    pairs: dict[tuple[object, ...], Orders] = {}
    for item in items:
        if item.sample or item.repeat:
            tally.add("pair_samples")
            continue
        about = (item.prompt_id, item.candidate, item.baseline, item.turn)
        orders = pairs.setdefault((*about, item.judge, item.criterion, item.rubric), {})
        orders[str(item.order)] = item
    files: dict[tuple[str, ...], PeerFile] = {}
    for orders in pairs.values():
        _add(files, orders, tally)
    return [*files.values()]


def _add(files: dict[tuple[str, ...], PeerFile], orders: Orders, tally: Tally) -> None:
    item = next(iter(orders.values()))
    kept = {order: kept_of(found, "mt_bench") for order, found in orders.items()}
    name = f"{item.judge}.{item.criterion}"
    if any("verdict" in own for own in kept.values()):
        file = PeerFile(("model_judgment", name), item.candidate, ".jsonl")
        record = _games(orders, kept)
    elif any("vote" in own for own in kept.values()):
        file = PeerFile(("model_judgment",), f"{name}_votes", ".jsonl")
        record = _vote(item, kept)
    elif len(orders) < 2:
        tally.add("one_order")
        return
    else:
        file = PeerFile(("model_judgment",), f"{name}_pair", ".jsonl")
        record = _pair(orders, kept, tally)
    files.setdefault((*file.folders, file.name), file).records.append(record)


def _games(orders: Orders, kept: Mapping[str, Line]) -> Line:
    """Return a record of arena-hard: the baseline is shown first in its first game."""
    item = next(iter(orders.values()))
    games: list[Json] = []
    rest: Line = {}
    for order in ("BA", "AB"):
        if order in orders:
            own = dict(kept[order])
            verdict, game = own.pop("verdict", None), own.pop("game", {})
            if isinstance(game, dict):
                told = orders[order].rationale
                game = {"score": verdict} | ({"judgment": told} if told else {}) | game
            games.append(game)
            rest |= own
    record: Line = {
        "question_id": original_id(item.prompt_id, rest, "question_id"),
        "model": item.candidate,
        "judge": item.judge,
    }
    return record | rest | {"games": games}


def _vote(item: Judgment, kept: Mapping[str, Line]) -> Line:
    extra = dict(kept.get("AB", {}))
    winner = extra.pop("vote", None)
    record: Line = {
        "judge": item.judge,
        "model_a": item.candidate,
        "model_b": item.baseline,
        "question_id": original_id(item.prompt_id, extra, "question_id"),
        "turn": item.turn,
        "winner": winner,
    }
    return record | extra


def _pair(orders: Orders, kept: Mapping[str, Line], tally: Tally) -> Line:
    item = orders["AB"]
    extra: Line = kept["AB"] | kept["BA"]
    turned = bool(extra.pop("turned", False))
    one, other = (item.baseline, item.candidate) if turned else (item.candidate, item.baseline)
    record: Line = {
        "question_id": original_id(item.prompt_id, extra, "question_id"),
        "model_1": one,
        "model_2": other,
        "judge": [item.judge, item.rubric] if item.rubric else item.judge,
        "turn": item.turn,
    }
    for game in ("g1", "g2"):
        found = orders["AB" if (game == "g1") != turned else "BA"]
        record |= _game(game, found, turned, tally)
    return record | extra


def _game(game: str, item: Judgment, turned: bool, tally: Tally) -> Line:
    preference = score_of(item)
    reason = item.outcome.reason if isinstance(item.outcome, Unscored) else ""
    told: Line = {f"{game}_judgment": item.rationale or reason}
    if preference is None:
        return {f"{game}_winner": "error"} | told
    first = 1 - preference if turned else preference
    winner = "tie" if first == 0.5 else "model_1" if first > 0.5 else "model_2"
    if first not in (0, 0.5, 1):
        tally.add("probabilities")
        told[f"{game}_preference"] = first
    return {f"{game}_winner": winner} | told


PAIR_WORDS = {
    "pair_samples": said(
        "둘째 이후의 표본이나 되풀이라 뺀 쌍 비교 {n}건",
        "{n} pairwise judgments of further samples or repeats are left out",
    ),
    "one_order": said(
        "한쪽 순서밖에 없어 뺀 쌍 {n}건(MT-bench는 두 순서를 한 줄에 적음)",
        "{n} pairs in one order only are left out: MT-bench writes both in one record",
    ),
    "probabilities": said(
        "확률로 낸 판정 {n}건: 이긴 쪽을 적고 확률은 g1_preference·g2_preference에 둡니다",
        "{n} judgments are probabilities: the likelier winner is written, and the probability as "
        "g1_preference or g2_preference",
    ),
}
