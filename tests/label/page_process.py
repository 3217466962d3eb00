"""``kojudge label`` as a process of its own: started, killed, started again."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

PATIENCE = 60.0


def heed_interrupts() -> None:
    """Undo an inherited "ignore SIGINT": tests started in the background have it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Served:
    """A running ``kojudge label`` and the address it printed."""

    def __init__(self, workspace: Path, *options: str) -> None:
        command = ["-C", str(workspace), "--lang", "ko", "label", *options]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kojudge", *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            preexec_fn=heed_interrupts,  # noqa: PLW1509 - no threads that hold a lock
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def end(self, sign: int) -> tuple[int, str]:
        """Send ``sign``; return the exit code and what stood on stderr."""
        self.process.send_signal(sign)
        printed = self.process.communicate(timeout=PATIENCE)[1]
        return self.process.returncode, printed

    def kill(self) -> None:
        """Kill it if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        if self.process.stdout is not None and not self.process.stdout.closed:
            self.process.communicate(timeout=PATIENCE)
