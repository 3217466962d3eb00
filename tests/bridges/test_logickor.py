"""LogicKor's files become turns of a conversation and their scores, and go back unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kojudge.bridges.base import Files, Named
from kojudge.bridges.logickor import candidate_of, convert
from kojudge.bridges.logickor_export import logickor_files
from kojudge.errors import ConfigError, InputError
from kojudge.store.interchange import ImportCount
from kojudge.store.run import Run

from .peers import given, lines_file, read_lines, reason, same, take, value

NAMED = Named(judge="gpt-4-1106-preview", criterion="overall")
GAVE_UP = {"judge_message": "Impossible to judge due to repetition.", "judge_score": 0.0}


def generated(number: int, **changes: Any) -> dict[str, Any]:
    record = {
        "id": number,
        "category": "글쓰기(Writing)",
        "questions": [f"{number}월의 바다를 세 문장으로 그려 줘.", "방금 쓴 글을 동시로 바꿔 줘."],
        "outputs": ["바다가 잔잔했다. 갈매기가 울었다. 해가 졌다.", "갈매기야\n어디 가니"],
        "references": ["바다가 나와야 한다.", None],
    }
    return record | changes


def evaluated(number: int, single: Any = 7.5, multi: Any = 0.0, **changes: Any) -> dict[str, Any]:
    def query(score: Any) -> Any:
        told = {"judge_message": f"{score}점을 줄 만하다.", "judge_score": score}
        return score if isinstance(score, dict) else told

    return generated(number, **changes) | {
        "query_single": query(single), "query_multi": query(multi),
    }  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


def path(tmp_path: Path, folder: str = "generated", name: str = "default") -> Path:
    return tmp_path / folder / "maker" / "small-1b" / f"{name}.jsonl"


def files(tmp_path: Path, *records: dict[str, Any], **changes: Any) -> Files:
    """Evaluated files hold the texts too."""
    file = lines_file(path(tmp_path, "evaluated"), records, bom=True)
    return Files(texts=[file], judgments=[file], named=changes.get("named", NAMED))


class TestTexts:
    def test_the_second_turn_is_judged_with_the_first_shown(self, run: Run, tmp_path: Path) -> None:
        file = lines_file(path(tmp_path), [generated(3)])
        assert take(run, convert(Files(texts=[file]))) == ImportCount(2, 0)
        first, second = run.texts()
        asked, answered = generated(3)["questions"], generated(3)["outputs"]
        assert (first.prompt_id, first.turn, first.prompt, first.text) == (
            "3", 1, asked[0], answered[0],
        )  # fmt: skip
        assert (second.prompt_id, second.turn, second.prompt, second.text) == (
            "3", 2, asked[1], answered[1],
        )  # fmt: skip
        assert json.loads(second.history) == [
            {"role": "user", "content": asked[0]},
            {"role": "assistant", "content": answered[0]},
        ]
        assert {first.candidate, second.candidate} == {"maker/small-1b"}
        assert first.category == "글쓰기(Writing)"

    @pytest.mark.parametrize(
        ("file", "candidate"),
        [
            ("generated/maker/m/default.jsonl", "maker/m"),
            ("x/evaluated/maker/m/default.jsonl", "maker/m"),
            ("generated/maker/m/1-shot.jsonl", "maker/m (1-shot)"),
            ("generated/maker/m.jsonl", "maker/m"),
            ("maker_m.jsonl", "maker_m"),
        ],
    )
    def test_the_path_names_the_candidate(self, file: str, candidate: str) -> None:
        assert candidate_of(file, Named()) == candidate
        assert candidate_of(file, Named(candidate="mine")) == "mine"

    @pytest.mark.parametrize(
        "file", ["default.jsonl", "a/1-shot.jsonl", "judge_20240418_103542.jsonl"]
    )
    def test_a_path_that_does_not_name_it_asks_for_the_option(self, file: str) -> None:
        with pytest.raises(ConfigError, match="--candidate"):
            candidate_of(file, Named())

    def test_a_question_without_an_answer_is_counted(self, run: Run, tmp_path: Path) -> None:
        more = generated(3)
        more["questions"] = [*more["questions"], "하나 더."]
        converted = convert(Files(texts=[lines_file(path(tmp_path), [more])]))
        take(run, converted)
        assert [str(told) for told in converted.left_out()] == [
            "1 questions have no answer and make no text."
        ]
        assert same(
            given(logickor_files(run.texts(), []))["generated/maker/small-1b/default.jsonl"], [more]
        )


class TestJudgments:
    def test_each_turn_has_its_score(self, run: Run, tmp_path: Path) -> None:
        take(run, convert(files(tmp_path, evaluated(1, 7.5, 9.0))))
        single, multi = run.judgments()
        assert (single.turn, value(single), single.scale) == (1, 7.5, (0, 10))
        assert (multi.turn, value(multi), multi.rationale) == (2, 9.0, "9.0점을 줄 만하다.")
        assert (single.judge, single.criterion) == ("gpt-4-1106-preview", "overall")
        assert {single.text_id, multi.text_id} == {text.text_id for text in run.texts()}

    def test_a_failed_judgment_is_no_zero(self, run: Run, tmp_path: Path) -> None:
        converted = convert(files(tmp_path, evaluated(1, 0.0, GAVE_UP), evaluated(2, GAVE_UP, 11)))
        take(run, converted)
        assert [value(item) for item in run.judgments()] == [0.0, None, None, None]
        assert [reason(item) for item in run.judgments() if value(item) is None] == [
            "LogicKor gave up: Impossible to judge due to repetition.",
            "LogicKor gave up: Impossible to judge due to repetition.",
            "LogicKor: score 11 is outside 0–10",
        ]
        failed, zeros = converted.left_out()
        assert str(failed).startswith("3 judgments without a score")
        assert str(zeros).startswith("1 zeros are taken for scores")
        assert "3건" in failed.ko

    def test_a_judge_and_a_criterion_are_asked_for(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="--judge"):
            convert(files(tmp_path, evaluated(1), named=Named(criterion="overall")))
        with pytest.raises(ConfigError, match="--criterion"):
            convert(files(tmp_path, evaluated(1), named=Named(judge="gpt-4")))

    def test_labels_and_question_files_are_refused(self) -> None:
        with pytest.raises(ConfigError, match="labels"):
            convert(Files(labels=["x.jsonl"]))
        with pytest.raises(ConfigError, match="--out"):
            convert(Files(prompts=["questions.jsonl"], texts=["x.jsonl"]))


class TestWrongFiles:
    @pytest.mark.parametrize(
        ("change", "place"),
        [
            ({"id": None}, ":2:id: must be an integer or a string"),
            ({"category": 3}, ":2:category: must be a string"),
            ({"outputs": []}, ":2:outputs: there are 0 answers to 2 questions"),
            ({"outputs": ["하나", None]}, ":2:outputs.1: must be a string"),
            ({"questions": "하나"}, ":2:questions: must be a list"),
        ],
    )
    def test_a_wrong_field_is_named_and_nothing_stays(
        self, run: Run, tmp_path: Path, change: dict[str, Any], place: str
    ) -> None:
        file = lines_file(path(tmp_path), [generated(1), generated(2, **change)])
        with pytest.raises(InputError, match=place):
            take(run, convert(Files(texts=[file])))
        assert [*run.texts()] == []

    @pytest.mark.parametrize(
        ("change", "place"),
        [
            ({"query_multi": 3}, ":1:query_multi: must be an object"),
            ({"query_single": {"judge_score": 3}}, ":1:query_single.judge_message: this field"),
            (
                {"query_single": {"judge_message": "", "judge_score": "7"}},
                ":1:query_single.judge_score",
            ),
        ],
    )
    def test_a_wrong_judgment_is_named(
        self, run: Run, tmp_path: Path, change: dict[str, Any], place: str
    ) -> None:
        with pytest.raises(InputError, match=place):
            take(run, convert(files(tmp_path, evaluated(1) | change)))
        assert [*run.judgments()] == []

    def test_generated_files_are_no_evaluated_ones(self, run: Run, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="query_single: is required"):
            take(run, convert(files(tmp_path, generated(1))))

    def test_a_half_written_last_line_is_an_error(self, run: Run, tmp_path: Path) -> None:
        file = path(tmp_path)
        lines_file(file, [generated(1), generated(2)])
        file.write_bytes(file.read_bytes()[:-40])
        with pytest.raises(
            InputError, match=r"default.jsonl:2: not (JSON|UTF-8)|byte \d+ of the line"
        ):
            take(run, convert(Files(texts=[str(file)])))
        assert [*run.texts()] == []

    def test_one_id_with_two_answers_is_an_error(self, run: Run, tmp_path: Path) -> None:
        other = generated(1, outputs=["다른 답", "또 다른 답"])
        file = lines_file(path(tmp_path), [generated(1), other])
        with pytest.raises(InputError, match=":2:prompt_id"):
            take(run, convert(Files(texts=[file])))


class TestRoundTrip:
    def test_what_came_in_goes_out_and_in_again_as_repeated(self, run: Run, tmp_path: Path) -> None:
        records = [
            evaluated(10, 7.25, GAVE_UP),
            evaluated(2, 0.0, 11.5),
            evaluated(3, references=None),
            evaluated(4, source="우리 팀"),
        ]
        taken = files(tmp_path, *records)
        assert take(run, convert(taken)) == ImportCount(16, 0)
        exported = given(logickor_files(run.texts(), run.judgments()))
        name = "gpt-4-1106-preview.overall/evaluated/maker/small-1b/default.jsonl"
        assert same(exported[name], records)
        assert [record["id"] for record in exported[name]] == [2, 3, 4, 10]
        queries = ("query_single", "query_multi")
        answered = [{k: v for k, v in r.items() if k not in queries} for r in records]
        assert same(exported["generated/maker/small-1b/default.jsonl"], answered)
        again = lines_file(tmp_path / name, exported[name])
        assert take(run, convert(Files(texts=[again], judgments=[again], named=NAMED))) == (
            ImportCount(0, 16)
        )

    def test_a_way_of_prompting_is_a_candidate_and_a_file_of_its_own(
        self, run: Run, tmp_path: Path
    ) -> None:
        shot = lines_file(path(tmp_path, name="1-shot"), [generated(1, outputs=["하나", "둘"])])
        plain = lines_file(path(tmp_path), [generated(1)])
        take(run, convert(Files(texts=[plain, shot])))
        exported = given(logickor_files(run.texts(), []))
        assert same(exported["generated/maker/small-1b/1-shot.jsonl"], read_lines(shot))
        assert same(exported["generated/maker/small-1b/default.jsonl"], read_lines(plain))
