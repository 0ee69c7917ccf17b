"""What a page rests on: terms, notes, values that nobody has published, sources, files, and the command for it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from planshift.billing.contract import Migrate
from planshift.billing.simulation import lapsed_in_draws
from planshift.impact.carry import forward, whole_months
from planshift.impact.renewal import Renewal
from planshift.impact.spread import means
from planshift.plans.files import shown_path
from planshift.plans.plan import Plan
from planshift.reports.assumptions import Assumption
from planshift.reports.page.model import Assumed, InputRow, RestsOn, SourceRow
from planshift.reports.page.of_renewal import new_name, old_name
from planshift.reports.page.said import Money, Said, Value, said
from planshift.reports.page.terms import phase_on, seat_name, terms_of
from planshift.reports.page.verdict import early
from planshift.reports.plans.names import named
from planshift.reports.renewal.renewal import RenewalResult
from planshift.reports.renewal.words import idle
from planshift.reports.result import inputs
from planshift.usage.products import read_products
from planshift.usage.synthetic.persona import Organization
from planshift.version import __version__

_CITED = (
    "renewal.successor",
    "seats.*.price_usd_per_month",
    "usage_billing",
    "channels.*.usage_payment",
    "extra_usage.enabled",
)
"""The values whose sources a page names."""


def rests_on(found: RenewalResult, command: Sequence[str]) -> RestsOn:
    """What the page about a renewal rests on; ``command``: the options of the page itself, word by word."""
    renewal, options = found.renewal, found.options
    drawn = [said("notes.drawn", count=renewal.draws)] if renewal.synthetic else []
    shape = ["planshift", "renew", "SCENARIO"]
    shape += ["--plans-dir", "PLANS"] if options.plans else []
    shape += ["--overlay", "WHAT-IF"] * len(options.overlay_files)
    shape += ["--what-if", "WHAT-IF"] * len(options.beside)
    shape += ["--draws", str(renewal.draws), "--seed", str(renewal.scenario.seed)] if drawn else []
    return RestsOn(
        terms=terms_of(renewal),
        notes=(*drawn, *_notes(renewal)),
        remarks=tuple(dict.fromkeys([*idle(renewal), *renewal.run.warnings, *renewal.counterfactual.warnings])),
        assumed=tuple(_assumed(found.assumed, renewal)),
        sources=tuple(dict.fromkeys(_sources(renewal))),
        inputs=tuple(_inputs(renewal, options.path)),
        command=f"{found.manifest()['command']} {shlex.join(command)}",
        command_shape=shlex.join([*shape, *command]),
        version=__version__,
    )


# --- notes ------------------------------------------------------------------------------------------------------------


def _notes(renewal: Renewal) -> Iterator[Said]:
    """What to know before relying on the numbers; what `Renewal.notes` says, in words for every language."""
    ends = renewal.scenario.term.renewal
    old = old_name(renewal.old.plan)
    yield said(f"notes.counterfactual.{'early' if early(renewal) else 'renewal'}", old_plan=old, ends=ends)
    if early(renewal):
        yield _old_term(renewal)
    carried = forward(renewal.scenario, renewal.end).carried
    if carried and renewal.scenario.covered:
        first, last = renewal.scenario.covered
        count, measured = (renewal.end - last).days - 1, measured_said(first, last)
        yield said("notes.carried", measured=measured, last=last, first=carried.first, count=count)
    yield from _lapsed(renewal)
    if left_out := _left_out(renewal):
        yield said("notes.left_out", count=left_out)
    terms = phase_on(renewal.run.ledger.phases, renewal.day).terms
    if renewal.run.ledger.warnings and sum(renewal.new.seats.values()) == terms.minimum_seats(renewal.day):
        yield said("notes.minimum_seats", count=terms.minimum_seats(renewal.day), new_plan=new_name(terms.plan))
    if renewal.new.credits_bought.any():
        bought, left = (Money(int(means(cents))) for cents in (renewal.new.credits_bought, renewal.new.credits_left))
        yield said("notes.prepaid", bought=bought, left=left)
    if renewal.whole_year_before is None:
        yield said("notes.no_year_before")
    yield said("notes.cost_is_not_cash")


def measured_said(first: date, last: date) -> Said:
    """How long usage was measured, from its first day to its last: in months, a short time in days."""
    months = whole_months(first, last)
    return said("measured.months", count=months) if months else said("measured.days", count=(last - first).days + 1)


def _lapsed(renewal: Renewal) -> Iterator[Said]:
    """What usage goes on without, as models are retired and modes end."""
    card = renewal.scenario.card
    drawn = {one.lapse: one for one in lapsed_in_draws(renewal.scenario, renewal.end)}
    for one in (*renewal.run.measured.lapsed, *drawn.values()):
        lapse = one.lapse
        values: dict[str, Value] = {"model": card.models[lapse.model].title, "since": lapse.since, "share": one.share}
        if lapse.modifier:
            yield said("notes.ended", mode=card.modifiers[lapse.modifier].title, **values)
        elif lapse.successor is None:
            yield said("notes.retired.alone", **values)
        else:
            successor = card.models[lapse.successor.value].title
            if one.persona:
                values.pop("share")
            yield said(f"notes.retired.{'drawn' if one.persona else 'followed'}", successor=successor, **values)


def _old_term(renewal: Renewal) -> Said:
    """What becomes of the old term's rest."""
    ends = renewal.scenario.term.renewal
    credited = -sum(line.cents for line in renewal.run.ledger.lines() if line.kind == "seat_credit")
    if credited:
        return said("notes.old_term.credited", ends=ends, credited=Money(credited))
    return said("notes.old_term.nothing", ends=ends)


def _left_out(renewal: Renewal) -> int:
    """How many events the old side leaves out, as they belong to the new contract."""
    later = [event for event in renewal.scenario.events if event.day >= renewal.day]
    return sum(1 for event in later if event.day > renewal.day or not isinstance(event.action, Migrate))


# --- what nobody has published ----------------------------------------------------------------------------------------


def _assumed(found: Iterable[Assumption], renewal: Renewal) -> Iterator[Assumed]:
    for value in found:
        plan = renewal.scenario.catalogue.plans[value.plan]
        entry = plan.on(value.path, value.day)
        yield Assumed(
            assumed_said(plan, value.path, entry.value),
            tuple(assumed_said(plan, value.path, other, bare=True) for other in entry.alternatives),
        )


def assumed_said(plan: Plan, path: str, value: Any, *, bare: bool = False) -> Said:
    """A value of a plan in words; ``bare``: only what it could be instead.

    The paths are those of `planshift.reports.assumptions`.
    """
    seat = named("seats.*.surfaces", path)
    if seat is not None:
        titles = read_products().titles
        surfaces = tuple(titles.get(str(surface), str(surface)) for surface in value)
        if bare:
            return said("assumed.surfaces.instead", surfaces=surfaces)
        return said("assumed.surfaces.taken", seat=seat_name(plan, seat), surfaces=surfaces)
    form = "instead" if bare else "taken"
    if path == "usage_discount" and value:
        return said(f"assumed.discount.{form}", share=Fraction(value))
    if path == "credits.expiry_months" and value != "none":
        return said(f"assumed.expiry_months.{form}", count=int(value))
    choice = "none" if path == "usage_discount" else value
    return Said(f"assumed.{path.replace('.', '_')}.{form}.{choice}")


# --- sources and files ------------------------------------------------------------------------------------------------


def _sources(renewal: Renewal) -> Iterator[SourceRow]:
    """The sources of the rules and prices that count most."""
    catalogue = renewal.scenario.catalogue
    for plan in (renewal.old.plan, renewal.new.plan):
        for pattern in _CITED:
            for path in plan.values:
                entry = plan.find(path, renewal.day) if named(pattern, path) is not None else None
                if entry and (source := plan.sources.get(entry.reference)):
                    yield SourceRow(source.title, source.address)
    for source in catalogue.card(renewal.new.plan).sources.values():
        yield SourceRow(source.title, source.address)
        return


def _inputs(renewal: Renewal, scenario: Path) -> Iterator[InputRow]:
    """Every file that the page was made from, with its part in it."""
    roles = dict(_roles(renewal, scenario))
    for file in inputs([renewal.run, renewal.counterfactual], scenario):
        yield InputRow(roles.get(file.path, said("names.roles.other")), file.path, file.sha256)


def _roles(renewal: Renewal, scenario: Path) -> Iterator[tuple[str, Said]]:
    catalogue = renewal.scenario.catalogue
    for path in renewal.scenario.files:
        yield shown_path(path), said("names.roles.members")
    usage = renewal.scenario.usage
    if isinstance(usage, Organization):
        for path in usage.files:
            yield shown_path(path), said("names.roles.personas")
    elif usage:
        yield shown_path(usage.path), said("names.roles.usage")
    yield shown_path(scenario), said("names.roles.scenario")
    for plan in (renewal.old.plan, renewal.new.plan):
        yield shown_path(Path(catalogue.card(plan).file)), said("names.roles.rates")
    for plan, name in ((renewal.old.plan, old_name), (renewal.new.plan, new_name)):
        yield shown_path(Path(plan.file)), said("names.roles.plan", plan=name(plan))
    for overlay in catalogue.overlays:
        yield shown_path(Path(overlay.file)), said("names.roles.what_if")
    yield "plans/surfaces.yaml", said("names.roles.surfaces")
