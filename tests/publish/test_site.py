"""A site in a folder: it grows run by run, and one broken run takes nothing else with it."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as Xml

import pytest

from kojudge.errors import ConfigError, Language, StoreError
from kojudge.publish import Published, publish_to_folder, read_source

from .runs import CRITERIA, TEMPLATES, comparison, make_run, results

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def publish(site: Path, *runs: Path, language: Language = "ko") -> Published:
    return publish_to_folder(
        site, [read_source(run, CRITERIA) for run in runs], TEMPLATES, language
    )


def feed(site: Path) -> Any:
    return json.loads((site / "feed.json").read_text(encoding="utf-8"))


def names(site: Path) -> list[str]:
    return [run["name"] for run in feed(site)["runs"]]


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [value or "" for name, value in attrs if name in {"href", "src"}]


def pages(site: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(site.glob("index*.html"))]


class TestGrowing:
    def test_a_run_lies_there_with_its_page_and_its_data(self, tmp_path: Path) -> None:
        run = make_run(tmp_path, "night-train", 3)
        site = tmp_path / "site"
        (slug,) = publish(site, run).added
        assert re.fullmatch("night-train-[0-9a-f]{6}", slug)
        there = site / "runs" / slug
        for name in ("report.html", "results.json"):
            assert (there / name).read_bytes() == (run / name).read_bytes()
        rows = csv.DictReader(
            io.StringIO((there / "comparisons.csv").read_bytes().decode("utf-8-sig"))
        )
        assert [row["candidate"] for row in rows] == ["mine"]

    def test_earlier_runs_stay_and_stand_in_order_of_time(self, tmp_path: Path) -> None:
        site = tmp_path / "site"
        publish(site, make_run(tmp_path, "second", 9))
        first = {p: p.read_bytes() for p in (site / "runs").rglob("*") if p.is_file()}
        done = publish(site, make_run(tmp_path, "first", 2), make_run(tmp_path, "third", 20))
        assert (len(done.added), done.replaced, done.runs) == (2, (), 3)
        assert names(site) == ["first", "second", "third"]
        assert {p: p.read_bytes() for p in first} == first

    def test_the_same_run_again_replaces_itself(self, tmp_path: Path) -> None:
        site, run = tmp_path / "site", make_run(tmp_path, "main", 3)
        publish(site, run)
        better = results(comparison(delta=0.4))
        (run / "results.json").write_text(json.dumps(better), encoding="utf-8")
        done = publish(site, run)
        assert (done.added, len(done.replaced), done.runs) == ((), 1, 1)
        assert feed(site)["runs"][0]["comparisons"][0]["delta"] == 0.4

    def test_a_later_run_of_the_same_name_stands_beside_it(self, tmp_path: Path) -> None:
        site = tmp_path / "site"
        publish(site, make_run(tmp_path / "monday", "main", 2))
        assert publish(site, make_run(tmp_path / "friday", "main", 6)).runs == 2

    def test_publishing_twice_gives_the_same_bytes(self, tmp_path: Path) -> None:
        run = make_run(tmp_path, "main", 3)
        for name in ("one", "two"):
            publish(tmp_path / name, run)
        one, two = (
            {p.relative_to(tmp_path / n): p.read_bytes()
             for p in (tmp_path / n).rglob("*") if p.is_file()}
            for n in ("one", "two")
        )  # fmt: skip
        assert one == two

    def test_a_site_that_changes_its_language_leaves_no_stale_page(self, tmp_path: Path) -> None:
        site, run = tmp_path / "site", make_run(tmp_path, "main", 3)
        publish(site, run)
        publish(site, run, language="en")
        assert sorted(p.name for p in site.glob("*.html")) == ["index.html", "index.ko.html"]
        assert '<html lang="en">' in (site / "index.html").read_text(encoding="utf-8")


class TestBrokenRuns:
    @pytest.mark.parametrize("file", ["results.json", "run.json"])
    @pytest.mark.parametrize("content", [None, b"{", b"\xff", b"[]", b'{"schema": 1}'])
    def test_one_is_told_of_and_left_out_and_the_others_stay(
        self, file: str, content: bytes | None, tmp_path: Path
    ) -> None:
        site = tmp_path / "site"
        (slug,) = publish(site, make_run(tmp_path, "broken", 2)).added
        publish(site, make_run(tmp_path, "whole", 3))
        victim = site / "runs" / slug / file
        if content is None:
            victim.unlink()
        else:
            victim.write_bytes(content)
        done = publish(site, make_run(tmp_path, "new", 4))
        (warning,) = done.warnings
        assert slug in warning.ko
        assert slug in warning.en
        assert (names(site), feed(site)["unreadable"]) == (["whole", "new"], [slug])
        assert (site / "runs" / slug / "report.html").is_file()
        assert all(f"runs/{slug}" in page for page in pages(site))

    def test_publishing_it_again_heals_it(self, tmp_path: Path) -> None:
        site, run = tmp_path / "site", make_run(tmp_path, "main", 2)
        (slug,) = publish(site, run).added
        (site / "runs" / slug / "results.json").write_bytes(b"{")
        done = publish(site, run)
        assert (done.runs, done.warnings) == (1, ())

    def test_a_kill_between_two_files_leaves_the_old_index_and_no_half_run(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        site = tmp_path / "site"
        publish(site, make_run(tmp_path, "old", 2))
        index = (site / "index.html").read_bytes()

        def killed(results: object) -> bytes:
            raise KeyboardInterrupt

        new = make_run(tmp_path, "new", 3)
        with monkeypatch.context() as patch:
            patch.setattr("kojudge.publish.entry.comparisons_csv", killed)
            with pytest.raises(KeyboardInterrupt):
                publish(site, new)
        assert (site / "index.html").read_bytes() == index
        assert not [p for p in site.rglob("*") if p.name.endswith(".tmp")]
        assert publish(site, new).warnings == ()
        assert names(site) == ["old", "new"]


class TestRefusing:
    @pytest.mark.parametrize("missing", ["report.html", "results.json"])
    def test_a_run_without_its_report_names_the_command(self, missing: str, tmp_path: Path) -> None:
        run = make_run(tmp_path, "main", 3)
        (run / missing).unlink()
        with pytest.raises(StoreError, match="kojudge report --run") as caught:
            read_source(run, CRITERIA)
        assert missing in caught.value.message.ko

    def test_broken_results_of_its_own_are_refused(self, tmp_path: Path) -> None:
        run = make_run(tmp_path, "main", 3)
        (run / "results.json").write_text("{", encoding="utf-8")
        with pytest.raises(StoreError, match="cannot be read"):
            read_source(run, CRITERIA)

    def test_somebody_elses_index_is_left_alone(self, tmp_path: Path) -> None:
        site = tmp_path / "docs"
        site.mkdir()
        (site / "index.html").write_text("<p>mine", encoding="utf-8")
        with pytest.raises(ConfigError, match="did not write"):
            publish(site, make_run(tmp_path, "main", 3))
        assert sorted(p.name for p in site.iterdir() if p.name[0] != ".") == ["index.html"]
        assert (site / "index.html").read_text(encoding="utf-8") == "<p>mine"


HOSTILE = '</style><script>alert(1)</script>"\u202e\u3164'


class TestPage:
    @pytest.fixture
    def site(self, tmp_path: Path) -> Path:
        """Three checkpoints, the first with a withheld verdict, and a hostile run."""
        runs = [
            make_run(tmp_path, f"step-{n}", 2 + n, comparison(delta=n / 10, withheld=n == 0))
            for n in range(3)
        ]
        hostile = make_run(tmp_path, "h", 9, comparison(HOSTILE, criterion=HOSTILE))
        renamed = hostile.rename(tmp_path / "a <b>&' run")
        publish(tmp_path / "site", *runs, renamed)
        return tmp_path / "site"

    def test_every_link_is_relative_and_leads_somewhere(self, site: Path) -> None:
        for html in pages(site):
            for link in Links(html).found:
                if link.startswith("#"):
                    assert f'id="{link[1:]}"' in html
                elif link != "data:,":
                    assert not re.match("[a-z]+:|/", link)
                    assert (site / unquote(link)).is_file(), link

    def test_there_is_no_script_and_the_policy_allows_none(self, site: Path) -> None:
        for html in pages(site):
            assert "script" not in Links(html).tags
            policy = re.search('Content-Security-Policy" content="([^"]+)"', html)
            assert policy is not None
            assert policy[1].startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
            assert "script-src" not in policy[1]
            assert "style=" not in html

    def test_hostile_names_show_literally(self, site: Path) -> None:
        for html in pages(site):
            assert "&lt;script&gt;alert(1)" in html
            assert "⟦U+202E⟧⟦U+3164⟧" in html
            assert "\u202e" not in html
            assert "<b>" not in html

    def test_both_languages_say_the_same_figures(self, site: Path) -> None:
        korean, english = (
            re.findall(r"[+-]\d\.\d\d", page) for page in (pages(site)[1], pages(site)[0])
        )
        assert '<html lang="ko">' in pages(site)[1]
        assert '<html lang="en">' in pages(site)[0]
        assert sorted(korean) == sorted(english)
        assert "+0.20" in korean

    def test_each_chart_has_a_title_a_description_and_a_table(self, site: Path) -> None:
        html = pages(site)[1]
        charts = re.findall(r"<figure.*?</figure>", html, re.DOTALL)
        assert len(charts) == 1
        assert "기준 모델과의 차이 gemma-2-2b-it: mine, 자연스러움" in charts[0]
        assert "2026-11-04 step-2, mine: +0.20 [+0.06, +0.14], 더 나음." in charts[0]
        assert charts[0].count("<tr") == 1 + 3
        assert charts[0].count("<circle") == 3
        assert charts[0].count('class="mark withheld"') == 1

    def test_a_judge_too_small_and_missing_labels_are_marked(self, tmp_path: Path) -> None:
        judges = [{"name": "tiny", "grade": "unaudited", "too_small": True, "grades": []}]
        publish(tmp_path / "s", make_run(tmp_path, "demo", 2, judges=judges))
        assert "심사 모델이 너무 작음" in pages(tmp_path / "s")[1]
        assert "No human labels" in pages(tmp_path / "s")[0]

    def test_an_own_style_sheet_cannot_leave_its_element(self, tmp_path: Path) -> None:
        templates = tmp_path / "reports"
        shutil.copytree(TEMPLATES, templates)
        (templates / "site.css").write_text("</style><p>", encoding="utf-8")
        source = read_source(make_run(tmp_path, "main", 3), CRITERIA)
        with pytest.raises(ConfigError, match=r"site\.css"):
            publish_to_folder(tmp_path / "site", [source], templates, "ko")


class TestFeeds:
    def test_feed_json_carries_every_overall_verdict_with_its_judges_grade(
        self, tmp_path: Path
    ) -> None:
        rows = (comparison(), comparison(slice="blog"), comparison("other", withheld=True))
        publish(tmp_path / "site", make_run(tmp_path, "main", 3, *rows))
        content = feed(tmp_path / "site")
        (run,) = content["runs"]
        assert content["schema"] == "kojudge.site/1"
        assert run["date"] == "2026-11-03T09:00:00+00:00"
        assert [(r["candidate"], r["withheld"]) for r in run["comparisons"]] == [
            ("mine", False), ("other", True),
        ]  # fmt: skip
        assert {r["judge_grade"] for r in run["comparisons"]} == {"provisional"}
        for key in ("report", "results", "csv"):
            assert (tmp_path / "site" / run[key]).is_file()

    def test_the_atom_feed_is_valid_and_newest_first(self, tmp_path: Path) -> None:
        site = tmp_path / "site"
        hostile = comparison("a\x00\u202e<b>")
        publish(site, make_run(tmp_path, "old", 2), make_run(tmp_path, "new", 5, hostile))
        root = Xml.fromstring((site / "feed.xml").read_bytes())
        assert [t.text for t in root.findall("a:entry/a:title", ATOM)] == ["new", "old"]
        assert root.findtext("a:updated", namespaces=ATOM) == "2026-11-05T09:00:00Z"
        assert root.findtext("a:author/a:name", namespaces=ATOM) == "kojudge"
        ids = [e.text or "" for e in root.iter("{http://www.w3.org/2005/Atom}id")]
        assert len(set(ids)) == 3
        assert all(one.startswith("urn:uuid:") for one in ids)
        summary = root.findtext("a:entry/a:summary", namespaces=ATOM) or ""
        assert "[자연스러움] a⟦U+0000⟧⟦U+202E⟧<b> ↔ 기준 모델 gemma-2-2b-it: 더 나음." in summary
        for link in root.iter("{http://www.w3.org/2005/Atom}link"):
            assert (site / link.attrib["href"]).is_file()
