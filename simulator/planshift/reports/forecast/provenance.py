"""What a forecast is of: the portfolio's title, the targets for it, what it was made from and what it rests on."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from planshift.impact.reach import InForce, Reads, used_by
from planshift.plans.files import folder, shown_path
from planshift.portfolio.account import EndOfMonth
from planshift.portfolio.columns import ABSENT
from planshift.reports.assumptions import Assumption
from planshift.reports.folder import InputFile
from planshift.reports.forecast.cube import Target
from planshift.reports.words import with_effect, without_effect
from planshift.reports.workbook.model import Shock, TermsCount
from planshift.usage.synthetic.reading import shipped_personas

if TYPE_CHECKING:
    from planshift.plans.plan import Plan
    from planshift.portfolio.portfolio import Portfolio
    from planshift.portfolio.shocks import Source, Step

_COUNTS = ("credits.", "early_migration.", "included_usage.window", "proration", "renewal.", "usage_discount")
"""The values of a plan that count for a forecast; of those on seats, see `_OWN`."""
_OWN: Mapping[str, str] = {"price_usd_per_month": "seat_price", "included_usd_per_week": "included_usage"}
"""A seat's value → the column in which accounts give their own."""


@dataclass(frozen=True)
class Provenance:
    """What a forecast is of; ``assumed``: what it rests on that nobody has published, ``rests_on``: what somebody has.

    ``plan_titles``: plan id → title; ``overlays``: titles of the what-ifs that have an
    effect, ``without_effect``: why others have none; ``files``: the portfolio's, and
    ``plan_files``: plans, rate cards and what-ifs. ``payment`` and ``shocks``: what a workbook lists of them.
    """

    title: str
    seed: int
    accounts: int
    plan_titles: Mapping[str, str]
    targets: tuple[Target, ...] = ()
    overlays: tuple[str, ...] = ()
    without_effect: tuple[str, ...] = ()
    assumed: tuple[Assumption, ...] = ()
    rests_on: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    plan_files: tuple[Path, ...] = ()
    payment: tuple[TermsCount, ...] = ()
    shocks: tuple[Shock, ...] = ()

    @classmethod
    def of(cls, portfolio: Portfolio, names: Sequence[str], plans: Collection[str]) -> Provenance:
        """The provenance of a forecast of a portfolio in scenarios of these names, the first of which is shown alone.

        ``plans``: the ids of those that come up in its forecast.
        """
        under = {name: portfolio.under(name) for name in names}
        shown = under[names[0]]
        catalogue = shown.catalogue
        used = [catalogue.plans[name] for name in sorted(plans) if name in catalogue.plans]
        shocks = list(said_shocks(shown))
        own = [Assumption(f"{text} {source.note}".strip()) for text, source in shocks if source.assumed]
        reads = partial(_reads, shown, plans)
        return cls(
            title=portfolio.title,
            seed=portfolio.seed,
            accounts=len(portfolio.accounts),
            plan_titles={plan.id: plan.title for plan in used},
            targets=tuple(targets_of(portfolio)),
            overlays=with_effect(catalogue, reads),
            without_effect=without_effect(catalogue, reads),
            assumed=tuple(dict.fromkeys([*own, *_of_plans(shown, used)])),
            rests_on=tuple(f"{text} [{source.reference}]" for text, source in shocks if source.reference),
            files=(*portfolio.files, shipped_personas().path),
            plan_files=tuple(dict.fromkeys(_plan_files(shown, used))),
            payment=tuple(_payment(portfolio)),
            shocks=tuple(shock for name, one in under.items() for shock in _listed(name, one)),
        )

    def with_targets(self, targets: Sequence[Target]) -> Provenance:
        """The same with further targets, which go before the portfolio's own for the same measure and time."""
        given = {(target.measure, target.yearly): target for target in (*self.targets, *targets)}
        return replace(self, targets=tuple(given.values()))

    def inputs(self, besides: Iterable[Path] = ()) -> list[InputFile]:
        """The files that were read, each once, as a manifest lists them; ``besides``: further ones."""
        return input_files([*self.files, *self.plan_files, *besides])


def _reads(portfolio: Portfolio, plans: Collection[str]) -> Reads:
    """What a portfolio's forecast reads of these plans, and of the prices of models that its personas use."""
    start, end, people = portfolio.simulated_from, portfolio.end, portfolio.personas
    mixed = (population.persona for one in people.scenarios.values() for population in one.populations)
    card = portfolio.catalogue.card(portfolio.catalogue.plans[min(plans)])
    used = used_by((*people.personas.values(), *mixed), card, end)
    return Reads(end, tuple(InForce(plan, start, end) for plan in plans), None, card.id, used)


def input_files(paths: Iterable[Path]) -> list[InputFile]:
    """Files as a manifest lists them, each once."""
    files: dict[str, Path] = {}
    for path in paths:
        # A portfolio may name files above it; a link is not followed.
        files.setdefault(shown_path(Path(os.path.normpath(path))), path)
    return [InputFile.of(path, name) for name, path in files.items()]


def targets_of(portfolio: Portfolio) -> Iterator[Target]:
    """A portfolio's own targets, in cents."""
    for target in portfolio.targets:
        yield Target(target.measure, int((target.amount * 100).to_integral_value()), target.per == "year")


def said_shocks(portfolio: Portfolio) -> Iterator[tuple[str, Source]]:
    """What all accounts share and how credits expire, in words, each with who says it."""
    shocks, breakage = portfolio.shocks, portfolio.breakage
    growth = shocks.growth
    if growth.annual_mean or growth.annual_sd:
        mean, spread = _percent(growth.annual_mean), _percent(growth.annual_sd)
        yield f"Usage grows by {mean} a year, standard deviation {spread}, alike for all accounts.", growth.source
    yield from _steps("Token prices", shocks.token_price)
    yield from _steps("Seat prices of terms that begin then or later", shocks.seat_price)
    behaviour = portfolio.behaviour
    if behaviour.metered != 1:
        share = _percent(behaviour.metered)
        yield f"Where usage becomes metered, {share} of what was asked for before is.", behaviour.source
    for surface, taken in behaviour.uptake.items():
        yield f"Where {surface} opens to members, {_percent(taken)} of them take it up.", behaviour.source
    if breakage.method == "proportional":
        text = f"Of credits bought, {_percent(breakage.expected)} are expected to expire and recognised along with use."
        yield text, breakage.source
    else:
        yield "Credits that expire are recognised on the day on which they do.", breakage.source


def _steps(what: str, steps: Iterable[Step]) -> Iterator[tuple[str, Source]]:
    for step in steps:
        chance = "" if step.probability == 1 else f", with a probability of {_percent(step.probability)}"
        yield f"{what}: times {float(step.factor):g} from {step.since} on{chance}, once for all accounts.", step.source


def _percent(share: float | Fraction) -> str:
    return f"{float(share) * 100:g} %"


def _of_plans(portfolio: Portfolio, plans: Iterable[Plan]) -> Iterator[Assumption]:
    """What the plans assume: rules that count, and prices of seats for which some account has no own."""
    from planshift.reports.plans.sentences import statements
    from planshift.usage.products import read_products

    surfaces = read_products().titles
    for plan in plans:
        for said in statements(plan, portfolio.start, portfolio.catalogue, surfaces):
            if said.assumed and (said.path.startswith(_COUNTS) or _is_used(portfolio, plan, said.path)):
                yield Assumption(said.text, said.alternatives, plan.id, said.path, portfolio.start)


def _is_used(portfolio: Portfolio, plan: Plan, path: str) -> bool:
    """Is it the plan's price or included usage that counts, of an account that has no own?"""
    group, _, rest = path.partition(".")
    seat, _, value = rest.partition(".")
    if group != "seats" or value not in _OWN:
        return False
    accounts = portfolio.accounts
    numbers: Mapping[str, Any] = accounts.numbers
    held, given = (numbers.get(f"{name}_{seat}") for name in ("seats", _OWN[value]))
    if held is None:
        return False
    plans = accounts.texts["plan"]
    there = (plans.codes == plans.names.index(plan.id)) if plan.id in plans.names else held < ABSENT
    there = there & (held > 0) & (held != ABSENT)
    return bool((there if given is None else there & (given == ABSENT)).any())


def _plan_files(portfolio: Portfolio, plans: Iterable[Plan]) -> Iterator[Path]:
    catalogue = portfolio.catalogue
    for plan in plans:
        yield Path(plan.file)
        yield Path(catalogue.card(plan).file)
    yield folder("plans") / "surfaces.yaml"
    yield from (Path(overlay.file) for overlay in catalogue.overlays)


def _payment(portfolio: Portfolio) -> Iterator[TermsCount]:
    """How many accounts have which terms of payment, the most frequent first."""
    numbers, ends = portfolio.accounts.numbers, get_args(EndOfMonth)
    nothing = np.zeros(len(portfolio.accounts), dtype=np.int64)
    # A value that is not there is no days, and no end of the month: see `AccountTable.account`.
    pair = np.stack([np.maximum(numbers.get(f"payment_{name}", nothing), 0) for name in ("days", "end_of_month")])
    found, counts = np.unique(pair, axis=1, return_counts=True)
    for count, days, end in sorted(zip((-counts).tolist(), *found.tolist(), strict=True)):
        yield TermsCount(days, ends[end], -count)


def _listed(scenario: str, portfolio: Portfolio) -> Iterator[Shock]:
    """What all accounts share in a scenario, as a workbook lists it."""
    shocks = portfolio.shocks
    growth = shocks.growth
    if growth.annual_mean or growth.annual_sd:
        size = f"{_percent(growth.annual_mean)} a year, standard deviation {_percent(growth.annual_sd)}"
        yield Shock(scenario, "Growth of usage", None, size, None, _said_by(growth.source))
    for title, steps in (("Token prices", shocks.token_price), ("Seat prices", shocks.seat_price)):
        for step in steps:
            size, chance = f"times {float(step.factor):g}", float(step.probability)
            yield Shock(scenario, title, step.since, size, chance, _said_by(step.source))


def _said_by(source: Source) -> str:
    return f"assumed: {source.note}".removesuffix(": ") if source.assumed else source.reference
