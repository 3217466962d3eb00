"""The workspace's prompts as a task folder of lm-evaluation-harness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kojudge.cli.session import Session
from kojudge.errors import said
from kojudge.records import Prompt, Sampling

GROUP = "kojudge"
VERSION = 1.0
METRICS = {
    "korean": True, "empty": False, "wrong_language": False, "loop": False,
    "truncated": False, "refusal": False,
}  # fmt: skip
"""What the tasks measure of a text, and whether more of it is better; each a share, 0 to 1."""


def lm_eval_files(prompts: Sequence[Prompt], sampling: Sampling, samples: int) -> dict[str, bytes]:
    """Return the files of the task folder by name: a group, and a task for each category.

    ``samples`` texts are drawn for each prompt, by ``sampling``.
    """
    import yaml

    from kojudge.report.file_names import file_name
    from kojudge.store.lines import json_line

    tasks = {f"{GROUP}_{file_name(c)}": c for c in dict.fromkeys(p.category for p in prompts)}
    files = {"utils.py": Path(__file__).with_name("lm_eval_task.py").read_bytes()}
    for task, category in tasks.items():
        of_category = [prompt for prompt in prompts if prompt.category == category]
        files[f"{task}.jsonl"] = b"".join(json_line(document(prompt)) for prompt in of_category)
        settings = yaml.safe_dump(
            _task(task, sampling, samples), sort_keys=False, allow_unicode=True
        )
        files[f"{task}.yaml"] = (settings + _FUNCTIONS).encode()
    group = yaml.safe_dump(_group(list(tasks)), sort_keys=False, allow_unicode=True)
    return files | {f"{GROUP}.yaml": group.encode()}


def document(prompt: Prompt) -> dict[str, Any]:
    """Return the line of one prompt: all that its ``prompt_id`` is made of, and its name."""
    return {
        "prompt_id": prompt.prompt_id,
        "name": prompt.name,
        "category": prompt.category,
        "request": prompt.request,
        "messages": [{"role": m.role, "content": m.content} for m in prompt.messages],
        "language": prompt.language,
        "constraints": list(prompt.constraints),
    }


def export_lm_eval(session: Session, folder: Path, names: Sequence[str]) -> None:
    """Write the prompt sets ``names`` (the workspace's where empty) as tasks into ``folder``.

    Raises:
        ConfigError: a set does not exist or a line of it is wrong.
        StoreError: a file cannot be written.
    """
    from kojudge.cli.exporting import write_file
    from kojudge.prompts import first_of_each, load_prompts
    from kojudge.workspace import load_settings

    workspace = session.workspace_or_starter()
    settings = load_settings(workspace.root, session.profile)
    prompts = load_prompts(workspace.prompts, names or settings.prompts, mini=settings.mini)
    prompts = first_of_each(prompts, settings.limit)
    sampling = Sampling(max_tokens=settings.max_tokens or Sampling().max_tokens)
    for name, data in lm_eval_files(prompts, sampling, settings.samples).items():
        write_file(folder / name, data)
    turns = sum(len(prompt.messages) > 1 for prompt in prompts)
    session.say(said(
        f"{folder}: 과제 {len({p.category for p in prompts})}개, 문항 {len(prompts)}개"
        f"(여러 차례의 대화 {turns}개)\n다음: lm-eval run --model hf --model_args pretrained=모델 "
        f"--include_path {folder} --tasks {GROUP} --apply_chat_template --log_samples "
        "--output_path 폴더\n그다음: kojudge import --format lm-eval --run 폴더 --texts samples_….jsonl",
        f"{folder}: {len({p.category for p in prompts})} tasks, {len(prompts)} prompts "
        f"({turns} of several turns)\nNext: lm-eval run --model hf --model_args pretrained=MODEL "
        f"--include_path {folder} --tasks {GROUP} --apply_chat_template --log_samples "
        "--output_path DIR\nThen: kojudge import --format lm-eval --run DIR --texts samples_….jsonl",
    ))  # fmt: skip


def _group(tasks: list[str]) -> dict[str, Any]:
    return {
        "group": GROUP,
        "task": tasks,
        "aggregate_metric_list": [
            {"metric": metric, "aggregation": "mean", "weight_by_size": True} for metric in METRICS
        ],
        "metadata": {"version": VERSION},
    }


def _task(name: str, sampling: Sampling, samples: int) -> dict[str, Any]:
    return {
        "task": name,
        "output_type": "generate_until",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": f"{name}.jsonl"}},  # found beside utils.py
        "test_split": "test",
        "doc_to_text": "request",
        "doc_to_target": "",
        "num_fewshot": 0,
        "repeats": samples,
        "generation_kwargs": _generation(sampling),
        # Each of the repeats is measured; lm-eval's default measures the first.
        "filter_list": [{"name": "none", "filter": [{"function": "take_first_k", "k": samples}]}],
        "metric_list": [
            {"metric": metric, "aggregation": "mean", "higher_is_better": better}
            for metric, better in METRICS.items()
        ],
        "metadata": {"version": VERSION, "scales": {metric: [0, 1] for metric in METRICS}},
    }


def _generation(sampling: Sampling) -> Mapping[str, Any]:
    """Return the options all of lm-eval's backends know; nothing but the end ends a text."""
    options: dict[str, Any] = {
        "do_sample": sampling.temperature > 0,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_gen_toks": sampling.max_tokens,
        "until": [],
    }
    if sampling.repetition_penalty != 1:
        options["repetition_penalty"] = sampling.repetition_penalty
    return options


_FUNCTIONS = """\
class: !function utils.WritingTask
process_results: !function utils.process_results
"""
