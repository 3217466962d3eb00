"""A judge and a candidate behind a server, from the command line; and going on after a stop."""

from __future__ import annotations

import math
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from engines.remote.standin import Answer, Asked, Reaction, StandIn, chat, listed, said, stand_in
from kojudge.engines.remote import waiting
from kojudge.records import Unscored, identity
from kojudge.store.run import Run

from .conftest import JUDGMENTS, PAIRS, TEXTS, edit
from .outcome import Call

KEY = "sk-secret-0123456789"
CARD = """\
name: {name}
source: {{hub: stand-in}}
engine: openai
license: apache-2.0
server: {{url: "{url}", key_env: MY_KEY, retries: 1, concurrency: {concurrency}}}
"""

AddCard = Callable[..., StandIn]


def verdict(asked: Asked) -> Reaction:
    """Lean by the prompt: a level from 1 to 5, or one of a pair."""
    number = int(identity([asked.prompt])[:6], 16)
    words = "ABC" if "C" in asked.prompt and "1" not in asked.prompt[-40:] else "12345"
    top = {word: 0.1 + (n == number % len(words)) * 0.4 for n, word in enumerate(words)}
    return said(chat("1", listed({word: math.log(p) for word, p in top.items()})))


@pytest.fixture
def add_card(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AddCard]:
    """Serve an answer and write the card of the model behind it."""
    monkeypatch.setattr(waiting, "_FIRST", 0.0)
    monkeypatch.setenv("MY_KEY", KEY)
    edit(workspace / "kojudge.toml", 'engine = "fake"', 'engine = "transformers"')
    with ExitStack() as stack:

        def add(answer: Answer, folder: str = "judge", concurrency: int = 4) -> StandIn:
            server = stack.enter_context(stand_in(answer))
            card = CARD.format(name="served", url=server.url, concurrency=concurrency)
            (workspace / folder / "served.yaml").write_text(card, encoding="utf-8")
            old = {"judge": '["fake-judge"]', "candidates": '["fake-warm", "fake-stiff"]'}[folder]
            edit(workspace / "kojudge.toml", old, '["served"]')
            return server

        yield add


def test_a_served_judge_scores_a_run(call: Call, add_card: AddCard) -> None:
    server = add_card(verdict)
    assert call("generate").code == 0
    done = call("score", "--json")
    assert (done.code, done.json["scored"]) == (0, JUDGMENTS)
    run = Run.open(done.json["run"])
    assert {j.outcome.mass is not None for j in run.judgments()} == {True}
    assert len(server.asked) == JUDGMENTS
    assert {asked.headers["Authorization"] for asked in server.asked} == {f"Bearer {KEY}"}
    assert call("report").code == 0
    written = [path.read_bytes() for path in Path(done.json["run"]).rglob("*") if path.is_file()]
    assert not any(KEY.encode() in content for content in written)


def test_a_served_candidate_writes_texts(call: Call, add_card: AddCard) -> None:
    server = add_card(lambda asked: said(chat(f"답: {asked.prompt[:10]}")), "candidates")
    done = call("generate", "--json")
    assert done.code == 0
    run = Run.open(done.json["run"])
    texts = [text for text in run.texts() if text.candidate == "served"]
    assert len(texts) == len(server.asked) == TEXTS // 3
    assert all(text.text == f"답: {text.prompt[:10]}".strip() for text in texts)
    assert {(text.prompt_tokens, text.completion_tokens) for text in texts} == {(7, 3)}


def test_an_unusable_answer_leaves_its_item_for_the_next_run(call: Call, add_card: AddCard) -> None:
    """The run ends incomplete; asked again, only what failed is sent."""
    broken = [True]

    def answer(asked: Asked) -> Reaction:
        odd = int(identity([asked.prompt])[0], 16) % 4 == 0
        return Reaction(content=b"<html>") if odd and broken[0] else verdict(asked)

    server = add_card(answer)
    assert call("generate").code == 0
    first = call("score", "--json")
    failed = first.json["failed"]
    assert (first.code, 0 < failed < JUDGMENTS) == (3, True)
    run = Run.open(first.json["run"])
    reasons = {j.outcome.reason for j in run.judgments() if isinstance(j.outcome, Unscored)}
    assert reasons == {"engine:bad_reply:not_json"}
    broken[0] = False
    server.asked.clear()
    assert call("score", "--json").code == 0
    assert len(server.asked) == failed


def test_a_server_that_goes_away_ends_the_command_and_what_was_judged_is_kept(
    workspace: Path, call: Call, add_card: AddCard
) -> None:
    closed = [False]

    def answer(asked: Asked) -> Reaction:
        if len(server.asked) > 40 or closed[0]:
            closed[0] = True
            return said({"error": {"message": "no"}}, 401)
        return verdict(asked)

    server = add_card(answer, concurrency=1)
    assert call("generate").code == 0
    stopped = call("score")
    assert (stopped.code, "MY_KEY" in stopped.err, KEY in stopped.err) == (4, True, False)
    assert sum(1 for _ in Run.open(workspace / "runs" / "main").judgments()) == 40
    good = set(server.prompts[:40])
    server.asked.clear()
    closed[0] = True
    assert call("score").code == 4
    assert not good & set(server.prompts)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let Ctrl+C reach this process even where it was started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_after_an_interruption_nothing_answered_is_asked_again(
    call: Call, add_card: AddCard
) -> None:
    """Ctrl+C while the 31st answer is out: it alone is asked twice."""
    late: list[str] = []

    def answer(asked: Asked) -> Reaction:
        if len(server.asked) == 31 and not late:
            late.append(asked.prompt)
            server.freed.wait(1.0)  # the 30th answer is being put away meanwhile
            os.kill(os.getpid(), signal.SIGINT)
            return Reaction(until=server.freed)
        return verdict(asked)

    server = add_card(answer, concurrency=1)
    assert call("generate").code == 0
    assert call("score").code == 130
    server.freed.set()
    done = call("score", "--json")
    assert (done.code, done.json["scored"]) == (0, JUDGMENTS - 30)
    counts = Counter(server.prompts)
    assert {prompt for prompt, times in counts.items() if times > 1} == set(late)
    assert counts.total() == JUDGMENTS + 1
    judged = [j.judgment_id for j in Run.open(done.json["run"]).judgments()]
    assert len(judged) == len(set(judged)) == TEXTS + 2 * PAIRS
