"""The prompts as a task folder that lm-evaluation-harness itself loads and runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from kojudge.cards import load_candidate
from kojudge.cards.sources import pull
from kojudge.cli.exporting_lm_eval import METRICS
from kojudge.cli.main import run as kojudge
from kojudge.prompts import load_prompts
from kojudge.store.run import Run

REPOSITORY = Path(__file__).resolve().parents[2]
KOREAN = "골목 끝 빵집은 새벽 다섯 시면 불을 켜요. 갓 구운 빵 냄새가 골목을 채웁니다."
ENGLISH = "There is a small bakery at the end of our street, and it opens at five every morning."

TALK = [
    {"role": "system", "content": "다정하게 답하세요."},
    {"role": "user", "content": "친구가 이사를 가."},
    {"role": "assistant", "content": "서운하겠네."},
    {"role": "user", "content": "편지를 써 줘."},
]
PROMPTS = [
    {"id": "a", "category": "편지", "messages": TALK, "constraints": ["세 문장"], "mini": True},
    {"id": "b", "category": "blog", "messages": [{"role": "user", "content": "동네 빵집을 소개해 줘."}]},
    {"id": "c", "category": "blog", "messages": [{"role": "user", "content": "비 오는 날 이야기를 써 줘."}],
     "mini": True},
]  # fmt: skip
ROLES = {"system": "[S]", "user": "[U]", "assistant": "[A]"}


@pytest.fixture
def workspace(workspace: Path) -> Path:
    """One prompt set of three prompts in two categories, one a conversation."""
    lines = [json.dumps(prompt, ensure_ascii=False) + "\n" for prompt in PROMPTS]
    (workspace / "prompts" / "mine.jsonl").write_text("".join(lines), encoding="utf-8")
    settings = workspace / "kojudge.toml"
    text = settings.read_text(encoding="utf-8").replace(
        '["blog", "emotional", "imaginative"]', '["mine"]'
    )
    settings.write_text(text + "controls = 0\n[profiles.small]\nmini = true\n", encoding="utf-8")
    return workspace


@pytest.fixture
def call(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Call kojudge on the workspace; give back what it said on stderr, after an exit with 0."""

    def called(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        assert kojudge(["-C", str(workspace), "--lang", "en", *arguments]) == code
        return capsys.readouterr().err

    return called


@pytest.fixture
def folder(call: Callable[..., str], tmp_path: Path) -> Path:
    """The task folder of the workspace."""
    call("export", "--lm-eval", str(tmp_path / "tasks"))
    return tmp_path / "tasks"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))


def loaded(folder: Path) -> dict[str, Any]:
    """The tasks as lm-eval's own manager loads them."""
    from lm_eval.tasks import TaskManager

    tasks: dict[str, Any] = TaskManager(include_path=str(folder), include_defaults=False).load(
        ["kojudge"]
    )["tasks"]
    return tasks


def letter(folder: Path) -> Any:
    (task,) = (task for name, task in loaded(folder).items() if name != "kojudge_blog")
    return task


def template(messages: list[dict[str, str]], add_generation_prompt: bool) -> str:
    shown = "".join(f"{ROLES[m['role']]}{m['content']}" for m in messages)
    return shown + ("[A]" if add_generation_prompt else "")


def without_system(messages: list[dict[str, str]], add_generation_prompt: bool) -> str:
    """What lm-eval makes of a template that has no system role, as gemma-2's: it drops the turn."""
    return template([m for m in messages if m["role"] != "system"], add_generation_prompt)


class TestTheFolder:
    def test_it_holds_a_group_and_a_task_a_category(self, folder: Path) -> None:
        assert sorted(path.name for path in folder.iterdir()) == [
            "kojudge.yaml", "kojudge_blog.jsonl", "kojudge_blog.yaml",
            "kojudge_편지.jsonl", "kojudge_편지.yaml", "utils.py",
        ]  # fmt: skip
        group = yaml.safe_load((folder / "kojudge.yaml").read_text(encoding="utf-8"))
        assert group["task"] == ["kojudge_편지", "kojudge_blog"]

    def test_it_says_what_to_run_next(self, call: Callable[..., str], tmp_path: Path) -> None:
        said = call("export", "--lm-eval", str(tmp_path / "tasks"))
        assert "2 tasks, 3 prompts (1 of several turns)" in said
        assert "--apply_chat_template --log_samples" in said
        assert "kojudge import --format lm-eval" in said

    def test_it_takes_the_sets_and_the_profile_asked_for(
        self, call: Callable[..., str], workspace: Path, tmp_path: Path
    ) -> None:
        assert "2 tasks, 2 prompts" in call(
            "--profile", "small", "export", "--lm-eval", str(tmp_path / "s")
        )
        call("export", "--lm-eval", str(tmp_path / "e"), "--prompts", "emotional")
        shipped = load_prompts(workspace / "prompts", ["emotional"])
        lines = (tmp_path / "e" / "kojudge_emotional.jsonl").read_text(encoding="utf-8").split("\n")
        assert [json.loads(line)["prompt_id"] for line in lines[:-1]] == [
            p.prompt_id for p in shipped
        ]

    def test_an_unknown_set_is_named(self, call: Callable[..., str], tmp_path: Path) -> None:
        said = call("export", "--lm-eval", str(tmp_path / "t"), "--prompts", "mein", code=2)
        assert "No prompt set 'mein'" in said
        assert not (tmp_path / "t").exists()

    def test_prompt_sets_without_a_folder_are_refused(self, call: Callable[..., str]) -> None:
        assert "--prompts goes with --lm-eval" in call("export", "--prompts", "blog", code=2)

    def test_texts_are_drawn_as_a_card_draws_them(self, folder: Path) -> None:
        assert letter(folder).config.generation_kwargs == {
            "do_sample": True, "temperature": 0.8, "top_p": 0.95, "max_gen_toks": 512, "until": [],
        }  # fmt: skip


class TestLoadedByLmEval:
    def test_every_prompt_keeps_its_id_category_and_turns(
        self, folder: Path, workspace: Path
    ) -> None:
        docs = {doc["prompt_id"]: doc for task in loaded(folder).values() for doc in task.eval_docs}
        prompts = load_prompts(workspace / "prompts", ["mine"])
        assert docs.keys() == {prompt.prompt_id for prompt in prompts}
        for prompt in prompts:
            doc = docs[prompt.prompt_id]
            assert (doc["category"], doc["request"]) == (prompt.category, prompt.request)
            assert [(m["role"], m["content"]) for m in doc["messages"]] == [
                (m.role, m.content) for m in prompt.messages
            ]

    def test_a_moved_folder_still_finds_its_prompts(self, folder: Path, tmp_path: Path) -> None:
        moved = shutil.move(folder, tmp_path / "elsewhere")
        assert set(loaded(Path(moved))) == {"kojudge_편지", "kojudge_blog"}

    def test_each_turn_is_shown_under_its_role(self, folder: Path) -> None:
        task = letter(folder)
        shown = task.fewshot_context(
            task.eval_docs[0], num_fewshot=0, apply_chat_template=True, chat_template=template
        )
        assert shown == "[S]다정하게 답하세요.[U]친구가 이사를 가.[A]서운하겠네.[U]편지를 써 줘.[A]"

    def test_a_system_turn_that_a_template_drops_opens_the_first_user_turn(
        self, folder: Path
    ) -> None:
        task = letter(folder)
        shown = task.fewshot_context(
            task.eval_docs[0], apply_chat_template=True, chat_template=without_system
        )
        assert shown.startswith("[U]다정하게 답하세요.\n\n친구가 이사를 가.[A]")

    def test_lm_evals_own_system_instruction_comes_before_the_prompts(self, folder: Path) -> None:
        tasks = loaded(folder)
        given = {
            "system_instruction": "짧게.",
            "apply_chat_template": True,
            "chat_template": template,
        }
        talk = letter(folder).eval_docs[0]
        assert (
            letter(folder)
            .fewshot_context(talk, **given)
            .startswith("[S]짧게.\n\n다정하게 답하세요.[U]")
        )
        blog = tasks["kojudge_blog"]
        shown = blog.fewshot_context(blog.eval_docs[0], **given)
        assert shown == "[S]짧게.[U]동네 빵집을 소개해 줘.[A]"

    def test_without_a_chat_template_one_turn_is_shown_as_it_stands(self, folder: Path) -> None:
        blog = loaded(folder)["kojudge_blog"]
        assert blog.fewshot_context(blog.eval_docs[0]) == "동네 빵집을 소개해 줘."

    def test_without_a_chat_template_a_conversation_is_refused(self, folder: Path) -> None:
        task = letter(folder)
        with pytest.raises(ValueError, match="--apply_chat_template"):
            task.fewshot_context(task.eval_docs[0])

    @pytest.mark.parametrize(
        ("answers", "measured"),
        [
            ([KOREAN], {"korean": 1}),
            ([ENGLISH], {"wrong_language": 1}),
            ([""], {"empty": 1}),
            ([KOREAN, ENGLISH], {"korean": 0.5, "wrong_language": 0.5}),
            (
                ["죄송합니다. 저는 인공지능이라 그런 글은 작성해 드릴 수 없습니다."],
                {"korean": 1, "refusal": 1},
            ),
        ],
    )
    def test_what_needs_no_judge_is_measured_over_all_repeats(
        self, folder: Path, answers: list[str], measured: dict[str, float]
    ) -> None:
        blog = loaded(folder)["kojudge_blog"]
        found = blog.process_results(blog.eval_docs[0], [answers])
        assert found == dict.fromkeys(METRICS, 0) | measured
        assert set(blog.aggregation()) == set(METRICS)


def evaluate(folder: Path, out: Path) -> list[str]:
    """Run lm-eval on the folder with a model of two answers; return its sample files."""
    import lm_eval
    from lm_eval.api.model import LM
    from lm_eval.loggers import EvaluationTracker
    from lm_eval.tasks import TaskManager

    class Writer(LM):  # type: ignore[misc]
        tokenizer_name = "none"

        def generate_until(self, requests: list[Any]) -> list[str]:
            return [f"{KOREAN} {number}" for number, _ in enumerate(requests)]

        def apply_chat_template(self, messages: Any, add_generation_prompt: bool = True) -> str:
            return template(messages, add_generation_prompt)

        def chat_template(self, chosen: Any) -> str:
            return ""

        def loglikelihood(self, requests: Any) -> Any:
            raise NotImplementedError

        loglikelihood_rolling = loglikelihood

    tracker = EvaluationTracker(output_path=str(out))
    results = lm_eval.simple_evaluate(
        model=Writer(),
        tasks=["kojudge"],
        task_manager=TaskManager(include_path=str(folder), include_defaults=False),
        apply_chat_template=True,
        evaluation_tracker=tracker,
        bootstrap_iters=0,
    )
    samples = results.pop("samples")
    tracker.general_config_tracker.model_name = "org/writer"
    tracker.save_results_aggregated(results=results, samples=samples)
    for task in samples:
        tracker.save_results_samples(task_name=task, samples=samples[task])
    assert results["results"]["kojudge"]["korean,none"] == 1
    return sorted(map(str, out.rglob("samples_*.jsonl")))


def flags(option: str, files: list[str]) -> list[str]:
    return [word for file in files for word in (option, file)]


class TestTheLoop:
    def test_texts_from_lm_eval_are_judged_beside_those_kojudge_wrote(
        self, folder: Path, call: Callable[..., str], workspace: Path, tmp_path: Path
    ) -> None:
        call("generate")
        run = Run.open(workspace / "runs" / "main")
        own = {text.prompt_id: text for text in run.texts()}
        files = evaluate(folder, tmp_path / "out")
        said = call("import", "--run", run.path, "--format", "lm-eval", *flags("--texts", files))
        assert "chat marks" not in said
        theirs = {t.prompt_id: t for t in run.texts() if t.candidate == "org/writer"}
        assert theirs.keys() == own.keys()
        for prompt_id, text in theirs.items():
            known = own[prompt_id]
            assert (text.category, text.prompt) == (known.category, known.prompt)
            assert text.history == known.history
            assert text.text.startswith(KOREAN)
        call("score")
        judged = [j for j in run.judgments() if j.candidate == "org/writer"]
        assert {j.prompt_id for j in judged} == own.keys()
        assert {j.status for j in judged} == {"scored"}

    def test_what_the_task_measured_comes_in_as_judgments_on_its_scale(
        self, folder: Path, call: Callable[..., str], tmp_path: Path
    ) -> None:
        files = evaluate(folder, tmp_path / "out")
        there = str(tmp_path / "run")
        call("import", "--run", there, "--format", "lm-eval", *flags("--judgments", files),
             "--criterion", "korean", "--judge", "kojudge-korean")  # fmt: skip
        found = [(j.scale, getattr(j.outcome, "score", None)) for j in Run.open(there).judgments()]
        assert found == [((0.0, 1.0), 1.0)] * len(PROMPTS)


@pytest.mark.model
def test_the_smallest_model_under_lm_eval_closes_the_loop(
    folder: Path, call: Callable[..., str], tmp_path: Path
) -> None:
    card = load_candidate(REPOSITORY / "candidates", "smollm2-135m-instruct")
    subprocess.run(
        [
            sys.executable, "-m", "lm_eval", "run", "--model", "hf", "--device", "cpu",
            "--model_args", f"pretrained={pull(card)},dtype=float32",
            "--include_path", str(folder), "--tasks", "kojudge", "--apply_chat_template",
            "--log_samples", "--output_path", str(tmp_path / "out"),
            "--batch_size", "3", "--gen_kwargs", "max_gen_toks=12",
        ],
        check=True,
        capture_output=True,
        env={**os.environ, "HF_HOME": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    files = sorted(map(str, (tmp_path / "out").rglob("samples_*.jsonl")))
    logged = [
        json.loads(line) for file in files for line in Path(file).read_text("utf-8").splitlines()
    ]
    talk = next(line for line in logged if line["doc"]["name"] == "a")
    shown = talk["arguments"]["gen_args_0"]["arg_0"]
    assert "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in TALK) in shown
    there = str(tmp_path / "run")
    call("import", "--run", there, "--format", "lm-eval", *flags("--texts", files),
         "--candidate", card.name)  # fmt: skip
    texts = {text.prompt_id: text.text for text in Run.open(there).texts()}
    assert texts == {line["doc"]["prompt_id"]: line["resps"][0][0] for line in logged}
    assert len(texts) == len(PROMPTS)
