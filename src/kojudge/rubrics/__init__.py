"""Rubrics: Jinja templates with YAML front matter, and what the judge reads."""

from kojudge.rubrics.fence import fence_marker, neutralise
from kojudge.rubrics.load import Example, Level, Rubric, load_rubric, rubric_names
from kojudge.rubrics.render import render_pair, render_text

__all__ = [
    "Example",
    "Level",
    "Rubric",
    "fence_marker",
    "load_rubric",
    "neutralise",
    "render_pair",
    "render_text",
    "rubric_names",
]
