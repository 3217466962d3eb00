"""A hub to publish to, on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kojudge.publish import Published, read_source
from kojudge.publish.space import publish_to_space

from .hub import Hub, hub_on_loopback
from .runs import CRITERIA, TEMPLATES

TOKEN = "hf_not_a_real_token"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """An empty Space on a hub of this machine, which the hub's library speaks to."""
    api = pytest.importorskip("huggingface_hub.hf_api")
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with hub_on_loopback() as found:
        # The library reads HF_ENDPOINT once, when it is imported: it may be imported already.
        monkeypatch.setattr(
            "kojudge.publish.hub.open_api", lambda: api.HfApi(endpoint=found.endpoint)
        )
        yield found


def publish(*runs: Path, private: bool = False) -> Published:
    """Publish runs to the Space of the hub."""
    sources = [read_source(run, CRITERIA) for run in runs]
    return publish_to_space("org/site", sources, TEMPLATES, "ko", private=private)
