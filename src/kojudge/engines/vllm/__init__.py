"""The ``vllm`` engine: vLLM's offline engine, token ids in, raw log-probabilities out."""
