"""Another process, for tests: ``python worker.py RUN``.

It asks a slow judge the audit's questions about two small sources, and prints how many are
answered after each of them, so that a test can kill it midway.
"""

from __future__ import annotations

import sys

from building import card, rubric, source  # this folder is where a script looks first

from kojudge.certify import ask_pending, audit_questions, pending
from kojudge.engines.fake import FakeEngine
from kojudge.records import ModelSpec
from kojudge.store.run import Run

FLUSH = 5


def main(path: str) -> None:
    """Ask what is left, a line of output for every answer."""
    run = Run.open(path, create=True)
    questions, _ = audit_questions([source(0), source(1)], rubric("friendliness"), "judge-id")

    def tell(number: int) -> None:
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()

    judge, engine = card("fake:slow"), FakeEngine(ModelSpec("judge", "fake:slow"))
    left = pending(run, questions)
    ask_pending(run, left, judge, "judge-id", engine, tell, flush_every=FLUSH)


if __name__ == "__main__":
    main(sys.argv[1])
