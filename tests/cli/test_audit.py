"""``kojudge audit``: a judge's certificate, and what the report makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from kojudge.audit.kinds import DIRECTIONS
from kojudge.audit.texts import Source, load_sources
from kojudge.certify import audit_questions, chosen_sources
from kojudge.engines.simulated import quality_key
from kojudge.errors import Language
from kojudge.records import Label
from kojudge.report.wording import GRADES
from kojudge.rubrics import load_rubric, neutralise
from kojudge.store.run import Run

from .conftest import edit
from .outcome import Call

SHIPPED = Path(__file__).resolve().parents[2] / "judge" / "audit"
FEW = 3
ASKED = FEW * (1 + 1 + 17 + 5 * 2) + FEW * (17 * 2 + 2 * 2 * 2)
"""Alone: an original twice, its items, attacks with and without defence. Pairs: both orders."""


@pytest.fixture(scope="session")
def chosen() -> tuple[Source, ...]:
    """Twelve of the shipped sources."""
    return chosen_sources(load_sources(SHIPPED), quick=True)


def put_texts(workspace: Path, sources: tuple[Source, ...]) -> Path:
    """Write the lines of ``sources``, as they are shipped, into the audit set."""
    folder = workspace / "judge" / "audit"
    folder.mkdir()
    names = {source.source_id for source in sources}
    for file in SHIPPED.glob("*.jsonl"):
        lines = file.read_text(encoding="utf-8").splitlines()
        own = [line for line in lines if json.loads(line)["source_id"] in names]
        (folder / file.name).write_text("\n".join(own) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def texts(workspace: Path, chosen: tuple[Source, ...]) -> Path:
    """An audit set of three sources, one a category; returns its folder."""
    return put_texts(workspace, chosen[::4])


@pytest.fixture
def no_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test if the judge is opened."""

    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("the judge was opened")

    monkeypatch.setattr("kojudge.cli.auditing.open_model", refuse)


@pytest.fixture
def audit(call: Call, texts: Path) -> Callable[..., Any]:
    """Audit the workspace's judge on three sources."""
    return lambda *arguments, **options: call(
        "audit", "--judge", "fake-judge", *arguments, **options
    )


def add_judge(workspace: Path, name: str, behaviour: str) -> None:
    """Write the card of a fake judge, or give one another behaviour."""
    card = f'name: {name}\nsource: {{path: "fake:{behaviour}"}}\nengine: fake\n'
    (workspace / "judge" / f"{name}.yaml").write_text(card, encoding="utf-8")


def certificates(workspace: Path, judge: str = "fake-judge") -> list[Path]:
    return sorted((workspace / "runs" / "audits" / judge).glob("certificate-*.json"))


def commands(workspace: Path) -> list[str]:
    path = workspace / "runs" / "audits" / "fake-judge" / "manifest.json"
    return [one["command"] for one in json.loads(path.read_text(encoding="utf-8"))["commands"]]


def codes(certificate: Mapping[str, Any]) -> list[list[str]]:
    return [[reason["code"] for reason in e["reasons"]] for e in certificate["entries"]]


class TestCertificate:
    def test_it_is_written_beside_the_answers_and_printed_as_json(
        self, workspace: Path, audit: Call
    ) -> None:
        done = audit("--json")
        assert done.code == 0
        assert done.json["schema"] == "kojudge.audit/1"
        assert (done.json["judge"], done.json["questions"]) == ("fake-judge", ASKED)
        assert (done.json["stored"], done.json["failed"]) == (ASKED, 0)
        (path,) = certificates(workspace)
        assert json.loads(path.read_text(encoding="utf-8")) == done.json["certificate"]
        assert done.json["run"] == str(path.parent)
        assert Run.open(path.parent).counts()["judgments"]["scored"] == ASKED

    def test_it_speaks_of_every_criterion_and_mode_of_the_workspace(self, audit: Call) -> None:
        made = audit("--json").json["certificate"]
        places = [(entry["criterion"], entry["mode"]) for entry in made["entries"]]
        assert places == [("naturalness", "pointwise"), ("naturalness", "pairwise")]
        assert {entry["sources"] for entry in made["entries"]} == {FEW}
        assert made["rubrics"].keys() == {"naturalness/pointwise", "naturalness/pairwise"}
        assert (made["quick"], made["skipped"]) == (False, {})

    @pytest.mark.parametrize(
        ("lang", "words"),
        [
            ("ko", ["검증 결과(전체)", "등급", "점수 없음", "나빠진 글을 알아보는 비율이 평균"]),
            ("en", ["(full)", "grade", "unscored", "Mean detection of degraded texts is"]),
        ],
    )
    def test_it_is_shown_with_its_reasons(
        self, workspace: Path, audit: Call, lang: Language, words: list[str]
    ) -> None:
        shown = audit(lang=lang).err
        assert [word for word in words if word not in shown] == []
        assert GRADES["failed"].in_(lang) in shown
        assert str(certificates(workspace)[0]) in shown

    def test_one_rubric_may_be_audited_alone(self, audit: Call) -> None:
        made = audit("--rubric", "naturalness", "--json").json["certificate"]
        assert [(e["criterion"], e["mode"]) for e in made["entries"]] == [
            ("naturalness", "pointwise")
        ]

    def test_an_audit_of_one_rubric_serves_the_audit_of_all(
        self, workspace: Path, audit: Call
    ) -> None:
        audit("--rubric", "naturalness")
        again = audit("--json")
        assert f"{ASKED} judgments ({FEW * 29} stored · {FEW * 42} left)" in again.err
        assert len(certificates(workspace)) == 2


class TestAgain:
    def test_the_second_time_it_is_shown_and_no_judge_opened(
        self, workspace: Path, audit: Call, request: pytest.FixtureRequest
    ) -> None:
        first = audit("--json")
        request.getfixturevalue("no_judge")
        before = {p: p.stat().st_mtime_ns for p in (workspace / "runs").rglob("*")}
        again = audit("--json")
        assert (again.code, again.json) == (0, first.json)
        assert commands(workspace) == ["audit"]
        assert {p: p.stat().st_mtime_ns for p in (workspace / "runs").rglob("*")} == before

    def test_one_that_was_lost_is_made_of_the_stored_answers(
        self, workspace: Path, audit: Call, request: pytest.FixtureRequest
    ) -> None:
        first = audit("--json").json
        certificates(workspace)[0].unlink()
        request.getfixturevalue("no_judge")
        assert audit("--json").json == first
        assert len(certificates(workspace)) == 1

    def test_a_quick_one_is_its_own_and_serves_the_full_one(
        self, workspace: Path, audit: Call, request: pytest.FixtureRequest
    ) -> None:
        quick = audit("--quick", "--json").json["certificate"]
        request.getfixturevalue("no_judge")  # three sources are quick: nothing else to ask
        full = audit("--json").json["certificate"]
        assert (quick["quick"], full["quick"]) == (True, False)
        assert quick["key"] != full["key"]
        assert len(certificates(workspace)) == 2

    def test_changed_texts_are_audited_anew_and_only_they_are_asked(
        self, workspace: Path, texts: Path, audit: Call
    ) -> None:
        audit()
        rewritten = next(
            line
            for line in (texts / "blog.jsonl").read_text(encoding="utf-8").splitlines()
            if json.loads(line)["kind"] == "paraphrase"
        )
        edit(texts / "blog.jsonl", rewritten, rewritten.replace("요.", "요!"))
        again = audit()
        assert f"{ASKED} judgments ({ASKED - 3} stored · 3 left)" in again.err  # alone, AB, BA
        assert len(certificates(workspace)) == 2

    @pytest.mark.usefixtures("no_judge")
    def test_a_dry_run_counts_and_writes_nothing(self, workspace: Path, audit: Call) -> None:
        dry = audit("--dry-run", "--json")
        assert (dry.code, dry.json["questions"], dry.json["stored"]) == (0, ASKED, 0)
        assert dry.json["certificate"] is None
        assert not (workspace / "runs").exists()

    def test_a_dry_run_sees_what_is_stored(
        self, audit: Call, request: pytest.FixtureRequest
    ) -> None:
        audit("--rubric", "naturalness")
        request.getfixturevalue("no_judge")
        dry = audit("--dry-run", "--json").json
        assert (dry["stored"], dry["certificate"]) == (FEW * 29, None)


class TestFailing:
    def test_a_judge_that_fails_earns_no_certificate(
        self, workspace: Path, call: Call, texts: Path
    ) -> None:
        add_judge(workspace, "broken", "crash")
        done = call("audit", "--judge", "broken", "--json")
        assert (done.code, done.json["failed"], done.json["certificate"]) == (3, ASKED, None)
        assert certificates(workspace, "broken") == []
        assert "Run again: only they are asked" in done.err
        again = call("audit", "--judge", "broken", lang="ko")
        assert again.code == 3
        assert f"판정 {ASKED}건이 실패해" in again.err

    def test_a_judge_without_an_answer_fails_the_rows_not_the_command(
        self, workspace: Path, call: Call, texts: Path
    ) -> None:
        add_judge(workspace, "silent", "mute")
        done = call("audit", "--judge", "silent", "--json")
        assert done.code == 0
        for entry in done.json["certificate"]["entries"]:
            assert entry["grade"] == "failed"
            assert entry["unscored"]["value"] == 1


class TestWrongRequests:
    @pytest.mark.parametrize(("lang", "word"), [("ko", "없습니다"), ("en", "fake-judge")])
    def test_an_unknown_judge(
        self, workspace: Path, call: Call, texts: Path, lang: str, word: str
    ) -> None:
        done = call("audit", "--judge", "fake-jugde", lang=lang)
        assert done.code == 2
        assert "fake-jugde" in done.err
        assert word in done.err
        assert not (workspace / "runs").exists()

    def test_an_unknown_rubric(self, audit: Call) -> None:
        done = audit("--rubric", "naturalnes")
        assert done.code == 2
        assert "naturalness" in done.err

    @pytest.mark.parametrize(
        ("lang", "words"),
        [("ko", "검증할 수 있습니다"), ("en", "No audit text is about")],
    )
    def test_a_criterion_without_audit_texts(
        self, workspace: Path, audit: Call, lang: str, words: str
    ) -> None:
        self.add_wit(workspace)
        done = audit("--rubric", "wit", lang=lang)
        assert (done.code, words in done.err, "wit" in done.err) == (2, True, True)

    def test_such_a_criterion_beside_others_is_left_out_and_told(
        self, workspace: Path, audit: Call
    ) -> None:
        self.add_wit(workspace)
        done = audit("--rubric", "wit", "--rubric", "naturalness", "--json")
        assert done.code == 0
        assert "Not audited, for there are no audit texts about it: wit" in done.err
        assert len(done.json["certificate"]["entries"]) == 1

    def add_wit(self, workspace: Path) -> None:
        wit = workspace / "rubrics" / "wit.md.j2"
        own = (workspace / "rubrics" / "naturalness.md.j2").read_text(encoding="utf-8")
        wit.write_text(own, encoding="utf-8")
        edit(wit, "criterion: naturalness", "criterion: wit")

    @pytest.mark.parametrize(
        ("lang", "words"), [("ko", "항목과 방식이 같습니다"), ("en", "one criterion and mode")]
    )
    def test_two_rubrics_of_one_criterion_and_mode(
        self, audit: Call, lang: str, words: str
    ) -> None:
        done = audit("--rubric", "naturalness", "--rubric", "naturalness-en", lang=lang)
        assert done.code == 2
        assert words in done.err
        assert "kojudge rubric compare" in done.err

    @pytest.mark.parametrize(
        ("lang", "words"),
        [("ko", "고쳐 쓴 글 'stiff'이(가) 없습니다"), ("en", "has no rewrite 'stiff'")],
    )
    def test_a_rewrite_that_is_missing_names_the_file_and_the_line(
        self, workspace: Path, texts: Path, audit: Call, lang: str, words: str
    ) -> None:
        file = texts / "emotional.jsonl"
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        left = [line for line in lines if line["kind"] != "stiff"]
        at = next(n for n, line in enumerate(left, 1) if line["kind"] == "original")
        file.write_text("\n".join(map(json.dumps, left)), encoding="utf-8")
        done = audit(lang=lang)
        assert done.code == 2
        assert f"{file}:{at}:" in done.err
        assert words in done.err
        assert not (workspace / "runs").exists()

    @pytest.mark.parametrize(
        ("lang", "words"), [("ko", "검증용 글이 없습니다"), ("en", "There is no audit text")]
    )
    def test_a_workspace_without_audit_texts(
        self, workspace: Path, call: Call, lang: str, words: str
    ) -> None:
        done = call("audit", "--judge", "fake-judge", lang=lang)
        assert done.code == 2
        assert words in done.err
        assert "judge/audit/README.md" in done.err

    def test_a_broken_certificate_is_named(self, workspace: Path, audit: Call) -> None:
        audit()
        (path,) = certificates(workspace)
        path.write_text('{"version": 1', encoding="utf-8")
        done = audit()
        assert done.code == 2
        assert str(path) in done.err
        assert "Traceback" not in done.err


class TestPeople:
    def label(self, run: Run, prompts: int = 12) -> None:
        """Two raters score the baseline 3, and ``fake-warm`` now this, now that."""
        found = run.query("SELECT DISTINCT prompt_id FROM texts ORDER BY prompt_id")
        for at, prompt in enumerate(found["prompt_id"].to_pylist()[:prompts]):
            for number, rater in enumerate(("kim", "lee")):
                scores = {"fake-plain": 3, "fake-warm": 1 + (at + number) % 5}
                run.append_labels(
                    rater,
                    [Label(prompt, n, 0, "naturalness", rater, score=s) for n, s in scores.items()],
                )

    def test_labels_are_compared_with_what_the_judge_scored(self, scored: Run, audit: Call) -> None:
        self.label(scored)
        done = audit("--labels", scored.path, "--json")
        alone, pairs = done.json["certificate"]["entries"]
        assert (alone["people"]["units"], alone["people"]["raters"]) == (12, 2)
        assert alone["people"]["human"]["value"] is not None
        assert pairs["people"] is None
        assert "naturalness-pairwise: not compared with people" in done.err

    def test_a_run_without_labels_is_told_and_changes_nothing(
        self, workspace: Path, scored: Run, audit: Call
    ) -> None:
        without = audit("--json").json["certificate"]
        done = audit("--labels", scored.path, "--json", lang="ko")
        assert done.json["certificate"] == without
        assert "사람과 fake-judge이(가) 함께 평가한 글이 없어" in done.err
        assert len(certificates(workspace)) == 1

    def test_more_labels_make_another_certificate_without_asking_the_judge(
        self, scored: Run, audit: Call, request: pytest.FixtureRequest
    ) -> None:
        self.label(scored, 6)
        few = audit("--labels", scored.path, "--json").json["certificate"]
        request.getfixturevalue("no_judge")
        self.label(scored)
        more = audit("--labels", scored.path, "--json").json["certificate"]
        assert [c["entries"][0]["people"]["units"] for c in (few, more)] == [6, 12]
        assert few["key"] != more["key"]

    def test_an_unknown_run(self, workspace: Path, scored: Run, audit: Call) -> None:
        done = audit("--labels", str(workspace / "runs" / "mian"))
        assert done.code == 2
        assert "main" in done.err


class TestReport:
    """A certificate is looked up by ``kojudge report``: a judge that failed carries nothing."""

    def report(self, call: Call) -> tuple[list[dict[str, Any]], list[str]]:
        """Return the comparisons, and the judge's grades: of all, pairwise, pointwise."""
        found = call("report", "--json").json
        (judge,) = found["judges"]
        assert found["comparisons"]
        own = sorted(judge["grades"], key=lambda one: str(one["mode"]))
        return found["comparisons"], [judge["grade"], *(one["grade"] for one in own)]

    def test_a_judge_without_a_certificate_is_unaudited(self, results: Any) -> None:
        assert [judge["grade"] for judge in results["judges"]] == ["unaudited"]
        assert not [e for e in results["comparisons"] if "judge_failed" in e["reasons"]]

    def test_verdicts_of_a_judge_that_failed_are_withheld(
        self, scored: Run, call: Call, audit: Call
    ) -> None:
        assert audit("--json").json["certificate"]["grade"] == "failed"
        comparisons, grades = self.report(call)
        assert grades == ["failed"] * 3
        for entry in comparisons:
            assert entry["withheld"]
            assert "judge_failed" in entry["reasons"]
            assert entry["delta"] is not None  # the numbers stay visible

    def test_only_the_mode_that_failed_is_withheld(
        self, scored: Run, call: Call, audit: Call
    ) -> None:
        audit("--rubric", "naturalness")
        comparisons, grades = self.report(call)
        assert grades == ["failed", "unaudited", "failed"]
        found = {e["mode"]: "judge_failed" in e["reasons"] for e in comparisons}
        assert found == {"pointwise": True, "pairwise": False}

    def test_changed_audit_texts_make_the_judge_unaudited_again(
        self, workspace: Path, scored: Run, texts: Path, call: Call, audit: Call
    ) -> None:
        audit()
        edit(texts / "blog.jsonl", "요.", "요!")
        comparisons, grades = self.report(call)
        assert grades == ["unaudited"] * 3
        assert not [e for e in comparisons if "judge_failed" in e["reasons"]]
        assert len(certificates(workspace)) == 1  # it is there, and speaks of other texts

    def test_verdicts_of_a_judge_that_passed_are_not_withheld_for_it(
        self, workspace: Path, chosen: tuple[Source, ...], call: Call
    ) -> None:
        put_texts(workspace, chosen)
        add_judge(workspace, "fake-judge", f"judge=good:{qualities(workspace)}")
        made = call("audit", "--judge", "fake-judge", "--json").json["certificate"]
        assert codes(made) == [["no_people"]] * 2
        assert call("generate", "--limit", "4").code == 0
        assert call("score", "--limit", "4").code == 0
        comparisons, grades = self.report(call)
        assert grades == ["provisional"] * 3
        for entry in comparisons:
            assert "judge_failed" not in entry["reasons"]
            assert "judge_provisional" in entry["reasons"]


def qualities(workspace: Path) -> Path:
    """Write the true naturalness of every text that the audit shows; ↓ kinds are far worse."""
    known: dict[str, dict[str, float]] = {}
    for name in ("naturalness", "naturalness-pairwise"):
        rubric = load_rubric(workspace / "rubrics", name)
        sources = load_sources(workspace / "judge" / "audit")
        for q in audit_questions(sources, rubric, "judge-id")[0]:
            worse = DIRECTIONS["naturalness"].get(q.kind) == "lower"
            text = q.question.text
            read = neutralise(text, {"<|fake_end|>"}) if q.question.defended else text
            own = 0.4 - 0.1 * bool(q.attack) if worse else 0.84
            known[quality_key(read)] = {"naturalness": own}
            if q.question.other is not None:
                known[quality_key(q.question.other)] = {"naturalness": 0.85}
    path = workspace / "qualities.json"
    content = {"texts": known, "names": {"naturalness": ["자연스러움"]}}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_single_original_is_too_few(
    workspace: Path, call: Call, chosen: tuple[Source, ...], no_judge: None
) -> None:
    put_texts(workspace, chosen[:1])
    refused = call("audit", "--judge", "fake-judge")
    assert refused.code == 2
    assert "An audit needs 2 originals" in refused.err
    assert "judge/audit/" in refused.err
