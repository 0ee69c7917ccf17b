"""What an organization's members share, by month: the daily model's shocks with the moments of their monthly means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from planshift.billing.schedule import next_month
from planshift.portfolio.factors import Factors
from planshift.usage.synthetic.calendar_effects import DAYS_OF_MONTH, log_factors
from planshift.usage.synthetic.persona import Bursts, Growth, Organization, Shocks
from planshift.usage.synthetic.streams import ORGANIZATION, Words, normals, starts

Floats = npt.NDArray[np.float64]

_WEEKDAYS = 5


def organization_factors(organization: Organization, months: Sequence[date], draws: range) -> Floats:
    """The factor on everybody's volume, shape (months, draws).

    Shocks are log-normal with the mean 1, and the variance and correlation that the monthly means of their logarithms
    have; growth is that of the month's middle; bursts at random are the mean of those that the daily model draws.
    """

    def stream(quantity: str) -> Words:
        return starts(organization.seed, (ORGANIZATION,), quantity, draws)[:, 0]

    result = np.exp(_slow(organization.shocks, len(months), stream("coarse slow")))
    result *= np.exp(_daily(organization.shocks, months, stream("coarse daily")))
    growth = organization.growth
    if growth.per_month or growth.sd_per_month:
        per_month = math.log1p(growth.per_month) + growth.sd_per_month * normals(stream("growth"))
        middles = [(month - organization.start).days / DAYS_OF_MONTH + 0.5 for month in months]
        result *= np.exp(np.maximum(0, np.array(middles))[:, None] * per_month)
    if organization.bursts.per_year:
        result *= _bursts(organization, months, draws)
    return result


def _slow(shocks: Shocks, months: int, stream: Words) -> Floats:
    """The mean over a month of an Ornstein-Uhlenbeck process, with the next month's correlation to it."""
    length = DAYS_OF_MONTH / shocks.slow_days
    kept = math.exp(-length)
    within = 2 * (length - 1 + kept)
    variance = shocks.slow_sd**2 * within / length**2
    correlation = (1 - kept) ** 2 / within
    result = normals(stream, count=months)
    for month in range(1, months):
        result[month] = correlation * result[month - 1] + math.sqrt(1 - correlation**2) * result[month]
    result *= math.sqrt(variance)
    result -= variance / 2
    return result


def _daily(shocks: Shocks, months: Sequence[date], stream: Words) -> Floats:
    """The mean of a month's days, of which those at weekends hardly count."""
    weekdays = np.array([_weekdays_of(month) for month in months])
    variance = np.log1p(math.expm1(shocks.daily_sd**2) / weekdays)[:, None]
    result: Floats = np.sqrt(variance) * normals(stream, count=len(months)) - variance / 2
    return result


def _weekdays_of(month: date) -> int:
    days = (next_month(month) - month).days
    return sum((month + timedelta(days=day)).weekday() < _WEEKDAYS for day in range(days))


def _bursts(organization: Organization, months: Sequence[date], draws: range) -> Floats:
    random = organization.bursts
    only = replace(
        organization,
        shocks=Shocks(0.0, 0.0, organization.shocks.slow_days),
        growth=Growth(),
        bursts=Bursts((), random.per_year, random.days, random.factor),
    )
    days = (next_month(months[-1]) - organization.start).days
    return by_month(np.exp(log_factors(only, days, draws)), organization.start, months)


def shared_factors(usage: Factors, months: Sequence[date]) -> Floats:
    """What all accounts share, as means by month, shape (months, draws); 1 before the horizon."""
    return by_month(usage.by_day, usage.start, months)


def by_month(factors: Floats, start: date, months: Sequence[date]) -> Floats:
    """Means by month of factors by day, shape (days, draws), from ``start`` on; 1 on days before it."""
    result = np.ones((len(months), factors.shape[1]))
    for number, month in enumerate(months):
        first, last = (month - start).days, (next_month(month) - start).days
        some = factors[max(0, first) : max(0, last)]
        if len(some):
            result[number] = (some.sum(axis=0) + (last - first - len(some))) / (last - first)
    return result
