"""One run, reported once in each language, for all that looks at a finished report."""

from __future__ import annotations

import json
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from sample_run import Reported, asking, imported

from kojudge.cli.main import run
from kojudge.errors import Language


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """Import the run of :mod:`sample_run` and report it with ``--json`` in both languages."""
    folder = tmp_path_factory.mktemp("reported")
    pages: dict[Language, Path] = {}
    printed: dict[Language, str] = {}
    told: dict[Language, str] = {}
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(StringIO()):
        patched.setenv("COLUMNS", "240")
        with redirect_stderr(StringIO()):
            there = imported(folder)
        for language in ("ko", "en"):
            pages[language] = folder / f"{language}.html"
            out, err = StringIO(), StringIO()
            with redirect_stdout(out), redirect_stderr(err):
                code = run(asking(there, language, "--json", "--out", str(pages[language])))
            assert code == 3  # one answer was never given
            printed[language], told[language] = out.getvalue(), err.getvalue()
    results = json.loads((there / "results.json").read_text(encoding="utf-8"))
    return Reported(there, results, pages, printed, told)
