"""results.json is read back only where it holds what is built on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sample_page as sample

from kojudge.errors import StoreError
from kojudge.report.results_file import parse_results, read_results


def test_it_comes_back_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(json.dumps(sample.results()), encoding="utf-8")
    assert read_results(tmp_path) == sample.results()


def test_without_it_the_command_that_makes_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="kojudge report --run"):
        read_results(tmp_path)


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.update(schema="kojudge.results/9"), "its schema is not kojudge.results/1"),
        (lambda r: r.pop("schema"), "'schema' is missing"),
        (lambda r: r.pop("baseline"), "baseline is missing or wrong"),
        (lambda r: r.update(comparisons={}), "comparisons is missing or wrong"),
        (lambda r: r["comparisons"].append(3), "comparisons[6] is not an object"),
        (lambda r: r["comparisons"][1].update(delta="0.3"), "comparisons[1].delta is"),
        (lambda r: r["comparisons"][1].update(delta=True), "comparisons[1].delta is"),
        (lambda r: r["comparisons"][0].update(verdict="best"), "comparisons[0].verdict is"),
        (lambda r: r["comparisons"][0].update(n_prompts=-1), "comparisons[0].n_prompts is"),
        (lambda r: r["judges"][0].pop("name"), "judges[0].name is"),
        (lambda r: r["judges"][0]["grades"][0].update(grade="A"), "judges[0].grades[0].grade is"),
        (lambda r: r.update(panel={"members": [{}]}), "panel.members[0].criterion is"),
    ],
)
def test_a_wrong_field_is_named(change: Change, message: str) -> None:
    results = sample.results()
    change(results)
    with pytest.raises(StoreError) as caught:
        parse_results(json.dumps(results).encode(), "there/results.json")
    assert str(caught.value).startswith("there/results.json: ")
    assert message in caught.value.message.en


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"schema": NaN}', b"[" * 100_000]
)
def test_what_is_no_results_at_all_is_one_clear_error(data: bytes) -> None:
    with pytest.raises(StoreError, match="the results cannot be read"):
        parse_results(data, "results.json")
