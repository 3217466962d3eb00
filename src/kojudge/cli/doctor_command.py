"""``kojudge doctor``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click

from kojudge.cli.options import json_option
from kojudge.cli.session import Session
from kojudge.errors import KojudgeError, Said, said


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``level``: ok, note (something optional is missing) or problem."""

    level: str
    what: str
    found: Said


@click.command("doctor")
@json_option
@click.pass_obj
def command(session: Session, as_json: bool) -> int:
    """설치, 연결, 작업 공간을 점검합니다 · What is installed, reachable and wrong."""
    findings = list(_findings(session))
    if as_json:
        rows = [
            {"level": f.level, "what": f.what, "found": f.found.in_(session.language)}
            for f in findings
        ]
        session.print_json({"schema": "kojudge.doctor/1", "findings": rows})
    else:
        marks = {"ok": "✓", "note": "·", "problem": "✗"}
        for f in findings:
            click.echo(f"{marks[f.level]} {f.what}: {f.found.in_(session.language)}")
    return 2 if any(f.level == "problem" for f in findings) else 0


def _findings(session: Session) -> Iterator[Finding]:
    from kojudge.cli.record import hardware, versions

    machine = hardware()
    memory = machine["memory_bytes"] / 2**30
    facts = f"{machine['processor']} · {machine['cores']} cores · {memory:.0f} GiB"
    yield Finding("ok", "machine", said(facts, facts))
    for package, version in versions().items():
        missing = version == "not installed"
        yield Finding("note" if missing else "ok", package, said(version, version))
    yield from _torch()
    yield from _disk()
    yield from _network()
    yield from _workspace(session)


def _torch() -> Iterator[Finding]:
    try:
        import torch
    except ImportError:
        yield Finding("note", "transformers engine", said(
            '설치되지 않음. 모델을 이 컴퓨터에서 돌리려면: pip install "kojudge[local]"',
            'not installed. To run models here: pip install "kojudge[local]"',
        ))  # fmt: skip
        return
    if torch.cuda.is_available():
        name = torch.cuda.get_device_name(0)
        size = torch.cuda.get_device_properties(0).total_memory / 2**30
        yield Finding("ok", "GPU", said(f"{name} {size:.0f} GiB", f"{name} {size:.0f} GiB"))
    else:
        yield Finding("note", "GPU", said("없음. CPU로 돕니다.", "none; models run on the CPU"))
        fast = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
        yield Finding("ok" if fast else "note", "CPU bfloat16", said(
            "지원함" if fast else "지원하지 않음. float32로 돌아 느립니다.",
            "supported" if fast else "not supported; float32 is used and is slower",
        ))  # fmt: skip


def _disk() -> Iterator[Finding]:
    import shutil

    from kojudge.cards.sources import cache_dir

    folder = cache_dir()
    there = next(p for p in (folder, *folder.parents) if p.exists())
    free = shutil.disk_usage(there).free / 1e9
    text = f"{folder} · {free:.0f} GB"
    yield Finding(
        "ok" if free > 10 else "problem", "model cache", said(f"{text} 남음", f"{text} free")
    )


def _network() -> Iterator[Finding]:
    import subprocess
    import sys

    ask = [
        sys.executable,
        "-m",
        "pip",
        "--retries",
        "0",
        "--timeout",
        "5",
        "index",
        "versions",
        "pip",
    ]
    try:
        done = subprocess.run(ask, capture_output=True, timeout=30, check=False)  # noqa: S603
        reached = done.returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        reached = False
    yield _reach("package index", reached)
    try:
        import httpx
        from huggingface_hub import constants

        reached = httpx.head(constants.ENDPOINT, timeout=5, follow_redirects=True).is_success
    except ImportError:
        return
    except httpx.HTTPError:
        reached = False
    yield _reach("model hub", reached)


def _reach(what: str, reached: bool) -> Finding:
    if reached:
        return Finding("ok", what, said("연결됨", "reachable"))
    return Finding("note", what, said(
        "연결되지 않음. 이미 받아 둔 모델만 쓸 수 있습니다.",
        "not reachable; only models that are here already can be used",
    ))  # fmt: skip


def _workspace(session: Session) -> Iterator[Finding]:
    from kojudge.cards import load_candidates, load_judges
    from kojudge.rubrics import load_rubric, rubric_names

    try:
        workspace = session.workspace()
    except KojudgeError as error:
        yield Finding("note", "workspace", error.message)
        return
    yield Finding("ok", "workspace", said(str(workspace.root), str(workspace.root)))

    def rubrics() -> int:
        return len([load_rubric(workspace.rubrics, n) for n in rubric_names(workspace.rubrics)])

    checks: tuple[tuple[str, Callable[[], int]], ...] = (
        ("candidate cards", lambda: len(load_candidates(workspace.candidates))),
        ("judge cards", lambda: len(load_judges(workspace.judge))),
        ("rubrics", rubrics),
        ("settings, prompts", lambda: len(session.ask(None, {}, {})[0].prompts)),
    )
    for what, look in checks:
        try:
            number = look()
        except KojudgeError as error:
            hint = error.hint or said("", "")
            yield Finding("problem", what, said(
                f"{error.message.ko} {hint.ko}", f"{error.message.en} {hint.en}"
            ))  # fmt: skip
        else:
            yield Finding("ok", what, said(f"{number}개", str(number)))
