"""``witness.py LOG ARGUMENTS``: run the command line and log the key of every finished item.

The log is what a test compares with what reached the disk when the process was killed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kojudge.cli.main import main
from kojudge.engines.fake import FakeEngine


def witnessed(method: Callable[..., Iterator[Any]], log: int) -> Callable[..., Iterator[Any]]:
    """Log what ``method`` yields before anybody else sees it."""

    def generator(self: FakeEngine, requests: Iterable[Any]) -> Iterator[Any]:
        for item in method(self, requests):
            os.write(log, f"{item.key}\n".encode())
            yield item

    return generator


if __name__ == "__main__":
    file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    FakeEngine.complete = witnessed(FakeEngine.complete, file)  # type: ignore[method-assign]
    FakeEngine.choose = witnessed(FakeEngine.choose, file)  # type: ignore[method-assign]
    main(sys.argv[2:])
