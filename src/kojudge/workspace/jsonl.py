"""The lines of a JSONL file that a user edits, each with the place to name in an error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kojudge.errors import InputError, said


def read_lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield ``FILE:LINE`` and the line, blank ones left out.

    Raises:
        InputError: the file is not UTF-8.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            said(f"{path}: UTF-8로 된 파일이 아닙니다.", f"{path}: is not UTF-8."),
            said("UTF-8로 다시 저장하세요.", "Save it again as UTF-8."),
        ) from error
    # split("\n"), not splitlines(): U+2028 inside a JSON string is not a new line.
    for number, raw in enumerate(content.split("\n"), start=1):
        if raw.strip():
            yield f"{path}:{number}", raw
