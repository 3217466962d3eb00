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
        "kojudge 데모: 작은 모델 셋이 글을 쓰고, 심사 모델 둘이 읽습니다. 하나는 물음에 답하는 1.5B 모델, "
        "하나는 0.5B 모델의 속을 읽는 학습한 헤드입니다. 누구의 판정을 어디까지 믿을지는 보고서에 실린 두 "
        "검증서에 있습니다.",
        "kojudge demo: three small models write, two judges read: a prompted model of 1.5B, and a "
        "trained head on a model of 0.5B. How far to trust either stands in the two certificates "
        "in the report.",
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
