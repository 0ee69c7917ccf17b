"""Invented portfolios: the same for the same seed, believable, right, and with a source for every figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planshift.portfolio.load import read_portfolio
from planshift.portfolio.portfolio import Portfolio
from planshift.portfolio.sample import Sample, distributions, portfolio_text, sample
from planshift.problems import InputError
from portfolios import catalogue


def read(made: Sample, folder: Path) -> Portfolio:
    (folder / "accounts.csv").write_text(made.csv(catalogue()), encoding="utf-8")
    (folder / "portfolio.yaml").write_text(portfolio_text(made.portfolio), encoding="utf-8")
    return read_portfolio(folder / "portfolio.yaml", catalogue())


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    texts = [sample(60, seed, catalogue()).csv(catalogue()) for seed in (3, 3, 4)]
    assert texts[0] == texts[1] != texts[2]


def test_an_account_is_the_same_however_many_there_are() -> None:
    assert sample(100, 5, catalogue()).accounts[:7] == sample(7, 5, catalogue()).accounts


@pytest.mark.parametrize("seed", range(3))
def test_a_sample_is_a_portfolio_without_mistakes(seed: int, tmp_path: Path) -> None:
    portfolio = read(sample(400, seed, catalogue()), tmp_path)
    assert len(portfolio.accounts) == 400
    for name in portfolio.scenarios:
        portfolio.under(name)


def test_another_start_moves_the_terms_along(tmp_path: Path) -> None:
    portfolio = read(sample(80, 1, catalogue(), date(2027, 7, 1)), tmp_path)
    starts = portfolio.accounts.numbers["term_start"]
    assert portfolio.start == date(2027, 7, 1)
    assert starts.min() >= date(2026, 7, 1).toordinal()


def test_sizes_plans_and_payment_are_as_the_file_says(tmp_path: Path) -> None:
    made, found = sample(3000, 2, catalogue()), distributions()
    rows = list(csv.DictReader(io.StringIO(made.csv(catalogue()))))
    for segment, share in found["segments"]["shares"].items():
        theirs = [row for row in rows if row["segment"] == segment]
        assert len(theirs) / len(rows) == pytest.approx(float(share), abs=0.03)
        members = [
            sum(int(count) for name, count in row.items() if name.startswith("members_") and count) for row in theirs
        ]
        law = found["segments"]["members"][segment]
        assert np.median(members) == pytest.approx(float(law["median"]), rel=0.1)
        assert law["least"] <= min(members) <= max(members) <= law["most"]
        for plan, part in found["plans"][segment].items():
            assert sum(row["plan"] == plan for row in theirs) / len(theirs) == pytest.approx(float(part), abs=0.06)
    ends = {row["payment_end_of_month"] for row in rows if row["region"] == "IT"}
    assert ends == {"", "before", "after"}
    assert {row["payment_end_of_month"] for row in rows if row["region"] == "US"} == {""}
    assert {row["plan"] for row in rows if row["migrate_on"]} == {"legacy_standard_premium"}
    assert 0 < sum(row["term_start"] > "2027" for row in rows) < 0.1 * len(rows)


def groups(data: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The outermost groups of figures."""
    for name, item in data.items():
        if isinstance(item, Mapping) and name != "horizon":
            yield f"{path}{name}", item


def test_every_group_of_figures_says_where_it_comes_from() -> None:
    silent = [
        name
        for name, group in groups(distributions())
        if not group.get("note") or not (group.get("reference") or group.get("assumed") is True)
    ]
    assert silent == []


def test_shares_add_up_to_one() -> None:
    found = distributions()
    shares = [found["segments"]["shares"], found["regions"]["shares"], *_named(found["plans"])]
    shares += [*_named(found["seat_types"]), *_named(found["usage"]["mixes"])]
    assert [one for one in shares if sum(one.values()) != 1] == []
    assert sum(found["term_starts"]["months"]) == 1
    assert [
        place for place, terms in found["payment"]["terms"].items() if sum(one["share"] for one in terms) != 1
    ] == []


def _named(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [item for item in data.values() if isinstance(item, Mapping)]


def test_a_title_like_a_formula_is_text_for_a_spreadsheet() -> None:
    made = Sample(({"account_id": "=1", "title": "@home", "seat_change": "-0.1"},), {})
    assert made.csv(catalogue()).splitlines()[1] == "'=1,'@home,-0.1"


def test_a_plan_that_is_not_there_is_told() -> None:
    from dataclasses import replace

    bare = replace(catalogue(), plans={"enterprise": catalogue().plans["enterprise"]})
    with pytest.raises(InputError, match="no plan 'legacy_"):
        sample(50, 1, bare)
