"""Files of MT-bench and its kin: a failed parse is no number, and all goes back unchanged."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from kojudge.bridges.base import Files, Named
from kojudge.bridges.mt_bench import convert
from kojudge.bridges.mt_bench_export import mt_bench_files
from kojudge.errors import ConfigError, InputError
from kojudge.store.interchange import ImportCount
from kojudge.store.run import Run

from .peers import SHARED, given, lines_file, read_lines, reason, same, take, value, with_data

Line = dict[str, Any]
NAMED = Named(criterion="overall", baseline="base")
ARENA = SHARED / "data/ko-arena-hard/data/ko-arena-hard-v0.1"
KOMT = SHARED / "data/komt-eval/eval_results"
VOTES = SHARED / "data/mt-bench"


def question(number: int) -> Line:
    turns = [f"{number}층 엘리베이터에 붙일 글을 써 줘.", "더 짧게 줄여 줘."]
    return {"question_id": number, "category": "writing", "turns": turns}


def answer(number: int, model: str = "mine", **changes: Any) -> Line:
    choices = [{"index": 0, "turns": [f"{model}: {number}층입니다. 조용히 해 주세요.", "쉿."]}]
    made = {"answer_id": f"{model}{number}", "model_id": model, "tstamp": 1763791200.25}
    return {"question_id": number} | made | {"choices": choices} | changes


def single(number: int, score: Any, turn: int = 1, **changes: Any) -> Line:
    judge = ["gpt-4", "single-v1-multi-turn" if turn == 2 else "single-v1"]
    told = {"user_prompt": f"[Question] {number}", "judgment": f"Rating: [[{score}]]"}
    record = {"question_id": number, "model": "mine", "judge": judge} | told
    return record | {"score": score, "turn": turn, "tstamp": 1763791300.5} | changes


def pair(number: int, first: str, second: str, models: tuple[str, str] = ("mine", "base")) -> Line:
    return {
        "question_id": number, "model_1": models[0], "model_2": models[1],
        "g1_winner": first, "g2_winner": second, "judge": ["gpt-4", "pair-v2"],
        "g1_user_prompt": "A B", "g1_judgment": "[[A]]", "g2_user_prompt": "B A",
        "g2_judgment": "[[B]]", "turn": 1, "tstamp": 1763791400.75,
    }  # fmt: skip


def games(number: int, *verdicts: str | None, model: str = "mine") -> Line:
    told = [{"user_prompt": "p", "judgment": f"[[{v}]]", "score": v} for v in verdicts]
    return {"question_id": f"q{number}", "model": model, "judge": "ensemble", "games": told}


VOTE: Line = {
    "judge": "expert_7", "model_a": "mine", "model_b": "base", "question_id": 81, "turn": 2,
    "winner": "model_b",
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


@pytest.fixture
def questions(tmp_path: Path) -> str:
    return lines_file(tmp_path / "question.jsonl", [question(81), question(9)])


def judged(run: Run, tmp_path: Path, *records: Line, named: Named = NAMED) -> list[str]:
    """Take the judgments in; return what was said of them."""
    converted = convert(Files(judgments=[lines_file(tmp_path / "j.jsonl", records)], named=named))
    take(run, converted)
    return [str(told) for told in converted.left_out()]


class TestAnswers:
    def test_choices_are_samples_and_turns_are_turns(
        self, run: Run, tmp_path: Path, questions: str
    ) -> None:
        record = answer(81)
        record["choices"] = [*record["choices"], {"index": 1, "turns": ["다른 답", "짧은 답"]}]
        file = lines_file(tmp_path / "model_answer/file-name.jsonl", [record])
        take(run, convert(Files(prompts=[questions], texts=[file])))
        found = [(t.prompt_id, t.candidate, t.sample, t.turn, t.text) for t in run.texts()]
        assert found == [
            ("81", "mine", 0, 1, "mine: 81층입니다. 조용히 해 주세요."), ("81", "mine", 0, 2, "쉿."),
            ("81", "mine", 1, 1, "다른 답"), ("81", "mine", 1, 2, "짧은 답"),
        ]  # fmt: skip
        history = json.loads([*run.texts()][3].history)
        assert [turn["content"] for turn in history] == [question(81)["turns"][0], "다른 답"]

    def test_a_file_without_model_ids_names_its_model(
        self, run: Run, tmp_path: Path, questions: str
    ) -> None:
        record = answer(81)
        del record["model_id"]
        file = lines_file(tmp_path / "model_answer/file-name.jsonl", [record])
        take(run, convert(Files(prompts=[questions], texts=[file])))
        assert {text.candidate for text in run.texts()} == {"file-name"}

    def test_an_answer_that_could_not_be_had_is_no_text(
        self, run: Run, tmp_path: Path, questions: str
    ) -> None:
        lost = [{"index": 0, "turns": ["답", "$ERROR$"]}]
        file = lines_file(tmp_path / "a.jsonl", [answer(81, choices=lost)])
        converted = convert(Files(prompts=[questions], texts=[file]))
        take(run, converted)
        assert [text.text for text in run.texts()] == ["답"]
        assert str(converted.left_out()[0]).startswith("1 turns that the model did not answer")

    def test_the_questions_are_asked_for(self, run: Run, tmp_path: Path, questions: str) -> None:
        file = lines_file(tmp_path / "a.jsonl", [answer(81), answer(7)])
        with pytest.raises(ConfigError, match="--prompts"):
            take(run, convert(Files(texts=[file])))
        with pytest.raises(InputError, match=r"a\.jsonl:2:question_id: no question file"):
            take(run, convert(Files(prompts=[questions], texts=[file])))
        assert [*run.texts()] == []

    @pytest.mark.parametrize(
        ("record", "place"),
        [
            ({"question_id": 81, "turns": []}, "q.jsonl:2:turns: is empty"),
            ({"question_id": 81, "turns": [{"content": ["글", ["그림"]]}]}, "q.jsonl:2:turns.0"),
            ({"question_id": True, "turns": ["글"]}, "q.jsonl:2:question_id"),
            (
                {"question_id": 9, "turns": ["또"]},
                "q.jsonl:2:question_id: this id stands there twice",
            ),
        ],
    )
    def test_a_wrong_question_is_named(
        self, run: Run, tmp_path: Path, record: Line, place: str
    ) -> None:
        asked = lines_file(tmp_path / "q.jsonl", [question(9), record])
        file = lines_file(tmp_path / "a.jsonl", [answer(9)])
        with pytest.raises(InputError, match=place):
            take(run, convert(Files(prompts=[asked], texts=[file])))

    @pytest.mark.parametrize(
        ("choice", "place"),
        [
            ({"index": 0}, ":1:choices.0.turns"),
            ({"index": 0, "turns": ["하나", "둘", "셋"]}, ":1:choices.0.turns"),
            ({"index": -1, "turns": ["하나"]}, ":1:choices.0.index"),
            ({"index": 0, "turns": [3]}, ":1:choices.0.turns.0"),
        ],
    )
    def test_a_wrong_choice_is_named(
        self, run: Run, tmp_path: Path, questions: str, choice: Line, place: str
    ) -> None:
        file = lines_file(tmp_path / "a.jsonl", [answer(81, choices=[choice])])
        with pytest.raises(InputError, match=place):
            take(run, convert(Files(prompts=[questions], texts=[file])))


class TestSingle:
    def test_minus_one_and_ratings_off_the_scale_are_no_scores(
        self, run: Run, tmp_path: Path
    ) -> None:
        lost = single(84, -1, judgment="$ERROR$")
        records = [single(81, 8.5), single(82, -1), single(83, 0), lost, single(85, None)]
        told = judged(run, tmp_path, *records)
        items = [*run.judgments()]
        assert [value(item) for item in items] == [8.5, None, None, None, None]
        assert [reason(item) for item in items[1:]] == [
            "no rating in the judge's reply", "rating 0 is outside 1–10",
            "the judge could not be reached", "no rating in the judge's reply",
        ]  # fmt: skip
        assert told[0].startswith("4 judgments without a score")
        assert (items[0].judge, items[0].rubric, items[0].scale) == ("gpt-4", "single-v1", (1, 10))

    def test_a_criterion_is_asked_for(self) -> None:
        with pytest.raises(ConfigError, match="--criterion"):
            convert(Files(judgments=["x.jsonl"]))

    @pytest.mark.parametrize(
        ("record", "place"),
        [
            (single(81, "8"), ":1:score: must be a number or null"),
            (single(81, 8, judge=["gpt-4"]), ":1:judge: must be a name or"),
            (single(81, 8, turn=0), ":1:turn"),
            (single(81, 8, model=""), ":1:model: must not be empty"),
            ({"question_id": 81, "model": "mine"}, ":1: is no judgment of MT-bench"),
        ],
    )
    def test_a_wrong_judgment_is_named(
        self, run: Run, tmp_path: Path, record: Line, place: str
    ) -> None:
        with pytest.raises(InputError, match=place):
            judged(run, tmp_path, record)
        assert [*run.judgments()] == []


class TestPairs:
    def test_the_first_game_shows_model_1_first(self, run: Run, tmp_path: Path) -> None:
        judged(run, tmp_path, pair(81, "model_1", "model_2"), pair(82, "tie", "error"))
        assert [(i.prompt_id, i.order, value(i)) for i in run.judgments()] == [
            ("81", "AB", 1.0), ("81", "BA", 0.0), ("82", "AB", 0.5), ("82", "BA", None),
        ]  # fmt: skip
        assert {(item.candidate, item.baseline) for item in run.judgments()} == {("mine", "base")}

    def test_the_baseline_is_turned_round_where_it_is_model_1(
        self, run: Run, tmp_path: Path
    ) -> None:
        judged(run, tmp_path, pair(81, "model_1", "tie", ("base", "mine")))
        assert [(i.candidate, i.order, value(i)) for i in run.judgments()] == [
            ("mine", "AB", 0.5), ("mine", "BA", 0.0),
        ]  # fmt: skip

    @pytest.mark.parametrize("winner", ["A", 1, "model_a"])
    def test_an_unknown_winner_is_an_error(self, run: Run, tmp_path: Path, winner: Any) -> None:
        with pytest.raises(
            InputError, match=":1:g2_winner: must be model_1, model_2, tie or error"
        ):
            judged(run, tmp_path, pair(81, "tie", winner))


class TestGames:
    def test_the_baseline_is_shown_first_in_the_first_game(self, run: Run, tmp_path: Path) -> None:
        told = judged(
            run, tmp_path, games(1, "A>>B", "A>B"), games(2, "B>A", "B>>A"), games(3, "A=B", None),
            games(4, "A>B"),
        )  # fmt: skip
        found = {(i.prompt_id, i.order): value(i) for i in run.judgments()}
        assert found == {
            ("q1", "BA"): 0.0, ("q1", "AB"): 1.0, ("q2", "BA"): 1.0, ("q2", "AB"): 0.0,
            ("q3", "BA"): 0.5, ("q3", "AB"): None, ("q4", "BA"): 0.0,
        }  # fmt: skip
        strengths = {i.order: json.loads(i.extra)["mt_bench"]["verdict"] for i in run.judgments()
                     if i.prompt_id == "q1"}  # fmt: skip
        assert strengths == {"BA": "A>>B", "AB": "A>B"}
        assert [line[:9] for line in told] == ["1 judgmen", "1 pairs h"]

    def test_the_baseline_is_asked_for(self, run: Run, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="--baseline"):
            judged(run, tmp_path, games(1, "A=B"), named=Named(criterion="overall"))

    def test_an_unknown_verdict_is_an_error(self, run: Run, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r":1:games.1.score: must be one of A>>B"):
            judged(run, tmp_path, games(1, "A=B", "A"))


class TestVotes:
    def test_a_persons_vote_is_a_label_and_no_judgment(self, run: Run, tmp_path: Path) -> None:
        file = lines_file(tmp_path / "votes.jsonl", [VOTE])
        take(run, convert(Files(labels=[file], named=NAMED)))
        (label,) = run.labels().labels
        assert (label.rater, label.preference, label.extra["turn"]) == ("expert_7", 0.0, 2)
        with pytest.raises(InputError, match=":1:judge: this vote does not say which"):
            judged(run, tmp_path, VOTE)

    def test_a_verdict_over_both_orders_fills_both_where_they_agreed(
        self, run: Run, tmp_path: Path
    ) -> None:
        both = VOTE | {"judge": "gpt4_pair"}
        other = both | {"question_id": 82, "winner": "tie (inconsistent)"}
        told = judged(run, tmp_path, both, other)
        assert [value(item) for item in run.judgments()] == [0.0, 0.0, None, None]
        assert told[0].startswith("2 verdicts stand for both orders")

    def test_an_unknown_winner_is_an_error(self, run: Run, tmp_path: Path) -> None:
        file = lines_file(tmp_path / "votes.jsonl", [VOTE | {"winner": "A"}])
        with pytest.raises(InputError, match=":1:winner: must be one of model_a"):
            take(run, convert(Files(labels=[file], named=NAMED)))


class TestRoundTrip:
    def test_every_kind_goes_out_as_it_came_and_in_again_as_repeated(
        self, run: Run, tmp_path: Path, questions: str
    ) -> None:
        answers = [answer(81), answer(9, choices=[{"index": 0, "turns": ["한 차례만"]}])]
        singles = [single(81, 8.5), single(81, 7, turn=2), single(9, -1), single(10, 0)]
        pairs = [pair(81, "model_1", "tie"), pair(9, "error", "model_2"),
                 pair(10, "model_2", "model_1", ("base", "mine"))]  # fmt: skip
        played = [games(1, "A>>B", "B>A"), games(2, None, "A=B"), games(3, "A>B")]
        taken = Files(
            prompts=[questions],
            texts=[lines_file(tmp_path / "in/mine.jsonl", answers)],
            judgments=[
                lines_file(tmp_path / f"in/{name}.jsonl", records)
                for name, records in (("single", singles), ("pair", pairs), ("games", played))
            ],
            labels=[lines_file(tmp_path / "in/votes.jsonl", [VOTE])],
            named=NAMED,
        )
        count = take(run, convert(taken))
        assert count == ImportCount(3 + 4 + 6 + 5 + 1, 0)
        exported = given(mt_bench_files(run.texts(), run.judgments(), run.labels().labels))
        expected = {
            "question.jsonl": [question(81), question(9) | {"turns": question(9)["turns"][:1]}],
            "model_answer/mine.jsonl": answers,
            "model_judgment/gpt-4.overall_single.jsonl": singles,
            "model_judgment/gpt-4.overall_pair.jsonl": pairs,
            "model_judgment/ensemble.overall/mine.jsonl": played,
            "votes.overall.jsonl": [VOTE],
        }
        assert set(exported) == set(expected)
        for name, records in expected.items():
            assert same(exported[name], records), name
        out = {name: lines_file(tmp_path / "out" / name, lines) for name, lines in exported.items()}
        again = Files(
            prompts=[questions],
            texts=[out["model_answer/mine.jsonl"]],
            judgments=[path for name, path in out.items() if name.startswith("model_judgment")],
            labels=[out["votes.overall.jsonl"]],
            named=NAMED,
        )
        assert take(run, convert(again)) == ImportCount(0, count.added)

    def test_ids_stay_numbers_or_strings(self, run: Run, tmp_path: Path) -> None:
        judged(run, tmp_path, single(81, 5), single("82", 6), single("a", 7))
        exported = given(mt_bench_files([], run.judgments(), []))
        (records,) = exported.values()
        assert [record["question_id"] for record in records] == [81, "82", "a"]


@with_data
class TestRealFiles:
    def test_ko_arena_hard_there_and_back(self, run: Run, tmp_path: Path) -> None:
        """o4-mini-high lacks one game of 1,000; the others are whole."""
        models = ("lfm-3b", "o4-mini-high")
        answers = ARENA / "model_answer/lfm-3b.jsonl"
        verdicts = [ARENA / f"model_judgment/ensemble/{model}.jsonl" for model in models]
        named = Named(criterion="overall", baseline="claude-3.7-sonnet")
        taken = Files(
            prompts=[str(ARENA / "question.jsonl")],
            texts=[str(answers)],
            judgments=[str(path) for path in verdicts],
            named=named,
        )
        converted = convert(taken)
        assert take(run, converted) == ImportCount(500 + 1000 + 999, 0)
        assert str(converted.left_out()[0]).startswith("1 pairs have one order only")
        exported = given(mt_bench_files(run.texts(), run.judgments(), []))
        assert same(exported["model_answer/lfm-3b.jsonl"], read_lines(answers))
        for model, path in zip(models, verdicts, strict=True):
            back = exported[f"model_judgment/ensemble.overall/{model}.jsonl"]
            assert same(back, read_lines(path))
        assert take(run, convert(taken)) == ImportCount(0, 2499)
        asked = {q["question_id"]: q["turns"] for q in read_lines(ARENA / "question.jsonl")}
        assert {q["question_id"]: q["turns"] for q in exported["question.jsonl"]} == asked

    def test_the_verdicts_counted_by_hand_say_the_same(self, run: Run) -> None:
        path = ARENA / "model_judgment/ensemble/gemma-2-9b-it.jsonl"
        named = Named(criterion="overall", baseline="claude-3.7-sonnet")
        take(run, convert(Files(judgments=[str(path)], named=named)))
        letters = Counter((at, game["score"].replace(">>", ">"))
                          for record in read_lines(path) for at, game in enumerate(record["games"]))  # fmt: skip
        wins = Counter((item.order, value(item)) for item in run.judgments())
        assert wins["BA", 0.0] == letters[0, "A>B"]
        assert wins["BA", 1.0] == letters[0, "B>A"]
        assert wins["AB", 1.0] == letters[1, "A>B"]
        assert wins["AB", 0.0] == letters[1, "B>A"]
        assert wins["AB", 0.5] + wins["BA", 0.5] == letters[0, "A=B"] + letters[1, "A=B"]

    def test_komts_zeros_are_replies_without_a_score(self, run: Run, tmp_path: Path) -> None:
        """All 17 zeros of its 518 scores stand beside replies that its parser did not read."""
        paths = sorted(str(path) for path in KOMT.glob("score_result_*.jsonl"))
        converted = convert(Files(judgments=paths, named=NAMED))
        found = [line for lines in converted.judgments for _, line in lines.objects]
        scores = Counter(line["score"] for line in found)
        assert scores == {4.0: 273, 1.0: 92, 3.0: 61, 2.0: 61, None: 17, 5.0: 14}
        assert {line["reason"] for line in found if line["score"] is None} == {
            "no score in the judge's reply"
        }
        assert str(converted.left_out()[0]).startswith("17 judgments without a score")

    def test_komts_texts_and_scores_survive_mt_benchs_files(self, run: Run, tmp_path: Path) -> None:
        """kullm has eight of the replies without a score."""
        path = str(KOMT / "score_result_nlpai-lab-kullm-polyglot-12.8b-v2.jsonl")
        taken = Files(texts=[path], judgments=[path], named=NAMED)
        assert take(run, convert(taken)) == ImportCount(2 * 37, 0)
        assert {text.candidate for text in run.texts()} == {"nlpai-lab-kullm-polyglot-12.8b-v2"}
        assert {item.scale for item in run.judgments()} == {(0.0, 5.0)}
        exported = given(mt_bench_files(run.texts(), run.judgments(), []))
        names = ("question", "model_answer/nlpai-lab-kullm-polyglot-12.8b-v2",
                 "model_judgment/chatgpt.overall_single")  # fmt: skip
        out = [lines_file(tmp_path / n, exported[f"{n}.jsonl"]) for n in names]
        back = Run.open(tmp_path / "back", create=True)
        again = Files(prompts=out[:1], texts=out[1:2], judgments=out[2:], named=NAMED)
        take(back, convert(again))
        records = {str(record["id"]): record for record in read_lines(path)}
        for there in (run, back):
            for text in there.texts():
                record = records[text.prompt_id]
                assert (text.prompt, text.text) == (record["instruction"], record["answer"])
            assert {item.prompt_id: value(item) for item in there.judgments()} == {
                key: float(record["score"]) or None for key, record in records.items()
            }

    def test_the_votes_of_mt_bench_there_and_back(self, run: Run) -> None:
        human, gpt4 = VOTES / "mtbench_human.jsonl", VOTES / "mtbench_gpt4_pair.jsonl"
        taken = Files(labels=[str(human)], judgments=[str(gpt4)], named=Named(criterion="overall"))
        assert take(run, convert(taken)) == ImportCount(4800 + 3355, 0)
        unscored = sum(value(item) is None for item in run.judgments())
        assert unscored == 2 * 380
        exported = given(mt_bench_files([], run.judgments(), run.labels().labels))
        assert same(exported["votes.overall.jsonl"], read_lines(human))
        assert same(exported["model_judgment/gpt4_pair.overall_votes.jsonl"], read_lines(gpt4))
        assert take(run, convert(taken)) == ImportCount(0, 4800 + 3355)
