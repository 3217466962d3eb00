"""The results in words, for the page and for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kojudge.errors import Language, Said, said
from kojudge.label.results import Results
from kojudge.label.sitting import Progress
from kojudge.label.words import Criterion
from kojudge.records import Json
from kojudge.stats.cluster import Estimate

__all__ = ["as_json", "told"]

_MODES = {"pairwise": said("쌍대 비교", "pairwise"), "pointwise": said("점수", "pointwise")}


def told(
    results: Results, progress: Progress, named: int, criteria: Mapping[str, Criterion]
) -> list[Said]:
    """Return the results as sentences. ``named`` counts the pairs in which a text names a model."""
    found = [
        said(f"답한 문항 {progress.settled - progress.skipped}개, 건너뛴 문항 {progress.skipped}개.",
             f"{progress.settled - progress.skipped} questions answered, {progress.skipped} skipped.")
    ]  # fmt: skip
    if named:
        hold = "1 pair holds" if named == 1 else f"{named} pairs hold"
        found.append(said(f"모델이나 만든 곳의 이름이 나오는 글이 든 쌍 {named}개.",
                          f"{hold} a text that names a model or a maker."))  # fmt: skip
    return [*found, _own(results), *_between(results, criteria), *_judges(results, criteria)]


def as_json(sentences: Sequence[Said], language: Language) -> list[Json]:
    """Return the sentences in one language, as the page takes them."""
    return [sentence.in_(language) for sentence in sentences]


def _own(results: Results) -> Said:
    own = results.own
    if not own.repeats:
        return said("되풀이해 물은 문항이 없어 스스로와의 일치는 알 수 없습니다.",
                    "Nothing was asked twice: agreement with oneself is not known.")  # fmt: skip
    return said(
        f"자리를 바꿔 다시 물은 {own.repeats}문항 가운데 {own.same}문항에서 처음과 같은 쪽을 골랐습니다"
        f"(세기까지 같은 것 {own.exact}, 반대로 바뀐 것 {own.turned}).",
        f"Of {own.repeats} questions asked again with sides swapped, {own.same} got the same side "
        f"({own.exact} to the same degree, {own.turned} turned round).",
    )


def _between(results: Results, criteria: Mapping[str, Criterion]) -> list[Said]:
    if not results.between:
        return [said("함께 평가한 사람이 아직 없어 평가자 사이의 일치도는 알 수 없습니다.",
                     "Nobody else has rated these pairs yet: agreement between raters is not known.")]  # fmt: skip
    found = []
    for one in results.between:
        name = _name(one.criterion, criteria)
        found.append(said(
            f"{name.ko}: 평가자 {one.raters}명, 두 명 이상이 답한 쌍 {one.units}개, "
            f"크리펜도르프 α {_number(one.alpha).ko}.",
            f"{name.en}: {one.raters} raters, {one.units} pairs rated by two or more, "
            f"Krippendorff's α {_number(one.alpha).en}.",
        ))  # fmt: skip
    return found


def _judges(results: Results, criteria: Mapping[str, Criterion]) -> list[Said]:
    judges = sorted({one.judge for one in results.judges})
    found = []
    for one in results.judges:
        name, mode = _name(one.criterion, criteria), _MODES[one.mode]
        number = f" {judges.index(one.judge) + 1}" if len(judges) > 1 else ""
        found.append(said(
            f"{name.ko}: 사람이 한쪽을 고른 {one.pairs}번 가운데 심사 모델{number}({mode.ko})도 같은 쪽을 "
            f"고른 비율 {_number(one.rate).ko}.",
            f"{name.en}: of {one.pairs} times that people picked a side, judge{number} ({mode.en}) "
            f"picked the same in a share of {_number(one.rate).en}.",
        ))  # fmt: skip
    return found


def _name(criterion: str, criteria: Mapping[str, Criterion]) -> Said:
    return criteria[criterion].name if criterion in criteria else said(criterion, criterion)


def _number(estimate: Estimate) -> Said:
    """Return ``0.62 (95% 신뢰구간 0.41~0.80)``; where all prompts say the same there is none."""
    if estimate.value is None:
        return said("알 수 없음", "not defined")
    value = f"{estimate.value:.2f}"
    if estimate.low is None or estimate.high is None:
        return said(f"{value} (95% 신뢰구간은 낼 수 없음)", f"{value} (no 95% CI can be given)")
    low, high = f"{estimate.low:.2f}", f"{estimate.high:.2f}"
    return said(f"{value} (95% 신뢰구간 {low}~{high})", f"{value} (95% CI {low} to {high})")
