"""The sentences of a report in Korean and English: verdicts, cautions, reasons.

A model's name is never followed by a Korean particle: which particle is right depends on
how the name is read aloud, and nobody knows that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kojudge.errors import Said, said
from kojudge.report.numbers import confidence, count, number, parameters, signed

VERDICTS: Mapping[str, Said] = {
    "better": said("더 나음", "better"),
    "similar": said("사실상 같음", "similar"),
    "not worse": said("뒤지지 않음", "not worse"),
    "worse": said("더 나쁨", "worse"),
    "undecided": said("결론 없음", "undecided"),
    "refused": said("판정하지 않음", "no verdict"),
}
WITHHELD = said("판정 보류", "withheld")

GRADES: Mapping[str, Said] = {
    "certified": said("인증", "certified"),
    "provisional": said("잠정 인증(사람 평가와는 견주지 않음)", "provisional (not checked against people)"),
    "failed": said("인증 실패", "failed"),
    "unaudited": said("검증 안 됨", "unaudited"),
}  # fmt: skip

CATEGORIES: Mapping[str, Said] = {
    "overall": said("전체", "overall"),
    "all": said("전체", "all"),
    "blog": said("블로그 글", "Blog posts"),
    "emotional": said("감정을 담은 짧은 글", "Short emotional texts"),
    "imaginative": said("상상력이 필요한 글", "Imaginative answers"),
}

MODES: Mapping[str, Said] = {
    "pointwise": said("점수", "pointwise"),
    "pairwise": said("쌍대 비교", "pairwise"),
}

LANGUAGE_NOTE = said(
    "이 보고서는 영어로 쓰였고 판정은 한국어로 바꿔 볼 수 있습니다. 한국어 보고서를 만드는 명령:",
    "This page is in Korean; its verdicts switch to English. For an English page run",
)
"""Speaks to those who cannot read the page's own language, so it is shown in the other one."""

NO_LABELS = said(
    "사람 평가 없음: 심사 모델의 의견일 뿐입니다.", "No human labels: the judge's opinion only."
)

REASONS: Mapping[str, Said] = {
    "no_variation": said(
        "프롬프트마다 차이가 똑같아 표준오차를 낼 수 없음",
        "the difference is the same on every prompt, so it has no standard error",
    ),
    "too_few_prompts": said("프롬프트가 8개보다 적음", "fewer than 8 prompts"),
    "few_prompts": said(
        "프롬프트가 20개보다 적어 구간이 불안정할 수 있음",
        "fewer than 20 prompts: the interval may be unstable",
    ),
    "missing": said(
        "빠진 점수가 많아 판정이 뒤집힐 수 있음", "missing scores could turn the verdict"
    ),
    "judge_failed": said("심사 모델이 검증을 통과하지 못함", "the judge failed its audit"),
    "within_margin": said(
        "나쁘지만 차이는 동등 범위 안", "worse, but the difference is within the margin"
    ),
    "judge_certified": said("심사 모델이 인증을 받음", "the judge is certified"),
    "judge_provisional": said(
        "심사 모델이 잠정 인증만 받음", "the judge is certified provisionally only"
    ),
    "judge_unaudited": said("심사 모델을 검증하지 않음", "the judge was not audited"),
    "no_assay_control": said(
        "일부러 망가뜨린 글을 함께 심사하지 않았거나 그 수가 모자라, 차이가 없는 것인지 못 가려낸 "
        "것인지 알 수 없음",
        "no degraded control, or too small a one, was judged along, so no difference may mean no "
        "sight",
    ),
    "assay_failed": said(
        "일부러 망가뜨린 글도 심사 모델이 더 나쁘다고 하지 않음",
        "the judge does not see that deliberately damaged texts are worse",
    ),
    "position_inconsistent": said(
        "두 글의 순서를 바꾸면 심사 모델의 선택이 열에 셋 넘게 뒤집힘",
        "more than three in ten choices change with the order of the texts",
    ),
    "out_of_domain": said(
        "열에 하나 넘는 판정이, 심사 모델이 배운 글과 많이 다른 글에 대한 것임",
        "more than a tenth of the judgments are of texts unlike those the judge learned from",
    ),
    "cascade": said(
        "이 심사 모델은 일부 프롬프트만 읽었고, 나머지는 모두 읽은 다른 심사 모델로 보강해 추정함",
        "the judge read a part of the prompts; the rest is estimated with a judge that read all",
    ),
    "cascade_few": said(
        "이 심사 모델이 읽은 프롬프트가 30개보다 적음", "the judge read fewer than 30 prompts"
    ),
    "same_family": said(
        "심사 모델이 비교하는 모델과 같은 계열이라 편들 수 있음",
        "the judge is of the family of a model compared and may favour it",
    ),
    "family": said(
        "함께 검정한 후보가 많아져 판정이 바뀜(혼자였다면 달랐음)",
        "tested on its own it would have another verdict: the family is larger",
    ),
    "ceiling": said("점수가 척도 끝에 몰려 있음", "scores sit at the end of the scale"),
}

FLAGS: Mapping[str, Said] = {
    "empty": said("빈 글", "empty"),
    "truncated": said("잘린 글", "cut off"),
    "wrong_language": said("다른 언어", "wrong language"),
    "loop": said("되풀이", "loops"),
    "refusal": said("거절", "refusal"),
}

LANGUAGES: Mapping[str, Said] = {
    "korean": said("한국어", "Korean"),
    "mixed": said("섞임", "mixed"),
    "other": said("다른 언어", "other"),
    "empty": said("빈 글", "empty"),
}

MEASURES: Mapping[str, Said] = {
    "position_consistency": said("순서를 바꿔도 같은 선택", "same choice in both orders"),
    "first_place_wins": said(
        "먼저 나온 글을 고른 비율(치우침이 없으면 50%)",
        "the text shown first wins (50% without bias)",
    ),
    "repetition_stability": said(
        "같은 글을 다시 심사해도 같은 단계", "same level when a text is judged again"
    ),
    "repeat_sd": said("같은 글을 다시 심사할 때의 표준편차", "SD between repeats of one text"),
    "repeat_icc": said("같은 글을 다시 심사할 때의 ICC(A,1)", "ICC(A,1) of repeats of one text"),
    "icc_single": said("심사 모델 사이의 ICC(A,1)", "ICC(A,1) between judges"),
    "icc_mean": said("심사 모델 평균의 ICC(A,k)", "ICC(A,k) of the judges' mean"),
    "krippendorff_alpha": said("크리펜도르프 α", "Krippendorff's α"),
    "gwet_ac2": said("그웻 AC2", "Gwet's AC2"),
    "quadratic_kappa": said("카파(제곱 가중)", "κ, quadratic weights"),
}
"""What the reliability rows measure."""

KINDS: Mapping[str, Said] = {
    "score": said("점수", "scores"),
    "preference": said("둘 중 고르기", "preferences"),
}

UNCONTROLLED: Mapping[str, Said] = {
    "few_prompts": said("프롬프트가 모자람", "too few prompts"),
    "no_variation": said("승률이 갈리지 않음", "win scores do not vary"),
    "not_identified": said("길이·형식 차이가 한결같음", "length or style always differs alike"),
    "separation": said("길이·형식만으로 승패가 갈림", "length or style alone decides who wins"),
}

ROLES: Mapping[str, Said] = {
    "system": said("시스템", "System"),
    "user": said("사용자", "User"),
    "assistant": said("모델", "Model"),
}


def look_up(table: Mapping[str, Said], key: str) -> Said:
    """Return the wording of ``key``; a name that users made up stands for itself."""
    return table.get(key, said(key, key))


def verdict_badge(comparison: Mapping[str, Any]) -> Said:
    """Return the verdict in a word or two: ``더 나음`` / ``better``; withheld stands before it."""
    return WITHHELD if comparison["withheld"] else VERDICTS[comparison["verdict"]]


def similar_or_better(comparison: Mapping[str, Any]) -> Said:
    """Answer whether the candidate is similar to the baseline or better.

    ``no`` needs an interval wholly below the margin; anything between is ``not shown``.
    """
    if comparison["withheld"]:
        return said("보류", "withheld")
    if comparison["similar_or_better"]:
        return said("예", "yes")
    high = comparison["ci_high"]
    if high is not None and high <= -comparison["margin"]:
        return said("아니요", "no")
    return said("확인되지 않음", "not shown")


_JUDGE_FAULTS = frozenset(
    {"judge_failed", "no_assay_control", "assay_failed", "ceiling", "position_inconsistent"}
)
"""Reasons that doubt the judge itself."""


def verdict_phrase(comparison: Mapping[str, Any]) -> Said:
    """Return the verdict with what it means, as it stands inside the sentence."""
    if comparison["withheld"]:
        why = set(comparison.get("reasons", ()))
        if "out_of_domain" in why and not why & _JUDGE_FAULTS:
            return said(
                "판정 보류: 심사 모델이 배운 글과 많이 다른 글이 섞여 있음",
                "withheld: too many of the texts are unlike those the judge learned from",
            )
        return said(
            "판정 보류: 심사 모델이 이 항목의 차이를 가려내지 못함",
            "withheld: the judge cannot tell differences on this criterion",
        )
    verdict, margin = comparison["verdict"], number(comparison["margin"])
    if verdict == "worse" and _inside_margin(comparison):
        return said(
            f"더 나쁨(다만 차이는 ±{margin} 안)", f"worse (though within the margin of ±{margin})"
        )
    explained = {
        "similar": said(
            f"사실상 같음: 신뢰구간 전체가 ±{margin} 안",
            f"similar: the whole interval lies within ±{margin}",
        ),
        "not worse": said(
            f"뒤지지 않음: 신뢰구간 전체가 -{margin}보다 위",
            f"not worse: the whole interval lies above -{margin}",
        ),
        "undecided": said(
            "결론 없음: 이 표본으로는 차이를 가릴 수 없음(차이가 없다는 뜻은 아님)",
            "undecided: this sample cannot tell the two apart (which does not make them equal)",
        ),
        "refused": said("판정하지 않음: 자료가 모자람", "no verdict: the data do not suffice"),
    }
    return explained.get(verdict, VERDICTS[verdict])


def verdict_sentence(
    comparison: Mapping[str, Any], criterion: tuple[str, str], baseline: str, alpha: float
) -> Said:
    """Return one comparison as a sentence that can be quoted on its own.

    ``comparison`` is an entry of results.json; ``criterion`` its (Korean, English) name;
    ``alpha`` the family's error rate (0–1), which sets the confidence level.
    """
    phrase, candidate = verdict_phrase(comparison), comparison["candidate"]
    difference, prompts = _difference(comparison, alpha), comparison["n_prompts"]
    noun = "prompt" if prompts == 1 else "prompts"
    return said(
        f"[{criterion[0]}] {candidate} ↔ 기준 모델 {baseline}: {phrase.ko}. "
        f"{difference.ko}, 프롬프트 {count(prompts)}개.",
        f"[{criterion[1]}] {candidate} vs baseline {baseline}: {phrase.en}. "
        f"{difference.en}, {count(prompts)} {noun}.",
    )


def too_small_notice(judges: Sequence[Mapping[str, Any]]) -> Said:
    """Return the caution about those of a page's ``judges`` that are too small to trust."""
    small = [judge for judge in judges if judge["too_small"]]
    listed = ", ".join(_with_size(judge) for judge in small)
    if len(small) < len(judges):
        return said(
            f"너무 작아 판정을 믿을 수 없는 심사 모델이 끼어 있습니다: {listed}. 그 모델의 숫자는 도구가 "
            "돌아가는 모습을 보여 줄 뿐입니다.",
            f"One of the judges is too small for its verdicts to be trusted: {listed}. Its figures "
            "only show the tool at work.",
        )
    return said(
        "이 결과는 도구가 돌아가는 모습을 보여 줄 뿐입니다. 심사 모델이 너무 작아 판정을 믿을 수 "
        f"없습니다. 심사 모델: {listed}.",
        "This result only shows the tool at work. The judge is too small for its verdicts to be "
        f"trusted. Judge: {listed}.",
    )


def failed_notice(judges: Sequence[Mapping[str, Any]]) -> Said:
    """Return the caution about judges that failed their audit somewhere."""
    listed = ", ".join(judge["name"] for judge in judges)
    return said(
        "검증을 통과하지 못한 심사 모델이 있습니다. 통과하지 못한 항목의 판정은 보류했습니다. "
        f"심사 모델: {listed}.",
        "A judge failed its audit. Verdicts are withheld on the criteria it failed. "
        f"Judge: {listed}.",
    )


def unaudited_notice(judges: Sequence[Mapping[str, Any]]) -> Said:
    """Return the caution about judges whose skill nobody has checked."""
    listed = ", ".join(judge["name"] for judge in judges)
    return said(
        "검증하지 않은 심사 모델: 글의 차이를 실제로 가려내는지 확인하지 않았습니다. "
        f"심사 모델: {listed}.",
        f"Unaudited judge: nobody has checked that it can tell texts apart. Judge: {listed}.",
    )


def family_sentence(family: Mapping[str, Any], alpha: float) -> Said:
    """Return how many comparisons share the error rate ``alpha``."""
    size, level = family["size"], f"{100 * alpha:.10g}%"
    noun = "comparison carries" if size == 1 else "comparisons carry"
    return said(
        f"판정을 맡은 비교 {count(size)}개를 한 묶음으로 보고, 그 가운데 하나라도 잘못 판정할 "
        f"확률을 {level} 아래로 묶었습니다.",
        f"{count(size)} {noun} the verdicts; the chance of even one false verdict among "
        f"them is held to {level}.",
    )


def equivalence_sentence(alpha: float) -> Said:
    """Return what a "similar" verdict amounts to as a test."""
    level = f"{100 * alpha / 2:.10g}%"
    return said(
        f"“사실상 같음”은 한쪽 {level} 수준의 동등성 검정(TOST)을 통과했다는 뜻입니다.",
        f"“Similar” is an equivalence test (TOST) at the one-sided {level} level.",
    )


def _inside_margin(comparison: Mapping[str, Any]) -> bool:
    low = comparison["ci_low"]
    return low is not None and low > -comparison["margin"]


def _difference(comparison: Mapping[str, Any], alpha: float) -> Said:
    delta, low, high = (comparison[key] for key in ("delta", "ci_low", "ci_high"))
    level = confidence(alpha)
    if delta is None:
        return said("차이를 계산할 수 없음", "No difference could be computed")
    if low is None or high is None:
        return said(
            f"차이 {signed(delta)} ({level} 신뢰구간 없음)",
            f"Difference {signed(delta)} (no {level} CI)",
        )
    return said(
        f"차이 {signed(delta)} ({level} 신뢰구간 {signed(low)}~{signed(high)})",
        f"Difference {signed(delta)} ({level} CI {signed(low)} to {signed(high)})",
    )


def _with_size(judge: Mapping[str, Any]) -> str:
    size = judge["parameters"]
    return judge["name"] if size is None else f"{judge['name']} ({parameters(size)})"
