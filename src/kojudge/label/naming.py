"""Texts that give their author away: they name a model of the run, or its maker."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

__all__ = ["Names", "names_itself", "names_of"]

Names = re.Pattern[str]

_MAKERS: dict[str, tuple[str, ...]] = {
    "gemma": ("google", "deepmind", "gemini", "젬마", "구글", "딥마인드", "제미나이"),
    "qwen": ("alibaba", "tongyi", "큐웬", "쿠웬", "알리바바", "통이치엔원"),
    "llama": ("meta ai", "라마 모델", "메타 AI"),
    "exaone": ("lg ai", "엑사원", "LG AI"),
    "smollm": ("hugging face", "huggingface", "허깅페이스"),
    "mistral": ("미스트랄",),
    "phi": ("microsoft", "마이크로소프트"),
    "gpt": ("openai", "chatgpt", "오픈AI", "챗GPT", "챗지피티"),
    "solar": ("upstage", "업스테이지"),
    "kanana": ("kakao", "카카오", "카나나"),
    "hyperclova": ("naver", "네이버", "하이퍼클로바"),
    "polyglot": ("eleutherai", "폴리글롯"),
    "plm": ("42dot", "포티투닷"),
    "deepseek": ("딥시크",),
}
"""Part of a model's name → what its maker and the model itself are also called."""
_PLAIN = frozenset(
    [
        "base",
        "best",
        "bf",
        "chat",
        "checkpoint",
        "code",
        "coder",
        "dot",
        "dpo",
        "english",
        "epoch",
        "exp",
        "final",
        "for",
        "from",
        "gguf",
        "gptq",
        "awq",
        "instruct",
        "int",
        "korean",
        "kor",
        "large",
        "llm",
        "lora",
        "medium",
        "merged",
        "mini",
        "model",
        "mt",
        "nano",
        "new",
        "plm",
        "pre",
        "preview",
        "pretrained",
        "raw",
        "rlhf",
        "run",
        "sft",
        "slm",
        "small",
        "step",
        "sum",
        "test",
        "text",
        "the",
        "tiny",
        "tuned",
        "v",
    ]
)


def names_of(models: Iterable[Sequence[str]]) -> Names:
    """Return a pattern of what the models are called.

    ``models`` has for each what its card says: name, family, hub id. Words that say nothing
    of who made it (instruct, chat, mini) do not count; letters of any size and width do.
    """
    called = " ".join(" ".join(names) for names in models)
    parts = {word.lower() for word in re.findall(r"[A-Za-z]{3,}|[가-힣]{2,}", called)}
    words = parts - _PLAIN
    for part, others in _MAKERS.items():
        if any(word.startswith(part) for word in parts):
            words |= {other.lower() for other in others}
    listed = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    # Hangul endings may follow a name at once (Gemma입니다); other Latin letters may not.
    return re.compile(rf"(?<![A-Za-z])(?:{listed or '(?!)'})(?![A-Za-z])", re.IGNORECASE)


def names_itself(text: str, names: Names) -> bool:
    """Say whether ``text`` holds one of ``names``."""
    return names.search(unicodedata.normalize("NFKC", text)) is not None
