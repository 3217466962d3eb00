"""Finding the workspace: where one is pointed, else here, else above."""

from __future__ import annotations

from pathlib import Path

import pytest

from kojudge.errors import ConfigError
from kojudge.workspace import find_workspace, starter_root


@pytest.fixture
def space(tmp_path: Path) -> Path:
    (tmp_path / "space" / "deep" / "er").mkdir(parents=True)
    (tmp_path / "space" / "kojudge.toml").write_text("", encoding="utf-8")
    return tmp_path / "space"


def test_the_folder_one_points_at_is_taken(space: Path) -> None:
    assert find_workspace(space).root == space


@pytest.mark.parametrize("inside", [".", "deep", "deep/er"])
def test_else_it_is_here_or_above(
    space: Path, inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(space / inside)
    assert find_workspace().root.resolve() == space.resolve()


def test_one_that_is_pointed_at_is_not_looked_for_above(space: Path) -> None:
    with pytest.raises(ConfigError, match=r"No kojudge\.toml in .*deep"):
        find_workspace(space / "deep")


def test_nowhere_is_an_error_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"`kojudge init DIR`.*`-C DIR`"):
        find_workspace()


def test_the_folders_lie_side_by_side(space: Path) -> None:
    found = find_workspace(space)
    assert [
        path.name
        for path in (
            found.prompts, found.candidates, found.rubrics, found.judge, found.reports, found.runs,
        )
    ] == ["prompts", "candidates", "rubrics", "judge", "reports", "runs"]  # fmt: skip


def test_the_starter_is_a_workspace() -> None:
    found = find_workspace(starter_root())
    for folder in (found.prompts, found.candidates, found.rubrics, found.judge, found.reports):
        assert (folder / "README.md").is_file()
