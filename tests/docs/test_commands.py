"""Every command that the documentation shows does what its page says.

A page's commands run in order, just as they stand there, in a workspace of `kojudge init` whose
`kojudge.toml` names the fake engine. What cannot run here is listed in ``elsewhere.py``.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from kojudge.cli.main import run

from .conftest import Begin
from .elsewhere import ENGINE_FLAGS, LABEL, NOT_RUN, not_run
from .scratch import furnish, label, lay_in_the_fake_engine
from .shown import PAGES, ROOT, Command, File, Step, halves, inline, steps

STATE = {
    "README.md": "new",
    "README.ko.md": "new",
    "docs/choosing.md": "new",
    "docs/ci.md": "new",
    "docs/laptop-judge.md": "new",
    "docs/quickstart.md": "new",
    "docs/tuning.md": "new",
    "docs/planning.md": "generated",
    "docs/scaling.md": "generated",
    "docs/vllm.md": "generated",
    "docs/decision-models.md": "generated",
    "docs/engines.md": "generated",
}
"""The workspace a page's reader has when the page begins; ``reported`` where nothing is said."""

PLACEHOLDERS = {"NAME": "qwen2.5-32b-instruct", "DIR": "runs/main", "FILE": "results.md"}
OF_COMMAND = {
    "init": {"DIR": "my-eval"},
    "rubric": {"NAME": "naturalness", "OLD": "naturalness", "NEW": "naturalness-short"},
}
"""What a reader writes in the place of a capital word; to some commands something else."""

ENDS_WITH: dict[tuple[str, str], int] = {
    # my-model is no better than the baseline to the fake judge, so these gates fail, as pages say.
    ("README.md", "--gate"): 1,
    ("README.ko.md", "--gate"): 1,
    ("docs/publishing.md", "--gate"): 1,
    # Six prompts are too few for a verdict.
    ("docs/ci.md", "--gate"): 1,
}
"""Exit codes other than 0, by page and a word of the command."""

SHELL = {"cp", "sed", "mkdir", "cat"}
"""Programs that pages use beside kojudge, and every machine has."""


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def walks() -> list[pytest.param]:  # type: ignore[valid-type]
    """Each half of each page that shows commands; halves that show the same walk only once."""
    found = {}
    for page in PAGES:
        for language, half in zip(
            ("ko", "en"), halves(page.read_text(encoding="utf-8")), strict=False
        ):
            walk = steps(half)
            run_here = tuple(s for s in walk if isinstance(s, File) or not_run(s.line) is None)
            if any(isinstance(step, Command) for step in run_here):
                of = f"{name(page)}-{language}"
                found.setdefault(alike(run_here), pytest.param(name(page), run_here, id=of))
    return list(found.values())


def alike(walk: Sequence[Step]) -> tuple[Step, ...]:
    """Leave out whom a page has label: the same walk for a rater of any name."""
    return tuple(
        Command("kojudge label")
        if isinstance(step, Command) and LABEL.fullmatch(step.line)
        else step
        for step in walk
    )


def mentions() -> list[pytest.param]:  # type: ignore[valid-type]
    """Each command in running text, once, with the first page that has it."""
    found: dict[str, str] = {}
    for page in PAGES:
        for line in inline(page.read_text(encoding="utf-8")):
            found.setdefault(line, name(page))
    return [pytest.param(page, line, id=line) for line, page in found.items()]


@pytest.mark.parametrize(("page", "walk"), walks())
def test_the_commands_of_a_page_run_in_order(
    page: str, walk: Sequence[Step], begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(STATE.get(page, "reported"))
    for step in walk:
        if isinstance(step, File):
            write(step)
        else:
            perform(page, step.line, monkeypatch)


@pytest.mark.parametrize(("page", "line"), mentions())
def test_a_command_in_the_text_runs(
    page: str, line: str, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin("generated" if "--looks" in line else "reported")
    if not_run(line) is None:
        perform(page, line, monkeypatch)


def test_the_table_of_what_is_not_run_has_no_entry_too_many() -> None:
    lines = [
        step.line
        for page in PAGES
        for step in steps(page.read_text(encoding="utf-8"))
        if isinstance(step, Command)
    ]
    lines += [line for page in PAGES for line in inline(page.read_text(encoding="utf-8"))]
    for entry in NOT_RUN:
        assert any(re.fullmatch(entry.pattern, line) for line in lines), entry.pattern
        path = ROOT / re.split(r"[:,]", entry.where)[0]
        assert path.exists(), entry.where


def write(file: File) -> None:
    path = Path(file.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a" if file.at_the_end else "w", encoding="utf-8") as out:
        out.write(file.content)
    if path.name == "kojudge.toml":
        lay_in_the_fake_engine(path)


def perform(page: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run one command line here; fail unless it ends as the page says."""
    words = Command(line).words
    if labelling := LABEL.fullmatch(line):
        label(Path.cwd(), labelling["run"] or "runs/main")
    elif words[0] == "kojudge":
        kojudge(page, line, monkeypatch)
    elif words[0] == "cd":
        monkeypatch.chdir(words[1])
    elif words[0] == "export":
        monkeypatch.setenv(*words[1].split("=", 1))
    else:
        assert words[0] in SHELL, f"{page}: neither run nor in elsewhere.py: {line}"
        subprocess.run(["bash", "-c", line], check=True)


def kojudge(page: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = Command(ENGINE_FLAGS.sub("", line)).words[1:]
    if "<" in words:
        at = words.index("<")
        stdin = Path(words[at + 1]).read_bytes()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        words = words[:at]
    expected = next(
        (code for (of, word), code in ENDS_WITH.items() if of == page and word in words), 0
    )
    meant = PLACEHOLDERS | OF_COMMAND.get(words[0], {})
    words = [meant.get(word, word) for word in words]
    assert run(words) == expected, f"{page}: {line}"
    if words[0] == "init":
        furnish(Path(words[1]))
        take_along(Path(words[1]))


def take_along(root: Path) -> None:
    """Let the runs and files that a page supposes be in the workspace it makes, too."""
    for path in Path.cwd().iterdir():
        if path.name == "runs" and path.is_dir():
            shutil.copytree(path, root / "runs")
        elif path.suffix == ".jsonl":
            shutil.copy(path, root)
