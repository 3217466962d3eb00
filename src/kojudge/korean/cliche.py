"""AI clichés: stock phrases of language models, and the commas and connectives they overuse.

Commas: language models put more commas into Korean than people do, above all after a
connective ending (KatFish: Park, Kim, Kim & Han 2025, arXiv 2503.00032). The phrases are in
``cliche.yaml``. A hit is a habit, not an error, and people use all of them now and then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kojudge.errors import Said, said
from kojudge.korean.analysis import Analysis, Sentence
from kojudge.korean.hit import Hit
from kojudge.korean.patterns import find, hangul_words, patterns

__all__ = ["LABELS", "Cliche", "measure"]

LABELS: Mapping[str, Said] = {
    **{p.name: p.label for p in patterns("cliche.yaml")},
    "comma_after_ending": said("연결 어미 뒤의 쉼표", "comma after a connective ending"),
    "initial_connective": said("접속어로 시작한 문장", "sentence that begins with a connective"),
}

_CONNECTIVES = """
또한 그리고 하지만 그러나 따라서 그러므로 즉 한편 더불어 나아가 게다가 아울러 먼저 우선 첫째 둘째 셋째
마지막으로 특히 반면 반면에 그럼에도 이처럼 무엇보다 무엇보다도 그러니까 그래서 그런데 그렇지만 그러면 그럼
"""
CONNECTIVES = frozenset(_CONNECTIVES.split())


@dataclass(frozen=True, slots=True)
class Cliche:
    """How much a text reads like a language model's; the shares lie in 0–1.

    ``per_100``: stock phrases per 100 words (eojeol) that hold Hangul.
    ``comma_after_ending``: share of connective endings (EC) that a comma follows.
    ``initial_connectives``: share of sentences that begin with a connective.
    ``comma_sentences``: share of sentences with a comma.
    Each is 0 where there is nothing to divide by. ``hits`` holds all three, under the
    phrase's id, ``comma_after_ending`` and ``initial_connective``.
    """

    per_100: float
    comma_after_ending: float
    initial_connectives: float
    comma_sentences: float
    hits: tuple[Hit, ...]


def measure(analysis: Analysis) -> Cliche:
    """Find stock phrases, connectives and commas."""
    phrases = find(analysis, "cliche", patterns("cliche.yaml"))
    commas = list(_commas_after_endings(analysis))
    openings = [hit for s in analysis.sentences if (hit := _opening(analysis, s))]
    endings = sum(token.tag == "EC" for token in analysis.tokens)
    sentences = len(analysis.sentences)
    words = hangul_words(analysis)
    with_comma = sum(any(_is_comma(t.form, t.tag) for t in s.tokens) for s in analysis.sentences)
    return Cliche(
        per_100=100 * len(phrases) / words if words else 0.0,
        comma_after_ending=len(commas) / endings if endings else 0.0,
        initial_connectives=len(openings) / sentences if sentences else 0.0,
        comma_sentences=with_comma / sentences if sentences else 0.0,
        hits=tuple(sorted((*phrases, *commas, *openings), key=lambda h: (h.start, h.end, h.name))),
    )


def _is_comma(form: str, tag: str) -> bool:
    return tag == "SP" and form in {",", "、", "，"}


def _commas_after_endings(analysis: Analysis) -> Iterator[Hit]:
    for sentence in analysis.sentences:
        for ending, comma in zip(sentence.tokens, sentence.tokens[1:], strict=False):
            if ending.tag == "EC" and _is_comma(comma.form, comma.tag):
                yield Hit("cliche", "comma_after_ending", ending.start, comma.end)


def _opening(analysis: Analysis, sentence: Sentence) -> Hit | None:
    """Find the connective that the sentence begins with; its first word decides."""
    words = analysis.text[sentence.start : sentence.end].split(maxsplit=1)
    first = words[0].rstrip(",、，") if words else ""
    if first not in CONNECTIVES:
        return None
    at = analysis.text.index(first, sentence.start)
    return Hit("cliche", "initial_connective", at, at + len(first))
