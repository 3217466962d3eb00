"""Degeneration: morpheme 4-grams, sentences and strings that come again and again."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kojudge.errors import Said, said
from kojudge.korean.analysis import Analysis, Sentence
from kojudge.korean.hit import Hit
from kojudge.korean.thresholds import threshold

__all__ = ["LABELS", "Degeneration", "measure"]

LABELS: Mapping[str, Said] = {
    "duplicate_sentence": said("되풀이된 문장", "sentence that came before"),
    "near_duplicate_sentence": said("거의 그대로 되풀이된 문장", "sentence almost as one before"),
    "loop": said("끝없이 되풀이되는 말", "string repeated in place"),
}

LONGEST_PERIOD = 40
SHORTEST_LOOP = 10
"""Characters: below this, three times the same is a sound or a laugh (하하하, 깡충깡충깡충)."""
FEWEST_WORDS = 4
"""Sentences with fewer different content morphemes may well come twice (고마워!)."""
MOST_CANDIDATES = 50
"""Earlier sentences that one is compared with, so that the work stays linear."""


@dataclass(frozen=True, slots=True)
class Degeneration:
    """How much of a text repeats itself; the shares lie in 0–1.

    ``rep4``: 1 - distinct/total 4-grams of morphemes (0 below four morphemes).
    ``duplicate_sentences``: share of sentences that repeat an earlier one, word for word or
    nearly (Jaccard of content morphemes ≥ .6); ``exact_duplicates``: those word for word.
    ``loops``: share of characters in a unit of up to 40 repeated three times or more in
    place, at least 10 characters long and with a letter or digit in it (ㅋㅋㅋ is none).
    ``morphemes`` and ``sentences`` count what the shares were taken of.
    """

    rep4: float
    duplicate_sentences: float
    exact_duplicates: float
    loops: float
    morphemes: int
    sentences: int
    hits: tuple[Hit, ...]


def measure(analysis: Analysis) -> Degeneration:
    """Measure repetition."""
    repeats = list(_repeats(analysis.sentences))
    loops = _loops(analysis.text)
    total = len(analysis.sentences) or 1
    exact = sum(hit.name == "duplicate_sentence" for hit in repeats)
    return Degeneration(
        rep4=_rep4([(t.form, t.tag) for t in analysis.tokens]),
        duplicate_sentences=len(repeats) / total,
        exact_duplicates=exact / total,
        loops=sum(end - start for start, end in loops) / (len(analysis.text) or 1),
        morphemes=len(analysis.tokens),
        sentences=len(analysis.sentences),
        hits=(*repeats, *(Hit("degeneration", "loop", start, end) for start, end in loops)),
    )


def _rep4(morphemes: Sequence[tuple[str, str]]) -> float:
    grams = list(zip(morphemes, morphemes[1:], morphemes[2:], morphemes[3:], strict=False))
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def _repeats(sentences: Sequence[Sentence]) -> Iterator[Hit]:
    """Find sentences that repeat an earlier one.

    Prefix filtering (Chaudhuri et al. 2006): two sets with Jaccard ≥ t share one of the
    ``n - ceil(t·n) + 1`` rarest members of each, so only those are looked up.
    """
    limit = threshold("degeneration.jaccard")
    contents = [_content(sentence) for sentence in sentences]
    rarity = Counter(word for content in contents for word in content)
    seen: set[tuple[str, ...]] = set()
    by_word: dict[str, list[frozenset[str]]] = defaultdict(list)
    for sentence, content in zip(sentences, contents, strict=True):
        if len(content) < FEWEST_WORDS:
            continue
        wording = tuple(t.form for t in sentence.tokens if t.tag[0] != "S")
        rarest = sorted(content, key=lambda word: (rarity[word], word))
        prefix = rarest[: len(content) - math.ceil(limit * len(content)) + 1]
        if wording in seen:
            yield Hit("degeneration", "duplicate_sentence", sentence.start, sentence.end)
            continue
        if _has_near(content, prefix, by_word, limit):
            yield Hit("degeneration", "near_duplicate_sentence", sentence.start, sentence.end)
        seen.add(wording)
        for word in prefix:
            by_word[word].append(content)


def _has_near(
    content: frozenset[str],
    prefix: Sequence[str],
    by_word: Mapping[str, Sequence[frozenset[str]]],
    limit: float,
) -> bool:
    candidates = [other for word in prefix for other in by_word.get(word, ())[-MOST_CANDIDATES:]]
    return any(
        len(content & other) >= limit * len(content | other)
        for other in candidates[:MOST_CANDIDATES]
    )


def _content(sentence: Sentence) -> frozenset[str]:
    if not any(t.tag[0] == "E" for t in sentence.tokens):
        return frozenset()  # a heading or a caption may well come twice
    return frozenset(
        f"{t.form}/{t.tag}" for t in sentence.tokens if t.tag[0] in "NVMX" or t.tag in ("SL", "SN")
    )


def _loops(text: str) -> list[tuple[int, int]]:
    """Return the spans of ``(.{1,40}?)\\1{2,}``, joined where they overlap.

    The expression itself takes quadratic time; here every period is one comparison of the
    text with itself, shifted.
    """
    if len(text) < SHORTEST_LOOP:
        return []
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    worded = np.concatenate(([0], np.cumsum(_word_characters(codes, text))))
    edges = np.zeros(len(codes) + 1, dtype=np.int64)
    for period in range(1, min(LONGEST_PERIOD, len(codes) // 3) + 1):
        starts, ends = _runs(codes[:-period] == codes[period:])
        whole = (ends - starts >= 2 * period) & (ends - starts + period >= SHORTEST_LOOP)
        starts, ends = starts[whole], ends[whole] + period
        said_something = worded[np.minimum(starts + period, len(codes))] > worded[starts]
        np.add.at(edges, starts[said_something], 1)
        np.add.at(edges, ends[said_something], -1)
    first, last = _runs(np.cumsum(edges)[:-1] > 0)
    return list(zip(first.tolist(), last.tolist(), strict=True))


def _runs(true: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Starts and ends (exclusive) of the runs of True."""
    steps = np.diff(np.concatenate(([0], true.astype(np.int8), [0])))
    return np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)


def _word_characters(codes: NDArray[np.uint32], text: str) -> NDArray[np.bool_]:
    """Which characters are letters or digits; ㅋ and ㅠ are laughter and tears, not words."""
    worded = np.fromiter(map(str.isalnum, text), dtype=bool, count=len(text))
    return worded & ~((codes >= 0x3130) & (codes <= 0x318F))
