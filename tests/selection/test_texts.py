"""Which texts are wanted: one a candidate, prompt and sample, under an id of its content."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kojudge.records import Message, text_identity
from kojudge.selection import current_texts, wanted_judgments, wanted_texts
from kojudge.store.run import Run

from .building import asked, candidate, imported, prompt, written


def ids(of: Any) -> set[str]:
    return {item.text_id for item in wanted_texts(of)}


@settings(deadline=None)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 3))
def test_there_is_one_for_each_candidate_prompt_and_sample(
    prompts: int, candidates: int, samples: int
) -> None:
    names = tuple(f"c{n}" for n in range(candidates))
    of = asked(prompts=prompts, candidates=names, samples=samples)
    found = wanted_texts(of)
    assert len(found) == prompts * (1 + candidates) * samples
    assert len(ids(of)) == len(found)
    assert len({item.seed for item in found}) == len(found)


def test_a_text_is_known_by_its_prompt_its_candidate_its_sample_and_its_turn() -> None:
    """Golden: were these to change, every text there is would be stale."""
    assert text_identity("prompt", "candidate", 0) == "d30a3bffd204649065fb847a6973fb61"
    assert text_identity("prompt", "candidate", 1, 2) == "546446829046deafa59542d8b5091916"


def test_another_process_finds_the_same_ids_and_seeds() -> None:
    of = asked(prompts=2)
    here = [[item.text_id, item.seed] for item in wanted_texts(of)]
    here += [[item.judgment_id, 0] for item in wanted_judgments(of, written(of))]
    program = (
        "import json, sys; sys.path.insert(0, sys.argv[1])\n"
        "from selection.building import asked, written\n"
        "from kojudge.selection import wanted_judgments, wanted_texts\n"
        "of = asked(prompts=2)\n"
        "found = [[item.text_id, item.seed] for item in wanted_texts(of)]\n"
        "found += [[item.judgment_id, 0] for item in wanted_judgments(of, written(of))]\n"
        "print(json.dumps(found))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(Path(__file__).parents[1])],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "1"},
    )  # fmt: skip
    assert json.loads(done.stdout) == here


@settings(deadline=None)
@given(st.permutations(range(4)), st.permutations(("warm", "stiff", "plain")))
def test_the_order_of_prompts_and_candidates_changes_no_id_and_no_seed(
    prompts: list[int], candidates: list[str]
) -> None:
    plain = asked(prompts=4, candidates=("warm", "stiff", "plain"))
    shuffled = replace(
        plain,
        prompts=tuple(prompt(n) for n in prompts),
        candidates=tuple(candidate(name) for name in ("base", *candidates)),
    )
    assert set(wanted_texts(shuffled)) == set(wanted_texts(plain))


def test_more_samples_keep_the_texts_there_are() -> None:
    assert ids(asked(samples=1)) < ids(asked(samples=3))


def test_another_seed_keeps_the_ids_and_draws_otherwise() -> None:
    one, other = wanted_texts(asked(seed=1)), wanted_texts(asked(seed=2))
    assert [item.text_id for item in one] == [item.text_id for item in other]
    assert not {item.seed for item in one} & {item.seed for item in other}


class TestWhatMakesAnotherText:
    @pytest.mark.parametrize(
        "changes",
        [
            {"messages": (Message("user", "0번째 안부를 물어봐 줘."),)},
            {"messages": (Message("system", "짧게."), Message("user", "0번째 안부를 물어 줘."))},
            {"category": "letter"},
            {"language": "en"},
            {"constraints": ("세 줄로",)},
        ],
    )
    def test_another_request(self, changes: dict[str, Any]) -> None:
        before, after = asked(prompts=1), replace(asked(), prompts=(prompt(0, **changes),))
        assert not ids(before) & ids(after)

    @pytest.mark.parametrize(
        "changes",
        [{"topic": "안부"}, {"tone": "다정하게"}, {"audience": "친구"}, {"name": "other"},
         {"length": "짧게"}, {"friendly": True}],
    )  # fmt: skip
    def test_not_what_only_the_judge_and_the_report_read(self, changes: dict[str, Any]) -> None:
        before, after = asked(prompts=1), replace(asked(), prompts=(prompt(0, **changes),))
        assert ids(before) == ids(after)

    @pytest.mark.parametrize(
        "changes",
        [
            {"sampling": {"temperature": 0.1}},
            {"source": {"path": "fake:other"}},
            {"dtype": "float32"},
            {"system": "merge"},
            {"stop": ["끝"]},
            {"thinking": "strip"},
        ],
    )
    def test_another_model(self, changes: dict[str, Any]) -> None:
        before = replace(asked(), candidates=(candidate("base"),))
        after = replace(asked(), candidates=(candidate("base", **changes),))
        assert not ids(before) & ids(after)

    @pytest.mark.parametrize("changes", [{"license": "MIT"}, {"notes": "…"}, {"parameters": 5}])
    def test_not_what_is_only_known_of_the_model(self, changes: dict[str, Any]) -> None:
        before = replace(asked(), candidates=(candidate("base"),))
        after = replace(asked(), candidates=(candidate("base", **changes),))
        assert ids(before) == ids(after)


def test_texts_that_count_are_those_wanted_and_all_imported_ones(tmp_path: Path) -> None:
    of = asked()
    run = Run.open(tmp_path / "run", create=True)
    own = written(of)
    failed = replace(own[0], status="failed", text="")
    stale = replace(own[1], text_id="of an older prompt")
    foreign = imported("outsider", prompt(99))
    run.append_texts([failed, *own[1:], stale, foreign])
    found = {text.text_id for text in current_texts(run, ids(of))}
    assert found == {text.text_id for text in own[1:]} | {foreign.text_id}
