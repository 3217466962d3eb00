"""``kojudge publish``: from a run's report to a site."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kojudge.store.run import Run

from .outcome import Call


@pytest.fixture
def reported(scored: Run, call: Call) -> Run:
    assert call("report").code == 0
    return scored


def test_the_run_becomes_a_site(reported: Run, call: Call, tmp_path: Path) -> None:
    site = tmp_path / "site"
    done = call("publish", "--to", str(site), "--json")
    assert (done.code, done.json["schema"], done.json["runs"]) == (0, "kojudge.publish/1", 1)
    (slug,) = done.json["added"]
    assert f"{site / 'index.html'} · 1 run" in done.err
    there = site / "runs" / slug
    own = Path(reported.path)
    assert (there / "results.json").read_bytes() == (own / "results.json").read_bytes()
    report = (there / "report.html").read_text(encoding="utf-8")
    assert 'href="results.json"' in report
    kept = [
        line for line in report.splitlines() if line in (own / "report.html").read_text("utf-8")
    ]
    assert len(report.splitlines()) - len(kept) <= 3  # nothing else differs
    page = (site / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    assert ">naturalness</td>" in page
    assert ">자연스러움</td>" in (site / "index.ko.html").read_text(encoding="utf-8")
    feed = json.loads((site / "feed.json").read_text(encoding="utf-8"))
    assert {row["candidate"] for row in feed["runs"][0]["comparisons"]} == {
        "fake-warm", "fake-stiff",
    }  # fmt: skip


def test_again_replaces_it_and_the_index_can_speak_korean(
    reported: Run, call: Call, tmp_path: Path
) -> None:
    site = str(tmp_path / "site")
    call("publish", "--to", site)
    done = call("publish", "--run", reported.path, "--to", site, "--lang", "ko", "--json")
    assert (done.json["added"], len(done.json["replaced"]), done.json["runs"]) == ([], 1, 1)
    assert "replaced" in done.err
    assert '<html lang="ko">' in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


def test_before_the_report_it_says_to_make_one(scored: Run, call: Call, tmp_path: Path) -> None:
    done = call("publish", "--to", str(tmp_path / "site"), lang="ko")
    assert done.code == 2
    assert "먼저 `kojudge report --run" in done.err
    assert not (tmp_path / "site").exists()


def test_a_broken_earlier_run_is_a_warning(reported: Run, call: Call, tmp_path: Path) -> None:
    site = tmp_path / "site"
    broken = site / "runs" / "gone-000000"
    broken.mkdir(parents=True)
    (broken / "run.json").write_text("{", encoding="utf-8")
    done = call("publish", "--to", str(site), "--json")
    assert (done.code, done.json["runs"], len(done.json["warnings"])) == (0, 1, 1)
    assert "⚠" in done.err
    assert "gone-000000" in done.err


def test_an_address_it_cannot_publish_to_is_refused(
    reported: Run, call: Call, tmp_path: Path
) -> None:
    done = call("publish", "--to", "s3://bucket/site")
    assert done.code == 2
    assert "hf://spaces/ORG/NAME" in done.err
