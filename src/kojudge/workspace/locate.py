"""Where the workspace lies, and the folders in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kojudge.errors import ConfigError, said
from kojudge.workspace.config import CONFIG_NAME


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders of one workspace. Code reads all of them and writes only ``runs``."""

    root: Path

    @property
    def prompts(self) -> Path:
        """Writing tasks, one JSONL file a category."""
        return self.root / "prompts"

    @property
    def candidates(self) -> Path:
        """Model cards of the candidates."""
        return self.root / "candidates"

    @property
    def rubrics(self) -> Path:
        """Rubric templates."""
        return self.root / "rubrics"

    @property
    def judge(self) -> Path:
        """Model cards of the judges."""
        return self.root / "judge"

    @property
    def audit(self) -> Path:
        """Texts that audit a judge."""
        return self.judge / "audit"

    @property
    def certificates(self) -> Path:
        """Certificates that came with the workspace; new ones are written beside the runs."""
        return self.judge / "certificates"

    @property
    def reports(self) -> Path:
        """Page templates."""
        return self.root / "reports"

    @property
    def runs(self) -> Path:
        """Everything a run writes."""
        return self.root / "runs"

    @property
    def audits(self) -> Path:
        """One run a judge: its answers to the audit, and its certificates."""
        return self.runs / "audits"


def find_workspace(start: Path | None = None) -> Workspace:
    """Return the workspace at ``start``, or at the nearest folder above the current one.

    Raises:
        ConfigError: there is no ``kojudge.toml``.
    """
    if start is not None:
        if (start / CONFIG_NAME).is_file():
            return Workspace(start)
        raise _missing(start)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / CONFIG_NAME).is_file():
            return Workspace(folder)
    raise _missing(here)


def _missing(where: Path) -> ConfigError:
    return ConfigError(
        said(f"{where}에 {CONFIG_NAME} 파일이 없습니다.", f"No {CONFIG_NAME} in {where}."),
        said(
            "`kojudge init DIR`로 작업 공간을 만들거나 `-C DIR`로 알려 주세요.",
            "Make a workspace with `kojudge init DIR`, or point at one with `-C DIR`.",
        ),
    )
