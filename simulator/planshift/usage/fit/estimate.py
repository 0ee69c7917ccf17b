"""From volumes to the parameters of the generator's laws, put right by what the same estimators find in drawn usage.

Whole steps of tokens hide the smallest days, and members who never show are not in a file: both make estimates lean.
What generated usage shows too much of, a parameter gets less of, and the other way round.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planshift.usage.fit import activity, groups, volume
from planshift.usage.fit.activity import Chain, DayKinds, Flags
from planshift.usage.fit.groups import OF_FILE, OF_GROUP, SHIPPED, DataAmount, Group, Need, Places
from planshift.usage.fit.volume import (
    Floats,
    Levels,
    levels,
    log_mean,
    member_means,
    noise_of,
    rank_correlation,
    shape_of,
    slow_kernel,
    trigamma,
)
from planshift.usage.synthetic.persona import Activity, DayVolume, Drift, Level, Persona, Shocks, Week

LATE_DECEMBER = "late December"
_SHORT = 14
"""The lags, in days, from which the spread of days is taken where the drift is borrowed."""


@dataclass(frozen=True)
class Laws:
    """The parameters of a group's laws, and where each came from: by quantity (`groups.Need.quantity`) the group, the
    file or the shipped persona."""

    level: Level
    activity: Activity
    drift: Drift
    day: DayVolume
    week: Week
    origins: Mapping[str, str]


@dataclass(frozen=True)
class Estimates:
    """The laws of every group, in their order; what all share; growth in a month and its standard error."""

    laws: tuple[Laws, ...]
    shocks: Shocks
    per_month: float
    growth_error: float
    origins: Mapping[str, str]


def estimate(
    volumes: Floats,
    known: Flags,
    days: DayKinds,
    groups: Sequence[Group],
    shipped: Sequence[Persona],
    shocks: Shocks,
) -> Estimates:
    """The parameters that generate volumes like these, of shape (days, members), US dollars, on the days that are
    ``known`` of each member.

    ``shipped``, one for each group, and ``shocks`` stand in for what there is too
    little data for.
    """
    return _Estimator(volumes, known, days, groups, shocks).all(shipped)


class _Estimator:
    """Estimates of one array of volumes; those of all members are made once."""

    def __init__(self, volumes: Floats, known: Flags, days: DayKinds, groups: Sequence[Group], shocks: Shocks) -> None:
        self._active = volumes > 0
        with np.errstate(divide="ignore"):
            self._logs = np.where(self._active, np.log(volumes), np.nan)
        self._known, self._days, self._groups, self._shocks = known, days, groups, shocks
        self._everybody = np.arange(volumes.shape[1])

    def all(self, shipped: Sequence[Persona]) -> Estimates:
        """Weeks first, then what all share, then what is left to each group."""
        rough = [self._week(group.members, persona) for group, persona in zip(self._groups, shipped, strict=True)]
        for group, (week, _, _) in zip(self._groups, rough, strict=True):
            self._logs[:, group.members] -= np.log(np.maximum(week.volume, 1e-6))[self._days.weekdays][:, None]
        per_month, error, origins = self._growth()
        self._logs -= per_month * (np.arange(len(self._logs)) / volume.MONTH)[:, None]
        found, more = self._shared()
        laws = [
            self._laws(group.members, persona, found, *parts)
            for group, persona, parts in zip(self._groups, shipped, rough, strict=True)
        ]
        return Estimates(tuple(laws), found, float(np.expm1(per_month)), error, {**origins, **more})

    def _from(self, need: Need, members: Places) -> str:
        """Whose data a quantity of these members comes from."""
        if need.met_by(DataAmount.of(self._active[:, members])):
            return OF_GROUP
        return OF_FILE if need.met_by(DataAmount.of(self._active)) else SHIPPED

    def _those(self, origin: str, members: Places) -> Places:
        return members if origin == OF_GROUP else self._everybody

    def _week(self, members: Places, persona: Persona) -> tuple[Week, float, dict[str, str]]:
        """The factors by weekday, and the persistence."""
        origins = {need.quantity: self._from(need, members) for need in (groups.PERSISTENCE, groups.WEEK)}
        stays = persona.activity.persistence
        origin = origins[groups.PERSISTENCE.quantity]
        if origin != SHIPPED:
            shown = activity.persistence(self._active[:, self._those(origin, members)], self._days)
            stays = shown if np.isfinite(shown) else stays
        origin = origins[groups.WEEK.quantity]
        if origin == SHIPPED:
            return persona.week, stays, origins
        those = self._those(origin, members)
        on = activity.day_factors(self._active[:, those], self._days)
        of = activity.volume_factors(self._logs[:, those], self._days.weekdays)
        week = replace(persona.week, activity=tuple(on.tolist()), volume=tuple(of.tolist()))
        late = activity.late_factor(self._active[:, those], self._days, on)
        if late is not None:
            return replace(week, late_december=late), stays, {**origins, LATE_DECEMBER: origin}
        return week, stays, origins

    def _growth(self) -> tuple[float, float, dict[str, str]]:
        """Growth of the logarithm in a month: only where it is more than chance."""
        slope, error = volume.trend(self._logs, self._shocks.slow_sd, self._shocks.slow_days)
        enough = groups.GROWTH.met_by(DataAmount.of(self._active))
        plain = enough and volume.is_plain(slope, error)
        origins = {groups.GROWTH.quantity: OF_FILE if enough else SHIPPED}
        return (slope if plain else 0.0), error, origins

    def _shared(self) -> tuple[Shocks, dict[str, str]]:
        held = DataAmount.of(self._active)
        origins = {need.quantity: OF_FILE if need.met_by(held) else SHIPPED for need in (groups.DAILY, groups.SLOW)}
        if origins[groups.DAILY.quantity] == SHIPPED:
            return self._shocks, origins
        seen = volume.variogram(self._logs, volume.lags_for(held.days))
        slow = None if origins[groups.SLOW.quantity] == OF_FILE else self._shocks.slow_sd
        daily, slow_sd = volume.fit_shared(seen.lags, seen.shared, seen.pairs, self._shocks.slow_days, slow)
        return Shocks(daily, slow_sd, self._shocks.slow_days), origins

    def _laws(
        self, members: Places, persona: Persona, shocks: Shocks, week: Week, stays: float, origins: Mapping[str, str]
    ) -> Laws:
        drifts, day, more = self._changes(members, persona, shocks)
        sigma = self._from(groups.SIGMA, members)
        noise = trigamma(day.shape) + shocks.daily_sd**2
        kernel = slow_kernel(len(self._logs), drifts.sd, drifts.days, noise, day.correlation)
        found = self._levels(members, kernel, sigma, persona)
        chain = self._chain(members, week)
        of_activity, of_rank = self._from(groups.ACTIVITY, members), self._from(groups.RANK, members)
        alpha, beta = self._beta(chain, week, of_activity, persona)
        rank = persona.activity.with_level
        if of_rank == OF_GROUP:
            own = chain.variance / max(float(np.var(chain.members)), 1e-9)
            rank = rank_correlation(found.members, chain.members, found.reliability * min(own, 1.0))
        mean = found.mean + found.sigma**2 / 2 + drifts.sd**2 / 2 - log_mean(day.shape)
        mean += (shocks.daily_sd**2 + shocks.slow_sd**2) / 2
        return Laws(
            Level(float(np.exp(mean)), "usd", found.sigma),
            Activity(alpha, beta, rank, stays),
            drifts,
            day,
            week,
            {
                **origins,
                **more,
                groups.SIGMA.quantity: sigma,
                groups.ACTIVITY.quantity: of_activity,
                groups.RANK.quantity: of_rank if of_rank == OF_GROUP else SHIPPED,
            },
        )

    def _changes(self, members: Places, persona: Persona, shocks: Shocks) -> tuple[Drift, DayVolume, dict[str, str]]:
        """The slow drift and the days' own spread, from one variogram."""
        wanted = (groups.SHAPE, groups.DRIFT, groups.FORGETS)
        origins = {need.quantity: self._from(need, members) for need in wanted}
        drifts, day = persona.drift, persona.day
        of_shape, of_drift, of_days = (origins[need.quantity] for need in wanted)
        if of_shape == SHIPPED:
            return drifts, day, {need.quantity: SHIPPED for need in wanted}
        noise, sd, forgets = self._fitted(self._those(of_shape, members), persona, shocks, None, drifts.sd)
        if of_drift != SHIPPED:
            days = drifts.days if of_days == SHIPPED else None
            if of_days == OF_FILE and of_drift == OF_GROUP:
                days = self._fitted(self._everybody, persona, shocks, None, None)[2]
            noise, sd, forgets = self._fitted(self._those(of_drift, members), persona, shocks, days, None)
            drifts = Drift(sd, forgets)
        return drifts, replace(day, shape=shape_of(noise)), origins

    def _fitted(
        self, members: Places, persona: Persona, shocks: Shocks, days: float | None, sd: float | None
    ) -> tuple[float, float, float]:
        """(noise, drift sd, drift days) of these members; ``days`` and ``sd`` where they are not to be fitted."""
        lags = volume.lags_for(len(self._logs))
        if sd is not None:
            lags = lags[lags <= _SHORT]
        seen = volume.variogram(self._logs[:, members], lags)
        shared = shocks.daily_sd**2 + shocks.slow_sd**2 * (1 - np.exp(-lags / shocks.slow_days))
        if sd is not None:
            rises = sd**2 * (1 - np.exp(-lags / persona.drift.days))
            own = (seen.whole - shared - rises) / (1 - np.power(persona.day.correlation, lags))
            known = np.isfinite(own) & (seen.pairs > 0)
            noise = float(np.average(own[known], weights=seen.pairs[known])) if known.any() else trigamma(1.0)
            return max(noise, 0.01), sd, persona.drift.days
        return volume.fit_own(lags, seen.whole - shared, seen.pairs, persona.day.correlation, days)

    def _levels(self, members: Places, kernel: Floats, origin: str, persona: Persona) -> Levels:
        means, noise = self._means(members, kernel)
        if origin == OF_GROUP:
            return levels(means, noise)
        if origin == SHIPPED:
            return levels(means, noise, persona.level.sigma)
        # Members of all groups, each about the mean of its own.
        centred, every = np.empty(self._logs.shape[1]), np.empty(self._logs.shape[1])
        for group in self._groups:
            own, every[group.members] = self._means(group.members, kernel)
            centred[group.members] = own - own.mean()
        return levels(means, noise, levels(centred, every).sigma)

    def _means(self, members: Places, kernel: Floats) -> tuple[Floats, Floats]:
        return member_means(self._logs[:, members]), noise_of(self._active[:, members], kernel)

    def _chain(self, members: Places, week: Week) -> Chain:
        factors = self._days.factors(week.activity, week.late_december)
        return activity.chain(self._active[:, members], self._known[:, members], factors)

    def _beta(self, chain: Chain, week: Week, origin: str, persona: Persona) -> tuple[float, float]:
        """Alpha and beta: of the group, or with its mean and the concentration of all members or the persona's."""
        if origin == OF_GROUP:
            return chain.alpha, chain.beta
        like = self._chain(self._everybody, week) if origin == OF_FILE else persona.activity
        mean = min(max(chain.mean, 0.02), 0.98)
        return (like.alpha + like.beta) * mean, (like.alpha + like.beta) * (1 - mean)


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

    q = _logistic(moved(groups.ACTIVITY, lambda laws: _logit(laws.activity)))
    together = scaled(groups.ACTIVITY, lambda laws: laws.activity.alpha + laws.activity.beta)
    activity = Activity(
        alpha=together * q,
        beta=together * (1 - q),
        with_level=float(np.clip(moved(groups.RANK, lambda laws: laws.activity.with_level), -_CLOSEST, _CLOSEST)),
        persistence=float(np.clip(moved(groups.PERSISTENCE, lambda laws: laws.activity.persistence), 0.0, _CLOSEST)),
    )
    week = used.week
    if own(groups.WEEK):
        on = _factors(used, file, seen, lambda laws: laws.week.activity)
        week = replace(week, activity=on, volume=_factors(used, file, seen, lambda laws: laws.week.volume))
    return replace(
        used,
        level=replace(used.level, sigma=min(scaled(groups.SIGMA, lambda laws: laws.level.sigma), 4.0)),
        activity=activity,
        drift=Drift(
            min(scaled(groups.DRIFT, lambda laws: laws.drift.sd), 3.0),
            scaled(groups.FORGETS, lambda laws: laws.drift.days),
        ),
        day=replace(used.day, shape=scaled(groups.SHAPE, lambda laws: laws.day.shape)),
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

    daily = math.sqrt(variance(groups.DAILY, lambda shocks: shocks.daily_sd))
    slow = math.sqrt(variance(groups.SLOW, lambda shocks: shocks.slow_sd))
    return replace(used.shocks, daily_sd=min(daily, 3.0), slow_sd=min(slow, 3.0))


def _origin(origins: Mapping[str, str], need: Need) -> str:
    return origins.get(need.quantity, SHIPPED)


def _logit(activity: Activity) -> float:
    return math.log(activity.alpha / activity.beta)


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))
