"""The workspace's settings with the content they name, and what a run remembers of them.

A run remembers the profile and the flags it was given, not their values: an edited
``kojudge.toml``, prompt, card or rubric takes effect with the next command.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kojudge.cards import (
    CandidateCard,
    JudgeCard,
    candidate_identity,
    judge_identity,
    load_candidate,
    load_judge,
)
from kojudge.engines import Placement
from kojudge.errors import ConfigError, said
from kojudge.prompts import first_of_each, load_prompts
from kojudge.records import Prompt
from kojudge.rubrics import Rubric, load_rubric
from kojudge.workspace import Settings, Workspace, load_settings

METHOD = "expected"
"""How a judge's answer becomes a number; part of the judge's identity."""

_LISTS = ("candidates", "judges", "rubrics", "prompts")


@dataclass(frozen=True, slots=True)
class Memory:
    """What a run was asked before: a profile, flag values, names added to the lists."""

    profile: str | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    added: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> Memory:
        """Read the ``asked`` entry of a manifest; nothing there is an empty memory."""
        asked = manifest.get("asked", {})
        return cls(asked.get("profile"), asked.get("overrides", {}), asked.get("added", {}))

    def to_manifest(self) -> dict[str, Any]:
        """Return the ``asked`` entry of a manifest."""
        added = {key: list(names) for key, names in self.added.items() if names}
        return {"profile": self.profile, "overrides": dict(self.overrides), "added": added}

    def later(
        self,
        profile: str | None,
        overrides: Mapping[str, Any],
        named: Mapping[str, Sequence[str]],
    ) -> Memory:
        """Return this memory after a command that gave these flags (None = not given)."""
        given = {key: value for key, value in overrides.items() if value is not None}
        added = {
            key: tuple(dict.fromkeys((*self.added.get(key, ()), *named.get(key, ()))))
            for key in _LISTS
        }
        return Memory(profile or self.profile, {**self.overrides, **given}, added)


@dataclass(frozen=True, slots=True)
class Asked:
    """Settings and the content they name, and the ``workspace`` they come from."""

    settings: Settings
    prompts: tuple[Prompt, ...]
    candidates: tuple[CandidateCard, ...]
    judges: tuple[JudgeCard, ...]
    rubrics: tuple[Rubric, ...]
    workspace: Workspace | None = None


def ask(workspace: Workspace, memory: Memory, imported: Collection[str] = ()) -> Asked:
    """Load everything the workspace asks for. Names of ``imported`` texts need no card.

    Raises:
        ConfigError: a name is unknown or a file is wrong.
    """
    base = load_settings(workspace.root, memory.profile, memory.overrides)
    lists = {
        key: tuple(dict.fromkeys((*getattr(base, key), *memory.added.get(key, ()))))
        for key in _LISTS
    }
    if "baseline" in memory.overrides:  # the workspace's own stays, as a candidate
        own = load_settings(workspace.root, memory.profile).baseline
        lists["candidates"] = tuple(dict.fromkeys((*lists["candidates"], own)))
    settings = base.model_copy(update=lists)
    cards = [
        load_candidate(workspace.candidates, name)
        for name in settings.all_candidates
        if name not in imported
    ]
    if settings.max_tokens is not None:
        cards = [_with_max_tokens(card, settings.max_tokens) for card in cards]
    judges = [load_judge(workspace.judge, name) for name in settings.judges]
    _refuse_twins({c.name: candidate_identity(c, engine_for(c, settings)) for c in cards})
    _refuse_twins({j.name: judge_identity(j, engine_for(j, settings), METHOD) for j in judges})
    prompts = load_prompts(
        workspace.prompts, settings.prompts, mini=settings.mini, split=settings.split
    )
    return Asked(
        settings=settings,
        prompts=tuple(first_of_each(prompts, settings.limit)),
        candidates=tuple(cards),
        judges=tuple(judges),
        rubrics=tuple(load_rubric(workspace.rubrics, name) for name in settings.rubrics),
        workspace=workspace,
    )


def _refuse_twins(identities: Mapping[str, str]) -> None:
    """Refuse two names of one model: what one wrote or judged would pass for the other's."""
    names: dict[str, str] = {}
    for name, identity in identities.items():
        twin = names.setdefault(identity, name)
        if twin != name:
            raise ConfigError(
                said(f"카드 '{twin}'와(과) '{name}'은(는) 같은 모델을 같은 설정으로 씁니다.",
                     f"The cards '{twin}' and '{name}' are one model with the same settings."),
                said("둘 가운데 하나를 빼거나 sampling 같은 설정을 다르게 적으세요.",
                     "Leave one of them out, or give them other settings, say sampling."),
            )  # fmt: skip


def engine_for(card: CandidateCard | JudgeCard, settings: Settings) -> str:
    """Return the engine a card runs on: all run on a fake one, else the card's, else the run's.

    Ray only decides where: what it holds is named, so a run can go on without it.
    """
    kind = settings.ray_engine if settings.engine == "ray" else settings.engine
    if kind == "fake":
        return "fake"
    return card.engine or kind


def placement_for(settings: Settings) -> Placement | None:
    """Return the Ray workers that the settings ask for; None without Ray."""
    if settings.engine != "ray":
        return None
    return Placement(settings.workers, settings.num_gpus_per_worker)


def _with_max_tokens(card: CandidateCard, max_tokens: int) -> CandidateCard:
    sampling = card.sampling.model_copy(update={"max_tokens": max_tokens})
    return card.model_copy(update={"sampling": sampling})
