"""Write an ending at another speech level, or say that it has no natural counterpart there."""

from __future__ import annotations

from kojudge.korean.degrade.clause import is_adjectival, use_of
from kojudge.korean.degrade.conjugate import with_ending
from kojudge.korean.degrade.endings import HONORIFIC_STEMS, Ending
from kojudge.korean.degrade.hangul import has_final
from kojudge.korean.degrade.moods import Mood, Target, side_of
from kojudge.korean.degrade.morphemes import Piece

__all__ = ["realise"]


def realise(ending: Ending, target: Target) -> str | None:
    """Return what stands at the ending's place at level ``target``; None: leave it as it is."""
    if ending.level == target or _fixed(ending, target):
        return None
    if ending.level == "hae" and target == "haera":
        return None
    return {"haeyo": _haeyo, "hasipsio": _hasipsio, "haera": _haera}[target](ending)


def _fixed(ending: Ending, target: Target) -> bool:
    """Greetings and turns of speech that exist at their own level only."""
    words = [m.form for m in ending.before[-2:]]
    if words[-2:] == ["지", "뭐"] or (words[-1:] == ["지"] and ending.noun == "뭐"):
        return True
    if ending.noun == "터" and ending.mood is Mood.SOFT:
        return True  # 텐데요, 테지
    if ending.copula and target == "haeyo" and has_final(ending.noun) is None:
        return True  # 이에요 or 예요 cannot be known
    greeting = bool({"안녕", "안녕히"}.intersection(words))
    return greeting and target == "haera"


# --- 해라체 ---------------------------------------------------------------------------------


def _haera(ending: Ending) -> str | None:
    use = use_of(ending)
    mood = use.mood
    if ending.asks:
        return _haera_question(ending, mood, use.about_other)
    if mood is Mood.COMMAND:
        return with_ending(ending, ("어라", "EF"), stem=_plain_stem(ending), prefinal=())
    if mood is Mood.PROPOSE:
        return with_ending(ending, ("자", "EF"), stem=_plain_stem(ending), prefinal=())
    if mood in {Mood.WILL, Mood.INTEND}:
        return with_ending(
            ending, ("겠", "EP"), ("다", "EF"), stem=_kept_or_given(ending), prefinal=()
        )
    if mood in {Mood.STATE, Mood.SOFT}:
        return with_ending(ending, (_da(ending), "EF"))
    if mood is Mood.EXCLAIM:
        return with_ending(ending, ("구나" if _describes(ending) else "는구나", "EF"))
    if mood is Mood.ASK:
        return with_ending(ending, (_ga(ending), "EF"))
    plain = {Mood.RETRO: "더라", Mood.WONDER: "ᆯ까"}.get(mood)
    return with_ending(ending, (plain, "EF")) if plain else _reported(ending, mood, "haera")


def _haera_question(ending: Ending, mood: Mood, about_other: bool) -> str | None:
    if mood is Mood.SOFT and ending.form in {"죠", "지요"}:
        return with_ending(ending, ("지", "EF"))
    if mood in {Mood.WONDER, Mood.EXCLAIM, Mood.RETRO}:
        form = {Mood.WONDER: "ᆯ까", Mood.RETRO: "더라"}.get(mood, "구나")
        return with_ending(ending, (form, "EF")) if mood is not Mood.EXCLAIM else None
    prefinal = ending.prefinal if about_other else _without_si(ending.prefinal)
    stem = ending.stem if about_other else _plain_stem(ending)
    if mood is Mood.INTEND:
        return with_ending(ending, ("겠", "EP"), ("니", "EF"), stem=stem, prefinal=prefinal)
    if mood is Mood.ASK:
        return with_ending(ending, (_ga(ending), "EF"), stem=stem, prefinal=prefinal)
    soft = mood is Mood.SOFT and ending.form.endswith(("데요", "는데요"))
    if mood is Mood.STATE or soft:
        return with_ending(ending, ("니", "EF"), stem=stem, prefinal=prefinal)
    return None


# --- 합쇼체 ---------------------------------------------------------------------------------


def _hasipsio(ending: Ending) -> str | None:
    mood = use_of(ending).mood
    if ending.level == "hae" and _open(ending):
        return None
    if mood is Mood.RETRO:
        return _hasipsio_seen(ending)
    if mood in {Mood.REASON, Mood.PLAN, Mood.HEARSAY, Mood.TELL}:
        return _reported(ending, mood, "hasipsio")
    if mood is Mood.WONDER:
        return with_ending(ending, ("ᆯ까요", "EF")) if side_of(ending.level) == "plain" else None
    if _without_formal(ending, mood):
        return None
    prefinal, final = _hasipsio_final(ending, mood)
    return with_ending(ending, (final, "EF"), prefinal=prefinal)


def _hasipsio_final(ending: Ending, mood: Mood) -> tuple[tuple[str, ...], str]:
    """Return the forms before the ending, and the ending."""
    if mood is Mood.COMMAND:
        return (() if ending.stem[0] in HONORIFIC_STEMS else ("시",)), "ᆸ시오"
    if mood is Mood.PROPOSE:
        return _without_si(ending.prefinal), "ᆸ시다"
    final = "ᆸ니까" if ending.asks or mood is Mood.ASK else "ᆸ니다"
    if mood in {Mood.WILL, Mood.INTEND}:
        return (*_without_will(ending.prefinal), "겠"), final
    return ending.prefinal, final


def _without_formal(ending: Ending, mood: Mood) -> bool:
    """Whether 합쇼체 has nothing natural: 그렇죠?, 예쁘네요?, the answer 그렇군요."""
    if mood is Mood.EXCLAIM:
        return ending.asks or ending.stem[0] in {"그렇", "이렇", "저렇"}
    return mood is Mood.SOFT and ending.asks and "데" not in ending.form


def _open(ending: Ending) -> bool:
    """Whether a bare 해체 verb (이리 와, 나 지금 가) may be a command or a statement."""
    bare = not ending.prefinal and not ending.asks and not is_adjectival(ending)
    return ending.mood is Mood.STATE and bare


def _hasipsio_seen(ending: Ending) -> str | None:
    """더라 → 었습니다: what was seen is told as past; 겠더라 has no such counterpart."""
    if "겠" in ending.prefinal or ending.asks:
        return None
    prefinal = ending.prefinal if ending.past else (*ending.prefinal, "었")
    return with_ending(ending, ("ᆸ니다", "EF"), prefinal=prefinal)


# --- 해요체 ---------------------------------------------------------------------------------


def _haeyo(ending: Ending) -> str | None:
    mood = use_of(ending).mood
    if mood is Mood.COMMAND:
        prefinal = ending.prefinal if ending.level == "hae" else ("시",)
        return with_ending(ending, ("어요", "EF"), prefinal=prefinal)
    if mood is Mood.WILL:
        return with_ending(ending, ("ᆯ게요", "EF"), prefinal=_without_will(ending.prefinal))
    if mood is Mood.ASK:
        return with_ending(ending, (_gayo(ending), "EF"))
    if mood is Mood.EXCLAIM:
        return with_ending(ending, ("군요" if _describes(ending) else "는군요", "EF"))
    if mood is Mood.SOFT or (ending.level == "hae" and mood in {Mood.RETRO, Mood.HEARSAY}):
        return with_ending(ending, ("죠" if ending.form == "지" else ending.form + "요", "EF"))
    if mood is Mood.TELL:
        return with_ending(ending, (_hearsay(ending), "EF"))
    fixed = {Mood.RETRO: "더라고요", Mood.WONDER: "ᆯ까요", Mood.INTEND: "ᆯ래요"}.get(mood)
    if fixed:
        return with_ending(ending, (fixed, "EF"))
    return with_ending(ending, ("어요", "EF"))


# --- forms shared by the levels ---------------------------------------------------------------


def _describes(ending: Ending) -> bool:
    return ending.past or is_adjectival(ending)


def _da(ending: Ending) -> str:
    return "다" if _describes(ending) else "ᆫ다"


def _ga(ending: Ending) -> str:
    """는가 after verbs, 있다, 없다, 었 and 겠; else ᆫ가."""
    exists = ending.stem[0].endswith(("있", "없", "계시"))
    return "는가" if ending.past or exists or not is_adjectival(ending) else "ᆫ가"


def _gayo(ending: Ending) -> str:
    return "나요" if _ga(ending) == "는가" else "ᆫ가요"


def _hearsay(ending: Ending) -> str:
    if ending.copula and not ending.past:
        return "래요"
    return "대요" if _describes(ending) else "ᆫ대요"


def _reported(ending: Ending, mood: Mood, target: Target) -> str | None:
    """Endings that need a second predicate at the formal levels: 대요 → 다고 합니다."""
    verb = "한다" if target == "haera" else "합니다"
    copula = "이다" if target == "haera" else "입니다"
    if ending.asks:
        return None
    if mood is Mood.REASON:
        return f"{with_ending(ending, ('기', 'ETN'))} 때문{copula}"
    if mood is Mood.PLAN:
        return f"{with_ending(ending, ('려고', 'EC'))} {verb}"
    if mood is Mood.HEARSAY:
        return f"{with_ending(ending, (_quoting(ending), 'EC'))} {verb}"
    if mood is Mood.TELL:
        return with_ending(ending, (_told(ending, target), "EF"))
    return None


def _quoting(ending: Ending) -> str:
    if ending.form in {"래요", "으래요", "래"}:
        return "라고"
    return "다고" if _describes(ending) else "ᆫ다고"


def _told(ending: Ending, target: Target) -> str:
    tail = "단다" if target == "haera" else "답니다"
    if ending.copula and not ending.past:
        return "란다" if target == "haera" else "랍니다"
    return tail if _describes(ending) else "ᆫ" + tail


def _without_si(prefinal: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(form for form in prefinal if form not in {"시", "으시"})


def _without_will(prefinal: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(form for form in prefinal if form != "겠")


def _plain_stem(ending: Ending) -> Piece:
    """먹다 for 드시다 and so on, where the reader is no longer honoured."""
    form, tag = ending.stem
    return (HONORIFIC_STEMS[form], "VV") if form in HONORIFIC_STEMS else (form, tag)


def _kept_or_given(ending: Ending) -> Piece:
    """알려 드릴게요 → 알려 주겠다: 드리다 humbles the writer before the reader."""
    form, tag = ending.stem
    return ("주", tag) if form == "드리" and ending.pos == "VX" else (form, tag)
