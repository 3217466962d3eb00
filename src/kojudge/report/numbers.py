"""How numbers are written: one function a kind, value → exact string.

Signs are ASCII, so that a figure copied from the page is a number to any program.
A value that is not there is written ``—``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kojudge.errors import Said, said

MISSING = "—"


def signed(value: float | None) -> str:
    """Write a difference: ``+0.31``, ``-0.31``, ``0.00``.

    A value that two decimals would round to zero gets three and keeps its sign, so that an
    interval that excludes zero never reads as if it touched it.
    """
    if value is None:
        return MISSING
    if value == 0:
        return "0.00"
    return f"{value:+.3f}" if abs(value) < 0.005 else f"{value:+.2f}"


def interval(low: float | None, high: float | None) -> str:
    """Write a confidence interval: ``[+0.18, +0.44]``."""
    if low is None or high is None:
        return MISSING
    return f"[{signed(low)}, {signed(high)}]"


def number(value: float | None) -> str:
    """Write a mean, a standard error or a margin: ``3.42``; ``0.004`` where two decimals vanish."""
    if value is None:
        return MISSING
    return f"{value:.3f}" if 0 < abs(value) < 0.005 else f"{value:.2f}"


def percent(value: float | None) -> str:
    """Write a share of 0–1: ``58.1%``."""
    return MISSING if value is None else f"{100 * value:.1f}%"


def share_interval(low: float | None, high: float | None) -> str:
    """Write the interval of a share of 0–1: ``[51.2%, 64.0%]``."""
    if low is None or high is None:
        return MISSING
    return f"[{percent(low)}, {percent(high)}]"


def win_rate(comparison: Mapping[str, float | None]) -> str:
    """Write a difference of win scores as the win rate it is: ``65.1% [58.7%, 71.5%]``."""
    delta, low, high = (comparison[key] for key in ("delta", "ci_low", "ci_high"))
    if delta is None or low is None or high is None:
        return percent(None if delta is None else 0.5 + delta)
    return f"{percent(0.5 + delta)} {share_interval(max(0.0, 0.5 + low), min(1.0, 0.5 + high))}"


def measured(found: Mapping[str, float | None], unit: str) -> str:
    """Write a mean with its interval in its unit: ``12.3% [10.1%, 14.5%]``, ``1.24 [0.98, 1.50]``."""
    write = percent if unit in {"share", "flag"} else number
    low, high = found["ci_low"], found["ci_high"]
    if low is None or high is None:
        return write(found["mean"])
    if unit != "number":  # a rate: what lies below 0 is only the interval's arithmetic
        low = max(0.0, low)
    if unit in {"share", "flag"}:
        high = min(1.0, high)
    return f"{write(found['mean'])} [{write(low)}, {write(high)}]"


def points(value: float | None) -> Said:
    """Write a difference of two shares in percentage points: ``+19.2%p`` / ``+19.2 pp``."""
    if value is None:
        return said(MISSING, MISSING)
    return said(f"{100 * value:+.1f}%p", f"{100 * value:+.1f} pp")


def figure(row: Mapping[str, float | None], name: str, write: Callable[[float | None], str]) -> str:
    """Write ``row[name]`` with its interval ``name_low``, ``name_high``: ``85.3% [82.1%, 88.0%]``."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if row[name] is None or low is None or high is None:
        return write(row[name])
    return f"{write(row[name])} [{write(low)}, {write(high)}]"


def p_value(value: float | None) -> str:
    """Write a p-value: three decimals, ``<0.001`` below that."""
    if value is None:
        return MISSING
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def count(value: int | None) -> str:
    """Write a count: ``1,234``."""
    return MISSING if value is None else f"{value:,}"


def characters(value: float | None) -> str:
    """Write a mean length in characters: ``1,234``."""
    return MISSING if value is None else f"{value:,.0f}"


def plain(value: float) -> str:
    """Write a setting as its user would: ``0.05``, ``5``."""
    return f"{value:.10g}"


def parameters(value: int | None) -> str:
    """Write a model's size: ``1.5B``, ``135M``."""
    if value is None:
        return MISSING
    if value >= 1_000_000_000:
        return f"{value / 1e9:.1f}B"
    return f"{value / 1e6:.0f}M"


def confidence(alpha: float) -> str:
    """Write the confidence level that goes with ``alpha``: 0.05 → ``95%``."""
    return f"{100 * (1 - alpha):.10g}%"


def duration(seconds: float | None) -> Said:
    """Write how long something took: ``4.2초`` / ``4.2 s``, ``2시간 5분`` / ``2 h 5 min``."""
    if seconds is None:
        return said(MISSING, MISSING)
    if seconds < 59.95:
        return said(f"{seconds:.1f}초", f"{seconds:.1f} s")
    whole = round(seconds)
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return said(f"{minutes}분 {rest}초", f"{minutes} min {rest} s")
    hours, rest = divmod(whole, 3600)
    return said(f"{hours}시간 {rest // 60}분", f"{hours} h {rest // 60} min")
