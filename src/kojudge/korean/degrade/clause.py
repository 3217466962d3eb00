"""What the words before an ending say about it: who is honoured, what kind of predicate it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kojudge.korean.degrade.endings import PREDICATES, Ending
from kojudge.korean.degrade.moods import Mood
from kojudge.korean.degrade.morphemes import Morpheme

__all__ = ["Use", "is_adjectival", "use_of"]


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_HONOURED = _words(
    "님 어머니 아버지 어머님 아버님 할머니 할아버지 엄마 아빠 부모 선생 선생님 사장 사장님 교수 분 "
    "이모 삼촌 고모 어르신 주인 원장 부장 팀장 대표 손님 기사 작가 감독 스승"
)
_TOPIC = frozenset({"은", "는", "ᆫ"})
_CLAUSE_ENDS = _words(
    "면 으면 다면 ᆫ다면 는다면 라면 니까 으니까 지만 는데 은데 ᆫ데 며 으며 어서 아서 더니 자마자"
)
_TOGETHER = frozenset({"같이", "함께"})
_WISHED = frozenset({"건강", "행복", "평안"})
# Verbs whose 겠 is not the writer's will: 알겠어요, 모르겠어요, 못 참겠어요.
_NOT_WILLED = _words("알 모르 되 참 살 죽 있 보이 들리 나 느끼 나오 걸리 바라")


@dataclass(frozen=True, slots=True)
class Use:
    """How an ending is used where its form leaves it open."""

    mood: Mood
    about_other: bool
    """Whether 시 honours somebody other than the reader, so that it stays."""


def is_adjectival(ending: Ending) -> bool:
    """Whether the predicate describes (좋다, 않다 after 좋지), so that 다 follows, not 는다."""
    return _adjectival(ending.stem[0], ending.pos, ending.before)


def _adjectival(form: str, pos: str, before: Sequence[Morpheme]) -> bool:
    if form.endswith(("있", "없")) or pos in {"VA", "XSA", "VCP", "VCN"}:
        return True
    if form == "하" and len(before) > 2 and before[-1].form == "못" and before[-2].form == "지":
        return _described(before[:-1])  # 좋지 못하다, read as 못 + 하다
    if pos != "VX":
        return False
    if form == "싶":
        return True
    if form == "보":
        return bool(before) and before[-1].form in {"나", "ᆫ가", "은가", "는가", "ᆯ까", "을까"}
    if form in {"않", "못하"} or (form == "하" and _after_gi(before)):
        return _described(before)
    return False


def _after_gi(before: Sequence[Morpheme]) -> bool:
    """Whether 기도, 기는 or 긴 stands before (예쁘기도 하다)."""
    return len(before) >= 2 and before[-2].form == "기" and before[-1].pos == "JX"


def _described(before: Sequence[Morpheme]) -> bool:
    for at in range(len(before) - 1, max(-1, len(before) - 7), -1):
        if before[at].pos in PREDICATES:
            return _adjectival(before[at].form, before[at].pos, before[:at])
    return False


def use_of(ending: Ending) -> Use:
    """Read an ending in its sentence: 세요, 어요 and 겠 each do several things."""
    honoured = _honours_other(ending)
    if ending.mood is Mood.HONOR:
        return Use(_honorific_mood(ending, honoured), honoured or _described_other(ending))
    if ending.mood is Mood.STATE and not ending.asks and not ending.prefinal:
        return Use(_bare_mood(ending), honoured)
    if _willed(ending):
        return Use(Mood.WILL, honoured)
    if ending.mood is Mood.SOFT and ending.form in {"죠", "지요"} and not ending.asks:
        invites = ending.prefinal == ("시",) and not is_adjectival(ending) and not honoured
        return Use(Mood.PROPOSE if invites else Mood.SOFT, honoured)
    return Use(ending.mood, honoured)


def _honorific_mood(ending: Ending, honoured: bool) -> Mood:
    if ending.asks:
        return Mood.STATE
    if ending.stem[0] == "말" or (ending.before and ending.before[-1].form in _WISHED):
        return Mood.COMMAND
    described = is_adjectival(ending) and ending.stem[0] != "계시"
    return Mood.STATE if described or honoured else Mood.COMMAND


def _described_other(ending: Ending) -> bool:
    return not ending.asks and is_adjectival(ending)


def _honours_other(ending: Ending) -> bool:
    """Whether the subject is somebody honoured (할머니는, 선생님께서), not the reader."""
    words = _own_clause(ending.before)
    asked = ending.stem[0] == "주" and ending.pos == "VX"
    for word, particle in pairwise(words):
        if particle.form == "께서":
            return True
        subject = particle.pos == "JKS" or (particle.form in {*_TOPIC, "도"} and not asked)
        if word.form in _HONOURED and subject:
            return True
    return False


def _own_clause(words: Sequence[Morpheme]) -> Sequence[Morpheme]:
    """Leave out the clauses before: who stands there is not the subject here."""
    ends = [at for at, word in enumerate(words) if word.form in _CLAUSE_ENDS and word.pos == "EC"]
    return words[ends[-1] + 1 :] if ends else words


def _bare_mood(ending: Ending) -> Mood:
    """Read 어요 (or 어) without 시, 었 or 겠: mostly a statement."""
    if ending.level not in {"haeyo", "hae"} or is_adjectival(ending) or ending.copula:
        return Mood.STATE
    if _invites(ending):
        return Mood.PROPOSE
    forbids = ending.stem[0] == "말" and ending.before[-1:] and ending.before[-1].form != "고"
    urges = forbids or ending.stem[0] == "힘내" or _urged(ending)
    return Mood.COMMAND if urges else Mood.STATE


def _urged(ending: Ending) -> bool:
    """Whether it is 해 봐요 without a subject: "try it"."""
    words = ending.before
    tried = ending.stem[0] == "보" and ending.pos == "VX" and bool(words) and words[-1].form == "어"
    return tried and not any(
        word.pos in {"JKS", "NP"} or (word.pos == "JX" and word.form in _TOPIC) for word in words
    )


def _invites(ending: Ending) -> bool:
    """Whether it is "let us": 다음에 또 만나요, 우리 같이 걸어요."""
    words = ending.before
    if any(word.pos == "JKS" or (word.pos == "JX" and word.form in _TOPIC) for word in words):
        return False
    if ending.stem[0] in {"만나", "보"} and ending.pos == "VV":
        return any(word.form in {"또", "다음", "곧"} for word in words)
    for at, word in enumerate(words):
        if word.form in _TOGETHER:
            return at == 0 or words[at - 1].pos not in {"JKB", "JC", "JKO"}
    return False


def _willed(ending: Ending) -> bool:
    """Whether 겠 states what the writer will do (소개하겠습니다)."""
    if ending.mood is not Mood.STATE or ending.asks or ending.prefinal != ("겠",):
        return False
    if is_adjectival(ending) or ending.stem[0] in _NOT_WILLED:
        return False
    others = [
        word.form
        for word, particle in pairwise(_own_clause(ending.before))
        if particle.pos == "JKS" and word.form not in {"나", "저", "우리", "저희"}
    ]
    return not others and not any(word.form == "못" for word in ending.before)
