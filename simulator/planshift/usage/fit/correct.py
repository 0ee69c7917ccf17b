"""Estimates put right by what the same estimators find in usage generated with them.

Whole steps of tokens hide the smallest days, and members who never show are not in a file: both make estimates lean.
What generated usage shows too much of, a parameter gets less of, and the other way round.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from planshift.usage.fit import needs
from planshift.usage.fit.estimate import Estimates, Laws
from planshift.usage.fit.needs import SHIPPED, Need
from planshift.usage.synthetic.organization import Shocks
from planshift.usage.synthetic.persona import Activity, Drift

_MOST = 2.0
"""No round changes a parameter by a larger factor."""
_CLOSEST = 0.95


def corrected(used: Estimates, file: Estimates, seen: Sequence[Estimates]) -> Estimates:
    """The estimates ``used`` to generate, moved by the difference of those of the ``file`` from those ``seen`` in what
    was generated; what is borrowed stays."""
    laws = [
        _laws(*of_group, [estimates.laws[place] for estimates in seen])
        for place, of_group in enumerate(zip(used.laws, file.laws, strict=True))
    ]
    return replace(used, laws=tuple(laws), shocks=_shocks(used, file, seen))


def _laws(used: Laws, file: Laws, seen: Sequence[Laws]) -> Laws:
    def own(need: Need) -> bool:
        return used.origins.get(need.quantity, SHIPPED) != SHIPPED

    def scaled(need: Need, value: Callable[[Laws], float]) -> float:
        return _scaled(value(used), value(file), [value(laws) for laws in seen]) if own(need) else value(used)

    def moved(need: Need, value: Callable[[Laws], float]) -> float:
        mean = float(np.mean([value(laws) for laws in seen]))
        return value(used) + (value(file) - mean if own(need) else 0.0)

    q = _logistic(moved(needs.ACTIVITY, lambda laws: _logit(laws.activity)))
    together = scaled(needs.ACTIVITY, lambda laws: laws.activity.alpha + laws.activity.beta)
    activity = Activity(
        alpha=together * q,
        beta=together * (1 - q),
        with_level=float(np.clip(moved(needs.RANK, lambda laws: laws.activity.with_level), -_CLOSEST, _CLOSEST)),
        persistence=float(np.clip(moved(needs.PERSISTENCE, lambda laws: laws.activity.persistence), 0.0, _CLOSEST)),
    )
    week = used.week
    if own(needs.WEEK):
        on = _factors(used, file, seen, lambda laws: laws.week.activity)
        week = replace(week, activity=on, volume=_factors(used, file, seen, lambda laws: laws.week.volume))
    return replace(
        used,
        level=replace(used.level, sigma=min(scaled(needs.SIGMA, lambda laws: laws.level.sigma), 4.0)),
        activity=activity,
        drift=Drift(
            min(scaled(needs.DRIFT, lambda laws: laws.drift.sd), 3.0),
            scaled(needs.FORGETS, lambda laws: laws.drift.days),
        ),
        day=replace(used.day, shape=scaled(needs.SHAPE, lambda laws: laws.day.shape)),
        week=week,
    )


def _factors(
    used: Laws, file: Laws, seen: Sequence[Laws], value: Callable[[Laws], tuple[float, ...]]
) -> tuple[float, ...]:
    """The seven factors of the week, each scaled by itself."""
    days = range(len(value(used)))
    return tuple(_scaled(value(used)[day], value(file)[day], [value(laws)[day] for laws in seen]) for day in days)


def _scaled(used: float, file: float, seen: Sequence[float]) -> float:
    mean = float(np.mean(seen))
    return used * min(max(file / mean, 1 / _MOST), _MOST) if mean > 0 and file > 0 else used


def _shocks(used: Estimates, file: Estimates, seen: Sequence[Estimates]) -> Shocks:
    """Variances are moved by differences: small ones may come out as nothing in single draws."""

    def variance(need: Need, value: Callable[[Shocks], float]) -> float:
        if _origin(used.origins, need) == SHIPPED:
            return value(used.shocks) ** 2
        mean = float(np.mean([value(estimates.shocks) ** 2 for estimates in seen]))
        return max(value(used.shocks) ** 2 + value(file.shocks) ** 2 - mean, 0.0)

    daily = math.sqrt(variance(needs.DAILY, lambda shocks: shocks.daily_sd))
    slow = math.sqrt(variance(needs.SLOW, lambda shocks: shocks.slow_sd))
    return replace(used.shocks, daily_sd=min(daily, 3.0), slow_sd=min(slow, 3.0))


def _origin(origins: Mapping[str, str], need: Need) -> str:
    return origins.get(need.quantity, SHIPPED)


def _logit(activity: Activity) -> float:
    return math.log(activity.alpha / activity.beta)


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))
