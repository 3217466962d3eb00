"""alpaca-eval: answers to single instructions, and preferences between two of them.

    model_outputs.json  [{instruction, output, generator, dataset}]
    annotations.json    [{instruction, output_1, output_2, generator_1, generator_2, annotator,
                          preference}]

output_1 is the reference (here: the baseline), output_2 the model's; ``preference`` goes from
1 (output_1 is better) to 2, 1.5 or 0 is a tie, null and -1 are failures. The format has no id:
an instruction is its own, so ``prompt_id`` is made from it, unless an export of kojudge says it.

alpaca-eval shows each pair once, in an order drawn from the instruction, and turns the answer
back before it stores it. That draw is repeated here, so the order is the one the judge saw as
long as the annotator's settings were the usual ones (seed 0, outputs shuffled). A pair of equal
outputs is a tie that no judge saw.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from typing import Any

from kojudge.bridges.base import Converted, Files, Named
from kojudge.bridges.peer_files import (
    Line,
    Name,
    Record,
    checked,
    converted,
    needed,
    number,
    refuse_prompts,
    wrong,
)
from kojudge.bridges.tally import Tally
from kojudge.errors import said
from kojudge.records import Json, Order, identity
from kojudge.store.interchange import Lines
from kojudge.store.lines import LineError

__all__ = ["NO_DATASET", "convert", "instruction_id", "shown_second_first"]

NO_DATASET = "all"
TIES = (0.0, 1.5)
FAILED = -1.0
"""What its cache holds in the place of null."""
_SEED = "0"
_PLACE = ("instruction", "prompt_id", "sample", "dataset")


class _Output(Record):
    instruction: Name
    output: str
    generator: str = ""


class _Annotation(Record):
    instruction: Name
    output_1: str
    output_2: str
    generator_1: str = ""
    generator_2: str = ""
    annotator: str = ""


def convert(files: Files) -> Converted:
    """Return the texts of outputs or annotations, and annotations as judgments or as labels.

    As labels they need no order, and no second judgment in the other order.

    Raises ConfigError where the files lack a name that no option gives.
    """
    refuse_prompts(files.prompts)
    tally = Tally(_WORDS)
    named = files.named
    if files.judgments or files.labels:
        needed(named.criterion, "--criterion", said("평가 항목의 이름이", "the criterion"))

    def lines(convert_record: partial[Iterator[Line]], path: str) -> Lines:
        return Lines(path, converted(path, convert_record))

    return Converted(
        texts=[lines(partial(_texts, named), path) for path in files.texts],
        judgments=[lines(partial(_judgment, named, tally), path) for path in files.judgments],
        labels=[lines(partial(_label, named, tally), path) for path in files.labels],
        left_out=tally.said,
    )


def instruction_id(instruction: str) -> str:
    """Return the prompt_id of an instruction for which the file has none."""
    return f"alpaca-{identity(['alpaca-eval', instruction])[:16]}"


def shown_second_first(instruction: str) -> bool:
    """Say whether alpaca-eval's usual draw shows output_2 before output_1."""
    drawn = random.Random("is_switched_outputs" + instruction + _SEED)  # noqa: S311  their draw
    return drawn.choices([False, True], k=1)[0]


def _texts(named: Named, data: Line) -> Iterator[Line]:
    if "output_1" in data:
        pair = _pair(named, data)
        prompt = pair["prompt"]
        for side in ("candidate", "baseline"):
            yield _place(data) | {
                "prompt": prompt,
                "candidate": pair[side],
                "text": pair[f"{side}_text"],
            }
        return
    record = checked(_Output, data)
    candidate = record.generator or named.candidate
    kept = {k: v for k, v in (record.model_extra or {}).items() if k not in _PLACE}
    line = _place(data) | {
        "prompt": record.instruction,
        "candidate": needed(candidate, "--candidate", said("후보 모델의 이름이", "the candidate")),
        "text": record.output,
    }
    yield line | _extra(kept | _kept_dataset(data))


def _judgment(named: Named, tally: Tally, data: Line) -> Iterator[Line]:
    preference, kept, pair = _preference(named, tally, data)
    line = _place(data) | {
        "candidate": pair["candidate"],
        "baseline": pair["baseline"],
        "criterion": named.criterion,
        "judge": pair["annotator"],
        "mode": "pairwise",
        "order": _order(data, tally, turned=bool(pair["turned"])),
        "preference": preference,
        "repeat": data.get("repeat", 0),
    }
    if preference is None:
        line["reason"] = "alpaca-eval: no preference"
    yield line | _extra(kept)


def _label(named: Named, tally: Tally, data: Line) -> Iterator[Line]:
    preference, kept, pair = _preference(named, tally, data)
    if preference is None:
        return
    yield (
        _place(data)
        | {
            "candidate": pair["candidate"],
            "baseline": pair["baseline"],
            "criterion": named.criterion,
            "rater": pair["annotator"],
            "preference": preference,
        }
        | _extra(kept)
    )


def _preference(
    named: Named, tally: Tally, data: Line
) -> tuple[float | None, Line, dict[str, Any]]:
    """Return the probability that the candidate wins, what else is kept, and the pair."""
    if "preference" not in data:
        raise LineError(
            "preference", said("있어야 하는 필드가 없습니다.", "this field is required.")
        )
    pair = _pair(named, data)
    given = number(data["preference"], "preference")
    kept = pair["kept"] | {"preference": data["preference"] if given is not None else None}
    if given is None or given == FAILED:
        tally.add("unscored")
        return None, kept, pair
    if given not in TIES and not 1 <= given <= 2:
        raise wrong("preference", _RANGE, given)
    if data["output_1"] == data["output_2"]:
        tally.add("equal")
    exact = number(data.get("output_2_wins"), "output_2_wins")
    second = 0.5 if given in TIES else given - 1 if exact is None else exact
    return 1 - second if pair["turned"] else second, kept, pair


def _pair(named: Named, data: Line) -> dict[str, Any]:
    """Return who stands against whom: output_2 is the candidate, but where it is the baseline."""
    record = checked(_Annotation, data)
    who = said("어느 모델의 글인지", "whose outputs these are")
    baseline = needed(record.generator_1 or named.baseline, "--baseline", who)
    candidate = needed(record.generator_2 or named.candidate, "--candidate", who)
    turned = candidate == named.baseline != baseline
    texts = (record.output_2, record.output_1)
    if turned:
        candidate, baseline, texts = baseline, candidate, (texts[1], texts[0])
    who = said("누가 골랐는지", "who chose")
    kept = {k: v for k, v in (record.model_extra or {}).items() if k not in _READ}
    return {
        "prompt": record.instruction,
        "candidate": candidate,
        "baseline": baseline,
        "candidate_text": texts[0],
        "baseline_text": texts[1],
        "annotator": needed(record.annotator or named.judge, "--judge", who),
        "turned": turned,
        "kept": kept | _kept_dataset(data) | ({"turned": True} if turned else {}),
    }


def _order(data: Line, tally: Tally, *, turned: bool) -> Order:
    """Return the order as an export of kojudge says it, else as alpaca-eval draws it."""
    given = data.get("order")
    if given is None:
        tally.add("drawn")
        candidate_first = shown_second_first(str(data["instruction"])) != turned
        return "AB" if candidate_first else "BA"
    if given == "AB":
        return "AB"
    if given == "BA":
        return "BA"
    raise wrong("order", said("AB나 BA여야 합니다.", "must be AB or BA."), given)


def _place(data: Line) -> Line:
    given = data.get("prompt_id")
    dataset = data.get("dataset")
    return {
        "prompt_id": given if given is not None else instruction_id(str(data["instruction"])),
        "category": dataset if isinstance(dataset, str) and dataset else NO_DATASET,
        "sample": data.get("sample", 0),
    }


def _kept_dataset(data: Line) -> Line:
    """Return a dataset that the category does not tell."""
    dataset: Json = data.get("dataset", "-")
    tells = isinstance(dataset, str) and dataset not in ("", NO_DATASET)
    return {} if tells else {"dataset": dataset}


def _extra(kept: Line) -> Line:
    return {"alpaca_eval": kept} if kept else {}


_READ = (*_PLACE, "preference", "order", "repeat")
_RANGE = said(
    "1 이상 2 이하이거나 0(무승부), -1이나 null(실패)이어야 합니다.",
    "must be from 1 to 2, or 0 for a tie, -1 or null for a failure.",
)
_WORDS = {
    "unscored": said(
        "선호가 없는 판정 {n}건: alpaca-eval이 심사 모델의 답을 읽지 못했습니다. 값 없이 까닭만 남기고, "
        "라벨로는 들여오지 않습니다.",
        "{n} annotations without a preference: alpaca-eval could not read the judge's reply. Kept "
        "as judgments with the reason, without a number; as labels they are left out.",
    ),
    "equal": said(
        "두 글이 똑같은 쌍 {n}건: 심사 없이 무승부로 적힌 것입니다.",
        "{n} pairs of equal outputs: ties that no judge saw.",
    ),
    "drawn": said(
        "쌍마다 한 순서뿐인 판정 {n}건: 순서는 alpaca-eval의 추첨(seed 0)을 되풀이해 알아냈습니다. 보고서의 쌍 비교는 "
        "두 순서가 다 있는 쌍만 셉니다. 사람의 평가처럼 견주려면 --labels로 들여오세요.",
        "{n} judgments in one order only, found by alpaca-eval's own draw (seed 0). The report "
        "counts pairs with both orders; to compare them as opinions, import with --labels.",
    ),
}
