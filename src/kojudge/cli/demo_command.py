"""``kojudge demo``."""

from __future__ import annotations

import time
from pathlib import Path

import click

from kojudge.cli.session import Session
from kojudge.errors import said


@click.command("demo")
@click.option("--out", help="실행 폴더 · the run directory (default: runs/demo)")
@click.pass_obj
def command(session: Session, out: str | None) -> int:
    """작은 모델로 처음부터 끝까지 돌려 봅니다 · The main job on small local models."""
    from kojudge.cli.generating import GenerateRequest, run_generate
    from kojudge.cli.reporting import ReportRequest, run_report
    from kojudge.cli.scoring import ScoreRequest, run_score

    started = time.monotonic()
    demo = _demo_session(session)
    path = out or "runs/demo"
    session.say(said(
        "kojudge 데모: 작은 모델이 글을 쓰고, 작은 심사 모델이 읽습니다. 심사 모델이 너무 작아 "
        "결과를 믿을 수는 없습니다. 도구가 어떻게 도는지만 보여 줍니다.",
        "kojudge demo: small models write, a small judge reads. This shows the machinery; "
        "the judge is too small to trust.",
    ))  # fmt: skip
    texts = run_generate(demo, GenerateRequest(path))
    judgments = run_score(demo, ScoreRequest(path))
    run_report(demo, ReportRequest(path))
    minutes = (time.monotonic() - started) / 60
    session.say(said(
        f"{minutes:.1f}분 걸렸습니다. {Path(path) / 'report.html'}을 브라우저로 여세요.\n"
        "GPU가 있으면 믿을 만한 심사 모델로: kojudge init my-eval && cd my-eval && "
        "kojudge generate && kojudge score --judge qwen2.5-32b-instruct && kojudge report",
        f"Took {minutes:.1f} minutes. Open {Path(path) / 'report.html'} in a browser.\n"
        "On a GPU, with a judge worth trusting: kojudge init my-eval && cd my-eval && "
        "kojudge generate && kojudge score --judge qwen2.5-32b-instruct && kojudge report",
    ))  # fmt: skip
    return 3 if texts.failed or judgments.failed or judgments.unscored else 0


def _demo_session(session: Session) -> Session:
    """Return a session on the demo profile; outside a workspace the starter's files serve."""
    root = session.workspace_or_starter().root
    return Session(root, session.profile or "demo", session.language)
