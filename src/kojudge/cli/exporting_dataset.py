"""``kojudge export --hf``: a run as a Hugging Face dataset, in a folder or on the hub."""

from __future__ import annotations

from pathlib import Path

from kojudge.cli.session import Session
from kojudge.errors import ConfigError, said
from kojudge.store.run import Run


def export_dataset(session: Session, run: Run, target: str, *, private: bool) -> None:
    """Write ``run`` to the folder ``target``, or push it to ``hf://datasets/ORG/NAME``.

    Raises:
        ConfigError: the target is no place for it, or holds what kojudge did not make.
        StoreError: the run cannot be read, or the folder not written.
        UnavailableError: the hub cannot be reached or does not allow it.
    """
    from kojudge.publish.dataset import dataset_of, push_dataset, write_dataset

    if "://" in target:
        written = push_dataset(run, dataset_of(target), private=private)
    elif private:
        raise ConfigError(
            said("--private는 --hf hf://datasets/조직/이름과 함께 씁니다.",
                 "--private goes with --hf hf://datasets/ORG/NAME."),
            said("폴더에 쓸 때는 빼세요.", "Leave it out where a folder is written."),
        )  # fmt: skip
    else:
        written = write_dataset(run, Path(target))
    listed = ", ".join(f"{config} {count}" for config, count in written.rows.items())
    left_out = said(
        f", 실패해서 뺀 것 {written.failed}건" if written.failed else "",
        f", {written.failed} failed ones left out" if written.failed else "",
    )
    session.say(said(f"{target}: {listed}{left_out.ko}", f"{target}: {listed}{left_out.en}"))
    if "labels" in written.rows and "://" in target:
        session.say(said(
            "⚠ 올린 labels에는 평가자의 이름이 적힌 그대로 들어 있습니다.",
            "⚠ The labels that were uploaded hold the raters' names as they were given.",
        ))  # fmt: skip
