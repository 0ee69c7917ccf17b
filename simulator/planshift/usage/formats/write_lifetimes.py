"""How long cache writes last, where an export does not say it and reports what each row cost: found from that cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from planshift.usage.formats.reading import Entry, Reading

if TYPE_CHECKING:
    from planshift.plans.rates import RateCard, UnitPrices

_PER_MILLION = Decimal(1_000_000)
# A reported cost that is rounded further than this share of what the lifetime can change says nothing about it.
_FINE_ENOUGH = Decimal("0.02")
_FOUND = "How long cache writes last is worked out from the cost of each row ({{rows}}): {share:.0%} last an hour."


@dataclass
class _Prices:
    """Unit prices by model, day and modifiers; None where the card has none."""

    card: RateCard
    _known: dict[tuple[str, date, tuple[str, ...]], UnitPrices | None] = field(default_factory=dict)

    def of(self, entry: Entry) -> UnitPrices | None:
        """The prices of an entry of one day."""
        from planshift.plans.rates import NoPriceError

        step = self.card.modifier_for_prompt(entry.model, entry.first, entry.counts.prompt)
        key = (entry.model, entry.first, (*sorted(entry.modifiers), *([step] if step else [])))
        if key not in self._known:
            try:
                self._known[key] = self.card.price(*key)
            except NoPriceError:
                self._known[key] = None
        return self._known[key]


def with_write_lifetimes(entries: Sequence[Entry], card: RateCard, reading: Reading) -> list[Entry]:
    """The entries, with those cache writes put to an hour that the reported cost of a single day's row asks for.

    Of u writes of untold lifetime, h were for an hour where ``list cost at 5 minutes + h × (1-hour − 5-minute price) =
    reported`` with 0 ≤ h ≤ u. Where no h is, or the cost is rounded too far to tell, the lifetime stays untold; so it
    does everywhere if no row has any for an hour, because a program that knows only one price would report the same.
    """
    prices, done = _Prices(card), list(entries)
    hours: dict[int, int] = {}
    for number, entry in enumerate(entries):
        if entry.untold_writes and entry.cost_within is not None and entry.first == entry.last:
            hour = _for_an_hour(entry, prices.of(entry))
            hours |= {} if hour is None else {number: hour}
    if not any(hours.values()):
        return done
    for number, hour in hours.items():
        counts = entries[number].counts
        counts = counts._replace(
            cache_write_5m_tokens=counts.cache_write_5m_tokens - hour,
            cache_write_1h_tokens=counts.cache_write_1h_tokens + hour,
        )
        done[number] = replace(entries[number], counts=counts, untold_writes=0)
    told = sum(entries[number].untold_writes for number in hours)
    reading.assumed[_FOUND.format(share=sum(hours.values()) / told)] += len(hours)
    return done


def _for_an_hour(entry: Entry, prices: UnitPrices | None) -> int | None:
    """How many of the untold writes were for an hour; None where the cost does not tell."""
    if prices is None or entry.reported is None or entry.cost_within is None:
        return None
    each = prices.cache_write_1h - prices.cache_write_5m
    tokens = sum(count * price for count, price in zip(entry.counts, prices.tokens, strict=False))
    listed = tokens / _PER_MILLION + entry.counts.web_searches * prices.web_search
    if each <= 0 or entry.cost_within > _FINE_ENOUGH * each * entry.untold_writes / _PER_MILLION:
        return None
    hour = (entry.reported - listed) * _PER_MILLION / each
    off = entry.cost_within * _PER_MILLION / each
    if not -off <= hour <= entry.untold_writes + off:
        return None
    return min(max(round(hour), 0), entry.untold_writes)
