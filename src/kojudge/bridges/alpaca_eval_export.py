"""A run as alpaca-eval's files: MODEL/model_outputs.json, MODEL/JUDGE.CRITERION/annotations.json.

output_1 is the baseline's text, output_2 the candidate's, as alpaca-eval has it. ``prompt_id``,
``order``, ``sample``, ``repeat`` and ``output_2_wins`` (the preference less 1, to its last digit)
are added where the format cannot tell them; it leaves columns that it does not know alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from kojudge.bridges.alpaca_eval import NO_DATASET, instruction_id, shown_second_first
from kojudge.bridges.exports import (
    TEXT_WORDS,
    Exported,
    PeerFile,
    conversations,
    finished,
    kept_of,
    score_of,
)
from kojudge.bridges.peer_files import Line
from kojudge.bridges.tally import Tally
from kojudge.errors import said
from kojudge.records import Judgment, Text

__all__ = ["alpaca_eval_files"]


def alpaca_eval_files(texts: Iterable[Text], judgments: Iterable[Judgment]) -> Exported:
    """Return the outputs of each candidate, and its pairwise judgments by judge and criterion."""
    tally = Tally(TEXT_WORDS | _WORDS)
    found = {}
    for place, talk in conversations(texts, tally).items():
        tally.add("turns", len(talk.turns) - 1)
        found[place] = talk.first
    files: dict[tuple[str, ...], PeerFile] = {}
    for text in found.values():
        _file(files, (text.candidate,), "model_outputs").records.append(_output(text))
    for item in finished(judgments, tally):
        if item.mode == "pointwise":
            tally.add("pointwise")
            continue
        ours = found.get((item.prompt_id, item.candidate, item.sample))
        theirs = found.get((item.prompt_id, str(item.baseline), item.sample))
        if ours is None or theirs is None or item.turn != 1:
            tally.add("no_text")
            continue
        folders = (item.candidate, f"{item.judge}.{item.criterion}")
        record = _annotation(item, ours, theirs, tally)
        _file(files, folders, "annotations").records.append(record)
    return Exported([*files.values()], tally.said())


def _file(files: dict[tuple[str, ...], PeerFile], folders: tuple[str, ...], name: str) -> PeerFile:
    return files.setdefault((*folders, name), PeerFile(folders, name, ".json", array=True))


def _output(text: Text) -> Line:
    record: Line = {"instruction": text.prompt, "output": text.text, "generator": text.candidate}
    return record | _place(text) | kept_of(text, "alpaca_eval")


def _annotation(item: Judgment, ours: Text, theirs: Text, tally: Tally) -> Line:
    kept = kept_of(item, "alpaca_eval")
    turned = bool(kept.pop("turned", False))
    one, other = (ours, theirs) if turned else (theirs, ours)
    win = score_of(item)
    second = None if win is None else 1 - win if turned else win
    record: Line = {
        "instruction": ours.prompt,
        "output_1": one.text,
        "generator_1": one.candidate,
        "output_2": other.text,
        "generator_2": other.candidate,
        "annotator": item.judge,
        "preference": None if second is None else 1 + second,
    }
    if second is not None and (1 + second) - 1 != second:
        record["output_2_wins"] = second  # adding 1 has cost the last digits
    record |= _place(ours)
    drawn = "AB" if shown_second_first(ours.prompt) != turned else "BA"
    if item.order != drawn:
        record["order"] = item.order
    if item.repeat:
        record["repeat"] = item.repeat
    tally.add("null", int(win is None))
    if "preference" in kept:
        record.pop("output_2_wins", None)
    return record | kept


def _place(text: Text) -> Line:
    place: Line = {} if text.category == NO_DATASET else {"dataset": text.category}
    if text.prompt_id != instruction_id(text.prompt):
        place["prompt_id"] = text.prompt_id
    if text.sample:
        place["sample"] = text.sample
    return place


_WORDS = {
    "turns": said(
        "둘째 이후의 차례라 뺀 글 {n}건(alpaca-eval은 한 차례)",
        "{n} texts of later turns are left out: alpaca-eval has one turn",
    ),
    "pointwise": said(
        "쌍 비교가 아니어서 뺀 판정 {n}건", "{n} judgments are left out that compare no pair"
    ),
    "no_text": said(
        "두 글이 다 있지 않거나 둘째 이후의 차례라 뺀 판정 {n}건",
        "{n} judgments are left out for want of one of the two texts, or of a later turn",
    ),
    "null": said(
        "선호가 없는 판정 {n}건: preference를 null로 적습니다",
        "{n} judgments without a preference: preference is null",
    ),
}
