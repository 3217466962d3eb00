"""Interchange JSONL: bring your own texts, judgments and labels, and take them away again."""

from kojudge.store.exporting import ExportCount, export_judgments, export_labels, export_texts
from kojudge.store.importing import ImportCount, import_judgments, import_labels, import_texts

__all__ = [
    "ExportCount",
    "ImportCount",
    "export_judgments",
    "export_labels",
    "export_texts",
    "import_judgments",
    "import_labels",
    "import_texts",
]
