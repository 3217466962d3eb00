"""The fake engine: deterministic behaviours that stand for models in tests."""

from __future__ import annotations

import math

import pytest

from kojudge.engines import Choice, ChoiceRequest, CompletionRequest
from kojudge.engines.fake import FakeEngine
from kojudge.records import Message, ModelSpec, Sampling

LEVELS = tuple((f" {n}", str(n)) for n in range(1, 6))
PAIR = (("A",), ("B",), ("C",))
WARM = "요즘 잘 지내고 계시죠? 우리 다음에 같이 가 봐요."
STIFF = "본 안내문은 다음 사항을 설명한다. 세부 사항은 별첨 자료를 참조할 것."


def engine(behaviour: str = "plain") -> FakeEngine:
    return FakeEngine(ModelSpec("m", f"fake:{behaviour}"))


def write(behaviour: str, seeds: range = range(8), request: str = "글을 써 줘.") -> list[str]:
    turns = (Message("user", request),)
    asked = [CompletionRequest(str(s), turns, Sampling(), s) for s in seeds]
    return [done.text for done in engine(behaviour).complete(asked)]


def fenced(name: str, text: str) -> str:
    return f"[{name} 시작 abc]\n{text}\n[{name} 끝 abc]"


def judge(content: str, options: tuple[tuple[str, ...], ...], behaviour: str = "plain") -> Choice:
    request = ChoiceRequest("k", (Message("user", content),), options)
    (answer,) = engine(behaviour).choose([request])
    return answer


def level(text: str) -> float:
    answer = judge(fenced("글", text), LEVELS)
    return math.fsum(n * p for n, p in enumerate(answer.probabilities, 1))


def test_the_same_request_gets_the_same_text_wherever_it_stands() -> None:
    assert write("plain", range(3, 5)) == write("plain", range(8))[3:5]


def test_seeds_and_requests_change_the_text() -> None:
    assert len(set(write("plain"))) > 4
    assert write("plain") != write("plain", request="다른 글을 써 줘.")


@pytest.mark.parametrize(
    ("behaviour", "ending"), [("warm", "봐요."), ("stiff", "것."), ("plain", "니다.")]
)
def test_behaviours_write_in_their_own_voice(behaviour: str, ending: str) -> None:
    assert any(ending in text for text in write(behaviour))


def test_empty_writes_nothing_and_says_so_without_an_error() -> None:
    request = CompletionRequest("k", (Message("user", "q"),), Sampling(), 0)
    (done,) = engine("empty").complete([request])
    assert (done.text, done.completion_tokens, done.error) == ("", 0, "")


def test_crash_fails_every_item_as_a_record() -> None:
    request = CompletionRequest("k", (Message("user", "q"),), Sampling(), 0)
    (done,) = engine("crash").complete([request])
    assert (done.finish_reason, done.text, done.error) == ("error", "", "fake crash")
    answer = judge("x", LEVELS, "crash")
    assert (answer.logprobs, answer.error) == ((), "fake crash")


def test_the_judge_prefers_warm_texts() -> None:
    assert level(WARM) > 3 > level(STIFF)


def test_the_judge_of_pairs_prefers_warm_texts_in_either_place() -> None:
    first = judge(fenced("글 A", WARM) + fenced("글 B", STIFF).join("\n\n"), PAIR)
    second = judge(fenced("글 A", STIFF) + fenced("글 B", WARM).join("\n\n"), PAIR)
    assert first.probabilities[0] > first.probabilities[1]
    assert second.probabilities[1] > second.probabilities[0]


@pytest.mark.parametrize(("behaviour", "mass"), [("plain", 0.98), ("mute", 0.02)])
@pytest.mark.parametrize("options", [LEVELS, PAIR])
def test_legal_mass(behaviour: str, mass: float, options: tuple[tuple[str, ...], ...]) -> None:
    assert judge("글", options, behaviour).mass == pytest.approx(mass)


def test_the_judges_noise_is_its_contents_own() -> None:
    assert judge("가", LEVELS) == judge("가", LEVELS)
    assert judge("가", LEVELS) != judge("나", LEVELS)


WHYS = ("그렇게 답한 까닭을 쓰세요.", "Give your reasons in two sentences.")


def explain(content: str, last: str, behaviour: str = "plain", seed: int = 0) -> str:
    turns = (Message("user", content), Message("assistant", "점수: 3"), Message("user", last))
    (done,) = engine(behaviour).complete([CompletionRequest("k", turns, Sampling(), seed)])
    return done.text


@pytest.mark.parametrize("why", WHYS)
def test_a_judge_asked_for_its_reasons_gives_a_sentence_or_two(why: str) -> None:
    found = {explain(fenced("글", text), why) for text in (WARM, STIFF, "봄", "비", "눈")}
    assert len(found) > 2
    assert all(1 <= text.count(".") <= 2 for text in found)
    assert found.isdisjoint(write("plain", range(40)))


def test_reasons_may_be_asked_for_in_the_message_that_shows_the_text() -> None:
    request = f"{fenced('글', WARM)}\n답을 쓰기 전에 까닭을 쓰세요."
    (reasons,) = write("plain", range(1), request)
    assert reasons == write("warm", range(1), request)[0]
    assert reasons not in write("plain", range(1), fenced("글", WARM))


def test_without_a_fenced_text_or_the_question_the_writer_writes() -> None:
    assert explain("글", WHYS[0]).count(".") >= 3
    assert explain(fenced("글", WARM), "다시 써 줘.").count(".") >= 3


def test_a_mute_writer_has_no_reasons_either() -> None:
    assert explain(fenced("글", WARM), WHYS[0], "empty") == ""
    assert explain(fenced("글", WARM), WHYS[0], "crash") == ""


def test_texts_are_read_where_the_defence_left_out_the_marker() -> None:
    bare = "[부탁 시작]\n글을 써 줘.\n[부탁 끝]\n[글 시작]\n{}\n[글 끝]\n한다. 된다. 한다. 된다."
    warm, stiff = (judge(bare.format(text), LEVELS).probabilities[4] for text in (WARM, STIFF))
    assert warm > 0.3 > stiff


def test_it_has_one_special_token() -> None:
    assert engine().special_tokens() == {"<|fake_end|>"}
