"""From a GGUF to a cached directory of safetensors, once.

The conversion runs in a process of its own. It needs several times the model's size in
memory, and only the end of a process surely gives that back; should the system run out,
the process dies and not the run that asked for it; and the progress bars, warnings and
environment switches of the libraries stay out of ours.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from kojudge import __version__
from kojudge.cards.sources import dequantise
from kojudge.cards.sources.cache import cache_dir, missing_files
from kojudge.cards.sources.progress import Progress
from kojudge.errors import UnavailableError, said

__all__ = ["convert", "converted_dir", "find_converted", "require_local_extra"]

SOURCE_FILE = "kojudge-source.json"

_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TQDM_DISABLE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}


def converted_dir(sha256: str) -> Path:
    """Return where the model made from one GGUF is kept.

    The number of the conversion is part of the name: a kojudge that converts differently
    makes a directory of its own.
    """
    return cache_dir() / f"gguf-{sha256[:16]}-v{dequantise.CONVERSION}"


def find_converted(sha256: str) -> Path | None:
    """Return the model made from one GGUF, if it is there and whole."""
    folder = converted_dir(sha256)
    whole = (folder / SOURCE_FILE).is_file() and missing_files(folder) is None
    return folder if whole else None


def require_local_extra() -> None:
    """Refuse to fetch what could not be converted afterwards.

    Raises:
        UnavailableError: a package of the ``local`` extra is not installed.

    """
    absent = [name for name in ("torch", "transformers", "gguf") if find_spec(name) is None]
    if absent:
        named = ", ".join(absent)
        raise UnavailableError(
            said(
                f"모델을 변환하는 데 필요한 {named}이(가) 설치되어 있지 않습니다.",
                f"Converting the model needs {named}, not installed here.",
            ),
            said(
                '`pip install "kojudge[local]"`로 설치하세요.',
                'Install with `pip install "kojudge[local]"`.',
            ),
        )


def convert(
    gguf: Path, sha256: str, origin: Mapping[str, object], lock: int, progress: Progress
) -> Path:
    """Return the converted model of ``gguf``; the caller holds ``lock`` on its hash.

    ``origin`` is written to ``kojudge-source.json`` beside the weights.

    Raises:
        UnavailableError: the GGUF cannot be converted, or memory ran out.

    """
    target = converted_dir(sha256)
    progress("convert", 0, 1)
    temporary = Path(tempfile.mkdtemp(prefix="converting-", dir=cache_dir()))
    try:
        told = _run(gguf, temporary, lock)
        source = {"gguf_sha256": sha256, **origin, **told, "kojudge": __version__}
        text = json.dumps(source, ensure_ascii=False, indent=2)
        (temporary / SOURCE_FILE).write_text(text + "\n", encoding="utf-8")
        temporary.chmod(0o755)  # mkdtemp's 0700 would hide a shared cache from colleagues
        if target.exists():
            shutil.rmtree(target)  # incomplete, or find_converted would have returned it
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    progress("convert", 1, 1)
    return target


def _run(gguf: Path, out: Path, lock: int) -> dict[str, object]:
    # By file, with -P: works for a kojudge that is only on sys.path, and keeps this
    # folder off the child's.
    command = [sys.executable, "-P", "-W", "ignore", dequantise.__file__, str(gguf), str(out)]
    result = subprocess.run(  # noqa: S603 - our own script on our own files
        command,
        env={**os.environ, **_QUIET},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        pass_fds=(lock,),
        check=False,
    )
    if result.returncode == 0:
        told: dict[str, object] = json.loads(result.stdout.splitlines()[-1])
        return told
    if result.returncode < 0:
        raise UnavailableError(
            said(
                f"{gguf.name}을(를) 변환하던 프로세스가 신호 {-result.returncode}로 끝났습니다.",
                f"The process converting {gguf.name} was ended by signal {-result.returncode}.",
            ),
            said(
                "메모리가 모자라면 이렇게 됩니다. 다른 프로그램을 닫고 다시 실행하세요.",
                "Running out of memory does this; close other programs and run it again.",
            ),
        )
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    reason = lines[-1] if lines else "—"
    raise UnavailableError(
        said(
            f"{gguf.name}을(를) 변환하지 못했습니다: {reason}",
            f"Could not convert {gguf.name}: {reason}",
        ),
        said(
            "transformers가 이 모델 구조의 GGUF를 읽지 못할 수 있습니다."
            " safetensors로 된 원본을 hub나 path로 지정하세요.",
            "transformers may not read GGUFs of this architecture; give the original"
            " safetensors with hub or path.",
        ),
    )
