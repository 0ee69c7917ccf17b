"""A scenario through its plan, from the first day of its horizon to the last, in one draw or many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from planshift.billing.account import bill
from planshift.billing.blocks import Extent, Progress, detail_first
from planshift.billing.checks import check
from planshift.billing.contract import Contract, Event
from planshift.billing.ledger import Ledger
from planshift.billing.renewal import Timeline, opening
from planshift.billing.scenario import Scenario
from planshift.billing.schedule import DAY
from planshift.billing.seats import Seats
from planshift.billing.totals import LedgerTotals, joined_totals, totals
from planshift.plans.rates import Lapse, RateCard, lasting
from planshift.usage.measure import WEEK, Carried, Measured
from planshift.usage.pricing import Lapsed
from planshift.usage.synthetic.persona import Organization


def metered_from(scenario: Scenario, end: date, *, counterfactual: bool = False) -> date | None:
    """The day before ``end`` from which the plan in force includes no usage, though the contract's plan does.

    None where there is no such day; the horizon's first day if it lies before that. With ``counterfactual`` a plan that
    ends at its renewal goes on as it was (Rulebook P2).
    """
    if not scenario.contract.plan.seat_based:
        return None
    timeline = Timeline(scenario, counterfactual=counterfactual)
    for event in sorted((event for event in scenario.events if event.day < end), key=lambda event: event.day):
        turned = _renewed_before(timeline, event.day + timedelta(days=1))
        if turned is None:
            timeline.happen(event)
            turned = None if timeline.terms.plan.seat_based else event.day
        if turned is not None:
            return max(turned, scenario.start)
    turned = _renewed_before(timeline, end)
    return None if turned is None else max(turned, scenario.start)


def _renewed_before(timeline: Timeline, end: date) -> date | None:
    """The first renewal before a day after which no usage is included; the timeline stands there, or at the last."""
    while timeline.renewal < end:
        day = timeline.renewal
        timeline.advance(day)
        if not timeline.terms.plan.seat_based:
            return day
    return None


def lapsed_in_draws(scenario: Scenario, end: date) -> tuple[Lapsed, ...]:
    """What lapses before ``end`` of the models that a scenario's personas use; nothing where usage is not drawn."""
    if not isinstance(scenario.usage, Organization):
        return ()
    card, found = scenario.card, dict[Lapsed, None]()
    for population in scenario.usage.populations:
        persona = population.persona
        for name, share in persona.models.items():
            goes_on = lasting(card, card.resolve(name) or name, (), scenario.usage.start, end - DAY)
            of_mix = Fraction(share) / sum(map(Fraction, persona.models.values()))
            found.update(dict.fromkeys(Lapsed(lapse, of_mix, persona.name) for lapse in goes_on.lapses))
    return tuple(found)


def lapsed_said(lapsed: Iterable[Lapsed], card: RateCard) -> Iterator[str]:
    """A sentence for each lapse: what is gone since when, how much of usage that is, and how it goes on."""
    held: dict[Lapse, list[Lapsed]] = {}
    for one in lapsed:
        held.setdefault(one.lapse, []).append(one)
    for lapse, all_of_it in held.items():
        model, share = card.models[lapse.model].title, f"From then on {_share_said(all_of_it)}"
        if lapse.modifier:
            mode = card.modifiers[lapse.modifier].title
            yield f"{mode} ended for {model} on {lapse.since}. {share} goes on without it."
        elif lapse.successor is None:
            yield f"{model} was retired on {lapse.since}. {share} keeps its price: the rate card names no successor."
        else:
            successor = card.models[lapse.successor.value].title
            assumed = f" (assumed: {lapse.successor.note.rstrip('.')})" if lapse.successor.assumed else ""
            yield f"{model} was retired on {lapse.since}. {share} goes on with {successor}, at its prices{assumed}."


def _share_said(lapsed: Iterable[Lapsed]) -> str:
    """How much of usage lapses alike: of the cost carried forward, or of what personas use."""
    shares = sorted({one.share for one in lapsed})
    drawn = any(one.persona for one in lapsed)
    of_what = "the tokens of the personas that use it" if drawn else "the cost of the usage carried forward"
    return f"{' to '.join(percent_text(share) for share in dict.fromkeys((shares[0], shares[-1])))} of {of_what}"


def percent_text(share: Fraction) -> str:
    """A share in per cent: ``24.7 %``, ``under 0.1 %``."""
    return "under 0.1 %" if 0 < share < Fraction(1, 2000) else f"{float(share * 100):.1f} %"


@dataclass(frozen=True)
class Run:
    """A scenario, its ledger, what reading its usage showed, and every warning.

    ``beyond``: the totals of draws after those of the ledger, block by block; see `totals`.
    """

    scenario: Scenario
    ledger: Ledger
    measured: Measured
    warnings: tuple[str, ...]
    beyond: tuple[LedgerTotals, ...] = ()

    @cached_property
    def totals(self) -> LedgerTotals:
        """What every draw came to, those that are only in the totals included."""
        return joined_totals([totals(self.ledger), *self.beyond])

    def without_demand(self) -> Run:
        """The run without what was asked for on each day, which takes far more memory than the ledger."""
        return replace(self, measured=self.measured.without_demand())


@dataclass(frozen=True)
class Prepared:
    """All that a scenario's bills need besides its demand: what is held, agreed and about to happen, and warnings.

    ``metered_from``: the day from which synthetic members know that nothing is included any more.
    """

    scenario: Scenario
    end: date
    contract: Contract
    seats: Seats
    earlier: tuple[Event, ...]
    events: tuple[Event, ...]
    counterfactual: bool
    metered_from: date | None
    warnings: tuple[str, ...]

    @classmethod
    def of(
        cls, scenario: Scenario, *, until: date | None = None, counterfactual: bool = False, checked: bool = False
    ) -> Prepared:
        """What a scenario needs over its horizon, or up to the day ``until``.

        Raises InputError with every mistake of meaning, unless it is ``checked`` already.
        """
        warnings = () if checked else check(scenario, counterfactual=counterfactual)
        at_start = opening(scenario)
        end = until or scenario.end
        return cls(
            scenario=scenario,
            end=end,
            contract=replace(scenario.contract, limits=at_start.limits),
            seats=at_start.seats,
            earlier=at_start.earlier,
            events=tuple(event for event in at_start.events if event.day < end),
            counterfactual=counterfactual,
            metered_from=metered_from(scenario, end, counterfactual=counterfactual),
            warnings=(*warnings, *lapsed_said(lapsed_in_draws(scenario, end), scenario.card)),
        )

    def asked(self, draws: range = range(1), carried: Carried | None = None) -> Measured:
        """What the members ask for in some draws; ``carried`` repeats a usage file's last days up to the end."""
        asked = self.scenario.asked(self.end, draws, carried)
        return asked.measured(self.scenario.start, self.end, self.metered_from)

    def run(self, measured: Measured, *, by_day: bool = False) -> Run:
        """The bills for what was measured, its draws, one or more; ``by_day`` with what became of each day's usage."""
        ledger = bill(
            self.contract,
            self.seats,
            measured.demand,
            self.events,
            self.scenario.catalogue,
            counterfactual=self.counterfactual,
            earlier=self.earlier,
            by_day=by_day,
        )
        warnings = (*self.warnings, *_usage_warnings(measured, self.scenario), *ledger.warnings)
        return Run(self.scenario, ledger, measured, warnings)


def joined_runs(runs: Sequence[Run]) -> Run:
    """Runs of blocks of draws, one or more, put together to one."""
    return replace(runs[0], ledger=Ledger.joined([run.ledger for run in runs]))


def simulate(
    scenario: Scenario,
    *,
    until: date | None = None,
    carried: Carried | None = None,
    counterfactual: bool = False,
    measured: Measured | None = None,
    checked: bool = False,
    by_day: bool = False,
) -> Run:
    """The bills of a scenario over its horizon, or up to the day ``until``, in its first draw.

    ``carried`` repeats the usage file's last days up to the end; ``counterfactual`` lets a plan run on past its end
    (Rulebook P2); ``measured`` saves reading the usage again; ``by_day`` keeps what became of each day's usage. Raises
    InputError with every mistake of meaning, unless it is ``checked`` already.
    """
    prepared = Prepared.of(scenario, until=until, counterfactual=counterfactual, checked=checked)
    return prepared.run(measured or prepared.asked(carried=carried), by_day=by_day)


def simulate_draws(
    scenario: Scenario,
    *,
    until: date | None = None,
    detail: int = 1,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Run:
    """The bills of all draws of a scenario, one or more, over its horizon or up to the day ``until``.

    ``detail``: of how many draws, at least one, the whole ledger is kept; of the others there are totals. ``jobs``: in
    how many processes, None for what is worth its while; ``progress`` is told how many draws are done. Raises
    InputError as `simulate` does.
    """
    prepared = Prepared.of(scenario, until=until)
    extent = Extent(scenario.draws, len(scenario.people), (prepared.end - scenario.start).days)

    def whole(draws: range) -> Run:
        run = prepared.run(prepared.asked(draws))
        return run if scenario.draws == 1 else run.without_demand()

    runs, rest = detail_first(whole, _Totals(prepared), extent, detail, jobs, progress)
    return replace(joined_runs(runs), beyond=tuple(rest))


@dataclass(frozen=True)
class _Totals:
    """The work on a block of draws."""

    prepared: Prepared

    def __call__(self, draws: range) -> LedgerTotals:
        return totals(self.prepared.run(self.prepared.asked(draws)).ledger)


def _usage_warnings(measured: Measured, scenario: Scenario) -> Iterator[str]:
    demand = measured.demand
    yield from measured.notes
    if measured.outside:
        yield (
            f"{measured.outside} of {measured.rows} rows of usage lie outside the days simulated"
            f" ({demand.start} to {date.fromordinal(demand.end.toordinal() - 1)}) and are not billed"
        )
    if measured.last and not measured.carried:
        missing = (demand.end - measured.last).days - 1
        if missing >= WEEK:
            yield f"the usage file ends on {measured.last}: the {missing} days after it count as without usage"
    yield from lapsed_said(measured.lapsed, scenario.card)
