"""``kojudge judge``: a head from a run's judgments, its card, and what it then judges."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from engines.tiny import save_model
from kojudge.engines.head.file import read_head
from kojudge.prompts import load_prompts
from kojudge.records import Judgment, Label
from kojudge.store.run import Run

from .conftest import edit
from .outcome import Call

BASE = """\
name: tiny
source: {{path: "{path}"}}
license: MIT
dtype: float32
notes: a model with random weights
"""
TRAIN = ("judge", "train", "--name", "little", "--base", "tiny")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="session")
def _judged_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("judged") / "runs"


@pytest.fixture
def judged(workspace: Path, call: Call, tiny: Path, _judged_once: Path) -> Run:
    """Enough texts judged by the fake judge, and the card of a base model."""
    edit(workspace / "kojudge.toml", 'prompts = ["blog", "emotional"]',
         'prompts = ["blog", "emotional", "imaginative"]\nsamples = 2')  # fmt: skip
    (workspace / "candidates/tiny.yaml").write_text(BASE.format(path=tiny), encoding="utf-8")
    if not _judged_once.exists():
        assert call("generate").code == 0
        assert call("score").code == 0
        shutil.copytree(workspace / "runs", _judged_once)
    else:
        shutil.copytree(_judged_once, workspace / "runs")
    return Run.open(workspace / "runs/main")


@pytest.fixture(scope="session")
def _trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trained") / "judge"


@pytest.fixture
def trained(workspace: Path, judged: Run, call: Call, _trained_once: Path) -> dict[str, Any]:
    """What training says with ``--json``; made once."""
    kept = _trained_once / "told.json"
    if not kept.exists():
        outcome = call(*TRAIN, "--from", judged.path, "--json")
        assert outcome.code == 0, outcome.err
        shutil.copytree(workspace / "judge/heads", _trained_once / "heads")
        shutil.copy(workspace / "judge/little.yaml", _trained_once)
        kept.write_text(json.dumps(outcome.json | {"said": outcome.err}), encoding="utf-8")
    else:
        shutil.copytree(_trained_once / "heads", workspace / "judge/heads")
        shutil.copy(_trained_once / "little.yaml", workspace / "judge")
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return found


def test_training_shows_head_and_trivial_features_side_by_side(trained: dict[str, Any]) -> None:
    assert "what the head adds" in trained["said"]
    assert "trivial features" in trained["said"]
    assert "Next: kojudge audit --judge little" in trained["said"]


def test_the_card_takes_model_and_format_from_the_base(
    workspace: Path, trained: dict[str, Any], tiny: Path
) -> None:
    card = yaml.safe_load((workspace / "judge/little.yaml").read_text(encoding="utf-8"))
    assert card["source"] == {"path": str(tiny)}
    assert card["engine"] == "head"
    assert card["head"] == {"path": "heads/little"}
    assert (card["license"], card["dtype"]) == ("MIT", "float32")


def test_a_head_learns_scores_and_pairs_and_keeps_its_validation(
    workspace: Path, trained: dict[str, Any]
) -> None:
    head = read_head(workspace / "judge/heads/little")
    assert [line.mode for line in head.lines] == ["pointwise", "pairwise"]
    assert head.facts["teacher"] == "fake-judge"
    assert str(workspace) not in json.dumps(head.facts)
    rows = trained["facts"]["validation"][0]["agreement"]["rows"]
    assert {row["slice"] for row in rows} >= {"all", "equal_length", "korean"}


def test_held_out_prompts_teach_nothing(workspace: Path, trained: dict[str, Any]) -> None:
    prompts = load_prompts(workspace / "prompts", ("blog", "emotional", "imaginative"))
    open_ = [prompt for prompt in prompts if not prompt.holdout]
    assert trained["held_out_answers"] > 0
    assert trained["prompts"] == len(open_) < len(prompts)


def test_the_new_judge_scores_a_run(
    workspace: Path, trained: dict[str, Any], judged: Run, call: Call
) -> None:
    outcome = call("score", "--judge", "little", "--engine", "transformers")
    assert outcome.code == 0, outcome.err
    own: list[Judgment] = [one for one in judged.judgments() if one.judge == "little"]
    assert {one.mode for one in own} == {"pointwise", "pairwise"}
    assert {one.status for one in own} == {"scored"}


def test_list_and_show_tell_what_a_head_learned(trained: dict[str, Any], call: Call) -> None:
    rows = {row["name"]: row for row in call("judge", "list", "--json").json["judges"]}
    assert rows["little"]["teacher"] == "fake-judge"
    assert rows["fake-judge"]["lines"] == []
    assert "little" in call("judge", "list").err
    shown = call("judge", "show", "little")
    assert "teacher: fake-judge" in shown.out
    assert "what the head adds" in shown.err
    assert "선생: fake-judge" in call("judge", "show", "little", lang="ko").out
    assert call("judge", "show", "fake-judge").code == 0


def test_a_name_that_is_taken_is_not_overwritten(
    workspace: Path, trained: dict[str, Any], judged: Run, call: Call
) -> None:
    before = (workspace / "judge/little.yaml").read_bytes()
    outcome = call(*TRAIN, "--from", judged.path)
    assert outcome.code == 2
    assert "--force" in outcome.err
    assert (workspace / "judge/little.yaml").read_bytes() == before


def test_a_dry_run_counts_and_loads_no_model(
    workspace: Path, judged: Run, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kojudge.cli.judge_training.Reader", None)
    outcome = call(*TRAIN, "--from", judged.path, "--dry-run", "--json")
    assert outcome.code == 0
    assert [line["mode"] for line in outcome.json["lines"]] == ["pointwise", "pairwise"]
    assert not (workspace / "judge/little.yaml").exists()


def labels(
    run: Run, number: int, score: Callable[[int], float] = lambda at: 1 + at % 5
) -> list[Label]:
    texts = [text for text in run.texts() if text.status == "ok"]
    return [
        Label(t.prompt_id, t.candidate, t.sample, "naturalness", "민지", score=score(at))
        for at, t in enumerate(texts[:number])
    ]


def test_people_teach_too_and_a_run_with_both_must_be_asked_which(judged: Run, call: Call) -> None:
    judged.append_labels("민지", labels(judged, 144))
    asked = call(*TRAIN, "--from", judged.path, "--dry-run")
    assert asked.code == 2
    assert "--teacher" in asked.err
    told = call(*TRAIN, "--from", judged.path, "--teacher", "people", "--dry-run", "--json").json
    assert told["teacher"] == "people"
    assert told["lines"][1]["made"] is True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--base", "nobody"), "no card 'nobody'"),
        (("--base", "fake-warm"), "cannot be the base"),
        (("--criterion", "wit"), "no rubric for the criterion 'wit'"),
        (("--criterion", "friendliness"), "nothing to learn from 'fake-judge'"),
        (("--teacher", "nobody"), "nothing by 'nobody'"),
        (("--name", "한글"), "cannot name a card"),
    ],
)
def test_a_wrong_name_is_refused_with_what_there_is(
    judged: Run, call: Call, arguments: tuple[str, str], said: str
) -> None:
    outcome = call(*TRAIN, "--from", judged.path, *arguments, "--dry-run")
    assert outcome.code == 2
    assert said in outcome.err


def test_too_few_labels_are_refused_and_the_number_is_named(judged: Run, call: Call) -> None:
    judged.append_labels("민지", labels(judged, 40))
    outcome = call(*TRAIN, "--from", judged.path, "--teacher", "people", "--dry-run")
    assert outcome.code == 2
    assert re.search(r"naturalness, pointwise: \d+ labels; at least 50", outcome.err)


def test_a_label_off_the_scale_is_refused(judged: Run, call: Call) -> None:
    judged.append_labels("민지", labels(judged, 144, score=lambda _: 7.0))
    outcome = call(*TRAIN, "--from", judged.path, "--teacher", "people", "--dry-run")
    assert outcome.code == 2
    assert "7 by 민지 is outside the scale 1–5" in outcome.err
