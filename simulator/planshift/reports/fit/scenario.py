"""A fit as the text of a scenario: what was fitted with its numbers, what was borrowed with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from planshift.reports.fit.base import quoted
from planshift.reports.fit.words import why_borrowed
from planshift.reports.words import counted
from planshift.usage.fit import groups
from planshift.usage.fit.estimate import LATE_DECEMBER
from planshift.usage.fit.fitting import Fit, PersonaFit
from planshift.usage.fit.groups import SHIPPED, Need
from planshift.usage.synthetic.persona import Persona, SurfaceUse

MARK = "# Fitted by `planshift usage fit`"
REFERENCE = "fit"


def scenario_text(fit: Fit, contract: str, idle: Mapping[str, str], seed: int) -> str:
    """The whole scenario; ``contract`` is its first part, ``idle`` the seat types of members without usage."""
    return "\n".join([*_head(fit), contract.rstrip(), *_members(idle), *_usage(fit, seed)]) + "\n"


def _head(fit: Fit) -> Iterator[str]:
    panel = fit.panel
    name = quoted(panel.path.name)
    yield f"{MARK} from {name}: {counted(len(panel.members), 'member')},"
    days = f"{counted(panel.days, 'day')} from {panel.start} to {panel.last}"
    yield f"# {days}. `reference: {REFERENCE}` means: from that file."
    yield "# A persona is like a shipped one (scenarios/personas.yaml), which says what is not said here."


def _members(idle: Mapping[str, str]) -> Iterator[str]:
    if not idle:
        return
    yield "# Members of the contract who use nothing in the file."
    yield "members:"
    for name, seat in sorted(idle.items()):
        yield f"  {quoted(name)}: {seat}"


def _usage(fit: Fit, seed: int) -> Iterator[str]:
    yield "usage:"
    yield f"  seed: {seed}"
    yield from _shared(fit)
    yield "  token_mixes:"
    for person in fit.personas:
        for use in person.persona.surfaces:
            yield from _mix(use, person)
    yield "  personas:"
    for person in fit.personas:
        yield from _persona(person, fit)


def _shared(fit: Fit) -> Iterator[str]:
    fitted = {"daily_sd": (groups.DAILY, fit.shocks.daily_sd), "slow_sd": (groups.SLOW, fit.shocks.slow_sd)}
    values = {key: value for key, (need, value) in fitted.items() if fit.origins.get(need.quantity) != SHIPPED}
    for need, _ in fitted.values():
        if fit.origins.get(need.quantity) == SHIPPED:
            yield f"  # {why_borrowed(need, fit, 'the shipped organization')}"
    if values:
        yield f"  shocks: {_flow({**values, 'reference': REFERENCE})}"
    if fit.per_month:
        yield f"  growth: {{per_month: {_number(fit.per_month)}}}"
    by_date = fit.joining.by_date(fit.panel.start, fit.panel.days)
    if by_date:
        yield "  roll_out:"
        yield "    by_date:"
        for day, share in by_date:
            yield f"      {day}: {_number(share)}"


def _mix(use: SurfaceUse, person: PersonaFit) -> Iterator[str]:
    yield f"    {use.mix.name}:"
    yield f"      title: {quoted(use.mix.title)}"
    yield f"      shares: {_flow(use.mix.shares)}"
    takes = f"it takes {groups.CACHE.members} members in a persona"
    borrowed = "" if person.own_cache else f"  # that of {person.like}: {takes}"
    yield f"      cache_spread: {_number(use.mix.cache_spread)}{borrowed}"
    yield f"      step_tokens: {use.mix.step_tokens}"
    yield f"      reference: {REFERENCE}"


def _persona(person: PersonaFit, fit: Fit) -> Iterator[str]:
    persona, group = person.persona, person.group
    yield f"    {persona.name}:"
    yield f"      count: {len(group.members)}"
    yield f"      seat_type: {group.seat_type}"
    yield f"      title: {quoted(persona.title)}"
    yield f"      like: {person.like}"
    yield from (f"      {line}" for line in _groups(person, fit))
    if not persona.onboarding:
        yield "      onboarding: {weeks: [], note: Who begins late was not told apart from who is new.}"
    share = _number(persona.preferred_share)
    yield f"      models: {{preferred: {_flow(persona.models)}, preferred_share: {share}, {_FROM}}}"
    shares = {use.surface: use.share for use in persona.surfaces}
    mixes = ", ".join(f"{use.surface}: {use.mix.name}" for use in persona.surfaces)
    yield f"      surfaces: {{shares: {_flow(shares)}, mixes: {{{mixes}}}, {_FROM}}}"


_FROM = f"reference: {REFERENCE}"


def _groups(person: PersonaFit, fit: Fit) -> Iterator[str]:
    """Level, activity, drift, day and week: a line each, with what is borrowed as comments above."""
    persona, origins = person.persona, person.origins

    def own(need: Need) -> bool:
        return origins.get(need.quantity) != SHIPPED

    def borrowed(*wanted: Need) -> Iterator[str]:
        return (f"# {why_borrowed(need, fit, person.like)}" for need in wanted if not own(need))

    yield from borrowed(groups.SIGMA)
    level = {
        "usd_per_active_day": persona.level.amount,
        **({"sigma": persona.level.sigma} if own(groups.SIGMA) else {}),
    }
    yield f"level: {_flow({**level, 'reference': REFERENCE})}"
    chain = persona.activity
    yield from borrowed(groups.ACTIVITY, groups.RANK, groups.PERSISTENCE)
    activity: dict[str, object] = {"alpha": chain.alpha, "beta": chain.beta}
    activity |= {"with_level": chain.with_level} if own(groups.RANK) else {}
    activity |= {"persistence": chain.persistence} if own(groups.PERSISTENCE) else {}
    yield f"activity: {_flow({**activity, 'reference': REFERENCE})}"
    yield from borrowed(groups.DRIFT, groups.FORGETS)
    drift: dict[str, object] = {"sd": persona.drift.sd} if own(groups.DRIFT) else {}
    drift |= {"days": persona.drift.days} if own(groups.FORGETS) else {}
    if drift:
        yield f"drift: {_flow({**drift, 'reference': REFERENCE})}"
    yield from borrowed(groups.SHAPE)
    if own(groups.SHAPE):
        yield f"day: {_flow({'shape': persona.day.shape, 'reference': REFERENCE})}"
    yield from borrowed(groups.WEEK)
    if own(groups.WEEK):
        yield from _week(persona, LATE_DECEMBER in origins)


def _week(persona: Persona, late: bool) -> Iterator[str]:
    week = persona.week
    yield "week:"
    yield f"  activity: {_list(week.activity)}"
    yield f"  volume: {_list(week.volume)}"
    if late:
        yield f"  late_december: {_number(week.late_december)}"
    yield f"  {_FROM}"


def _flow(values: Mapping[str, object]) -> str:
    """A mapping on one line."""
    cells = [f"{key}: {_number(value) if isinstance(value, float) else value}" for key, value in values.items()]
    return "{" + ", ".join(cells) + "}"


def _list(values: Sequence[float]) -> str:
    return "[" + ", ".join(map(_number, values)) + "]"


def _number(value: float) -> str:
    """A number without exponent and without what adds nothing: ``0.35``, ``13``."""
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
