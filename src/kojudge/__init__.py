"""kojudge: an LLM-as-judge evaluator of Korean writing quality."""

__version__ = "0.1.0"
