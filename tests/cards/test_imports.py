from __future__ import annotations

import os
import subprocess
import sys

HEAVY = ("torch", "transformers", "vllm", "datasets", "pandas", "huggingface_hub", "gguf")


def test_reading_cards_loads_no_model_library() -> None:
    code = (
        "import sys, kojudge.cards, kojudge.cards.sources\n"
        f"print(*[name for name in {HEAVY} if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert result.stdout.strip() == ""
