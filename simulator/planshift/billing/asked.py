"""What the members of a scenario ask for: from a usage file, or drawn at random."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from planshift.plans.rates import RateCard
from planshift.usage.demand import Which
from planshift.usage.measure import Carried, Measured, UsageSource, measure, nothing_measured
from planshift.usage.synthetic.persona import Organization

if TYPE_CHECKING:
    from planshift.usage.synthetic.generate import UsageRows, Volumes


@dataclass(frozen=True)
class Asked:
    """What ``people`` ask for up to, not including, ``end`` in some draws.

    Usage drawn at random is drawn once, whatever is measured of it. A usage file is one draw; ``carried`` says what of
    it is repeated after its last day. ``like``: the same usage at the prices of another card, whose tokens these are;
    without it they are drawn at the prices of ``card``, which say how many tokens a level in dollars is.
    """

    usage: UsageSource | Organization | None
    card: RateCard
    people: tuple[str, ...]
    end: date
    draws: range = range(1)
    carried: Carried | None = None
    like: Asked | None = None
    _measured: dict[tuple[date, date, date | None], Measured] = field(default_factory=dict, repr=False, compare=False)

    def measured(self, start: date, end: date, metered_from: date | None = None, *, keep: bool = True) -> Measured:
        """The demand from ``start`` up to, not including, ``end``, which is not behind the end of what is asked.

        From the day ``metered_from`` on, usage that was drawn at random answers to being metered (`behaviour`); what a
        file holds has happened. ``keep``: whether it is kept for whoever asks for the same again. See
        `planshift.usage.measure.measure` for what is raised.
        """
        if self.usage is None:
            return nothing_measured(self.people, start, end)
        since = metered_from if self.answers else None
        if (start, end, since) in self._measured:
            return self._measured[start, end, since]
        found = self._measure(start, end, since)
        if keep:
            self._measured[start, end, since] = found
        return found

    def active(self, start: date, end: date, metered_from: date | None = None) -> Which:
        """Who asks for anything at all in the days that `measured` has, shape (draws, members)."""
        if isinstance(self.usage, Organization):
            return self._volumes.active(start, end, self.people, metered_from)
        return self.measured(start, end).demand.active

    def priced_as(self, other: Asked) -> Asked:
        """The same usage, token by token, at the prices of another's card, for the other's days and draws."""
        return replace(other, like=self, _measured={})

    def _measure(self, start: date, end: date, metered_from: date | None) -> Measured:
        if isinstance(self.usage, Organization):
            demand = self._volumes.demand(start, end, self.people, metered_from)
            return Measured(demand, rows=0, outside=0)
        assert self.usage is not None
        return measure(self.usage, self.card, self.people, start, end, carried=self.carried)

    def rows(self, draw: int, metered_from: date | None = None) -> UsageRows:
        """One of the draws as rows of a usage file, from the organization's first day on; see `measured`."""
        return self._volumes.rows(draw, metered_from)

    @property
    def answers(self) -> bool:
        """Does anybody's usage answer to being metered? If not, one demand does for every plan."""
        populations = self.usage.populations if isinstance(self.usage, Organization) else ()
        return any(population.metered != 1 for population in populations)

    @cached_property
    def _volumes(self) -> Volumes:
        from planshift.usage.synthetic.generate import Generator

        assert isinstance(self.usage, Organization)
        generator = Generator(self.usage, self.card, self.end)
        return generator.draw(self.draws) if self.like is None else generator.priced(self.like._volumes)
