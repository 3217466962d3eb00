"""What is wrong with a command line, said in both languages."""

from __future__ import annotations

import click

from kojudge.errors import Said, did_you_mean, said

__all__ = ["explain_usage", "next_step"]


def explain_usage(error: click.UsageError) -> Said:
    """Say what click found wrong."""
    if isinstance(error, click.NoSuchOption):
        name = error.option_name
        return said(f"'{name}' 옵션이 없습니다.", f"No option '{name}'.")
    name = _name_of(error)
    if isinstance(error, click.MissingParameter):
        return said(f"{name}: 꼭 필요한데 빠졌습니다.", f"{name} is required and missing.")
    if isinstance(error, click.BadParameter):
        kind = error.param.type if error.param else None
        if isinstance(kind, click.Choice):
            listed = ", ".join(map(str, kind.choices))
            return said(
                f"{name}: 쓸 수 있는 값은 {listed}입니다.", f"{name} must be one of: {listed}."
            )
        return said(f"{name}: 값이 잘못되었습니다: {error.message}", f"{name}: {error.message}")
    message = error.format_message()
    return said(message, message)


def next_step(error: click.UsageError) -> Said:
    """Return the names that may be meant, and the command that shows the options."""
    path = error.ctx.command_path if error.ctx else "kojudge"
    look = said(f"사용법: {path} --help", f"See: {path} --help")
    if isinstance(error, click.NoSuchOption) and error.possibilities:
        meant = did_you_mean(error.option_name, error.possibilities)
        return said(f"{meant.ko} · {look.ko}", f"{meant.en} · {look.en}")
    return look


def _name_of(error: click.UsageError) -> str:
    param = error.param if isinstance(error, click.BadParameter) else None
    if param is None or param.name is None:
        return "?"
    return "/".join(param.opts) if param.param_type_name == "option" else param.name.upper()
