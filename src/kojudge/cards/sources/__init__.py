"""Model sources: where a card's weights come from and how they become safetensors."""

from kojudge.cards.sources.cache import cache_dir
from kojudge.cards.sources.progress import Progress
from kojudge.cards.sources.weights import (
    WITHOUT_WEIGHTS,
    locate,
    pull,
    pull_adapter,
    served_name,
)

__all__ = [
    "WITHOUT_WEIGHTS",
    "Progress",
    "cache_dir",
    "locate",
    "pull",
    "pull_adapter",
    "served_name",
]
