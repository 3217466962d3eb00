"""The prompts that are shipped: enough of each category, each its own, the mini set balanced."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from kojudge.prompts import load_prompts
from kojudge.records import Prompt

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "prompts"
SETS = sorted(path.stem for path in FOLDER.glob("*.jsonl"))
ALL = load_prompts(FOLDER, SETS)
MINI = load_prompts(FOLDER, SETS, mini=True)


def test_the_three_kinds_that_people_want_of_a_small_model_are_there() -> None:
    assert {prompt.category for prompt in ALL} == {"blog", "emotional", "imaginative"}


def test_every_category_has_enough_prompts_for_a_verdict_of_its_own() -> None:
    assert min(Counter(prompt.category for prompt in ALL).values()) >= 12


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
