"""The page in real headless Chromium."""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kojudge.errors import StoreError, said
from kojudge.label import Sitting
from kojudge.stats.agreement import krippendorff_alpha
from kojudge.store.run import Run

from .page_process import Served
from .samples import (
    BASELINE,
    CANDIDATES,
    SECRETS,
    choice_of,
    judge,
    make_run,
    sides,
    sit,
    text,
    texts,
)

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser

from .watched import Watched, serving

HOSTILE = (
    '</script><img src=x onerror="window.fired=1"><script>window.fired=1</script>'
    "<b>굵게</b> **별** [링크](javascript:alert(1)) \u202e뒤집힌 글\u202c \u200b끝"
)
SHOWN = (
    HOSTILE.replace("\u202e", "⟦U+202E⟧")
    .replace("\u202c", "⟦U+202C⟧")
    .replace("\u200b", "⟦U+200B⟧")
)


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """A page 1440 px wide, on which nothing may be complained of."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    found = Watched(context.new_page()).watch()
    yield found
    context.close()
    assert found.complaints == []


@pytest.fixture
def sitting(tmp_path: Path) -> Sitting:
    return sit(make_run(tmp_path / "run", texts(4)))


class TestKeys:
    def test_digits_answer_u_takes_back_s_skips(self, watched: Watched, sitting: Sitting) -> None:
        with serving(sitting) as url:
            watched.open(url)
            total = len(sitting.questions)
            for key in ("1", "5", "Numpad3"):
                watched.press(key, "저장했습니다")
                watched.page.evaluate("document.getElementById('status').textContent = ''")
            assert watched.number == f"{total}문항 가운데 4번째"
            strengths = [sitting.done(q) for q in sitting.questions[:3]]
            assert [q.choice(d.strength) for q, d in zip(sitting.questions, strengths, strict=False) if d and d.strength is not None] == [1, 5, 3]  # fmt: skip
            watched.press("u", "되돌렸습니다")
            assert watched.number == f"{total}문항 가운데 3번째"
            assert watched.page.locator(".choice.before").get_attribute("data-value") == "3"
            watched.page.keyboard.press("s")
            watched.press("2", "건너뛰기")
            assert watched.number == f"{total}문항 가운데 4번째"
            assert sitting.progress.skipped == 1

    def test_a_hangul_layout_changes_nothing(self, watched: Watched, sitting: Sitting) -> None:
        """With a Hangul IME on, the U key gives ㅕ and S gives ㄴ."""

        def type_(key: str, code: str, shift: bool = False) -> None:
            watched.page.evaluate(
                """([key, code, shiftKey]) => document.body.dispatchEvent(
                    new KeyboardEvent("keydown", {key, code, shiftKey, bubbles: true}))""",
                [key, code, shift],
            )

        with serving(sitting) as url:
            watched.open(url)
            type_("Process", "Digit2")
            watched.told("저장했습니다")
            type_("ㅕ", "KeyU")
            watched.told("되돌렸습니다")
            assert sitting.progress.settled == 0
            type_("ㄴ", "KeyS")
            assert watched.page.locator("#skip-dialog").is_visible()
            watched.page.keyboard.press("Escape")
            type_("?", "Slash", shift=True)
            assert watched.page.locator("#help-dialog").is_visible()
            type_("1", "Digit1")  # the help is open: no answer
            assert sitting.progress.settled == 0

    def test_a_note_may_hold_digits_and_letters(self, watched: Watched, sitting: Sitting) -> None:
        with serving(sitting) as url:
            watched.open(url)
            watched.page.keyboard.press("s")
            watched.page.fill("#note", "")
            watched.page.locator("#note").press_sequentially("12 us")
            watched.page.locator("[data-reason=other]").click()
            watched.told("건너뛰기")
        [skip] = sitting.files.skips()
        assert (skip["skipped"], skip["note"]) == ("other", "12 us")

    def test_the_whole_sitting_goes_by_tab_and_enter(
        self, watched: Watched, sitting: Sitting
    ) -> None:
        with serving(sitting) as url:
            watched.open(url)
            assert watched.page.evaluate("document.activeElement.id") == "question"
            watched.page.keyboard.press("Tab")
            watched.press("Enter", "저장했습니다")
            assert watched.page.evaluate("document.activeElement.id") == "question"
        done = sitting.done(sitting.questions[0])
        assert done is not None
        assert done.strength == sitting.questions[0].strength(1)


class TestTexts:
    def test_hostile_text_stands_there_and_does_nothing(
        self, watched: Watched, tmp_path: Path
    ) -> None:
        talk = json.dumps([{"role": "user", "content": HOSTILE}])
        found = [
            replace(text(name, 0, HOSTILE), prompt=HOSTILE, history=talk)
            for name in (BASELINE, CANDIDATES[0])
        ]
        hostile = sit(make_run(tmp_path / "run", found))
        with serving(hostile) as url:
            watched.open(url)
            assert watched.shown == [SHOWN, SHOWN]
            assert watched.page.inner_text("#request") == SHOWN
            assert SHOWN in watched.page.inner_text("#turns")
            assert watched.page.locator("main img, main b, main a, main script").count() == 0
            assert watched.page.locator("#text-0 .hidden-character").all_inner_texts() == [
                "⟦U+202E⟧", "⟦U+202C⟧", "⟦U+200B⟧",
            ]  # fmt: skip
            assert watched.page.evaluate("window.fired") is None

    def test_markup_and_foreign_requests_are_refused_by_the_browser(
        self, browser: Browser, sitting: Sitting
    ) -> None:
        page = browser.new_page()
        with serving(sitting) as url:
            page.goto(url)
            assert page.evaluate(
                "(() => { try { document.body.innerHTML = '<b>'; return 'made' }"
                " catch (error) { return error.name } })()"
            ) == "TypeError"  # fmt: skip
            assert (
                page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused')")
                == "refused"
            )
            page.evaluate(
                "const s = document.createElement('style'); s.textContent = 'body{zoom:3}'; document.head.append(s)"
            )
            assert page.evaluate("getComputedStyle(document.body).zoom") == "1"
        page.close()

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_nothing_overflows_at_360_pixels(
        self, browser: Browser, tmp_path: Path, scheme: str
    ) -> None:
        long = "가" * 400 + " https://example.test/" + "x" * 300
        found = [text(BASELINE, 0, long), text(CANDIDATES[0], 0, f"저는 Gemma예요. {long}")]
        context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]
        page = Watched(context.new_page()).watch()
        with serving(sit(make_run(tmp_path / "run", found))) as url:
            page.open(url)
            assert page.page.locator(".side .notice:visible").count() == 1
            assert "위 글(가)이 훨씬 자연스럽다" in page.page.inner_text("#choices")
            assert page.page.evaluate("document.documentElement.scrollWidth") == 360
            page.page.keyboard.press("s")
            assert page.page.evaluate("document.documentElement.scrollWidth") == 360
        context.close()
        assert page.complaints == []


class TestTrouble:
    def test_what_could_not_be_saved_is_said_and_kept(
        self, browser: Browser, sitting: Sitting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(label: object) -> None:
            raise StoreError(said("디스크가 가득 찼습니다.", "full"), said("비우세요.", "free"))

        page = Watched(browser.new_page())
        with serving(sitting) as url:
            page.open(url)
            before = page.shown
            with monkeypatch.context() as patched:
                patched.setattr(sitting.files, "add_label", full)
                page.page.keyboard.press("4")
                page.page.wait_for_selector("#trouble:not([hidden])")
            assert "저장하지 못했습니다" in page.page.inner_text("#trouble")
            assert "오른쪽 글(나)이 조금 더 자연스럽다" in page.page.inner_text("#trouble")
            assert "남은 공간" in page.page.inner_text("#trouble")
            assert page.shown == before
            page.page.keyboard.press("Enter")  # the focus is on "try again"
            page.told("저장했습니다")
            assert page.page.locator("#trouble").is_hidden()
        done = sitting.done(sitting.questions[0])
        assert done is not None
        assert done.strength == sitting.questions[0].strength(4)
        page.page.close()

    def test_a_second_tab_is_told_and_moves_on(self, browser: Browser, sitting: Sitting) -> None:
        with serving(sitting) as url:
            one, two = (Watched(browser.new_page()) for _ in range(2))
            one.open(url)
            two.open(url)
            one.press("1", "저장했습니다")
            two.press("5", "다른 창에서 이미 답한 문항입니다")
            assert one.number == two.number
        done = sitting.done(sitting.questions[0])
        assert done is not None
        assert done.strength == sitting.questions[0].strength(1)
        assert sitting.progress.settled == 1
        one.page.close()
        two.page.close()


PAIRS = 40
Serve = Callable[..., Served]


@pytest.fixture
def serve(workspace: Path) -> Iterator[Serve]:
    """Start ``kojudge label`` on the workspace; whatever still runs at the end is killed."""
    started: list[Served] = []

    def begin(*options: str) -> Served:
        started.append(Served(workspace, *options))
        return started[-1]

    yield begin
    for one in started:
        one.kill()


def unsure(left: str, right: str) -> int:
    """A rater who finds three pairs in ten alike, whichever way round they stand."""
    decided = random.Random("".join(sorted((left, right)))).random() < 0.7
    return choice_of(left, right) if decided else 3


def test_two_raters_label_the_same_forty_pairs_through_kills(
    browser: Browser, workspace: Path, tmp_path: Path, serve: Serve
) -> None:
    """Nothing acknowledged is lost, nobody is unblinded, sides decode, agreement is computed."""
    settings = workspace / "kojudge.toml"
    only = settings.read_text(encoding="utf-8")
    only = only.replace(
        '"naturalness", "friendliness", "naturalness-pairwise", "friendliness-pairwise"',
        '"naturalness-pairwise"',
    )
    settings.write_text(only.replace('"fake-plain"', f'"{BASELINE}"'), encoding="utf-8")
    run = make_run(tmp_path / "runs" / "gemma-vs-zeta", texts(20))
    judge(run)
    opinions: dict[str, Callable[[str, str], int]] = {
        "kim": choice_of,
        "이평가": unsure,
    }
    heard: list[str] = []
    for rater, opinion in opinions.items():
        heard += label_through_kills(browser, serve, run, rater, opinion)
    everything = "\n".join(heard).lower()
    for secret in SECRETS:
        assert secret not in everything, secret
    check_agreement(run, heard[-1])


def label_through_kills(
    browser: Browser, serve: Serve, run: Run, rater: str, opinion: Callable[[str, str], int]
) -> list[str]:
    """Label to the end, the server killed three times; return all that the page heard or showed."""
    context = browser.new_context()
    kills = [5, 17, 33]
    heard: list[str] = []
    acknowledged: dict[frozenset[str], int] = {}
    options = ("--run", run.path, "--rater", rater, "--baseline", BASELINE, "--limit", str(PAIRS))
    served = serve(*options)
    page = Watched(context.new_page()).watch()
    page.open(served.url)
    answered = 0
    while page.page.locator("#end").is_hidden():
        left, right = page.shown
        heard.append(page.page.content())
        choice = opinion(left, right)
        if kills and answered == kills[0]:
            kills.pop(0)
            page.page.keyboard.press(str(choice))  # on its way or saved: nobody has said so
            served.end(signal.SIGKILL)
            heard += page.heard
            page.page.close()
            served = serve(*options)
            page = Watched(context.new_page()).watch()
            page.open(served.url)
            check_nothing_lost(run, rater, acknowledged)
            continue
        before = page.number
        page.page.keyboard.press(str(choice))
        page.page.wait_for_function(
            "before => document.getElementById('count').textContent !== before", arg=before
        )
        acknowledged.setdefault(frozenset((left, right)), choice if left < right else 6 - choice)
        answered += 1
    assert page.page.locator("#results li").count() >= 3
    heard += page.heard
    results = page.page.inner_text("#results")
    code, printed = served.end(signal.SIGINT)
    assert code == 0, printed
    assert results.splitlines()[-1] in printed
    assert page.complaints == []
    context.close()
    mine = check_nothing_lost(run, rater, acknowledged)
    assert len(mine) == PAIRS
    assert sum("repeat_strength" in label.extra for label in mine) == 2
    return [*heard, results]


def check_nothing_lost(
    run: Run, rater: str, acknowledged: dict[frozenset[str], int]
) -> list[object]:
    """Every answer the page confirmed is a label, decoded to the side it was given for."""
    content = {(one.candidate, one.prompt_id): one.text for one in run.texts()}
    mine = [label for label in run.labels().labels if label.rater == rater]
    found = {}
    for label in mine:
        own, other = (content[name, label.prompt_id] for name in (label.candidate, BASELINE))
        strength = label.extra["strength"]
        assert isinstance(strength, int)
        found[frozenset((own, other))] = 3 - strength if own < other else 3 + strength
    for pair, choice in acknowledged.items():
        assert found[pair] == choice
    assert len(mine) <= len(acknowledged) + 3
    return list(mine)


def check_agreement(run: Run, results: str) -> None:
    """The last page shows the α of the stored labels, and how often the judge agrees."""
    table: dict[str, dict[tuple[str, str], float]] = {}
    for label in run.labels().labels:
        assert label.preference is not None
        table.setdefault(label.rater, {})[label.prompt_id, label.candidate] = label.preference
    ratings = np.array([[own[key] for key in sorted(own)] for own in table.values()])
    assert ratings.shape == (2, PAIRS)
    assert f"α {krippendorff_alpha(ratings, 'interval'):.2f}" in results
    assert "95% 신뢰구간" in results
    assert "고른 비율 1.00" in results
    assert "자리를 바꿔 다시 물은 2문항" in results


def test_the_sides_of_the_page_are_those_of_the_plan(watched: Watched, sitting: Sitting) -> None:
    with serving(sitting) as url:
        watched.open(url)
        for question in sitting.questions[:6]:
            assert watched.shown == list(sides(question))
            watched.press("3", "저장했습니다")
            watched.page.evaluate("document.getElementById('status').textContent = ''")
