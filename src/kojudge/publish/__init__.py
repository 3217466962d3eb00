"""Publish runs: a static site of reports with an index over time, on disk or as a Hugging Face Space."""

from kojudge.publish.entry import Source, read_source
from kojudge.publish.site import Published, publish_to_folder

__all__ = ["Published", "Source", "publish_to_folder", "read_source"]
