"""The wheel is complete: the package, and the starter workspace that `kojudge init` writes."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("prompts", "candidates", "rubrics", "judge", "reports")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of this checkout; building needs hatchling from the package registry."""
    target = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "-w",
        str(target),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    [path] = target.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_starter_workspace_is_this_repository_s(wheel: zipfile.ZipFile) -> None:
    files = [ROOT / "kojudge.toml"]
    files += [p for folder in FOLDERS for p in (ROOT / folder).rglob("*") if p.is_file()]
    for path in files:
        inside = f"kojudge/starter/{path.relative_to(ROOT).as_posix()}"
        assert wheel.read(inside) == path.read_bytes(), inside


def test_every_module_is_in_it_and_it_says_it_is_typed(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    package = ROOT / "src/kojudge"
    for path in (*package.rglob("*.py"), *package.glob("label/page.*")):
        assert f"kojudge/{path.relative_to(ROOT / 'src/kojudge').as_posix()}" in names
    assert "kojudge/py.typed" in names


def test_nothing_else_is_in_it(wheel: zipfile.ZipFile) -> None:
    roots = {name.split("/")[0] for name in wheel.namelist()}
    assert {root for root in roots if not root.endswith(".dist-info")} == {"kojudge"}


def test_an_installed_copy_writes_the_workspace_out(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    site, space = tmp_path / "site", tmp_path / "space"
    wheel.extractall(site)
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "import kojudge; from kojudge.cli.main import run\n"
        f"assert kojudge.__file__.startswith({str(site)!r})\n"
        f"raise SystemExit(run(['init', {str(space)!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    for name in ("kojudge.toml", *FOLDERS):
        assert (space / name).exists()
    assert (space / "prompts/blog.jsonl").read_bytes() == (ROOT / "prompts/blog.jsonl").read_bytes()
