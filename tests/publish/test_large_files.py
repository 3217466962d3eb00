"""Files too large for a commit go to the hub's storage first, by LFS or by xet."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kojudge.errors import UnavailableError
from kojudge.publish import publish_to_folder, read_source

from .conftest import TOKEN, publish
from .hub import Hub
from .runs import CRITERIA, TEMPLATES, make_run
from .storage import BATCH, SHARDS, STORAGE, VERIFY, XET_TOKEN, XORBS

COMMIT = "/api/spaces/org/site/commit/main"
LARGE = 11 * 2**20
PATIENCE = 300.0


@pytest.fixture
def lfs(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The hub, spoken to without xet, as where the library has no wheel of it."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    return hub


def large_run(folder: Path, size: int = LARGE) -> Path:
    """A run whose page is larger than what the hub takes in a commit."""
    run = make_run(folder, "main", 3)
    noise = random.Random(7).randbytes(size // 2).hex()
    (run / "report.html").write_text(f"<!doctype html><main>{noise}</main>", encoding="utf-8")
    return run


def published_page(run: Path, folder: Path) -> tuple[str, bytes]:
    """Return where the page of ``run`` is in a site, and what it says there."""
    done = publish_to_folder(folder, [read_source(run, CRITERIA)], TEMPLATES, "ko")
    path = f"runs/{done.added[0]}/report.html"
    return path, (folder / path).read_bytes()


def spoken(hub: Hub) -> list[str]:
    """What storage was asked, in order, and the commit."""
    known = (BATCH, STORAGE, VERIFY, XET_TOKEN, XORBS, SHARDS, COMMIT)
    paths = [path.partition("?")[0] for _, path, _ in hub.asked]
    return [start for path in paths for start in known if path.startswith(start)]


# The library's own way to send a file is one that its HTTP client no longer likes.
@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
class TestLfs:
    def test_a_large_page_is_stored_and_verified_before_the_commit(
        self, lfs: Hub, tmp_path: Path
    ) -> None:
        run = large_run(tmp_path)
        publish(run)
        path, page = published_page(run, tmp_path / "site")
        assert spoken(lfs) == [BATCH, STORAGE, VERIFY, COMMIT]
        assert lfs.storage.objects[lfs.large[path]] == page
        assert list(lfs.large) == [path]
        assert b"runs/" in lfs.files["index.html"]

    def test_what_the_storage_has_is_not_sent_again(self, lfs: Hub, tmp_path: Path) -> None:
        run = large_run(tmp_path)
        publish(run)
        lfs.asked.clear()
        publish(run)
        assert spoken(lfs) == [BATCH, COMMIT]

    def test_earlier_runs_with_large_results_stay_in_the_index(
        self, lfs: Hub, tmp_path: Path
    ) -> None:
        lfs.limit = 500
        (old,) = publish(make_run(tmp_path, "old", 3)).added
        assert f"runs/{old}/results.json" in lfs.large
        done = publish(make_run(tmp_path, "new", 5))
        assert (done.runs, done.warnings) == (2, ())

    @pytest.mark.parametrize(
        ("path", "status", "message"),
        [
            (BATCH, 403, "does not let you publish to org/site: refused. Put a token"),
            (STORAGE, 400, "Error while uploading 'runs/main-.*report.html' to the Hub. refused"),
            (VERIFY, 404, "does not let you publish"),
            (COMMIT, 400, "Could not publish"),
        ],
    )
    def test_a_refusal_leaves_the_space_as_it_was(
        self, path: str, status: int, message: str, lfs: Hub, tmp_path: Path
    ) -> None:
        publish(make_run(tmp_path, "old", 2))
        before, done = dict(lfs.files), len(lfs.paths("POST"))
        lfs.refuse[path] = status
        with pytest.raises(UnavailableError, match=message) as caught:
            publish(large_run(tmp_path))
        assert "\n" not in str(caught.value)
        assert TOKEN not in str(caught.value)
        assert lfs.files == before
        assert (COMMIT in lfs.paths("POST")[done:]) == (path == COMMIT)

    def test_a_storage_that_refuses_one_object_is_quoted(self, lfs: Hub, tmp_path: Path) -> None:
        lfs.storage.full = "the storage of org is full"
        with pytest.raises(UnavailableError, match="the storage of org is full") as caught:
            publish(large_run(tmp_path))
        assert "the storage of org is full" in caught.value.message.ko
        assert lfs.files == {}

    @pytest.mark.parametrize("path", [BATCH, STORAGE, COMMIT])
    def test_a_connection_that_breaks_is_one_error_after_the_librarys_retries(
        self, path: str, lfs: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
        lfs.dropped = path
        with pytest.raises(UnavailableError, match="Could not publish to org/site"):
            publish(large_run(tmp_path))
        assert lfs.files == {}


def command(hub: Hub, run: Path, **more: str) -> subprocess.Popen[str]:
    """Start ``kojudge publish`` of ``run`` to the hub's Space."""
    environment = os.environ | {
        "HF_ENDPOINT": hub.endpoint, "HF_HOME": str(run.parent / "hf"), "HF_TOKEN": TOKEN,
        "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_XET": "0",
    } | more  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "kojudge", "--lang", "en", "publish", "--run", str(run),
         "--to", "hf://spaces/org/site"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env=environment, cwd=run.parent, preexec_fn=heed_interrupts,  # noqa: PLW1509
    )  # fmt: skip


def heed_interrupts() -> None:
    """Undo an inherited "ignore SIGINT": tests started in the background have it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class TestXet:
    @pytest.fixture(autouse=True)
    def _installed(self) -> None:
        pytest.importorskip("hf_xet")

    def test_a_large_page_is_stored_before_the_commit(self, hub: Hub, tmp_path: Path) -> None:
        run = large_run(tmp_path)
        process = command(hub, run)
        printed = process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == 0, printed
        path, page = published_page(run, tmp_path / "site")
        assert hub.large == {path: hashlib.sha256(page).hexdigest()}
        assert spoken(hub)[0] == XET_TOKEN
        assert spoken(hub)[-2:] == [SHARDS, COMMIT]
        assert XORBS in spoken(hub)
        assert hub.storage.chunks > LARGE // 3  # the noise is hexadecimal: half of it is air

    @pytest.mark.parametrize(
        ("path", "status", "message"),
        [
            (XET_TOKEN, 403, "The hub does not let you publish to org/site"),
            (XORBS, 400, "Could not publish to org/site on the hub: Network error"),
            (SHARDS, 400, "Could not publish to org/site on the hub: Network error"),
        ],
    )
    def test_a_refusal_is_one_error_and_no_commit(
        self, path: str, status: int, message: str, hub: Hub, tmp_path: Path
    ) -> None:
        hub.refuse[path] = status
        process = command(hub, large_run(tmp_path))
        printed = process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == 4, printed
        assert message in printed
        assert printed.count("org/site on the hub") + printed.count("let you publish") == 1
        assert "Traceback" not in printed
        assert COMMIT not in hub.paths("POST")


@pytest.mark.parametrize(("transfer", "held"), [("lfs", STORAGE), ("xet", XORBS)])
def test_an_interrupted_upload_leaves_no_commit(
    transfer: str, held: str, hub: Hub, tmp_path: Path
) -> None:
    if transfer == "xet":
        pytest.importorskip("hf_xet")
    hub.held = held
    process = command(hub, large_run(tmp_path), HF_HUB_DISABLE_XET=str(int(transfer == "lfs")))
    assert hub.reached.wait(PATIENCE)
    process.send_signal(signal.SIGINT)
    printed = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 130, printed
    assert "Traceback" not in printed
    hub.release.set()
    assert COMMIT not in hub.paths("POST")
    assert hub.files == {}
