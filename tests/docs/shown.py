"""What the pages show: files to write and commands to run, in the order of the page."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import click
import yaml

from kojudge.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("prompts", "candidates", "rubrics", "judge", "reports")
PAGES = tuple(
    sorted(
        [
            ROOT / "README.md",
            ROOT / "README.ko.md",
            ROOT / "judge" / "audit" / "README.md",
            *(ROOT / "docs").glob("*.md"),
            *(ROOT / folder / "README.md" for folder in FOLDERS),
        ]
    )
)
BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`(kojudge [^`\n]+)`")
TITLE = re.compile(r'title="([^"]+)"')
NAMED = re.compile(r"# (\S+/\S+\.(?:yaml|j2|jsonl|toml))\s")
"""A file may also be named by a comment on its first line, which readers of the raw page see."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that a page shows whole."""

    path: str
    content: str
    at_the_end: bool = False
    """Whether the page adds it to a file that is there (``title=">> FILE"``)."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command line, as it stands on the page but for a comment behind it."""

    line: str

    @property
    def words(self) -> list[str]:
        """The words of the line, its redirection among them."""
        return shlex.split(self.line)

    @property
    def is_kojudge(self) -> bool:
        """Whether it calls kojudge with nothing but words."""
        return self.line.startswith("kojudge ")


Step = File | Command


def halves(text: str) -> list[str]:
    """Return the Korean and the English half of a page; pages in one language are one half."""
    return re.split(r"^---$", _outside_of_blocks(text), maxsplit=1, flags=re.MULTILINE)


def _outside_of_blocks(text: str) -> str:
    """Take the front-matter fences out of code blocks: they part no halves."""
    return BLOCK.sub(lambda block: block[0].replace("\n---\n", "\n- - -\n"), text)


def steps(half: str) -> tuple[Step, ...]:
    """Return what the code blocks of ``half`` have its reader do."""
    found: list[Step] = []
    for block in BLOCK.finditer(half):
        found += _steps_of_block(block["info"].strip(), block["body"])
    return tuple(found)


def _steps_of_block(info: str, body: str) -> Iterator[Step]:
    language = info.split(" ", 1)[0]
    named = TITLE.search(info) or NAMED.match(body)
    if named:
        yield File(named[1].removeprefix(">> "), body, named[1].startswith(">> "))
    if language in ("bash", "sh", "console"):
        yield from _lines(body)
    elif language == "yaml" and "\njobs:" in body:
        yield from _workflow(body)


def _lines(body: str) -> Iterator[Command]:
    for line in body.replace("\\\n", " ").splitlines():
        for part in line.split(" && "):
            command = re.sub(r"(^|\s+)#\s.*$", "", part.strip())
            if command:
                yield Command(" ".join(command.split()) if "  " in command else command)


def _workflow(body: str) -> Iterator[Command]:
    """Return the commands of a GitHub Actions workflow."""
    for job in yaml.safe_load(body)["jobs"].values():
        for step in job["steps"]:
            yield from _lines(step.get("run", ""))


def inline(text: str) -> list[str]:
    """Return the commands in running text that say more than a command's name."""
    prose = BLOCK.sub("", text)
    return [line for line in INLINE.findall(prose) if not _is_name(line)]


def _is_name(line: str) -> bool:
    """Tell a mention (``kojudge rubric compare``) from a command with arguments."""
    words = line.split()[1:]
    if words[0] not in COMMANDS:
        return "…" in line
    command = import_module(f"kojudge.cli.{words[0]}_command").command
    return len(words) <= (2 if isinstance(command, click.Group) else 1) or "…" in line
