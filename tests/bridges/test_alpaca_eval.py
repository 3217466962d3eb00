"""alpaca-eval's files: null stays null, the judge's order is found again, and all goes back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kojudge.bridges.alpaca_eval import convert, instruction_id, shown_second_first
from kojudge.bridges.alpaca_eval_export import alpaca_eval_files
from kojudge.bridges.base import Files, Named
from kojudge.errors import ConfigError, InputError
from kojudge.records import Judgment, Scored
from kojudge.store.interchange import ImportCount
from kojudge.store.run import Run

from .peers import array_file, given, lines_file, reason, same, take, value

Line = dict[str, Any]
NAMED = Named(criterion="overall")
ASKED = [f"{n}번째 생일을 맞은 조카에게 보낼 카드를 써 줘." for n in range(6)]


def output(number: int, model: str = "mine", **changes: Any) -> Line:
    return {
        "instruction": ASKED[number], "output": f"{model}: 생일 축하해! {number}",
        "generator": model, "dataset": "card", "datasplit": "eval",
    } | changes  # fmt: skip


def annotation(number: int, preference: float | None, **changes: Any) -> Line:
    return {
        "instruction": ASKED[number],
        "output_1": f"base: 생일 축하합니다. {number}", "generator_1": "base", "dataset": "card",
        "output_2": f"mine: 생일 축하해! {number}", "generator_2": "mine",
        "annotator": "weighted_gpt4", "preference": preference,
        "price_per_example": 0.00869, "time_per_example": None, "raw_completion": {"text": "M"},
    } | changes  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


def annotations(tmp_path: Path, *records: Line, named: Named = NAMED) -> Files:
    file = array_file(tmp_path / "annotations.json", records)
    return Files(texts=[file], judgments=[file], named=named)


def by_instruction(run: Run) -> dict[str, Judgment]:
    return {item.prompt_id: item for item in run.judgments()}


class TestTheJudgesOrder:
    @pytest.mark.parametrize(
        ("instruction", "second_first"),
        [
            ("How did US states get their names?", True),
            ("What is some cool music from the 1920s?", False),
            ("How do I wrap a present neatly?", False),
        ],
    )
    def test_the_draw_is_alpaca_evals_own(self, instruction: str, second_first: bool) -> None:
        """tatsu-lab/alpaca_eval@4517ba88, results of gemma-2b-it by weighted_alpaca_eval_gpt4_turbo.

        There the judge's letter ("m": shown first) and the stored preference (about 1: output_1)
        agree where nothing was switched, and differ where the two were.
        """
        assert shown_second_first(instruction) is second_first

    def test_the_order_is_the_draws(self, run: Run, tmp_path: Path) -> None:
        converted = convert(annotations(tmp_path, *(annotation(n, 2) for n in range(6))))
        take(run, converted)
        orders = {item.prompt_id: item.order for item in run.judgments()}
        assert orders == {
            instruction_id(text): "AB" if shown_second_first(text) else "BA" for text in ASKED
        }
        assert len(set(orders.values())) == 2
        assert str(converted.left_out()[0]).startswith("6 judgments in one order only")


class TestJudgments:
    @pytest.mark.parametrize(
        ("preference", "win"),
        [(1, 0.0), (2, 1.0), (1.5, 0.5), (0, 0.5), (1.25, 0.25), (None, None), (-1, None),
         (float("nan"), None)],
    )  # fmt: skip
    def test_a_preference_becomes_the_chance_that_output_2_wins(
        self, run: Run, tmp_path: Path, preference: float | None, win: float | None
    ) -> None:
        converted = convert(annotations(tmp_path, annotation(0, preference)))
        take(run, converted)
        (item,) = run.judgments()
        assert value(item) == win
        assert (item.candidate, item.baseline, item.judge) == ("mine", "base", "weighted_gpt4")
        if win is None:
            assert reason(item) == "alpaca-eval: no preference"
            assert str(converted.left_out()[0]).startswith("1 annotations without a preference")

    def test_the_baseline_is_turned_round_where_it_is_output_2(
        self, run: Run, tmp_path: Path
    ) -> None:
        named = Named(criterion="overall", baseline="mine")
        take(run, convert(annotations(tmp_path, annotation(0, 1.25), named=named)))
        (item,) = run.judgments()
        assert (item.candidate, item.baseline, value(item)) == ("base", "mine", 0.75)
        assert item.order == ("BA" if shown_second_first(ASKED[0]) else "AB")

    def test_a_pair_of_equal_outputs_is_counted(self, run: Run, tmp_path: Path) -> None:
        equal = annotation(0, 1.5, output_1="같은 글", output_2="같은 글")
        converted = convert(annotations(tmp_path, equal))
        take(run, converted)
        assert str(converted.left_out()[0]) == "1 pairs of equal outputs: ties that no judge saw."

    def test_as_labels_they_need_no_order(self, run: Run, tmp_path: Path) -> None:
        file = array_file(tmp_path / "a.json", [annotation(0, 1.25), annotation(1, None)])
        converted = convert(Files(labels=[file], named=NAMED))
        take(run, converted)
        (label,) = run.labels().labels
        assert (label.rater, label.preference, label.baseline) == ("weighted_gpt4", 0.25, "base")
        assert "as labels they are left out" in str(converted.left_out()[0])


class TestNames:
    def test_what_the_files_lack_is_asked_for(self, run: Run, tmp_path: Path) -> None:
        for field, option in (("generator_1", "--baseline"), ("generator_2", "--candidate"),
                              ("annotator", "--judge")):  # fmt: skip
            record = annotation(0, 1)
            del record[field]
            with pytest.raises(ConfigError, match=option):
                take(run, convert(annotations(tmp_path, record)))
        with pytest.raises(ConfigError, match="--criterion"):
            convert(annotations(tmp_path, annotation(0, 1), named=Named()))

    def test_options_fill_in_what_the_files_lack(self, run: Run, tmp_path: Path) -> None:
        bare = {k: v for k, v in output(0).items() if k != "generator"}
        file = lines_file(tmp_path / "outputs.jsonl", [bare])
        take(run, convert(Files(texts=[file], named=Named(candidate="named"))))
        assert [text.candidate for text in run.texts()] == ["named"]

    def test_question_files_are_refused(self) -> None:
        with pytest.raises(ConfigError, match="--out"):
            convert(Files(prompts=["eval.json"], texts=["x.json"]))


class TestWrongFiles:
    @pytest.mark.parametrize(
        ("change", "place"),
        [
            ({"preference": 3}, "preference: must be from 1 to 2"),
            ({"preference": "1"}, "preference: must be a number or null"),
            ({"output_1": None}, "output_1: must be a string"),
            ({"instruction": ""}, "instruction: must not be empty"),
            ({"order": "first"}, "order: must be AB or BA"),
        ],
    )
    def test_a_wrong_field_is_named_and_nothing_stays(
        self, run: Run, tmp_path: Path, change: Line, place: str
    ) -> None:
        file = lines_file(tmp_path / "a.jsonl", [annotation(0, 1), annotation(1, 1) | change])
        with pytest.raises(InputError, match=f":2:{place}"):
            take(run, convert(Files(judgments=[file], named=NAMED)))
        assert [*run.judgments()] == []

    def test_an_annotation_without_a_preference_field_is_none(
        self, run: Run, tmp_path: Path
    ) -> None:
        file = array_file(tmp_path / "a.json", [output(0) | {"output_1": "", "output_2": ""}])
        with pytest.raises(InputError, match=":2:preference: this field is required"):
            take(run, convert(Files(judgments=[file], named=NAMED)))


class TestRoundTrip:
    def test_outputs_and_annotations_go_out_as_they_came(self, run: Run, tmp_path: Path) -> None:
        ours = [output(n) for n in range(6)]
        theirs = [output(n, "base", output=f"base: 생일 축하합니다. {n}") for n in range(6)]
        del theirs[0]["dataset"], ours[0]["dataset"]
        theirs[1]["dataset"] = ours[1]["dataset"] = None
        chosen = [1.0000098183, 1.9999901817, 1.5, 0, None, -1]
        records = [annotation(n, chosen[n]) for n in range(6)]
        del records[0]["dataset"]
        records[1]["dataset"] = None
        outputs = [array_file(tmp_path / f"{n}.json", t) for n, t in enumerate((ours, theirs))]
        judged = array_file(tmp_path / "annotations.json", records)
        taken = Files(texts=outputs, judgments=[judged], named=NAMED)
        assert take(run, convert(taken)) == ImportCount(18, 0)
        exported = given(alpaca_eval_files(run.texts(), run.judgments()))
        assert same(exported["mine/model_outputs.json"], ours)
        assert same(exported["base/model_outputs.json"], theirs)
        back = exported["mine/weighted_gpt4.overall/annotations.json"]
        records[5]["preference"] = -1
        assert same(back, records)
        again = [array_file(tmp_path / f"out/{n}", t) for n, t in exported.items()]
        files = Files(texts=again[:2], judgments=again[2:], named=NAMED)
        assert take(run, convert(files)) == ImportCount(0, 18)

    def test_pairs_in_both_orders_keep_them(self, run: Run, tmp_path: Path) -> None:
        """What kojudge judged itself goes out with its order, and comes back with it."""
        take(run, convert(annotations(tmp_path, annotation(0, 1.25))))
        (one,) = run.judgments()
        other = "AB" if one.order == "BA" else "BA"
        fields = {name: getattr(one, name) for name in one.__slots__}
        fields |= {"judgment_id": "other", "order": other, "extra": "{}"}
        fields |= {"outcome": Scored(0.875, "expected"), "origin": "judged"}
        run.append_judgments([Judgment(**fields)])
        exported = given(alpaca_eval_files(run.texts(), run.judgments()))
        back = exported["mine/weighted_gpt4.overall/annotations.json"]
        assert {(record.get("order"), record["preference"]) for record in back} == {
            (None, 1.25), (other, 1.875),
        }  # fmt: skip
        there = Run.open(tmp_path / "there", create=True)
        take(there, convert(annotations(tmp_path, *back)))
        assert {(item.order, value(item)) for item in there.judgments()} == {
            (one.order, 0.25), (other, 0.875),
        }  # fmt: skip

    def test_a_turned_pair_goes_back_as_it_was(self, run: Run, tmp_path: Path) -> None:
        named = Named(criterion="overall", baseline="mine")
        take(run, convert(annotations(tmp_path, annotation(0, 1.0000098183), named=named)))
        exported = given(alpaca_eval_files(run.texts(), run.judgments()))
        (back,) = exported["base/weighted_gpt4.overall/annotations.json"]
        assert same([back], [annotation(0, 1.0000098183)])

    def test_a_texts_own_prompt_id_stays(self, run: Run, tmp_path: Path) -> None:
        file = array_file(tmp_path / "o.json", [output(0, prompt_id="card-1", sample=2)])
        take(run, convert(Files(texts=[file])))
        (text,) = run.texts()
        assert (text.prompt_id, text.sample) == ("card-1", 2)
        assert json.loads(text.extra) == {"alpaca_eval": {"datasplit": "eval"}}
        (back,) = given(alpaca_eval_files(run.texts(), []))["mine/model_outputs.json"]
        assert (back["prompt_id"], back["sample"]) == ("card-1", 2)
