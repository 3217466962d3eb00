"""The starter workspace: carried in the wheel, or the repository of an editable install."""

from __future__ import annotations

import shutil
from pathlib import Path

from kojudge.errors import ConfigError, said
from kojudge.workspace.config import CONFIG_NAME

FOLDERS = ("prompts", "candidates", "rubrics", "judge", "reports")


def starter_root() -> Path:
    """Return the folder that holds the starter workspace."""
    package = Path(__file__).resolve().parents[1]
    carried = package / "starter"
    return carried if carried.is_dir() else package.parents[1]


def write_starter(target: Path) -> list[Path]:
    """Copy the starter workspace into ``target`` and return the paths written.

    Raises:
        ConfigError: something of that name is there already, or the folder cannot be
            written; nothing is overwritten.
    """
    source = starter_root()
    names = (CONFIG_NAME, *FOLDERS)
    taken = [name for name in names if (target / name).exists()]
    if taken:
        raise ConfigError(
            said(f"{target}에 이미 있습니다: {', '.join(taken)}. 아무것도 덮어쓰지 않았습니다.",
                 f"{target} already has: {', '.join(taken)}. Nothing was overwritten."),
            said("빈 폴더를 고르세요.", "Choose an empty folder."),
        )  # fmt: skip
    try:
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / CONFIG_NAME, target / CONFIG_NAME)
        for name in FOLDERS:
            ignored = shutil.ignore_patterns("__pycache__", ".*")
            shutil.copytree(source / name, target / name, ignore=ignored)
    except OSError as error:
        raise ConfigError(
            said(f"{target}에 쓸 수 없습니다: {error}", f"Cannot write {target}: {error}"),
            said("쓰기 권한과 남은 용량을 확인하세요.", "Check permissions and free space."),
        ) from error
    return [target / name for name in names]
