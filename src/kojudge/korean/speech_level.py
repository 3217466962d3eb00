"""Speech level (상대 높임): what level each sentence ends in, and whether a text mixes them.

Levels follow school grammar: formal 합쇼체 (hasipsio), 하오체 (hao), 하게체 (hage), 해라체
(haera); informal 해요체 (haeyo), 해체 (hae). A sentence that ends in -음/-기 is ``nominal``; one
without an ending (a noun, a heading, an interjection) has ``none``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kojudge.errors import Said, said
from kojudge.korean.analysis import Analysis, Sentence, Token
from kojudge.korean.hit import Hit
from kojudge.korean.quotes import quotations

__all__ = ["LABELS", "LEVELS", "Level", "SpeechLevel", "ending_of", "level_of", "measure"]

Level = Literal["hasipsio", "haeyo", "hao", "hage", "hae", "haera", "nominal", "none"]
LEVELS: tuple[Level, ...] = ("hasipsio", "haeyo", "hao", "hage", "hae", "haera", "nominal")
POLITE = frozenset({"hasipsio", "haeyo", "hao"})
PLAIN = frozenset({"hage", "hae", "haera"})

LABELS: Mapping[str, Said] = {
    "minority_level": said("글의 높임과 어긋나는 종결", "ending out of step with the text's level"),
    "pronoun": said("종결과 어긋나는 '나/너/저'", "pronoun that clashes with the ending"),
}

# Endings of each level, as kiwi writes them (ᆸ, ᆫ, ᆯ are final consonants of a stem).
# -네 and -나 are read as 해체 and -ㄴ가 as written 해라체, which is how they are used today,
# though older grammars put all three under 하게체.
_ENDINGS: tuple[tuple[Level, re.Pattern[str]], ...] = (
    ("nominal", re.compile(r"(?:음|ᆷ|기|슴|함)\Z")),
    (
        "hasipsio",
        re.compile(r".*(?:[ᆸ습읍옵슴답랍럽][니디]?[다당]|[ᆸ습읍답랍][니디]까|[ᆸ읍]시다)만?\Z"),
    ),
    ("hasipsio", re.compile(r".*(?:[ᆸ읍십]시오|[ᆸ습]죠|소서|나이다)\Z")),
    ("haeyo", re.compile(r".*(?:요|용|욤|염|여요|죠|쥬|셈)\Z")),
    ("hao", re.compile(r"(?:.*오|.*소|.*소이[다까]|는?구려|구료|으?리다|우)\Z")),
    ("hage", re.compile(r"(?:게|세|ᆯ세|을세|ᆷ세|음세|(?:ᆫ|는)?다네|라네|더이다|ᆯ걸세)\Z")),
    (
        "haera",
        re.compile(
            r".*(?:다|냐|(?<![다라자냐])니|자|라|구나|[ᆫ은는던]가|렴|려무나|마|랴|당|으리)\Z"
        ),
    ),
)
# Endings at home in a text of any level: with some a writer talks to himself (-ㄹ까, -네,
# -구나), with others he instructs or vows in writing (-시오, -리다).
_NEUTRAL = re.compile(
    r"(?:[ᆯ을]까|나|.*[ᆫ은는던]가|네|.*구나|.*군|지|.*데|.*다니|.*라니|려나|.*랴|[ᆯ을]지|고|.*서|.*니까|오|으?리다)\Z"
)
_FINAL_AS_WELL = re.compile(
    r"(?:ᆫ|는)?다|어|슈|소|네|(?:는|ᆫ)?구[먼만나]|죠|.*[가-힣]요|.*[ᆸ습](?:니다|니까|디다|디까)"
)
"""Connective endings, to kiwi, that close a sentence when nothing follows them."""
_BEFORE_MORE = frozenset({"대하", "위하", "통하", "의하", "관하", "인하", "비하", "따르"})
"""Verbs whose -어 goes on (에 대해, 를 위해), never a sentence's end."""
_FAMILIAR = re.compile(r".*네|.*[ᆫ은는던]가|나|.*구[먼만]")
"""Endings at home in 하게체, and read so where the listener is 자네, or with 그려."""
_REQUEST = re.compile(r"(?:.*세요|.*시오|.*시다|.*[가-힣]자)\Z")
_SKIPPED = re.compile(r"S(?![LHN])|W_EMOJI|Z_")
_ADDRESS = frozenset({"여러분", "여러분들"})
_TOPIC = re.compile(r"는|ᆫ|도|가")


@dataclass(frozen=True, slots=True)
class SpeechLevel:
    """Levels of a text's sentences, quotations left out.

    ``share``: of each level among the sentences that have one (0–1; all 0 when none has).
    ``mixing``: sentences out of step among those polite or plain (0–1): the smaller of
    {해요, 합쇼, 하오} and {해, 해라, 하게}, plus half for each 나/너 with a polite statement or
    저 with a plain one. 해요 beside 합쇼 is normal, and so are self-talk endings (-ㄹ까, -네).
    ``levelled``: how many sentences have a level.
    """

    share: Mapping[Level, float]
    mixing: float
    levelled: int
    hits: tuple[Hit, ...]


def ending_of(sentence: Sentence) -> tuple[Token, ...]:
    """Return the morphemes that close ``sentence``: an ending, an ending + 요, or one word.

    Punctuation, emoji, ㅋㅋ, a bracketed aside, a name called after the ending and 그려 (보네그려)
    are passed over. Empty when the sentence holds no word.
    """
    words = _without_aside(sentence.tokens)
    tail = [t for t in words if not _SKIPPED.match(t.tag)]
    tail = _without_address(tail)
    if len(tail) > 1 and (tail[-1].form, tail[-1].tag) == ("그려", "JX"):
        tail = tail[:-1]
    if not tail:
        return ()
    if tail[-1].tag == "JX" and tail[-1].form in ("요", "용", "만") and len(tail) > 1:
        return tuple(tail[-2:])
    return (tail[-1],)


def level_of(sentence: Sentence) -> Level:
    """Return the speech level that ``sentence`` ends in."""
    ending = ending_of(sentence)
    if not ending:
        return "none"
    last = ending[0]
    if ending[-1].form.endswith("만"):  # 감사합니다만 is -ㅂ니다/EC + 만/JX or -습니다만/EC
        level = _level_of_form(last.form) if last.tag in ("EC", "EF") else "none"
        return level if level in POLITE else "none"
    if len(ending) == 2:
        return "haeyo"
    if last.tag == "ETN":
        return "nominal"
    if _is_split_ending(sentence, last):
        return "hae"
    if last.tag == "EF" or (last.tag == "EC" and _closes(sentence, last)):
        familiar = _FAMILIAR.fullmatch(last.form) and _is_familiar(sentence)
        return "hage" if familiar else _level_of_form(last.form)
    return "none"


def measure(analysis: Analysis) -> SpeechLevel:
    """Measure the levels of a text."""
    own = [(s, level_of(s)) for s in analysis.sentences if not s.quoted]
    levelled = [(s, level) for s, level in own if level != "none"]
    counts: Counter[Level] = Counter(level for _, level in levelled)
    share = {level: counts[level] / len(levelled) if levelled else 0.0 for level in LEVELS}
    sided = [(s, level) for s, level in levelled if _takes_side(s, level)]
    polite = [s for s, level in sided if level in POLITE]
    plain = [s for s, level in sided if level in PLAIN]
    minority = min(polite, plain, key=len)
    hits = [_hit("minority_level", ending_of(s)) for s in minority]
    clashes = [
        _hit("pronoun", (token,))
        for s, level in sided
        for token in _clashing(analysis.text, s, level)
    ]
    mixing = (len(minority) + 0.5 * len(clashes)) / len(sided) if sided else 0.0
    hits = sorted(hits + clashes, key=lambda hit: hit.start)
    return SpeechLevel(share, min(mixing, 1.0), len(levelled), tuple(hits))


def _level_of_form(form: str) -> Level:
    for level, pattern in _ENDINGS:
        if pattern.match(form):
            return level
    return "hae"


def _closes(sentence: Sentence, ending: Token) -> bool:
    """Whether an ending that kiwi takes for a connective is a final one."""
    after = "".join(t.form for t in sentence.tokens if t.start >= ending.end)
    if ending.form == "니":
        return after.startswith(("?", "？"))
    before = sentence.tokens[sentence.tokens.index(ending) - 1]
    if ending.form == "어" and before.form in _BEFORE_MORE:
        return False
    return bool(_FINAL_AS_WELL.fullmatch(ending.form)) and not after.startswith(":")


def _is_split_ending(sentence: Sentence, last: Token) -> bool:
    """없는데?, which kiwi may read as the noun 데 after a modifier; 갈 데 has a space."""
    if (last.form, last.tag) != ("데", "NNB"):
        return False
    before = sentence.tokens[sentence.tokens.index(last) - 1]
    return before.tag == "ETM" and before.form != "ᆯ" and before.end == last.start


def _is_familiar(sentence: Sentence) -> bool:
    return any((t.form, t.tag) in {("자네", "NP"), ("그려", "JX")} for t in sentence.tokens)


def _takes_side(sentence: Sentence, level: Level) -> bool:
    form = ending_of(sentence)[-1].form
    return level != "nominal" and (form == "요" or not _NEUTRAL.match(form))


def _without_aside(tokens: Sequence[Token]) -> Sequence[Token]:
    """Drop a bracketed aside that closes the sentence: 갔어요 (웃음)."""
    end = len(tokens)
    while end and tokens[end - 1].tag in ("SF", "SP", "SE"):
        end -= 1
    if not end or tokens[end - 1].form not in (")", "）"):
        return tokens
    opening = [i for i in range(end) if tokens[i].form in ("(", "（")]
    return tokens[: opening[-1]] if opening and opening[-1] > 0 else tokens


def _without_address(tail: list[Token]) -> list[Token]:
    """Drop what calls the reader after the ending: 안녕하세요 여러분, 가겠네 이 사람아."""
    at = len(tail)
    while at and (tail[at - 1].tag in ("IC", "JKV") or tail[at - 1].form in _ADDRESS):
        at -= 1
    if at and at < len(tail) and tail[at].tag == "JKV":
        at -= 1
        at -= bool(at and tail[at - 1].tag == "MM")
    return tail[:at] if at and tail[at - 1].tag in ("EF", "EC", "JX") else tail


def _clashing(text: str, sentence: Sentence, level: Level) -> list[Token]:
    """나/너 as the topic of a polite statement, 저 of a plain one; the first of each sentence."""
    form = ending_of(sentence)[-1].form
    if _REQUEST.match(form) or text[sentence.start : sentence.end].rstrip().endswith("?"):
        return []
    wrong = ("나", "너") if level in POLITE else ("저", "제")
    quoted = quotations(text[sentence.start : sentence.end])
    for token, after in zip(sentence.tokens, sentence.tokens[1:], strict=False):
        at = token.start - sentence.start
        if token.tag != "NP" or token.form not in wrong or not _TOPIC.fullmatch(after.form):
            continue
        if not any(start <= at < end for start, end in quoted):
            return [token]
    return []


def _hit(name: str, tokens: Sequence[Token]) -> Hit:
    return Hit("speech_level", name, tokens[0].start, max(t.end for t in tokens))
