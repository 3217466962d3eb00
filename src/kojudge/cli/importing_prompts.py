"""What ``kojudge import --out`` does: question files of a benchmark become a prompt set."""

from __future__ import annotations

from pathlib import Path

from kojudge.bridges.base import Files
from kojudge.bridges.questions import prompt_lines
from kojudge.cli.session import Session
from kojudge.errors import ConfigError, said
from kojudge.store.lines import json_line
from kojudge.store.storage import open_parent

__all__ = ["write_prompts"]


def write_prompts(session: Session, form: str | None, files: Files, out: Path) -> None:
    """Write the questions of ``files.prompts`` to ``out`` as prompts; say what is not in it.

    Raises:
        ConfigError: the options do not go together, or ``out`` is there already.
        InputError: a question file is wrong; nothing is written.
        StoreError: ``out`` cannot be written.
    """
    _refuse(form, files, out)
    prompts = prompt_lines(str(form), files.prompts)
    directory, name = open_parent(out)
    directory.create()
    with directory.writing(name) as stream:
        stream.writelines(json_line(line) for line in prompts.lines)
    session.say(said(
        f"{out}: 프롬프트 {len(prompts.lines)}건을 썼습니다. kojudge.toml의 prompts에 "
        f"\"{out.stem}\"을 더하면 쓸 수 있습니다.",
        f"{out}: {len(prompts.lines)} prompts written. Add \"{out.stem}\" to prompts in "
        "kojudge.toml to use them.",
    ))  # fmt: skip
    for left in prompts.left_out:
        session.say(left)


def _refuse(form: str | None, files: Files, out: Path) -> None:
    if form is None or not files.prompts:
        raise ConfigError(
            said("--out은 --format, --prompts와 함께 씁니다.",
                 "--out goes with --format and --prompts."),
            said("--format logickor --prompts questions.jsonl --out prompts/logickor.jsonl처럼 "
                 "쓰세요.",
                 "As in --format logickor --prompts questions.jsonl --out prompts/logickor.jsonl."),
        )  # fmt: skip
    if files.texts or files.judgments or files.labels:
        raise ConfigError(
            said("--out은 프롬프트 묶음만 만듭니다.", "--out makes a prompt set and nothing else."),
            said("글, 판정, 라벨은 따로 --run으로 들여오세요.",
                 "Import texts, judgments and labels apart, with --run."),
        )  # fmt: skip
    if out.suffix != ".jsonl":
        raise ConfigError(
            said(f"{out}: 프롬프트 묶음의 이름은 .jsonl로 끝나야 합니다.",
                 f"{out}: the name of a prompt set ends in .jsonl."),
            said(f"{out.stem}.jsonl처럼 쓰세요.", f"Use a name like {out.stem}.jsonl."),
        )  # fmt: skip
    if out.exists():
        raise ConfigError(
            said(f"{out}: 파일이 이미 있습니다.", f"{out}: the file is there already."),
            said("덮어쓰지 않습니다. 다른 이름을 주거나 그 파일을 지우세요.",
                 "It is not overwritten: give another name, or delete it."),
        )  # fmt: skip
