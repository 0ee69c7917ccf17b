"""What a result rests on that nobody has published, and what is said of it below every chart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from planshift.billing.charges import InvoiceLine
from planshift.billing.ledger import Phase
from planshift.billing.schedule import month_text
from planshift.plans.catalogue import Catalogue
from planshift.reports.plans.sentences import statements
from planshift.usage.products import read_products

CREDIT_FOR_THE_OLD_TERM = "early_migration.credit"
CREDIT_BASIS = "early_migration.credit_basis"


@dataclass(frozen=True)
class Assumption:
    """A value that nobody has published: the sentence that says it, and what it could be instead.

    ``plan``, ``path`` and ``day`` say where it stands; two plans that assume the same say it once.
    """

    text: str
    alternatives: tuple[str, ...] = ()
    plan: str = field(default="", compare=False)
    path: str = field(default="", compare=False)
    day: date = field(default=date.min, compare=False)

    @property
    def said(self) -> str:
        """The sentence, and the other choices in brackets."""
        others = f" (Other choices: {'; '.join(self.alternatives)}.)" if self.alternatives else ""
        return f"{self.text}{others}"


def assumptions(
    phase: Phase, lines: Iterable[InvoiceLine], catalogue: Catalogue, also: Iterable[str] = ()
) -> tuple[Assumption, ...]:
    """Every assumed value of the plan in force that counts for the seats held.

    ``lines`` are the invoice lines of the days in question, ``also`` further values that count. Prices and amounts of
    included usage are not among them: whoever shows a result says those by themselves.
    """
    wanted = {*_paths(phase, {line.kind for line in lines if line.plan == phase.terms.plan.id}), *also}
    found = statements(phase.terms.plan, phase.since, catalogue, read_products().titles)
    return tuple(
        Assumption(statement.text, statement.alternatives, phase.terms.plan.id, statement.path, phase.since)
        for statement in found
        if statement.assumed and statement.path in wanted
    )


def _paths(phase: Phase, kinds: set[str]) -> Iterator[str]:
    terms = phase.terms
    yield from (f"seats.{seat}.surfaces" for seat, count in phase.seats.held.items() if count)
    if terms.plan.seat_based:
        yield "included_usage.window"
    if terms.own.usage_discount is None:
        yield "usage_discount"
    if "usage_minimum" in kinds:
        yield from ("usage_minimum.part_month", "usage_minimum.counts")
    if terms.own.proration is None and kinds & {"seat_addition", "seat_credit"}:
        yield "proration"
    if "seat_credit" in kinds:
        yield from (CREDIT_FOR_THE_OLD_TERM, CREDIT_BASIS)
    if terms.prepaid_on(phase.since) and phase.credits.expiry_months is None:
        yield "credits.expiry_months"


NOTES_SHOWN = 5


def footnotes(title: str, notes: Sequence[str], assumed: Sequence[Assumption]) -> tuple[str, ...]:
    """The lines below every chart of a result."""
    more = len(notes) - NOTES_SHOWN
    rest = [f"… and {more} more notes, in manifest.json."] if more > 0 else []
    values = [f"Assumed, as it is published nowhere: {' '.join(value.text for value in assumed)}"] if assumed else []
    ended = title if title.endswith((".", "!", "?")) else f"{title}."
    return (f"{ended} An estimate, not an invoice.", *notes[:NOTES_SHOWN], *rest, *values)


def part_months(first: date, end: date) -> str:
    """Which months from ``first`` up to, not including, ``end`` are shown only in part; empty where all are whole."""
    if first.day == 1:
        return ""
    last = end - timedelta(days=1)
    return f"{month_text(first)} counts from {first} on, {month_text(last)} up to {last}."
