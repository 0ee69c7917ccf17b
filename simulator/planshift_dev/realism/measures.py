"""The statistics that realism is judged by, each by the name that ``reports/realism.yaml`` calls it by.

A measure goes from what some users used to one number; where users are few, it is taken of many such groups.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from statistics import NormalDist
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from planshift.usage import statistics as of

Floats: TypeAlias = npt.NDArray[np.float64]

_FRIDAY: Final = 4
_WORKDAYS: Final = 5
_DAYS_A_MONTH: Final = 365.25 / 12
_DAYS_IN_COMMON: Final = 20


@dataclass(frozen=True)
class Tokens:
    """Tokens of users on a surface: by class (days, members), by model (members); ``spend``: what they cost, USD."""

    by_class: Mapping[str, Floats]
    by_model: Mapping[str, Floats]
    spend: float

    @cached_property
    def total(self) -> Floats:
        """Tokens of all classes, shape (days, members)."""
        total: Floats = np.sum([*self.by_class.values()], axis=0)
        return total

    def sums(self) -> dict[str, float]:
        """All tokens by class; a class that nobody used is 0."""
        return {name: float(array.sum()) for name, array in self.by_class.items()}


@dataclass(frozen=True)
class Users:
    """What users spent at list price, US dollars, shape (days, members), from ``start`` on; their tokens where known.

    ``tokens`` are looked at on one surface.
    """

    start: date
    spend: Floats
    tokens: Tokens | None = None

    @property
    def totals(self) -> Floats:
        """What each of those who used anything spent."""
        sums: Floats = self.spend.sum(axis=0)
        return sums[sums > 0]

    @property
    def per_active_day(self) -> Floats:
        """What each of them spent on an active day, on average."""
        means = of.per_active_day(self.spend)
        return means[np.isfinite(means)]

    def window(self, days: int) -> Users:
        """Their first ``days`` days; of tokens those by class."""
        by_class = {name: array[:days] for name, array in self.tokens.by_class.items()} if self.tokens else {}
        tokens = replace(self.tokens, by_class=by_class) if self.tokens else None
        return replace(self, spend=self.spend[:days], tokens=tokens)

    def some(self, first: int, count: int) -> Users:
        """``count`` of the users, without their tokens."""
        return Users(self.start, self.spend[:, first : first + count])


Measure: TypeAlias = Callable[[Users], float]


def _top(share: float) -> Measure:
    return lambda users: of.top_share(users.totals, share)


def _ratio(upper: float, lower: float) -> Measure:
    return lambda users: float(np.percentile(users.totals, upper) / np.percentile(users.totals, lower))


def sigma_of_gini(gini: float) -> float:
    """The sigma of the log-normal that has this Gini coefficient: Gini = 2Φ(σ/√2) − 1."""
    return float(np.sqrt(2) * NormalDist().inv_cdf((gini + 1) / 2))


def _usd_per_active_day(users: Users) -> float:
    return float(users.spend.sum() / np.count_nonzero(users.spend))


def _usd_per_month(users: Users) -> float:
    return float(users.totals.mean()) / len(users.spend) * _DAYS_A_MONTH


def _active_days_per_month(users: Users) -> float:
    return float(of.active_days(users.spend).mean()) / of.MONTH * _DAYS_A_MONTH


def _of_days(measure: Callable[[Floats], float]) -> Measure:
    """A measure of active days, each over its user's mean."""
    return lambda users: measure(of.within_members(users.spend))


def _top_tenth_of_days(users: Users) -> float:
    """What a tenth of their active days carry, the mean of users with twenty or more."""
    columns = [column[column > 0] for column in users.spend.T]
    return float(np.mean([of.top_share(days, 0.1) for days in columns if len(days) >= 20]))


def _weekend(users: Users) -> float:
    week = of.weekday_profile(users.spend, users.start)
    return float(week[_WORKDAYS:].mean() / week[:_WORKDAYS].mean())


def _friday(users: Users) -> float:
    week = of.weekday_profile(users.spend, users.start)
    return float(week[_FRIDAY] / week[:_FRIDAY].mean())


def _active(days: slice) -> Measure:
    return lambda users: float(of.activity_profile(users.spend, users.start)[days].mean())


def _after(active: bool) -> Measure:
    """How often users are active on the day after an active day, or after an idle one."""

    def measure(users: Users) -> float:
        used = users.spend[:, users.spend.any(axis=0)] > 0
        return float(used[1:][used[:-1] == active].mean())

    return measure


def _lag(days: int) -> Measure:
    return lambda users: float(of.autocorrelation(users.spend, [days])[0])


def _known(users: Users) -> Tokens:
    if users.tokens is None:
        raise ValueError("the tokens of these users are not known")
    return users.tokens


def _tokens(measure: Callable[[dict[str, float]], float]) -> Measure:
    """A measure of all tokens by class."""
    return lambda users: measure(_known(users).sums())


def _inputs(sums: Mapping[str, float]) -> float:
    return sum(sums.values()) - sums["output"]


def _cache_of_users(percent: float) -> Measure:
    """A percentile over users of the cache-read share of their input."""

    def measure(users: Users) -> float:
        tokens = _known(users)
        read = tokens.by_class["cache_read"].sum(axis=0)
        inputs = (tokens.total - tokens.by_class["output"]).sum(axis=0)
        return float(np.percentile(read[inputs > 0] / inputs[inputs > 0], percent))

    return measure


def _cache_of_days(percent: float) -> Measure:
    """The median over users of a percentile over their days of the cache-read share of the day's input."""

    def measure(users: Users) -> float:
        tokens = _known(users)
        inputs = tokens.total - tokens.by_class["output"]
        shares = np.where(inputs > 0, tokens.by_class["cache_read"] / np.where(inputs > 0, inputs, 1), np.nan)
        used = np.isfinite(shares).any(axis=0)
        return float(np.median(np.nanpercentile(shares[:, used], percent, axis=0)))

    return measure


def _preferred_model(users: Users) -> float:
    models = np.stack([*_known(users).by_model.values()])
    sums = models.sum(axis=0)
    return float(np.median(models.max(axis=0)[sums > 0] / sums[sums > 0]))


def _usd_per_mtok(users: Users) -> float:
    tokens = _known(users)
    return tokens.spend / float(tokens.total.sum()) * 1e6


def month_changes(users: Users) -> Floats:
    """The logarithms of the changes from one month (28 days) of all these users together to the next."""
    totals = of.monthly_totals(users.spend)
    return np.diff(np.log(totals[totals > 0]))


def jumps(growth: float = 0.0) -> Measure:
    """How often a month is more than half above the one before, with so much growth a month on top."""
    return lambda users: float((month_changes(users) + np.log1p(growth) > np.log(1.5)).mean())


def _together(values: Floats) -> float:
    """The mean correlation of two members' days, shape (days, members); NaN is a day left out.

    Members with fewer than twenty days are left out, and so are pairs with fewer days in common.
    """
    values = values[:, np.isfinite(values).sum(axis=0) >= _DAYS_IN_COMMON]
    known = np.isfinite(values)
    scores = np.where(known, values - np.nanmean(values, axis=0), 0.0)
    deviation = np.sqrt((scores**2).sum(axis=0) / known.sum(axis=0))
    scores, seen = scores[:, deviation > 0] / deviation[deviation > 0], known[:, deviation > 0].astype(np.float64)
    pairs = np.triu(np.ones((scores.shape[1],) * 2, dtype=bool), 1)
    both = (seen.T @ seen)[pairs]
    products = (scores.T @ scores)[pairs]
    enough = both >= _DAYS_IN_COMMON
    return float((products[enough] / both[enough]).mean())


def _workdays(users: Users) -> Floats:
    """The days from Monday to Thursday, whose volumes are alike."""
    return users.spend[of.weekdays(users.start, len(users.spend)) < _FRIDAY]


def _active_together(users: Users) -> float:
    used = _workdays(users) > 0
    return _together(used[:, used.any(axis=0)].astype(np.float64))


def _much_together(users: Users) -> float:
    days = _workdays(users)
    return _together(np.where(days > 0, np.log(np.where(days > 0, days, 1.0)), np.nan))


def _late_december(users: Users) -> float:
    """Activity on weekdays from 24 December to 1 January over that of the other weekdays."""
    days = [users.start + timedelta(days=number) for number in range(len(users.spend))]
    late = np.array([(day.month, day.day) >= (12, 24) or (day.month, day.day) == (1, 1) for day in days])
    workday = of.weekdays(users.start, len(days)) < _WORKDAYS
    active = (users.spend > 0).mean(axis=1)
    return float(active[late & workday].mean() / active[~late & workday].mean())


def distance_to(quantiles: Mapping[float, float]) -> Callable[[Floats], float]:
    """The largest distance, at known quantiles of a distribution, between it and that of a sample."""
    return lambda values: max(abs(float((values <= at).mean()) - share) for share, at in quantiles.items())


JUMPS: Final = "month_jump"
"""The measure that growth comes on top of."""

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "gini": lambda users: of.gini(users.totals),
        "gini_per_active_day": lambda users: of.gini(users.per_active_day),
        "gini_of_tokens": lambda users: of.gini(_known(users).total.sum(axis=0)),
        "sigma_of_gini": lambda users: sigma_of_gini(of.gini(users.totals)),
        "sigma_of_gini_of_tokens": lambda users: sigma_of_gini(of.gini(_known(users).total.sum(axis=0))),
        "sigma_per_active_day": lambda users: float(np.log(users.per_active_day).std(ddof=1)),
        "sigma": lambda users: float(np.log(users.totals).std(ddof=1)),
        "top_1_percent": _top(0.01),
        "top_5_percent": _top(0.05),
        "top_10_percent": _top(0.10),
        "top_20_percent": _top(0.20),
        "p90_over_p50": _ratio(90, 50),
        "p99_over_p50": _ratio(99, 50),
        "most_over_median": _ratio(100, 50),
        "usd_per_active_day": _usd_per_active_day,
        "usd_per_active_day_p90": lambda users: float(np.percentile(users.per_active_day, 90)),
        "usd_per_active_day_p50": lambda users: float(np.median(users.per_active_day)),
        "p90_over_mean": lambda users: of.percentile_over_mean(users.per_active_day, 90),
        "usd_per_month": _usd_per_month,
        "active_days_per_month": _active_days_per_month,
        "gini_of_days": _of_days(of.gini),
        "cv_of_days": _of_days(lambda days: float(days.std())),
        "top_tenth_of_days": _top_tenth_of_days,
        "weekend_over_weekday": _weekend,
        "friday_over_other_weekdays": _friday,
        "active_on_weekdays": _active(slice(0, _WORKDAYS)),
        "active_on_weekends": _active(slice(_WORKDAYS, of.WEEK)),
        "active_after_active": _after(active=True),
        "active_after_idle": _after(active=False),
        "late_december": _late_december,
        "lag_1": _lag(1),
        "lag_7": _lag(7),
        "lag_28": _lag(28),
        "cache_read_share": _tokens(lambda sums: sums["cache_read"] / sum(sums.values())),
        "cache_read_of_input": _tokens(lambda sums: sums["cache_read"] / _inputs(sums)),
        "cache_read_of_input_p10": _cache_of_users(10),
        "cache_read_of_input_p50": _cache_of_users(50),
        "cache_read_of_input_p90": _cache_of_users(90),
        "cache_read_of_days_p10": _cache_of_days(10),
        "cache_read_of_days_p90": _cache_of_days(90),
        "output_share": _tokens(lambda sums: sums["output"] / sum(sums.values())),
        "input_per_output": _tokens(lambda sums: _inputs(sums) / sums["output"]),
        "new_input_per_output": _tokens(lambda sums: (_inputs(sums) - sums["cache_read"]) / sums["output"]),
        "cache_read_per_output": _tokens(lambda sums: sums["cache_read"] / sums["output"]),
        "preferred_model": _preferred_model,
        "usd_per_mtok": _usd_per_mtok,
        "month_change_sd": lambda users: of.log_change_sd(of.monthly_totals(users.spend)),
        JUMPS: jumps(),
        "active_together": _active_together,
        "much_together": _much_together,
    }
)
