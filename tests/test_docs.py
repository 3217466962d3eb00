"""The documentation says what the program does."""

from __future__ import annotations

import json
import re
import shlex
from importlib import import_module
from pathlib import Path

import click
import pytest

from kojudge import __version__
from kojudge.cli.main import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "benchmarks").glob("*.md"),
    *(ROOT / folder / "README.md" for folder in ("prompts", "candidates", "rubrics", "judge", "reports")),
]  # fmt: skip
CODE = re.compile(r"```(?:bash|sh|console)?\n(.*?)```|`(kojudge [^`\n]+)`", re.DOTALL)


def shown_commands(page: Path) -> list[str]:
    """Every `kojudge …` command line a page shows, in code blocks and in the text."""
    found = []
    for block, inline in CODE.findall(page.read_text(encoding="utf-8")):
        for line in (block or inline).splitlines():
            for part in line.split("&&"):
                command = part.strip().removeprefix("$ ").removeprefix(".venv/bin/")
                if command.startswith("kojudge ") and "…" not in command:
                    found.append(command.split("#")[0].strip())
    return found


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that ``words`` call, and the words after its name."""
    flags = {"-C": 1, "--workspace": 1, "--profile": 1, "--lang": 1}
    at = 0
    while words[at] in flags:
        at += 1 + flags[words[at]]
    assert words[at] in COMMANDS, f"no command {words[at]}"
    command: click.Command = import_module(f"kojudge.cli.{words[at]}_command").command
    rest = words[at + 1 :]
    if isinstance(command, click.Group) and rest:
        names = rest[0].split("|")
        for name in names:
            assert name in command.commands, f"no command {words[at]} {name}"
        return command.commands[names[0]], rest[1:]
    return command, rest


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_shown_exists_with_its_options(page: Path) -> None:
    for line in shown_commands(page):
        words = shlex.split(line)[1:]
        if words[:1] in (["--help"], ["--version"]):
            continue
        command, rest = command_of(words)
        known = {
            name for option in command.params for name in (*option.opts, *option.secondary_opts)
        }
        for word in rest:
            if word.startswith("--"):
                assert word.split("=")[0] in known, f"{page.name}: {line}: no option {word}"


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_in_the_readme(name: str, command: str) -> None:
    assert f"kojudge {command}" in (ROOT / name).read_text(encoding="utf-8")


def test_every_command_has_help_in_both_languages() -> None:
    with click.Context(cli) as context:
        for name in cli.list_commands(context):
            command = cli.get_command(context, name)
            assert command is not None
            assert command.help
            assert re.search("[가-힣]", command.help)
            assert re.search("[A-Za-z]{4}", command.help)


def test_every_setting_is_documented() -> None:
    from kojudge.workspace import Settings

    text = (ROOT / "docs/workspace.md").read_text(encoding="utf-8")
    for key in Settings.model_fields:
        assert f"`{key}" in text, f"docs/workspace.md does not mention {key}"


def test_the_changelog_and_the_citation_name_this_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"version: {__version__}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_relative_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize(
    ("name", "criteria", "verdicts"),
    [
        ("README.md", {}, {}),
        (
            "README.ko.md",
            {"friendliness": "친근함", "naturalness": "자연스러움"},
            {
                "undecided": "결론 없음",
                "similar": "사실상 같음",
                "not worse": "뒤지지 않음",
                "worse": "더 나쁨",
            },
        ),
    ],
)
def test_the_readmes_table_is_the_specimens(
    name: str, criteria: dict[str, str], verdicts: dict[str, str]
) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    results = json.loads((ROOT / "docs/specimen/results.json").read_text(encoding="utf-8"))
    primary = [c for c in results["comparisons"] if c["primary"] and c["slice"] == "overall"]
    assert primary
    for row in primary:
        criterion = criteria.get(row["criterion"], row["criterion"])
        verdict = row["verdict"].replace("_", " ")
        cells = [
            f"| {row['candidate']} | {criterion} |",
            f"| {row['delta']:+.2f} [{row['ci_low']:+.2f}, {row['ci_high']:+.2f}] | {row['n_prompts']} |",
            f"({verdicts.get(verdict, verdict)}) |",
        ]
        assert any(all(cell in line for cell in cells) for line in text.splitlines()), cells
    (smollm,) = (m for m in results["evidence"]["models"] if m["candidate"].startswith("smollm2"))
    foreign = smollm["texts"] - smollm["language"]["korean"]
    counted = rf"(?<!\d){smollm['texts']}\D+{foreign}\D+{smollm['gates']['truncated']}(?!\d)"
    assert re.search(counted, text)
