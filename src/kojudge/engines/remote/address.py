"""Where a server is and the key that opens it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import httpx

from kojudge.errors import UnavailableError, said
from kojudge.records import Server

__all__ = ["Address", "find_address"]

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Address:
    """``url`` without a trailing slash and without secrets; the key is in no ``repr``."""

    name: str
    url: str
    key_env: str
    key: str = field(default="", repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """The header that carries the key; none without a key."""
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}

    @property
    def on_this_machine(self) -> bool:
        """Whether no proxy can lie between."""
        return httpx.URL(self.url).host in _LOOPBACK

    def hide_key(self, words: str) -> str:
        """Return ``words`` of the server without the key, should it repeat it."""
        return words.replace(self.key, "***") if self.key else words


def find_address(server: Server, *, name: str, url_env: str) -> Address:
    """Return the card's address, or the one in the environment variable ``url_env``.

    Raises:
        UnavailableError: there is none, it is no http address or holds a password, or the
            key is not printable ASCII.
    """
    url = (server.url or os.environ.get(url_env, "")).strip().rstrip("/")
    if not url:
        raise UnavailableError(
            said(f"모델 '{name}'을(를) 돌리는 서버의 주소가 없습니다.",
                 f"There is no address of the server that runs '{name}'."),
            said(f"카드의 server.url이나 환경 변수 {url_env}에 적으세요"
                 "(예: http://127.0.0.1:8000/v1).",
                 f"Write it as server.url in the card or in the environment variable {url_env} "
                 "(for example http://127.0.0.1:8000/v1)."),
        )  # fmt: skip
    _check_url(url, name)
    key = os.environ.get(server.key_env, "").strip()
    if not (key.isascii() and (key.isprintable())):
        raise UnavailableError(
            said(f"환경 변수 {server.key_env}의 키에 보낼 수 없는 글자가 있습니다.",
                 f"The key in the environment variable {server.key_env} holds characters that "
                 "cannot be sent."),
            said("줄바꿈이나 따옴표까지 붙여 넣지 않았는지 확인하세요.",
                 "See whether a line break or a typographic quote was pasted with it."),
        )  # fmt: skip
    return Address(name, url, server.key_env, key)


def _check_url(url: str, name: str) -> None:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.userinfo or parsed.query:
        raise UnavailableError(
            said(f"모델 '{name}'의 서버 주소에 암호나 ?가 들어 있습니다.",
                 f"The address of the server of '{name}' holds a password or a query."),
            said("키는 주소가 아니라 카드의 server.key_env가 가리키는 환경 변수에 넣으세요.",
                 "Put the key into the environment variable that server.key_env names."),
        )  # fmt: skip
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise UnavailableError(
            said(f"모델 '{name}'의 서버 주소가 http 주소가 아닙니다: {url}",
                 f"The address of the server of '{name}' is no http address: {url}"),
            said("http://127.0.0.1:8000/v1처럼 적으세요.",
                 "Write it like http://127.0.0.1:8000/v1."),
        )  # fmt: skip
