"""``kojudge export``: the results as tables, texts as Parquet, pairs for LLM Comparator."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest

from kojudge.store.run import Run

from .conftest import PAIRS, TEXTS
from .outcome import Call

# The JSON format that LLM Comparator's documentation describes, and its types.
NUMBER_OR_NONE = {"type": ["number", "null"]}
TEXT = {"type": "string"}
COMPARATOR = {
    "type": "object",
    "required": ["metadata", "models", "examples"],
    "properties": {
        "metadata": {
            "type": "object",
            "required": ["source_path", "custom_fields_schema"],
            "properties": {
                "source_path": TEXT,
                "custom_fields_schema": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["name", "type"],
                        "properties": {
                            "name": TEXT,
                            "type": {"enum": ["number", "string", "category", "text", "url",
                                              "per_model_boolean", "per_model_number",
                                              "per_model_category", "per_rating_string"]},
                        },
                    },
                },
            },
        },
        "models": {
            "type": "array", "minItems": 2, "maxItems": 2,
            "items": {"type": "object", "required": ["name"], "properties": {"name": TEXT}},
        },
        "examples": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["input_text", "tags", "output_text_a", "output_text_b", "score",
                             "individual_rater_scores", "custom_fields"],
                "properties": {
                    "input_text": TEXT,
                    "tags": {"type": "array", "items": TEXT},
                    "output_text_a": TEXT,
                    "output_text_b": TEXT,
                    "score": {"type": "number", "minimum": -1.5, "maximum": 1.5},
                    "individual_rater_scores": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["score", "rationale"],
                            "properties": {
                                "score": {"type": "number", "minimum": -1.5, "maximum": 1.5},
                                "rating_label": TEXT,
                                "is_flipped": {"type": "boolean"},
                                "rationale": TEXT,
                                "custom_fields": {"type": "object"},
                            },
                        },
                    },
                    "rationale_list": {
                        "type": "array",
                        "items": {"type": "object", "required": ["rationale", "similarities"]},
                    },
                    "custom_fields": {"type": "object"},
                },
            },
        },
    },
}  # fmt: skip
EXAMPLE = (
    Path(__file__).parents[3]
    / "shared" / "data" / "llm-comparator" / "llm-comparator_example_tiny.json"
)  # fmt: skip


class TestResults:
    @pytest.fixture
    def reported(self, scored: Run, call: Call) -> Any:
        return call("report", "--json").json

    def test_markdown_by_the_name_of_the_file(
        self, reported: Any, call: Call, tmp_path: Path
    ) -> None:
        out = tmp_path / "results.md"
        done = call("export", "--results", str(out))
        assert (done.code, done.err) == (0, f"{out}: {len(reported['comparisons'])} comparisons\n")
        text = out.read_text(encoding="utf-8")
        assert "| fake-warm | naturalness | pairwise | fake-judge (unaudited) |" in text
        call("export", "--results", str(out), lang="ko")
        assert "| fake-warm | naturalness | 쌍대 비교 |" in out.read_text(encoding="utf-8")

    def test_a_name_that_tells_nothing_needs_a_format(
        self, reported: Any, call: Call, tmp_path: Path
    ) -> None:
        out = tmp_path / "summary"
        done = call("export", "--results", str(out))
        assert done.code == 2
        assert "--format markdown|csv|json" in done.err
        assert call("export", "--results", str(out), "--format", "markdown").code == 0
        assert out.read_text(encoding="utf-8").startswith("### Comparison with the baseline")

    def test_csv_holds_every_comparison(self, reported: Any, call: Call, tmp_path: Path) -> None:
        out = tmp_path / "results.csv"
        assert call("export", "--results", str(out)).code == 0
        rows = list(csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig"))))
        assert [float(row["delta"]) for row in rows] == [
            row["delta"] for row in reported["comparisons"]
        ]

    def test_json_is_results_json(self, reported: Any, call: Call, tmp_path: Path) -> None:
        out = tmp_path / "deep" / "results.json"
        assert call("export", "--results", str(out)).code == 0
        assert json.loads(out.read_text(encoding="utf-8")) == reported

    def test_before_the_report_it_says_to_make_one(
        self, scored: Run, call: Call, tmp_path: Path
    ) -> None:
        done = call("export", "--results", str(tmp_path / "r.md"))
        assert done.code == 2
        assert "kojudge report" in done.err
        assert not (tmp_path / "r.md").exists()


class TestParquet:
    def test_texts_come_whole(self, scored: Run, call: Call, tmp_path: Path) -> None:
        out = tmp_path / "texts.parquet"
        assert call("export", "--texts", str(out)).code == 0
        rows = {row["text_id"]: row for row in pq.read_table(out).to_pylist()}
        assert len(rows) == TEXTS
        for text in scored.texts():
            row = rows[text.text_id]
            assert (row["text"], row["prompt"], row["seed"], row["status"]) == (
                text.text, text.prompt, text.seed, "ok",
            )  # fmt: skip

    def test_judgments_come_whole(self, scored: Run, call: Call, tmp_path: Path) -> None:
        out = tmp_path / "judgments.parquet"
        assert call("export", "--judgments", str(out)).code == 0
        table = pq.read_table(out)
        stored = scored.query("SELECT judgment_id, score FROM judgments ORDER BY judgment_id")
        assert table.select(["judgment_id", "score"]).to_pylist() == stored.to_pylist()

    def test_labels_are_jsonl_only(self, scored: Run, call: Call, tmp_path: Path) -> None:
        done = call("export", "--labels", str(tmp_path / "labels.parquet"))
        assert done.code == 2
        assert ".jsonl" in done.err


class TestLlmComparator:
    def test_the_schema_here_fits_the_viewers_own_example(self) -> None:
        if not EXAMPLE.is_file():
            pytest.skip("the example of LLM Comparator lies beside the project, and is not here")
        content = json.loads(EXAMPLE.read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(COMPARATOR).validate(content)

    def test_a_file_for_each_candidate_and_criterion(
        self, scored: Run, call: Call, tmp_path: Path
    ) -> None:
        out = tmp_path / "pairs"
        assert call("export", "--llm-comparator", str(out)).code == 0
        names = ["fake-stiff.naturalness.json", "fake-warm.naturalness.json"]
        assert sorted(path.name for path in out.iterdir()) == names
        contents = [json.loads((out / name).read_text(encoding="utf-8")) for name in names]
        for content in contents:
            jsonschema.Draft202012Validator(COMPARATOR).validate(content)
        assert sum(len(content["examples"]) for content in contents) == PAIRS

    def test_an_example_carries_both_texts_and_both_orders(
        self, scored: Run, call: Call, tmp_path: Path
    ) -> None:
        call("export", "--llm-comparator", str(tmp_path))
        content = json.loads((tmp_path / "fake-warm.naturalness.json").read_text(encoding="utf-8"))
        assert content["models"] == [{"name": "fake-warm"}, {"name": "fake-plain"}]
        texts = {(t.candidate, t.prompt_name): t for t in scored.texts()}
        judged = {}
        for item in scored.judgments():
            if item.mode == "pairwise" and item.candidate == "fake-warm":
                judged[item.prompt_id, item.order] = item
        for example in content["examples"]:
            ours = texts["fake-warm", example["custom_fields"]["prompt_id"]]
            assert example["input_text"] == ours.prompt
            assert example["output_text_a"] == ours.text
            assert example["output_text_b"] == texts["fake-plain", ours.prompt_name].text
            assert example["tags"] == [ours.category]
            ratings = {r["is_flipped"]: r for r in example["individual_rater_scores"]}
            for flipped, order in ((False, "AB"), (True, "BA")):
                outcome = judged[ours.prompt_id, order].outcome
                assert ratings[flipped]["score"] == pytest.approx(3 * (outcome.score - 0.5))
            scores = sorted(r["score"] for r in ratings.values())
            assert scores[0] <= example["score"] <= scores[1]

    def test_every_field_of_the_schema_is_in_every_example(
        self, scored: Run, call: Call, tmp_path: Path
    ) -> None:
        """The viewer reads them without asking; and the scores of single texts stand beside."""
        call("export", "--llm-comparator", str(tmp_path))
        content = json.loads((tmp_path / "fake-warm.naturalness.json").read_text(encoding="utf-8"))
        types = {one["name"]: one["type"] for one in content["metadata"]["custom_fields_schema"]}
        assert types["sample"] == "category"
        assert types.pop("judge") == "per_rating_string"
        assert types["score: fake-judge"] == "per_model_number"
        scores = {
            (one.candidate, one.prompt_id): one.outcome.score
            for one in scored.judgments() if one.mode == "pointwise"
        }  # fmt: skip
        ids = {one.prompt_name: one.prompt_id for one in scored.texts()}
        for example in content["examples"]:
            fields = example["custom_fields"]
            assert set(fields) == set(types)
            prompt_id = ids[fields["prompt_id"]]
            assert fields["score: fake-judge"] == pytest.approx(
                [scores["fake-warm", prompt_id], scores["fake-plain", prompt_id]], abs=1e-6
            )

    def test_a_rationale_is_listed_and_a_missing_score_is_null(
        self, call: Call, tmp_path: Path
    ) -> None:
        run = Run.open(tmp_path / "theirs", create=True)
        texts = [
            {"prompt_id": "p", "category": "blog", "prompt": "써 줘", "candidate": name,
             "sample": 0, "turn": turn, "text": f"{name} {turn}"}
            for name in ("base", "mine") for turn in (1, 2)
        ]  # fmt: skip
        pairs = [
            {"prompt_id": "p", "candidate": "mine", "sample": 0, "turn": turn, "criterion": "c",
             "judge": "j", "mode": "pairwise", "baseline": "base", "order": order,
             "preference": 1.0, "rationale": "더 따뜻합니다."}
            for turn in (1, 2) for order in ("AB", "BA")
        ]  # fmt: skip
        score = {"prompt_id": "p", "candidate": "mine", "sample": 0, "criterion": "c",
                 "judge": "j", "mode": "pointwise", "score": 4, "scale": [1, 5]}  # fmt: skip
        for kind, lines in (("texts", texts), ("judgments", [*pairs, score])):
            file = tmp_path / f"{kind}.jsonl"
            file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
            assert call("import", "--run", run.path, f"--{kind}", str(file)).code == 0
        out = tmp_path / "pairs"
        asked = ("export", "--run", run.path, "--baseline", "base", "--llm-comparator", str(out))
        assert call(*asked).code == 0
        content = json.loads((out / "mine.c.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(COMPARATOR).validate(content)
        assert [one["rationale"] for one in content["examples"][0]["rationale_list"]] == [
            "더 따뜻합니다.", "더 따뜻합니다.",
        ]  # fmt: skip
        fields = {one["custom_fields"]["turn"]: one["custom_fields"] for one in content["examples"]}
        assert fields["1"]["score: j"] == [4, None]
        assert fields["2"]["score: j"] == [None, None]

    def test_without_pairs_it_says_how_to_get_them(
        self, workspace: Path, call: Call, tmp_path: Path
    ) -> None:
        call("generate")
        call("score", "--mode", "pointwise")
        done = call("export", "--llm-comparator", str(tmp_path / "pairs"))
        assert done.code == 2
        assert "--mode pairwise" in done.err
        assert not (tmp_path / "pairs").exists()
