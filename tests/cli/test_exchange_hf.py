"""A run goes out as a Hugging Face dataset and comes back: what stays the same, and what not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from kojudge.records import Label
from kojudge.store.run import Run

from .conftest import JUDGMENTS, TEXTS
from .outcome import Call
from .test_exchange import overall

pytest.importorskip("datasets")

FILE = "train-00000-of-00001.parquet"
PEOPLE = (
    Path(__file__).parents[3] / "shared" / "data" / "korean-student-writing" / "human_data.json"
)


def rows(folder: Path, config: str) -> list[dict[str, Any]]:
    found = pq.read_table(folder / config / FILE).to_pylist()
    return sorted(found, key=lambda row: json.dumps(row, sort_keys=True, ensure_ascii=False))


def lines(path: Path) -> list[str]:
    return sorted(path.read_text(encoding="utf-8").splitlines())


@pytest.fixture
def labelled(scored: Run) -> Run:
    """The default run, and what two people thought of some of its texts."""
    texts = [one for one in scored.texts() if one.candidate == "fake-warm"]
    for rater in ("나연", "지호"):
        scored.append_labels(rater, [
            Label(one.prompt_id, one.candidate, one.sample, "naturalness", rater, score=3 + n % 2,
                  category=one.category, extra={"note": f"{n}번"})
            for n, one in enumerate(texts[:6])
        ])  # fmt: skip
    return scored


@pytest.fixture
def there(labelled: Run, call: Call, tmp_path: Path) -> tuple[Path, Path]:
    """The run as a dataset, and a run made of that dataset."""
    out, copy = tmp_path / "out", tmp_path / "copy"
    done = call("export", "--hf", str(out))
    assert (done.code, done.err) == (
        0, f"{out}: texts {TEXTS}, judgments {JUDGMENTS}, labels 12, evidence {TEXTS}\n"
    )  # fmt: skip
    files = [word for kind in ("texts", "judgments", "labels") for word in (f"--{kind}", str(out))]
    assert call("import", "--run", str(copy), "--format", "hf", *files).code == 0
    return out, copy


def test_a_dataset_of_the_copy_is_the_dataset(
    there: tuple[Path, Path], call: Call, tmp_path: Path
) -> None:
    """Ids, methods, mass and distributions of the original included."""
    out, copy = there
    assert call("export", "--run", str(copy), "--hf", str(tmp_path / "again")).code == 0
    for config in ("texts", "judgments", "labels"):
        assert rows(tmp_path / "again", config) == rows(out, config)
    assert {row["method"] for row in rows(out, "judgments")} == {"expected"}
    assert all(row["options"] and row["mass"] for row in rows(out, "judgments"))


def test_importing_it_again_adds_nothing(there: tuple[Path, Path], call: Call) -> None:
    out, copy = there
    for kind, count in (("texts", TEXTS), ("judgments", JUDGMENTS), ("labels", 12)):
        again = call("import", "--run", str(copy), "--format", "hf", f"--{kind}", str(out))
        assert f"0 {kind} imported ({count} were there already)" in again.err


def test_texts_and_labels_are_those_of_the_run(
    labelled: Run, there: tuple[Path, Path], call: Call, tmp_path: Path
) -> None:
    copied = Run.open(there[1])

    def said(run: Run) -> set[tuple[Any, ...]]:
        return {(t.prompt_id, t.candidate, t.sample, t.category, t.prompt, t.text)
                for t in run.texts()}  # fmt: skip

    assert said(copied) == said(labelled)
    for run, name in ((labelled, "a"), (copied, "b")):
        call("export", "--run", str(run.path), "--labels", str(tmp_path / name))
    assert lines(tmp_path / "a") == lines(tmp_path / "b")


def test_both_runs_have_the_same_verdicts(there: tuple[Path, Path], call: Call) -> None:
    own = call("report", "--json").json
    copied = call("report", "--run", str(there[1]), "--json").json
    assert overall(own) == overall(copied)
    assert overall(own)
    for name in ("delta", "ci_low", "ci_high", "p_adjusted"):
        assert [row[name] for row in own["comparisons"]] == pytest.approx(
            [row[name] for row in copied["comparisons"]]
        )


def test_judgments_of_damaged_texts_stay_apart(workspace: Path, call: Call, tmp_path: Path) -> None:
    """They check the judge; imported they would be one more candidate."""
    settings = workspace / "kojudge.toml"
    text = settings.read_text(encoding="utf-8").replace("controls = 0", "controls = 4")
    settings.write_text(text, encoding="utf-8")
    call("generate")
    call("score")
    out, copy = tmp_path / "out", tmp_path / "copy"
    assert "controls" in call("export", "--hf", str(out)).err
    assert {row["candidate"] for row in rows(out, "controls")} == {"fake-plain~control"}
    call(
        "import", "--run", str(copy), "--format", "hf", "--texts", str(out), "--judgments", str(out)
    )
    own = call("report", "--json").json
    copied = call("report", "--run", str(copy), "--json").json
    assert overall(own) == overall(copied)


def test_private_goes_with_the_hub(scored: Run, call: Call, tmp_path: Path) -> None:
    done = call("export", "--hf", str(tmp_path / "out"), "--private")
    assert done.code == 2
    assert "hf://datasets/ORG/NAME" in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(not PEOPLE.is_file(), reason="the students' texts (../shared) are not here")
def test_real_texts_in_columns_of_other_names(call: Call, tmp_path: Path) -> None:
    """100 texts by students, as their publishers hand them out: nothing there is an id."""
    columns = ("prompt_id=#", "prompt=input", "category=task", "text=output", "sample:=0")
    mapped = [word for column in columns for word in ("--column", column)]
    there = ("--run", str(tmp_path / "students"), "--candidate", "student")
    done = call("import", *there, "--format", "hf", "--texts", str(PEOPLE), *mapped)
    assert done.code == 0, done.err
    written = json.loads(PEOPLE.read_text(encoding="utf-8"))
    texts = {int(one.prompt_id): one for one in Run.open(tmp_path / "students").texts()}
    assert [texts[n].text for n in sorted(texts)] == [one["output"] for one in written]
    assert json.loads(texts[1].extra) == {"age": 11, "language": "English", "student_id": 0}
