"""Several answers of several tokens are scored from few contexts, exactly."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.engines.local.trie import AnswerTrie, Tokens, build_trie

END = (9,)
ALPHABET = range(4)
answers = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(tuple)
options = st.lists(answers, min_size=1, max_size=8, unique=True).flatmap(
    lambda spelled: st.lists(st.integers(0, 2), min_size=len(spelled), max_size=len(spelled)).map(
        lambda owners: _grouped(spelled, owners)
    )
)


def _grouped(spelled: list[Tokens], owners: list[int]) -> list[list[Tokens]]:
    groups = [[s for s, o in zip(spelled, owners, strict=True) if o == at] for at in range(3)]
    return [group for group in groups if group]


def language_model(prefix: Tokens, token: int) -> float:
    """Log-probability of ``token`` after ``prefix``: arbitrary, but a distribution."""
    weights = {t: random.Random(repr((prefix, t))).random() for t in [*ALPHABET, *END]}
    return math.log(weights[token] / math.fsum(weights.values()))


def probability(tokens: Tokens) -> float:
    return math.exp(math.fsum(language_model(tokens[:at], t) for at, t in enumerate(tokens)))


def read(trie: AnswerTrie) -> dict[Tokens, dict[int, float]]:
    """What the contexts alone give: the logits after each of their prefixes."""
    prefixes = {c[:at] for c in [(), *trie.contexts] for at in range(len(c) + 1)}
    needed = trie.needed()
    return {p: {t: language_model(p, t) for t in needed.get(p, ())} for p in prefixes}


@given(options)
def test_scores_equal_direct_enumeration(spelled: list[list[Tokens]]) -> None:
    trie = build_trie(spelled, END)
    flat = [s for option in spelled for s in option]
    nested = any(a != b and b[: len(a)] == a for a in flat for b in flat)
    tail = END if nested else ()
    expected = [math.fsum(probability(s + tail) for s in option) for option in spelled]
    assert [math.exp(v) for v in trie.score(read(trie))] == pytest.approx(expected, rel=1e-9)


@given(options)
def test_the_answers_are_disjoint_events(spelled: list[list[Tokens]]) -> None:
    trie = build_trie(spelled, END)
    sequences = [s for option in trie.sequences for s in option]
    assert not any(a != b and b[: len(a)] == a for a in sequences for b in sequences)
    assert math.fsum(math.exp(v) for v in trie.score(read(trie))) <= 1 + 1e-9


@given(options)
def test_no_context_is_read_twice(spelled: list[list[Tokens]]) -> None:
    contexts = build_trie(spelled, END).contexts
    assert () not in contexts
    assert not any(b[: len(a)] == a for a, b in itertools.permutations(contexts, 2))


@pytest.mark.parametrize(
    ("spelled", "contexts", "longest"),
    [
        ([[(1,)], [(2,)]], (), 0),
        ([[(1, 2)], [(1, 3)]], ((1,),), 1),
        ([[(1, 2, 3)], [(1, 3)]], ((1, 2),), 2),
        ([[(1,)], [(1, 0)]], ((1, 0),), 2),
        ([[(1,), (2, 1)], [(3,)]], ((2,),), 1),
    ],
    ids=["one token", "a shared stem", "one stem inside another", "1 and 10", "a spelling"],
)
def test_contexts(spelled: list[list[Tokens]], contexts: object, longest: int) -> None:
    trie = build_trie(spelled, END)
    assert trie.contexts == contexts
    assert trie.longest == longest


def test_one_answer_beginning_another_is_scored_to_the_end_of_the_turn() -> None:
    trie = build_trie([[(1,)], [(1, 0)], [(5,)]], END)
    assert trie.sequences == (((1, 9),), ((1, 0, 9),), ((5, 9),))


def test_spellings_of_equal_tokens_count_once() -> None:
    assert build_trie([[(1,), (1,)], [(2,)]], END).sequences == (((1,),), ((2,),))


def test_an_impossible_answer_has_no_probability() -> None:
    trie = build_trie([[(1,)], [(2,)]], END)
    assert trie.score({(): {1: -math.inf, 2: 0.0}}) == (-math.inf, 0.0)


@pytest.mark.parametrize(
    ("spelled", "why"),
    [
        ([[(1,)], [()]], "no tokens"),
        ([[(1,)], []], "no tokens"),
        ([[(1,)], [(1,)]], "share a spelling"),
        ([[(1,), (2,)], [(2,)]], "share a spelling"),
    ],
)
def test_answers_that_cannot_be_told_apart_are_refused(
    spelled: list[list[Tokens]], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        build_trie(spelled, END)
