"""What the shipped prompts are: counts, lengths, topics, how much they overlap, Korean evidence.

    python benchmarks/prompt_set.py [--write]

Overlap is measured between every two prompts of all sets, over everything said in them: the
Jaccard index of character trigrams (spaces and marks left out), and the cosine of their
content words (kiwi's nouns, verbs, adjectives, roots; weighted by rarity). The first finds
templates, the second the same subject in other words. ``--write`` puts the tables into
docs/prompts.md, between its marks.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from statistics import median

import numpy as np

from kojudge.korean.analysis import analyse
from kojudge.korean.diagnose import Diagnosis, diagnose
from kojudge.prompts import load_prompts
from kojudge.records import Prompt

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "prompts.md"
SETS = ("blog", "emotional", "imaginative")
CONTENT = re.compile(r"NN[GP]|V[VA]|XR|MAG")
NEAR = 0.20
"""Trigram overlap from which two prompts would count as near-duplicates."""
MARKS = ("<!-- prompt_set.py -->", "<!-- /prompt_set.py -->")
BETWEEN = re.compile(f"{MARKS[0]}.*?{MARKS[1]}", re.DOTALL)
"""Where the tables stand in the page, in its Korean half and in its English half."""

Table = Sequence[Sequence[str]]


def said_in(prompt: Prompt) -> str:
    return "\n".join(message.content for message in prompt.messages)


def trigrams(text: str) -> frozenset[str]:
    bare = re.sub(r"[^\w]", "", text)
    return frozenset(bare[at : at + 3] for at in range(len(bare) - 2))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def cosines(prompts: Sequence[Prompt]) -> np.ndarray:
    """Return the cosine of every two prompts' content words, tf-idf, shape [P, P]."""
    bags = [
        Counter(t.form for t in analyse(said_in(p)).tokens if CONTENT.fullmatch(t.tag))
        for p in prompts
    ]
    known = {word: at for at, word in enumerate(sorted(set().union(*bags)))}
    spread = Counter(word for bag in bags for word in bag)
    rows = np.zeros((len(bags), len(known)))
    for at, bag in enumerate(bags):
        for word, n in bag.items():
            rows[at, known[word]] = n * math.log(len(bags) / spread[word])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found: np.ndarray = rows @ rows.T
    return found


def counts(prompts: Sequence[Prompt]) -> Table:
    def row(name: str, of: Callable[[list[Prompt]], str]) -> list[str]:
        sets = [[p for p in prompts if p.category == c] for c in SETS]
        return [name, *(of(own) for own in sets), of(list(prompts))]

    def number(holds: Callable[[Prompt], bool]) -> Callable[[list[Prompt]], str]:
        return lambda own: str(sum(map(holds, own)))

    def spread(size: Callable[[Prompt], int]) -> Callable[[list[Prompt]], str]:
        def shown(own: list[Prompt]) -> str:
            sizes = [size(p) for p in own]
            return f"{median(sizes):.0f} ({min(sizes)}–{max(sizes)})"

        return shown

    mini = {
        json.loads(line)["id"]
        for name in SETS
        for line in (ROOT / "prompts" / f"{name}.jsonl").read_text("utf-8").splitlines()
        if '"mini": true' in line
    }
    return [
        ["", *SETS, "모두 · all"],
        row("프롬프트 · prompts", lambda own: str(len(own))),
        row("두 번째 부탁까지 · two turns", number(lambda p: len(p.messages) > 1)),
        row("친근하게 · friendly wanted", number(lambda p: p.friendly is True)),
        row("친근하지 않게 · not wanted", number(lambda p: p.friendly is False)),
        row("`holdout`", number(lambda p: p.holdout)),
        row("`mini`", number(lambda p: p.name in mini)),
        row("부탁의 글자 수 · characters of the request", spread(lambda p: len(p.request))),
        row("조건의 수 · conditions", spread(lambda p: len(p.constraints))),
        row("서로 다른 주제 · distinct topics", lambda own: str(len({p.topic for p in own}))),
        row("서로 다른 독자 · distinct readers", lambda own: str(len({p.audience for p in own}))),
        row("서로 다른 말투 · distinct tones", lambda own: str(len({p.tone for p in own}))),
        row("서로 다른 길이 · distinct lengths", lambda own: str(len({p.length for p in own}))),
    ]


def overlap(prompts: Sequence[Prompt]) -> tuple[Table, Table]:
    """Return the nearest neighbours' spread, and the pairs that overlap most."""
    grams = [trigrams(said_in(p)) for p in prompts]
    words = cosines(prompts)
    pairs = [
        (jaccard(grams[a], grams[b]), float(words[a, b]), prompts[a].name, prompts[b].name)
        for a, b in combinations(range(len(prompts)), 2)
    ]
    nearest = np.zeros((2, len(prompts)))
    place = {p.name: at for at, p in enumerate(prompts)}
    for letters, content, a, b in pairs:
        for name in (a, b):
            own = nearest[:, place[name]]
            own[:] = max(own[0], letters), max(own[1], content)
    spread = [
        ["가장 가까운 프롬프트와 · to the nearest prompt", "중앙값 · median", "95 %", "최대 · most"]
    ]
    for name, values in zip(("글자 셋 · trigrams", "내용어 · content words"), nearest, strict=True):
        spread.append(
            [
                name,
                f"{np.median(values):.2f}",
                f"{np.quantile(values, 0.95):.2f}",
                f"{values.max():.2f}",
            ]
        )
    spread.append(
        [
            f"글자 셋이 {NEAR:.2f} 이상인 쌍 · pairs at {NEAR:.2f} or more",
            "",
            "",
            str(sum(p[0] >= NEAR for p in pairs)),
        ]
    )
    top = [["쌍 · pair", "글자 셋 · trigrams", "내용어 · content words"]]
    chosen = {*sorted(pairs, reverse=True)[:5], *sorted(pairs, key=lambda p: -p[1])[:5]}
    top += [[f"{a}, {b}", f"{g:.2f}", f"{w:.2f}"] for g, w, a, b in sorted(chosen, reverse=True)]
    return spread, top


def edges(prompts: Sequence[Prompt]) -> Table:
    """Return how often a beginning or an end of a request comes again."""
    begin = Counter(re.sub(r"\W", "", p.messages[0].content)[:6] for p in prompts)
    end = Counter(re.sub(r"\W", "", p.request)[-6:] for p in prompts)
    first, last = begin.most_common(1)[0], end.most_common(1)[0]
    return [
        ["", "서로 다른 것 · distinct", "가장 흔한 것 · most common"],
        ["첫 여섯 글자 · first six letters", str(len(begin)), f"{first[0]} ({first[1]})"],
        ["끝 여섯 글자 · last six letters", str(len(end)), f"{last[0]} ({last[1]})"],
    ]


def evidence(prompts: Sequence[Prompt]) -> tuple[Table, Table]:
    """Return the requests' own speech levels, and hits of the Korean signals by 1,000 words."""
    read = [(p, diagnose(said_in(p))) for p in prompts]
    levels = [["부탁 자체의 말높이 · level of the request", *SETS, "모두 · all"]]
    names = {"haeyo": "해요체", "hasipsio": "합쇼체", "hae": "해체(반말)", "haera": "해라체('-다')",
             "hao": "하오체", "hage": "하게체", "nominal": "명사형(메모)"}  # fmt: skip
    main = {p.name: _main(d) for p, d in read}
    for level, name in names.items():
        own = [[p for p in prompts if p.category == c and main[p.name] == level] for c in SETS]
        levels.append([name, *(str(len(o)) for o in own), str(sum(map(len, own)))])
    groups = ("translationese", "cliche", "spelling", "spacing", "degeneration", "script")
    hits = [["1,000어절마다 · per 1,000 words", *SETS, "모두 · all"]]
    for group in groups:
        row = [f"`{group}`"]
        for own in (*([x for x in read if x[0].category == c] for c in SETS), read):
            found = sum(hit.group == group for _, d in own for hit in d.hits)
            row.append(f"{1000 * found / sum(d.eojeols for _, d in own):.1f}")
        hits.append(row)
    return levels, hits


def _main(read: Diagnosis) -> str:
    share = read.speech_level.share
    return max(share, key=lambda level: share[level]) if any(share.values()) else ""


def translationese(prompts: Sequence[Prompt]) -> Table:
    """Return every place that the translationese signal marks, to be read by a person."""
    rows = [["프롬프트 · prompt", "표시된 곳 · marked", "둘레 · around it"]]
    for prompt in prompts:
        text = said_in(prompt)
        for hit in diagnose(text).translationese.hits:
            around = text[max(0, hit.start - 12) : hit.end + 12].replace("\n", " ")
            rows.append([prompt.name, text[hit.start : hit.end], around])
    return rows


def markdown(table: Table) -> str:
    head, *rows = table
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '¦') for cell in row)} |" for row in lines)


def tables() -> str:
    """Return all tables as Markdown."""
    prompts = load_prompts(ROOT / "prompts", SETS)
    parts = [
        counts(prompts),
        *overlap(prompts),
        edges(prompts),
        *evidence(prompts),
        translationese(prompts),
    ]
    return "\n\n".join(markdown(part) for part in parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/prompts.md")
    found = tables()
    if not parser.parse_args().write:
        print(found)
        return
    marked = f"{MARKS[0]}\n{found}\n{MARKS[1]}"
    page = PAGE.read_text("utf-8")
    PAGE.write_text(BETWEEN.sub(lambda _: marked, page), encoding="utf-8")


if __name__ == "__main__":
    main()
