"""The engine asks as the card says, and reads no more into an answer than it holds."""

from __future__ import annotations

import json
import logging
import math
from typing import Any

import pytest

from kojudge.engines import Choice, ChoiceRequest, Completion, CompletionRequest
from kojudge.engines.remote.sampled import DRAWS
from kojudge.errors import ConfigError, EngineError, UnavailableError
from kojudge.records import Message, Sampling

from .conftest import Open
from .standin import MODEL, Answer, Asked, Body, Reaction, chat, listed, said, stand_in

KEY = "sk-secret-0123456789"
LEVELS = tuple((f" {n}", str(n)) for n in range(1, 6))
TENS = tuple((f" {n}", str(n)) for n in (1, 5, 10))


def ask(key: str, text: str = "봄", **sampling: Any) -> CompletionRequest:
    messages = (Message("system", "짧게."), Message("user", text))
    return CompletionRequest(key, messages, Sampling(**sampling), seed=2**40 + 7)


def judge(
    key: str, options: tuple[tuple[str, ...], ...] = LEVELS, prefix: str = "점수:"
) -> ChoiceRequest:
    return ChoiceRequest(key, (Message("user", f"글 {key}"),), options, prefix)


def always(body: Body) -> Answer:
    return lambda _: said(body)


def no_list(_: Asked) -> Reaction:
    return said(chat("1"))


def one(results: Any) -> Any:
    (result,) = results
    return result


def logs(**probabilities: float) -> dict[str, float]:
    return {token: math.log(p) for token, p in probabilities.items()}


class TestCompleting:
    def test_asks_for_the_text_as_the_card_says(self, open_engine: Open) -> None:
        with stand_in(always(chat("봄이 왔다."))) as server:
            engine = open_engine(server, stop=("###",), extra={"keep_alive": "5m"})
            found = one(engine.complete([ask("a", temperature=0.7, top_p=0.9, max_tokens=64)]))
        assert (found.key, found.text, found.finish_reason) == ("a", "봄이 왔다.", "stop")
        assert (found.prompt_tokens, found.completion_tokens, found.error) == (7, 3, "")
        assert server.asked[0].path == "/v1/chat/completions"
        assert server.asked[0].body == {
            "model": MODEL,
            "messages": [
                {"role": "system", "content": "짧게."},
                {"role": "user", "content": "봄"},
            ],
            "temperature": 0.7,
            "top_p": 0.9,
            "max_tokens": 64,
            "seed": (2**40 + 7) % 2**31,
            "stop": ["###"],
            "keep_alive": "5m",
        }

    def test_merges_the_system_turn_where_the_format_has_none(self, open_engine: Open) -> None:
        with stand_in(always(chat("네"))) as server:
            list(open_engine(server, system="merge").complete([ask("a")]))
        assert server.asked[0].body["messages"] == [{"role": "user", "content": "짧게.\n\n봄"}]

    def test_a_base_model_gets_the_rendered_template(self, open_engine: Open) -> None:
        body = {"model": MODEL, "choices": [{"text": " 봄이다.", "finish_reason": "length"}]}
        with stand_in(always(body)) as server:
            engine = open_engine(
                server, format="completion", completion_template="질문: {{ request }}\n답:"
            )
            found = one(engine.complete([ask("a")]))
        assert (found.text, found.finish_reason) == ("봄이다.", "length")
        assert (found.prompt_tokens, found.completion_tokens) == (0, 0)  # nothing was counted
        assert server.asked[0].path == "/v1/completions"
        assert server.asked[0].body["prompt"] == "질문: 봄\n답:"
        assert "messages" not in server.asked[0].body

    @pytest.mark.parametrize("owner", ["vllm", "sglang"])
    def test_known_servers_are_told_all_of_the_sampling(
        self, open_engine: Open, owner: str
    ) -> None:
        """Else they add what the model's own generation_config says."""
        with stand_in(always(chat("네")), owner=owner) as server:
            list(open_engine(server, thinking="strip").complete([ask("a", repetition_penalty=1.1)]))
        body = server.asked[-1].body
        assert (body["repetition_penalty"], body["top_k"], body["min_p"]) == (1.1, -1, 0.0)
        assert body["chat_template_kwargs"] == {"enable_thinking": True}

    def test_a_penalty_the_server_may_not_know_is_refused(self, open_engine: Open) -> None:
        with stand_in(always(chat("네"))) as server:
            engine = open_engine(server)
            with pytest.raises(ConfigError, match="repetition_penalty"):
                list(engine.complete([ask("a", repetition_penalty=1.1)]))
        assert server.asked == []

    def test_the_card_can_name_the_penalty_as_the_server_does(self, open_engine: Open) -> None:
        with stand_in(always(chat("네"))) as server:
            engine = open_engine(server, extra={"repeat_penalty": 1.1})
            list(engine.complete([ask("a", repetition_penalty=1.1)]))
        assert server.asked[0].body["repeat_penalty"] == 1.1
        assert "repetition_penalty" not in server.asked[0].body

    def test_what_continues_a_turn_is_left_to_judging(self, open_engine: Open) -> None:
        with stand_in(always(chat("네"))) as server:
            engine = open_engine(server, extra={"continue_final_message": True})
            list(engine.complete([ask("a")]))
        assert "continue_final_message" not in server.asked[0].body

    def test_thoughts_are_stripped(self, open_engine: Open) -> None:
        with stand_in(always(chat("<think>흠…</think>\n봄이다."))) as server:
            assert one(open_engine(server, thinking="strip").complete([ask("a")])).text == "봄이다."

    def test_a_thought_cut_by_the_limit_leaves_no_text(self, open_engine: Open) -> None:
        cut = chat(None)
        cut["choices"][0] |= {
            "finish_reason": "length",
            "message": {"content": None, "reasoning_content": "흠…"},
        }
        with stand_in(always(cut)) as server:
            found = one(open_engine(server, thinking="strip").complete([ask("a")]))
        assert (found.text, found.finish_reason, found.error) == ("", "length", "")


class TestChoosingFromLists:
    def test_spellings_are_summed_and_the_mass_is_kept(self, open_engine: Open) -> None:
        top = logs(**{" 4": 0.5, "4": 0.2, " 5": 0.1, "점": 0.15})
        with stand_in(always(chat(" 4", listed(top)))) as server:
            engine = open_engine(server, extra={"continue_final_message": True})
            choice = one(engine.choose([judge("a")]))
        assert [math.exp(v) for v in choice.logprobs] == pytest.approx([0, 0, 0, 0.7, 0.1])
        assert (choice.method, choice.prompt_tokens) == ("expected", 7)
        assert choice.mass == pytest.approx(0.8)
        body = server.asked[0].body
        assert (body["logprobs"], body["top_logprobs"], body["max_tokens"]) == (True, 20, 2)
        assert (body["temperature"], body["top_p"], body["seed"]) == (1.0, 1.0, 0)

    def test_the_judges_turn_is_opened_where_the_card_says_the_server_can(
        self, open_engine: Open
    ) -> None:
        with stand_in(always(chat("4", listed(logs(**{"4": 0.6, "3": 0.2}))))) as server:
            engine = open_engine(server, extra={"continue_final_message": True})
            list(engine.choose([judge("a")]))
        assert server.asked[0].body["messages"][-1] == {"role": "assistant", "content": "점수:"}
        assert server.asked[0].body["continue_final_message"] is True
        assert server.asked[0].body["add_generation_prompt"] is False
        assert engine.describe()["answer_prefix"] == "continued"

    def test_elsewhere_the_answer_is_read_after_the_prefix_the_judge_writes(
        self, open_engine: Open
    ) -> None:
        written = listed(
            logs(점수=0.9, **{"5": 0.05}), logs(**{":": 0.99, " ": 0.01}),
            logs(**{" 3": 0.6, " 4": 0.3, "3": 0.05}),
        )  # fmt: skip
        with stand_in(always(chat("점수: 3", written))) as server:
            engine = open_engine(server)
            choice = one(engine.choose([judge("a")]))
        assert [math.exp(v) for v in choice.logprobs] == pytest.approx([0, 0, 0.65, 0.3, 0])
        assert server.asked[0].body["messages"][-1]["role"] == "user"
        assert engine.describe()["answer_prefix"] == "expected"

    def test_a_judge_that_leaves_the_prefix_out_is_read_from_the_start(
        self, open_engine: Open
    ) -> None:
        with stand_in(always(chat("2", listed(logs(**{"2": 0.6, "1": 0.1, "점": 0.3}))))) as server:
            choice = one(open_engine(server).choose([judge("a")]))
        assert [math.exp(v) for v in choice.logprobs] == pytest.approx([0.1, 0.6, 0, 0, 0])

    def test_a_base_model_continues_the_prompt(self, open_engine: Open) -> None:
        top = logs(**{" 4": 0.5, " 5": 0.25})
        body = {
            "model": MODEL,
            "choices": [{
                "text": " 4", "finish_reason": "length",
                "logprobs": {
                    "tokens": [" 4"], "token_logprobs": [top[" 4"]], "top_logprobs": [top],
                },
            }],
        }  # fmt: skip
        with stand_in(always(body), probe=always(body)) as server:
            engine = open_engine(server, format="completion", completion_template="{{ request }}|")
            choice = one(engine.choose([judge("a")]))
        assert [math.exp(v) for v in choice.logprobs] == pytest.approx([0, 0, 0, 0.5, 0.25])
        assert server.asked[0].body["prompt"] == "글 a|점수:"
        assert server.asked[0].body["logprobs"] == 20

    def test_answers_that_begin_alike_are_drawn(self, open_engine: Open) -> None:
        draws = iter(["1", "10", "10", "1", "5", "10", "10", "없음"])

        def answer(asked: Asked) -> Reaction:
            lottery = "낱말" in asked.prompt
            return said(chat(str(asked.body["seed"]) if lottery else next(draws)))

        with stand_in(answer) as server:
            choice = one(open_engine(server).choose([judge("a", TENS)]))
        assert [math.exp(v) for v in choice.logprobs] == pytest.approx([2 / 8, 1 / 8, 4 / 8])
        assert choice.method == "sampled"

    def test_pieces_of_syllables_that_are_spelled_as_nothing_are_no_answers(
        self, open_engine: Open
    ) -> None:
        """vLLM spells half a Hangul syllable as an empty token, several in one list."""
        entries = [("", 0.5), ("4", 0.2), ("", 0.1), (" 4", 0.1), ("", 0.05)]
        top = [{"token": token, "logprob": math.log(p), "bytes": []} for token, p in entries]
        written = {"content": [{**top[0], "top_logprobs": top}, {**top[0], "top_logprobs": top}]}
        with stand_in(always(chat("", written))) as server:
            engine = open_engine(server, extra={"continue_final_message": True})
            choice = one(engine.choose([judge("a")]))
        assert [math.exp(v) for v in choice.logprobs] == pytest.approx([0, 0, 0, 0.3, 0])


class TestDrawing:
    """A server without logprobs."""

    def answers(self, *texts: str) -> Answer:
        def answer(asked: Asked) -> Reaction:
            seed = asked.body["seed"]
            return said(chat(f"아무 말 {seed}" if "낱말" in asked.prompt else texts[seed]))

        return answer

    def test_exact_answers_are_counted_and_the_rest_is_missing_mass(
        self, open_engine: Open
    ) -> None:
        texts = ("4", "점수: 4", " 4\n\n까닭은…", "5", "3점", "4.5", "점수는 4", "잘 쓴 글이네요")
        with stand_in(self.answers(*texts), probe=no_list) as server:
            engine = open_engine(server)
            choice = one(engine.choose([judge("a")]))
        assert [math.exp(v) for v in choice.logprobs] == pytest.approx([0, 0, 0, 3 / 8, 1 / 8])
        assert (choice.method, choice.mass) == ("sampled", pytest.approx(0.5))
        assert engine.describe()["choose"] == "sampled"
        assert engine.describe()["draws"] == DRAWS

    def test_the_seeds_are_fixed(self, open_engine: Open) -> None:
        with stand_in(self.answers(*"12345123"), probe=no_list) as server:
            engine = open_engine(server)
            first, second = one(engine.choose([judge("a")])), one(engine.choose([judge("a")]))
        assert first.logprobs == second.logprobs
        seeds = [a.body["seed"] for a in server.asked if "낱말" not in a.prompt]
        assert sorted(seeds[:8]) == sorted(seeds[8:]) == list(range(DRAWS))

    def test_no_exact_answer_is_no_answer(self, open_engine: Open) -> None:
        with stand_in(self.answers(*["글쎄요"] * 8), probe=no_list) as server:
            choice = one(open_engine(server).choose([judge("a")]))
        assert choice.logprobs == (-math.inf,) * 5
        assert (choice.mass, choice.error) == (0.0, "")

    def test_one_lost_draw_loses_the_question(self, open_engine: Open) -> None:
        draws = self.answers(*"44444444")

        def answer(asked: Asked) -> Reaction:
            return said({}, 500) if asked.body["seed"] == 5 else draws(asked)

        with stand_in(answer, probe=no_list) as server:
            choice = one(open_engine(server, retries=1).choose([judge("a")]))
        assert (choice.error, choice.logprobs) == ("http_500", ())

    def test_many_questions_are_told_apart(self, open_engine: Open) -> None:
        def answer(asked: Asked) -> Reaction:
            seed = asked.body["seed"]
            return said(chat(str(seed) if "낱말" in asked.prompt else asked.prompt.split()[1]))

        with stand_in(answer, probe=no_list) as server:
            engine = open_engine(server)
            found = {c.key: c for c in engine.choose(judge(str(n % 5 + 1)) for n in range(5))}
        assert all(found[str(n)].logprobs[n - 1] == 0.0 for n in range(1, 6))

    def test_a_server_that_always_writes_the_same_cannot_judge(self, open_engine: Open) -> None:
        """Counted, its one answer would pass for certainty."""
        with stand_in(always(chat("4")), probe=no_list) as server:
            engine = open_engine(server)
            with pytest.raises(EngineError, match="same text"):
                list(engine.choose([judge("a")]))


class TestOpening:
    def test_a_server_that_lists_five_is_asked_for_five(self, open_engine: Open) -> None:
        def probe(asked: Asked) -> Reaction:
            if asked.body.get("top_logprobs", 0) > 5:
                return said({"error": {"message": "top_logprobs must be at most 5"}}, 400)
            return said(chat("1", listed(logs(a=0.5, b=0.1, c=0.1, d=0.1, e=0.1))))

        with stand_in(always(chat("1")), probe=probe) as server:
            described = open_engine(server).describe()
        assert (described["choose"], described["top_logprobs"]) == ("listed", 5)

    def test_a_server_that_refuses_the_field_is_drawn_from(self, open_engine: Open) -> None:
        def probe(asked: Asked) -> Reaction:
            if "logprobs" in asked.body:
                words = "Unexpected fields in the request: {'logprobs'}"
                return said({"detail": words}, 422)
            return said(chat("1"))

        with stand_in(always(chat("1")), probe=probe) as server:
            assert open_engine(server).describe()["choose"] == "sampled"

    def test_a_field_the_server_does_not_know_is_one_error(self, open_engine: Open) -> None:
        words = "Unrecognized request argument supplied: keep_alive"
        refusal = said({"error": {"message": words}}, 400)
        with (
            stand_in(lambda _: refusal, probe=lambda _: refusal) as server,
            pytest.raises(EngineError, match="keep_alive"),
        ):
            open_engine(server, extra={"keep_alive": "5m"})

    def test_an_unknown_model_is_one_error(self, open_engine: Open) -> None:
        missing = said({"error": {"message": "The model `stand-in` does not exist."}}, 404)
        with (
            stand_in(lambda _: missing, probe=lambda _: missing) as server,
            pytest.raises(EngineError, match="does not exist"),
        ):
            open_engine(server)

    def test_a_server_that_is_not_there_is_unavailable(self, open_engine: Open) -> None:
        with stand_in(always(chat("1"))) as server:
            pass
        with pytest.raises(UnavailableError, match="cannot be reached"):
            open_engine(server)

    def test_a_refused_key_is_unavailable(self, open_engine: Open) -> None:
        closed = said({"error": "no"}, 401)
        with (
            stand_in(lambda _: closed, probe=lambda _: closed) as server,
            pytest.raises(UnavailableError, match="OPENAI_API_KEY"),
        ):
            open_engine(server)

    def test_the_name_the_server_answers_by_is_kept(self, open_engine: Open) -> None:
        """Services resolve an alias; an answer by a third name is another model's."""
        dated = chat("1", listed(logs(a=0.5, b=0.4)), model="stand-in-2026-11-01")
        with stand_in(always(dated), probe=always(dated)) as server:
            engine = open_engine(server)
            assert one(engine.complete([ask("a")])).error == ""
        assert engine.describe()["answers_as"] == [MODEL, "stand-in-2026-11-01"]


class TestSecrets:
    def test_the_key_is_sent_and_shown_nowhere(
        self, open_engine: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)

        def answer(asked: Asked) -> Reaction:
            return said({"error": f"the key {KEY}"}, 500 if asked.prompt == "봄" else 404)

        with stand_in(answer) as server:
            engine = open_engine(server, retries=1)
            lost = one(engine.complete([ask("a")]))
            with pytest.raises(EngineError) as raised:
                list(engine.complete([ask("b", "가을")]))
        sent = {asked.headers["Authorization"] for asked in [*server.probes, *server.asked]}
        assert sent == {f"Bearer {KEY}"}
        chain = []
        error: BaseException | None = raised.value
        while error is not None:
            chain.append(repr(error))
            error = error.__cause__ or error.__context__
        shown = [json.dumps(engine.describe()), repr(lost), caplog.text, *chain]
        assert not any(KEY in text for text in shown)


class TestSpecialTokens:
    def test_without_a_tokenizer_they_are_those_in_wide_use(self, open_engine: Open) -> None:
        with stand_in(always(chat("1"))) as server:
            engine = open_engine(server, chat_template="<<나>>{{ messages[0].content }}<<너>>")
        assert {"<|im_end|>", "<end_of_turn>", "<|eot_id|>", "[/INST]", "[|endofturn|]",
                "<<나>>", "<<너>>"} <= engine.special_tokens()  # fmt: skip
        assert engine.describe()["special_tokens"] == "well_known"

    def test_no_plain_text_is_among_them(self, open_engine: Open) -> None:
        with stand_in(always(chat("1"))) as server:
            found = open_engine(server).special_tokens()
        assert found.isdisjoint({"<b>", "</b>", "<p>", "user", "assistant", " ", "\n"})

    def test_where_the_model_lies_here_they_are_its_own_too(
        self, open_engine: Open, model: Any
    ) -> None:
        folder = str(model("llama"))
        own = chat("1", listed(logs(a=0.5, b=0.4)), model=folder)
        with stand_in(always(own), probe=always(own)) as server:
            engine = open_engine(server, path=folder)
        assert engine.describe()["special_tokens"] == "tokenizer"
        assert {"<|im_start|>", "<|im_end|>"} <= engine.special_tokens()


def test_results_are_records_of_the_protocol(open_engine: Open) -> None:
    with stand_in(always(chat("1", listed(logs(**{"1": 0.9, "2": 0.05}))))) as server:
        engine = open_engine(server)
        assert isinstance(one(engine.complete([ask("a")])), Completion)
        assert isinstance(one(engine.choose([judge("a")])), Choice)
