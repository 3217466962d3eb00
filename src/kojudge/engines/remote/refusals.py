"""What a refusal means: of one item, or of everything that would follow."""

from __future__ import annotations

import json
import re

from kojudge.engines.remote.address import Address
from kojudge.errors import EngineError, KojudgeError, UnavailableError, said

__all__ = ["TOO_LONG", "gave_up", "item_refusal", "server_refusal", "unreachable", "words_of"]

TOO_LONG = "prompt_too_long"
"""Lost for good: the judging layer does not ask such an item again."""

_LONG = re.compile(
    r"context.{0,12}(length|size|window)|too (long|large|many tokens)|exceed\w*.{0,40}tokens"
    r"|string_above_max_length",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model_not_found|model\b.{0,80}(not (exist|found)|unknown|not available|not loaded)"
    r"|(unknown|invalid|no such) model",
    re.IGNORECASE | re.DOTALL,
)
_NO_FIELD = re.compile(
    r"(unsupported|unrecognized|unknown|unexpected|not support\w*|extra)[\w '\"`:-]{0,40}"
    r"(field|param|argument|input|key)|extra_forbidden|(param|field|argument)\w*.{0,60}"
    r"(not (supported|permitted|allowed)|unsupported|unrecognized)",
    re.IGNORECASE | re.DOTALL,
)
_EXCERPT = 300


def words_of(content: bytes) -> str:
    """Return what an error body says, shortened: the message of the usual shapes, or its text."""
    text = content[:20_000].decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    for _ in range(3):
        if isinstance(found, dict):
            named = (found.get(name) for name in ("error", "message", "detail"))
            found = next((value for value in named if value), None)
    plain = found if isinstance(found, str) else json.dumps(found) if found else text
    return " ".join(plain.split())[:_EXCERPT]


def item_refusal(status: int, words: str) -> str | None:
    """Return the reason for which one item is lost; None: the refusal concerns all of them."""
    if status in (400, 413, 422):
        if status == 413 or _LONG.search(words):
            return TOO_LONG
        return None if _NO_MODEL.search(words) or _NO_FIELD.search(words) else f"http_{status}"
    return None


def server_refusal(address: Address, path: str, status: int, words: str) -> KojudgeError:
    """Return the error for a refusal that the next request would meet as well."""
    where = f"{address.url}{path}"
    if status in (401, 403):  # what the server says may repeat the key
        held = said("있지만 받아들이지 않습니다", "is set but not accepted")
        if not address.key:
            held = said("비어 있습니다", "is empty")
        return UnavailableError(
            said(f"{where}: 서버가 거절합니다(HTTP {status}). 환경 변수 {address.key_env}의 키가 "
                 f"{held.ko}.",
                 f"{where} refuses (HTTP {status}). The key in the environment variable "
                 f"{address.key_env} {held.en}."),
            said("그 변수에 맞는 키를 넣거나 카드의 server.key_env를 고치세요.",
                 "Put the right key there, or correct server.key_env in the card."),
        )  # fmt: skip
    return EngineError(
        said(f"{where}: 모델 '{address.name}'에 대한 요청을 서버가 받지 않습니다"
             f"(HTTP {status}): {words}",
             f"{where} does not take requests for the model '{address.name}' "
             f"(HTTP {status}): {words}"),
        said("주소가 /v1까지 맞는지, 서버가 그 이름의 모델을 돌리는지(카드의 source), "
             "server.extra에 서버가 모르는 항목이 없는지 확인하세요.",
             "See whether the address is right up to its /v1, whether the server runs a model of "
             "that name (source in the card), and whether server.extra holds a field it does not "
             "know."),
    )  # fmt: skip


def unreachable(address: Address, why: str) -> KojudgeError:
    """Return the error for a server that nobody answers at."""
    return UnavailableError(
        said(f"{address.url}: 모델 '{address.name}'을(를) 돌리는 서버에 닿지 않습니다({why}).",
             f"{address.url}: the server that runs '{address.name}' cannot be reached ({why})."),
        said("서버가 떠 있는지 확인하고 같은 명령을 다시 실행하세요. 끝난 것은 다시 묻지 않습니다.",
             "See whether it runs, then give the same command again: what is done is not asked "
             "again."),
    )  # fmt: skip


def gave_up(address: Address, lost: int, reason: str, words: str) -> KojudgeError:
    """Return the error for a server that lost ``lost`` requests in a row."""
    told = f": {words}" if words else ""
    return EngineError(
        said(f"{address.url}: 서버가 요청 {lost}개에 내리 쓸 수 있는 답을 주지 않았습니다"
             f"({reason}{told}).",
             f"{address.url}: {lost} requests in a row got no usable answer ({reason}{told})."),
        said("서버의 기록을 보고, 고친 뒤 같은 명령을 다시 실행하세요. 끝난 것은 다시 묻지 않습니다.",
             "Read the server's log; once mended, give the same command again: what is done is "
             "not asked again."),
    )  # fmt: skip
