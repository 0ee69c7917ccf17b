"""A plan in plain sentences that can be read aloud to a customer, each with its source or marked as assumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import ITSELF, Plan, Sourced, plain
from planshift.reports.plans.names import label, named
from planshift.reports.words import counted, listed


@dataclass(frozen=True)
class Spoken:
    """A value to be said, the seat type or channel that it is of (``name``), and what its sentence may refer to."""

    plan: Plan
    day: date
    catalogue: Catalogue
    surfaces: Mapping[str, str]
    name: str
    value: Any

    @property
    def seat(self) -> str:
        """The title of the seat type that the value is of."""
        return self.plan.seat_titles[self.name]

    @property
    def channel(self) -> str:
        """The title of the channel that the value is of."""
        return self.plan.channel_titles[self.name]

    @property
    def successor(self) -> Plan | None:
        """The plan that follows; None where it renews on itself or is not there."""
        return self.catalogue.plans.get(str(self.find("renewal.successor")))

    def find(self, path: str) -> Any:
        """Another value of the plan on the day; None where there is none."""
        found = self.plan.find(path, self.day)
        return found.value if found else None


Phrase: TypeAlias = Callable[[Spoken], str]


def as_it_is(said: str) -> Phrase:
    """A sentence for a value without one of its own: what it is, and the value."""
    return lambda at: f"{said}: {plain(at.value)}."


def _chosen(texts: Mapping[str, str]) -> Phrase:
    """A sentence for each value; a value without one is said as it is."""
    return lambda at: texts.get(plain(at.value), f"{plain(at.value)}.")


def _of_channel(texts: Mapping[str, str]) -> Phrase:
    """The same, with the channel's title before it."""
    return lambda at: f"{at.channel}: {texts.get(plain(at.value), plain(at.value))}."


def _percent(share: Any) -> str:
    text = f"{share * 100:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + " %"


def _price(at: Spoken) -> str:
    months = at.find("term_months")
    whole = f", {at.value * months:,.2f} USD for the {months} months of a term, paid when it starts" if months else ""
    return f"{at.seat}: {at.value:,.2f} USD a month{whole}."


def _opens(at: Spoken) -> str:
    return f"{at.seat}: opens {listed(at.surfaces.get(surface, surface) for surface in at.value)}."


def _discount(at: Spoken) -> str:
    if not at.value:
        return "Usage is billed without a discount, unless the contract has one."
    return f"Usage is billed at {_percent(at.value)} less than API rates."


def _minimum(at: Spoken) -> str:
    if not at.value:
        return "There is no minimum of usage, unless the contract has one."
    return f"At least {at.value:,.2f} USD of usage a month are charged, where usage is invoiced afterwards."


def _expiry(at: Spoken) -> str:
    if at.value == "none":
        return "Credits do not expire."
    return f"Credits lapse {counted(at.value, 'month')} after they were bought."


def _successor(at: Spoken) -> str:
    if at.value == ITSELF:
        return "At the end of a term the plan renews on itself."
    return f"At the end of its term the plan cannot be renewed: the contract goes on as {_after(at)}."


def _after(at: Spoken) -> str:
    return at.successor.title if at.successor else str(at.find("renewal.successor"))


def _seat_map(at: Spoken) -> str:
    after = at.successor.seat_titles if at.successor else {}
    moves = [f"{at.plan.seat_titles.get(old, old)} becomes {after.get(new, new)}" for old, new in at.value.items()]
    return f"Every member keeps a seat: {listed(moves)}."


def _carried_over(at: Spoken) -> str:
    if not at.value:
        return "Nothing goes on by itself: limits, credits, discounts and prices of the contract's own are agreed anew."
    going_on = listed(SETTINGS.get(item, item) for item in at.value)
    return f"At a renewal on the same plan, {going_on} go on as they are; what was negotiated is agreed anew."


def _migration(at: Spoken) -> str:
    if at.value:
        return f"The customer may move to {_after(at)} before the renewal; a new term starts on that day."
    return "The customer cannot move to another plan before the renewal."


SETTINGS = {"spend_limits": "spend limits", "credits": "the settings for buying credits"}
LEVELS = {
    "organization": "the organization",
    "members": "single members",
    "seat_types": "the members of a seat type",
    "each_member": "every member",
}
CONTRACT, SEATS, INCLUDED, PAYING = "The contract", "Seats", "Included usage", "Paying for usage"
CREDITS, LIMITS, RENEWAL, MOVING = "Credits", "Limits", "Renewal", "Moving before the renewal"

_SOLD = {
    "yes": "New contracts can be signed.",
    "no": "The plan is not sold any more; contracts that run go on until their renewal.",
}
_PRORATION = {
    "months_and_days": "Seats added during a term are charged at once for the rest of it: its whole months, and the"
    " share of days left of the current one.",
    "whole_months": "Seats added during a term are charged at once for the rest of it, with the whole current month.",
    "days": "Seats added during a term are charged at once for the days that are left of it.",
}
_REMOVAL = {"at_renewal": "a seat that is given up is paid until the renewal"}
_WINDOW = {
    "iso_week": "The included usage is full again every Monday; what was not used is lost.",
    "week_of_term": "The included usage is full again every week, on the weekday on which the term started; what was"
    " not used is lost.",
}
_EXTRA = {
    "yes": "Beyond it usage goes on and is billed at API rates, unless the owner switches extra usage off.",
    "no": "Beyond it a member waits for the next week, unless the owner switches extra usage on.",
}
_BILLING = {"always": "All usage is billed; that cannot be switched off, but spend limits can stop usage."}
_PAYMENT = {
    "prepaid_credits": "usage is paid in advance with credits that everybody shares; at zero it stops until more are"
    " bought",
    "arrears": "billed usage is invoiced afterwards, with a line for every member",
}
_PERIOD = {"calendar_month": "Usage is counted by calendar month; spend limits start again with each."}
_PART_MONTH = {
    "days": "Where the contract begins or ends inside a month, a minimum of usage counts by days.",
    "whole": "Where the contract begins or ends inside a month, a minimum of usage counts in full.",
    "none": "Where the contract begins or ends inside a month, that month has no minimum of usage.",
}
_COUNTS = {
    "billed": "Usage counts towards a minimum at the price at which it is billed.",
    "list": "Usage counts towards a minimum at list price, before the discount.",
}
_CREDITS_LEFT = {"kept": "Credits left at a renewal are kept.", "lapse": "Credits left at a renewal lapse."}
_OLD_TERM = {
    "none": "The unused part of the old term is not credited.",
    "prorated": "The unused part of the old term is credited.",
}
_BASIS = {
    "price_paid": "Seats that are credited are credited at the price that was paid.",
    "price_of_the_day": "Seats that are credited are credited at the price of the day, never at more than was paid.",
}

PHRASES: tuple[tuple[str, str, Phrase], ...] = (
    (CONTRACT, "new_contracts", _chosen(_SOLD)),
    (CONTRACT, "term_months", lambda at: f"A term lasts {counted(at.value, 'month')}."),
    (CONTRACT, "channels.*.minimum_seats", lambda at: f"{at.channel}: at least {counted(at.value, 'seat')}."),
    (SEATS, "seats.*.price_usd_per_month", _price),
    (SEATS, "seats.*.surfaces", _opens),
    (SEATS, "proration", _chosen(_PRORATION)),
    (SEATS, "channels.*.seat_removal", _of_channel(_REMOVAL)),
    (
        INCLUDED,
        "seats.*.included_usd_per_week",
        lambda at: f"{at.seat}: usage worth {at.value:,.2f} USD a week at API rates is included.",
    ),
    (INCLUDED, "included_usage.window", _chosen(_WINDOW)),
    (INCLUDED, "extra_usage.enabled", _chosen(_EXTRA)),
    (PAYING, "usage_billing", _chosen(_BILLING)),
    (PAYING, "channels.*.usage_payment", _of_channel(_PAYMENT)),
    (PAYING, "usage_period", _chosen(_PERIOD)),
    (PAYING, "usage_discount", _discount),
    (PAYING, "usage_minimum.usd_per_month", _minimum),
    (PAYING, "usage_minimum.part_month", _chosen(_PART_MONTH)),
    (PAYING, "usage_minimum.counts", _chosen(_COUNTS)),
    (CREDITS, "credits.expiry_months", _expiry),
    (CREDITS, "credits.at_renewal", _chosen(_CREDITS_LEFT)),
    (
        CREDITS,
        "credits.auto_reload_payments",
        lambda at: f"Credits can be bought automatically with payment by {listed(at.value, 'or')}.",
    ),
    (
        LIMITS,
        "spend_limits.levels",
        lambda at: f"Monthly spend limits can be set for {listed(LEVELS.get(level, level) for level in at.value)}.",
    ),
    (
        LIMITS,
        "spend_limits.alert_thresholds",
        lambda at: f"Alerts are sent at {listed(_percent(share) for share in at.value)} of a limit.",
    ),
    (RENEWAL, "renewal.successor", _successor),
    (RENEWAL, "renewal.seat_map", _seat_map),
    (RENEWAL, "renewal.carried_over", _carried_over),
    (MOVING, "early_migration.allowed", _migration),
    (MOVING, "early_migration.credit", _chosen(_OLD_TERM)),
    (MOVING, "early_migration.credit_basis", _chosen(_BASIS)),
)
"""Topic, path and sentence of every value, in the order in which they are read out."""


OTHER, CHANGES = "Other values", "Changes to come"


@dataclass(frozen=True)
class Statement:
    """One sentence about a plan: its topic, the value that it says, and who says so."""

    topic: str
    text: str
    path: str
    source: str
    assumed: bool = False
    note: str = ""
    alternatives: tuple[str, ...] = ()

    @property
    def cited(self) -> str:
        """The sentence with its source in brackets, or what is assumed and what else could be."""
        marks = [self.source] if self.source else []
        if self.assumed:
            marks.append(f"assumed: {self.note}")
        if self.alternatives:
            marks.append(f"it could be: {' or '.join(self.alternatives)}")
        return f"{self.text} [{'; '.join(mark.removesuffix('.') for mark in marks)}]" if marks else self.text


def statements(plan: Plan, day: date, catalogue: Catalogue, surfaces: Mapping[str, str]) -> list[Statement]:
    """Everything that a plan says on a day, by topic: every value of its file stands in one of the sentences.

    ``surfaces`` maps surfaces to their titles. What changes after the day comes last.
    """
    reader = _Reader(plan, day, catalogue, surfaces)
    found = [*reader.known(), *reader.others(), reader.rates()]
    topics = [*dict.fromkeys(topic for topic, _, _ in PHRASES), OTHER]
    return [*sorted(found, key=lambda statement: topics.index(statement.topic)), *reader.to_come()]


@dataclass(frozen=True)
class _Reader:
    """Reads a plan out."""

    plan: Plan
    day: date
    catalogue: Catalogue
    surfaces: Mapping[str, str]

    def known(self) -> Iterator[Statement]:
        """The sentences of the values that have a phrase."""
        for topic, pattern, phrase in PHRASES:
            for path in self.plan.values:
                name = named(pattern, path)
                if name is not None:
                    yield self._statement(topic, path, phrase, name)

    def others(self) -> Iterator[Statement]:
        """The values that have none, as they are."""
        for path in self.plan.values:
            if all(named(pattern, path) is None for _, pattern, _ in PHRASES):
                yield self._statement(OTHER, path, as_it_is(label(self.plan, path)), "")

    def rates(self) -> Statement:
        """The rate card that prices usage."""
        card = self.catalogue.card(self.plan)
        text = f"Tokens and web searches cost what the rate card '{card.title}' says, checked on {card.checked}."
        return Statement(PAYING, text, "rates", f"rate card {card.id}")

    def to_come(self) -> Iterator[Statement]:
        """A sentence for every value that changes after the day."""
        for path, dated in self.plan.values.items():
            for since, entry in dated.entries:
                if since > self.day:
                    text = f"From {since} on: {label(self.plan, path)}: {entry.text}."
                    yield self._sourced(CHANGES, text, path, entry)

    def _statement(self, topic: str, path: str, phrase: Phrase, name: str) -> Statement:
        entry = self.plan.find(path, self.day)
        if entry is None:
            return Statement(topic, f"{label(self.plan, path)}: not in force yet on {self.day}.", path, "")
        spoken = Spoken(self.plan, self.day, self.catalogue, self.surfaces, name, entry.value)
        return self._sourced(topic, phrase(spoken), path, entry)

    def _sourced(self, topic: str, text: str, path: str, entry: Sourced) -> Statement:
        source = self.plan.sources.get(entry.reference)
        by = f"what-if: {entry.overlay}" if entry.overlay else source.title if source else entry.reference
        alternatives = tuple(plain(other) for other in entry.alternatives)
        return Statement(topic, text, path, by, entry.assumed, entry.note, alternatives)
