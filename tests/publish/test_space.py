"""A Hugging Face Space, against a stand-in that records what it is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kojudge.errors import ConfigError, UnavailableError
from kojudge.publish import read_source
from kojudge.publish.space import publish_to_space, space_of

from .conftest import TOKEN, publish
from .hub import REVISION, Hub
from .runs import CRITERIA, TEMPLATES, make_run

COMMIT = "/api/spaces/org/site/commit/main"


def sent(hub: Hub) -> list[str]:
    lines = map(json.loads, hub.body(COMMIT).splitlines())
    return sorted(line["value"]["path"] for line in lines if line["key"] == "file")


def test_a_new_space_gets_its_card_and_the_whole_site(hub: Hub, tmp_path: Path) -> None:
    (slug,) = publish(make_run(tmp_path, "main", 3)).added
    asked = json.loads(hub.body("/api/repos/create"))
    assert (asked["type"], asked["sdk"], asked["organization"]) == ("space", "static", "org")
    assert asked.get("private") is not True
    assert sent(hub) == sorted([
        "README.md", "feed.json", "feed.xml", "index.en.html", "index.html",
        *(f"runs/{slug}/{name}"
          for name in ("comparisons.csv", "report.html", "results.json", "run.json")),
    ])  # fmt: skip
    card = hub.files["README.md"].decode()
    assert card.startswith("---\n")
    assert '\nsdk: "static"\n' in card
    assert hub.tokens <= {f"Bearer {TOKEN}", ""}


def test_a_new_space_can_be_private(hub: Hub, tmp_path: Path) -> None:
    publish(make_run(tmp_path, "main", 3), private=True)
    asked = json.loads(hub.body("/api/repos/create"))
    assert asked.get("private") is True or asked.get("visibility") == "private"


def test_earlier_runs_stay_in_the_index_and_are_not_sent_again(hub: Hub, tmp_path: Path) -> None:
    (old,) = publish(make_run(tmp_path, "old", 3)).added
    hub.files["README.md"] = b"---\nsdk: static\n---\nour own words"
    hub.asked.clear()
    done = publish(make_run(tmp_path, "new", 5))
    assert done.runs == 2
    feed = json.loads(hub.files["feed.json"])
    assert [run["name"] for run in feed["runs"]] == ["old", "new"]
    assert not [path for path in sent(hub) if old in path]
    assert hub.files["README.md"].endswith(b"our own words")
    assert f"runs/{old}/report.html" in hub.files
    assert not [path for path in hub.paths("GET") if path.endswith("report.html")]


def test_the_commit_names_the_revision_it_was_made_from(hub: Hub, tmp_path: Path) -> None:
    publish(make_run(tmp_path, "main", 3))
    head = json.loads(hub.body(COMMIT).splitlines()[0])
    assert head["value"]["parentCommit"] == REVISION
    assert head["value"]["summary"].startswith("Publish main-")


def test_the_page_of_a_new_static_space_is_replaced_but_no_other(hub: Hub, tmp_path: Path) -> None:
    run = make_run(tmp_path, "main", 3)
    hub.files["index.html"] = b"<h1>Welcome to your static Space!</h1>"
    publish(run)
    assert b"kojudge" in hub.files["index.html"]
    hub.files["index.html"] = b"<h1>My gallery</h1>"
    with pytest.raises(ConfigError, match="did not write"):
        publish(run)
    assert hub.files["index.html"] == b"<h1>My gallery</h1>"


def test_a_space_of_another_kind_is_refused(hub: Hub, tmp_path: Path) -> None:
    hub.sdk = "gradio"
    with pytest.raises(ConfigError, match="not static"):
        publish(make_run(tmp_path, "main", 3))
    assert COMMIT not in hub.paths("POST")


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/api/", 401, "does not let you publish"),
        ("/api/", 403, "HF_TOKEN"),
        (COMMIT, 403, "may write to org/site"),
        (COMMIT, 412, "changed meanwhile"),
        (COMMIT, 400, "Could not publish"),
    ],
)
def test_what_the_hub_refuses_becomes_a_next_step(
    path: str, status: int, message: str, hub: Hub, tmp_path: Path
) -> None:
    hub.refuse[path] = status
    with pytest.raises(UnavailableError, match=message) as caught:
        publish(make_run(tmp_path, "main", 3))
    assert TOKEN not in str(caught.value)
    assert caught.value.exit_code == 4


def test_offline_it_says_so(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "is_offline_mode", lambda: True, raising=False)
    with pytest.raises(UnavailableError, match="HF_HUB_OFFLINE"):
        publish(make_run(tmp_path, "main", 3))


def test_without_the_library_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = read_source(make_run(tmp_path, "main", 3), CRITERIA)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(UnavailableError, match="kojudge\\[local\\]"):
        publish_to_space("org/site", [source], TEMPLATES, "ko")


def test_the_command_publishes_to_the_endpoint_of_the_environment(hub: Hub, tmp_path: Path) -> None:
    run = make_run(tmp_path, "main", 3)
    environment = os.environ | {
        "HF_ENDPOINT": hub.endpoint, "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "0",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "kojudge", "--lang", "en", "publish", "--run", str(run),
         "--to", "hf://spaces/org/site"],
        capture_output=True, text=True, env=environment, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "hf://spaces/org/site · 1 run"
    assert TOKEN not in done.stdout + done.stderr
    assert "index.html" in sent(hub)


@pytest.mark.parametrize("target", ["hf://spaces/org/site", "hf://spaces/org/site/"])
def test_a_space_is_named_by_its_address(target: str) -> None:
    assert space_of(target) == "org/site"


@pytest.mark.parametrize(
    "target",
    ["hf://org/site", "hf://spaces/org", "hf://datasets/org/site", "s3://bucket/site",
     "hf://spaces/org/site/deeper"],
)  # fmt: skip
def test_no_other_address_is_taken(target: str) -> None:
    with pytest.raises(ConfigError, match="hf://spaces/ORG/NAME"):
        space_of(target)
