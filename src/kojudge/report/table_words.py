"""The page's words in the leaderboard and the tables of comparisons."""

from __future__ import annotations

from collections.abc import Mapping

from kojudge.errors import Said, said

TABLE_WORDS: Mapping[str, Said] = {
    "leaderboard": said("순위표", "Leaderboard"),
    "leaderboard_lead": said(
        "나은 모델부터 적었습니다. 순위는 통계적으로 뚜렷하게 더 나은 모델의 수에 1을 더한 값이라서, "
        "같은 순위가 여럿일 수 있습니다. 옆의 작은 숫자는 모델을 둘씩 모두 견주었을 때 열려 있는 순위입니다. "
        "평균 점수는 척도 위의 값이고, 차이는 판정을 맡은 방식에서 기준 모델과 벌어진 정도입니다. "
        "승률은 비긴 판을 반으로 칩니다. 뒤집힘은 두 글의 순서를 바꾸자 심사 모델의 선택이 바뀐 "
        "횟수입니다.",
        "Best first. A rank is 1 + the number of models that are significantly better, so several "
        "models can share one; beside it stand the ranks that all comparisons of "
        "two models leave open. "
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
        "공개 리더보드 평균은 리더보드에 실린 값을 그대로 옮긴 것입니다. 글쓰기와 순위가 비슷한지는 "
        "스피어먼 순위 상관으로 봅니다.",
        "The public leaderboard average is the leaderboard's own. Spearman's rank correlation "
        "says whether writing ranks the models alike.",
    ),
    "benchmarks": said("벤치마크마다 본 순위 상관", "Rank correlation, benchmark by benchmark"),
    "benchmarks_lead": said(
        "벤치마크 하나하나가 모델을 글쓰기와 비슷하게 줄 세우는지 봅니다. 여러 번 들여다본 값이고 구간을 보정하지 않았습니다.",
        "Whether each benchmark ranks the models as writing does. Many looks at few models, the "
        "intervals uncorrected.",
    ),
    "benchmark": said("벤치마크", "Benchmark"),
    "source": said("출처", "Source"),
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
