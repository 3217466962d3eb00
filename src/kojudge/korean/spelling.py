"""Spelling (맞춤법): non-standard spellings from a reviewed list, and typing errors.

The list is ``spelling.yaml``. Typing errors come from kiwi's typo model: a word that only
becomes one when a letter is changed (``닥달`` → ``닦달``). That model alone is noisy with
names, foreign words and old ones, so its hit counts only for a common word of two syllables
or more whose spelling means nothing else. Misses are many, false alarms are meant to be few.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from kojudge.errors import Said, said
from kojudge.korean.analysis import Analysis, Token, kiwi
from kojudge.korean.hit import Hit
from kojudge.korean.patterns import find, hangul_words, patterns
from kojudge.korean.prepare import Block, blocks

__all__ = ["LABELS", "Spelling", "measure"]

LABELS: Mapping[str, Said] = {
    **{p.name: p.label for p in patterns("spelling.yaml")},
    "particle_form": said(
        "받침에 맞지 않는 조사", "particle that does not fit the final consonant"
    ),
    "typo": said("잘못 친 듯한 낱말", "word that looks mistyped"),
}

TYPOS = "basic_with_continual"
TYPO_COST_WEIGHT = 3.0
"""Half of kiwi's default, so that more is found; the filters below pay for it."""
LEAST_SCORE = -13.0
"""Log-probability of the corrected word: below this it is a rare word, and a guess."""
_AFTER_CONSONANT = frozenset({"을", "은", "과", "으로"})
_AFTER_VOWEL = frozenset({"를", "는", "와", "로", "가"})
_RIEUL = 8  # the final consonant ㄹ takes 로
_CONTENT = frozenset({"NNG", "MAG", "VV", "VA", "XR"})
_HANGUL = re.compile(r"[가-힣]{2,}")


@dataclass(frozen=True, slots=True)
class Spelling:
    """``per_100``: errors per 100 words (eojeol) that hold Hangul, 0 for a text without any."""

    per_100: float
    hits: tuple[Hit, ...]


def measure(analysis: Analysis) -> Spelling:
    """Find non-standard spellings and typing errors."""
    listed = [*find(analysis, "spelling", patterns("spelling.yaml")), *_particles(analysis)]
    known = {(t.start, t.end) for t in analysis.tokens if _is_known(t)}
    taken = {place for hit in listed for place in range(hit.start, hit.end)}
    typos = [
        hit
        for hit in _typos(analysis.text)
        if (hit.start, hit.end) not in known and taken.isdisjoint(range(hit.start, hit.end))
    ]
    hits = tuple(sorted((*listed, *typos), key=lambda hit: (hit.start, hit.end, hit.name)))
    words = hangul_words(analysis)
    return Spelling(per_100=100 * len(hits) / words if words else 0.0, hits=hits)


def _particles(analysis: Analysis) -> Iterator[Hit]:
    """Find particles of the wrong form after a noun: 사과을, 빵를, 학교으로.

    이 is left out: after a vowel it is often the copula. Where the form does not fit, kiwi
    may read 을 as a noun; other particles that it does not read as such are left alone.
    """
    text = analysis.text
    for before, token in pairwise(analysis.tokens):
        particle = token.tag.startswith("J") or (token.form == "을" and token.tag == "NNG")
        if particle and before.tag[0] == "N" and before.end == token.start:
            written, last = text[token.start : token.end], text[token.start - 1]
            if written == token.form and "가" <= last <= "힣" and not _fits(token.form, last):
                yield Hit("spelling", "particle_form", before.start, token.end)


def _fits(particle: str, last: str) -> bool:
    final = (ord(last) - ord("가")) % 28
    if particle in {"로", "으로"}:
        return (final in {0, _RIEUL}) == (particle == "로")
    if particle in _AFTER_CONSONANT:
        return final != 0
    return particle not in _AFTER_VOWEL or final == 0


def _is_known(token: Token) -> bool:
    """Whether the spelling as it stands is a word of its own (체재 beside 체제)."""
    return token.tag != "NNP" and token.score > LEAST_SCORE


def _typos(text: str) -> Iterator[Hit]:
    seen: dict[str, Sequence[tuple[int, int]]] = {}
    for block in blocks(text):
        if block.text not in seen:  # a loop of one paragraph is read once
            seen[block.text] = list(_in_block(block))
        for start, end in seen[block.text]:
            yield Hit("spelling", "typo", *block.span(start, end))


def _in_block(block: Block) -> Iterator[tuple[int, int]]:
    reader = kiwi()
    config = dataclasses.replace(reader.global_config, typo_cost_weight=TYPO_COST_WEIGHT)
    for token in reader.tokenize(block.text, typos=TYPOS, override_config=config):
        written = block.text[token.start : token.end]
        if _is_typo(token, written) and not _is_word(reader, written):
            yield token.start, token.end


def _is_word(reader: Any, written: str) -> bool:
    """Whether the spelling by itself is a word of kiwi's dictionary (기개), or one with an ending."""
    first, *rest = reader.tokenize(written)
    known = not any(token.oov for token in (first, *rest)) and first.tag[0] in "NMVX"
    return known and all(token.tag[0] in "JEX" for token in rest)


def _is_typo(token: Any, written: str) -> bool:
    return bool(
        token.typo_cost >= 1
        and token.tag.partition("-")[0] in _CONTENT
        and _HANGUL.fullmatch(written)
        and len(token.form) == len(written)
        and token.form != written
        and token.score > LEAST_SCORE
    )
