"""Let the tests use the simulated judges; a small audit set of their own."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "simulations"))

ORIGINAL = (
    "지난 주말에 강릉에 다녀왔어요. 원래는 가족이랑 가려고 했는데, 결국 저 혼자 기차를 탔거든요. "
    "그런데 막상 가 보니까 혼자라서 더 좋더라고요! 카페에서 창가 자리에 앉아 바다만 봤어요. "
    "커피는 조금 비쌌지만 풍경값이라고 생각하면 괜찮죠. 여러분도 꼭 한번 가 보세요."
)
REWRITES = {
    "translationese": "지난 주말에 저는 강릉을 방문하는 것을 가졌어요. 그것은 저에 의해 혼자 행해졌어요.",
    "stiff": "지난 주말 강릉을 방문하였음을 알려 드립니다. 방문 인원은 1인이며 이동 수단은 철도입니다.",
    "cold": "주말에 강릉 갔다. 혼자 갔다. 바다 봤다. 가든지 말든지.",
    "paraphrase": "강릉에서 주말을 보내고 왔어요. 식구들 대신 저만 기차에 올랐는데 그게 더 낫더라고요.",
    "cliche": f"안녕하세요, 여러분! 오늘은 여행의 소중한 가치를 이야기해 볼게요. {ORIGINAL}",
    "verbose": f"{ORIGINAL} 다시 말하면 주말에 강릉을 혼자 다녀왔는데 참 좋았다는 이야기예요.",
}


def lines_of(source_id: str = "blog-01", category: str = "blog") -> list[dict[str, str]]:
    """One complete source, a line a kind."""
    texts = {"original": ORIGINAL, **REWRITES}
    return [
        {
            "id": f"{source_id}-{kind}",
            "source_id": source_id,
            "category": category,
            "kind": kind,
            "text": text,
            "prompt": "주말에 다녀온 여행 이야기를 블로그에 올릴 글로 써 줘.",
        }
        for kind, text in texts.items()
    ]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write lines (objects, or raw strings) to a file of the audit folder; return the folder."""

    def to(lines: list[dict[str, str] | str], name: str = "blog.jsonl") -> Path:
        shown = [x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines]
        (tmp_path / name).write_text("\n".join(shown) + "\n", encoding="utf-8")
        return tmp_path

    return to
