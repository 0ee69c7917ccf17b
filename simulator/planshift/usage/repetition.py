"""Usage repeated on later days, without models and modifiers that are gone by then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from planshift.plans.rates import Lapse, RateCard, lapse_days, lasting
from planshift.usage.pricing import UsageColumns

_EPOCH = date(1970, 1, 1).toordinal()

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Lapsed:
    """A lapse, and the ``share`` of usage that it made another.

    Of usage carried forward, from the day of the lapse on, it is the share of what it cost when it was used; of a
    ``persona`` that in its mix of models.
    """

    lapse: Lapse
    share: Fraction
    persona: str = ""


@dataclass(frozen=True)
class Repeated:
    """Rows on the days they fall on, as what they go on as; ``lapses``: which of them each lapse made another."""

    columns: UsageColumns
    lapses: Mapping[Lapse, Rows]


def repeated(columns: UsageColumns, shift: int, card: RateCard) -> Repeated:
    """Rows of usage so many days later: a model that is retired by then is its successor, and what it no longer has is
    left out (`planshift.plans.rates.lasting`)."""
    day = columns.day + np.int32(shift)
    models, modifiers = list(columns.model_names), list(columns.modifier_names)
    model, modifier = columns.model.astype(np.int32), _modifier_codes(columns)
    lapses: dict[Lapse, list[Rows]] = {}
    for rows in _alike(columns, day, card):
        first = int(rows[0])
        used, falls = columns.date_of(first), date.fromordinal(int(day[first]) + _EPOCH)
        name, names = columns.model_of(first), columns.modifiers_of(first).split()
        goes_on = lasting(card, card.resolve(name) or name, names, used, falls)
        if goes_on.lapses:
            model[rows] = _code(models, goes_on.model)
            modifier[rows] = _code(modifiers, " ".join(goes_on.modifiers))
        for lapse in goes_on.lapses:
            lapses.setdefault(lapse, []).append(rows)
    kept = None if columns.modifiers is None else modifier
    moved = replace(columns, day=day, model=model, model_names=models, modifiers=kept, modifier_names=modifiers)
    return Repeated(moved, {lapse: np.concatenate(rows) for lapse, rows in lapses.items()})


def _alike(columns: UsageColumns, day: npt.NDArray[np.int32], card: RateCard) -> Iterator[Rows]:
    """Rows of models and modifiers that end one day, in groups that go on alike when they fall on the days ``day``."""
    pairs = columns.model.astype(np.int64) * len(columns.modifier_names) + _modifier_codes(columns)
    for pair in np.unique(pairs).tolist():
        model, modifier = divmod(pair, len(columns.modifier_names))
        model_id, names = card.resolve(columns.model_names[model]), columns.modifier_names[modifier].split()
        if model_id is None or not card.modifiers.keys() >= {*names}:
            continue  # Pricing says what is wrong with it.
        ends = [since.toordinal() - _EPOCH for since in lapse_days(card, model_id, names)]
        if not ends:
            continue
        rows = np.flatnonzero(pairs == pair)
        stretches = np.searchsorted(ends, columns.day[rows], "right") * (len(ends) + 1)
        stretches += np.searchsorted(ends, day[rows], "right")
        for stretch in np.unique(stretches).tolist():
            yield rows[stretches == stretch]


def _modifier_codes(columns: UsageColumns) -> npt.NDArray[np.int32]:
    zeros = np.zeros(len(columns), dtype=np.int32)
    return zeros if columns.modifiers is None else columns.modifiers.astype(np.int32)


def _code(names: list[str], name: str) -> int:
    """Where a name is in a list, at the end of which it is put if it is not there."""
    if name not in names:
        names.append(name)
    return names.index(name)
