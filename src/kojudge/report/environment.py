"""The page's Jinja environment, and errors that point into the template that failed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import (
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from kojudge.audit.kinds import LABELS
from kojudge.errors import ConfigError, Language, Said, did_you_mean, said
from kojudge.report import numbers, wording
from kojudge.report.trust_words import EXCLUDED
from kojudge.visible import boxed, visible

TEMPLATE_ERRORS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a template that its user edited can raise."""


def page_environment(templates: Path, language: Language) -> SandboxedEnvironment:
    """Return the environment that renders the templates in the folder ``templates``.

    Every expression is made visible (no hidden characters) and escaped, so that a template
    cannot forget to; ``boxed`` does the same and marks the boxes for the style sheet.
    """
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=_show,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(_PLAIN_FILTERS)
    environment.filters["duration"] = lambda seconds: numbers.duration(seconds).in_(language)
    environment.filters["badge"] = lambda found: wording.verdict_badge(found).in_(language)
    environment.filters["similar_or_better"] = lambda found: wording.similar_or_better(found).in_(
        language
    )
    environment.filters["points_figure"] = partial(
        numbers.figure, write=lambda value: numbers.points(value).in_(language)
    )
    environment.filters["said"] = lambda words: words.in_(language)
    for name, table in _TABLES.items():
        environment.filters[name] = partial(_word, table, language)
    return environment


_PLAIN_FILTERS: Mapping[str, Callable[..., str]] = {
    "signed": numbers.signed,
    "number": numbers.number,
    "percent": numbers.percent,
    "p_value": numbers.p_value,
    "count": numbers.count,
    "chars": numbers.characters,
    "plain": numbers.plain,
    "parameters": numbers.parameters,
    "ci": lambda comparison: numbers.interval(comparison["ci_low"], comparison["ci_high"]),
    "measured": numbers.measured,
    "win_rate": numbers.win_rate,
    "effect_ci": lambda found: numbers.interval(found["effect_low"], found["effect_high"]),
    "share_ci": lambda found: numbers.share_interval(found["ci_low"], found["ci_high"]),
    "share_figure": partial(numbers.figure, write=numbers.percent),
    "number_figure": partial(numbers.figure, write=numbers.number),
    "signed_figure": partial(numbers.figure, write=numbers.signed),
    "shell": shlex.join,
    "boxed": boxed,
}
_TABLES: Mapping[str, Mapping[str, Said]] = {
    "verdict": wording.VERDICTS,
    "grade": wording.GRADES,
    "category": wording.CATEGORIES,
    "mode": wording.MODES,
    "reason": wording.REASONS,
    "flag": wording.FLAGS,
    "answer": wording.LANGUAGES,
    "role": wording.ROLES,
    "measure": wording.MEASURES,
    "kind": wording.KINDS,
    "uncontrolled": wording.UNCONTROLLED,
    "audit_kind": LABELS,
    "excluded": EXCLUDED,
}


def explain(error: Exception, templates: Path, names: Collection[str]) -> ConfigError:
    """Return ``error`` as one that names the template and the line.

    ``names`` are the variables that a template can use.
    """
    if isinstance(error, TemplateNotFound):
        return ConfigError(
            said(f"{templates}에 템플릿이 없습니다: {error.name}",
                 f"No template {error.name} in {templates}."),
            said("`kojudge init DIR`로 만든 작업 공간의 reports 폴더에서 되가져오세요.",
                 "Restore it from the reports folder of a workspace made by `kojudge init DIR`."),
        )  # fmt: skip
    place = _place(error, templates)
    undefined = re.match(r"'(\w+)' is undefined", str(error))
    hint = (
        did_you_mean(undefined.group(1), names)
        if undefined
        else said("이 줄을 고치세요.", "Mend this line.")
    )
    return ConfigError(
        said(
            f"{place}: 보고서 템플릿을 채울 수 없습니다: {error}",
            f"{place}: cannot fill the report template: {error}.",
        ),
        hint,
    )


def _place(error: Exception, templates: Path) -> str:
    """Return ``file:line`` of the innermost template in the traceback."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or templates}:{error.lineno}"
    place, trace = str(templates), error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if templates in Path(file).parents:
            place = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _word(table: Mapping[str, Said], language: Language, key: str) -> str:
    return wording.look_up(table, key).in_(language)


def _show(value: Any) -> Any:
    """Make hidden characters visible in every expression but ready-made markup."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value
