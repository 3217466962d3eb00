"""A killed command loses at most the batch in flight; the finished run is the same as ever."""

from __future__ import annotations

import json
import random
import shlex
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kojudge.cli.main import run as kojudge
from kojudge.engines.fake import FakeEngine
from kojudge.records import Judgment, Text
from kojudge.store.run import Run

from .killing import rows_by_key, start

SEED = 20261121
BATCH = 4
SETTINGS = f"""\
[workspace]
baseline = "slow"
candidates = ["slower"]
judges = ["slow"]
rubrics = ["naturalness", "naturalness-pairwise"]
prompts = ["blog", "emotional", "imaginative"]
seed = 7
engine = "fake"
batch_size = {BATCH}
"""
CARD = 'name: {name}\nsource: {{path: "fake:slow"}}\nengine: fake\n'


@pytest.fixture
def slow(workspace: Path) -> Path:
    """Two candidates and a judge that take 20 ms an item; 96 texts a sample, 192 judgments."""
    (workspace / "kojudge.toml").write_text(SETTINGS, encoding="utf-8")
    for folder, name, more in (
        ("candidates", "slow", ""),
        ("candidates", "slower", "sampling: {temperature: 0.5}\n"),
        ("judge", "slow", ""),
    ):
        card = CARD.format(name=name) + more
        (workspace / folder / f"{name}.yaml").write_text(card, encoding="utf-8")
    return workspace


@pytest.fixture
def quickly(slow: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run a command to its end in this process, where the slow models do not dawdle."""
    monkeypatch.setattr(FakeEngine, "_wait", lambda self: None)
    return lambda *arguments: kojudge(["-C", str(slow), "--lang", "en", *arguments])


def texts_of(run: Path) -> dict[str, Text]:
    found = {text.text_id: text for text in Run.open(run).texts()}
    assert all(text.status == "ok" for text in found.values())
    return found


def judgments_of(run: Path) -> dict[str, Judgment]:
    return {judgment.judgment_id: judgment for judgment in Run.open(run).judgments()}


class TestGenerate:
    def test_twenty_kills_lose_at_most_a_batch_each_and_change_no_text(
        self, slow: Path, quickly: Callable[..., int], tmp_path: Path
    ) -> None:
        run, whole = slow / "runs" / "main", slow / "runs" / "whole"
        assert quickly("generate", "--samples", "4", "--run", str(whole)) == 0
        expected = texts_of(whole)
        rng = random.Random(SEED)
        stored: dict[str, Text] = {}
        killed_midway = 0
        for kill in range(20):
            started = start(tmp_path / "log", "-C", str(slow), "generate", "--samples", "4")
            if kill % 5 == 0:  # anywhere, while it starts up too
                time.sleep(rng.uniform(0, 0.8))
            else:
                started.wait_for(rng.randint(1, 14))
                time.sleep(rng.uniform(0, 0.02))
            started.end(signal.SIGKILL)
            assert started.process.returncode == -signal.SIGKILL
            before, stored = stored, texts_of(run) if run.exists() else {}
            finished = set(started.finished)
            assert before.items() <= stored.items()
            assert stored.items() <= expected.items()
            assert len(finished - stored.keys()) <= BATCH
            assert stored.keys() - before.keys() <= finished
            killed_midway += bool(finished)
        assert killed_midway >= 16
        assert BATCH < len(stored) < len(expected)
        assert quickly("generate", "--samples", "4") == 0
        assert texts_of(run) == expected
        assert set(rows_by_key(run, "texts").values()) == {1}

    def test_the_manifest_outlives_the_kills_and_shows_them(
        self, slow: Path, quickly: Callable[..., int], tmp_path: Path
    ) -> None:
        for items in (1, 6):
            started = start(tmp_path / "log", "-C", str(slow), "generate")
            started.wait_for(items)
            started.end(signal.SIGKILL)
        assert quickly("generate") == 0
        manifest = json.loads((slow / "runs/main/manifest.json").read_text(encoding="utf-8"))
        ended = [entry["finished"] is not None for entry in manifest["commands"]]
        assert ended == [False, False, True]

    def test_two_at_once_on_one_run_end_with_the_same_texts(
        self, slow: Path, quickly: Callable[..., int], tmp_path: Path
    ) -> None:
        run, whole = slow / "runs" / "main", slow / "runs" / "whole"
        assert quickly("generate", "--run", str(whole)) == 0
        both = [start(tmp_path / f"log-{n}", "-C", str(slow), "generate") for n in range(2)]
        for started in both:
            assert started.process.communicate(timeout=60)[1]
            assert started.process.returncode == 0
        assert texts_of(run) == texts_of(whole)
        assert len(list(Run.open(run).texts())) == len(texts_of(whole))
        assert quickly("compact") == 0
        assert texts_of(run) == texts_of(whole)
        assert set(rows_by_key(run, "texts").values()) == {1}


class TestScore:
    def test_kills_lose_at_most_a_batch_each_and_change_no_judgment(
        self, slow: Path, quickly: Callable[..., int], tmp_path: Path
    ) -> None:
        run, whole = slow / "runs" / "main", slow / "runs" / "whole"
        for path in (run, whole):
            assert quickly("generate", "--run", str(path)) == 0
        assert quickly("score", "--run", str(whole)) == 0
        expected = judgments_of(whole)
        rng = random.Random(SEED)
        stored: dict[str, Judgment] = {}
        for _ in range(6):
            started = start(tmp_path / "log", "-C", str(slow), "score")
            started.wait_for(rng.randint(1, 24))
            time.sleep(rng.uniform(0, 0.02))
            started.end(signal.SIGKILL)
            before, stored = stored, judgments_of(run)
            assert before.items() <= stored.items()
            assert stored.items() <= expected.items()
            assert len(set(started.finished) - stored.keys()) <= BATCH
        assert BATCH < len(stored) < len(expected)
        assert quickly("score") == 0
        assert judgments_of(run) == expected
        assert set(rows_by_key(run, "judgments").values()) == {1}


class TestInterrupt:
    def test_ctrl_c_saves_what_is_finished_and_names_the_command_that_goes_on(
        self, slow: Path, quickly: Callable[..., int], tmp_path: Path
    ) -> None:
        """With a batch larger than the run, nothing but the interrupt itself saves anything."""
        settings = slow / "kojudge.toml"
        settings.write_text(SETTINGS.replace(f"size = {BATCH}", "size = 500"), encoding="utf-8")
        run = tmp_path / "my run"
        command = ("-C", str(slow), "--lang", "en", "generate", "--run", str(run))
        started = start(tmp_path / "log", *command)
        started.wait_for(6)
        told = started.end(signal.SIGINT)
        assert started.process.returncode == 130
        assert "Interrupted; what was finished is saved." in told
        assert "Traceback" not in told
        stored = texts_of(run)
        assert 5 <= len(stored) < 96
        assert len(set(started.finished) - stored.keys()) <= 1  # the one just handed over
        _, _, resume = told.partition("To resume: kojudge ")
        assert kojudge(shlex.split(resume)) == 0
        assert len(texts_of(run)) == 96

    def test_it_says_so_in_korean(self, slow: Path, tmp_path: Path) -> None:
        started = start(tmp_path / "log", "-C", str(slow), "--lang", "ko", "generate")
        started.wait_for(1)
        told = started.end(signal.SIGINT)
        assert started.process.returncode == 130
        assert "중단했습니다. 지금까지의 결과는 저장되어 있습니다." in told
        assert f"이어서 하려면: kojudge -C {slow} --lang ko generate" in told
