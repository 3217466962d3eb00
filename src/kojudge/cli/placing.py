"""The flags that place workers on Ray."""

from __future__ import annotations

from dataclasses import dataclass

from kojudge.errors import ConfigError, said
from kojudge.workspace import Settings


@dataclass(frozen=True, slots=True)
class Placing:
    """``--workers`` and ``--num-gpus-per-worker`` of one call; None where not given."""

    workers: int | None = None
    num_gpus_per_worker: float | None = None

    def overrides(self) -> dict[str, int | float | None]:
        """Return the settings they stand for."""
        return {"workers": self.workers, "num_gpus_per_worker": self.num_gpus_per_worker}

    def check(self, settings: Settings) -> None:
        """Refuse flags that would do nothing.

        Raises:
            ConfigError: they were given, but the run is not on Ray.
        """
        given = [name for name, value in self.overrides().items() if value is not None]
        if given and settings.engine != "ray":
            flag = f"--{given[0].replace('_', '-')}"
            raise ConfigError(
                said(f"{flag}는 ray 엔진에서만 쓸 수 있습니다. 지금 엔진은 {settings.engine}입니다.",
                     f"{flag} is for the ray engine; this run is on {settings.engine}."),
                said("`--engine ray`를 함께 주세요.", "Add `--engine ray`."),
            )  # fmt: skip
