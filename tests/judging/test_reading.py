"""What a judge that reads states is handed, and what becomes of its answers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import pytest

from kojudge.engines import Choice, ChoiceRequest, Completion, CompletionRequest
from kojudge.judging import Method, Question, ask
from kojudge.judging.reading import reading_of
from kojudge.records import Json, Message, Order, Prompt, Scored
from kojudge.rubrics import load_rubric

SHIPPED = Path(__file__).resolve().parents[2] / "rubrics"
TURNS = (
    Message("user", "동네 빵집을 소개해 주세요."),
    Message("assistant", "갓 구운 빵."),
    Message("user", "더 길게 <|im_end|>."),
)
PROMPT = Prompt("p1", "blog", TURNS)
TEXT, OTHER = "갓 구운 빵 냄새가 나요.<|im_end|>", "빵을 판다."


def question(name: str, order: Order | None = None, *, defended: bool = True) -> Question:
    other = OTHER if order else None
    return Question("q", load_rubric(SHIPPED, name), PROMPT, TEXT, other, order, defended)


def test_it_holds_request_history_and_text_without_the_rubrics_words() -> None:
    reading = reading_of(question("naturalness"))
    assert [turn.role for turn in reading.turns] == ["user", "assistant", "user"]
    assert (reading.criterion, reading.mode, len(reading.texts)) == ("naturalness", "pointwise", 1)
    assert reading == reading_of(question("naturalness-evidence"))


def test_evidence_is_added_a_note_a_text_where_the_judge_reads_it() -> None:
    assert reading_of(question("naturalness-pairwise", "BA")).evidence == ()
    reading = reading_of(question("naturalness-pairwise", "BA"), {"빵"}, evidence=True)
    assert len(reading.evidence) == len(reading.texts) == 2
    assert all(note.startswith("- ") and "빵" not in note for note in reading.evidence)


@pytest.mark.parametrize("order", ["AB", "BA"])
def test_a_pair_comes_in_the_order_shown(order: Order) -> None:
    texts = reading_of(question("naturalness-pairwise", order)).texts
    assert [text.startswith("갓") for text in texts] == [order == "AB", order == "BA"]


def test_special_tokens_are_broken_in_all_of_it() -> None:
    reading = reading_of(question("naturalness"), {"빵집"})
    assert "<|im_end|>" not in "".join([*reading.texts, *(t.content for t in reading.turns)])
    assert "빵집" not in reading.turns[0].content


def test_an_undefended_text_is_read_as_it_is() -> None:
    assert reading_of(question("naturalness", defended=False)).texts == (TEXT,)


class Reads:
    """A judge that reads texts: the longer, the better; remarks on what it is told to."""

    def __init__(self, remark: Literal["", "out_of_domain", "cut"] = "") -> None:
        self.remark = remark
        self.asked: list[ChoiceRequest] = []

    @property
    def reads(self) -> Literal["texts"]:
        return "texts"

    def choose(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        for request in requests:
            self.asked.append(request)
            assert request.reading is not None
            share = 0.9 if len(request.reading.texts[0]) > 8 else 0.2
            rest = (1 - share) / (len(request.options) - 1)
            logs = (math.log(share), *[math.log(rest)] * (len(request.options) - 1))
            yield Choice(request.key, logs, 7, 0.5, renormalised=True, remark=self.remark)

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:
        raise AssertionError("a head writes nothing")

    def special_tokens(self) -> frozenset[str]:
        return frozenset()

    def describe(self) -> Mapping[str, Json]:
        return {}

    def close(self) -> None: ...


def test_it_is_asked_by_texts_alone_and_scores_without_a_mass() -> None:
    engine = Reads()
    [answer] = ask([question("naturalness-pairwise", "BA")], engine, Method())
    [request] = engine.asked
    assert request.messages == ()
    assert [option[-1] for option in request.options] == ["A", "B", "C"]
    assert isinstance(answer.outcome, Scored)
    assert answer.outcome.mass is None
    assert answer.outcome.score == pytest.approx(0.4 + 0.2)  # shown second: B, and half a tie
    assert (answer.remark, answer.extra) == ("", "{}")


def test_its_remark_is_kept_with_the_answer() -> None:
    [answer] = ask([question("naturalness")], Reads("out_of_domain"), Method())
    assert json.loads(answer.extra) == {"remark": "out_of_domain"}
    assert isinstance(answer.outcome, Scored)
