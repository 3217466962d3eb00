"""Hugging Face datasets: what of a row becomes a line, and what is said where it cannot."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kojudge.bridges.base import Converted, Files, Named
from kojudge.bridges.hf_source import place_of
from kojudge.bridges.huggingface import convert
from kojudge.errors import ConfigError, InputError, UnavailableError
from kojudge.store.interchange import Lines, import_judgments, import_labels, import_texts
from kojudge.store.run import Run

datasets = pytest.importorskip("datasets")

Row = dict[str, Any]


def text(number: int, **given: Any) -> Row:
    plain = {
        "prompt_id": f"p{number}", "category": "letter", "prompt": "할머니께 안부를 여쭤 줘.",
        "candidate": "mine", "sample": 0, "text": f"할머니, {number}번째 편지예요.\n건강하시죠?",
    }  # fmt: skip
    return plain | given


def parquet(path: Path, rows: list[Row]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)
    return str(path)


def jsonl(path: Path, rows: Iterable[Row]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def texts(*paths: str, columns: tuple[str, ...] = (), **given: Any) -> Converted:
    return convert(Files(texts=paths, named=Named(columns=columns), **given))


def drawn(lines: Iterable[Lines]) -> list[Row]:
    return [data for one in lines for _, data in one.objects]


class TestWhatIsRead:
    @pytest.mark.parametrize("suffix", ["parquet", "jsonl", "json"])
    def test_fields_are_taken_and_other_columns_kept(self, suffix: str, tmp_path: Path) -> None:
        rows = [text(n, source={"page": n}, tags=["가족"]) for n in range(3)]
        path = tmp_path / f"rows.{suffix}"
        if suffix == "parquet":
            parquet(path, rows)
        elif suffix == "jsonl":
            jsonl(path, rows)
        else:
            path.write_text(json.dumps(rows), encoding="utf-8")
        assert drawn(texts(str(path)).texts) == rows

    def test_a_csv_file_keeps_ids_and_words_as_they_are_written(self, tmp_path: Path) -> None:
        path = tmp_path / "rows.csv"
        path.write_text(
            "\ufeffprompt_id,category,prompt,candidate,sample,text,likes\n"
            '007,letter,"안부, 부탁해요",1.50,0,"None\n둘째 줄",12\n',
            encoding="utf-8",
        )
        assert drawn(texts(str(path)).texts) == [{
            "prompt_id": "007", "category": "letter", "prompt": "안부, 부탁해요",
            "candidate": "1.50", "sample": 0, "text": "None\n둘째 줄", "likes": 12,
        }]  # fmt: skip

    def test_the_configuration_called_like_the_kind_is_taken(self, tmp_path: Path) -> None:
        for kind in ("texts", "other"):
            parquet(tmp_path / kind / "train-0.parquet", [text(1, candidate=kind)])
        configs = "".join(
            f"- config_name: {kind}\n  data_files: {kind}/*.parquet\n"
            for kind in ("other", "texts")
        )
        (tmp_path / "README.md").write_text(f"---\nconfigs:\n{configs}---\n", encoding="utf-8")
        assert drawn(texts(str(tmp_path)).texts)[0]["candidate"] == "texts"
        for named in (f"{tmp_path}:other", f"{tmp_path}:other/train"):
            assert drawn(texts(named).texts)[0]["candidate"] == "other"
        with pytest.raises(InputError, match=r"no config none.*other, texts"):
            texts(f"{tmp_path}:none")
        with pytest.raises(InputError, match=r"no split test.*train"):
            texts(f"{tmp_path}:texts/test")
        with pytest.raises(InputError, match="several configs"):
            convert(Files(labels=[str(tmp_path)]))

    def test_several_splits_must_be_chosen_from(self, tmp_path: Path) -> None:
        for split in ("train", "test"):
            parquet(tmp_path / f"{split}.parquet", [text(1, candidate=split)])
        with pytest.raises(
            InputError, match=r"several splits.*:default/SPLIT.*(train, test|test, train)"
        ):
            texts(str(tmp_path))
        assert drawn(texts(f"{tmp_path}:default/test").texts)[0]["candidate"] == "test"

    def test_a_null_is_an_absent_field(self, tmp_path: Path) -> None:
        rows = [
            text(1, turn=2, history=[{"role": "user", "content": "안녕"}], mood="밝음"),
            text(2, turn=None, history=None, mood=None),
        ]
        first, second = drawn(texts(parquet(tmp_path / "t.parquet", rows)).texts)
        assert first == rows[0]
        assert second == text(2)

    def test_a_column_extra_is_laid_out_into_its_keys(self, tmp_path: Path) -> None:
        rows = [
            text(1, extra='{"mood": "밝음", "text": "다른 글", "gone": null}'),
            text(2, extra="그냥 메모"),
        ]
        first, second = drawn(texts(parquet(tmp_path / "t.parquet", rows)).texts)
        assert first == text(1, mood="밝음")
        assert second == text(2, extra="그냥 메모")

    def test_what_json_has_no_place_for_is_left_out_and_counted(self, tmp_path: Path) -> None:
        when = datetime(2026, 11, 3, 9, 30)
        rows = [text(n, picture=b"\x89PNG", weight=float("nan"), when=when) for n in range(2)]
        path = parquet(tmp_path / "t.parquet", rows)
        found = texts(path)
        assert drawn(found.texts) == [text(n, when="2026-11-03T09:30:00") for n in range(2)]
        told = [one.en for one in found.left_out()]
        assert [line for line in told if "2 values of the column picture" in line]
        assert [line for line in told if "2 values of the column weight" in line]
        assert len(told) == 2

    def test_numbers_that_are_names_become_names(self, tmp_path: Path) -> None:
        path = parquet(tmp_path / "t.parquet", [text(1, prompt_id=81, sample=0.0)])
        (line,) = drawn(texts(path).texts)
        assert (line["prompt_id"], line["sample"]) == ("81", 0)
        assert isinstance(line["sample"], int)

    def test_judgments_without_a_score_have_none(self, tmp_path: Path) -> None:
        plain = {"prompt_id": "p1", "candidate": "mine", "sample": 0, "criterion": "naturalness",
                 "judge": "j", "mode": "pointwise", "scale": [1.0, 5.0]}  # fmt: skip
        rows = [
            plain | {"score": 0.1 + 0.2 + 2, "reason": None},
            plain | {"sample": 1, "score": None, "reason": "거절"},
        ]
        path = parquet(tmp_path / "j.parquet", rows)
        run = Run.open(tmp_path / "run", create=True)
        (lines,) = convert(Files(judgments=[path])).judgments
        assert import_judgments(run, lines).added == 2
        scored, unscored = run.judgments()
        assert scored.outcome.score == 0.1 + 0.2 + 2  # type: ignore[union-attr]
        assert (unscored.status, unscored.outcome.reason) == ("unscored", "거절")  # type: ignore[union-attr]


class TestColumns:
    def test_foreign_columns_and_values_for_all_rows(self, tmp_path: Path) -> None:
        rows = [
            {"id": n, "question": "봄 이야기", "answer": f"봄 {n}", "model": "m"} for n in range(2)
        ]
        path = parquet(tmp_path / "t.parquet", rows)
        found = texts(path, columns=(
            "prompt_id=id", "prompt=question", "text=answer", "candidate=model",
            "category:=blog", "sample:=0",
        ))  # fmt: skip
        assert drawn(found.texts) == [
            {"prompt_id": str(n), "prompt": "봄 이야기", "text": f"봄 {n}", "candidate": "m",
             "category": "blog", "sample": 0}
            for n in range(2)
        ]  # fmt: skip

    def test_names_on_the_command_line_fill_in(self, tmp_path: Path) -> None:
        row = {"prompt_id": "p", "sample": 0, "score": 4}
        pairs = {"prompt_id": "p", "sample": 0, "preference": 1.0, "order": "AB"}
        files = [parquet(tmp_path / "a.parquet", [row]), parquet(tmp_path / "b.parquet", [pairs])]
        named = Named("mine", "j", "naturalness", "base", ("mode:=pointwise", "scale:=[1, 5]"))
        (line,) = drawn(convert(Files(judgments=files[:1], named=named)).judgments)
        assert line == row | {
            "candidate": "mine", "judge": "j", "criterion": "naturalness", "mode": "pointwise",
            "scale": [1, 5],
        }  # fmt: skip
        named = Named("mine", "j", "naturalness", "base", ("mode:=pairwise", "scale:=[1, 5]"))
        (line,) = drawn(convert(Files(judgments=files[1:], named=named)).judgments)
        assert line["baseline"] == "base"
        assert "scale" not in line

    def test_a_column_that_gives_way_is_said(self, tmp_path: Path) -> None:
        path = parquet(tmp_path / "t.parquet", [text(1, answer="이 글")])
        found = texts(path, columns=("text=answer",))
        assert drawn(found.texts) == [text(1, text="이 글")]
        assert ["1 values of the column text" in one.en for one in found.left_out()] == [True]

    def test_prompts_fill_in_what_texts_lack(self, tmp_path: Path) -> None:
        rows = [{"prompt_id": "p1", "candidate": "m", "sample": 0, "text": "글"}]
        asked = [{"prompt_id": "p1", "category": "letter", "prompt": "편지 써 줘"}]
        found = texts(
            parquet(tmp_path / "t.parquet", rows), prompts=[parquet(tmp_path / "p.parquet", asked)]
        )
        assert drawn(found.texts) == [rows[0] | {"category": "letter", "prompt": "편지 써 줘"}]
        twice = [*asked, asked[0] | {"prompt": "다른 부탁"}]
        with pytest.raises(InputError, match=r"p\.parquet:2:prompt_id"):
            texts(
                parquet(tmp_path / "t.parquet", rows),
                prompts=[parquet(tmp_path / "p.parquet", twice)],
            )

    @pytest.mark.parametrize(
        ("column", "message"),
        [
            ("text", "cannot be read"),
            ("texd=answer", "Did you mean: text"),
            ("text=", "cannot be read"),
            ("text=answr", "no such column.*Did you mean: answer"),
        ],
    )
    def test_a_wrong_mapping_is_an_error(self, column: str, message: str, tmp_path: Path) -> None:
        path = parquet(tmp_path / "t.parquet", [text(1, answer="글")])
        with pytest.raises(ConfigError, match=message):
            texts(path, columns=(column,))

    def test_a_field_given_twice_is_an_error(self, tmp_path: Path) -> None:
        path = parquet(tmp_path / "t.parquet", [text(1)])
        with pytest.raises(ConfigError, match="given twice"):
            texts(path, columns=("text=prompt", "text:=글"))


class TestWhatCannotBeRead:
    def test_missing_columns_are_named_with_those_there_are(self, tmp_path: Path) -> None:
        path = parquet(tmp_path / "t.parquet", [{"prompt_id": "p", "answer": "글"}])
        with pytest.raises(InputError, match=r"category, prompt, candidate, sample, text.*answer"):
            texts(path)

    @pytest.mark.parametrize(
        ("name", "content", "place"),
        [
            ("t.parquet", b"not parquet", "t.parquet: cannot be read"),
            ("t.csv", "가,나\n1,2\n".encode("cp949"), "t.csv:1: cannot be read"),
            ("t.jsonl", b"", "the file is empty"),
            ("t.json", b"", "t.json: cannot be read"),
            ("t.jsonl", b'{"prompt_id": "p", "te', "t.jsonl:1: not JSON"),
            ("t.txt", b"hello", "does not tell the format"),
        ],
    )  # fmt: skip
    def test_a_broken_file_is_named(
        self, name: str, content: bytes, place: str, tmp_path: Path
    ) -> None:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=place):
            drawn(texts(str(tmp_path / name)).texts)

    def test_a_row_that_is_wrong_is_named_by_its_number(self, tmp_path: Path) -> None:
        path = parquet(tmp_path / "t.parquet", [text(1), text(2, text=None)])
        run = Run.open(tmp_path / "run", create=True)
        (lines,) = texts(path).texts
        with pytest.raises(InputError, match=r"t\.parquet:2:text: this field is required"):
            import_texts(run, lines)
        assert list(run.texts()) == []

    def test_nan_is_no_score(self, tmp_path: Path) -> None:
        label = {"prompt_id": "p", "candidate": "m", "sample": 0, "criterion": "c", "rater": "r"}
        path = parquet(tmp_path / "l.parquet", [label | {"score": float("nan")}])
        (lines,) = convert(Files(labels=[path])).labels
        with pytest.raises(InputError, match=r"l\.parquet:1:score: must be a finite number"):
            import_labels(Run.open(tmp_path / "run", create=True), lines)

    def test_a_path_that_is_not_there_is_no_dataset(self, tmp_path: Path) -> None:
        for given in (str(tmp_path / "none"), "./none", "data/none.parquet"):
            with pytest.raises(InputError, match="no such file or folder"):
                texts(given)
        with pytest.raises(ConfigError, match="not the name of a dataset"):
            texts("org/name/too/deep")

    def test_without_the_library_it_is_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = parquet(tmp_path / "t.parquet", [text(1)])
        monkeypatch.setitem(sys.modules, "datasets", None)
        with pytest.raises(UnavailableError, match=r"kojudge\[local\]") as caught:
            texts(path)
        assert caught.value.exit_code == 4

    def test_a_run_is_not_made_where_nothing_can_be_read(
        self, kojudge: Any, tmp_path: Path
    ) -> None:
        there = tmp_path / "run"
        wrong = str(tmp_path / "no.parquet")
        assert kojudge("import", "--run", str(there), "--format", "hf", "--texts", wrong) == 2
        assert not there.exists()

    def test_columns_go_with_this_format_alone(self, kojudge: Any, tmp_path: Path) -> None:
        path = jsonl(tmp_path / "t.jsonl", [text(1)])
        there = ("import", "--run", str(tmp_path / "run"), "--texts", path)
        assert kojudge(*there, "--column", "text=prompt") == 2
        assert kojudge(*there, "--format", "hf", "--column", "text=prompt") == 0


class TestTheHub:
    @pytest.mark.parametrize(
        ("given", "parts"),
        [
            ("org/name", (None, None, None)),
            ("hf://datasets/org/name", (None, None, None)),
            ("org/name/test", (None, None, "test")),
            ("org/name:cfg", (None, "cfg", None)),
            ("org/name@v1.0:cfg/test", ("v1.0", "cfg", "test")),
            ("org/name@refs/pr/3", ("refs/pr/3", None, None)),
            ("org/name@refs/pr/3/train", ("refs/pr/3", None, "train")),
        ],
    )
    def test_a_dataset_is_named_with_revision_configuration_and_split(
        self, given: str, parts: tuple[str | None, ...]
    ) -> None:
        place = place_of(given)
        assert (place.path, place.local) == ("org/name", False)
        assert (place.revision, place.config, place.split) == parts

    @pytest.mark.parametrize(
        ("error", "message"),
        [
            (
                datasets.exceptions.DatasetNotFoundError(
                    "Dataset 'org/name' is a gated dataset on the Hub. Visit the page to ask."
                ),
                "gated.*hf auth login",
            ),
            (
                datasets.exceptions.DatasetNotFoundError("Dataset 'org/name' doesn't exist"),
                "has no dataset org/name@v2",
            ),
            (ConnectionError("Couldn't reach 'org/name' on the Hub"), "HF_HUB_OFFLINE"),
            (RuntimeError("Dataset scripts are no longer supported"), "scripts are no longer"),
        ],
    )
    def test_what_the_hub_refuses_becomes_a_next_step(
        self, error: Exception, message: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*arguments: Any, **options: Any) -> Any:
            raise error

        monkeypatch.setattr(datasets, "get_dataset_config_names", refuse)
        with pytest.raises(UnavailableError, match=message) as caught:
            texts("org/name@v2")
        assert caught.value.exit_code == 4

    def test_a_stream_that_breaks_off_imports_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def rows() -> Any:
            yield text(1)
            raise ConnectionError("the connection broke")

        stream = datasets.IterableDataset.from_generator(rows)
        monkeypatch.setattr(datasets, "get_dataset_config_names", lambda *a, **k: ["default"])
        monkeypatch.setattr(datasets, "load_dataset", lambda *a, **k: {"train": stream})
        run = Run.open(tmp_path / "run", create=True)
        (lines,) = texts("org/name").texts
        with pytest.raises(UnavailableError, match="the connection broke"):
            import_texts(run, lines)
        assert list(run.texts()) == []
