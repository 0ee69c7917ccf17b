"""From a panel of usage to an organization that generates usage like it, group by group."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from planshift.plans.rates import RateCard
from planshift.problems import InputError
from planshift.usage.fit.activity import DayKinds, Joining, joining, leaving
from planshift.usage.fit.estimate import Estimates, Laws, corrected, estimate
from planshift.usage.fit.groups import Group, by_kind, by_size
from planshift.usage.fit.mix import Models, Shipped, models, price_ratio, significant, surfaces, title_of
from planshift.usage.fit.panel import Dollars, Panel, drawn
from planshift.usage.fit.volume import MONTH, member_means
from planshift.usage.statistics import per_active_day
from planshift.usage.synthetic.persona import (
    Activity,
    DayVolume,
    Drift,
    Growth,
    Level,
    Organization,
    Persona,
    Population,
    RollOut,
    Shocks,
    SurfaceUse,
    Week,
)

MEMBER_DRAWS = 6_000
"""So many members are drawn to see what a group's laws come to on average."""
_MOST_DRAWS = 400


MEMBER_DRAWS = 6_000
"""So many members are drawn to see what the laws come to on average."""
_FEWEST_DRAWS, _MOST_DRAWS = 20, 400
_ROUNDS, _MOST_TRIALS, _TRIAL_CELLS = 2, 12, 1_000_000


@dataclass(frozen=True)
class PersonaFit:
    """A group as a persona: which shipped one it is like, and where each of its quantities came from.

    ``persona`` is the scenario's; ``before`` the same on the file's days, with the models that could be had then.
    ``price_ratio``: the prices of the scenario's first day over those of the file's; ``missing``: the models that
    cannot be had on it, with their share of tokens.
    """

    group: Group
    persona: Persona
    before: Persona
    price_ratio: float
    like: str
    origins: Mapping[str, str]
    own_cache: bool
    missing: Mapping[str, float]

    def at_level(self, amount: float, grown: float) -> PersonaFit:
        """The same with another level on the file's first day, and ``grown`` since then on the scenario's."""
        before = significant(amount, 4)
        now = before if grown * self.price_ratio == 1 else significant(before * grown * self.price_ratio, 4)
        return replace(self, persona=_at(self.persona, now), before=_at(self.before, before))


def _at(persona: Persona, amount: float) -> Persona:
    return replace(persona, level=replace(persona.level, amount=amount))


@dataclass(frozen=True)
class Fit:
    """What was found in a panel: personas, what all share, and when members begin.

    ``per_month`` is 0 where growth is not plain, and ``growth_error`` the standard error of its logarithm; ``leaving``:
    members who stop before the end.
    """

    panel: Panel
    personas: tuple[PersonaFit, ...]
    shocks: Shocks
    per_month: float
    growth_error: float
    origins: Mapping[str, str]
    joining: Joining
    leaving: int
    seed: int

    def having(self, personas: Iterable[PersonaFit], found: Estimates) -> Fit:
        """The same with personas, and with what was found of all members."""
        return replace(
            self,
            personas=tuple(personas),
            shocks=replace(
                found.shocks, daily_sd=significant(found.shocks.daily_sd), slow_sd=significant(found.shocks.slow_sd)
            ),
            per_month=significant(found.per_month),
            growth_error=found.growth_error,
            origins=found.origins,
        )

    def on_file(self) -> Organization:
        """The organization on the days of the file."""
        by_date = self.joining.by_date(self.panel.start, self.panel.days)
        return Organization(
            populations=tuple(
                Population(person.before, len(person.group.members), person.group.seat_type, person.before.title)
                for person in self.personas
            ),
            start=self.panel.start,
            seed=self.seed,
            shocks=self.shocks,
            growth=Growth(self.per_month),
            roll_out=RollOut(by_date=by_date) if by_date else None,
            files=(self.panel.path,),
        )


def fit_panel(
    panel: Panel,
    seats: Mapping[str, str],
    card: RateCard,
    shipped: Shipped,
    start: date,
    seed: int,
    titles: Mapping[str, str],
) -> Fit:
    """The organization behind a panel, for a scenario whose horizon begins on ``start``.

    ``seats`` are members' seat types; ``titles`` those of surfaces. Levels are set so that the expected cost of the
    file's days is that of the file, group by group. Raises InputError where none of its models can be had on ``start``.
    """
    active = panel.volumes > 0
    begins = joining(active)
    groups = _groups(panel, [seats[name] for name in panel.members], begins)
    likes = [_like(panel, group, shipped) for group in groups]
    found = _estimate(panel.volumes, panel.start, groups, likes, shipped.shocks)
    maker = _Maker(panel, card, start, shipped, titles, begins.late > 0)
    bare = Fit(panel, (), found.shocks, 0.0, 0.0, {}, begins, leaving(active), seed)

    def made(estimates: Estimates) -> Fit:
        personas = [maker.persona(*parts) for parts in zip(groups, estimates.laws, likes, strict=True)]
        return _levelled(bare.having(personas, estimates), card, start)

    used = found
    for _ in range(_ROUNDS):
        fit = made(used)
        draws = drawn(fit.on_file(), card, panel.days, _trials(panel))
        seen = [_seen(dollars, fit, likes, shipped.shocks) for dollars in draws]
        usable = [estimates for estimates in seen if estimates]
        used = corrected(used, found, usable) if usable else used
    return made(used)


def _estimate(
    volumes: Dollars, start: date, groups: Sequence[Group], likes: Sequence[Persona], shocks: Shocks
) -> Estimates:
    known = joining(volumes > 0).known(len(volumes))
    return estimate(volumes, known, DayKinds.of(start, len(volumes)), groups, likes, shocks)


def _seen(dollars: Dollars, fit: Fit, likes: Sequence[Persona], shocks: Shocks) -> Estimates | None:
    """What would be estimated from a draw; None where nobody of a group uses anything in it."""
    shown = np.flatnonzero(dollars.any(axis=0))
    places = {name: place for place, name in enumerate(fit.on_file().members)}
    groups = []
    for person, population in zip(fit.personas, fit.on_file().populations, strict=True):
        own = np.array([places[name] for name in population.members])
        groups.append(replace(person.group, members=np.flatnonzero(np.isin(shown, own))))
    if not all(len(group.members) for group in groups):
        return None
    return _estimate(dollars[:, shown], fit.panel.start, groups, likes, shocks)


def _trials(panel: Panel) -> int:
    """How many draws are estimated from, the fewer the larger they are."""
    return min(_MOST_TRIALS, max(1, _TRIAL_CELLS // panel.volumes.size))


def _groups(panel: Panel, seats: Sequence[str], begins: Joining) -> list[Group]:
    active = panel.volumes > 0
    with np.errstate(divide="ignore"):
        levels = member_means(np.where(active, np.log(panel.volumes), np.nan))
    activity = active.sum(axis=0) / begins.known(panel.days).sum(axis=0)
    groups = [
        part
        for group in by_kind(panel.surfaces, seats)
        for part in by_size(group, levels[group.members], activity[group.members])
    ]
    names = [group.name for group in groups]
    return [replace(group, by_seat=names.count(group.name) > 1) for group in groups]


def _like(panel: Panel, group: Group, shipped: Shipped) -> Persona:
    """The shipped persona nearest to a group."""
    dollars = {name: float(held[group.members].sum()) for name, held in panel.surfaces.items()}
    return shipped.nearest(dollars, float(per_active_day(panel.volumes[:, group.members]).mean()))


class _Maker:
    """Makes personas of groups, their numbers rounded as the scenario has them."""

    def __init__(
        self,
        panel: Panel,
        card: RateCard,
        start: date,
        shipped: Shipped,
        titles: Mapping[str, str],
        rolls_out: bool,
    ) -> None:
        self._rolls_out = rolls_out
        self._panel, self._card, self._shipped, self._titles = panel, card, shipped, titles
        self._then, self._now = _available(panel, card, panel.start), _available(panel, card, start)
        self._start = start

    def persona(self, group: Group, laws: Laws, like: Persona) -> PersonaFit:
        """A group's persona."""
        name = f"{group.name}_members" if group.name in self._shipped.personas else group.name
        kind = title_of(group.kind, group.size, self._titles)
        uses, own_cache = surfaces(self._panel, group, like, name)
        found, on_file = (self._models(group, available) for available in (self._now, self._then))
        chain = laws.activity
        persona = Persona(
            name=name,
            title=f"{kind}, seat {group.seat_type}" if group.by_seat else kind,
            service_account=False,
            seats={},
            level=Level(laws.level.amount, "usd", significant(laws.level.sigma)),
            activity=Activity(*map(significant, (chain.alpha, chain.beta, chain.with_level, chain.persistence))),
            drift=Drift(significant(laws.drift.sd), significant(laws.drift.days)),
            day=DayVolume(significant(laws.day.shape), laws.day.correlation),
            week=_rounded(laws.week),
            onboarding=() if self._rolls_out else like.onboarding,
            models=found.preferred,
            preferred_share=found.share,
            surfaces=tuple(self._titled(use, kind) for use in uses),
        )
        before = replace(persona, models=on_file.preferred, preferred_share=on_file.share)
        ratio = price_ratio(self._panel, group, self._card, self._start)
        return PersonaFit(group, persona, before, ratio, like.name, laws.origins, own_cache, found.missing)

    def _models(self, group: Group, available: Collection[str]) -> Models:
        """The models of a group, or where none of them can be had, those of everybody."""
        found = models(self._panel, group.members, available)
        return found if found.preferred else models(self._panel, np.arange(len(self._panel.members)), available)

    def _titled(self, use: SurfaceUse, kind: str) -> SurfaceUse:
        on = self._titles.get(use.surface, use.surface)
        return replace(use, mix=replace(use.mix, title=kind if kind == on else f"{kind}: {on}"))


def _rounded(week: Week) -> Week:
    return replace(
        week,
        activity=tuple(round(factor, 3) for factor in week.activity),
        volume=tuple(round(factor, 3) for factor in week.volume),
        late_december=round(week.late_december, 3),
    )


def _available(panel: Panel, card: RateCard, day: date) -> set[str]:
    """The models of the file that can be had on a day; InputError where none can."""
    names = {model for _, model in panel.tokens}
    found = {name for name in names if _is_had(card, name, day)}
    if found:
        return found
    fact = f"none of its models ({', '.join(sorted(names))}) can be had on {day}, the horizon's first day"
    raise InputError.at(str(panel.path), fact, "begin the horizon on a day on which one can")


def _is_had(card: RateCard, name: str, day: date) -> bool:
    model = card.models[name]
    begun = max(model.first_day, card.web_search.entries[0][0]) <= day
    return begun and (model.retired is None or day < model.retired)


def _levelled(fit: Fit, card: RateCard, start: date) -> Fit:
    """The fit with levels at which every group's expected cost is that of the file.

    The scenario's own level is that at its first day: at the prices of that day, and with the growth until then.
    """
    days = fit.panel.days
    wanted = np.array([fit.panel.volumes[:, person.group.members].sum() for person in fit.personas])
    draws = min(_MOST_DRAWS, max(_FEWEST_DRAWS, -(-MEMBER_DRAWS // len(fit.panel.members))))
    months = (start - fit.panel.start).days / MONTH
    # Twice: what rounding to whole steps takes away depends on the level.
    for _ in range(2):
        organization = fit.on_file()
        members = {name: place for place, name in enumerate(organization.members)}
        places = [[members[name] for name in population.members] for population in organization.populations]
        totals = np.zeros(len(places))
        for dollars in drawn(organization, card, days, draws):
            by_member = dollars.sum(axis=0)
            totals += [by_member[place].sum() for place in places]
        if not totals.any():
            fact = f"all its usage costs {wanted.sum():.6f} dollars, less than a step of generated tokens"
            raise InputError.at(str(fit.panel.path), fact, "name a file with more usage")
        factors = np.where(totals > 0, wanted / np.maximum(totals / draws, 1e-12), 1.0)
        personas = [
            person.at_level(person.before.level.amount * factor, (1 + fit.per_month) ** months)
            for person, factor in zip(fit.personas, factors.tolist(), strict=True)
        ]
        fit = replace(fit, personas=tuple(personas))
    return fit
