"""The ``transformers`` engine: CPU and single GPU, batched, seeded per text."""
