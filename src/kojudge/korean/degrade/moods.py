"""What a sentence-final ending does, and at which speech level: the table of known endings.

Endings are written as kiwi writes them (``ᆫ``, ``ᆸ``, ``ᆯ`` stand for a final consonant that
joins the stem), with a following particle 요 attached.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

__all__ = ["ENDINGS", "POLITE", "Level", "Mood", "Side", "Target", "side_of"]

Target = Literal["haeyo", "hasipsio", "haera"]
Level = Literal["haeyo", "hasipsio", "haera", "hae"]
Side = Literal["polite", "plain"]

POLITE: frozenset[Level] = frozenset({"haeyo", "hasipsio"})


class Mood(Enum):
    """The work an ending does for the reader."""

    STATE = "statement, or question where a question mark follows"
    HONOR = "세요: a statement about somebody honoured, or a request"
    COMMAND = "request or command"
    PROPOSE = "proposal"
    SOFT = "statement that turns to the reader: 네, 죠, 거든, 잖아, 는데, 고"
    EXCLAIM = "discovery: 군요, 구나"
    RETRO = "what the writer saw: 더라"
    WONDER = "을까"
    ASK = "나요, 은가"
    WILL = "을게"
    INTEND = "을래"
    REASON = "니까요"
    HEARSAY = "대요, 래요"
    TELL = "답니다, 단다"
    PLAN = "려고요"


_TABLE: tuple[tuple[Level, Mood, str], ...] = (
    ("haeyo", Mood.STATE, "어요 아요 여요 에요 예요"),
    ("haeyo", Mood.HONOR, "세요 으세요 셔요 으셔요"),
    ("haeyo", Mood.SOFT, "네요 죠 지요 거든요 잖아요 고요 구요 ᆫ데요 은데요 는데요"),
    ("haeyo", Mood.EXCLAIM, "군요 는군요 로군요"),
    ("haeyo", Mood.RETRO, "더라고요 더라구요 던데요 더군요"),
    ("haeyo", Mood.WONDER, "ᆯ까요 을까요"),
    ("haeyo", Mood.ASK, "나요 ᆫ가요 은가요 는가요"),
    ("haeyo", Mood.WILL, "ᆯ게요 을게요 ᆯ께요 을께요"),
    ("haeyo", Mood.INTEND, "ᆯ래요 을래요"),
    ("haeyo", Mood.REASON, "니까요 으니까요"),
    ("haeyo", Mood.HEARSAY, "대요 ᆫ대요 는대요 래요 으래요"),
    ("haeyo", Mood.PLAN, "려고요 으려고요 려구요 으려구요"),
    ("hasipsio", Mood.STATE, "습니다 ᆸ니다 습니까 ᆸ니까"),
    ("hasipsio", Mood.COMMAND, "ᆸ시오 십시오 으십시오"),
    ("hasipsio", Mood.PROPOSE, "ᆸ시다 읍시다"),
    ("hasipsio", Mood.TELL, "답니다 ᆫ답니다 는답니다 랍니다"),
    ("haera", Mood.STATE, "다 ᆫ다 는다 니 으니 냐 으냐 느냐"),
    ("haera", Mood.COMMAND, "어라 아라 여라 거라 너라"),
    ("haera", Mood.PROPOSE, "자"),
    ("haera", Mood.EXCLAIM, "구나 는구나 로구나"),
    ("haera", Mood.RETRO, "더라"),
    ("haera", Mood.ASK, "는가 ᆫ가 은가"),
    ("haera", Mood.TELL, "단다 ᆫ단다 는단다 란다"),
    ("hae", Mood.STATE, "어 아 여 야"),
    ("hae", Mood.SOFT, "네 지 거든 잖아 ᆫ데 은데 는데"),
    ("hae", Mood.EXCLAIM, "군 는군 로군"),
    ("hae", Mood.RETRO, "더라고 던데"),
    ("hae", Mood.WONDER, "ᆯ까 을까"),
    ("hae", Mood.ASK, "나"),
    ("hae", Mood.WILL, "ᆯ게 을게"),
    ("hae", Mood.INTEND, "ᆯ래 을래"),
    ("hae", Mood.HEARSAY, "대 ᆫ대 는대 래"),
)

ENDINGS: dict[str, tuple[Level, Mood]] = {
    form: (level, mood) for level, mood, forms in _TABLE for form in forms.split()
}


def side_of(level: Level) -> Side:
    """Whether a level honours the reader."""
    return "polite" if level in POLITE else "plain"
