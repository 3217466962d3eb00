"""The cascade of a run: which prompts the strong judge reads, fixed before it reads any.

In a cascade (``kojudge score --judge CHEAP --with STRONG``) the cheap judge reads every
prompt and the strong one a random part: all models' texts of a prompt together, because the
prompt is the unit. Which prompts, and with what probability, is written into the manifest
first; a part chosen after its judgments were seen would prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from kojudge.errors import ConfigError, Said, StoreError, said
from kojudge.records import Text
from kojudge.selection.asked import Asked
from kojudge.selection.controls import wanted_controls
from kojudge.selection.judgments import WantedJudgment
from kojudge.selection.looks import Members, Rules, changed_of, differs
from kojudge.stats.cascade import MIN_STRONG
from kojudge.stats.cascade_draw import Draw, draw, draw_uncertain, number_drawn
from kojudge.stats.strata import stratify
from kojudge.store import manifest
from kojudge.store.run import Run
from kojudge.workspace import Settings

KEY = "cascade"


@dataclass(frozen=True, slots=True)
class CascadePlan:
    """A cascade of ``judge``, which reads all, and ``strong``, which reads a ``fraction``.

    ``prompts`` [P] are those of the plan, with their ``categories``. ``inclusion`` [P] is the
    probability with which each was drawn and ``drawn`` names those that were; both are empty
    until ``uncertain`` prompts can be told, which takes the cheap judge's answers.
    """

    judge: str
    strong: str
    fraction: float
    uncertain: bool
    rules: Rules
    members: Members
    seed: int
    prompts: tuple[str, ...]
    categories: tuple[str, ...]
    fixed: str
    inclusion: tuple[float, ...] = ()
    drawn: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """How many prompts the strong judge reads."""
        sizes = stratify(self.categories).sizes
        return sum(number_drawn(int(size), self.fraction) for size in sizes)

    @property
    def ready(self) -> bool:
        """Whether it is drawn which prompts the strong judge reads."""
        return bool(self.drawn)

    @property
    def draw(self) -> Draw:
        """The draw, in the order of ``prompts``."""
        own = set(self.drawn)
        return Draw(np.array([name in own for name in self.prompts]), np.array(self.inclusion))

    def command(self, run: str = "", profile: str | None = None) -> str:
        """Return the command that goes on with it, in ``run`` and with ``profile`` where given."""
        ends = " --uncertain" if self.uncertain else ""
        ends += f" --run {run}" if run else ""
        begins = f"kojudge --profile {profile}" if profile else "kojudge"
        return (
            f"{begins} score --judge {self.judge} --with {self.strong} "
            f"--fraction {self.fraction:g}{ends}"
        )

    def within(self, wanted: Iterable[WantedJudgment]) -> list[WantedJudgment]:
        """Return those of ``wanted`` that the plan has its judges answer; other judges' too."""
        reads = {self.judge: {*self.prompts}, self.strong: {*self.drawn}}
        return [
            item
            for item in wanted
            if item.judge.name not in reads or item.text.prompt_id in reads[item.judge.name]
        ]

    def controls(self, asked: Asked, texts: Sequence[Text]) -> list[WantedJudgment]:
        """Return the assay control's judgments; the strong judge's are of prompts it reads."""
        own = [text for text in texts if text.prompt_id in {*self.drawn}]
        everyone = (i for i in wanted_controls(asked, texts) if i.judge.name != self.strong)
        return [*everyone, *(i for i in wanted_controls(asked, own) if i.judge.name == self.strong)]

    def drawn_by(self, uncertainty: Mapping[str, float] | None = None) -> CascadePlan:
        """Return the plan with its prompts drawn; ``uncertainty`` ≥ 0 by prompt (None: even)."""
        rng, strata = np.random.default_rng(self.seed), stratify(self.categories)
        if uncertainty is None:
            found = draw(rng, strata, self.fraction)
        else:
            unsure = [uncertainty.get(name, 0.0) for name in self.prompts]
            found = draw_uncertain(rng, strata, self.fraction, unsure)
        names = tuple(n for n, own in zip(self.prompts, found.drawn, strict=True) if own)
        return replace(self, inclusion=tuple(found.inclusion.tolist()), drawn=names)

    def check(self, settings: Settings, wanted: Sequence[WantedJudgment]) -> None:
        """Refuse other settings and a family that is another now (ConfigError)."""
        now = self._members(wanted)
        self._refuse(changed_of(self.rules, Rules.of(settings)) or changed_of(self.members, now))

    def check_kept(self, settings: Settings, wanted: Sequence[WantedJudgment]) -> None:
        """Refuse other settings, and a member of the family gone or changed (ConfigError)."""
        now = self._members(wanted).among(self.members)
        then = self.members.among(self._members(wanted))
        self._refuse(changed_of(self.rules, Rules.of(settings)) or changed_of(then, now))

    def check_same(self, judge: str, strong: str, fraction: float | None, uncertain: bool) -> None:
        """Refuse other flags than those it was made with (ConfigError)."""
        now = {
            "judge": judge,
            "strong": strong,
            "fraction": self.fraction if fraction is None else fraction,
            "uncertain": uncertain,
        }
        self._refuse([one for key in now for one in differs(key, getattr(self, key), now[key])])

    def _members(self, wanted: Sequence[WantedJudgment]) -> Members:
        own = [item for item in wanted if item.judge.name in (self.judge, self.strong)]
        return Members.of(own, self.rules.primary_mode)

    def _refuse(self, changed: Sequence[Said]) -> None:
        if changed:
            ko, en = "; ".join(one.ko for one in changed), "; ".join(one.en for one in changed)
            raise ConfigError(
                said(f"이 실행의 나누어 심사하기 계획은 판정 전에 정한 것이라 바꿀 수 없습니다. 달라진 것: {ko}.",
                     f"The cascade of this run was fixed before its judgments. What differs now: {en}."),
                said(f"원래대로 되돌려 `{self.command()}`로 이어서 하거나, `--run`으로 새 실행을 시작하세요.",
                     f"Change it back and go on with `{self.command()}`, or begin a new run with "
                     "`--run`."),
            )  # fmt: skip


def make_cascade(
    judge: str,
    strong: str,
    fraction: float,
    uncertain: bool,
    settings: Settings,
    wanted: Sequence[WantedJudgment],
    time: str,
) -> CascadePlan:
    """Plan a cascade over the prompts of ``wanted``; the settings' seed decides which are read.

    Raises:
        ConfigError: so few prompts would be read that the interval could not be trusted.
    """
    category = {item.text.prompt_id: item.text.category for item in wanted}
    names = tuple(sorted(category))
    own = [item for item in wanted if item.judge.name in (judge, strong)]
    plan = CascadePlan(
        judge,
        strong,
        fraction,
        uncertain,
        Rules.of(settings),
        Members.of(own, settings.primary_mode),
        settings.seed,
        names,
        tuple(category[name] for name in names),
        time,
    )
    if plan.number < MIN_STRONG:
        raise _too_few(plan)
    return plan if uncertain else plan.drawn_by()


def stored_cascade(run: Run) -> CascadePlan | None:
    """Return the cascade in the manifest of ``run``, None where there is none.

    Raises:
        StoreError: it cannot be read.
    """
    content = manifest.read(run.path).get(KEY)
    return None if content is None else _read(content, run.path)


def fix_cascade(run: Run, plan: CascadePlan) -> CascadePlan:
    """Write ``plan`` into the manifest and return what stands there.

    A plan that is there already stays; only its draw is added, once.
    """

    def change(content: dict[str, Any]) -> None:
        there = content.setdefault(KEY, asdict(plan))
        if not there["drawn"]:
            there |= {"drawn": list(plan.drawn), "inclusion": list(plan.inclusion)}

    manifest.update(run.path, change)
    return stored_cascade(run) or plan


def _read(content: Any, where: str) -> CascadePlan:
    try:
        fields = dict(content)
        members = dict(fields["members"])
        fields["rules"] = Rules(**fields["rules"])
        fields["members"] = Members(**(members | {"criteria": tuple(members["criteria"])}))
        for key in ("prompts", "categories", "inclusion", "drawn"):
            fields[key] = tuple(fields[key])
        plan = CascadePlan(**fields)
        if plan.drawn and len(plan.inclusion) != len(plan.prompts):
            raise ValueError("inclusion")
        return plan
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(
            said(f"{where}/manifest.json: `cascade`(나누어 심사하기 계획)를 읽을 수 없습니다. 원인: {error!r}.",
                 f"{where}/manifest.json: `cascade`, the plan, cannot be read: {error!r}."),
            said("손으로 고친 부분을 되돌리거나 새 실행을 시작하세요.",
                 "Undo what was edited by hand, or begin a new run."),
        ) from error  # fmt: skip


def _too_few(plan: CascadePlan) -> ConfigError:
    total = len(plan.prompts)
    if total < MIN_STRONG:
        hint = said(f"프롬프트를 {MIN_STRONG}개 넘게 늘리거나 --with 없이 모두 심사하세요.",
                    f"Use more than {MIN_STRONG} prompts, or judge everything without --with.")  # fmt: skip
    else:
        enough = f"{MIN_STRONG / total:.2f}"
        hint = said(f"--fraction을 {enough} 넘게 잡으세요.", f"Use a --fraction above {enough}.")
    return ConfigError(
        said(f"프롬프트 {total}개 가운데 {plan.number}개만 '{plan.strong}'이(가) 읽게 됩니다. "
             f"구간을 믿으려면 적어도 {MIN_STRONG}개가 필요합니다.",
             f"'{plan.strong}' would read {plan.number} of {total} prompts; an interval that can be "
             f"trusted needs {MIN_STRONG}."),
        hint,
    )  # fmt: skip
