from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from kojudge.cards.schema import Source
from kojudge.cards.sources import locate, pull
from kojudge.cards.sources.hub import pull_file, pull_snapshot
from kojudge.cards.sources.progress import silent
from kojudge.errors import UnavailableError

from .conftest import a_card

hub = pytest.importorskip("huggingface_hub")

SOURCE = Source(hub="org/model")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty hub cache, and no network."""
    folder = tmp_path / "hub"
    monkeypatch.setattr(hub.constants, "HF_HUB_CACHE", str(folder))
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    return folder


def store(hub_cache: Path, *names: str, text: str = "{}") -> Path:
    """Put files of org/model into the hub cache, as the hub library lays them out."""
    repository = hub_cache / "models--org--model"
    snapshot = repository / "snapshots" / COMMIT
    snapshot.mkdir(parents=True, exist_ok=True)
    (repository / "refs").mkdir(exist_ok=True)
    (repository / "refs" / "main").write_text(COMMIT, encoding="utf-8")
    for name in names:
        (snapshot / name).write_text(text, encoding="utf-8")
    return snapshot


def fails_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def download(*_: object, **__: object) -> str:
        raise error

    monkeypatch.setattr(hub, "snapshot_download", download)


def http_error(kind: str, status: int) -> Exception:
    from huggingface_hub import errors

    # The library's own HTTP client, whichever it is.
    response = errors.Response(status, request=_request(errors))
    error: Exception = getattr(errors, kind)("told by the hub\nmore lines", response=response)
    return error


def _request(errors: Any) -> Any:
    import importlib

    client = importlib.import_module(errors.Response.__module__.split(".", maxsplit=1)[0])
    return client.Request("GET", "https://hub.test/org/model")


@pytest.mark.parametrize(
    ("kind", "status", "message", "hint"),
    [
        ("GatedRepoError", 403, "org/model is gated", "hf auth login"),
        ("RepositoryNotFoundError", 404, "has no repository org/model", "source.hub"),
        ("RevisionNotFoundError", 404, "no such revision or file", "source.revision"),
        ("RemoteEntryNotFoundError", 404, "no such revision or file", "source.gguf"),
        ("HfHubHTTPError", 500, "told by the hub", "run it again"),
    ],
)
def test_what_the_hub_answers_becomes_a_next_step(
    monkeypatch: pytest.MonkeyPatch, kind: str, status: int, message: str, hint: str
) -> None:
    fails_with(monkeypatch, http_error(kind, status))
    with pytest.raises(UnavailableError) as caught:
        pull(a_card(source={"hub": "org/model"}))
    assert message in caught.value.message.en
    assert caught.value.hint is not None
    assert hint in caught.value.hint.en
    assert hint in caught.value.hint.ko or hint == "run it again"
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "error", [ConnectionError("reset"), TimeoutError("slow"), RuntimeError("xet"), ValueError("id")]
)
def test_no_other_error_of_the_library_leaks(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    fails_with(monkeypatch, error)
    with pytest.raises(UnavailableError, match=f"Could not fetch org/model.*{error}"):
        pull(a_card())


def test_a_full_disk_is_not_taken_for_a_broken_network(monkeypatch: pytest.MonkeyPatch) -> None:
    fails_with(monkeypatch, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(UnavailableError, match=r"No space left on device.*HF_HOME"):
        pull(a_card())


def test_without_the_library_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert locate(a_card()) is None
    with pytest.raises(UnavailableError, match=r'pip install "kojudge\[local\]"'):
        pull(a_card())


def test_offline_the_model_is_told_to_be_out_of_reach(hub_cache: Path) -> None:
    assert locate(a_card()) is None
    with pytest.raises(UnavailableError, match="HF_HUB_OFFLINE"):
        pull(a_card())


def test_a_whole_snapshot_is_found_offline(hub_cache: Path) -> None:
    snapshot = store(hub_cache, "config.json", "model.safetensors", "tokenizer.json")
    assert locate(a_card()) == snapshot
    assert pull(a_card()) == snapshot


@pytest.mark.parametrize(
    "names",
    [
        ["config.json"],
        ["config.json", "tokenizer.json"],
        ["config.json", "model.safetensors"],
        ["model.safetensors", "tokenizer.json"],
    ],
)
def test_part_of_a_snapshot_is_not_a_model(hub_cache: Path, names: list[str]) -> None:
    store(hub_cache, *names)
    assert locate(a_card()) is None


def test_a_repository_of_pickled_weights_is_refused(hub_cache: Path) -> None:
    store(hub_cache, "config.json", "pytorch_model.bin", "tokenizer.json")
    with pytest.raises(UnavailableError, match=r"only pytorch_model\.bin.*refs/pr/1"):
        pull(a_card())


def test_a_gguf_in_a_repository_is_found_offline(hub_cache: Path) -> None:
    snapshot = store(hub_cache, "model-q8.gguf")
    source = Source(hub="org/model", gguf="model-q8.gguf")
    assert pull_file(source, silent) == snapshot / "model-q8.gguf"


def asked_for(monkeypatch: pytest.MonkeyPatch, folder: Path, *, code: bool) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def download(repository: str, **options: Any) -> str:
        seen.update(options, repository=repository)
        return str(folder)

    monkeypatch.setattr(hub, "snapshot_download", download)
    source = Source(hub="org/model", revision="abc")
    pull_snapshot(source, code=code, progress=silent)
    return seen


def test_only_safe_files_are_asked_for(monkeypatch: pytest.MonkeyPatch, hub_cache: Path) -> None:
    snapshot = store(hub_cache, "config.json", "model.safetensors")
    seen = asked_for(monkeypatch, snapshot, code=False)
    assert (seen["repository"], seen["revision"]) == ("org/model", "abc")
    assert not {"*.bin", "*.pt", "*.py"} & set(seen["allow_patterns"])


def test_code_is_asked_for_only_by_a_card_that_trusts_it(
    monkeypatch: pytest.MonkeyPatch, hub_cache: Path
) -> None:
    snapshot = store(hub_cache, "config.json", "model.safetensors")
    assert "*.py" in asked_for(monkeypatch, snapshot, code=True)["allow_patterns"]


def test_progress_counts_the_bytes_on_disk(
    monkeypatch: pytest.MonkeyPatch, hub_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = store(hub_cache, "config.json", "model.safetensors")

    def download(_: str, tqdm_class: Any, **__: object) -> str:
        wire = tqdm_class(total=10, unit="B", name="huggingface_hub.snapshot_download.transfer")
        disk = tqdm_class(total=0, unit="B", name="huggingface_hub.snapshot_download")
        files = tqdm_class(total=2, desc="Fetching 2 files")
        disk.total = 10
        for bar in (wire, disk, files, disk):
            bar.update(5)
        for bar in (wire, disk, files):
            bar.close()
        return str(snapshot)

    monkeypatch.setattr(hub, "snapshot_download", download)
    told: list[tuple[str, int, int]] = []
    pull_snapshot(SOURCE, code=False, progress=lambda *step: told.append(step))
    assert told == [("download", 5, 10), ("download", 10, 10)]
    assert capsys.readouterr() == ("", "")
