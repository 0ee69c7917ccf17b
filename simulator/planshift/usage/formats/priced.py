"""Entries as usage that the rate card can price: days that are wanted and priced, model ids, modifiers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from planshift.plans.bounds import MOST_DAYS
from planshift.problems import Problem
from planshift.usage.formats.reading import Counts, Entry, Reading, rows

if TYPE_CHECKING:
    from planshift.plans.rates import RateCard
    from planshift.usage.files import DailyUsage, Stretch


OUTSIDE = "outside the days asked for"
SPREAD = (
    "Totals of several days ({rows}) are spread evenly over them, the first and the last included, in whole tokens; "
    "what is left over goes to the first days."
)
LAUNCHED_LATER = "Totals that begin before their model came out are spread over the days since then ({rows})."


def keep_days(reading: Reading, start: date | None, end: date | None) -> None:
    """Drop the entries before ``start`` or after ``end``; a total that reaches over an end cannot be cut."""
    first, last = start or date.min, end or date.max
    kept: list[Entry] = []
    for entry in reading.entries:
        if (entry.last - entry.first).days > MOST_DAYS:
            fact = f"a total of {entry.first} to {entry.last} is of more than {MOST_DAYS} days"
            reading.wrong(entry.place, fact, "check the years")
        elif first <= entry.first and entry.last <= last:
            kept.append(entry)
        elif entry.last < first or entry.first > last:
            reading.dropped[OUTSIDE] += 1
        else:
            fact = f"a total of {entry.first} to {entry.last} cannot be cut to the days asked for"
            reading.wrong(entry.place, fact, "ask for all of its days, or export those that are wanted")
    reading.entries = kept


def priced_days(entry: Entry, card: RateCard) -> list[date]:
    """The days of an entry on which its model has a price; the entry's model is an id of the card."""
    first = max(entry.first, card.models[entry.model].first_day)
    return [first + timedelta(days=number) for number in range((entry.last - first).days + 1)]


def spread(counts: Counts, days: Sequence[date]) -> Iterator[tuple[date, Counts]]:
    """The counts by day: as even as whole numbers can be, what is left over on the first days; the sums are exact.

    Equal shares all have the same remainder, so the largest remainders go by the order of the days. Days with nothing
    are left out, but for the first.
    """
    even = [divmod(count, len(days)) for count in counts]
    for number, day in enumerate(days):
        share = Counts(*(whole + (number < left) for whole, left in even))
        if any(share) or number == 0:
            yield day, share


UNKNOWN_MODEL = "a model that the rate card lacks"

# Model names hold their version: from this one on they make about 30 % more tokens of a text (API pricing page).
_NEW_TOKENIZER = (4, 7)
_OLD_TOKENS = (
    "Models from 4.7 on make about 30 % more tokens of the same text: scale the usage of older models ({rows}) before "
    "pricing it on newer ones."
)
_LINES_SHOWN = 5


@dataclass(frozen=True)
class UnknownModel:
    """A model that the rate card lacks: how many rows name it, the ids nearest to it, and what they cost if told.

    ``reported`` is what the export says that these rows cost, US dollars; None where it says nothing. ``tokens`` is
    what they used.
    """

    count: int
    nearest: tuple[str, ...]
    reported: Decimal | None
    tokens: int


def resolve_models(reading: Reading, card: RateCard, skip_unknown: bool) -> dict[str, UnknownModel]:
    """Turn the models of all entries into ids of the card; the unknown ones, which are problems or else dropped."""
    ids = {name: card.resolve(name) for name in {entry.model for entry in reading.entries}}
    old = {model for model in ids.values() if model and _version(model) < _NEW_TOKENIZER}
    unknown: dict[str, list[Entry]] = defaultdict(list)
    kept: list[Entry] = []
    for entry in reading.entries:
        model = ids[entry.model]
        if model is None:
            unknown[entry.model].append(entry)
        else:
            kept.append(entry if entry.model == model else replace(entry, model=model))
            reading.warned[_OLD_TOKENS] += model in old
    reading.entries = kept
    found = {name: _unknown_model(entries, card.nearest(name)) for name, entries in unknown.items()}
    for name, entries in unknown.items():
        if skip_unknown:
            reading.dropped[UNKNOWN_MODEL] += len(entries)
            reading.warned[_left_out(name, found[name])] += 1
        else:
            reading.problems.append(_unknown_problem(name, entries, found[name]))
    return found


def _unknown_model(entries: Sequence[Entry], nearest: Iterable[str]) -> UnknownModel:
    costs = [entry.reported for entry in entries if entry.reported is not None]
    reported = sum(costs, Decimal(0)) if costs else None
    # Searches are no tokens; all other counts are.
    tokens = sum(sum(entry.counts) - entry.counts.web_searches for entry in entries)
    return UnknownModel(len(entries), tuple(nearest), reported, tokens)


def _left_out(name: str, unknown: UnknownModel) -> str:
    """What leaving a model out leaves out, in dollars where they are told."""
    told = f"{unknown.reported:,.2f} USD as reported" if unknown.reported is not None else "at a cost that is not told"
    return f"Left out with the unknown model '{name}': {rows(unknown.count)}, {unknown.tokens:,} tokens, {told}."


def _version(model: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", model))


def _unknown_problem(name: str, entries: Sequence[Entry], unknown: UnknownModel) -> Problem:
    near = " or ".join(unknown.nearest)
    remedy = f"did you mean {near}?" if near else "add it to the rate card"
    fact = f"the model '{name}' is not in the rate card{_more_rows(entries)}"
    return Problem(entries[0].place, fact, f"{remedy}; --skip-unknown-models leaves it out")


def _more_rows(entries: Sequence[Entry]) -> str:
    """Where the rows after the first are, as far as they fit in a sentence."""
    if len(entries) == 1:
        return ""
    lines = ", ".join(str(entry.place.line) for entry in entries[1 : 1 + _LINES_SHOWN])
    more = ", …" if len(entries) > 1 + _LINES_SHOWN else ""
    return f" ({rows(len(entries))}; also lines {lines}{more})"


@dataclass
class _Modifiers:
    """The modifiers of entries on their days, as far as the card has them."""

    card: RateCard
    _possible: dict[tuple[str, date, frozenset[str]], tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    _periods: dict[tuple[str, date, date], Sequence[tuple[date, date]]] = field(default_factory=dict)

    def periods(self, model: str, first: date, last: date) -> Sequence[tuple[date, date]]:
        """Days as the stretches, first and last day, on which no price of the model changes."""
        key = model, first, last
        if key not in self._periods:
            begins = [first, *(day for day in self.card.price_dates(model) if first < day <= last)]
            ends = [*(day - timedelta(days=1) for day in begins[1:]), last]
            self._periods[key] = [*zip(begins, ends, strict=True)]
        return self._periods[key]

    def of(self, entry: Entry, day: date) -> str:
        """The names, in order, for requests with prompts as short as an entry's can be."""
        wanted = entry.modifiers
        if entry.model in self.card.stepped_models:
            step = self.card.modifier_for_prompt(entry.model, day, entry.prompt_least)
            wanted = wanted | {step} if step else wanted
        return self.possible(entry.model, day, wanted)[0]

    def possible(self, model: str, day: date, wanted: frozenset[str]) -> tuple[str, Mapping[str, str]]:
        """Those modifiers that the card has, in order, and why it refuses the others."""
        from planshift.plans.rates import NoPriceError

        key = (model, day, wanted)
        if key not in self._possible:
            taken: list[str] = []
            refused: dict[str, str] = {}
            for name in sorted(wanted):
                try:
                    self.card.price(model, day, [*taken, name])
                except NoPriceError as error:
                    refused[name] = error.fact
                else:
                    taken.append(name)
            self._possible[key] = (" ".join(taken), refused)
        return self._possible[key]


def daily_usage(reading: Reading, card: RateCard) -> DailyUsage:
    """Every entry on each of its days, with the modifiers that price it (Rulebook U2).

    A total is spread over the days on which its model has a price; entries of days before that are a problem. What
    the card cannot apply (fast mode of a model that has none) is left off, with a warning that says so.
    """
    from planshift.usage.files import DailyUsage

    modifiers = _Modifiers(card)
    too_early: dict[str, list[Entry]] = defaultdict(list)
    found: list[Stretch] = []
    for entry in reading.entries:
        if entry.parts:
            found += _parts(entry)
            continue
        first = max(entry.first, card.models[entry.model].first_day)
        if first <= entry.last:
            found += _stretches(entry, first, modifiers, reading)
        else:
            too_early[entry.model].append(entry)
    for model, entries in too_early.items():
        fact = f"'{model}' has no price before {card.models[model].first_day}{_more_rows(entries)}"
        reading.wrong(entries[0].place, fact, f"check the days (here {entries[0].last}) and the model")
    return DailyUsage(found)


def _parts(entry: Entry) -> Iterator[Stretch]:
    from planshift.usage.files import Stretch

    told = entry.reported is not None
    for part in entry.parts:
        day = part.date.toordinal()
        yield Stretch((entry.user_id, part.surface, part.model, ""), day, day, day, 1, part.counts, told)


def _stretches(entry: Entry, first: date, modifiers: _Modifiers, reading: Reading) -> Iterator[Stretch]:
    """An entry from a day on, by the days on which its modifiers are the same."""
    from planshift.usage.files import Stretch

    reading.assumed[SPREAD] += first < entry.last
    reading.assumed[LAUNCHED_LATER] += first > entry.first
    if entry.modifiers:
        for name, fact in modifiers.possible(entry.model, entry.last, entry.modifiers)[1].items():
            reading.warned[f"Priced without '{name}', which can be too low ({{rows}}): {fact}."] += 1
    since, told = first.toordinal(), entry.reported is not None
    days = entry.last.toordinal() - since + 1
    for begin, end in modifiers.periods(entry.model, first, entry.last):
        key = entry.user_id, entry.surface, entry.model, modifiers.of(entry, begin)
        yield Stretch(key, begin.toordinal(), end.toordinal(), since, days, entry.counts, told)
