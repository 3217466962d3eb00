"""A killed run of a real model in float32, finished, beside one that was never interrupted."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kojudge.cli.main import run as kojudge
from kojudge.store.run import Run

from .killing import rows_by_key

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

REPOSITORY = Path(__file__).resolve().parents[2]
KILLS = 5
MODEL = "smollm2-135m-instruct"


@pytest.fixture
def real(workspace: Path) -> Path:
    """The smallest real model twice, in float32: 2 × 12 short texts."""
    card = (REPOSITORY / "candidates" / f"{MODEL}.yaml").read_text(encoding="utf-8")
    card = card.replace("dtype: bfloat16", "dtype: float32")
    (workspace / "candidates" / f"{MODEL}.yaml").write_text(card, encoding="utf-8")
    settings = (workspace / "kojudge.toml").read_text(encoding="utf-8")
    settings = settings.replace('"fake-plain"', f'"{MODEL}"').replace('"fake"', '"transformers"')
    settings += "max_tokens = 32\nlimit = 4\nsamples = 2\n"
    (workspace / "kojudge.toml").write_text(
        settings.replace("batch_size = 8", "batch_size = 4"), encoding="utf-8"
    )
    return workspace


def command(root: Path, run: Path) -> list[str]:
    return ["-C", str(root), "--lang", "en", "generate", "--candidate", MODEL, "--run", str(run)]


def test_killed_and_resumed_it_writes_the_texts_of_an_uninterrupted_run(
    real: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Equal up to numerical ties: a resumed run batches texts otherwise. The share is printed."""
    whole, broken = real / "runs" / "whole", real / "runs" / "broken"
    assert kojudge(command(real, whole)) == 0
    expected = {text.text_id: text.text for text in Run.open(whole).texts()}
    rng = random.Random(20261121)
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-m", "kojudge", *command(real, broken)], stderr=subprocess.DEVNULL
        )
        parts = len(list(broken.glob("texts/part-*")))
        deadline = time.monotonic() + 120
        while len(list(broken.glob("texts/part-*"))) == parts and process.poll() is None:
            assert time.monotonic() < deadline, "no text in two minutes"
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert kojudge(command(real, broken)) == 0
    found = {text.text_id: text.text for text in Run.open(broken).texts()}
    assert found.keys() == expected.keys()
    assert set(rows_by_key(broken, "texts").values()) == {1}
    same = sum(found[key] == text for key, text in expected.items())
    with capsys.disabled():
        sys.stdout.write(f"\n{same} of {len(expected)} texts equal after {KILLS} kills (float32)\n")
    assert same / len(expected) >= 0.9
