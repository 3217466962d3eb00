"""A judge behind a server of typed decisions, from the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from engines.remote.decider import Decider, answered, decider
from kojudge.audit.texts import load_sources
from kojudge.certify import chosen_sources
from kojudge.engines.fenced import fenced_texts
from kojudge.records import identity
from kojudge.store.run import Run

from .conftest import PAIRS, TEXTS, edit
from .outcome import Call
from .test_audit import SHIPPED, certificates, put_texts

CARD = """\
name: {name}
source: {{hub: autotrust/JEV-9B}}
engine: systemone
server: {{url: "{url}", retries: 0}}
"""


def by_warmth(state: str, question: Mapping[str, Any]) -> list[float]:
    """Lean by the words of the texts, with a little that is each text's own."""
    own = int(identity(["own", state])[:4], 16) / 65536
    warm = [len(re.findall("요[.?!]", text)) + own for text in fenced_texts(state)]
    if question["type"] == "choice" and len(warm) > 1:
        return [1 + warm[-2], 1 + warm[-1], 0.5]
    count = len(question["criteria"])
    return [1 + warm[-1] * at / count for at in range(count)]


@pytest.fixture
def add_judge(workspace: Path) -> Iterator[Callable[..., Decider]]:
    """Serve a decision model and write its card."""
    with ExitStack() as stack:

        def add(name: str = "jev") -> Decider:
            seen = stack.enter_context(decider(lambda body: answered(body, by_warmth)))
            card = CARD.format(name=name, url=seen.url)
            (workspace / "judge" / f"{name}.yaml").write_text(card, encoding="utf-8")
            return seen

        yield add


class TestScore:
    def test_every_judgment_is_scored_and_no_mass_is_made_up(
        self, workspace: Path, call: Call, add_judge: Callable[..., Decider]
    ) -> None:
        seen = add_judge()
        edit(workspace / "kojudge.toml", '["fake-judge"]', '["jev"]')
        edit(workspace / "kojudge.toml", 'engine = "fake"', 'engine = "transformers"')
        for card in (workspace / "candidates").glob("*.yaml"):
            assert "engine: fake" in card.read_text(encoding="utf-8")
        assert call("generate").code == 0
        done = call("score", "--json")
        assert (done.code, done.json["scored"], done.json["failed"]) == (0, TEXTS + 2 * PAIRS, 0)
        run = Run.open(done.json["run"])
        outcomes = [judgment.outcome for judgment in run.judgments()]
        assert {(o.method, o.mass) for o in outcomes} == {("expected", None)}  # type: ignore[union-attr]
        assert {body["model"] for body in seen.asked} == {"autotrust/JEV-9B"}
        assert call("report").code == 0


class TestCertificate:
    @pytest.fixture(autouse=True)
    def _few_texts(self, workspace: Path) -> None:
        put_texts(workspace, chosen_sources(load_sources(SHIPPED), quick=True)[::4])
        edit(workspace / "kojudge.toml", 'engine = "fake"', 'engine = "transformers"')

    def test_it_is_one_of_its_own(
        self, workspace: Path, call: Call, add_judge: Callable[..., Decider]
    ) -> None:
        add_judge()
        own = call("audit", "--judge", "jev", "--rubric", "naturalness", "--json")
        assert (own.code, own.json["failed"]) == (0, 0)
        (path,) = certificates(workspace, "jev")
        assert json.loads(path.read_text(encoding="utf-8")) == own.json["certificate"]
        told = json.loads((path.parent / "manifest.json").read_text(encoding="utf-8"))
        engine = told["commands"][-1]["engines"]["jev"]
        assert (engine["engine"], engine["mass"]) == ("systemone", "not measured")

    def test_the_same_weights_on_another_engine_are_another_judge(
        self, workspace: Path, call: Call, add_judge: Callable[..., Decider]
    ) -> None:
        add_judge()
        card = (workspace / "judge" / "jev.yaml").read_text(encoding="utf-8")
        twin = card.replace("name: jev", "name: twin").replace("systemone", "openai")
        (workspace / "judge" / "twin.yaml").write_text(twin, encoding="utf-8")
        own = call("audit", "--judge", "jev", "--rubric", "naturalness", "--json").json
        other = call("audit", "--judge", "twin", "--rubric", "naturalness", "--dry-run", "--json")
        assert own["stored"] == own["questions"]
        assert (other.code, other.json["stored"]) == (0, 0)
        assert other.json["certificate"] is None

    def test_no_legal_mass_is_shown_that_nobody_measured(
        self, call: Call, add_judge: Callable[..., Decider]
    ) -> None:
        add_judge()
        own = call("audit", "--judge", "jev", "--rubric", "naturalness", "--json")
        (entry,) = own.json["certificate"]["entries"]
        assert (entry["mass"]["mean"]["value"], entry["mass"]["least"]) == (None, None)
        assert "nan" not in own.err
