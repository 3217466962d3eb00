"""The systemone engine against `transformers serve` on a small real model.

The server renders an English prompt with letters for the options. Rebuilt here with the
library's own template and put to our engine, the same prompt gives the same probabilities,
once ours are renormalised over the letters as the server does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from kojudge.cards import load_candidate
from kojudge.cards.load import to_spec
from kojudge.cards.sources import pull
from kojudge.engines import Choice, ChoiceRequest, Decision
from kojudge.engines.local.engine import TransformersEngine
from kojudge.engines.remote.systemone import SystemOneEngine
from kojudge.judging import Method, Question, ask
from kojudge.judging.decision import decision_of
from kojudge.records import Message, ModelSpec, Order, Prompt, Scored, Server
from kojudge.rubrics import load_rubric

from .serving import served

pytestmark = [pytest.mark.servers, pytest.mark.model]

REPOSITORY = Path(__file__).resolve().parents[3]
PROMPT = Prompt("p", "blog", (Message("user", "동네 빵집을 소개해 주세요."),))
WARM = "골목 끝 빵집에서 고소한 냄새가 나요. 아침마다 그 앞을 지나면 발걸음이 느려지더라고요."
STIFF = "해당 제과점은 사용자에 의해 이용되어질 수 있는 것을 가지고 있다. 그것은 매우 좋은 것이다."
TOLERANCE = 1e-4
"""Of a probability: both run in float32, but not over the same batches or with the same cache."""


@pytest.fixture(scope="module")
def spec() -> ModelSpec:
    card = load_candidate(REPOSITORY / "candidates", "smollm2-135m-instruct")
    return replace(to_spec(card, pull(card)), dtype="float32")


@pytest.fixture(scope="module")
def url(spec: ModelSpec, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the model on this machine until the tests are done."""
    log = tmp_path_factory.mktemp("serve") / "log"
    with served("transformers", spec.path, log=log) as server:
        yield server.url


@pytest.fixture
def engine(spec: ModelSpec, url: str) -> Iterator[SystemOneEngine]:
    opened = SystemOneEngine(replace(spec, server=Server(url, timeout=200.0, retries=1)))
    yield opened
    opened.close()


def question(name: str, text: str, order: Order | None = None) -> Question:
    rubric = load_rubric(REPOSITORY / "rubrics", name)
    other = STIFF if rubric.mode == "pairwise" else None
    return Question(f"{name}/{text[:3]}/{order}", rubric, PROMPT, text, other, order)


def typed(asked: Question, wording: str = "") -> ChoiceRequest:
    decision = decision_of(asked, (), wording)
    options = tuple((name,) for name, _ in decision.options)
    return ChoiceRequest(f"{asked.key}{wording}", (), options, decision=decision)


def rendered(decision: Decision) -> str:
    """Return the message that the server writes, by the library's own template."""
    from transformers.decision import DECISION_PROMPT, DecisionConfig, parse_questions
    from transformers.utils.chat_template_utils import _compile_jinja_template

    criteria: object = dict(decision.options)
    if decision.kind == "score":
        criteria = [f"{name}: {meaning}" for name, meaning in decision.options]
    asked = {"type": decision.kind, "instructions": decision.question, "criteria": criteria}
    (parsed,) = parse_questions({"q": asked}, DecisionConfig())
    message: str = _compile_jinja_template(DECISION_PROMPT).render(
        state=decision.state, question=parsed
    )
    return message


def lettered(request: ChoiceRequest) -> ChoiceRequest:
    """Return the request as one that an engine reading messages is asked."""
    assert request.decision is not None
    letters = tuple((letter,) for letter in "ABCDEFGHIJ"[: len(request.options)])
    return ChoiceRequest(request.key, (Message("user", rendered(request.decision)),), letters)


def by_key(choices: Iterator[Choice]) -> dict[str, Choice]:
    found = {choice.key: choice for choice in choices}
    assert {choice.error for choice in found.values()} == {""}
    return found


def test_it_gives_the_probabilities_of_our_own_engine_on_the_same_prompt(
    engine: SystemOneEngine, spec: ModelSpec
) -> None:
    questions = load_rubric(REPOSITORY / "rubrics", "naturalness-questions").questions
    asked = [
        typed(question("naturalness-short", WARM)),
        typed(question("naturalness-short", STIFF)),
        typed(question("friendliness-short", WARM)),
        typed(question("friendliness-pairwise-short", WARM, "AB")),
        typed(question("friendliness-pairwise-short", WARM, "BA")),
        typed(question("naturalness-questions", WARM), questions[0]),
    ]
    theirs = by_key(engine.choose(asked))
    reader = TransformersEngine(spec, batch_size=2)
    own = by_key(reader.choose([lettered(request) for request in asked]))
    reader.close()
    assert set(theirs) == set(own)
    for key, choice in theirs.items():
        assert choice.probabilities == pytest.approx(own[key].probabilities, abs=TOLERANCE), key
        assert choice.mass is None
        assert own[key].mass is not None
        assert own[key].mass < 1.0  # what the server does not tell
    assert len({choice.probabilities for choice in theirs.values()}) == len(asked)


def test_a_score_is_the_lowest_level_and_the_servers_own_score(
    engine: SystemOneEngine, spec: ModelSpec, url: str
) -> None:
    asked = question("naturalness-short", WARM)
    (answer,) = ask([asked], engine, Method())
    decision = decision_of(asked)
    levels = [f"{name}: {meaning}" for name, meaning in decision.options]
    put = {"type": "score", "instructions": decision.question, "criteria": levels}
    body = {"model": spec.path, "state": decision.state, "questions": {"q": put}}
    told = httpx.post(f"{url}/systemone", json=body, timeout=200).json()["answers"]["q"]
    assert isinstance(answer.outcome, Scored)
    assert answer.outcome.score == pytest.approx(1 + told["score"], abs=TOLERANCE)
    assert answer.outcome.options == ("1", "2", "3", "4", "5")
    assert answer.outcome.mass is None
    assert answer.prompt_tokens > 100
    assert answer.seconds > 0


def test_a_question_the_server_refuses_is_lost_alone(engine: SystemOneEngine) -> None:
    """Twenty-six letters are all the options this server can name."""
    good = typed(question("naturalness-short", WARM))
    assert good.decision is not None
    names = tuple((f"선택 {n}", "") for n in range(27))
    bad = replace(good.decision, kind="choice", options=names)
    both = [good, ChoiceRequest("bad", (), tuple((n,) for n, _ in names), decision=bad)]
    found = {choice.key: choice for choice in engine.choose(both)}
    assert found[good.key].error == ""
    assert found["bad"].error == "http_422"
