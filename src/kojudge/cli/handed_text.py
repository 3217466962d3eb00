"""A text the user hands over, as a file or on stdin."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kojudge.errors import InputError, Said, said

__all__ = ["MOST_BYTES", "read_text"]

MOST_BYTES = 2_000_000
"""About 660,000 syllables, a long novel: beyond this the analysis takes many minutes."""

LONGEST_NAME = 300
_BOM = "\ufeff"
_PASTE = said(
    "글을 바로 넣으려면 파일 자리에 -를 쓰고 표준 입력으로 주세요.",
    "To hand over a text directly, write - for the file and give it on stdin.",
)


def read_text(path: Path) -> str:
    """Return the text of ``path`` (``-`` is stdin), without a byte order mark.

    Raises InputError where it cannot be read, is not UTF-8, holds nothing or is too long.
    """
    shown = said("표준 입력", "stdin") if str(path) == "-" else _name(path)
    raw = _bytes(path, shown)
    if len(raw) > MOST_BYTES:
        raise InputError(
            said(f"{shown.ko}: 글이 너무 깁니다. {MOST_BYTES // 10**6} MB까지 볼 수 있습니다.",
                 f"{shown.en}: the text is too long; {MOST_BYTES // 10**6} MB is the most."),
            said("장이나 절로 나누어 하나씩 넣어 주세요.",
                 "Split it into chapters and give them one at a time."),
        )  # fmt: skip
    text = _decoded(raw, shown)
    if not text.strip():
        raise InputError(
            said(f"{shown.ko}: 글이 비어 있습니다.", f"{shown.en}: there is no text in it."),
            said("살펴볼 글을 넣어 주세요.", "Put the text to look at in it."),
        )
    return text


def _name(path: Path) -> Said:
    name = click.format_filename(path)
    if len(name) > LONGEST_NAME:  # a text given in the place of a file
        name = name[:LONGEST_NAME] + "…"
    return said(name, name)


def _bytes(path: Path, shown: Said) -> bytes:
    """Read one byte more than may be there, so that no pipe or device is read without end."""
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        problem = said(f"{shown.ko}: 파일이 없습니다.", f"{shown.en}: there is no such file.")
        check = said("경로를 확인하세요.", "Check the path.")
        hint = said(f"{check.ko} {_PASTE.ko}", f"{check.en} {_PASTE.en}")
        raise InputError(problem, hint) from error
    except IsADirectoryError as error:
        raise InputError(
            said(f"{shown.ko}: 파일이 아니라 폴더입니다.",
                 f"{shown.en}: this is a folder, not a file."),
            said("글이 든 파일 하나를 고르세요.", "Name one file with a text in it."),
        ) from error  # fmt: skip
    except OSError as error:
        cause = error.strerror or str(error)
        raise InputError(
            said(f"{shown.ko}: 파일을 읽지 못했습니다. 원인: {cause}.",
                 f"{shown.en}: the file cannot be read: {cause}."),
            said(f"경로와 권한을 확인하세요. {_PASTE.ko}",
                 f"Check the path and its permissions. {_PASTE.en}"),
        ) from error  # fmt: skip


def _decoded(raw: bytes, shown: Said) -> str:
    try:
        return raw.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(
            said(f"{shown.ko}: {line}번째 줄이 UTF-8이 아닙니다.",
                 f"{shown.en}: line {line} is not UTF-8."),
            _how_to_save(raw),
        ) from error  # fmt: skip


def _how_to_save(raw: bytes) -> Said:
    """Name the encoding where it is plain, for a Korean file that is not UTF-8 is often CP949."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        kind = "UTF-16"
    else:
        try:
            raw.decode("cp949")
            kind = "CP949"
        except UnicodeDecodeError:
            return said(
                "글 파일이 맞는지 확인하고 UTF-8로 다시 저장하세요.",
                "Check that it is a text file and save it again as UTF-8.",
            )
    return said(
        f"{kind} 파일 같습니다. UTF-8로 다시 저장하세요: iconv -f {kind} -t UTF-8 파일 > 새파일",
        f"It looks like {kind}. Save it again as UTF-8: iconv -f {kind} -t UTF-8 FILE > NEW",
    )
