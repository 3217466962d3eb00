"""The rater's name: it goes into every label and names the rater's file."""

from __future__ import annotations

import getpass
import re
import unicodedata

from kojudge.errors import ConfigError, said

__all__ = ["rater_name"]

_LONGEST = 40
_NAME = re.compile(rf"[\w-]{{1,{_LONGEST}}}")


def rater_name(given: str | None) -> str:
    """Return ``given`` in NFC, or a name made from that of the user logged in.

    Raises:
        ConfigError: the name holds other than letters, digits, ``_`` and ``-``, is longer than
            40 characters, or none was given and the user has none.
    """
    name = unicodedata.normalize("NFC", _user() if given is None else given)
    if _NAME.fullmatch(name):
        return name
    raise ConfigError(
        said(f"평가자 이름으로 쓸 수 없습니다: '{name[:_LONGEST]}'",
             f"Not a rater's name: '{name[:_LONGEST]}'."),
        said(f"`--rater 이름`에 글자, 숫자, _, -만 {_LONGEST}자까지 쓰세요.",
             f"Give `--rater NAME`: letters, digits, _ and -, at most {_LONGEST}."),
    )  # fmt: skip


def _user() -> str:
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user id without an entry, as in some containers
        return ""
    return re.sub(r"[^\w-]+", "-", user)[:_LONGEST]
