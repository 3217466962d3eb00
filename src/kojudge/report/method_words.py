"""The page's words about how the verdicts were reached, and its manifest."""

from __future__ import annotations

from collections.abc import Mapping

from kojudge.errors import Said, said

METHOD_WORDS: Mapping[str, Said] = {
    "methods": said("방법과 실행 기록", "Methods and manifest"),
    "what_was_tested": said("무엇을 어떻게 검정했나", "What was tested, and how"),
    "method_pairing": said(
        "후보 모델의 글을 같은 프롬프트에 기준 모델이 쓴 글과 비교했습니다. 한 프롬프트에서 나온 "
        "여러 표본과 판정은 먼저 평균하므로, 세는 단위는 프롬프트입니다.",
        "Each candidate's text is compared with the baseline's text for the same prompt. Samples "
        "and judgments of one prompt are averaged first, so the unit is the prompt.",
    ),
    "method_pointwise": said(
        "점수: 심사 모델이 글 하나를 읽고 척도의 단계마다 매긴 확률로 기댓값을 냅니다. 차이는 후보 "
        "모델의 점수에서 기준 모델의 점수를 뺀 값입니다. 들여온 점수는 그대로 씁니다.",
        "Pointwise: the judge reads one text; the score is the mean of the scale's levels under "
        "its probabilities. The difference is the candidate's score minus the baseline's. "
        "Imported scores are taken as they are.",
    ),
    "method_pairwise": said(
        "쌍대 비교: 심사 모델이 두 글을 함께 읽고 고릅니다. 앞뒤를 바꿔 두 번 묻고 두 답을 함께 "
        "씁니다. 차이는 승률에서 0.5를 뺀 값입니다.",
        "Pairwise: the judge reads two texts and chooses, in both orders, and both answers "
        "count. The difference is the win rate minus 0.5.",
    ),
    "method_margin": said(
        "동등 범위는 자료를 보기 전에 설정 파일에서 정합니다.",
        "The margin is set in the configuration before the data are seen.",
    ),
    "primary_mode": said("판정을 맡은 방식", "Mode that carries the verdicts"),
    "scale": said("척도", "Scale"),
    "family_size": said("한 묶음으로 본 비교", "Comparisons in the family"),
    "family_method": said("검정 방법", "Test"),
    "verdict_meanings": said("판정의 뜻", "What the verdicts mean"),
    "means_better": said("신뢰구간 전체가 0보다 위", "the whole interval lies above 0"),
    "means_worse": said("신뢰구간 전체가 0보다 아래", "the whole interval lies below 0"),
    "means_similar": said(
        "신뢰구간 전체가 동등 범위 안", "the whole interval lies inside the margin"
    ),
    "means_not_worse": said(
        "신뢰구간 전체가 동등 범위의 아래 끝보다 위",
        "the whole interval lies above the margin's lower end",
    ),
    "means_undecided": said(
        "이 표본으로는 차이를 가릴 수 없음. 차이가 없다는 뜻은 아님",
        "this sample cannot tell; it does not say that there is no difference",
    ),
    "means_refused": said(
        "프롬프트가 8개보다 적거나, 빠진 자료가 판정을 뒤집을 수 있음",
        "fewer than 8 prompts, or missing data that could turn the verdict",
    ),
    "withheld": said("판정 보류", "withheld"),
    "means_withheld": said(
        "심사 모델이 이 항목의 차이를 가려낸다고 확인되지 않음. 숫자는 흐리게 보임",
        "the judge is not known to tell differences on this criterion; numbers are shown faint",
    ),
    "judges": said("심사 모델", "Judges"),
    "parameters": said("매개변수", "Parameters"),
    "grade": said("검증 등급", "Grade"),
    "large_enough": said("믿을 만한 크기", "Large enough"),
    "too_small": said("아니요: 시연용", "no: demonstration only"),
    "manifest": said("실행 기록", "Manifest"),
    "manifest_lead": said(
        "이 결과를 다시 만드는 데 필요한 모든 것입니다.",
        "Everything needed to make this result again.",
    ),
    "downloads": said("내려받기", "Downloads"),
    "bytes": said("바이트", "bytes"),
    "raw_json": said("원본 JSON", "Raw JSON"),
}
