"""What people read: names of groups, measures and gates, and what a measure outside its limit means.

The words are for an editor who is no linguist, and they blame nobody: a limit says "look
here". ``diagnose.to_json`` has the stable names; these may be reworded at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kojudge.errors import Said, said
from kojudge.korean.gates import Gate
from kojudge.korean.thresholds import Genre

__all__ = ["FAULT_GROUPS", "GATES", "GENRES", "GROUPS", "MEASURES", "PER", "Measure", "Unit"]

Unit = Literal["share", "words", "syllables", "letters", "flag", "number"]
"""How to read a value: a share (0-1), a rate per 100 of something, 0 or 1, a plain number."""

PER: Mapping[Unit, Said] = {
    "words": said(" (100어절당)", " (per 100 words)"),
    "syllables": said(" (100음절당)", " (per 100 syllables)"),
    "letters": said(" (100글자당)", " (per 100 letters)"),
}
"""What stands behind the name of a rate."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a group.

    ``path`` is its place in the group's JSON object (``share.haeyo``), ``advice`` what to say
    when it lies outside its limit (None where nothing is outside). ``quiet``: a 0 needs no row.
    ``floor``: what lies below the limit is outside, not what lies above.
    """

    group: str
    path: str
    unit: Unit
    label: Said
    advice: Said | None = None
    quiet: bool = False
    floor: bool = False

    @property
    def limit(self) -> str:
        """The name that its limit would have in ``thresholds.yaml``."""
        return f"{self.group}.{self.path}"


GROUPS: Mapping[str, Said] = {
    "script": said("글자", "Letters"),
    "degeneration": said("되풀이", "Repetition"),
    "truncation": said("끝맺음", "Ending"),
    "spacing": said("띄어쓰기", "Spacing"),
    "spelling": said("맞춤법", "Spelling"),
    "corruption": said("깨진 글", "Garbled text"),
    "speech_level": said("말높이", "Speech level"),
    "translationese": said("번역투", "Translationese"),
    "cliche": said("상투적인 표현", "Stock phrases"),
    "style": said("다양함과 흐름", "Variety and rhythm"),
    "friendliness": said("친근함", "Friendliness"),
}

GENRES: Mapping[Genre, Said] = {
    "blog": said("블로그", "blog"),
    "emotional": said("감성 글", "emotional"),
    "imaginative": said("상상 글", "imaginative"),
}

GATES: Mapping[Gate, Said] = {
    "empty": said("글자나 숫자가 하나도 없습니다.", "There is no letter and no digit in it."),
    "wrong_language": said(
        "바란 언어로 쓰이지 않았습니다.", "It is not in the language that was asked for."
    ),
    "loop": said("같은 말이 끝없이 되풀이됩니다.", "It says the same thing without end."),
    "truncated": said("글이 끝맺지 못하고 끊겼습니다.", "It stops before it is finished."),
    "refusal": said(
        "부탁한 글이 아니라 거절하는 답입니다.", "It declines instead of answering."
    ),
}  # fmt: skip


def _foreign(path: str, ko: str, en: str) -> Measure:
    advice = said(
        f"{ko}가 섞여 있습니다. 일부러 쓴 것이 아니라면 한글로 바꾸세요.",
        f"There are {en} in the text. Unless they are meant, write Hangul.",
    )
    return Measure("script", path, "letters", said(ko, en), advice, quiet=True)


_SOUNDNESS = (
    Measure("script", "hangul_share", "share", said("한글의 비중", "share of Hangul")),
    _foreign("han", "한자", "Chinese characters"),
    _foreign("kana", "일본 글자", "Japanese letters"),
    _foreign("cyrillic", "러시아 글자", "Cyrillic letters"),
    Measure("script", "latin", "letters", said("섞여 든 외국어 낱말", "foreign words"), said(
        "로마자로 쓴 외국어 낱말이 섞여 있습니다. 우리말로 쓸 수 있는지 살펴보세요.",
        "Foreign words in Latin letters are mixed in. See whether Korean words would do.",
    ), quiet=True),
    _foreign("other", "그 밖의 외국 글자", "letters of other scripts"),
    Measure("script", "jamo", "letters", said("떨어져 나온 낱자", "loose letters"), said(
        "음절을 이루지 못한 낱자가 있습니다. 잘못 친 곳이 아닌지 살펴보세요.",
        "Some letters stand outside a syllable. See whether the key slipped.",
    ), quiet=True),
    Measure("script", "replacement", "letters", said("깨진 글자", "broken characters"), said(
        "깨져서 읽을 수 없는 글자가 있습니다. 원래 글자로 고치세요.",
        "Some characters are broken. Put the right ones in their place.",
    ), quiet=True),
    Measure("degeneration", "rep4", "share", said("겹치는 표현", "wording that comes again"), said(
        "같은 표현이 여러 번 나옵니다. 묶거나 달리 쓸 곳이 있는지 살펴보세요.",
        "The same wording comes back often. See what can be merged or said another way.",
    )),
    Measure("degeneration", "duplicate_sentences", "share",
            said("앞 문장과 거의 같은 문장", "sentences much like an earlier one")),
    Measure("degeneration", "exact_duplicates", "share",
            said("앞 문장과 똑같은 문장", "sentences word for word as before"), quiet=True),
    Measure("degeneration", "loops", "share",
            said("같은 말이 이어지는 부분", "part that repeats in place")),
    Measure("truncation", "truncated", "flag", said("중간에 끊김", "stops midway"), said(
        "글이 끝맺지 못하고 끊긴 듯합니다. 뒷부분이 빠지지 않았는지 확인하세요.",
        "The text seems to stop midway. Check whether its end is missing.",
    )),
    Measure("spacing", "per_100", "syllables", said("띄어쓰기가 어긋난 곳", "spacing slips"), said(
        "띄어쓰기를 고칠 곳이 여느 글보다 많습니다. 아래 목록을 보고 손보세요.",
        "There are more spacing slips than usual. The list below shows where.",
    )),
    Measure("spacing", "missing_per_100", "syllables", said("그중 띄어 써야 할 곳", "missing spaces"), said(
        "띄어 써야 하는데 붙여 쓴 곳이 여느 글보다 많습니다.",
        "More spaces than usual are missing.",
    )),
    Measure("spacing", "extra_per_100", "syllables", said("그중 붙여 써야 할 곳", "spaces too many"), said(
        "붙여 써야 하는데 띄어 쓴 곳이 여느 글보다 많습니다.",
        "There are more spaces than usual that should not be there.",
    )),
    Measure("spelling", "per_100", "words", said("맞춤법에 어긋난 곳", "misspellings"), said(
        "맞춤법을 고칠 곳이 여느 글보다 많습니다. 아래 목록을 보고 손보세요.",
        "There are more misspellings than usual. The list below shows where.",
    )),
    Measure("corruption", "mean_score", "number",
            said("한국어로 읽히는 정도", "how readable as Korean"), said(
        "한국어 문장으로 읽기 어려운 곳이 많습니다. 글이 깨지지 않았는지 살펴보세요.",
        "Much of it can hardly be read as Korean. See whether the text was damaged.",
    ), floor=True),
)  # fmt: skip


def _level(path: str, ko: str, en: str) -> Measure:
    return Measure("speech_level", f"share.{path}", "share", said(ko, en), quiet=True)


_MANNER = (
    Measure("speech_level", "mixing", "share", said("말높이 섞임", "levels mixed"), said(
        "높임말과 '-다' 문체나 반말이 섞여 있습니다. 일부러 바꾼 것이 아니라면 하나로 맞추세요.",
        "Polite and plain endings are mixed. Unless that is meant, keep to one of them.",
    )),
    _level("hasipsio", "합쇼체(-습니다)", "formal polite (-습니다)"),
    _level("haeyo", "해요체(-아요/-어요)", "informal polite (-아요/-어요)"),
    _level("hao", "하오체(-오)", "old-style polite (-오)"),
    _level("hage", "하게체(-네, -게)", "old-style familiar (-네, -게)"),
    _level("hae", "해체(-아/-어)", "informal plain (-아/-어)"),
    _level("haera", "해라체(-다)", "written plain (-다)"),
    _level("nominal", "명사로 끝남(-음, -기)", "ends in a noun (-음, -기)"),
    Measure("translationese", "per_100", "words", said("번역투 표현", "translated phrasing"), said(
        "번역문에서 자주 보이는 표현이 여느 글보다 많습니다. 더 우리말답게 쓸 곳이 있는지 살펴보세요.",
        "There is more phrasing of translated text than usual. See what a Korean would put simply.",
    )),
    Measure("translationese", "kinds", "number", said("서로 다른 번역투", "different kinds"), quiet=True),
    Measure("cliche", "per_100", "words", said("AI가 즐겨 쓰는 표현", "phrases AI is fond of"), said(
        "AI가 쓴 글에서 자주 보이는 표현이 여느 글보다 많습니다. 꼭 있어야 할 말인지 살펴보세요.",
        "There are more of the phrases that AI is fond of than usual. See which are needed.",
    )),
    Measure("cliche", "comma_after_ending", "share",
            said("이어 주는 말끝 뒤의 쉼표", "commas after a connective ending"), said(
        "'-고,' '-지만,'처럼 이어 주는 말끝에 쉼표가 잦습니다. 없어도 잘 읽히는지 살펴보세요.",
        "Commas often follow endings like -고 and -지만. See whether it reads well without.",
    )),
    Measure("cliche", "initial_connectives", "share",
            said("이음말로 시작하는 문장", "sentences that open with a connective"), said(
        "'또한', '그리고' 같은 이음말로 시작하는 문장이 많습니다. 빼도 뜻이 통하는지 살펴보세요.",
        "Many sentences open with words like 또한 or 그리고. See whether they are needed.",
    )),
    Measure("cliche", "comma_sentences", "share",
            said("쉼표가 든 문장", "sentences with a comma"), said(
        "쉼표가 든 문장이 여느 글보다 많습니다. 없어도 잘 읽히는지 살펴보세요.",
        "More sentences than usual have a comma. See whether they read well without.",
    )),
    Measure("style", "mattr", "share", said("서로 다른 말의 비중", "different words among 50")),
    Measure("style", "mtld", "number", said("어휘의 폭(MTLD)", "range of words (MTLD)")),
    Measure("style", "length_cv", "number",
            said("문장 길이의 들쭉날쭉함", "variation of sentence length")),
    Measure("style", "ending_entropy", "number",
            said("말끝의 다양함(비트)", "variety of endings (bits)")),
    Measure("style", "noun_share", "share", said("명사의 비중", "share of nouns")),
    Measure("style", "predicate_share", "share",
            said("동사·형용사의 비중", "share of verbs and adjectives")),
    Measure("friendliness", "haeyo", "share", said("해요체 문장", "sentences in 해요체")),
    Measure("friendliness", "interactional", "share",
            said("말을 건네는 말끝(-죠, -네요)", "endings that invite (-죠, -네요)")),
    Measure("friendliness", "questions", "share", said("묻는 문장", "questions")),
    Measure("friendliness", "ideophones", "words",
            said("흉내말(의성어·의태어)", "mimetic words")),
    Measure("friendliness", "address", "words",
            said("읽는 이를 부르는 말", "address to the reader")),
)  # fmt: skip

MEASURES = (*_SOUNDNESS, *_MANNER)
FAULT_GROUPS = frozenset(measure.group for measure in _SOUNDNESS)
"""Groups of signals that find faults; the others describe a manner of writing."""
"""Every measure, in the order to show them: correctness, then style."""
