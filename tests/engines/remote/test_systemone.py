"""The systemone engine, as one server of typed decisions sees it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from kojudge.engines import Choice, ChoiceRequest, CompletionRequest, Decision, DecisionEngine
from kojudge.engines.remote.systemone import SystemOneEngine
from kojudge.errors import ConfigError, EngineError, UnavailableError
from kojudge.records import Message, ModelSpec, Sampling, Server

from .decider import Body, Decider, Respond, answered, decider, rising

LEVELS = (("1", "나쁘다"), ("2", "그렇다"), ("3", "좋다"))
SIDES = (("A", "글 A가 낫다"), ("B", "글 B가 낫다"), ("C", "비슷하다"))
YES_NO = (("예", ""), ("아니요", ""))


def request(
    key: str,
    state: str = "갓 구운 빵 냄새가 나요.",
    options: tuple[tuple[str, str], ...] = LEVELS,
    kind: Any = "score",
) -> ChoiceRequest:
    decision = Decision("naturalness", kind, state, f"{key}: 얼마나 자연스러운가요?", options)
    spelled = tuple((f" {name}", name) for name, _ in options)
    return ChoiceRequest(key, (Message("user", "…"),), spelled, "점수:", decision)


def right(body: Body) -> Body:
    return answered(body, rising)


Opened = tuple[SystemOneEngine, Decider]


@pytest.fixture
def opened() -> Iterator[Callable[..., Opened]]:
    """Open an engine on a server that answers as told."""
    with ExitStack() as stack:

        def call(respond: Respond = right, **server: Any) -> Opened:
            seen = stack.enter_context(decider(respond))
            given = {"retries": 1, "timeout": 20.0, **server}
            spec = ModelSpec("jev", "autotrust/JEV-9B", server=Server(seen.url, **given))
            engine = SystemOneEngine(spec)
            stack.callback(engine.close)
            return engine, seen

        yield call


def chosen(engine: SystemOneEngine, requests: Iterable[ChoiceRequest]) -> dict[str, Choice]:
    found = list(engine.choose(requests))
    by_key = {choice.key: choice for choice in found}
    assert len(by_key) == len(found)
    return by_key


def probabilities(choice: Choice) -> tuple[float, ...]:
    return tuple(map(math.exp, choice.logprobs))


class TestWhatIsAsked:
    def test_levels_are_a_score_question_about_the_state(
        self, opened: Callable[..., Opened]
    ) -> None:
        engine, seen = opened()
        chosen(engine, [request("j1")])
        assert seen.paths == ["/v1/systemone"]
        assert seen.asked == [
            {
                "model": "autotrust/JEV-9B",
                "state": "갓 구운 빵 냄새가 나요.",
                "questions": {
                    "q0": {
                        "type": "score",
                        "instructions": "j1: 얼마나 자연스러운가요?",
                        "criteria": ["1: 나쁘다", "2: 그렇다", "3: 좋다"],
                    }
                },
            }
        ]

    def test_a_pair_is_a_choice_between_named_options(self, opened: Callable[..., Opened]) -> None:
        engine, seen = opened()
        chosen(engine, [request("j1", options=SIDES, kind="choice")])
        assert seen.asked[0]["questions"]["q0"] == {
            "type": "choice",
            "instructions": "j1: 얼마나 자연스러운가요?",
            "criteria": dict(SIDES),
        }

    def test_an_option_without_a_meaning_has_none(self, opened: Callable[..., Opened]) -> None:
        engine, seen = opened()
        chosen(engine, [request("j1", options=YES_NO, kind="choice")])
        assert seen.asked[0]["questions"]["q0"]["criteria"] == {"예": None, "아니요": None}

    def test_questions_about_one_state_travel_together_in_either_order(
        self, opened: Callable[..., Opened]
    ) -> None:
        engine, seen = opened()
        asked = [request(f"j{n}", state=f"글 {n % 2}") for n in range(6)]
        found = chosen(engine, asked)
        assert sorted((b["state"], len(b["questions"])) for b in seen.asked) == [
            ("글 0", 3),
            ("글 1", 3),
        ]
        assert set(found) == {f"j{n}" for n in range(6)}

    def test_no_more_than_sixty_four_questions_travel_together(
        self, opened: Callable[..., Opened]
    ) -> None:
        engine, seen = opened()
        found = chosen(engine, [request(f"j{n}") for n in range(65)])
        assert sorted(len(body["questions"]) for body in seen.asked) == [1, 64]
        assert len(found) == 65

    def test_fields_of_the_card_go_along(self, opened: Callable[..., Opened]) -> None:
        engine, seen = opened(extra={"priority": 1})
        chosen(engine, [request("j1")])
        assert seen.asked[0]["priority"] == 1

    def test_the_address_may_come_from_the_environment(
        self, opened: Callable[..., Opened], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, seen = opened()
        monkeypatch.setenv("SYSTEMONE_BASE_URL", seen.url)
        engine = SystemOneEngine(ModelSpec("jev", "jev"))
        assert set(chosen(engine, [request("j1")])) == {"j1"}
        engine.close()

    def test_without_an_address_it_says_where_to_write_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("SYSTEMONE_BASE_URL", raising=False)
        with pytest.raises(UnavailableError, match="SYSTEMONE_BASE_URL"):
            SystemOneEngine(ModelSpec("jev", "jev"))


class TestWhatIsAnswered:
    def test_levels_counted_from_0_are_the_options_in_their_order(
        self, opened: Callable[..., Opened]
    ) -> None:
        engine, _ = opened()
        choice = chosen(engine, [request("j1")])["j1"]
        assert probabilities(choice) == pytest.approx((1 / 6, 2 / 6, 3 / 6))
        assert choice.method == "expected"

    def test_nobody_measured_how_likely_a_legal_answer_was(
        self, opened: Callable[..., Opened]
    ) -> None:
        engine, _ = opened()
        choice = chosen(engine, [request("j1")])["j1"]
        assert choice.renormalised
        assert choice.mass is None

    def test_options_find_their_names_in_whatever_order_they_come(
        self, opened: Callable[..., Opened]
    ) -> None:
        def backwards(body: Body) -> Body:
            made = right(body)
            for answer in made["answers"].values():
                answer["probabilities"] = dict(reversed(answer["probabilities"].items()))
            made["answers"] = dict(reversed(made["answers"].items()))
            return made

        engine, _ = opened(backwards)
        asked = [request("p", options=SIDES, kind="choice"), request("s")]
        found = chosen(engine, asked)
        assert probabilities(found["p"]) == pytest.approx((1 / 6, 2 / 6, 3 / 6))
        assert probabilities(found["s"]) == pytest.approx((1 / 6, 2 / 6, 3 / 6))

    def test_answers_of_many_states_find_their_keys(self, opened: Callable[..., Opened]) -> None:
        def by_number(state: str, question: Any) -> list[float]:
            own = int(state.split()[1])
            return [1.0 + (own % 3 == at) * 9 for at in range(3)]

        engine, _ = opened(lambda body: answered(body, by_number))
        found = chosen(engine, [request(f"j{n}", state=f"글 {n}") for n in range(30)])
        likeliest = {k: max(range(3), key=c.logprobs.__getitem__) for k, c in found.items()}
        assert likeliest == {f"j{n}": n % 3 for n in range(30)}

    def test_tokens_of_a_request_are_shared_out_and_none_is_lost(
        self, opened: Callable[..., Opened]
    ) -> None:
        engine, _ = opened()
        found = chosen(engine, [request(f"j{n}") for n in range(3)])
        assert sorted(c.prompt_tokens for c in found.values()) == [33, 33, 34]

    def test_an_option_without_any_probability_is_impossible(
        self, opened: Callable[..., Opened]
    ) -> None:
        engine, _ = opened(lambda body: answered(body, lambda *_: [0.0, 0.0, 1.0]))
        choice = chosen(engine, [request("j1")])["j1"]
        assert choice.logprobs == (-math.inf, -math.inf, 0.0)


def without_a_level(answer: Body) -> None:
    del answer["probabilities"]["1"]


def with_a_level_more(answer: Body) -> None:
    answer["probabilities"]["3"] = 0.0


def not_summing(answer: Body) -> None:
    answer["probabilities"]["0"] = 0.9


def not_a_number(answer: Body) -> None:
    answer["probabilities"]["0"] = math.nan


def negative(answer: Body) -> None:
    answer["probabilities"] = {"0": -0.5, "1": 0.5, "2": 1.0}


def in_words(answer: Body) -> None:
    answer["probabilities"]["0"] = "0.17"


def true(answer: Body) -> None:
    answer["probabilities"] = {"0": True, "1": 0, "2": 0}


def of_another_kind(answer: Body) -> None:
    answer["type"] = "choice"


def a_bare_score(answer: Body) -> None:
    del answer["probabilities"]
    answer["score"] = 1.5


BROKEN = [
    without_a_level,
    with_a_level_more,
    not_summing,
    not_a_number,
    negative,
    in_words,
    true,
    of_another_kind,
    a_bare_score,
]


class TestMisbehaviour:
    @pytest.mark.parametrize("break_it", BROKEN, ids=lambda found: found.__name__)
    def test_a_broken_answer_is_an_error_and_no_number(
        self, opened: Callable[..., Opened], break_it: Callable[[Body], None]
    ) -> None:
        def respond(body: Body) -> Body:
            made = right(body)
            break_it(made["answers"]["q0"])
            return made

        engine, seen = opened(respond)
        choice = chosen(engine, [request("j1")])["j1"]
        assert choice.error.startswith("bad_reply")
        assert choice.logprobs == ()
        assert len(seen.asked) == 2  # it was asked again first

    @pytest.mark.parametrize(
        "answers",
        [None, [], {}, {"q1": {}}, {"q0": None}, {"q0": [0.5, 0.5]}, {"q0": "B"}],
        ids=str,
    )
    def test_so_are_answers_that_are_none(
        self, opened: Callable[..., Opened], answers: object
    ) -> None:
        engine, _ = opened(lambda body: {**right(body), "answers": answers})
        choice = chosen(engine, [request("j1")])["j1"]
        assert choice.error.startswith("bad_reply")

    def test_so_is_an_answer_to_a_question_nobody_asked(
        self, opened: Callable[..., Opened]
    ) -> None:
        def respond(body: Body) -> Body:
            made = right(body)
            made["answers"]["q7"] = made["answers"]["q0"]
            return made

        engine, _ = opened(respond)
        assert chosen(engine, [request("j1")])["j1"].error.startswith("bad_reply")

    def test_what_is_right_the_second_time_counts(self, opened: Callable[..., Opened]) -> None:
        times: list[int] = []

        def respond(body: Body) -> Body:
            times.append(1)
            return right(body) if len(times) > 1 else {"answers": {}}

        engine, seen = opened(respond)
        assert chosen(engine, [request("j1")])["j1"].error == ""
        assert len(seen.asked) == 2

    def test_one_question_that_fails_takes_no_other_with_it(
        self, opened: Callable[..., Opened]
    ) -> None:
        def respond(body: Body) -> Body:
            made = right(body)
            for name, question in body["questions"].items():
                if question["instructions"].startswith("j1:"):
                    not_summing(made["answers"][name])
            return made

        engine, _ = opened(respond)
        found = chosen(engine, [request(f"j{n}") for n in range(3)])
        assert {key: bool(choice.error) for key, choice in found.items()} == {
            "j0": False,
            "j1": True,
            "j2": False,
        }

    def test_nor_does_one_that_the_server_refuses(self, opened: Callable[..., Opened]) -> None:
        def respond(body: Body) -> Body | tuple[int, Body]:
            many = [q for q in body["questions"].values() if len(q["criteria"]) > 3]
            said = "Question 'q0': this model reads at most 3 options for a score question, got 4"
            return (422, {"detail": [{"msg": said}]}) if many else right(body)

        four = (*LEVELS, ("4", "아주 좋다"))
        engine, _ = opened(respond)
        found = chosen(engine, [request("j0"), request("j1", options=four)])
        assert found["j0"].error == ""
        assert found["j1"].error == "http_422"

    def test_a_failing_server_loses_the_items_and_is_not_asked_apart(
        self, opened: Callable[..., Opened]
    ) -> None:
        engine, seen = opened(lambda body: (503, {"error": "busy"}))
        found = chosen(engine, [request(f"j{n}") for n in range(3)])
        assert {choice.error for choice in found.values()} == {"http_503"}
        assert len(seen.asked) == 2

    def test_a_key_that_is_refused_ends_it(self, opened: Callable[..., Opened]) -> None:
        engine, _ = opened(lambda body: (401, {"error": "no"}))
        with pytest.raises(UnavailableError):
            chosen(engine, [request("j1")])


class TestWhatItCannotDo:
    def test_it_writes_nothing(self, opened: Callable[..., Opened]) -> None:
        engine, _ = opened()
        asked = CompletionRequest("k", (Message("user", "글을 써 줘."),), Sampling(), 0)
        with pytest.raises(EngineError, match="'jev' is a decision model: it writes no text"):
            engine.complete([asked])

    @pytest.mark.parametrize("count", [1, 11])
    def test_a_score_has_two_to_ten_levels(self, opened: Callable[..., Opened], count: int) -> None:
        engine, seen = opened()
        many = tuple((str(level), "뜻") for level in range(count))
        with pytest.raises(ConfigError, match=rf"'jev' .* {count} levels .* 'naturalness'"):
            chosen(engine, [request("j1", options=many)])
        assert seen.asked == []

    def test_ten_levels_are_fine(self, opened: Callable[..., Opened]) -> None:
        engine, _ = opened()
        ten = tuple((str(level), "뜻") for level in range(1, 11))
        assert len(chosen(engine, [request("j1", options=ten)])["j1"].logprobs) == 10

    def test_it_asks_nothing_that_comes_without_its_parts(
        self, opened: Callable[..., Opened]
    ) -> None:
        engine, _ = opened()
        bare = ChoiceRequest("j1", (Message("user", "…"),), ((" 1", "1"), (" 2", "2")))
        with pytest.raises(EngineError, match="j1"):
            chosen(engine, [bare])


def test_it_is_an_engine_that_decides(opened: Callable[..., Opened]) -> None:
    engine, _ = opened()
    assert isinstance(engine, DecisionEngine)
    assert engine.special_tokens() == frozenset()
    told = engine.describe()
    assert (told["engine"], told["model"]) == ("systemone", "autotrust/JEV-9B")


def test_no_key_is_told(opened: Callable[..., Opened], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "geheim")
    engine, _ = opened()
    assert "geheim" not in str(engine.describe())
