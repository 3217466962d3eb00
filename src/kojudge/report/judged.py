"""Whether a run holds judgments that say anything about the baseline asked for."""

from __future__ import annotations

from kojudge.errors import ConfigError, said
from kojudge.store.run import Run

__all__ = ["check_judged", "no_judgments"]

_MOST_NAMES = 10


def check_judged(run: Run, baseline: str) -> None:
    """Raise ConfigError where no judgment of ``run`` can be held against ``baseline``.

    Cheap: what the judgments say is not looked at. Scores of single texts serve any baseline.

    Raises:
        ConfigError: there are no judgments, or only pairs with other baselines; names those.
    """
    table = run.query(
        "SELECT mode, baseline, count(*) AS n FROM judgments GROUP BY ALL ORDER BY n DESC, baseline"
    )
    rows = table.to_pylist()
    if not rows:
        raise no_judgments()
    others = [row["baseline"] for row in rows if row["mode"] == "pairwise"]
    if any(row["mode"] == "pointwise" for row in rows) or baseline in others:
        return
    listed = ", ".join(others[:_MOST_NAMES]) + (" …" if len(others) > _MOST_NAMES else "")
    raise ConfigError(
        said(f"이 실행의 판정 가운데 기준 모델이 '{baseline}'인 것이 없습니다. 판정에 쓰인 기준 모델: {listed}.",
             f"No judgment of this run compares with the baseline '{baseline}'. "
             f"Baselines of its judgments: {listed}."),
        said(f"그 가운데 하나를 고르세요: `--baseline {others[0]}`. 이 기준 모델로 새로 심사하려면 `kojudge score`를 실행하세요.",
             f"Choose one of them: `--baseline {others[0]}`. To judge against this one, "
             "run `kojudge score`."),
    )  # fmt: skip


def no_judgments() -> ConfigError:
    """Return the error of a run in which nothing has a score."""
    return ConfigError(
        said("이 실행에는 점수가 매겨진 판정이 하나도 없습니다.", "This run has no scored judgment."),
        said("먼저 `kojudge score`를 실행하세요.", "Run `kojudge score` first."),
    )  # fmt: skip
