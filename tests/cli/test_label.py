"""``kojudge label`` from the command line: address, rater, end, errors."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kojudge.records import Text
from kojudge.store.run import Run

from .outcome import Call

PATIENCE = 120.0


def heed_interrupts() -> None:
    """Undo an inherited "ignore SIGINT": tests started in the background have it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(workspace: Path) -> Iterator[Start]:
    """Start ``kojudge label`` as a process of its own; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin(*options: str) -> subprocess.Popen[str]:
        command = ["-C", str(workspace), "--lang", "en", "label", *options]
        process = subprocess.Popen(
            [sys.executable, "-m", "kojudge", *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            preexec_fn=heed_interrupts,  # noqa: PLW1509 - no threads that hold a lock
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate(timeout=PATIENCE)


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ask(url: str, content: object = None) -> Any:
    """Read the state, or post an answer, as the page would."""
    origin = url.removesuffix("/").rsplit("/", 1)[0]
    request = urllib.request.Request(url + ("api/state" if content is None else "api/answer"))
    if content is not None:
        request.data = json.dumps(content).encode()
        request.add_header("Content-Type", "application/json")
        request.add_header("Origin", origin)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as reply:
        return json.load(reply)


@pytest.fixture
def run(workspace: Path) -> Run:
    """Three prompts, the workspace's own models; brought along, so that no model runs."""
    made = Run.open(workspace / "runs" / "main", create=True)
    made.append_texts(
        [
            Text(
                f"{name}/{at}",
                f"p{at}",
                "blog",
                "부탁",
                name,
                0,
                f"{name[5:]} {at}",
                origin="imported",
            )
            for name in ("fake-plain", "fake-warm", "fake-stiff")
            for at in range(3)
        ]
    )
    return made


def test_ctrl_c_in_the_middle_exits_130_and_the_same_command_goes_on(
    run: Run, start: Start
) -> None:
    process = start("--rater", "kim")
    url = url_of(process)
    assert url.startswith("http://127.0.0.1:")
    question = ask(url)["question"]
    assert ask(url, {"id": question["id"], "choice": 1})["saved"]
    process.send_signal(signal.SIGINT)
    _, printed = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "1 of 6 questions done" in printed
    assert "label --rater kim" in printed
    assert len(run.labels().labels) == 1
    again = start("--rater", "kim")
    assert ask(url_of(again))["progress"]["settled"] == 1


def test_after_the_last_question_ctrl_c_shows_the_results_and_exits_0(
    run: Run, start: Start
) -> None:
    process = start("--rater", "kim", "--limit", "2", "--open")
    url = url_of(process)
    while (state := ask(url))["question"]:
        ask(url, {"id": state["question"]["id"], "choice": 3})
    assert state["results"][0] == "2 questions answered, 0 skipped."
    process.send_signal(signal.SIGINT)
    _, printed = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "2 questions answered, 0 skipped." in printed
    assert "No browser was opened" in printed  # its output is no terminal
    assert "Traceback" not in printed


def test_a_second_command_for_the_same_rater_is_refused(run: Run, start: Start, call: Call) -> None:
    process = start("--rater", "kim")
    url_of(process)
    outcome = call("label", "--rater", "kim")
    assert outcome.code == 2
    assert "already open" in outcome.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--rater", "../x"), "Not a rater's name"),
        (("--run", "nowhere"), "there is no run here"),
        (("--baseline", "fake-none"), "fake-none"),
        (("--limit", "0"), "--limit"),
    ],
)
def test_what_is_wrong_is_said_and_exits_2(
    run: Run, call: Call, options: tuple[str, ...], words: str
) -> None:
    outcome = call("label", *options)
    assert outcome.code == 2
    assert words in outcome.err


def test_a_run_without_pairs_says_which_models_there_are(workspace: Path, call: Call) -> None:
    made = Run.open(workspace / "runs" / "main", create=True)
    made.append_texts([Text("t", "p0", "blog", "부탁", "fake-warm", 0, "글", origin="imported")])
    outcome = call("label", "--rater", "kim")
    assert outcome.code == 2
    assert "Models with texts here: fake-warm" in outcome.err
