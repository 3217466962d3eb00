"""The report: results.json and the page made from it."""

from kojudge.report.counted import Counted, count
from kojudge.report.items import build_items
from kojudge.report.judged import check_judged
from kojudge.report.page import Page, render_page
from kojudge.report.results import build_results

__all__ = [
    "Counted",
    "Page",
    "build_items",
    "build_results",
    "check_judged",
    "count",
    "render_page",
]
