"""The page's words about the judges: steadiness, certificates, panel, families, people."""

from __future__ import annotations

from collections.abc import Mapping

from kojudge.errors import Said, said

_STEADINESS = {
    "trust": said("얼마나 믿을 수 있나", "How far to trust this"),
    "trust_lead": said(
        "구간은 모두 프롬프트를 단위로 냈습니다. n은 프롬프트 수입니다.",
        "Every interval takes the prompt as its unit; n counts prompts.",
    ),
    "good_on_all": said("모든 항목에서 비슷하거나 나은가", "Similar or better on every criterion"),
    "good_on_all_lead": said(
        "항목마다 신뢰구간의 아래 끝이 동등 범위 위에 있어야 “예”입니다.",
        "“Yes” needs the lower bound of every criterion to lie above the margin.",
    ),
    "criteria": said("평가 항목", "Criteria"),
    "not_shown": said("확인되지 않음", "not shown"),
    "reliability": said("심사 모델의 일관성", "Steadiness of the judges"),
    "measure": said("잰 것", "Measure"),
    "value": said("값", "Value"),
    "noise": said("기준 모델을 다시 돌렸을 때의 흔들림", "Noise of the baseline against itself"),
    "noise_lead": said(
        "기준 모델이 같은 프롬프트에 다시 쓰면 이만큼은 저절로 벌어집니다. 동등 범위가 이보다 "
        "좁으면 “사실상 같음”이 나오기 어렵습니다.",
        "The baseline writing again would differ from itself by so much. A margin narrower than "
        "this can hardly show two models to be similar.",
    ),
    "style_control": said("길이와 형식이 같다면", "At equal length and style"),
    "style_control_lead": said(
        "글자 수와 제목·굵은 글씨·목록의 차이가 없다고 볼 때의 승률입니다. 판정에는 쓰지 않습니다.",
        "The win rate predicted for texts of equal length with as many headings, bold words and "
        "lists. No verdict rests on it.",
    ),
    "raw_rate": said("그대로", "Raw"),
    "controlled_rate": said("같다고 볼 때", "Controlled"),
    "people": said("사람 평가와 견주기", "Against people"),
    "raters": said("평가자", "Raters"),
    "labels": said("평가", "Labels"),
    "people_agreement": said("심사 모델과 사람의 상관", "Correlation of judge and people"),
    "correlation": said("상관 r", "Correlation r"),
    "kind": said("평가 방법", "Kind"),
    "ceiling": said("사람들끼리의 일치", "Agreement among people"),
    "exact_agreement": said("똑같은 비율", "Same answer"),
    "powered": said(
        "사람 평가를 심사 모델로 보강한 추정", "People's difference, with the judge's help"
    ),
    "powered_lead": said(
        "사람이 본 프롬프트로 심사 모델의 치우침을 바로잡아, 사람 평가의 단위로 낸 차이입니다"
        "(PPI++).",
        "The difference in people's own unit: the judge's on all prompts, corrected by the "
        "prompts that people rated (PPI++).",
    ),
    "people_alone": said("사람 평가만", "People alone"),
    "labelled": said("사람이 본 프롬프트", "Labelled prompts"),
    "alt_test": said("심사 모델이 사람을 대신할 수 있나", "May the judge stand for a person?"),
    "winning_rate": said("이긴 평가자 비율 ω", "Annotators won over, ω"),
    "passed": said("통과", "Passed"),
    "no": said("아니요", "no"),
}

_CERTIFICATES = {
    "certificates": said("심사 모델의 검증서", "The judges' certificates"),
    "certificates_lead": said(
        "잘 쓴 글과 그 글을 여러 방법으로 나쁘게 고친 글을 심사 모델에 보이고, 어느 쪽이 나쁜지 알아보는지 "
        "시험했습니다. 통과하지 못한 항목의 판정은 보류하고 숫자는 흐리게 보입니다.",
        "Each judge was shown well-written texts and copies made worse in known ways, and had to "
        "tell which is worse. Where it failed, verdicts are withheld and the numbers are faint.",
    ),
    "not_audited": said(
        "이 심사 모델의 검증서가 없습니다. 다음 명령으로 검증하세요:",
        "There is no certificate of this judge. To audit it, run",
    ),
    "quick_audit": said("간이 검증", "quick audit"),
    "detection": said("나빠진 글을 알아봄", "Worse texts detected"),
    "weakest": said("가장 못 알아본 것", "Detected least"),
    "strongest": said("가장 잘 알아본 것", "Detected best"),
    "position": said("순서를 바꿔도 같은 선택", "Same choice in both orders"),
    "injection": said("점수를 올린 지시문 공격", "Injections that raised the score"),
    "undefended": said("방어 없이", "undefended"),
    "near_top": said("최고점 가까이", "Near the top"),
    "trivial": said("길이와 겉모습만으로 알아봄", "Detected by length and form alone"),
    "gain": said("심사 모델이 더 알아본 만큼", "What the judge adds"),
    "people_r": said("사람 평가와의 상관", "Correlation with people"),
    "why": said("까닭과 종류별 결과", "Reasons, and kind by kind"),
    "by_damage": said("나쁘게 고친 방법별로 알아본 비율", "Detected, by the damage done"),
    "rises": said(
        "나아진 것이 없을 때의 점수 변화(오르면 안 됨)",
        "Change of the score where nothing is better (must not rise)",
    ),
    "audit_set": said("검증에 쓴 글", "Audit texts"),
    "certificate_key": said("검증서", "Certificate"),
}

_CONTROLS = {
    "controls": said("망가뜨린 글을 알아보나", "Are damaged texts seen to be worse?"),
    "controls_lead": said(
        "기준 모델의 글을 일부러 망가뜨려 함께 심사했습니다. 원래 글보다 나쁘다고 하지 않는 심사 모델은 무엇이든 "
        "비슷하다고 하므로, 그런 심사 모델의 “사실상 같음”과 “뒤지지 않음”은 보류합니다.",
        "Damaged copies of the baseline's own texts were judged along. A judge that does not find "
        "them worse finds everything similar, so its “similar” and “not worse” are withheld.",
    ),
    "no_controls": said(
        "망가뜨린 글을 함께 심사하지 않았습니다.", "No damaged texts were judged along."
    ),
    "control_result": said("결과", "Result"),
    "seen": said("알아봄", "seen"),
    "not_seen": said("알아보지 못함", "not seen"),
    "cannot_tell": said("자료가 모자람", "the data do not suffice"),
}

_PANEL = {
    "panel": said("심사단", "The panel"),
    "panel_lead": said(
        "여러 심사 모델의 점수를 평균한 것이 심사단(panel)의 점수입니다. 검증을 통과하지 못한 심사 모델은 그 "
        "항목에서 뺍니다.",
        "The panel's score is the mean over several judges. A judge that failed its audit on a "
        "criterion has no seat there.",
    ),
    "members": said("함께한 심사 모델", "Judges on the panel"),
    "no_panel": said(
        "남은 심사 모델이 둘이 안 되어 심사단을 꾸리지 않았습니다.",
        "Fewer than two judges were left, so there is no panel.",
    ),
    "left_out": said("뺀 심사 모델", "Judges left out"),
    "leave_one_out": said("심사 모델을 하나씩 빼면", "Without one judge at a time"),
    "leave_one_out_lead": said(
        "하나를 뺐을 때 판정이 달라진다면, 그 판정은 심사 모델 하나에 기댄 것입니다.",
        "A verdict that changes without one judge rests on that judge.",
    ),
    "without": said("뺀 심사 모델", "Without"),
    "changes": said("판정이 달라짐", "Verdict changes"),
}

_FAMILY = {
    "self_preference": said("같은 계열의 모델을 편드나", "Does a judge favour its own family?"),
    "self_preference_lead": said(
        "심사 모델과 같은 계열의 모델이 비교에 들어 있습니다. 다른 계열의 심사 모델보다 얼마나 후하게 "
        "보았는지(0이면 똑같음) 쟀습니다. 심사 모델마다 점수를 벌리는 폭이 달라서 생긴 차이도 섞여 있습니다.",
        "A model of the judge's own family is compared. Shown is how much kinder the judge is to it "
        "than judges of other families (0: just as kind); judges that spread their scores more or "
        "less widely add to that difference.",
    ),
    "relative": said("같은 계열의 모델", "Model of its family"),
    "model_family": said("계열", "Family"),
    "kinder": said("더 후한 정도", "Kinder by"),
    "no_other_family": said(
        "견줄 다른 계열의 심사 모델이 없음", "no judge of another family to compare with"
    ),
}

_CALIBRATION = {
    "calibration": said("심사 점수의 눈금", "What the judge's points are worth"),
    "calibration_lead": said(
        "사람이 점수를 매긴 글에서 심사 점수와 사람 점수를 견주었습니다. 기울기는 심사 점수 1점 차이가 사람에게는 "
        "몇 점 차이인지를 뜻합니다.",
        "The judge's scores against people's, on the texts that people scored. The slope tells what "
        "a difference of one point of the judge's is worth in people's points.",
    ),
    "bias": said("심사 점수 − 사람 점수", "Judge minus people"),
    "slope": said("기울기", "Slope"),
    "intercept": said("절편", "Intercept"),
    "level": said("심사 점수(반올림)", "Judge's level"),
    "text_count": said("글 수", "Texts"),
    "judge_mean": said("심사 점수 평균", "Judge's mean"),
    "people_mean": said("사람 점수 평균", "People's mean"),
    "by_level": said("심사 점수별로", "By the judge's level"),
}

TRUST_WORDS: Mapping[str, Said] = {
    **_STEADINESS,
    **_CERTIFICATES,
    **_CONTROLS,
    **_PANEL,
    **_FAMILY,
    **_CALIBRATION,
}

EXCLUDED: Mapping[str, Said] = {
    "failed": said("검증을 통과하지 못함", "failed its audit"),
    "same_family": said("비교하는 모델과 같은 계열", "of a compared model's family"),
    "cascade": said("나누어 심사함(평균 내지 않음)", "part of a cascade, not averaged"),
}
"""Why a judge has no seat on the panel."""
