"""Asking for help is quick: nothing heavy is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "transformers", "vllm", "ray", "datasets", "pandas", "kiwipiepy")
HEAVIER_THAN_HELP = (*HEAVY, "duckdb", "pyarrow", "pydantic", "numpy", "scipy", "jinja2", "rich")

LOADED = """
import sys
from contextlib import redirect_stdout, suppress
from io import StringIO
{statement}
print("\\n".join(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""
CALL = """
from kojudge.cli.main import main
with redirect_stdout(StringIO()) as shown, suppress(SystemExit):
    main({arguments})
assert "Usage: kojudge" in shown.getvalue()
"""


def loaded_by(statement: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(statement=statement)],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by("import kojudge").isdisjoint(HEAVIER_THAN_HELP)


def test_the_list_of_commands_needs_no_database_and_no_schema() -> None:
    loaded = loaded_by(CALL.format(arguments=["--help"]))
    assert "click" in loaded
    assert loaded.isdisjoint(HEAVIER_THAN_HELP)


@pytest.mark.parametrize("command", ["generate", "score", "report", "models", "import", "diagnose"])
def test_the_help_of_a_command_loads_no_model_library(command: str) -> None:
    assert loaded_by(CALL.format(arguments=[command, "--help"])).isdisjoint(HEAVY)


def test_the_module_runs_as_the_command_does() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kojudge", "--version"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.split()[0]) == (0, "kojudge,")
