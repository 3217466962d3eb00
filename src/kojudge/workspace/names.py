"""Names that settings, command line and engines agree on."""

ENGINES = ("transformers", "vllm", "openai", "ray", "fake")
"""What a run can be asked to run its models on."""
IN_PROCESS = ("transformers", "vllm", "head", "fake")
"""Engines that hold a model in their own process: what a Ray worker can hold."""
