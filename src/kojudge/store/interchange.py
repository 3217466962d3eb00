"""Interchange JSONL: bring your own texts, judgments and labels, and take them away again."""

from kojudge.store.exporting import ExportCount, export_judgments, export_labels, export_texts
from kojudge.store.importing import ImportCount, import_judgments, import_labels, import_texts
from kojudge.store.lines import Lines

__all__ = [
    "ExportCount",
    "ImportCount",
    "Lines",
    "export_judgments",
    "export_labels",
    "export_texts",
    "import_judgments",
    "import_labels",
    "import_texts",
]
