"""What a calibration asks: a few of the very requests that the run will make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import cycle, islice

from kojudge.cards import JudgeCard
from kojudge.engines import Completion
from kojudge.generate.stage import to_text
from kojudge.judging import Question, rubric_key
from kojudge.records import Prompt, Text, identity
from kojudge.selection import Asked, WantedText, current_texts, wanted_judgments, wanted_texts
from kojudge.store.run import Run

__all__ = ["question_blocks", "run_texts", "sample_texts", "stand_ins"]

PROMPTS = 64
"""Prompts that a judge is asked about at most."""
CHARACTERS_A_TOKEN = 1.5
"""Of Korean, where no text of the candidate says otherwise."""
_PLAIN = (
    "오늘은 아침 일찍 일어나 동네를 한 바퀴 걸었습니다.",
    "골목 끝 빵집에서는 갓 구운 빵 냄새가 났고, 창가에는 고양이 한 마리가 졸고 있었어요.",
    "별일 없는 하루였지만 돌아오는 길에는 마음이 한결 가벼웠습니다.",
    "다음에는 친구와 함께 이 길을 걸어 보고 싶다는 생각이 들었어요.",
    "여러분도 바쁜 하루 가운데 잠시 멈추어 숨을 고를 곳이 있기를 바랍니다.",
)


def _mixed(prompts: Sequence[Prompt]) -> list[Prompt]:
    """Return the prompts in an order that mixes categories and is the same every time."""
    return sorted(prompts, key=lambda prompt: identity(["calibrate", prompt.prompt_id]))


def sample_texts(asked: Asked) -> dict[str, list[WantedText]]:
    """Return the texts wanted of each candidate, those of a calibration first."""
    place = {prompt.prompt_id: at for at, prompt in enumerate(_mixed(asked.prompts))}
    found: dict[str, list[WantedText]] = {}
    for item in sorted(wanted_texts(asked), key=lambda w: (w.sample, place[w.prompt.prompt_id])):
        found.setdefault(item.candidate, []).append(item)
    return found


def stand_ins(
    asked: Asked, written: Mapping[str, Sequence[Completion]], tokens: Mapping[str, float]
) -> list[Text]:
    """Return texts to judge before there are any, as long as the candidates' will be.

    ``written`` are texts of the calibration, perhaps cut short, and ``tokens`` the mean length
    to expect by candidate: they are strung together until they are that long. A candidate
    without any is given plain sentences, up to its token limit.
    """
    chosen = {prompt.prompt_id for prompt in _mixed(asked.prompts)[:PROMPTS]}
    return [
        to_text(item, _stand_in(item, at, written.get(item.candidate, ()), tokens))
        for at, item in enumerate(wanted_texts(asked))
        if item.prompt.prompt_id in chosen
    ]


def _stand_in(
    item: WantedText, at: int, written: Sequence[Completion], tokens: Mapping[str, float]
) -> Completion:
    own = [done for done in written if done.text]
    pieces = [done.text for done in own] or list(_PLAIN)
    shares = [len(done.text) / done.completion_tokens for done in own if done.completion_tokens]
    per_token = sum(shares) / len(shares) if shares else CHARACTERS_A_TOKEN
    length = round(per_token * tokens.get(item.candidate, item.sampling.max_tokens))
    # Each begins elsewhere: equal beginnings would be read once and make the judge too fast.
    turned = pieces[at % len(pieces) :] + pieces[: at % len(pieces)]
    text = f"{at + 1}. " + " ".join(islice(cycle(turned), 1 + length // min(map(len, pieces))))
    return Completion(item.text_id, text[: max(1, length)], "stop", 0, 0, 0.0)


def run_texts(run: Run, asked: Asked) -> list[Text]:
    """Return the run's own texts of as many prompts as a calibration reads."""
    texts = current_texts(run, {item.text_id for item in wanted_texts(asked)})
    ids = sorted({t.prompt_id for t in texts}, key=lambda name: identity(["calibrate", name]))
    chosen = set(ids[:PROMPTS])
    return [text for text in texts if text.prompt_id in chosen]


def question_blocks(
    asked: Asked, card: JudgeCard, texts: Sequence[Text]
) -> dict[str, list[list[Question]]]:
    """Return what ``card`` is asked about ``texts``, by rubric key and by prompt.

    All questions about a prompt stay together, as in the run: they share what is read.
    """
    found: dict[str, dict[str, list[Question]]] = {}
    for item in wanted_judgments(replace(asked, judges=(card,)), texts):
        other = item.baseline.text if item.baseline else None
        question = Question(
            item.judgment_id, item.rubric, item.prompt, item.text.text, other, item.order
        )
        blocks = found.setdefault(rubric_key(item.rubric), {})
        blocks.setdefault(item.prompt.prompt_id, []).append(question)
    return {
        key: [blocks[name] for name in sorted(blocks, key=lambda n: identity(["calibrate", n]))]
        for key, blocks in found.items()
    }
