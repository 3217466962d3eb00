"""Logs of lm-evaluation-harness become texts; only what was written, and only known scales."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from kojudge.bridges import Converted, Files, Named, bridge
from kojudge.errors import ConfigError, InputError
from kojudge.records import Message, Prompt, Scored, Unscored
from kojudge.store.interchange import ImportCount, export_texts, import_judgments, import_texts
from kojudge.store.run import Run

Line = dict[str, Any]
DATE = "2026-11-22T13-11-25.432899"
QUESTION = "동네 빵집을 두 문장으로 소개해 주세요."
ANSWERS = ("골목 끝 빵집은 새벽 다섯 시면 불을 켜요.", "단팥빵이 특히 맛있어요.")
PROMPT = Prompt(
    name="letter-001",
    category="letter",
    messages=(
        Message("system", "다정하게 답하세요."),
        Message("user", "친구가 이사를 가."),
        Message("assistant", "서운하겠네."),
        Message("user", "편지를 써 줘."),
    ),
    constraints=("세 문장",),
)


def logged(number: int = 0, answers: Iterable[str] = ANSWERS[:1], **fields: Any) -> Line:
    """One line as lm-eval 0.4.13 logs it for a task that generates."""
    return {
        "doc_id": number,
        "doc": {"question": QUESTION},
        "target": "",
        "arguments": {
            "gen_args_0": {
                "arg_0": f"<|user|>{QUESTION}<|assistant|>",
                "arg_1": {"until": [], "temperature": 0.8, "do_sample": True},
            }
        },
        "resps": [list(answers)],
        "filtered_resps": [list(answers)],
        "filter": "none",
        "metrics": ["fluency"],
        "doc_hash": "a" * 64,
        "prompt_hash": "b" * 64,
        "target_hash": "c" * 64,
        "fluency": 3.5,
    } | fields


def of_kojudge(**changed: Any) -> Line:
    """A document of the task that ``kojudge export --lm-eval`` writes."""
    return {
        "prompt_id": PROMPT.prompt_id,
        "name": PROMPT.name,
        "category": PROMPT.category,
        "request": PROMPT.request,
        "messages": [{"role": m.role, "content": m.content} for m in PROMPT.messages],
        "language": PROMPT.language,
        "constraints": list(PROMPT.constraints),
    } | changed


def loglikelihoods() -> Line:
    """One line of a multiple-choice task: two choices, each with its log-likelihood."""
    request = {"arg_0": f"{QUESTION}\n정답:", "arg_1": " 가"}
    return logged(
        arguments={"gen_args_0": request, "gen_args_1": request | {"arg_1": " 나"}},
        resps=[[["-11.25", "False"]], [["-12.5", "False"]]],
        filtered_resps=[["-11.25", "False"], ["-12.5", "False"]],
    )


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., str]:
    """Write a samples file, and the results beside it, as one run of lm-eval does."""

    def write(
        *lines: Line,
        task: str = "ko_talk",
        model: str | None = "org/model",
        scales: Line | None = None,
    ) -> str:
        if model is not None:
            metadata = {"version": 1.0} | ({"scales": scales} if scales else {})
            results = {"model_name": model, "configs": {task: {"metadata": metadata}}}
            (tmp_path / f"results_{DATE}.json").write_text(json.dumps(results), encoding="utf-8")
        path = tmp_path / f"samples_{task}_{DATE}.jsonl"
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        text = text.replace("\ud800", "\\ud800")  # half a pair: JSON can say it, UTF-8 cannot
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def convert(
    *texts: str, judgments: Iterable[str] = (), prompts: Iterable[str] = (), **named: str
) -> Converted:
    files = Files(
        prompts=list(prompts), texts=texts, judgments=list(judgments), named=Named(**named)
    )
    return bridge("lm-eval")(files)


def lines_of(converted: Converted) -> list[Line]:
    return [line for file in (*converted.texts, *converted.judgments) for _, line in file.objects]


def test_what_was_written_becomes_texts_one_a_repeat(log: Callable[..., str]) -> None:
    first, second = lines_of(convert(log(logged(7, ANSWERS))))
    assert first == {
        "prompt_id": "ko_talk:7",
        "category": "ko_talk",
        "prompt": f"<|user|>{QUESTION}<|assistant|>",
        "candidate": "org/model",
        "sample": 0,
        "text": ANSWERS[0],
        "task": "ko_talk",
        "doc_id": 7,
        "generation_kwargs": {"until": [], "temperature": 0.8, "do_sample": True},
        "metrics": {"fluency": 3.5},
    }
    assert second == first | {"sample": 1, "text": ANSWERS[1]}


def test_texts_come_back_out_as_they_went_in_and_are_taken_once(
    log: Callable[..., str], tmp_path: Path
) -> None:
    path = log(logged(0, ANSWERS), logged(1, ["", "\ud800끝"]))
    run = Run.open(str(tmp_path / "run"), create=True)
    counts = [import_texts(run, convert(path).texts[0]) for _ in range(2)]
    assert counts == [ImportCount(added=4, repeated=0), ImportCount(added=0, repeated=4)]
    export_texts(run, tmp_path / "back.jsonl")
    back = [
        json.loads(line) for line in (tmp_path / "back.jsonl").read_text("utf-8").split("\n")[:-1]
    ]
    key = "prompt_id", "sample"
    assert sorted(back, key=lambda line: [line[name] for name in key]) == lines_of(convert(path))


def test_the_category_is_the_documents_where_it_has_one(log: Callable[..., str]) -> None:
    doc = {"question": QUESTION, "category": "빵집"}
    assert lines_of(convert(log(logged(doc=doc))))[0]["category"] == "빵집"


def test_a_named_candidate_goes_before_the_name_in_the_results(log: Callable[..., str]) -> None:
    assert lines_of(convert(log(logged()), candidate="mine"))[0]["candidate"] == "mine"


def test_without_results_the_candidate_must_be_named(log: Callable[..., str]) -> None:
    path = log(logged(), model=None)
    with pytest.raises(InputError, match="--candidate"):
        convert(path)
    assert lines_of(convert(path, candidate="mine"))[0]["candidate"] == "mine"


def test_results_under_another_name_are_found_by_their_date(
    log: Callable[..., str], tmp_path: Path
) -> None:
    path = log(logged())
    (tmp_path / f"results_{DATE}.json").rename(tmp_path / f"mine_{DATE}.json")
    assert lines_of(convert(path))[0]["candidate"] == "org/model"


def test_results_that_are_none_are_refused_by_name(log: Callable[..., str], tmp_path: Path) -> None:
    path = log(logged())
    (tmp_path / f"results_{DATE}.json").write_text('{"model_name": "cut', encoding="utf-8")
    with pytest.raises(InputError, match=f"results_{DATE}.json"):
        convert(path)


def test_a_file_whose_name_lost_the_task_is_refused(
    log: Callable[..., str], tmp_path: Path
) -> None:
    path = Path(log(logged())).rename(tmp_path / "mine.jsonl")
    with pytest.raises(InputError, match=r"mine\.jsonl:1: .*samples_TASK_DATE"):
        lines_of(convert(str(path), candidate="mine"))


class TestOtherForms:
    def test_arguments_without_names_and_one_array_are_those_of_early_0_4(
        self, log: Callable[..., str], tmp_path: Path
    ) -> None:
        new = logged(0, ANSWERS)
        old = new | {"arguments": [list(new["arguments"]["gen_args_0"].values())]}
        wanted = lines_of(convert(log(new)))
        assert lines_of(convert(log(old))) == wanted
        path = tmp_path / f"samples_ko_talk_{DATE}.jsonl"
        path.write_text("\ufeff" + json.dumps([old], indent=2), encoding="utf-8")
        assert lines_of(convert(str(path))) == wanted

    def test_the_turns_sent_to_a_chat_server_are_turns_again(self, log: Callable[..., str]) -> None:
        turns = [{"role": "user", "content": "안녕"}, {"role": "assistant", "content": "응"},
                 {"role": "user", "content": QUESTION, "type": "text"}]  # fmt: skip
        sent = {"gen_args_0": {"arg_0": [json.dumps(turns)], "arg_1": {"until": []}}}
        converted = convert(log(logged(arguments=sent)))
        (line,) = lines_of(converted)
        assert (line["prompt"], line["history"]) == (QUESTION, turns[:2])
        assert not any("chat marks" in left.en for left in converted.left_out())

    def test_write_out_of_0_3_has_its_text_as_logit(self, tmp_path: Path) -> None:
        """The harness that ko-lm-evaluation-harness branched from; its prompt ends in "until"."""
        path = tmp_path / "korquad_write_out_info.json"
        entry = {
            "doc_id": 3,
            "prompt_0": "질문: 수도는?\n\n답:until",
            "logit_0": " 서울",
            "truth": " 서울",
        }
        path.write_text(json.dumps([entry | {"f1": "1.0"}], indent=4), encoding="utf-8")
        (line,) = lines_of(convert(str(path), candidate="polyglot-ko-1.3b"))
        assert line == {
            "prompt_id": "korquad:3", "category": "korquad", "prompt": "질문: 수도는?\n\n답:",
            "candidate": "polyglot-ko-1.3b", "sample": 0, "text": " 서울", "task": "korquad",
            "doc_id": 3, "metrics": {"f1": "1.0"},
        }  # fmt: skip

    def test_write_out_of_choices_has_no_text(self, tmp_path: Path) -> None:
        path = tmp_path / "kobest_copa_write_out_info.json"
        entry = {
            "doc_id": 0,
            "prompt_0": "비가 왔다. 그래서",
            "logit_0": -11.2,
            "prompt_1": "",
            "logit_1": -9,
        }
        path.write_text(json.dumps([entry]), encoding="utf-8")
        with pytest.raises(InputError, match=r"log-likelihoods.*generate_until"):
            lines_of(convert(str(path), candidate="polyglot-ko-1.3b"))


class TestWhatHasNoText:
    def test_choices_are_refused_and_told_why(self, log: Callable[..., str]) -> None:
        with pytest.raises(InputError, match=r"jsonl:2:arguments: .*wrote no text") as caught:
            lines_of(convert(log(logged(), loglikelihoods())))
        assert "모델이 쓴 글이 없습니다" in caught.value.message.ko

    def test_so_is_the_log_likelihood_of_whole_documents(self, log: Callable[..., str]) -> None:
        line = logged(arguments={"gen_args_0": {"arg_0": "긴 글"}}, resps=[["-812.5"]])
        with pytest.raises(InputError, match="wrote no text"):
            lines_of(convert(log(line)))

    @pytest.mark.parametrize(
        ("fields", "says"),
        [
            ({"resps": []}, "resps: must hold the answers to one request"),
            ({"resps": [[]]}, "resps: answers must be text"),
            ({"resps": [[None]]}, "resps: answers must be text"),
            ({"resps": "글"}, "resps: must hold"),
            (
                {"arguments": {"gen_args_0": {"arg_0": 3, "arg_1": {}}}},
                "what was asked cannot be read",
            ),
            ({"arguments": {"gen_args_0": {"arg_0": ["{"], "arg_1": {}}}}, "what was asked cannot"),
            ({"doc_id": True}, "doc_id: the question has no number"),
        ],
    )
    def test_a_line_that_is_no_sample_is_refused(
        self, log: Callable[..., str], fields: Line, says: str
    ) -> None:
        with pytest.raises(InputError, match=f"jsonl:1:.*{says}"):
            lines_of(convert(log(logged(**fields))))

    @pytest.mark.parametrize("field", ["arguments", "resps"])
    def test_a_line_of_another_log_is_refused(self, log: Callable[..., str], field: str) -> None:
        line = logged()
        del line[field]
        with pytest.raises(InputError, match=f"{field}: .*--log_samples"):
            lines_of(convert(log(line)))

    @pytest.mark.parametrize("content", ["", '{"doc_id": 0, "doc', '[{"doc_id": 0}, {"doc', "[1]"])
    def test_a_broken_file_is_refused_before_anything_is_stored(
        self, log: Callable[..., str], tmp_path: Path, content: str
    ) -> None:
        path = Path(log(logged()))
        path.write_text(content, encoding="utf-8")
        run = Run.open(str(tmp_path / "run"), create=True)
        with pytest.raises(InputError, match=path.name):
            import_texts(run, convert(str(path)).texts[0])
        assert list(run.texts()) == []


class TestItsOwnTask:
    def test_the_prompt_is_the_workspaces_with_its_turns(self, log: Callable[..., str]) -> None:
        converted = convert(log(logged(5, doc=of_kojudge()), task="kojudge_letter"))
        (line,) = lines_of(converted)
        assert line["prompt_id"] == PROMPT.prompt_id
        assert (line["category"], line["prompt"]) == ("letter", "편지를 써 줘.")
        assert line["history"] == of_kojudge()["messages"][:-1]
        assert not any("chat marks" in left.en for left in converted.left_out())

    def test_it_needs_no_task_name(self, log: Callable[..., str], tmp_path: Path) -> None:
        path = Path(log(logged(doc=of_kojudge()))).rename(tmp_path / "mine.jsonl")
        (line,) = lines_of(convert(str(path), candidate="mine"))
        assert line["prompt_id"] == PROMPT.prompt_id

    @pytest.mark.parametrize(
        "changed", [{"category": "blog"}, {"constraints": []}, {"language": "en"},
                    {"messages": [{"role": "user", "content": "편지를 써 줘!"}]}],
    )  # fmt: skip
    def test_an_edited_one_is_refused(self, log: Callable[..., str], changed: Line) -> None:
        with pytest.raises(InputError, match=r"doc\.prompt_id: .*edited.*export --lm-eval"):
            lines_of(convert(log(logged(doc=of_kojudge(**changed)))))


class TestFiltersAndMetrics:
    def test_the_same_answers_under_a_second_filter_are_passed_over_and_counted(
        self, log: Callable[..., str]
    ) -> None:
        both = [logged(n, filter=name) for name in ("strict", "flexible") for n in range(3)]
        converted = convert(log(*both))
        assert [line["doc_id"] for line in lines_of(converted)] == [0, 1, 2]
        said = [left.en for left in converted.left_out()]
        assert any(left.startswith("3 lines were passed over") for left in said)

    def test_it_is_said_that_prompts_are_as_shown_and_metrics_no_judgments(
        self, log: Callable[..., str]
    ) -> None:
        converted = convert(log(logged(0), logged(1)))
        lines_of(converted)
        shown, metrics = (left.en for left in converted.left_out())
        assert shown.startswith("2 prompts are as the model was shown them")
        assert metrics.startswith("The metrics of 2 samples are kept")

    def test_a_metric_that_is_no_number_stays_with_its_text_as_a_word(
        self, log: Callable[..., str]
    ) -> None:
        (line,) = lines_of(convert(log(logged(fluency=float("nan"), pair=[1, "가"]))))
        assert line["metrics"] == {"fluency": "nan", "pair": [1, "가"]}


SCALE = {"fluency": [1, 5]}


class TestJudgments:
    def judged(self, path: str, metric: str = "fluency") -> Converted:
        return convert(judgments=[path], criterion=metric, judge="their-metric")

    def test_a_metric_with_a_known_scale_becomes_scores_to_the_last_digit(
        self, log: Callable[..., str], tmp_path: Path
    ) -> None:
        path = log(logged(0, fluency=3.1415926535897931), logged(1, fluency=5), scales=SCALE)
        run = Run.open(str(tmp_path / "run"), create=True)
        count = import_judgments(run, self.judged(path).judgments[0])
        assert (count.added, count.repeated) == (2, 0)
        assert import_judgments(run, self.judged(path).judgments[0]).repeated == 2
        found = sorted(run.judgments(), key=lambda judgment: judgment.prompt_id)
        assert [judgment.outcome for judgment in found] == [
            Scored(3.1415926535897931, "imported"), Scored(5.0, "imported")
        ]  # fmt: skip
        assert {(j.judge, j.criterion, j.candidate, j.scale) for j in found} == {
            ("their-metric", "fluency", "org/model", (1.0, 5.0))
        }

    @pytest.mark.parametrize("value", [float("nan"), "N/A", None, [1, 2]])
    def test_what_is_no_number_is_no_score(
        self, log: Callable[..., str], tmp_path: Path, value: object
    ) -> None:
        converted = self.judged(log(logged(fluency=value), scales=SCALE))
        run = Run.open(str(tmp_path / "run"), create=True)
        import_judgments(run, converted.judgments[0])
        (judgment,) = run.judgments()
        assert isinstance(judgment.outcome, Unscored)
        assert judgment.outcome.reason.startswith("lm-eval: ")
        assert [left.en for left in converted.left_out()][-1].startswith("1 metrics that are no")

    @pytest.mark.parametrize("scale", [None, [5, 1], [1], [1, "5"], 5])
    def test_without_a_scale_there_are_none(self, log: Callable[..., str], scale: object) -> None:
        path = log(logged(), scales={"fluency": scale, "other": [0, 1]})
        with pytest.raises(InputError, match=r"scale.*'fluency' is not known.*there: other"):
            self.judged(path)

    def test_a_score_outside_the_scale_is_refused(
        self, log: Callable[..., str], tmp_path: Path
    ) -> None:
        converted = self.judged(log(logged(fluency=7), scales=SCALE))
        run = Run.open(str(tmp_path / "run"), create=True)
        with pytest.raises(InputError, match="jsonl:1:score: is outside the scale"):
            import_judgments(run, converted.judgments[0])

    def test_a_metric_over_several_repeats_is_the_score_of_none(
        self, log: Callable[..., str]
    ) -> None:
        with pytest.raises(InputError, match="jsonl:1:fluency: is of 2 answers together"):
            lines_of(self.judged(log(logged(0, ANSWERS), scales=SCALE)))

    def test_a_line_without_the_metric_names_those_it_has(self, log: Callable[..., str]) -> None:
        line = logged(bleu=0.2)
        del line["fluency"]
        with pytest.raises(InputError, match=r"jsonl:1:fluency: .*there are: bleu"):
            lines_of(self.judged(log(line, scales=SCALE)))

    def test_a_filter_is_chosen_as_lm_eval_prints_it(self, log: Callable[..., str]) -> None:
        both = [logged(filter="strict", fluency=1), logged(filter="flexible", fluency=4)]
        path = log(*both, scales=SCALE)
        assert [line["score"] for line in lines_of(self.judged(path))] == [1.0]
        (line,) = lines_of(self.judged(path, "fluency,flexible"))
        assert (line["criterion"], line["score"]) == ("fluency,flexible", 4.0)


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"prompts": ["q.jsonl"]}, "--prompts"),
        ({"baseline": "base"}, "--baseline"),
        ({"criterion": "fluency"}, "--criterion"),
        ({"judge": "someone"}, "--judge"),
        ({"judgments": ["s.jsonl"], "judge": "someone"}, "--criterion"),
        ({"judgments": ["s.jsonl"], "criterion": "fluency"}, "--judge"),
    ],
)
def test_options_without_a_use_or_without_each_other_are_refused(
    log: Callable[..., str], given: Any, option: str
) -> None:
    with pytest.raises(ConfigError, match=option):
        convert(log(logged()), **given)
