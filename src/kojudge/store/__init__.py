"""Where a run lives: Parquet parts, the manifest, human labels and interchange JSONL.

Nothing is imported here, so that ``import kojudge.store`` costs nothing; take
:class:`kojudge.store.run.Run` from its module.
"""
