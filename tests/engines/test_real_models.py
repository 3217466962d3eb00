"""The engine on real models: Korean goes in and out whole, and the numbers are exact."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from kojudge.cards import load_candidate
from kojudge.cards.load import to_spec
from kojudge.cards.sources import pull
from kojudge.engines import Choice, ChoiceRequest, CompletionRequest
from kojudge.engines.local.engine import TransformersEngine
from kojudge.records import Message, ModelSpec, Prompt, Sampling
from kojudge.rubrics import Rubric, load_rubric, render_pair, render_text

from . import reference

Say = Callable[[str], None]
REPOSITORY = Path(__file__).resolve().parents[2]
REQUESTS = (
    "봄에 대한 짧은 글을 써 줘.",
    "친구에게 보내는 위로 편지를 두세 문장으로 써 주세요.",
    "강아지가 말을 한다면 첫마디는 뭘까?",
    "비 오는 날 어울리는 노래 가사를 써 줘.",
    "동네 빵집을 소개해 주세요.",
    "수능 전날 동생에게 보낼 문자를 써 줘.",
    "이사 온 첫날 밤을 일기로 써 주세요.",
    "할머니의 된장찌개를 떠올리며 한 문단만.",
    "퇴근길 지하철에서 본 풍경을 적어 줘.",
    "고양이 눈으로 본 집사 이야기.",
)
TEXTS = (
    "오늘은 볕이 좋아서 이불을 널었어요. 바람에 흔들리는 걸 보고 있으니 괜히 마음이 가벼워지더라고요.",
    "해당 제품은 사용자에 의해 사용되어질 수 있는 것을 가지고 있다. 그것은 매우 좋은 것이다.",
    "너무 애쓰지 않아도 괜찮아. 네가 얼마나 열심히 했는지 내가 다 알잖아. 오늘은 푹 자.",
    "봄 봄 봄 봄 봄 봄 봄 봄 봄 봄",
    "오늘 날씨가 the weather 매우 좋습니다 그래서 나는 공원을 갔다 재미있는 했습니다.",
    "어제 담근 김치가 벌써 익었나 봐요. 뚜껑을 여니 새콤한 냄새가 확 올라옵니다.",
)
KOREAN = (
    "오늘은 볕이 좋아서 이불을 널었어요. 괜히 마음이 가벼워지더라고요!",
    "쀍뷁 똠방각하 훑고 읊조리다 — ‘따옴표’와 “쌍따옴표” · 가운뎃점…",
    "ㅋㅋㅋ ㅠㅠ 漢字와 English, 1,234원 🌸👍🏽\n\n다음 문단.\t끝",
)
LEVELS = tuple((f" {n}", str(n)) for n in range(1, 6))
TENS = tuple((f" {n}", str(n)) for n in (1, 5, 10))


def spec_of(name: str, dtype: str = "float32") -> ModelSpec:
    card = load_candidate(REPOSITORY / "candidates", name)
    return replace(to_spec(card, pull(card)), dtype=dtype)


def texts(engine: TransformersEngine, sampling: Sampling, count: int) -> list[str]:
    asked = [
        CompletionRequest(str(n), (Message("user", REQUESTS[n]),), sampling, n)
        for n in range(count)
    ]
    found = {done.key: done for done in engine.complete(asked)}
    assert all(done.error == "" for done in found.values())
    return [found[request.key].text for request in asked]


def chosen(engine: TransformersEngine, asked: Sequence[ChoiceRequest]) -> list[Choice]:
    found = {choice.key: choice for choice in engine.choose(asked)}
    assert all(choice.error == "" for choice in found.values())
    return [found[request.key] for request in asked]


def rubric(name: str) -> Rubric:
    return load_rubric(REPOSITORY / "rubrics", name)


def options(of: Rubric) -> tuple[tuple[str, ...], ...]:
    return tuple((f" {label}", label) for label in of.labels)


def judge_text(of: Rubric, text: str) -> ChoiceRequest:
    prompt = Prompt("p", "blog", (Message("user", REQUESTS[0]),))
    shown = render_text(of, prompt, text, "judgment")
    prefix = of.answer_prefix.rstrip()
    return ChoiceRequest(text, (Message("user", shown),), options(of), prefix)


def judge_pair(of: Rubric, first: str, second: str) -> ChoiceRequest:
    prompt = Prompt("p", "blog", (Message("user", REQUESTS[0]),))
    shown = render_pair(of, prompt, first, second, "judgment")
    prefix = of.answer_prefix.rstrip()
    return ChoiceRequest(f"{first}|{second}", (Message("user", shown),), options(of), prefix)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Show a measurement, whether the test passes or not."""

    def call(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}")

    return call


@pytest.fixture(scope="module", params=["smollm2-135m-instruct", "gemma-3-270m"])
def small(request: pytest.FixtureRequest) -> Iterator[TransformersEngine]:
    opened = TransformersEngine(spec_of(request.param), batch_size=4)
    yield opened
    opened.close()


@pytest.fixture(
    scope="module", params=["qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct"]
)
def judge(request: pytest.FixtureRequest) -> Iterator[TransformersEngine]:
    opened = TransformersEngine(spec_of(request.param, "bfloat16"), batch_size=4)
    yield opened
    opened.close()


@pytest.mark.model
class TestSmallest:
    """SmolLM2-135M (chat) and Gemma-3-270M (base, sliding window), exact in float32."""

    @pytest.fixture
    def again(self, small: TransformersEngine) -> Callable[..., TransformersEngine]:
        """The same loaded model under other settings."""

        def call(*, batch_size: int = 4, reuse_prefix: bool = True) -> TransformersEngine:
            other = TransformersEngine.__new__(TransformersEngine)
            other.__dict__.update(small.__dict__)
            other._batch_size, other._reuse_prefix = batch_size, reuse_prefix
            return other

        return call

    def test_special_tokens_are_single_ids(self, small: TransformersEngine) -> None:
        tokenizer = small.loaded.tokenizer
        named = {"llama": ("<|im_start|>", "<|im_end|>"), "gemma3_text": ("<bos>", "<end_of_turn>")}
        for token in named[small.loaded.model.config.model_type]:
            (found,) = tokenizer(token, add_special_tokens=False)["input_ids"]
            assert tokenizer.decode([found]) == token
        assert small.loaded.turn_end in small.loaded.end_ids

    def test_special_tokens_are_those_of_the_chat_format(self, small: TransformersEngine) -> None:
        tokenizer, found = small.loaded.tokenizer, small.special_tokens()
        own = {
            "llama": {"<|im_start|>", "<|im_end|>", "<|endoftext|>", "<repo_name>"},
            "gemma3_text": {"<bos>", "<start_of_turn>", "<end_of_turn>", "<unused7>"},
        }
        assert own[small.loaded.model.config.model_type] <= found
        assert found.isdisjoint({"<b>", "</b>", "<table>", "<h1>", "\n\n", "▁▁", "  "})
        assert all(len(tokenizer(t, add_special_tokens=False)["input_ids"]) == 1 for t in found)

    @pytest.mark.parametrize("text", KOREAN, ids=["letter", "rare syllables", "mixed scripts"])
    def test_korean_survives_the_tokenizer(self, small: TransformersEngine, text: str) -> None:
        tokenizer = small.loaded.tokenizer
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert tokenizer.decode(ids) == text

    def test_writes_with_its_own_card(self, small: TransformersEngine, say: Say) -> None:
        name = small._spec.name
        card = load_candidate(REPOSITORY / "candidates", name)
        sampling = replace(Sampling(**card.sampling.model_dump()), max_tokens=24)
        written = texts(small, sampling, 4)
        hangul = sum("가" <= c <= "힣" for text in written for c in text)
        say(f"{name}: {written[0]!r}")
        assert sum(bool(text) for text in written) >= 3  # a base model may end at once
        if name == "gemma-3-270m":  # SmolLM2 reads Korean and answers in English
            assert hangul > 0.5 * sum(len(text) for text in written)

    def test_texts_do_not_depend_on_the_batch(
        self, small: TransformersEngine, again: Callable[..., TransformersEngine], say: Say
    ) -> None:
        sampling = Sampling(max_tokens=8)
        alone = texts(again(batch_size=1), sampling, len(REQUESTS))
        for size in (3, 10):
            batched = texts(again(batch_size=size), sampling, len(REQUESTS))
            same = sum(a == b for a, b in zip(alone, batched, strict=True)) / len(alone)
            say(f"{small._spec.name}: equal texts, batch 1 and {size}: {same:.0%}")
            assert same >= 0.9

    @pytest.mark.parametrize("legal", [LEVELS, TENS], ids=["levels", "1 and 10"])
    def test_choose_equals_the_reference(
        self, again: Callable[..., TransformersEngine], legal: tuple[tuple[str, ...], ...]
    ) -> None:
        head = "다음 글이 한국어로 얼마나 자연스러운지 점수를 매기세요. 자연스러울수록 높은 점수입니다.\n"
        asked = [
            ChoiceRequest(text, (Message("user", head + text),), legal, "점수:")
            for text in TEXTS[:2]
        ]
        expected = [reference.logprobs(again(), request) for request in asked]
        for reuse in (True, False):
            found = chosen(again(batch_size=2, reuse_prefix=reuse), asked)
            for choice, logprobs in zip(found, expected, strict=True):
                assert choice.logprobs == pytest.approx(logprobs, abs=1e-3)

    def test_reads_a_shipped_rubric_past_its_window(self, small: TransformersEngine) -> None:
        first, second = chosen(
            small, [judge_text(rubric("naturalness"), text) for text in TEXTS[:2]]
        )
        assert first.prompt_tokens > 512
        assert 0 < first.mass <= 1
        assert math.fsum(first.probabilities) == pytest.approx(1.0)
        assert first.logprobs != second.logprobs


@pytest.mark.real
class TestJudges:
    """Qwen2.5-Coder judges in bfloat16, as the cards run them."""

    def test_choose_is_near_the_reference(self, judge: TransformersEngine, say: Say) -> None:
        """bfloat16 rounds logits to 1/16–1/8: probabilities within 0.1 of the uncached pass."""
        asked = [judge_text(rubric("naturalness"), text) for text in TEXTS[:2]]
        worst = 0.0
        for choice, request in zip(chosen(judge, asked), asked, strict=True):
            expected = reference.logprobs(judge, request)
            pairs = zip(choice.logprobs, expected, strict=True)
            worst = max(worst, *(abs(math.exp(a) - math.exp(b)) for a, b in pairs))
        say(f"{judge._spec.name}: largest difference of a probability {worst:.3f}")
        assert worst < 0.1

    @pytest.mark.parametrize("name", ["naturalness", "friendliness"])
    def test_answers_inside_the_levels(
        self, judge: TransformersEngine, name: str, say: Say
    ) -> None:
        found = chosen(judge, [judge_text(rubric(name), text) for text in TEXTS])
        for text, choice in zip(TEXTS, found, strict=True):
            mean = math.fsum(n * p for n, p in enumerate(choice.probabilities, 1))
            say(f"{judge._spec.name} {name}: {mean:.2f} mass {choice.mass:.2f} {text[:24]}")
        assert min(choice.mass for choice in found) >= 0.5

    def test_position_bias_is_measured(self, judge: TransformersEngine, say: Say) -> None:
        pairs = [(a, b) for a in TEXTS[:3] for b in TEXTS[3:]]
        of = rubric("naturalness-pairwise")
        orders = [pair for first, second in pairs for pair in ((first, second), (second, first))]
        found = chosen(judge, [judge_pair(of, *pair) for pair in orders])
        first = [choice.probabilities[0] for choice in found]
        second = [choice.probabilities[1] for choice in found]
        agree = [
            (ab.probabilities[0] > ab.probabilities[1])
            == (ba.probabilities[1] > ba.probabilities[0])
            for ab, ba in zip(found[::2], found[1::2], strict=True)
        ]
        say(
            f"{judge._spec.name}: shown first {sum(first) / len(first):.2f}, "
            f"shown second {sum(second) / len(second):.2f}, "
            f"same winner in both orders {sum(agree)}/{len(agree)}, "
            f"least mass {min(choice.mass for choice in found):.2f}"
        )
        assert all(
            ab.logprobs != ba.logprobs for ab, ba in zip(found[::2], found[1::2], strict=True)
        )
        if judge._spec.name == "qwen2.5-coder-1.5b-instruct":  # the judge there is a card for
            assert min(choice.mass for choice in found) >= 0.5

    def test_writes_korean(self, judge: TransformersEngine, say: Say) -> None:
        written = texts(judge, Sampling(max_tokens=32), 2)
        say(f"{judge._spec.name}: {written[0]!r}")
        assert all(any("가" <= c <= "힣" for c in text) for text in written)
