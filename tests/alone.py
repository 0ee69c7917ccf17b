"""One draw of a renewal by itself, for tests that look at a single year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from planshift.billing.scenario import Scenario
from planshift.billing.simulation import Run
from planshift.impact.bridge import Step
from planshift.impact.outcome import Outcome
from planshift.impact.renewal import MemberChange, Renewal
from planshift.impact.renewal import renew as renew_whole


@dataclass(frozen=True)
class Alone:
    """A renewal in its first draw: ``whole`` is all of it, everything else of that draw."""

    whole: Renewal
    old: Outcome
    new: Outcome
    year_before: Outcome | None
    steps: tuple[Step, ...]
    members: tuple[MemberChange, ...]
    change: int

    @classmethod
    def of(cls, whole: Renewal, draw: int = 0) -> Alone:
        one = whole.of_draw(draw)
        return cls(whole, one.old, one.new, one.year_before, one.steps, one.members, one.change)

    @property
    def scenario(self) -> Scenario:
        return self.whole.scenario

    @property
    def day(self) -> date:
        return self.whole.day

    @property
    def end(self) -> date:
        return self.whole.end

    @property
    def months(self) -> int:
        return self.whole.months

    @property
    def run(self) -> Run:
        return self.whole.run

    @property
    def counterfactual(self) -> Run:
        return self.whole.counterfactual

    @property
    def notes(self) -> tuple[str, ...]:
        return self.whole.notes


def renew(scenario: Scenario) -> Alone:
    """The renewal of a scenario in one draw."""
    return Alone.of(renew_whole(scenario))
