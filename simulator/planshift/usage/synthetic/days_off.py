"""The public holidays of a country, from the package ``holidays``."""

from __future__ import annotations

from datetime import date
from functools import lru_cache


@lru_cache(maxsize=1)
def countries() -> tuple[str, ...]:
    """The codes of the countries whose holidays are known, ISO 3166 with two letters, sorted."""
    from holidays.utils import list_supported_countries

    return tuple(sorted(code for code in list_supported_countries(include_aliases=False) if len(code) == 2))


@lru_cache(maxsize=16)
def days_off(country: str | None, first: date, last: date) -> frozenset[date]:
    """The public holidays of the whole country from ``first`` to ``last``, both included; none without a country.

    Holidays of a region or a trade do not count. Raises ValueError for a country that `countries` has not.
    """
    if country is None:
        return frozenset()
    if country not in countries():
        raise ValueError(f"'{country}' is not the code of a country whose holidays are known")
    from holidays import country_holidays

    years = range(first.year, last.year + 1)
    return frozenset(day for day in country_holidays(country, years=years) if first <= day <= last)
