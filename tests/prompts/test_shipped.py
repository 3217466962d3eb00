"""The prompts that are shipped: enough of each category, each its own, the mini set balanced."""

from __future__ import annotations

import json
import random
import tomllib
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from kojudge.prompts import load_prompts
from kojudge.records import Prompt

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "prompts"
SETS = sorted(path.stem for path in FOLDER.glob("*.jsonl"))
ALL = load_prompts(FOLDER, SETS)
MINI = load_prompts(FOLDER, SETS, mini=True)


def _script() -> Any:
    spec = spec_from_file_location("prompt_set", ROOT / "benchmarks" / "prompt_set.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT = _script()
CATEGORIES = ("blog", "emotional", "imaginative")


def test_the_three_kinds_that_people_want_of_a_small_model_are_there() -> None:
    assert {prompt.category for prompt in ALL} == {"blog", "emotional", "imaginative"}


def test_every_category_has_a_hundred() -> None:
    assert Counter(p.category for p in ALL) == dict.fromkeys(CATEGORIES, 100)


def test_ten_a_category_have_a_second_turn_that_follows_an_answer() -> None:
    followed = [prompt for prompt in ALL if len(prompt.messages) > 1]
    assert Counter(p.category for p in followed) == dict.fromkeys(CATEGORIES, 10)
    for prompt in followed:
        assert [m.role for m in prompt.messages] == ["user", "assistant", "user"]


def test_the_holdout_is_the_seeded_draw_of_a_third() -> None:
    """Drawn once, of the lines outside the mini set, one and two turns apart: nobody chose."""
    drawn = set()
    mini = {prompt.name for prompt in MINI}
    for category, size in zip(CATEGORIES, (33, 33, 34), strict=True):
        own = [p for p in ALL if p.category == category and p.name not in mini]
        twice = sorted(p.name for p in own if len(p.messages) > 1)
        once = sorted(p.name for p in own if len(p.messages) == 1)
        draw = random.Random(f"holdout {category}")
        few = size // 10
        drawn |= {*draw.sample(twice, few), *draw.sample(once, size - few)}
    assert {prompt.name for prompt in ALL if prompt.holdout} == drawn
    assert len(drawn) == 100


def test_the_mini_set_is_thirty_six_and_serves_tuning_too() -> None:
    assert len(MINI) == 36
    assert not any(prompt.holdout for prompt in MINI)


def test_no_two_prompts_are_near_duplicates_and_no_two_begin_alike() -> None:
    grams = {prompt.name: SCRIPT.trigrams(SCRIPT.said_in(prompt)) for prompt in ALL}
    assert max(SCRIPT.jaccard(a, b) for a, b in combinations(grams.values(), 2)) < SCRIPT.NEAR
    begins = Counter(prompt.messages[0].content[:8] for prompt in ALL)
    assert begins.most_common(1)[0][1] <= 2
    assert len({prompt.topic for prompt in ALL}) == len(ALL)


def test_the_page_shows_the_tables_of_the_script() -> None:
    page = (ROOT / "docs" / "prompts.md").read_text(encoding="utf-8")
    assert page.count(SCRIPT.tables()) == 2  # in its Korean half and in its English half


def test_the_mini_set_has_as_many_of_each_category() -> None:
    counts = Counter(prompt.category for prompt in MINI)
    assert counts.keys() == {prompt.category for prompt in ALL}
    assert len(set(counts.values())) == 1
    assert min(counts.values()) >= 8


def test_every_prompt_has_an_id_and_a_content_of_its_own() -> None:
    assert len({prompt.name for prompt in ALL}) == len(ALL)
    assert len({prompt.prompt_id for prompt in ALL}) == len(ALL)
    assert len({prompt.request for prompt in ALL}) == len(ALL)


@pytest.mark.parametrize("name", SETS)
def test_a_set_holds_one_category_and_is_read_alone(name: str) -> None:
    found = load_prompts(FOLDER, [name])
    assert {prompt.category for prompt in found} == {name}
    assert all(prompt.name.startswith(name) for prompt in found)


@pytest.mark.parametrize("prompt", ALL, ids=[prompt.name for prompt in ALL])
def test_a_prompt_asks_in_korean_and_tells_the_judge_what_it_needs(prompt: Prompt) -> None:
    hangul = sum("가" <= letter <= "힣" for letter in prompt.request)
    letters = sum(letter.isalpha() for letter in prompt.request)
    assert hangul / letters > 0.9
    assert prompt.topic
    assert prompt.tone
    assert prompt.friendly is not None


def test_friendly_texts_are_not_all_that_is_asked_for() -> None:
    assert {prompt.friendly for prompt in ALL} == {True, False}


def test_the_shipped_settings_name_every_set() -> None:
    settings = tomllib.loads((ROOT / "kojudge.toml").read_text(encoding="utf-8"))
    assert sorted(settings["workspace"]["prompts"]) == SETS


def test_the_readme_states_the_counts_that_there_are() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for name in SETS:
        lines = [
            json.loads(row)
            for row in (FOLDER / f"{name}.jsonl").read_text("utf-8").split("\n")
            if row
        ]
        mini = sum(bool(row.get("mini")) for row in lines)
        rows = [row for row in readme.split("\n") if row.startswith(f"| `{name}.jsonl`")]
        assert rows
        assert all(row.endswith(f"| {len(lines)} | {mini} |") for row in rows)
