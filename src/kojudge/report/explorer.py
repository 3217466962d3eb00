"""The explorer's data: a small index of all pairs, and the texts in gzipped chunks.

The page carries both as base64, which no text can break out of. The script reads the index
when the page opens, and a chunk when one of its pairs is opened or searched.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kojudge.errors import Language, Said
from kojudge.korean.names import FAULT_GROUPS
from kojudge.report import wording
from kojudge.report.content import Item, ItemText, Page
from kojudge.report.explorer_pair import Game, baseline_of, games, pairs_of
from kojudge.report.explorer_texts import Names, item_content
from kojudge.report.explorer_words import SCRIPT_WORDS
from kojudge.report.view import CategoryTexts, PromptTexts, criterion_names
from kojudge.visible import visible

CHUNK_PAIRS = 200
EXCERPT = 60
"""Characters of a request that the list shows."""
FIRST_TEXTS = 50
"""Texts shown where JavaScript is off."""
FIRST_CHARACTERS = 150_000
"""Characters after which no more texts are shown there."""
_Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Explorer:
    """What the page carries: the index and the chunks as base64 of gzipped JSON.

    ``judges``, ``modes`` and ``flags`` say which choices there are; ``order_known`` whether any
    pair was judged in both orders.
    """

    index: str
    chunks: tuple[str, ...]
    pairs: int
    judges: int
    modes: int
    flags: int
    order_known: bool


def build_explorer(page: Page, language: Language) -> Explorer:
    """Return the explorer's data in ``language``; the same page gives the same bytes."""
    names, baseline, criteria = Names(), page.results["baseline"], _criteria(page)
    chunks: list[str] = []
    starts: list[int] = []
    rows: list[list[Any]] = []
    heads: list[list[Any]] = []
    seen: Counter[_Place] = Counter()
    for start, group in _grouped(page.items, baseline):
        starts.append(start)
        contents = []
        for at, item in enumerate(group, start=start):
            heads.append(_head(item, names, seen))
            rows.extend(_rows(item, at, baseline, names))
            contents.append(item_content(item, baseline, names, language, criteria))
        chunks.append(pack(contents))
    orders = any(game[4] for row in rows for game in row[4])
    index = {
        "say": {key: text.in_(language) for key, text in SCRIPT_WORDS.items()},
        "language": language,
        "baseline": visible(baseline),
        "names": _choices(page, names, language),
        "hits": [[label, int(group in FAULT_GROUPS)] for group, label in names.hits],
        "items": heads,
        "pairs": rows,
        "chunks": starts,
    }
    return Explorer(
        pack(index), tuple(chunks), len(rows), len(names.judges), len(names.modes),
        len(names.flags), orders,
    )  # fmt: skip


def pack(content: object) -> str:
    """Return ``content`` as base64 of gzipped JSON, without a time in it."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # A key that users made up may hold a lone surrogate, which UTF-8 has no place for.
    data = text.encode("utf-8", errors="replace")
    return base64.b64encode(gzip.compress(data, compresslevel=6, mtime=0)).decode("ascii")


def first_texts(categories: Sequence[CategoryTexts]) -> tuple[CategoryTexts, ...]:
    """Return the first prompts of every category in turn, about FIRST_TEXTS texts of them."""
    taken: dict[str, list[PromptTexts]] = {group.category: [] for group in categories}
    texts = characters = 0
    longest = max((len(group.prompts) for group in categories), default=0)
    for at in range(longest):
        for group in categories:
            if at >= len(group.prompts) or texts >= FIRST_TEXTS or characters > FIRST_CHARACTERS:
                continue
            prompt = group.prompts[at]
            taken[group.category].append(prompt)
            texts += sum(len(item.texts) for item in prompt.items)
            characters += sum(len(text.text) for item in prompt.items for text in item.texts)
    return tuple(
        CategoryTexts(category, tuple(prompts)) for category, prompts in taken.items() if prompts
    )


def _grouped(items: Sequence[Item], baseline: str) -> Iterator[tuple[int, list[Item]]]:
    """Yield the items of each chunk with the number of the first: about CHUNK_PAIRS pairs."""
    group: list[Item] = []
    start = pairs = 0
    for at, item in enumerate(items):
        group.append(item)
        pairs += len(pairs_of(item, baseline))
        if pairs >= CHUNK_PAIRS:
            yield start, group
            group, start, pairs = [], at + 1, 0
    if group:
        yield start, group


def _head(item: Item, names: Names, seen: Counter[_Place]) -> list[Any]:
    """Return what the list says of a prompt; a name that came before gets a number."""
    place = (item.prompt_name, item.turn, item.sample)
    seen[place] += 1
    name = item.prompt_name if seen[place] == 1 else f"{item.prompt_name} ({seen[place]})"
    excerpt = " ".join(item.request[: 2 * EXCERPT].split())[:EXCERPT]
    category = names.categories[item.category]
    return [visible(name), category, item.sample, item.turn, visible(excerpt)]


def _rows(item: Item, at: int, baseline: str, names: Names) -> Iterator[list[Any]]:
    """Yield [item, candidate, place among the item's texts, flags, games] of each pair."""
    other = baseline_of(item, baseline)
    for place in pairs_of(item, baseline):
        text = item.texts[place]
        flags = dict.fromkeys((*text.flags, *(other.flags if other else ())))
        yield [
            at,
            names.candidates[text.candidate],
            place,
            [names.flags[flag] for flag in flags],
            [_packed(game, names) for game in games(text, other)],
        ]


def _packed(game: Game, names: Names) -> list[int | None]:
    return [
        names.criteria[game.criterion],
        names.judges[game.judge],
        names.modes[game.mode],
        _thousandths(game.value),
        _thousandths(game.gap) or 0,
    ]


def _thousandths(value: float | None) -> int | None:
    """Round to thousandths, but keep the sign of all that is no tie."""
    if value is None:
        return None
    if abs(value) <= 1e-9:  # as the leaderboard counts ties
        return 0
    return round(1000 * value) or (1 if value > 0 else -1)


def _criteria(page: Page) -> Mapping[str, Said]:
    known = {c for item in page.items for t in item.texts for c in _criteria_of(t)}
    return {name: Said(*criterion_names(page, name)) for name in sorted(known)}


def _criteria_of(text: ItemText) -> Iterator[str]:
    yield from (opinion.criterion for opinion in text.opinions)
    yield from (label.criterion for label in text.labels)


def _choices(page: Page, names: Names, language: Language) -> dict[str, list[list[str]]]:
    """Return [key, what it is called] of every choice; links name the key."""

    def called(keys: Mapping[str, int], table: Mapping[str, Said]) -> list[list[str]]:
        return [[visible(key), visible(wording.look_up(table, key).in_(language))] for key in keys]

    criteria = {name: Said(*criterion_names(page, name)) for name in names.criteria}
    return {
        "candidate": called(names.candidates, {}),
        "category": called(names.categories, wording.CATEGORIES),
        "criterion": called(names.criteria, criteria),
        "judge": called(names.judges, {}),
        "mode": called(names.modes, wording.MODES),
        "flag": called(names.flags, wording.FLAGS),
    }
