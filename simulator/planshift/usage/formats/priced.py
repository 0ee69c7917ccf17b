"""Entries as rows that the rate card can price: model ids, single days, modifiers that the card has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from planshift.problems import Problem
from planshift.usage.formats.days import LAUNCHED_LATER, SPREAD, priced_days, spread
from planshift.usage.formats.reading import Counts, Entry, Reading, rows

if TYPE_CHECKING:
    from planshift.plans.rates import RateCard

Summed: TypeAlias = Mapping[tuple[date, str, str, str, str], Counts]
"""Counts by date, user, surface, model and modifiers."""

_NANO = Decimal("1e-9")
_EPOCH = date(1970, 1, 1).toordinal()

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


class DayRow(NamedTuple):
    """Usage of one day as it is priced."""

    date: date
    user_id: str
    surface: str
    model: str
    modifiers: str
    counts: Counts
    has_reported: bool


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
            kept.append(replace(entry, model=model))
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
    reading: Reading
    _known: dict[tuple[str, date, frozenset[str]], tuple[str, Mapping[str, str]]] = field(default_factory=dict)

    def of(self, entry: Entry, day: date, prompt: int) -> str:
        """The names, in order, for requests with prompts of that length."""
        wanted = entry.modifiers
        if entry.model in self.card.stepped_models:
            step = self.card.modifier_for_prompt(entry.model, day, prompt)
            wanted = wanted | {step} if step else wanted
        return self._possible(entry.model, day, wanted)[0]

    def refused(self, entry: Entry, day: date) -> Mapping[str, str]:
        """The modifiers of an entry that the card refuses, and why."""
        return self._possible(entry.model, day, entry.modifiers)[1]

    def _possible(self, model: str, day: date, wanted: frozenset[str]) -> tuple[str, Mapping[str, str]]:
        from planshift.plans.rates import NoPriceError

        key = (model, day, wanted)
        if key not in self._known:
            taken: list[str] = []
            refused: dict[str, str] = {}
            for name in sorted(wanted):
                try:
                    self.card.price(model, day, [*taken, name])
                except NoPriceError as error:
                    refused[name] = error.fact
                else:
                    taken.append(name)
            self._known[key] = (" ".join(taken), refused)
        return self._known[key]


def day_rows(reading: Reading, card: RateCard) -> Iterator[DayRow]:
    """Every entry on each of its days, with the modifiers that price it (Rulebook U2).

    A total is spread over the days on which its model has a price; entries of days before that are a problem. What
    the card cannot apply (fast mode of a model that has none) is left off, with a warning that says so.
    """
    modifiers = _Modifiers(card, reading)
    too_early: dict[str, list[Entry]] = defaultdict(list)
    for entry in reading.entries:
        if entry.parts:
            yield from _parts(entry)
            continue
        days = priced_days(entry, card)
        if days:
            yield from _spread(entry, days, modifiers)
        else:
            too_early[entry.model].append(entry)
    for model, entries in too_early.items():
        fact = f"'{model}' has no price before {card.models[model].first_day}{_more_rows(entries)}"
        reading.wrong(entries[0].place, fact, f"check the days (here {entries[0].last}) and the model")


def _parts(entry: Entry) -> Iterator[DayRow]:
    for part in entry.parts:
        yield DayRow(
            date=part.date,
            user_id=entry.user_id,
            surface=part.surface,
            model=part.model,
            modifiers="",
            counts=part.counts,
            has_reported=entry.reported is not None,
        )


def _spread(entry: Entry, days: Sequence[date], modifiers: _Modifiers) -> Iterator[DayRow]:
    reading = modifiers.reading
    reading.assumed[SPREAD] += len(days) > 1
    reading.assumed[LAUNCHED_LATER] += days[0] > entry.first
    for name, fact in modifiers.refused(entry, days[-1]).items():
        reading.warned[f"Priced without '{name}', which can be too low ({{rows}}): {fact}."] += 1
    for day, counts in spread(entry.counts, days):
        yield DayRow(
            date=day,
            user_id=entry.user_id,
            surface=entry.surface,
            model=entry.model,
            modifiers=modifiers.of(entry, day, entry.prompt_least),
            counts=counts,
            has_reported=entry.reported is not None,
        )


def summed(day_rows: Iterable[DayRow]) -> Summed:
    """The rows of equal date, user, surface, model and modifiers added up, in that order; rows of nothing left out."""
    found: dict[tuple[date, str, str, str, str], list[int]] = {}
    for row in day_rows:
        key = (row.date, row.user_id, row.surface, row.model, row.modifiers)
        before = found.setdefault(key, [0] * len(row.counts))
        for number, count in enumerate(row.counts):
            before[number] += count
    return {key: Counts(*found[key]) for key in sorted(found) if any(found[key])}


def cost(canonical: Summed, card: RateCard) -> Decimal:
    """What rows cost on the rate card, in US dollars, each row rounded to the nano-dollar (Rulebook U1)."""
    import numpy as np

    from planshift.usage.pricing import UsageColumns, row_costs

    models = sorted({key[3] for key in canonical})
    modifiers = sorted({key[4] for key in canonical})
    model_number = {name: number for number, name in enumerate(models)}
    modifier_number = {name: number for number, name in enumerate(modifiers)}
    counts = np.array(list(canonical.values()), dtype=np.int64).reshape(len(canonical), len(Counts._fields))
    columns = UsageColumns(
        day=np.array([key[0].toordinal() - _EPOCH for key in canonical], dtype=np.int32),
        model=np.array([model_number[key[3]] for key in canonical], dtype=np.int64),
        model_names=models,
        tokens={
            name.removesuffix("_tokens"): counts[:, number]
            for number, name in enumerate(Counts._fields)
            if name.endswith("_tokens")
        },
        web_searches=counts[:, Counts._fields.index("web_searches")],
        modifiers=np.array([modifier_number[key[4]] for key in canonical], dtype=np.int64),
        modifier_names=modifiers,
    )
    return sum((int(nano) for nano in row_costs(columns, card)), 0) * _NANO
