"""Friendliness (친근감): signs that a text talks with its reader.

Mimetic words and a conversational ending build rapport; each sign is a rate with a natural
range, and more of it is not better without end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kojudge.errors import Said, said
from kojudge.korean.analysis import Analysis, Sentence, Token
from kojudge.korean.hit import Hit
from kojudge.korean.ideophones import is_ideophone
from kojudge.korean.speech_level import ending_of, level_of

__all__ = ["LABELS", "Friendliness", "measure"]

LABELS: Mapping[str, Said] = {
    "interactional": said("말을 주고받는 종결", "interactional ending"),
    "ideophone": said("의성어·의태어", "ideophone"),
    "question": said("물음", "question"),
    "address": said("읽는 이를 부르는 말", "address to the reader"),
}

# -거든, -네, -죠/-지, -더라(고), -잖아, -는데, -ㄹ까, -ㄹ래, -ㄹ게, -군/-구나, with or without 요.
_INTERACTIONAL = re.compile(
    r"(?:거든|네|죠|쥬|지|더라|더라고|더라구|잖아|잖니|[ᆫ은는던]데|[ᆯ을]까|[ᆯ을]래|[ᆯ을]게|"
    r"는?군|는?구나|[ᆯ을]걸)(?:요|용)?\Z"
)
_READERS = frozenset({"여러분", "여러분들", "너희", "얘들"})
_READER_NOUNS = frozenset({"이웃", "독자", "구독자", "친구", "얘"})


@dataclass(frozen=True, slots=True)
class Friendliness:
    """Rates of each sign; quotations are left out of the first three.

    ``haeyo``: share of 해요체 among the sentences with a speech level, nominal ones left out
    (0–1). ``interactional``, ``questions``: share of sentences (0–1). ``ideophones``,
    ``address``: per 100 words (eojeol). All 0 for a text without sentences.
    """

    haeyo: float
    interactional: float
    ideophones: float
    questions: float
    address: float
    hits: tuple[Hit, ...]


def measure(analysis: Analysis) -> Friendliness:
    """Measure the signs of friendliness."""
    own = [s for s in analysis.sentences if not s.quoted]
    levels = [level for level in map(level_of, own) if level not in ("nominal", "none")]
    interactional = [hit for s in own for hit in _interactional(s)]
    questions = [hit for s in own for hit in _question(analysis.text, s)]
    ideophones = [_hit("ideophone", t) for t in analysis.tokens if is_ideophone(t)]
    address = list(_address(analysis))
    sentences = len(own) or 1
    words = len(analysis.eojeols) or 1
    hits = sorted([*interactional, *questions, *ideophones, *address], key=lambda h: h.start)
    return Friendliness(
        haeyo=levels.count("haeyo") / (len(levels) or 1),
        interactional=len(interactional) / sentences,
        ideophones=100 * len(ideophones) / words,
        questions=len(questions) / sentences,
        address=100 * len(address) / words,
        hits=tuple(hits),
    )


def _interactional(sentence: Sentence) -> Iterator[Hit]:
    ending = ending_of(sentence)
    if ending and ending[0].tag in ("EF", "EC") and (ending[0].tag == "EF" or len(ending) > 1):
        form = "".join(t.form for t in ending)
        if _INTERACTIONAL.match(form):
            yield Hit("friendliness", "interactional", ending[0].start, ending[-1].end)


def _question(text: str, sentence: Sentence) -> Iterator[Hit]:
    """A sentence that ends in a question mark and has an ending or a question word."""
    closing = sentence.tokens[-3:]
    if any("?" in t.form or "？" in t.form for t in closing) and any(
        t.tag[0] not in "SWZ" for t in sentence.tokens
    ):
        at = text.rfind("?", sentence.start, sentence.end)
        yield Hit("friendliness", "question", max(at, sentence.start), sentence.end)


def _address(analysis: Analysis) -> Iterator[Hit]:
    """여러분, 너희, 얘들; 이웃님, 독자님, 친구들 where a sentence opens with them."""
    for token in analysis.tokens:
        if token.tag == "NP" and token.form in _READERS:
            yield _hit("address", token)
    for sentence in analysis.sentences:
        first = [t for t in sentence.tokens if t.tag[0] not in "SW"][:3]
        called = len(first) == 3 and (first[1].tag == "XSN" and first[2].tag in ("JKV", "XSN"))
        if called and first[0].form in _READER_NOUNS:
            yield Hit("friendliness", "address", first[0].start, first[2].end)


def _hit(name: str, token: Token) -> Hit:
    return Hit("friendliness", name, token.start, token.end)
