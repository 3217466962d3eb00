"""The card of a dataset: what the hub reads, then Korean, then English.

Names come from users and models: in the front matter YAML quotes them, in the text each is
escaped to one literal line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kojudge.errors import Language, Said, said
from kojudge.publish.licences import OTHER, licence_id
from kojudge.report.export_markdown import plain_cell, results_markdown
from kojudge.report.wording import GRADES, MODES, look_up
from kojudge.store.schema import clean

__all__ = ["MARK", "CardFacts", "dataset_card"]

MARK = "<!-- kojudge.dataset/1 -->"
"""What tells a card of ours from others."""
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_LARGEST_SIZE = "1M<n<10M"
_IMPORTED = ("texts", "judgments", "labels")
_SECONDS = re.compile(r"T.*")

_WHAT: Mapping[str, Said] = {
    "texts": said("후보 모델이 쓴 글과 부탁", "what the candidates wrote, with the requests"),
    "judgments": said("심사 모델의 판정. 점수가 없는 판정은 `score`와 `preference`가 비어 있고 `reason`에 까닭이 있음",
                      "what the judges answered; without a score, `score` and `preference` are null "
                      "and `reason` says why"),
    "labels": said("사람의 평가", "what people answered"),
    "controls": said("일부러 망가뜨린 글에 대한 판정. 심사 모델을 살펴보는 데만 씀",
                     "judgments of texts damaged on purpose; they only check the judge"),
    "evidence": said("글마다 센 한국어 신호", "Korean signals counted in each text"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card tells of a run.

    ``rows`` by config; ``candidates`` and ``judges`` with their texts and judgments;
    ``results`` is results.json, or None where there is no report.
    """

    name: str
    repository: str | None
    rows: Mapping[str, int]
    failed: int
    manifest: Mapping[str, Any]
    results: Mapping[str, Any] | None
    candidates: Mapping[str, int]
    judges: Mapping[str, int]

    def licence(self, candidate: str) -> str:
        """Return what the candidate's card says; empty where there is no card or it is silent."""
        card = (self.manifest.get("candidates") or {}).get(candidate) or {}
        return str(card.get("license") or "")


def dataset_card(facts: CardFacts) -> str:
    """Return README.md."""
    parts = [_front_matter(facts), MARK, "", *_body(facts, "ko"), "---", "", *_body(facts, "en")]
    return clean("\n".join(parts))


def _front_matter(facts: CardFacts) -> str:
    import yaml

    head: dict[str, Any] = {
        "pretty_name": f"kojudge: {facts.name}",
        "language": ["ko"],
        **_licence_fields(facts),
        "task_categories": ["text-generation"],
        "size_categories": [_size(max(facts.rows.values()))],
        "tags": ["kojudge", "llm-as-a-judge", "evaluation", "korean", "synthetic"],
        "configs": [
            {
                "config_name": config,
                "data_files": [{"split": "train", "path": f"{config}/*.parquet"}],
                **({"default": True} if n == 0 else {}),
            }
            for n, config in enumerate(facts.rows)
        ],
    }
    text = yaml.safe_dump(_cleaned(head), allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{text}---\n"


def _licence_fields(facts: CardFacts) -> dict[str, Any]:
    """Return ``license`` of the texts: what the cards of the models that wrote them say."""
    said_by_cards = [facts.licence(candidate) for candidate in facts.candidates] or [""]
    found = sorted({licence_id(one) for one in said_by_cards})
    fields: dict[str, Any] = {"license": found[0] if len(found) == 1 else found}
    others = {one for one in said_by_cards if licence_id(one) == OTHER}
    if found == [OTHER] and len(others) == 1:
        fields["license_name"] = others.pop()
    return fields


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {name: _cleaned(item) for name, item in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list) else value


def _size(count: int) -> str:
    return next((name for end, name in _SIZES if count < end), _LARGEST_SIZE)


def _body(facts: CardFacts, language: Language) -> list[str]:
    sections = (_lead, _use, _contents, _candidates, _judges, _made, _verdicts, _beware)
    return [line for section in sections for line in (*section(facts, language), "")]


def _lead(facts: CardFacts, language: Language) -> list[str]:
    lead = said(
        "언어 모델이 한국어로 쓴 글과 그 글에 대한 판정입니다. 한국어 글쓰기를 평가하는 도구 kojudge로 만들었습니다.",
        "Texts that language models wrote in Korean, and what judges said of them. Made with "
        "kojudge, an evaluator of Korean writing.",
    )
    return [f"# {plain_cell(facts.name)}", "", lead.in_(language)]


def _use(facts: CardFacts, language: Language) -> list[str]:
    at = facts.repository or said("폴더", "DIR").in_(language)
    first = next(iter(facts.rows))
    flags = " ".join(f"--{kind} {at}" for kind in facts.rows if kind in _IMPORTED)
    return [
        "```python", "import datasets", "",
        f'{first} = datasets.load_dataset("{at}", "{first}", split="train")', "```", "",
        "```bash", f"kojudge import --run runs/mine --format hf {flags}", "```",
    ]  # fmt: skip


def _contents(facts: CardFacts, language: Language) -> list[str]:
    lines = _section(said("담긴 것", "Contents"), language)
    heads = (said("구성", "config"), said("행", "rows"), said("무엇", "what"))
    lines += _table(
        heads,
        ((f"`{config}`", str(count), _WHAT[config].in_(language))
         for config, count in facts.rows.items()),
        language,
    )  # fmt: skip
    if facts.failed:
        lines += ["", said(
            f"모델이 실패해 뺀 글과 판정: {facts.failed}건.",
            f"Texts and judgments left out because the model failed: {facts.failed}.",
        ).in_(language)]  # fmt: skip
    return lines


def _candidates(facts: CardFacts, language: Language) -> list[str]:
    if not facts.candidates:
        return []
    heads = (
        said("후보 모델", "candidate"),
        said("글", "texts"),
        said("모델의 라이선스", "model's licence"),
    )
    silent = said("알 수 없음", "unknown").in_(language)
    found = (
        (plain_cell(name), str(count), plain_cell(facts.licence(name) or silent))
        for name, count in facts.candidates.items()
    )
    note = said(
        "라이선스는 글을 쓴 모델의 카드에 적힌 것입니다. 글 자체의 권리는 그 조건을 읽고 판단하세요.",
        "The licences are what the cards of the models say that wrote the texts; read their terms "
        "for what may be done with a text.",
    )
    return [*_section(said("글을 쓴 모델", "Who wrote"), language),
            *_table(heads, found, language), "", note.in_(language)]  # fmt: skip


def _judges(facts: CardFacts, language: Language) -> list[str]:
    if not facts.judges:
        return []
    heads = (
        said("심사 모델", "judge"),
        said("판정", "judgments"),
        said("검증 등급", "certificate"),
    )
    found = (
        (plain_cell(name), str(count), plain_cell(_grade(facts, name, language)))
        for name, count in facts.judges.items()
    )
    return [*_section(said("심사 모델", "Who judged"), language), *_table(heads, found, language)]


def _grade(facts: CardFacts, name: str, language: Language) -> str:
    judge = next((j for j in (facts.results or {}).get("judges", ()) if j["name"] == name), None)
    if judge is None:
        return said("보고서에 없음", "not in a report").in_(language)
    found = {grade["grade"] for grade in judge["grades"]} | {judge["grade"]}
    if len(found) == 1:
        return GRADES[judge["grade"]].in_(language)
    return ", ".join(
        f"{grade['criterion']} {look_up(MODES, grade['mode']).in_(language)}: "
        f"{GRADES[grade['grade']].in_(language)}"
        for grade in judge["grades"]
    )


def _made(facts: CardFacts, language: Language) -> list[str]:
    told = [*_settings(facts.manifest.get("settings") or {}), *_commands(facts.manifest)]
    if not told:
        told = [said("글과 판정을 다른 곳에서 들여왔고, 어떻게 만들었는지는 적혀 있지 않습니다.",
                     "Texts and judgments were imported; how they were made is not recorded.")]  # fmt: skip
    return [*_section(said("만든 방법", "How it was made"), language),
            *(f"- {one.in_(language)}" for one in told)]  # fmt: skip


def _settings(settings: Mapping[str, Any]) -> list[Said]:
    names = {
        "baseline": said("기준 모델", "baseline"),
        "prompts": said("부탁 묶음", "prompt sets"),
        "rubrics": said("루브릭", "rubrics"),
        "samples": said("부탁마다 쓴 글", "texts a prompt"),
        "max_tokens": said("글의 최대 토큰", "tokens a text at most"),
        "seed": said("시드", "seed"),
        "alpha": said("유의 수준", "alpha"),
    }
    return [
        said(f"{name.ko}: {_listed(settings[key])}", f"{name.en}: {_listed(settings[key])}")
        for key, name in names.items()
        if settings.get(key) not in (None, "", [])
    ]


def _commands(made: Mapping[str, Any]) -> list[Said]:
    commands = [one for one in made.get("commands") or () if isinstance(one, Mapping)]
    days = sorted({_SECONDS.sub("", str(one.get("started", ""))) for one in commands} - {""})
    versions = sorted({str((one.get("versions") or {}).get("kojudge", "")) for one in commands})
    told = []
    if days:
        when = plain_cell(days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}")
        told.append(said(f"만든 날: {when}", f"made on: {when}"))
    if any(versions):
        which = plain_cell(", ".join(filter(None, versions)))
        told.append(said(f"kojudge 버전: {which}", f"kojudge version: {which}"))
    return told


def _listed(value: object) -> str:
    items = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return plain_cell(", ".join(str(item) for item in items))


def _verdicts(facts: CardFacts, language: Language) -> list[str]:
    title = _section(said("결과", "Results"), language)
    if facts.results is None:
        return [*title, said("아직 보고서가 없습니다(`kojudge report`).",
                             "There is no report yet (`kojudge report`).").in_(language)]  # fmt: skip
    return [*title, results_markdown(facts.results, language).rstrip("\n")]


def _beware(facts: CardFacts, language: Language) -> list[str]:
    told = [
        said("글은 모델이 쓴 그대로입니다. 틀린 말, 지어낸 사실, 거친 말이 들어 있을 수 있습니다.",
             "The texts are as the models wrote them: they may hold errors, invented facts and rude "
             "words."),
        said("판정은 심사 모델의 의견입니다. 검증 등급이 낮으면 근거로 삼지 마세요.",
             "Judgments are a judge model's opinion; do not build on those of a judge whose "
             "certificate is low."),
    ]  # fmt: skip
    if "labels" in facts.rows:
        told.append(said("`labels`의 `rater`는 적힌 이름 그대로입니다.",
                         "`rater` in `labels` is the name as it was given."))  # fmt: skip
    return [*_section(said("알아 둘 것", "Before you use it"), language),
            *(f"- {one.in_(language)}" for one in told)]  # fmt: skip


def _section(title: Said, language: Language) -> list[str]:
    return [f"## {title.in_(language)}", ""]


def _table(heads: Sequence[Said], found: Iterable[Sequence[str]], language: Language) -> list[str]:
    lines = ["| " + " | ".join(head.in_(language) for head in heads) + " |"]
    lines.append("|" + "---|" * len(heads))
    return [*lines, *("| " + " | ".join(cells) + " |" for cells in found)]
