"""The looks of a run: the plan fixed before its first judgment, and what each look found.

A run that is judged in looks (``kojudge score --looks K``) deals its prompts into K random
batches and tests the primary family after each. Everything the test rests on is written into
the manifest first; what was looked at already must not move it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from kojudge.errors import ConfigError, Said, StoreError, said
from kojudge.records import Mode
from kojudge.selection.judgments import WantedJudgment
from kojudge.stats.sequential import batches, obrien_fleming
from kojudge.store import manifest
from kojudge.store.run import Run
from kojudge.workspace import Settings

KEY = "looks"
MIN_RESAMPLES = 100_000
"""Fewer resamples cannot resolve the small levels of the early looks."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say that a plan fixes."""

    primary_mode: Mode
    margins: Mapping[str, float]
    baseline: str
    alpha: float
    samples: int
    flagged: str

    @classmethod
    def of(cls, settings: Settings) -> Rules:
        """Return the rules of ``settings``."""
        return cls(
            settings.primary_mode,
            settings.margins.model_dump(),
            settings.baseline,
            settings.alpha,
            settings.samples,
            settings.flagged,
        )


@dataclass(frozen=True, slots=True)
class Members:
    """The family under test, identity by name: the baseline is among the ``writers``."""

    judges: Mapping[str, str]
    writers: Mapping[str, str]
    rubrics: Mapping[str, str]
    criteria: tuple[str, ...]

    @classmethod
    def of(cls, wanted: Iterable[WantedJudgment], mode: Mode) -> Members:
        """Return the family that the judgments ``wanted`` in ``mode`` make up."""
        own = [item for item in wanted if item.rubric.mode == mode]
        texts = [text for item in own for text in (item.text, item.baseline) if text]
        ids: dict[str, set[str]] = {}
        for text in texts:
            ids.setdefault(text.candidate, set()).add(text.candidate_id)
        return cls(
            dict(sorted({item.judge.name: item.judge_id for item in own}.items())),
            {name: " ".join(sorted(found)) for name, found in sorted(ids.items())},
            dict(sorted({item.rubric.name: item.rubric.rubric_id for item in own}.items())),
            tuple(sorted({item.rubric.criterion for item in own})),
        )

    def among(self, others: Members) -> Members:
        """Return the members whose names are in ``others`` too."""
        return Members(
            {name: self.judges[name] for name in self.judges if name in others.judges},
            {name: self.writers[name] for name in self.writers if name in others.writers},
            {name: self.rubrics[name] for name in self.rubrics if name in others.rubrics},
            tuple(name for name in self.criteria if name in others.criteria),
        )

    def size(self, baseline: str) -> int:
        """Return the number of comparisons, the panel's of several judges among them."""
        judges = len(self.judges) + (len(self.judges) > 1)
        return judges * len({*self.writers} - {baseline}) * len(self.criteria)


@dataclass(frozen=True, slots=True)
class Decision:
    """A comparison that needs no more prompts, and what it came to."""

    judge: str
    candidate: str
    criterion: str
    decision: str


@dataclass(frozen=True, slots=True)
class Look:
    """One finished look, from 1; ``prompts`` and ``judgments`` count all looks up to it."""

    look: int
    prompts: int
    judgments: int
    decided: tuple[Decision, ...]
    stopped: bool
    time: str


@dataclass(frozen=True, slots=True)
class LookPlan:
    """A plan of K ``looks`` and those that are done.

    ``nominal`` [K] is the level of the test at each look; ``batches`` [K] the prompt ids
    that each adds.
    """

    looks: int
    nominal: tuple[float, ...]
    rules: Rules
    members: Members
    seed: int
    resamples: int
    batches: tuple[tuple[str, ...], ...]
    fixed: str
    done: tuple[Look, ...] = ()

    @property
    def stopped(self) -> bool:
        """Whether a look before the last decided everything."""
        return bool(self.done) and self.done[-1].stopped

    @property
    def complete(self) -> bool:
        """Whether the last planned look is done."""
        return len(self.done) == self.looks

    @property
    def over(self) -> bool:
        """Whether nothing more is to be looked at."""
        return self.stopped or self.complete

    @property
    def hypotheses(self) -> int:
        """The number of comparisons that are tested."""
        return self.members.size(self.rules.baseline)

    def prompts(self, look: int | None = None) -> frozenset[str]:
        """Return the prompts of the looks up to ``look`` (None: of all)."""
        return frozenset(name for batch in self.batches[:look] for name in batch)

    def within(self, wanted: Iterable[WantedJudgment], look: int | None) -> list[WantedJudgment]:
        """Return those of ``wanted`` that belong to the looks up to ``look``."""
        prompts = self.prompts(look)
        return [item for item in wanted if item.text.prompt_id in prompts]

    def after(self, look: Look) -> LookPlan:
        """Return the plan with one more look done."""
        return replace(self, done=(*self.done, look))

    def check_kept(self, settings: Settings, wanted: Sequence[WantedJudgment]) -> None:
        """Refuse other settings, and a member of the family gone or changed (ConfigError)."""
        now = Members.of(wanted, self.rules.primary_mode).among(self.members)
        changed = changed_of(self.rules, Rules.of(settings)) or changed_of(self.members, now)
        self._refuse(changed or self._gone(wanted))

    def check(self, looks: int, settings: Settings, wanted: Sequence[WantedJudgment]) -> None:
        """Refuse another number of looks, other settings or another family (ConfigError)."""
        now = Members.of(wanted, self.rules.primary_mode)
        changed = differs("looks", self.looks, looks)
        changed += changed_of(self.rules, Rules.of(settings)) or changed_of(self.members, now)
        self._refuse(changed or self._gone(wanted))

    def _gone(self, wanted: Sequence[WantedJudgment]) -> list[Said]:
        """Name the prompts that had texts when the plan was made and have none now."""
        mode = self.rules.primary_mode
        there = {item.text.prompt_id for item in wanted if item.rubric.mode == mode}
        number = len(self.prompts() - there)
        if number == 0:
            return []
        return [said(f"프롬프트 {number}개의 글이 없어지거나 바뀜",
                     f"{number} prompts lost their texts or were edited")]  # fmt: skip

    @staticmethod
    def _refuse(changed: Sequence[Said]) -> None:
        if changed:
            raise _refusal(changed)


def make_plan(
    looks: int, settings: Settings, wanted: Sequence[WantedJudgment], time: str
) -> LookPlan:
    """Deal the prompts of ``wanted`` into ``looks`` batches; the settings' seed decides which.

    Prompts are those on which the primary mode has something to judge.

    Raises:
        ConfigError: fewer prompts than looks.
    """
    mode = settings.primary_mode
    category = {
        item.text.prompt_id: item.text.category for item in wanted if item.rubric.mode == mode
    }
    names = sorted(category)
    if len(names) < looks:
        raise ConfigError(
            said(f"프롬프트 {len(names)}개를 중간 분석 {looks}회로 나눌 수 없습니다.",
                 f"{len(names)} prompts cannot be dealt into {looks} looks."),
            said("`kojudge generate`로 글을 더 만들거나 --looks를 줄이세요.",
                 "Make more texts with `kojudge generate`, or lower --looks."),
        )  # fmt: skip
    rng = np.random.default_rng(settings.seed)
    dealt = batches(rng, [category[name] for name in names], looks)
    return LookPlan(
        looks,
        obrien_fleming(looks, settings.alpha).nominal,
        Rules.of(settings),
        Members.of(wanted, mode),
        settings.seed,
        max(settings.resamples, MIN_RESAMPLES),
        tuple(tuple(names[at] for at in sorted(batch.tolist())) for batch in dealt),
        time,
    )


def stored_plan(run: Run) -> LookPlan | None:
    """Return the plan in the manifest of ``run``, None where there is none.

    Raises:
        StoreError: it cannot be read.
    """
    content = manifest.read(run.path).get(KEY)
    return None if content is None else _read(content, run.path)


def fix(run: Run, plan: LookPlan) -> LookPlan:
    """Write ``plan`` into the manifest; a plan that is there already stays, and is returned."""
    manifest.update(run.path, lambda content: content.setdefault(KEY, asdict(plan)))
    return stored_plan(run) or plan


def record(run: Run, look: Look) -> LookPlan:
    """Add a finished look to the plan in the manifest, once; return the plan.

    Raises:
        StoreError: the plan is gone or cannot be read.
    """

    def change(content: dict[str, Any]) -> None:
        plan = _read(content.get(KEY), run.path)
        if len(plan.done) == look.look - 1:
            content[KEY] = asdict(plan.after(look))

    manifest.update(run.path, change)
    return _read(manifest.read(run.path).get(KEY), run.path)


def _read(content: Any, where: str) -> LookPlan:
    try:
        fields = dict(content)
        fields["rules"] = Rules(**fields["rules"])
        members = dict(fields["members"])
        fields["members"] = Members(**(members | {"criteria": tuple(members["criteria"])}))
        fields["batches"] = tuple(tuple(batch) for batch in fields["batches"])
        fields["nominal"] = tuple(fields["nominal"])
        fields["done"] = tuple(_look(one) for one in fields["done"])
        return LookPlan(**fields)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(
            said(f"{where}/manifest.json: `looks`(중간 분석 계획)를 읽을 수 없습니다. 원인: {error!r}.",
                 f"{where}/manifest.json: `looks`, the plan of the looks, cannot be read: {error!r}."),
            said("손으로 고친 부분을 되돌리거나 새 실행을 시작하세요.",
                 "Undo what was edited by hand, or begin a new run."),
        ) from error  # fmt: skip


def _look(content: Mapping[str, Any]) -> Look:
    decided = tuple(Decision(**one) for one in content["decided"])
    return Look(**{**content, "decided": decided})


_NAMES: Mapping[str, Said] = {
    "looks": said("중간 분석 횟수", "looks"),
    "judge": said("모두 읽는 심사 모델", "judge of all"),
    "strong": said("일부만 읽는 심사 모델", "judge of a part"),
    "fraction": said("비율", "fraction"),
    "uncertain": said("--uncertain", "--uncertain"),
    "primary_mode": said("primary_mode", "primary_mode"),
    "margins": said("margins", "margins"),
    "baseline": said("기준 모델", "baseline"),
    "alpha": said("alpha", "alpha"),
    "samples": said("samples", "samples"),
    "flagged": said("flagged", "flagged"),
    "judges": said("심사 모델", "judges"),
    "writers": said("글을 쓴 모델", "writers"),
    "rubrics": said("루브릭", "rubrics"),
    "criteria": said("평가 항목", "criteria"),
}


def changed_of(then: Rules | Members, now: Rules | Members) -> list[Said]:
    """Say what of ``then`` is not so ``now``; nothing where all is as it was."""
    before, after = asdict(then), asdict(now)
    return [one for key in before for one in differs(key, before[key], after[key])]


def differs(key: str, before: Any, after: Any) -> list[Said]:
    """Say how ``key`` changed, if it did."""
    if before == after:
        return []
    name = _NAMES[key]
    if isinstance(before, dict) and before.keys() == after.keys() and key != "margins":
        # The same names stand for something else: a card, a prompt template, a file changed.
        listed = ", ".join(one for one in before if before[one] != after[one])
        return [said(f"{name.ko} {listed}의 내용", f"the content of {name.en} {listed}")]
    old, new = _shown(before), _shown(after)
    return [said(f"{name.ko} {old} → {new}", f"{name.en} {old} → {new}")]


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{k} {v:g}" if isinstance(v, float) else k for k, v in value.items())
        return f"[{', '.join(pairs)}]"
    if isinstance(value, tuple | list):
        return f"[{', '.join(value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _refusal(changed: Sequence[Said]) -> ConfigError:
    ko, en = "; ".join(one.ko for one in changed), "; ".join(one.en for one in changed)
    return ConfigError(
        said(f"이 실행의 중간 분석 계획은 첫 판정을 내리기 전에 정한 것이라 바꿀 수 없습니다. 달라진 것: {ko}.",
             f"The looks of this run were fixed before its first judgment. What differs now: {en}."),
        said("원래대로 되돌리고 같은 명령을 다시 실행하거나, `--run`으로 새 실행을 시작하세요.",
             "Change it back and run the same command again, or begin a new run with `--run`."),
    )  # fmt: skip
