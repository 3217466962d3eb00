"""The labels and lead paragraphs of the page, by the name the templates know them under."""

from __future__ import annotations

from collections.abc import Mapping

from kojudge.errors import Said, said
from kojudge.report.trust_words import TRUST_WORDS

_FRAME = {
    "page_title": said("한국어 글쓰기 비교 보고서", "Korean writing: comparison report"),
    "skip": said("판정으로 건너뛰기", "Skip to the verdicts"),
    "contents": said("차례", "Contents"),
    "notices": said("먼저 읽어 주세요", "Read this first"),
    "demonstration": said("시연용 결과입니다", "For demonstration only"),
    "on_a_gpu": said(
        "믿을 만한 판정을 얻으려면 GPU가 있는 컴퓨터에서 kojudge.toml의 judges에 더 큰 모델"
        "(예: qwen2.5-32b-instruct)을 적고 아래 명령을 차례로 실행하세요.",
        "For verdicts worth trusting, name a larger model under judges in kojudge.toml "
        "(for example qwen2.5-32b-instruct) on a machine with a GPU, and run:",
    ),
    "no_verdicts": said("아직 비교가 없습니다.", "There is no comparison yet."),
    "yes": said("예", "yes"),
    "theme": said("화면 밝기", "Theme"),
    "theme_auto": said("자동", "Auto"),
    "theme_light": said("밝게", "Light"),
    "theme_dark": said("어둡게", "Dark"),
}

_VERDICTS = {
    "verdicts": said("판정", "Verdicts"),
    "verdicts_lead": said(
        "후보 모델이 기준 모델보다 나은지, 비슷한지 평가 항목마다 한 문장으로 답합니다. 판정은 "
        "신뢰구간과 미리 정한 동등 범위로만 내립니다.",
        "One sentence a criterion: is the candidate better than the baseline, or as good? "
        "Verdicts come from the confidence interval and a margin fixed beforehand, nothing else.",
    ),
    "verdict_language": said("판정의 언어", "Language of the verdicts"),
    "margin": said("동등 범위", "Margin"),
    "margin_short": said("동등 범위", "Margin"),
    "similar_or_better": said("비슷하거나 나음", "Similar or better"),
    "mode": said("비교 방식", "Mode"),
    "judge": said("심사 모델", "Judge"),
}

_TABLES = {
    "leaderboard": said("순위표", "Leaderboard"),
    "leaderboard_lead": said(
        "나은 모델부터 적었습니다. 순위 옆의 작은 숫자는 모델을 둘씩 모두 견주었을 때 열려 있는 순위입니다. "
        "평균 점수는 척도 위의 값이고, 차이는 판정을 맡은 방식에서 기준 모델과 벌어진 정도입니다. "
        "승률은 비긴 판을 반으로 칩니다. 뒤집힘은 두 글의 순서를 바꾸자 심사 모델의 선택이 바뀐 "
        "횟수입니다.",
        "Best first. Beside a rank stand the ranks that all comparisons of two models leave open. "
        "Means are on the scale; the difference is from the baseline, in the mode that carries "
        "the verdicts. A tie counts as half a win. Flips are pairs on which the judge changed "
        "its mind when the two texts changed places.",
    ),
    "model": said("모델", "Model"),
    "candidate": said("후보 모델", "Candidate"),
    "baseline": said("기준 모델", "Baseline"),
    "criterion": said("평가 항목", "Criterion"),
    "category": said("범주", "Category"),
    "mean_score": said("평균 점수", "Mean score"),
    "difference": said("차이 [신뢰구간]", "Difference [CI]"),
    "difference_plain": said("차이", "Difference"),
    "win_rate": said("승률", "Win rate"),
    "wins_ties_losses": said("승/무/패", "W/T/L"),
    "flips": said("뒤집힘", "Flips"),
    "failed": said("쓰지 못한 글", "Failed"),
    "mean_chars": said("평균 글자 수", "Mean length"),
    "length_ratio": said("길이 비율", "Length ratio"),
    "public_average": said("공개 리더보드 평균", "Public leaderboard average"),
    "public_average_lead": said(
        "공개 리더보드 평균은 후보 카드에 적힌 Open Ko-LLM 리더보드의 값입니다. 글쓰기와 순위가 비슷한지는 "
        "스피어먼 순위 상관으로 봅니다.",
        "The public leaderboard average is the Open Ko-LLM leaderboard's, as the candidate's card "
        "gives it. Spearman's rank correlation says whether writing ranks the models alike.",
    ),
    "rank_correlation": said("글쓰기와의 순위 상관 ρ", "Rank correlation with writing, ρ"),
    "correlation_too_few": said("모델이 5개보다 적어 계산하지 않음", "not computed below 5 models"),
    "all_pairs": said("모든 모델끼리의 세기", "Strength among all models"),
    "all_pairs_lead": said(
        "기준 모델이 여럿인 쌍 비교를 데이비드슨 모형으로 한데 모았습니다. 세기는 모두 더해 100%이고, 칸은 "
        "왼쪽 모델이 위쪽 모델과 겨룰 때의 기대 승률(비긴 판은 반)입니다.",
        "Pairs with several baselines, brought together by Davidson's model. Strengths add up to "
        "100%; a cell is the win rate to expect of the row's model against the column's, a tie "
        "as half a win.",
    ),
    "strength": said("세기 [95% 구간]", "Strength [95% CI]"),
    "comparisons": said("모든 비교", "All comparisons"),
    "primary": said("판정을 맡은 비교", "Comparisons that carry the verdicts"),
    "secondary": said("보조 비교", "Secondary comparisons"),
    "secondary_tag": said("보조", "secondary"),
    "secondary_lead": said(
        "다른 방식으로 잰 결과입니다. 판정을 뒷받침하는지 견주어 보는 데 씁니다.",
        "The same texts measured the other way, to hold against the verdicts.",
    ),
    "slices": said("범주별 비교", "Comparisons by category"),
    "exploratory": said("탐색용", "exploratory"),
    "slices_lead": said(
        "프롬프트 수가 적고 여러 번 들여다본 값이라 새 가설을 찾는 데만 씁니다. 판정이 아닙니다. 프롬프트가 "
        "20개보다 적은 점은 속을 비웠습니다.",
        "Few prompts, many looks: good for finding new questions, not for answering them. A dot "
        "of fewer than 20 prompts is hollow.",
    ),
    "prompts": said("프롬프트", "Prompts"),
    "samples": said("표본", "Samples"),
    "ci": said("신뢰구간", "CI"),
    "se": said("표준오차", "SE"),
    "p_adjusted": said("보정 p", "Adjusted p"),
    "p_stepdown": said("단계별 보정 p", "Step-down p"),
    "effect_size": said("효과 크기", "Effect size"),
    "p_signflip": said("부호 뒤집기 p", "Sign-flip p"),
    "theta": said("이긴 글 비율 θ", "Share of texts won, θ"),
    "if_missing": said("빠진 점수의 최악·최선", "If missing went one way"),
    "rank": said("순위", "Rank"),
    "interval_says": said("구간만 보면", "By the interval"),
    "verdict": said("판정", "Verdict"),
    "reasons": said("까닭", "Reasons"),
}

_FIGURES = {
    "forest": said("차이와 신뢰구간", "Differences and intervals"),
    "forest_lead": said(
        "점은 기준 모델과의 차이, 가로줄은 신뢰구간입니다. 가운데 띠는 동등 범위라서, 가로줄이 "
        "모두 띠 안에 들면 사실상 같습니다. 보류한 판정은 흐리게 그렸습니다.",
        "The dot is the difference from the baseline, the line its confidence interval. The band "
        "in the middle is the margin: a line wholly inside it means similar. Withheld verdicts "
        "are drawn faint.",
    ),
    "forest_title": said("기준 모델과의 차이", "Difference from the baseline"),
    "forest_desc": said(
        "가로축은 기준 모델과의 차이입니다.", "The horizontal axis is the difference."
    ),
    "baseline_better": said("기준 모델이 나음", "baseline better"),
    "candidate_better": said("후보 모델이 나음", "candidate better"),
    "as_table": said("표로 보기", "As a table"),
    "outcomes": said("승·무·패", "Wins, ties, losses"),
    "outcomes_lead": said(
        "기준 모델의 글과 겨룬 결과를 100%로 놓고, 비긴 판의 한가운데를 축에 맞췄습니다. 막대가 "
        "오른쪽으로 치우칠수록 이긴 판이 많습니다. 오른쪽 숫자는 승 / 무 / 패이고, 막대를 누르면 그 글들만 "
        "아래에 보입니다.",
        "All pairs with the baseline's text make 100%; the middle of the ties stands on the "
        "axis, so a bar leans to the side that won more often. The figures are wins / ties / "
        "losses. Click a part of a bar to list its texts below.",
    ),
    "outcomes_desc": said(
        "막대 하나가 모델 하나이고 왼쪽부터 패, 무, 승입니다.",
        "One bar a model: losses, ties and wins from left to right.",
    ),
    "win": said("승", "Win"),
    "tie": said("무", "Tie"),
    "loss": said("패", "Loss"),
    "pair_count": said("겨룬 수", "Pairs"),
    "no_pairs": said(
        "기준 모델의 글과 겨룬 판정이 없습니다.",
        "No text was compared with the baseline's directly.",
    ),
    "distributions": said("점수의 흩어짐과 길이", "Spread of the scores, and length"),
    "histograms": said("점수 분포", "Score distributions"),
    "histograms_lead": said(
        "위는 후보 모델, 아래는 기준 모델입니다. 막대의 높이는 그 점수를 받은 글의 비율, 세모는 평균입니다.",
        "The candidate above, the baseline below. A bar's height is the share of texts with that "
        "score; the triangle is the mean.",
    ),
    "no_scores": said("점수를 매긴 판정이 없습니다.", "No text was scored on its own."),
    "lengths": said("길이와 차이", "Length and the difference"),
    "lengths_lead": said(
        "점 하나가 프롬프트 하나입니다. 가로축은 글자 수가 기준 모델의 몇 배인지, 세로축은 차이입니다. "
        "오른쪽으로 갈수록 점이 올라가면 긴 글이 점수를 더 받은 것입니다. “길이·형식이 같다면”은 길이와 "
        "제목·굵은 글씨·목록의 차이가 없다고 볼 때의 차이이며, 판정에는 쓰지 않습니다.",
        "A dot is a prompt: across, its length in characters over the baseline's; up, the "
        "difference. Dots that rise to the right mean that longer texts were preferred. “At equal "
        "length and style” is the difference predicted for texts of equal length with as many "
        "headings, bold words and lists. No verdict rests on it.",
    ),
    "binned_lead": said(
        "프롬프트가 200개를 넘어 칸으로 묶었습니다. 동그라미의 넓이가 프롬프트 수입니다.",
        "More than 200 prompts: counted in cells. A circle's area is its number of prompts.",
    ),
    "longer_by": said("기준 모델보다 긴 글", "longer than the baseline"),
    "length_correlation": said("길이와의 순위 상관 ρ", "Rank ρ with length"),
    "length_adjusted": said("길이·형식이 같다면", "At equal length and style"),
    "no_lengths": said(
        "기준 모델과 견줄 글이 이 실행에 없습니다.",
        "This run holds no texts to compare in length.",
    ),
    "other_models": said("나머지 그림", "The other drawings"),
    "one_category": said(
        "범주가 하나뿐이라 나누어 볼 것이 없습니다.", "There is one category only: nothing to part."
    ),
}

_TEXTS = {
    "texts": said("글 나란히 보기", "Texts side by side"),
    "texts_lead": said(
        "프롬프트를 누르면 모델마다 쓴 글이 나란히 펼쳐집니다. 이길 확률은 기준 모델의 글과 겨룰 "
        "때의 값이고, 먼저·나중은 심사 모델이 읽은 순서입니다. 눈에 보이지 않는 문자는 "
        "⟦U+200B⟧처럼 상자로 드러냈습니다.",
        "Open a prompt to see what each model wrote. The chance to win is against the "
        "baseline's text; first and second is the order in which the judge read it. Characters "
        "that cannot be seen are shown as boxes such as ⟦U+200B⟧.",
    ),
    "request": said("글감", "Request"),
    "sample": said("표본", "Sample"),
    "score": said("점수", "score"),
    "win_probability": said("이길 확률:", "chance to win:"),
    "shown_first": said("먼저", "first"),
    "shown_second": said("나중", "second"),
    "flipped": said("뒤집힘", "flips"),
    "characters": said("자", "characters"),
    "ended": said("끝난 까닭:", "ended by:"),
    "text_failed": said("글을 쓰지 못했습니다.", "No text was written."),
    "text_empty": said("빈 글입니다.", "The text is empty."),
    "no_texts": said("이 실행에는 글이 없습니다.", "This run holds no texts."),
}

_TRUST = {
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

_EVIDENCE = {
    "evidence": said("글에 쓰인 한국어", "The Korean of the texts"),
    "evidence_lead": said(
        "심사 모델과 상관없이 글에서 바로 센 값입니다. 판정에는 쓰지 않으며, 왜 그런 판정이 나왔는지 살펴보는 "
        "데 씁니다. 괄호 안은 프롬프트를 단위로 낸 95% 구간입니다.",
        "Counted in the texts themselves, whatever the judge says. No verdict rests on it: it shows "
        "why a text may read as it does. Brackets hold 95% intervals by prompt.",
    ),
    "answer_language": said("무슨 언어로 답했나", "Language of the answers"),
    "gates": said("걸러 볼 글", "Texts that fail a gate"),
    "correctness": said("글에서 센 값: 바른 한국어인가", "What was counted: faults"),
    "manner": said("글에서 센 값: 말투와 문체", "What was counted: manner and style"),
    "found": said("눈에 띈 곳", "Found in the text"),
    "no_gates": said("걸린 글이 없습니다.", "No text fails a gate."),
}

_MISSING = {
    "missing": said("실패와 빠진 자료", "Failures and missing data"),
    "missing_lead": said(
        "실패한 것도 기록으로 남기고 여기서 셉니다. 읽을 수 없는 답을 점수로 바꾸지 않습니다.",
        "Failures are kept and counted here. An unreadable answer never becomes a number.",
    ),
    "missing_texts": said("글", "Texts"),
    "written": said("쓴 글", "Written"),
    "absent": said("아직 없는 글", "Not yet written"),
    "empty": said("빈 글", "Empty"),
    "truncated": said("잘린 글", "Cut off"),
    "missing_scores": said("점수가 없는 판정", "Judgments without a score"),
    "unscored": said("점수 없음", "Unscored"),
    "total": said("전체", "Total"),
    "share": said("비율", "Share"),
    "nothing_missing": said("빠진 점수가 없습니다.", "No score is missing."),
    "stale": said("지금 설정에 쓰이지 않는 기록", "Records the settings no longer ask for"),
    "stale_lead": said(
        "프롬프트나 루브릭을 고치기 전의 기록입니다. 지우지 않고 두었으며 통계에는 넣지 않았습니다.",
        "Made before a prompt or a rubric changed. They are kept, and left out of the statistics.",
    ),
    "stale_texts": said("글", "Texts"),
    "stale_judgments": said("판정 기록", "Judgments"),
}

_METHODS = {
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

WORDS: Mapping[str, Said] = {
    **_FRAME,
    **_VERDICTS,
    **_TABLES,
    **_FIGURES,
    **_TEXTS,
    **_TRUST,
    **TRUST_WORDS,
    **_EVIDENCE,
    **_MISSING,
    **_METHODS,
}
