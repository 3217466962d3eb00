"""What the workspace asks for, and what a run remembers of having been asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kojudge.errors import ConfigError
from kojudge.selection import Asked, Memory, ask, engine_for
from kojudge.workspace import Workspace

from .building import asked, candidate, judge


class TestMemory:
    def test_a_flag_that_is_not_given_changes_nothing(self) -> None:
        before = Memory("tiny", {"samples": 2}, {"judges": ("a",)})
        after = before.later(None, {"samples": None, "engine": None}, {"judges": ()})
        assert after.profile == "tiny"
        assert after.overrides == {"samples": 2}
        assert after.added["judges"] == ("a",)

    def test_the_last_value_of_a_flag_counts(self) -> None:
        memory = Memory().later(None, {"samples": 2}, {}).later(None, {"samples": 3}, {})
        assert memory.overrides == {"samples": 3}

    def test_names_add_up_each_once(self) -> None:
        memory = Memory().later(None, {}, {"candidates": ("a", "b")})
        assert memory.later(None, {}, {"candidates": ("b", "c")}).added["candidates"] == (
            "a", "b", "c",
        )  # fmt: skip

    def test_the_profile_can_be_changed(self) -> None:
        assert Memory("tiny").later("large", {}, {}).profile == "large"

    @pytest.mark.parametrize(
        "memory",
        [Memory(), Memory("tiny"), Memory("tiny", {"samples": 2}, {"judges": ("a", "b")})],
    )
    def test_a_manifest_keeps_it(self, memory: Memory) -> None:
        back = Memory.from_manifest({"asked": memory.to_manifest()})
        assert back.to_manifest() == memory.to_manifest()

    def test_a_manifest_that_says_nothing_is_an_empty_memory(self) -> None:
        assert Memory.from_manifest({"schema": "kojudge.run/1"}) == Memory()


class TestAsk:
    @pytest.fixture
    def space(self, workspace: Path) -> Workspace:
        return Workspace(workspace)

    def names(self, of: Asked) -> list[str]:
        return [card.name for card in of.candidates]

    def test_it_loads_all_that_the_settings_name(self, space: Workspace) -> None:
        of = ask(space, Memory())
        assert self.names(of) == ["fake-plain", "fake-warm", "fake-stiff"]
        assert [card.name for card in of.judges] == ["fake-judge"]
        assert len(of.prompts) == 48
        assert {rubric.mode for rubric in of.rubrics} == {"pointwise", "pairwise"}

    def test_added_names_come_after_those_of_the_settings(self, space: Workspace) -> None:
        of = ask(space, Memory(added={"rubrics": ["naturalness-en", "naturalness"]}))
        assert [rubric.name for rubric in of.rubrics][-2:] == [
            "friendliness-pairwise", "naturalness-en",
        ]  # fmt: skip

    def test_another_baseline_leaves_the_settings_own_among_the_candidates(
        self, space: Workspace
    ) -> None:
        of = ask(space, Memory(overrides={"baseline": "fake-stiff"}))
        assert of.settings.baseline == "fake-stiff"
        assert self.names(of) == ["fake-stiff", "fake-warm", "fake-plain"]

    def test_a_name_of_imported_texts_needs_no_card(self, space: Workspace) -> None:
        memory = Memory(overrides={"baseline": "theirs"})
        assert self.names(ask(space, memory, ["theirs"])) == [
            "fake-warm", "fake-stiff", "fake-plain",
        ]  # fmt: skip
        with pytest.raises(ConfigError, match="no card `theirs`"):
            ask(space, memory)

    @pytest.mark.parametrize("folder", ["candidates", "judge"])
    def test_one_model_under_two_names_is_refused(self, space: Workspace, folder: str) -> None:
        source = {"candidates": "fake-plain", "judge": "fake-judge"}[folder]
        card = (space.root / folder / f"{source}.yaml").read_text(encoding="utf-8")
        twin = space.root / folder / "twin.yaml"
        twin.write_text(card.replace(source, "twin"), encoding="utf-8")
        key = "candidates" if folder == "candidates" else "judges"
        with pytest.raises(ConfigError, match=rf"'{source}' and 'twin' are one model"):
            ask(space, Memory(added={key: ["twin"]}))

    def test_max_tokens_bounds_every_candidate(self, space: Workspace) -> None:
        of = ask(space, Memory(overrides={"max_tokens": 17}))
        assert {card.sampling.max_tokens for card in of.candidates} == {17}


@pytest.mark.parametrize(
    ("engine_of_the_run", "engine_of_the_card", "runs_on"),
    [
        ("transformers", None, "transformers"),
        ("transformers", "vllm", "vllm"),
        ("transformers", "fake", "fake"),
        ("fake", None, "fake"),
        ("fake", "vllm", "fake"),
    ],
)
def test_a_card_chooses_its_engine_unless_the_run_is_a_fake(
    engine_of_the_run: str, engine_of_the_card: str | None, runs_on: str
) -> None:
    settings = asked(engine=engine_of_the_run).settings
    more: dict[str, Any] = {} if engine_of_the_card is None else {"engine": engine_of_the_card}
    assert engine_for(candidate("a", **more), settings) == runs_on
    if more:
        assert engine_for(judge("a", **more), settings) == runs_on
