"""What a program counted in a text, in a few plain lines for a judge to read.

A small judge overlooks a wrong particle or a change of speech level that a morpheme analyser
counts without fail. The lines state counts and leave the verdict to the judge. The text is
data, so hardly any of it is quoted: one short word of Hangul in a line, to show what is meant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from kojudge.errors import ConfigError, Language, Said, did_you_mean, said
from kojudge.korean import translationese
from kojudge.korean.diagnose import Diagnosis, diagnose
from kojudge.korean.gates import gates
from kojudge.korean.hit import Hit
from kojudge.korean.names import MEASURES
from kojudge.korean.response_language import expected_language
from kojudge.korean.speech_level import PLAIN, POLITE, Level
from kojudge.korean.thresholds import threshold

__all__ = ["Kind", "notes"]

Kind = Literal["soundness", "manner"]
"""``soundness``: faults that make Korean unnatural. ``manner``: how it speaks to its reader."""

MOST_LINES = 8
LONGEST_QUOTATION = 12
"""Characters: room for a word, not for an order to the judge."""
LEAST_SHARE = 0.05
"""A speech level with a smaller share of the sentences is not named."""

_WORD = re.compile(r"[가-힣]+(?: [가-힣]+)?")
_LEVELS = {m.path.removeprefix("share."): m.label for m in MEASURES if m.group == "speech_level"}


@dataclass(frozen=True, slots=True)
class _Counted:
    found: Diagnosis
    genre: str | None
    asked: str
    """Language that the prompt asked for."""

    def hits(self, group: str, *names: str) -> list[Hit]:
        """The hits of one group: all, or those called one of ``names``."""
        hits: tuple[Hit, ...] = getattr(self.found, group).hits
        return [hit for hit in hits if not names or hit.name in names]

    def exceeds(self, group: str, measure: str) -> bool:
        """Whether a measure lies above its limit in ``thresholds.yaml``."""
        value: float = getattr(getattr(self.found, group), measure)
        return value > threshold(f"{group}.{measure}", self.genre)


def notes(
    text: str,
    language: Language = "ko",
    *,
    prompt: str = "",
    genre: str | None = None,
    kinds: Collection[str] = ("soundness", "manner"),
) -> str:
    """Return up to 8 lines, each opening with ``- ``, about what was counted in ``text``.

    ``language`` is that of the lines; the text is Korean. ``prompt`` (what the text answers)
    and ``genre`` are those of :func:`kojudge.korean.diagnose.diagnose`. Counts of what sound
    texts hold too (spacing slips, stock phrases, foreign words) stand there only outside their
    limits. ``kinds``: naturalness wants ``soundness``, friendliness ``manner``. Where nothing
    was found a single line says so. Equal input gives equal lines.

    Raises:
        ConfigError: ``kinds`` is empty or holds an unknown name.
    """
    _check(kinds)
    counted = _Counted(diagnose(text, prompt=prompt, genre=genre), genre, expected_language(prompt))
    lines = [line for kind in get_args(Kind) if kind in kinds for line in _of_kind(kind, counted)]
    told = dict.fromkeys(line.in_(language) for line in lines)  # what both kinds tell, once
    return "\n".join(f"- {line}" for line in list(told)[:MOST_LINES])


def _check(kinds: Collection[str]) -> None:
    unknown = [kind for kind in kinds if kind not in get_args(Kind)]
    if unknown or not kinds:
        given = ", ".join(unknown)
        raise ConfigError(
            said(f"메모(notes)의 종류가 틀렸습니다: {given or '없음'}",
                 f"Wrong kinds of notes: {given or 'none'}."),
            did_you_mean(given, get_args(Kind)),
        )  # fmt: skip


def _of_kind(kind: Kind, counted: _Counted) -> list[Said]:
    return [line for part in _PARTS[kind] for line in part(counted)] or [_NO_FAULT]


def _faults(counted: _Counted) -> Iterator[Said]:
    for gate in gates(counted.found, counted.asked):
        if gate in _FAULTS:
            yield _FAULTS[gate]


def _garbled(counted: _Counted) -> Iterator[Said]:
    if counted.found.corruption.low:
        yield _places("글자가 틀려 읽기 어려운 문장", "sentences too garbled to read",
                      counted.hits("corruption"), "개")  # fmt: skip


def _repeated(counted: _Counted) -> Iterator[Said]:
    sentences = counted.hits("degeneration", "duplicate_sentence", "near_duplicate_sentence")
    loops = counted.hits("degeneration", "loop")
    if sentences:
        yield _places("되풀이되는 문장", "sentences that repeat an earlier one", sentences, "개")
    if loops:
        yield _places(
            "같은 말이 잇달아 되풀이되는 곳", "words repeated over and over in place", loops
        )
    if not sentences and not loops and counted.exceeds("degeneration", "rep4"):
        yield said("같은 표현이 자꾸 되풀이됨", "the same wording keeps coming back")


def _unfinished(counted: _Counted) -> Iterator[Said]:
    if counted.found.truncation.truncated:
        yield said("문장 중간에서 끊김", "breaks off in mid-sentence")


def _foreign(counted: _Counted) -> Iterator[Said]:
    scripts = [s for s in _SCRIPTS if counted.exceeds("script", s)]
    if scripts:
        yield _places("한글이 아닌 글자가 섞인 곳", "foreign words or letters mixed in",
                      counted.hits("script", *scripts))  # fmt: skip


def _particles(counted: _Counted) -> Iterator[Said]:
    wrong = counted.hits("spelling", "particle_form")
    if wrong:
        yield _places("받침에 맞지 않는 조사", "particles that do not fit the final consonant",
                      wrong, text=counted.found.text)  # fmt: skip


def _mixed_levels(counted: _Counted) -> Iterator[Said]:
    """Garbled endings read as any level, so a garbled text is not called mixed."""
    level = counted.found.speech_level
    if counted.found.corruption.low:
        return
    odd = len(counted.hits("speech_level", "minority_level"))
    if odd:
        polite, plain = (_LEVELS[_main(level.share, side)] for side in (POLITE, PLAIN))
        yield said(
            f"높임법: {polite.ko}와 {plain.ko}가 섞임 (문장 {level.levelled}개 가운데 {odd}개가 다름)",
            f"speech levels mixed: {polite.en} and {plain.en} "
            f"({odd} of {level.levelled} sentences out of step)",
        )
    pronouns = counted.hits("speech_level", "pronoun")
    if pronouns:
        yield _places(
            "높임에 맞지 않는 '나, 너, 저'", "'나, 너, 저' against the speech level", pronouns
        )


def _main(share: Mapping[Level, float], side: Collection[str]) -> Level:
    return max((level for level in share if level in side), key=lambda level: share[level])


def _misspelt(counted: _Counted) -> Iterator[Said]:
    typos = [hit for hit in counted.hits("spelling") if hit.name != "particle_form"]
    broken = counted.hits("script", "jamo", "replacement")
    if typos or broken:
        yield _places("깨진 글자나 맞춤법 오류로 보이는 곳", "likely misspellings or broken letters",
                      [*typos, *broken], text=counted.found.text)  # fmt: skip


def _spacing(counted: _Counted) -> Iterator[Said]:
    if any(counted.exceeds("spacing", f"{way}_per_100") for way in ("missing", "extra")):
        yield _places("띄어쓰기 오류로 보이는 곳", "likely spacing errors", counted.hits("spacing"))


def _translated(counted: _Counted) -> Iterator[Said]:
    hits = counted.hits("translationese")
    if hits:
        (name, _), *_rest = Counter(hit.name for hit in hits).most_common(1)
        label = translationese.LABELS[name]
        yield said(
            f"번역투 표현: {len(hits)}곳 (예: {label.ko})",
            f"translationese: {len(hits)} (such as {label.en})",
        )


def _stock_phrases(counted: _Counted) -> Iterator[Said]:
    phrases = [h for h in counted.hits("cliche") if h.name not in _NO_PHRASES]
    if counted.exceeds("cliche", "per_100"):
        yield _places("판에 박힌 표현", "stock phrases", phrases)


def _level_shares(counted: _Counted) -> Iterator[Said]:
    share = counted.found.speech_level.share
    shown = sorted((-value, level) for level, value in share.items() if value >= LEAST_SHARE)
    if shown:
        ko = ", ".join(f"{_LEVELS[level].ko} {-value:.0%}" for value, level in shown)
        en = ", ".join(f"{_LEVELS[level].en} {-value:.0%}" for value, level in shown)
        yield said(f"문체: {ko}", f"speech level: {en}")


def _spoken_to(counted: _Counted) -> Iterator[Said]:
    total = counted.found.degeneration.sentences
    endings = len(counted.hits("friendliness", "interactional"))
    addressed = len(counted.hits("friendliness", "question", "address"))
    if endings:
        yield said(
            f"말 건네는 말끝(-네요, -거든요…): 문장 {total}개 가운데 {endings}개",
            f"endings of live talk (-네요, -거든요…): {endings} of {total} sentences",
        )
    if addressed:
        yield said(
            f"읽는 이를 부르거나 묻는 말: {addressed}곳",
            f"calls to the reader and questions: {addressed}",
        )
    if not endings and not addressed:
        yield said("말을 건네거나 묻는 말 없음", "nothing that speaks to the reader")


def _sentence_length(counted: _Counted) -> Iterator[Said]:
    total = counted.found.degeneration.sentences
    if total:
        mean = counted.found.eojeols / total
        yield said(
            f"한 문장의 길이: 평균 {mean:.0f}어절", f"words a sentence: {mean:.0f} on average"
        )


def _places(ko: str, en: str, hits: Collection[Hit], unit: str = "곳", text: str = "") -> Said:
    quoted = next(filter(None, (_quotation(text[h.start : h.end]) for h in hits)), "")
    example = said(f" (예: '{quoted}')", f" (such as '{quoted}')") if quoted else said("", "")
    return said(f"{ko}: {len(hits)}{unit}{example.ko}", f"{en}: {len(hits)}{example.en}")


def _quotation(written: str) -> str:
    """Return ``written`` if it is one or two short words of Hangul, else nothing."""
    return written if len(written) <= LONGEST_QUOTATION and _WORD.fullmatch(written) else ""


_Part = Callable[[_Counted], Iterator[Said]]

_FAULTS: Mapping[str, Said] = {
    "empty": said("글자가 하나도 없음", "holds no letter"),
    "wrong_language": said("바란 언어로 쓰이지 않음", "not in the language asked for"),
    "refusal": said("부탁한 글을 쓰지 않고 거절함", "declines instead of writing"),
}
_SCRIPTS = ("han", "kana", "cyrillic", "latin", "other")
_NO_PHRASES = frozenset({"comma_after_ending", "initial_connective"})
_NO_FAULT = said("눈에 띄는 오류 없음", "no fault was found")
_PARTS: Mapping[Kind, tuple[_Part, ...]] = {
    "soundness": (  # the gravest first: the lines that are too many fall away
        _faults,
        _garbled,
        _repeated,
        _unfinished,
        _foreign,
        _particles,
        _mixed_levels,
        _misspelt,
        _spacing,
        _translated,
        _stock_phrases,
    ),
    "manner": (_faults, _level_shares, _spoken_to, _sentence_length, _stock_phrases),
}
