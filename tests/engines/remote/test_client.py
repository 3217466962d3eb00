"""Many calls, few at a time, each answered once or lost with its reason."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kojudge.engines.remote.client import BadReply, Call, Client, Lost
from kojudge.engines.remote.waiting import SharedClock, asked_wait, next_wait
from kojudge.errors import EngineError, UnavailableError
from kojudge.records import Server

from .standin import Asked, Reaction, StandIn, said, stand_in

KEY = "sk-secret-0123456789"


def call(number: int, **body: Any) -> Call:
    return Call(str(number), "/ask", {"prompt": str(number), **body})


def echo(asked: Asked) -> Reaction:
    return said({"said": asked.prompt})


def read(call: Call, body: Mapping[str, Any]) -> str:
    if body.get("said") != call.body["prompt"]:
        raise BadReply("other_answer")
    return str(body["said"])


def until_error(results: Iterator[Any]) -> tuple[list[Any], UnavailableError]:
    """Return what came before the error, and the error."""
    found = []
    try:
        for result in results:
            found.append(result)
    except UnavailableError as error:
        return found, error
    raise AssertionError("there was no error")


Opened = Callable[..., Client]


@pytest.fixture
def opened() -> Iterator[Opened]:
    clients: list[Client] = []

    def make(server: StandIn | str, **options: Any) -> Client:
        url = server if isinstance(server, str) else server.url
        clients.append(Client(Server(url=url, **options), name="card", url_env="OPENAI_BASE_URL"))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def failing(times: int, reaction: Reaction) -> Callable[[Asked], Reaction]:
    """Answer with ``reaction`` that many times, then well."""
    return lambda asked: reaction if asked.attempt < times else echo(asked)


class TestSending:
    def test_every_call_comes_back_once_under_its_key(self, opened: Opened) -> None:
        with stand_in(echo) as server:
            found = list(opened(server, concurrency=3).send(map(call, range(40)), read))
        assert sorted((f[0], f[1]) for f in found if not isinstance(f, Lost)) == sorted(
            (str(n), str(n)) for n in range(40)
        )
        assert len(server.asked) == 40

    def test_calls_are_drawn_as_earlier_ones_end(self, opened: Opened) -> None:
        drawn = []

        def calls() -> Iterator[Call]:
            for number in count():
                drawn.append(number)
                yield call(number)

        with stand_in(echo) as server:
            results = opened(server, concurrency=3).send(calls(), read)
            for ended in range(1, 11):
                next(results)
                assert len(drawn) <= ended + 3
            results.close()  # type: ignore[attr-defined]

    def test_no_more_are_in_flight_than_allowed(self, opened: Opened) -> None:
        gate = threading.Barrier(3, timeout=20)
        lock, now, most = threading.Lock(), [0], [0]

        def answer(asked: Asked) -> Reaction:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            gate.wait()  # opens when three are here: fewer in flight would never end
            with lock:
                now[0] -= 1
            return echo(asked)

        with stand_in(answer) as server:
            assert len(list(opened(server, concurrency=3).send(map(call, range(9)), read))) == 9
        assert most[0] == 3

    def test_a_slow_answer_holds_up_no_other(self, opened: Opened) -> None:
        slow = threading.Event()

        def answer(asked: Asked) -> Reaction:
            wait = slow if asked.prompt == "0" else None
            return Reaction(content=echo(asked).content, until=wait)

        with stand_in(answer) as server:
            results = opened(server, concurrency=2).send(map(call, range(5)), read)
            first = [next(results) for _ in range(4)]
            slow.set()
            last = next(results)
        assert {f[0] for f in first if not isinstance(f, Lost)} == {"1", "2", "3", "4"}
        assert not isinstance(last, Lost)
        assert last[0] == "0"

    def test_leaving_early_waits_for_nobody(self, opened: Opened) -> None:
        """The answers still out would take 20 s; the server is freed only afterwards."""
        hung = threading.Event()

        def answer(asked: Asked) -> Reaction:
            return echo(asked) if asked.prompt == "0" else Reaction(until=hung)

        with stand_in(answer) as server:
            client = opened(server, concurrency=4)
            for found in client.send(map(call, range(4)), read):
                assert not isinstance(found, Lost)
                break
            client.close()
            assert not hung.is_set()
            hung.set()

    def test_shares_of_time_add_up_to_no_more_than_the_whole(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = [0.0]
        monkeypatch.setattr("time.perf_counter", lambda: now[0])
        clock = SharedClock()
        with clock.share() as long:
            now[0] = 2.0
            with clock.share() as short:
                now[0] = 4.0
            now[0] = 5.0
        assert (long(), short()) == (4.0, 1.0)

    @settings(max_examples=15, deadline=None)
    @given(
        st.lists(st.sampled_from(["good", "twice", "never", "drop"]), min_size=1, max_size=12),
        st.integers(1, 5),
        st.randoms(use_true_random=False),
    )
    def test_whatever_happens_every_key_comes_back_once(
        self, fates: list[str], concurrency: int, rng: random.Random
    ) -> None:
        """And an answered prompt is not sent again."""
        waits = [rng.random() * 0.004 for _ in fates]

        def answer(asked: Asked) -> Reaction:
            number = int(asked.prompt)
            threading.Event().wait(waits[number])
            fate = fates[number]
            if fate == "drop" and asked.attempt == 0:
                return Reaction(content=b'{"sa', promised=99)
            if fate == "never" or (fate == "twice" and asked.attempt < 2):
                return said({}, 503)
            return echo(asked)

        with stand_in(answer) as server:
            where = Server(url=server.url, retries=2, concurrency=concurrency)
            with closing(Client(where, name="card", url_env="X")) as client:
                found = list(client.send(map(call, range(len(fates))), read))
        lost = {f.key for f in found if isinstance(f, Lost)}
        kept = [f[0] for f in found if not isinstance(f, Lost)]
        assert sorted([*lost, *kept]) == sorted(str(n) for n in range(len(fates)))
        assert lost == {str(n) for n, fate in enumerate(fates) if fate == "never"}
        sent = {"good": 1, "twice": 3, "never": 3, "drop": 2}
        assert sorted(server.prompts) == sorted(
            str(n) for n, fate in enumerate(fates) for _ in range(sent[fate])
        )


class TestRetries:
    @pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
    def test_a_passing_refusal_is_tried_again(self, opened: Opened, status: int) -> None:
        with stand_in(failing(2, said({"error": "busy"}, status))) as server:
            ((key, text, _),) = opened(server, retries=2).send([call(1)], read)
        assert (key, text, len(server.asked)) == ("1", "1", 3)

    def test_at_most_as_often_as_the_card_says(self, opened: Opened) -> None:
        with stand_in(failing(9, said({}, 500))) as server:
            assert list(opened(server, retries=2).send([call(1)], read)) == [Lost("1", "http_500")]
        assert len(server.asked) == 3

    def test_a_dropped_connection_is_tried_again(self, opened: Opened) -> None:
        with stand_in(failing(1, Reaction(content=b'{"said": "', promised=50))) as server:
            ((_, text, _),) = opened(server).send([call(1)], read)
        assert text == "1"

    def test_silence_is_a_timeout(self, opened: Opened) -> None:
        with stand_in(lambda asked: Reaction(until=server.freed)) as server:
            found = list(opened(server, timeout=0.2, retries=1).send([call(1)], read))
            server.freed.set()
        assert found == [Lost("1", "timeout")]

    def test_the_server_may_say_how_long_to_wait(
        self, opened: Opened, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waited = []

        async def sleep(seconds: float) -> None:
            waited.append(seconds)

        monkeypatch.setattr("kojudge.engines.remote.client.asyncio.sleep", sleep)
        with stand_in(failing(1, said({}, 429, Retry_After="7"))) as server:
            ((_, text, _),) = opened(server).send([call(1)], read)
        assert (text, waited) == ("1", [7.0])

    def test_a_wait_beyond_the_timeout_is_left_to_the_next_run(self, opened: Opened) -> None:
        with stand_in(failing(1, said({}, 429, Retry_After="3600"))) as server:
            assert list(opened(server, timeout=30).send([call(1)], read)) == [Lost("1", "http_429")]
        assert len(server.asked) == 1

    def test_a_prompt_that_is_too_long_is_not_sent_again(self, opened: Opened) -> None:
        words = "This model's maximum context length is 2048 tokens."
        with stand_in(failing(9, said({"error": {"message": words}}, 400))) as server:
            assert list(opened(server).send([call(1)], read)) == [Lost("1", "prompt_too_long")]
        assert len(server.asked) == 1

    def test_jitter_is_full_and_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kojudge.engines.remote.waiting._FIRST", 0.5)
        for attempt, bound in enumerate([0.5, 1, 2, 4, 8, 16, 30, 30]):
            waits = [next_wait(attempt) for _ in range(200)]
            assert 0 <= min(waits) < 0.2 * bound
            assert 0.8 * bound < max(waits) <= bound
        assert 3 <= next_wait(0, asked=3.0) <= 3.5

    @pytest.mark.parametrize(
        ("header", "expected"),
        [("12", 12.0), (None, None), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("²", None)],
    )  # fmt: skip
    def test_retry_after_is_seconds_or_a_date(self, header: str, expected: float | None) -> None:
        assert asked_wait(header) == expected


class TestUnusableAnswers:
    @pytest.mark.parametrize(
        ("reaction", "reason"),
        [
            (Reaction(content=b'{"said": "1"'), "bad_reply:not_json"),
            (Reaction(content=b"<html>busy</html>"), "bad_reply:not_json"),
            (Reaction(content=b""), "bad_reply:not_json"),
            (Reaction(content=b'["1"]'), "bad_reply:not_an_object"),
            (Reaction(content=b'{"said": "\xff\xfe"}'), "bad_reply:not_utf8"),
            (Reaction(content=b'{"said": NaN}'), "bad_reply:not_a_number"),
            (Reaction(content=b"[" * 100_000), "bad_reply:not_json"),
            (said({"error": {"message": "no"}}), "bad_reply:error_in_answer"),
            (said({"said": "another"}), "bad_reply:other_answer"),
            (Reaction(content=b"{}", headers={"Content-Encoding": "gzip"}), "bad_reply:encoding"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_one_is_asked_for_again_and_then_lost(
        self, opened: Opened, reaction: Reaction, reason: str
    ) -> None:
        with stand_in(failing(1, reaction)) as server:
            ((_, text, _),) = opened(server, retries=1).send([call(1)], read)
            assert text == "1"
        with stand_in(lambda _: reaction) as server:
            assert list(opened(server, retries=1).send([call(1)], read)) == [Lost("1", reason)]
        assert len(server.asked) == 2

    def test_half_a_surrogate_pair_is_sent_as_a_replacement(self, opened: Opened) -> None:
        with stand_in(lambda asked: said({"said": "1"})) as server:
            list(opened(server).send([call(1, text="가\ud800나")], read))
        assert server.asked[0].body["text"] == "가\ufffd나"


class TestRefusals:
    """What the next call would meet as well ends the work with one error."""

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            (404, "not found"),
            (402, "no credit"),
            (400, "The model `x` does not exist."),
            (422, "Unexpected fields in the request: {'seed'}"),
            (400, "Unrecognized request argument supplied: seed"),
        ],
    )
    def test_they_are_raised_with_the_servers_words(
        self, opened: Opened, status: int, words: str
    ) -> None:
        with stand_in(lambda _: said({"error": {"message": words}}, status)) as server:
            _, error = until_error(opened(server, concurrency=1).send(map(call, range(5)), read))
        assert isinstance(error, EngineError)
        assert words in error.message.ko
        assert words in error.message.en
        assert len(server.asked) == 1

    @pytest.mark.parametrize("status", [401, 403])
    def test_a_refused_key_names_its_variable_only(
        self, opened: Opened, status: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MY_KEY", KEY)
        words = f"Incorrect API key: {KEY}"
        with stand_in(lambda _: said({"error": {"message": words}}, status)) as server:
            _, error = until_error(opened(server, key_env="MY_KEY").send([call(1)], read))
        assert not isinstance(error, EngineError)
        assert "MY_KEY" in error.message.en
        assert KEY not in f"{error}{error.message.ko}"

    def test_a_server_that_repeats_the_key_is_not_quoted(
        self, opened: Opened, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        with stand_in(lambda _: said({"error": f"bad model for {KEY}"}, 404)) as server:
            _, error = until_error(opened(server).send([call(1)], read))
        assert "***" in error.message.en
        assert KEY not in f"{error}{error.message.ko}"

    def test_a_redirect_is_not_followed(
        self, opened: Opened, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        with stand_in(echo) as other:
            away = Reaction(307, b"", {"Location": f"{other.url}/ask?token=1"})
            with stand_in(lambda _: away) as server:
                _, error = until_error(opened(server).send([call(1)], read))
        assert "307" in error.message.en
        assert server.asked[0].headers["Authorization"] == f"Bearer {KEY}"
        assert other.asked == []

    def test_nobody_there_is_an_error_not_a_lost_item(self, opened: Opened) -> None:
        with stand_in(echo) as server:
            pass
        with pytest.raises(UnavailableError, match="cannot be reached"):
            list(opened(server, retries=1).send(map(call, range(3)), read))

    def test_what_was_answered_before_is_given_first(self, opened: Opened) -> None:
        """Two answers are there when the refusal is seen; both come before the error."""

        def answer(asked: Asked) -> Reaction:
            return said({}, 404) if asked.prompt == "2" else echo(asked)

        with stand_in(answer) as server:
            found, _ = until_error(opened(server, concurrency=1).send(map(call, range(9)), read))
        assert [f[0] for f in found if not isinstance(f, Lost)] == ["0", "1"]
        assert len(server.asked) == 3

    def test_a_server_that_only_fails_is_given_up(self, opened: Opened) -> None:
        with stand_in(lambda _: said({"error": "out of memory"}, 500)) as server:
            lost, error = until_error(opened(server, retries=0).send(map(call, count()), read))
        assert "http_500: out of memory" in error.message.en
        assert 16 <= len(lost) == len(set(map(str, lost)))
        assert all(isinstance(result, Lost) for result in lost)

    def test_an_answer_between_keeps_it_going(self, opened: Opened) -> None:
        def answer(asked: Asked) -> Reaction:
            return echo(asked) if int(asked.prompt) % 8 == 0 else said({}, 500)

        with stand_in(answer) as server:
            client = opened(server, retries=0, concurrency=1)
            assert len(list(client.send(map(call, range(80)), read))) == 80


class TestAddress:
    def test_the_card_comes_before_the_environment(
        self, opened: Opened, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1/v1")
        assert opened("http://localhost:2/v1/").url == "http://localhost:2/v1"
        assert opened("").url == "http://localhost:1/v1"

    @pytest.mark.parametrize(
        "url", ["", "ftp://x/v1", "127.0.0.1:8000", "http://", "http://[::1/v1"]
    )
    def test_no_address_or_a_wrong_one_is_an_error(self, opened: Opened, url: str) -> None:
        with pytest.raises(UnavailableError):
            opened(url)

    def test_a_password_in_the_address_is_refused_and_not_shown(self, opened: Opened) -> None:
        with pytest.raises(UnavailableError) as raised:
            opened(f"https://me:{KEY}@example.org/v1")
        assert KEY not in f"{raised.value}{raised.value.message.ko}"

    def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(
        self, opened: Opened, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\nX-Other: 1")
        with pytest.raises(UnavailableError, match="OPENAI_API_KEY") as raised:
            opened("http://localhost:1/v1")
        assert KEY not in str(raised.value)

    def test_a_line_break_after_the_key_is_no_part_of_it(
        self, opened: Opened, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\n")
        with stand_in(echo) as server:
            list(opened(server).send([call(1)], read))
        assert server.asked[0].headers["Authorization"] == f"Bearer {KEY}"

    def test_without_a_key_none_is_sent(self, opened: Opened) -> None:
        with stand_in(echo) as server:
            list(opened(server).send([call(1)], read))
        assert "Authorization" not in server.asked[0].headers

    def test_a_closed_client_says_so(self, opened: Opened) -> None:
        client = opened("http://localhost:1/v1")
        client.close()
        client.close()
        with pytest.raises(RuntimeError, match="closed"):
            list(client.send([call(1)], read))
