"""Start the command line as a process of its own, watch what it finishes, and end it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

WITNESS = Path(__file__).with_name("witness.py")
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Started:
    """A running command and the log of what it has finished."""

    process: subprocess.Popen[str]
    log: Path

    @property
    def finished(self) -> list[str]:
        """Keys of the items that the engine has handed over."""
        if not self.log.exists():
            return []
        return self.log.read_text(encoding="utf-8").split("\n")[:-1]

    def wait_for(self, items: int) -> None:
        """Wait until so many items are finished, or the process has ended."""
        deadline = time.monotonic() + PATIENCE
        while len(self.finished) < items and self.process.poll() is None:
            assert time.monotonic() < deadline, "the process makes no headway"
            time.sleep(0.002)

    def end(self, sign: signal.Signals) -> str:
        """Send ``sign``, wait for the end, and return what stood on stderr."""
        self.process.send_signal(sign)
        return self.process.communicate(timeout=PATIENCE)[1]


def heed_interrupts() -> None:
    """Undo an inherited "ignore SIGINT": tests started in the background have it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(log: Path, *arguments: str) -> Started:
    """Start ``kojudge ARGUMENTS``, watched by the witness."""
    log.unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, str(WITNESS), str(log), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,  # noqa: PLW1509 - the tests start no threads
    )
    return Started(process, log)


def rows_by_key(run: Path, kind: str) -> Counter[str]:
    """How many rows each key has in the part files themselves."""
    key = {"texts": "text_id", "judgments": "judgment_id"}[kind]
    rows: Counter[str] = Counter()
    for part in (run / kind).glob("part-*.parquet"):
        rows.update(pq.read_table(part, columns=[key])[key].to_pylist())
    return rows
