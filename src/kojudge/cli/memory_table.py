"""What ``kojudge plan`` shows of memory: the plan's models, and the judges that fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kojudge.cli.plan_judges import UNAUDITED, JudgeChoice
from kojudge.cli.plan_memory import Memory
from kojudge.cli.slim import slim_table
from kojudge.errors import Language, Said, said
from kojudge.models.memory import RUNTIME, Footprint, Precision
from kojudge.report.numbers import MISSING, count

if TYPE_CHECKING:
    from rich.table import Table

_SHOWN: dict[Precision, str] = {"fp16": "16bit", "int8": "int8", "int4": "int4"}
_NAMES = {"fp16": "bf16", "int8": "int8", "int4": "int4"}
_GRADES = {
    "certified": said("인증", "certified"),
    "provisional": said("잠정", "provisional"),
    "failed": said("실패", "failed"),
    UNAUDITED: said("안 함", "none"),
}
_ROLES = {"candidate": said("쓰는 모델", "candidates"), "judge": said("심사 모델", "judges")}
_MEASURED = said("예비 실행에서 잰 값", "measured in the pilot")
_ASSUMED = said("글자 수로 어림한 가정", "assumed from characters")


def memory_table(needs: Sequence[Footprint], language: Language) -> Table:
    """Return the needs of the plan's models in GB: one row a model, judges after candidates."""
    from rich.text import Text

    headings = (
        said("모델", "model"),
        said("파라미터", "params"),
        *(said(name, name) for name in _SHOWN.values()),
        said("KV", "KV"),
        said("작업", "working"),
    )
    title = said("메모리(GB)", "Memory (GB)")
    table = slim_table(title, headings, [need.name for need in needs], language)
    for need in needs:
        cells = [_weights(need, precision) for precision in _SHOWN]
        at_most = "≤" if need.kv_at_most else ""
        parameters = f"{need.parameters / 1e9:.2f}B" if need.parameters else MISSING
        row = (need.name, parameters, *cells, at_most + _size(need.kv_cache), _size(need.working))
        table.add_row(*(Text(cell) for cell in row))
    return table


def _weights(need: Footprint, precision: Precision) -> str:
    fits = need.fits.get(precision)
    mark = "" if fits is None else " ✓" if fits else " ✗"
    return _size(need.weights.get(precision)) + mark


def _size(size: float | None) -> str:
    return MISSING if size is None else f"{size / 1e9:.1f}"


def memory_lines(found: Memory) -> Iterator[Said]:
    """Yield how the table was reckoned: items at once, their tokens, what is allowed for."""
    needs = found.needs
    for role, words in _ROLES.items():
        own = [found.lengths[need.name] for need in needs if need.role == role]
        if own:
            longest = max(own, key=lambda length: length.tokens)
            how = _MEASURED if longest.measured else _ASSUMED
            yield said(
                f"  {words.ko}: {found.batch}건씩, 한 건에 많아야 {longest.tokens:,}토큰({how.ko})",
                f"  {words.en}: {found.batch} at once, at most {longest.tokens:,} tokens each "
                f"({how.en})",
            )
    if any(fit is not None for need in needs for fit in need.fits.values()):
        gb, gpus = f"{RUNTIME / 1e9:g}", found.gpus
        split = said(f"(GPU {gpus}개에 나누어)", f" (split over {gpus} GPUs)")
        over = split if gpus > 1 else said("", "")
        yield said(
            f"  ✓{over.ko}: 가중치 + KV 캐시 + 작업 메모리 + GPU마다 {gb} GB가 들어갑니다.",
            f"  ✓{over.en}: weights + KV cache + working memory + {gb} GB a GPU fit.",
        )
    if any(need.kv_at_most for need in needs):
        yield said(
            "  ≤: 층 일부가 가까운 토큰만 보아 vLLM에서는 KV 캐시가 이보다 적습니다.",
            "  ≤: some layers look back over a window only, so vLLM needs less cache.",
        )


def judges_table(found: Memory, language: Language) -> Table:
    """Return every judge card with the finest precision and the largest batch that fit."""
    from rich.text import Text

    size = f"{found.gibibytes:g} GiB" + (f" × {found.gpus}" if found.gpus > 1 else "")
    title = said(f"{size}에 들어가는 심사 모델", f"Judges that fit {size}")
    headings = (
        said("심사 모델", "judge"),
        said("정밀도", "in"),
        said("동시", "batch"),
        said("검증", "audit"),
        said("라이선스", "license"),
        said("같은 계열", "kin"),
    )
    table = slim_table(title, headings, [one.name for one in found.judges or ()], language)
    for one in found.judges or ():
        row = (
            one.name,
            _NAMES[one.precision] if one.precision else "✗" if one.fits is False else "?",
            count(one.batch),
            _GRADES[one.grade].in_(language),
            short_license(one.license),
            count(len(one.kin)) if one.kin else MISSING,
        )
        table.add_row(*(Text(cell) for cell in row))
    return table


def short_license(name: str) -> str:
    """Return a licence's short name: what stands before its full title in brackets."""
    return name.partition(" (")[0] or MISSING


def judges_lines(found: Sequence[JudgeChoice]) -> Iterator[Said]:
    """Yield what the table has no room for: kin, long licences, what could not be reckoned."""
    kin: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for one in found:
        if one.kin:
            kin.setdefault((one.family, one.kin), []).append(one.name)
    for (family, models), judges in kin.items():
        yield said(
            f"  같은 계열({family})이라 {', '.join(models)}의 글을 후하게 볼 수 있음: {', '.join(judges)}",
            f"  Of one family ({family}) with {', '.join(models)}, and may favour it: "
            f"{', '.join(judges)}",
        )
    for one in found:
        if short_license(one.license) not in (one.license, MISSING):
            yield said(f"  {one.name}: {one.license}", f"  {one.name}: {one.license}")
        if one.fits is None:
            yield said(
                f"  {one.name}: 카드에 parameters나 kv가 없어 셈하지 못했습니다.",
                f"  {one.name}: its card lacks parameters or kv, so nothing was worked out.",
            )
    served = [one.name for one in found if one.served]
    if served:
        listed = ", ".join(served)
        yield said(
            f"  서버로 부르므로 이 메모리가 서버에 있어야 하는 심사 모델: {listed}",
            f"  Asked through a server, which needs that memory: {listed}",
        )
