"""The labelling page in a browser, served from this process and listened to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Page, Request

from kojudge.errors import Language
from kojudge.label import LabelServer, Sitting
from kojudge.label.page import label_page
from kojudge.records import Json

from .samples import api


@dataclass
class Watched:
    """A page with all that it heard from the network and complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    finished: list[Request] = field(default_factory=list)

    def watch(self) -> Watched:
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfinished", self._hear)
        return self

    def _hear(self, request: Request) -> None:
        self.finished.append(request)

    @property
    def heard(self) -> list[str]:
        """Addresses, headers and bodies of all responses so far that came to their end.

        One that broke off with its server has a head but no body the browser would give out.
        """
        responses = [one.response() for one in self.finished]
        return [f"{one.url} {one.headers} {one.text()}" for one in responses if one is not None]

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.page.wait_for_selector("#task:not([hidden]), #end:not([hidden])")

    def press(self, key: str, told: str) -> None:
        """Press a key and wait until the page has told the outcome."""
        self.page.keyboard.press(key)
        self.told(told)

    def told(self, words: str) -> None:
        self.page.wait_for_function(
            "words => document.getElementById('status').textContent.includes(words)", arg=words
        )

    @property
    def shown(self) -> list[str]:
        return [self.page.inner_text(f"#text-{side}") for side in (0, 1)]

    @property
    def number(self) -> str:
        return self.page.inner_text("#count")


@contextmanager
def serving(
    sitting: Sitting,
    language: Language = "ko",
    results: Callable[[], list[Json]] = lambda: ["끝"],
) -> Iterator[str]:
    """Serve a sitting from this process; yield the address."""
    answers = api(sitting, language, results)
    with LabelServer(answers, label_page(language, "kim"), language) as server:
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01))
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()
