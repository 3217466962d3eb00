"""The shipped audit set, read once for all tests that ask about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from kojudge.audit.items import AuditItems
from kojudge.audit.texts import Source, load_sources
from kojudge.certify import AuditQuestion, audit_questions
from kojudge.rubrics import Rubric

from .building import REPOSITORY, RUBRICS, rubric


@dataclass(frozen=True, slots=True)
class Shipped:
    """Everything that the shipped audit set asks about one rubric."""

    rubric: Rubric
    sources: tuple[Source, ...]
    questions: list[AuditQuestion]
    items: AuditItems


@pytest.fixture(scope="session")
def sources() -> tuple[Source, ...]:
    """The sources that are shipped."""
    return load_sources(REPOSITORY / "judge" / "audit")


@pytest.fixture(scope="session")
def shipped(sources: tuple[Source, ...]) -> Mapping[str, Shipped]:
    """The questions of all four rubrics, by the rubric's name."""
    return {
        name: Shipped(rubric(name), sources, *audit_questions(sources, rubric(name), "judge-id"))
        for name in RUBRICS
    }
