"""A workspace as `kojudge init` makes it, on the fake engine and with the files that pages suppose."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from kojudge.cli.main import run

from .peer_files import write_peer_files

POST = """\
지난 주말에 제주에 다녀왔어요. 비가 와서 걱정했는데, 오후부터 하늘이 개더라고요.
이 길은 많은 사람들에 의해 사랑받는 길이라고 해요. 바람이 꽤 차니까 겉옷은 꼭 챙겨 가세요!
"""
CARD = """\
name: {name}
source: {{path: "fake:{behaviour}"}}
license: Apache-2.0
"""
LAID_IN = 'engine = "fake"\nlimit = 2\nresamples = 999\ncontrols = 2\n'
AUDIT_SOURCES_EACH = 1


def furnish(root: Path) -> None:
    """Make a workspace quick, and put into it what pages take for granted."""
    lay_in_the_fake_engine(root / "kojudge.toml")
    _add_a_candidate(root, "my-model", "warm")
    # Whose tokenizer pages show a rubric with; the fake engine has none to fetch.
    write_card(root / "judge", "qwen2.5-coder-1.5b-instruct", "plain")
    # The head that pages have just trained.
    write_card(root / "judge", "my-head", "warm")
    _keep_few_audit_texts(root / "judge" / "audit")
    for name in ("post.txt", "first.txt", "second.txt"):
        (root / name).write_text(POST, encoding="utf-8")
    _write_lines(root / "texts.jsonl", _texts())
    _write_lines(root / "judgments.jsonl", _judgments())
    write_peer_files(root)


def lay_in_the_fake_engine(settings: Path) -> None:
    """Put the fake engine and small numbers in the place of the same settings of a kojudge.toml."""
    text = settings.read_text(encoding="utf-8")
    ours = "|".join(line.split(" = ")[0] for line in LAID_IN.splitlines())
    text = re.sub(rf"^({ours}) *=.*\n", "", text, flags=re.MULTILINE)
    settings.write_text(
        text.replace("[workspace]\n", f"[workspace]\n{LAID_IN}", 1), encoding="utf-8"
    )


def write_card(folder: Path, name: str, behaviour: str) -> None:
    """Write the card of a fake model."""
    card = CARD.format(name=name, behaviour=behaviour)
    (folder / f"{name}.yaml").write_text(card, encoding="utf-8")


def _add_a_candidate(root: Path, name: str, behaviour: str) -> None:
    write_card(root / "candidates", name, behaviour)
    settings = root / "kojudge.toml"
    text = settings.read_text(encoding="utf-8")
    text = re.sub(
        r"^candidates = \[", f'candidates = ["{name}", ', text, count=1, flags=re.MULTILINE
    )
    settings.write_text(text, encoding="utf-8")


def _keep_few_audit_texts(folder: Path) -> None:
    for file in folder.glob("*.jsonl"):
        lines = file.read_text(encoding="utf-8").splitlines()
        sources = list(dict.fromkeys(json.loads(line)["source_id"] for line in lines))
        kept = sources[:AUDIT_SOURCES_EACH]
        few = [line for line in lines if json.loads(line)["source_id"] in kept]
        file.write_text("\n".join(few) + "\n", encoding="utf-8")


def _write_lines(path: Path, lines: list[dict[str, object]]) -> None:
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")


def _texts() -> list[dict[str, object]]:
    return [
        {"prompt_id": f"p{n}", "category": "blog", "prompt": "동네 산책길을 소개해 줘.", "candidate": model,
         "sample": 0, "text": f"{n}번째 길을 걸어 봤어요. {model}"}
        for n in range(10) for model in ("gemma-2-2b-it", "my-model")
    ]  # fmt: skip


def _judgments() -> list[dict[str, object]]:
    return [
        {"prompt_id": f"p{n}", "candidate": model, "sample": 0, "criterion": "naturalness", "judge": "mine",
         "mode": "pointwise", "score": 2 + (n * 7 + len(model)) % 4 / 1.5, "scale": [1, 5]}
        for n in range(10) for model in ("gemma-2-2b-it", "my-model")
    ]  # fmt: skip


def write_a_run(root: Path) -> Path:
    """Generate, score and report ``runs/main`` as pages suppose it, with people's labels.

    Return a copy of the run, outside the workspace, from before it was scored.
    """
    called(root, "generate")
    texts = root.parent / "texts"
    shutil.copytree(root / "runs" / "main", texts)
    called(root, "score")
    label(root, "runs/main")
    called(root, "report")
    for name in ("pilot", "step-1000", "step-2000"):
        shutil.copytree(root / "runs" / "main", root / "runs" / name)
    return texts


def label(root: Path, run_directory: str) -> None:
    """Leave the labels of two people in a run, as `kojudge label` would; and beside it."""
    exported = root / "exported.jsonl"
    run_directory = str(root / run_directory)
    called(root, "export", "--run", run_directory, "--texts", str(exported))
    labels = _labels_of(exported.read_text(encoding="utf-8"))
    for name in ("labels.jsonl", "NAME.jsonl", "이름.jsonl"):
        _write_lines(root / name, labels)
    called(root, "import", "--run", run_directory, "--labels", str(root / "labels.jsonl"))


def called(root: Path, *words: str) -> None:
    """Call the command line; it must succeed."""
    code = run(["-C", str(root), *words])
    assert code == 0, f"kojudge {' '.join(words)} ended with {code}"


def _labels_of(texts: str) -> list[dict[str, object]]:
    """People's scores for the texts of the run: any numbers that differ."""
    lines = [json.loads(line) for line in texts.splitlines()]
    return [
        {"prompt_id": line["prompt_id"], "candidate": line["candidate"], "sample": line["sample"],
         "criterion": criterion, "rater": rater, "score": 1 + (n * 3 + len(rater)) % 5}
        for n, line in enumerate(lines)
        for criterion in ("naturalness", "friendliness")
        for rater in ("나연", "도윤")
    ]  # fmt: skip
