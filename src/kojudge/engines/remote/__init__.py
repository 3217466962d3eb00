"""Engines behind a server: OpenAI-compatible ones, and servers of typed decisions."""
