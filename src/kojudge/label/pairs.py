"""Which pairs people compare: the same balanced sample for every rater."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from kojudge.errors import ConfigError, said
from kojudge.records import Text, identity

__all__ = ["Pair", "pairs_of", "sampled"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A candidate's text, and the baseline's on the same prompt, turn and sample.

    ``key`` is the id of what is compared, whatever the texts say. ``named``: one of the two
    names a model or its maker, so that it may not be blind.
    """

    text: Text
    baseline: Text
    key: str
    named: bool = False


def pairs_of(texts: Sequence[Text], baseline: str) -> list[Pair]:
    """Return every candidate's text with the baseline's beside it.

    Raises:
        ConfigError: there is no such pair; says which models there are.
    """
    others = {(t.prompt_id, t.turn, t.sample): t for t in texts if t.candidate == baseline}
    found = [
        Pair(text, others[text.prompt_id, text.turn, text.sample], _key(text, baseline))
        for text in texts
        if text.candidate != baseline and (text.prompt_id, text.turn, text.sample) in others
    ]
    if found:
        return found
    models = ", ".join(sorted({text.candidate for text in texts})) or "—"
    raise ConfigError(
        said(f"기준 모델 '{baseline}'과(와) 견줄 글이 없습니다. 이 실행에 글이 있는 모델: {models}",
             f"No text to compare with the baseline '{baseline}'. Models with texts here: {models}"),
        said("`--baseline 이름`으로 기준 모델을 고르거나, `kojudge generate`로 글을 먼저 만드세요.",
             "Pick the baseline with `--baseline NAME`, or make texts with `kojudge generate`."),
    )  # fmt: skip


def _key(text: Text, baseline: str) -> str:
    about = [text.prompt_id, text.turn, text.sample, text.candidate, baseline]
    return identity(["label-pair", *about])


def sampled(pairs: Sequence[Pair], seed: int, limit: int | None) -> list[tuple[Pair, ...]]:
    """Return at most ``limit`` pairs in rounds; a round has one of each candidate × category.

    A larger limit keeps the pairs of a smaller one. Within a round the order is by chance,
    so that a round cut short by the limit favours no candidate.
    """
    cells: dict[tuple[str, str], list[Pair]] = {}
    for pair in sorted(pairs, key=lambda pair: identity(["label-sample", seed, pair.key])):
        cells.setdefault((pair.text.candidate, pair.text.category), []).append(pair)
    rounds, left = [], len(pairs) if limit is None else limit
    for number, places in enumerate(zip_longest(*cells.values())):
        one = [pair for pair in places if pair is not None]
        one.sort(key=lambda pair: identity(["label-round", seed, number, pair.key]))
        if left > 0:
            rounds.append(tuple(one[:left]))
        left -= len(one)
    return rounds
