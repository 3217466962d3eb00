"""A site in a folder: it grows run by run, and one broken run takes nothing else with it."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as Xml

import pytest

from kojudge.errors import ConfigError, Language, StoreError
from kojudge.publish import Published, publish_to_folder, read_source
from kojudge.store import manifest
from kojudge.store.run import Run

from .runs import CRITERIA, TEMPLATES, comparison, make_imported, make_run, results, text

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
        assert (there / "results.json").read_bytes() == (run / "results.json").read_bytes()
        assert "<p>night-train</p>" in (there / "report.html").read_text(encoding="utf-8")
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

    def test_imported_runs_of_one_name_stand_beside_each_other(self, tmp_path: Path) -> None:
        site = tmp_path / "site"
        one, other = (make_imported(tmp_path / folder, "main") for folder in ("a", "b"))
        assert publish(site, one, other).runs == 2
        again = publish(site, one, other)
        assert (again.added, len(again.replaced), again.runs) == ((), 2, 2)

    def test_an_imported_run_replaces_itself_however_it_grew_since(self, tmp_path: Path) -> None:
        site, path = tmp_path / "site", make_imported(tmp_path, "main")
        (slug,) = publish(site, path).added
        run = Run.open(path)
        run.append_texts([text("second", 1)])
        run.compact()
        (path / "results.json").write_text(json.dumps(results(labels={})), encoding="utf-8")
        assert publish(site, path).replaced == (slug,)
        manifest.update(path, lambda content: content.update(commands=[
            {"command": "score", "started": datetime.now(UTC).isoformat()}]))  # fmt: skip
        assert publish(site, shutil.copytree(path, tmp_path / "elsewhere" / "main")).runs == 1

    def test_an_imported_run_is_dated_by_its_first_import(self, tmp_path: Path) -> None:
        path = make_imported(tmp_path, "main")
        (part,) = (path / "texts").iterdir()
        part.rename(part.with_name(f"part-{1_793_696_400 * 10**9:020d}-0123abcd.parquet"))
        publish(tmp_path / "site", path)
        assert feed(tmp_path / "site")["runs"][0]["date"] == "2026-11-03T09:00:00+00:00"

    def test_reports_without_a_run_are_told_apart_by_what_they_say(self, tmp_path: Path) -> None:
        alone = []
        for folder, delta in (("a", 0.1), ("b", 0.2)):
            alone.append(make_run(tmp_path / folder, "main", 3, comparison(delta=delta)))
            (alone[-1] / "manifest.json").unlink()
        assert publish(tmp_path / "site", *alone).runs == 2
        assert publish(tmp_path / "site", *alone).runs == 2

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


PAGE = """<!doctype html><html lang="{language}">
<head><!-- <main> comes below --><style>main::before {{ content: "<main>" }}</style></head>
<body><header>{name}</header>
<main
  class="all"><section>{name}</section></main></body></html>"""


class TestReport:
    """A published report links its data."""

    def published(self, folder: Path, page: str) -> tuple[Path, str]:
        run = make_run(folder, "main", 3)
        (run / "report.html").write_text(page, encoding="utf-8", newline="")
        (slug,) = publish(folder / "site", run).added
        there = folder / "site" / "runs" / slug
        return there, (there / "report.html").read_bytes().decode()

    @pytest.mark.parametrize(
        ("language", "words"), [("ko", "이 보고서의 자료"), ("en", "The data of this report")]
    )
    def test_it_links_the_files_beside_it_and_the_way_back(
        self, language: str, words: str, tmp_path: Path
    ) -> None:
        there, page = self.published(tmp_path, PAGE.format(language=language, name="x"))
        links = Links(page).found
        assert links == ["results.json", "comparisons.csv", "../../index.html"]
        assert all((there / link).is_file() for link in links)
        assert f'class="all">\n<p class="meta">{words}: <a href="results.json">' in page

    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    @pytest.mark.parametrize("name", ["짧은 이름", "긴 글 " * 40_000])
    def test_all_else_stays_as_it_was(self, name: str, newline: str, tmp_path: Path) -> None:
        page = PAGE.format(language="ko", name=name).replace("\n", newline)
        _, found = self.published(tmp_path, page)
        added = re.findall(r'\n<p class="meta">[^\n]*?</p>', found)
        assert len(added) == 1
        assert found.replace(added[0], "") == page

    def test_a_page_of_an_own_template_without_main_ends_with_them(self, tmp_path: Path) -> None:
        _, page = self.published(tmp_path, "<p>mine")
        assert page.startswith("<p>mine\n<p class=")

    def test_one_that_was_published_before_is_not_linked_twice(self, tmp_path: Path) -> None:
        there, page = self.published(tmp_path, PAGE.format(language="ko", name="x"))
        (slug,) = publish(tmp_path / "mirror", there).added
        again = tmp_path / "mirror" / "runs" / slug / "report.html"
        assert again.read_bytes().decode() == page


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

    def test_results_of_another_version_may_lack_what_is_not_always_there(
        self, tmp_path: Path
    ) -> None:
        run = make_run(tmp_path, "plain", 2)
        content = json.loads((run / "results.json").read_text(encoding="utf-8"))
        for key in ("labels", "panel", "scale"):
            del content[key]
        for row in content["comparisons"]:
            for key in ("se", "p_value", "effect_size", "n_samples", "ci_kind"):
                del row[key]
        (run / "results.json").write_text(json.dumps(content), encoding="utf-8")
        done = publish(tmp_path / "site", run)
        assert (done.runs, done.warnings) == (1, ())
        assert "사람 평가 없음" in pages(tmp_path / "site")[1]

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
