"""Gates: faults so plain that a text need not be judged to be called one.

A gate may miss; it must not fire on what people write. So each asks for far more than the
signal behind it flags.
"""

from __future__ import annotations

import re
from typing import Literal

from kojudge.korean.degeneration import Degeneration
from kojudge.korean.diagnose import Diagnosis
from kojudge.korean.thresholds import threshold

__all__ = ["Gate", "gates"]

Gate = Literal["empty", "wrong_language", "loop", "truncated", "refusal"]

LONGEST_REFUSAL = 400
FEWEST_LETTERS = 20
FEWEST_MORPHEMES = 100
FEWEST_SENTENCES = 8

_CODE = re.compile(
    r"^[ \t]*```.*?(?:^[ \t]*```|\Z)|`[^`\n]*`|https?://\S+", re.DOTALL | re.MULTILINE
)
_LETTER = re.compile(r"[^\W\d_]")
_HANGUL = re.compile(r"[가-힣\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]")

_OPENING = r"\A[\W_]*"
_SORRY = r"(?:정말 |대단히 |매우 |너무 )?(?:죄송|미안|유감)[^.!?\n]{0,60}"
_MACHINE = (
    r"(?:저는|제가) [^.!?\n]{0,15}(?:인공지능|AI|언어 ?모델)[^.!?\n]{0,20}"
    r"(?:라서|이기 때문에|로서|로써|이므로|입니다)"
)
_ASKED = r"(?:답변|대답|응답|도와|도움|제공|작성|생성|처리|수행|요청|말씀|지원|공유|안내|이행|써 ?드|해 ?드|진행)"
_NOT = r"(?:수(?:가|는|도)? 없(?:습니다|어요|네요|음)|어렵습니다|불가능합니다|않습니다|어려워요|못합니다)"
_REFUSALS = (
    re.compile(rf"{_OPENING}{_SORRY}[^\n]{{0,60}}?{_ASKED}[^.!?\n]{{0,40}}{_NOT}"),
    re.compile(rf"{_OPENING}{_MACHINE}[^\n]{{0,80}}?{_ASKED}[^.!?\n]{{0,40}}{_NOT}"),
    re.compile(
        rf"{_OPENING}(?:(?:I['’]?m|I am) (?:very |so |really )?sorry|sorry|I apologi[sz]e|"
        r"unfortunately)?[\s,.]*(?:but )?(?:as an AI[^.!?\n]{0,60})?[\s,]*I "
        r"(?:cannot|can['’]?t|can not|am unable to|am not able to|won['’]?t) "
        r"(?:\w+ ){0,3}(?:help|assist|provide|write|create|answer|fulfil|fulfill|comply|generate|"
        r"do that|produce|respond|discuss|complete|continue|share)",
        re.IGNORECASE,
    ),
    re.compile(rf"{_OPENING}as an AI\b", re.IGNORECASE),
)


def gates(diagnosis: Diagnosis, prompt_language: str = "ko") -> tuple[Gate, ...]:
    """Name the gates that fire, in a fixed order.

    ``empty``: no letter and no digit. ``wrong_language``: a Korean prompt answered with
    hardly any Hangul, another language's answered in Hangul. ``loop``: the text goes in
    circles. ``truncated``: it stops in mid-sentence. ``refusal``: it is short and opens with
    a refusal. ``prompt_language`` is what ``response_language.expected_language`` gives.
    """
    text = diagnosis.text
    if not any(map(str.isalnum, text)):
        return ("empty",)
    fired: list[Gate] = []
    if _is_wrong_language(text, prompt_language):
        fired.append("wrong_language")
    if _is_loop(diagnosis.degeneration):
        fired.append("loop")
    if diagnosis.truncation.truncated:
        fired.append("truncated")
    if len(text) <= LONGEST_REFUSAL and any(pattern.search(text) for pattern in _REFUSALS):
        fired.append("refusal")
    return tuple(fired)


def _is_wrong_language(text: str, prompt_language: str) -> bool:
    prose = _CODE.sub(" ", text)
    letters = len(_LETTER.findall(prose))
    if letters < FEWEST_LETTERS or prompt_language == "mixed":
        return False
    share = len(_HANGUL.findall(prose)) / letters
    limit = threshold("gates.hangul_share")
    return share < limit if prompt_language == "ko" else share > 1 - limit


def _is_loop(found: Degeneration) -> bool:
    return (
        (found.loops >= threshold("gates.loops") and found.morphemes >= FEWEST_SENTENCES)
        or (found.rep4 >= threshold("gates.rep4") and found.morphemes >= FEWEST_MORPHEMES)
        or (
            found.duplicate_sentences >= threshold("gates.duplicate_sentences")
            and found.sentences >= FEWEST_SENTENCES
        )
    )
