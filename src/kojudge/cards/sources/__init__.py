"""Model sources: where a card's weights come from and how they become safetensors."""

from kojudge.cards.sources.cache import cache_dir
from kojudge.cards.sources.progress import Progress
from kojudge.cards.sources.weights import locate, pull, served_name

__all__ = ["Progress", "cache_dir", "locate", "pull", "served_name"]
