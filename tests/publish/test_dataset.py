"""A run as a Hugging Face dataset: what a folder of it holds, its card, and the hub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from kojudge.errors import ConfigError, UnavailableError
from kojudge.publish.dataset import dataset_of, push_dataset, write_dataset
from kojudge.publish.licences import licence_id
from kojudge.records import Judgment, Label, Scored, Text, Unscored, identity
from kojudge.store import manifest
from kojudge.store.run import Run

from .conftest import TOKEN
from .hub import REVISION, Hub
from .runs import BASE, comparison, results

datasets = pytest.importorskip("datasets")

COMMIT = "/api/datasets/org/site/commit/main"
FILE = "train-00000-of-00001.parquet"
HOSTILE = "a|b\n---\n# 제목 <script>alert(1)</script> [x](http://x.example) `${y}` \u202e"


def text(candidate: str, number: int, **given: Any) -> Text:
    plain = {
        "text_id": identity([candidate, number]), "prompt_id": f"p{number}", "category": "blog",
        "prompt": "가을 산책 이야기를 써 주세요.", "candidate": candidate, "sample": 0,
        "text": f"낙엽이 졌어요.\n{number}번째 길이에요.", "seed": 7, "prompt_tokens": 12,
        "candidate_id": identity(candidate), "prompt_name": f"blog-{number}",
    }  # fmt: skip
    return Text(**plain | given)  # type: ignore[arg-type]


def judgment(candidate: str, number: int, **given: Any) -> Judgment:
    plain = {
        "judgment_id": identity(["judged", candidate, number, str(given)]),
        "text_id": identity([candidate, number]), "prompt_id": f"p{number}", "category": "blog",
        "candidate": candidate, "sample": 0, "criterion": "naturalness", "rubric": "naturalness",
        "judge": "judge-a", "mode": "pointwise",
        "outcome": Scored(0.1 + 0.2 + 3, "expected", 0.97, ("3", "4"), (0.7, 0.3)),
        "judge_id": identity("judge-a"), "seconds": 0.25,
    }  # fmt: skip
    return Judgment(**plain | given)  # type: ignore[arg-type]


def pair(number: int, order: str, preference: float) -> Judgment:
    return judgment(
        "mine", number, mode="pairwise", order=order, baseline=BASE, scale=(0.0, 1.0),
        baseline_text_id=identity([BASE, number]), outcome=Scored(preference, "expected", 1.0),
        rationale="더 자연스럽습니다.",
    )  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Two models, three prompts, a judge; something failed, something has no score."""
    made = Run.open(tmp_path / "runs" / "autumn", create=True)
    made.append_texts([text(name, n) for name in (BASE, "mine") for n in range(3)])
    made.append_texts([text("mine", 9, status="failed", text="", reason="out of memory")])
    made.append_judgments([judgment(name, n) for name in (BASE, "mine") for n in range(2)])
    made.append_judgments([
        judgment("mine", 2, outcome=Unscored("no legal answer", True, 0.1, ("3",), (1.0,))),
        judgment(BASE, 2, outcome=Unscored("the engine died", final=False)),
        judgment(f"{BASE}~control", 0),
        *(pair(n, order, 0.625) for n in range(3) for order in ("AB", "BA")),
    ])  # fmt: skip
    made.append_labels("나연", [
        Label("p0", "mine", 0, "naturalness", "나연", score=4.0, extra={"turn": 1, "note": "좋음"}),
        Label("p1", "mine", 0, "naturalness", "나연", preference=1.0, baseline=BASE),
    ])  # fmt: skip
    return made


def describe(run: Run, **licences: str) -> None:
    """Record the cards of the candidates and a report, as the commands do."""
    cards = {name: {"name": name, "license": told} for name, told in licences.items()}
    manifest.update(run.path, lambda found: found.update(candidates=cards))
    rows = [comparison(), comparison(candidate=HOSTILE, withheld=True)]
    Path(run.path, "results.json").write_text(json.dumps(results(*rows)), encoding="utf-8")


def front_matter(card: str) -> Any:
    head, _, _ = card.removeprefix("---\n").partition("\n---\n")
    return yaml.safe_load(head)


def card_of(folder: Path) -> str:
    return (folder / "README.md").read_text(encoding="utf-8")


class TestTheFolder:
    def test_load_dataset_reads_each_config(self, run: Run, tmp_path: Path) -> None:
        out = tmp_path / "out"
        written = write_dataset(run, out)
        assert written.rows == {"texts": 6, "judgments": 11, "labels": 2, "controls": 1}
        assert written.failed == 2
        assert datasets.get_dataset_config_names(str(out)) == list(written.rows)
        for config, count in written.rows.items():
            rows = list(datasets.load_dataset(str(out), config, split="train", streaming=True))
            assert len(rows) == count
        first = next(iter(datasets.load_dataset(str(out), split="train", streaming=True)))
        assert first["text"].startswith("낙엽이 졌어요.\n")  # texts are the default

    def test_judgments_come_with_their_distribution(self, run: Run, tmp_path: Path) -> None:
        write_dataset(run, tmp_path / "out")
        rows = list(datasets.load_dataset(
            str(tmp_path / "out"), "judgments", split="train", streaming=True
        ))  # fmt: skip
        scored = next(row for row in rows if row["mode"] == "pointwise" and row["score"])
        assert (scored["score"], scored["method"], scored["mass"]) == (
            0.1 + 0.2 + 3,
            "expected",
            0.97,
        )
        assert (scored["options"], scored["probabilities"]) == (["3", "4"], [0.7, 0.3])
        assert scored["scale"] == [1.0, 5.0]
        (without,) = (row for row in rows if row["reason"])
        assert (without["score"], without["preference"]) == (None, None)
        assert without["reason"] == "no legal answer"
        both = [row for row in rows if row["mode"] == "pairwise"]
        assert {(row["order"], row["preference"], row["score"]) for row in both} == {
            ("AB", 0.625, None), ("BA", 0.625, None),
        }  # fmt: skip

    def test_exporting_again_replaces_what_was_there(self, run: Run, tmp_path: Path) -> None:
        out = tmp_path / "out"
        describe(run, mine="mit")
        write_dataset(run, out)
        smaller = Run.open(tmp_path / "smaller", create=True)
        smaller.append_texts([text("mine", 0)])
        assert write_dataset(smaller, out).rows == {"texts": 1}
        left = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
        assert left == {"README.md", f"texts/{FILE}"}
        assert datasets.get_dataset_config_names(str(out)) == ["texts"]

    def test_a_folder_of_somebody_else_is_left_as_it_is(self, run: Run, tmp_path: Path) -> None:
        out = tmp_path / "mine"
        out.mkdir()
        (out / "README.md").write_text("# 내 글", encoding="utf-8")
        with pytest.raises(ConfigError, match="did not make"):
            write_dataset(run, out)
        assert [path.name for path in out.iterdir()] == ["README.md"]

    def test_a_run_of_nothing_is_an_error(self, tmp_path: Path) -> None:
        empty = Run.open(tmp_path / "empty", create=True)
        with pytest.raises(ConfigError, match="kojudge import"):
            write_dataset(empty, tmp_path / "out")
        assert not (tmp_path / "out" / "README.md").exists()


class TestTheCard:
    def test_its_front_matter_is_what_the_hub_reads(self, run: Run, tmp_path: Path) -> None:
        describe(run, **{BASE: "gemma", "mine": "Apache-2.0"})
        write_dataset(run, tmp_path / "out")
        head = front_matter(card_of(tmp_path / "out"))
        assert head["language"] == ["ko"]
        assert head["license"] == ["apache-2.0", "gemma"]
        assert head["size_categories"] == ["n<1K"]
        assert [one["config_name"] for one in head["configs"]] == [
            "texts", "judgments", "labels", "controls",
        ]  # fmt: skip
        assert [one.get("default") for one in head["configs"]] == [True, None, None, None]
        from huggingface_hub import DatasetCard

        assert DatasetCard(card_of(tmp_path / "out")).data.pretty_name == "kojudge: autumn"

    @pytest.mark.parametrize(
        ("told", "licence", "name"),
        [
            ({}, "unknown", None),
            ({BASE: "mit", "mine": "mit"}, "mit", None),
            ({BASE: "mit"}, ["mit", "unknown"], None),
            ({BASE: "exaone (NC)", "mine": "exaone (NC)"}, "other", "exaone (NC)"),
        ],
    )
    def test_the_licence_is_that_of_the_models_that_wrote(
        self, told: dict[str, str], licence: Any, name: str | None, run: Run, tmp_path: Path
    ) -> None:
        describe(run, **told)
        write_dataset(run, tmp_path / "out")
        head = front_matter(card_of(tmp_path / "out"))
        assert (head["license"], head.get("license_name")) == (licence, name)

    def test_it_tells_sizes_judges_and_verdicts_in_both_languages(
        self, run: Run, tmp_path: Path
    ) -> None:
        describe(run, mine="mit")
        write_dataset(run, tmp_path / "out")
        korean, _, english = card_of(tmp_path / "out").partition("\n---\n\n# ")
        assert "| `judgments` | 11 |" in korean
        assert "| `judgments` | 11 |" in english
        assert "| judge-a | 12 | 잠정 인증(사람 평가와는 견주지 않음) |" in korean
        assert "| judge-a | 12 | provisional (not checked against people) |" in english
        assert "| mine | 3 | mit |" in english
        assert "left out because the model failed: 2." in english
        assert "### 기준 모델과의 비교" in korean
        assert "### Comparison with the baseline" in english
        assert "+0.10" in english

    def test_without_a_report_it_says_so(self, run: Run, tmp_path: Path) -> None:
        write_dataset(run, tmp_path / "out")
        assert "There is no report yet" in card_of(tmp_path / "out")
        assert not (tmp_path / "out" / "results.json").exists()

    def test_no_name_breaks_out_of_it(self, tmp_path: Path) -> None:
        run = Run.open(tmp_path / "--- x: [", create=True)
        run.append_texts([text(HOSTILE, 0), text(BASE, 0)])
        run.append_judgments([judgment(HOSTILE, 0, judge=HOSTILE)])
        describe(run, **{HOSTILE: "my: [licence]\n---\n# x", BASE: "mit"})
        write_dataset(run, tmp_path / "out")
        card = card_of(tmp_path / "out")
        head = front_matter(card)
        assert head["pretty_name"] == "kojudge: --- x: ["
        assert head["license"] == ["mit", "other"]
        body = card.partition("<!-- kojudge.dataset/1 -->")[2]
        for wrong in ("<script>", "[x](http", "\u202e", "\n# 제목"):
            assert wrong not in body
        assert body.count("\n---\n") == 1  # between the two languages


def test_licences_are_told_by_the_hubs_identifiers() -> None:
    told = ["Apache-2.0", " MIT ", "", "LG AI EXAONE 1.2 - NC"]
    assert [licence_id(one) for one in told] == ["apache-2.0", "mit", "unknown", "other"]


class TestTheHub:
    @pytest.fixture
    def there(self, hub: Hub) -> Hub:
        hub.sdk = ""
        return hub

    def test_one_commit_brings_files_and_card(self, run: Run, there: Hub) -> None:
        push_dataset(run, "org/site", private=True)
        asked = json.loads(there.body("/api/repos/create"))
        assert (asked["type"], asked["name"], asked["organization"]) == ("dataset", "site", "org")
        assert asked.get("private") is True or asked.get("visibility") == "private"
        assert sorted(there.files) == [
            "README.md", *(f"{c}/{FILE}" for c in ("controls", "judgments", "labels", "texts")),
        ]  # fmt: skip
        lines = [json.loads(line) for line in there.body(COMMIT).splitlines()]
        assert lines[0]["value"]["parentCommit"] == REVISION
        assert lines[0]["value"]["summary"] == "Publish autumn"
        assert 'load_dataset("org/site", "texts"' in there.files["README.md"].decode()
        assert there.tokens <= {f"Bearer {TOKEN}", ""}

    def test_publishing_again_removes_what_is_no_longer_there(
        self, run: Run, there: Hub, tmp_path: Path
    ) -> None:
        describe(run, mine="mit")
        push_dataset(run, "org/site")
        assert "results.json" in there.files
        smaller = Run.open(tmp_path / "smaller", create=True)
        smaller.append_texts([text("mine", 0)])
        there.asked.clear()
        push_dataset(smaller, "org/site")
        assert sorted(there.files) == ["README.md", f"texts/{FILE}"]

    @pytest.mark.parametrize("card", [None, b"---\nlicense: mit\n---\n# ours"])
    def test_a_dataset_of_somebody_else_is_left_as_it_is(
        self, card: bytes | None, run: Run, there: Hub
    ) -> None:
        there.files = {"data.csv": b"a\n1\n"} | ({"README.md": card} if card else {})
        with pytest.raises(ConfigError, match="did not make"):
            push_dataset(run, "org/site")
        assert COMMIT not in there.paths("POST")

    def test_an_empty_one_with_a_card_by_hand_is_taken(self, run: Run, there: Hub) -> None:
        there.files = {"README.md": b"---\nlicense: mit\n---\n", ".gitattributes": b""}
        push_dataset(run, "org/site")
        assert b"kojudge.dataset/1" in there.files["README.md"]

    @pytest.mark.parametrize(
        ("path", "status", "message"),
        [
            ("/api/", 401, "does not let you publish"),
            (COMMIT, 403, "may write to org/site"),
            (COMMIT, 412, "changed meanwhile"),
            (COMMIT, 400, "give --hf a folder"),
        ],
    )
    def test_what_the_hub_refuses_becomes_a_next_step(
        self, path: str, status: int, message: str, run: Run, there: Hub
    ) -> None:
        there.refuse[path] = status
        with pytest.raises(UnavailableError, match=message) as caught:
            push_dataset(run, "org/site")
        assert TOKEN not in str(caught.value)
        assert caught.value.exit_code == 4

    def test_the_command_pushes_and_says_what_goes_with_it(
        self, run: Run, there: Hub, tmp_path: Path
    ) -> None:
        done = self.command(there, tmp_path, "export", "--run", run.path, "--hf",
                            "hf://datasets/org/site")  # fmt: skip
        assert done.returncode == 0, done.stderr
        told = "texts 6, judgments 11, labels 2, controls 1, 2 failed ones left out"
        assert f"hf://datasets/org/site: {told}" in done.stderr
        assert "raters' names" in done.stderr
        assert TOKEN not in done.stdout + done.stderr

    def test_what_was_pushed_can_be_imported_from_there(
        self, run: Run, there: Hub, tmp_path: Path
    ) -> None:
        push_dataset(run, "org/site")
        kinds = ("texts", "judgments", "labels")
        files = [word for kind in kinds for word in (f"--{kind}", "org/site")]
        taken = ("import", "--run", str(tmp_path / "copy"), "--format", "hf", *files)
        done = self.command(there, tmp_path, *taken)
        assert done.returncode == 0, done.stderr
        assert done.stderr.splitlines() == [
            f"org/site: {count} {kind} imported (0 were there already)."
            for kind, count in zip(kinds, (6, 11, 2), strict=True)
        ]
        copied = list(Run.open(tmp_path / "copy").texts())
        assert {one.text for one in copied} == {one.text for one in run.texts() if one.text}

    def test_a_dataset_that_is_not_there_is_unavailable(self, there: Hub, tmp_path: Path) -> None:
        there.refuse["/datasets/org/site"] = 401
        there.refuse["/api/datasets/org/site"] = 401
        taken = ("import", "--run", "copy", "--format", "hf", "--texts", "org/site")
        done = self.command(there, tmp_path, *taken)
        assert done.returncode == 4
        assert "org/site" in done.stderr
        assert "hf auth login" in done.stderr
        assert not (tmp_path / "copy").exists()

    @staticmethod
    def command(hub: Hub, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "HF_ENDPOINT": hub.endpoint, "HF_HOME": str(folder / "hf"),
            "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "0",
        }  # fmt: skip
        return subprocess.run(
            [sys.executable, "-m", "kojudge", "--lang", "en", *arguments],
            capture_output=True, text=True, env=environment, cwd=folder,
        )  # fmt: skip


@pytest.mark.parametrize("target", ["hf://datasets/org/site", "hf://datasets/org/site/"])
def test_a_dataset_is_named_by_its_address(target: str) -> None:
    assert dataset_of(target) == "org/site"


@pytest.mark.parametrize(
    "target",
    ["hf://org/site", "hf://datasets/org", "hf://spaces/org/site", "s3://bucket/site"],
)
def test_no_other_address_is_taken(target: str) -> None:
    with pytest.raises(ConfigError, match="hf://datasets/ORG/NAME"):
        dataset_of(target)
