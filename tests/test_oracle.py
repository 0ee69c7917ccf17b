"""The slow biller gives the expected tables of every example, and bills that add up."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from oracle import bill
from oracle.reading import read_scenario, read_table, read_usage
from oracle.scenarios import Rows, Scenario, scenarios

EXAMPLES = Path(__file__).parent / "golden" / "examples"

drawn = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_oracle_gives_the_expected_tables_of_an_example(path: Path) -> None:
    scenario = read_scenario(path)
    rows = read_usage(path.parent / scenario["usage"]["file"]) if "usage" in scenario else []
    tables = bill(scenario, rows)
    for name in ("invoices", "members", "alerts", "stops"):
        assert getattr(tables, name) == read_table(EXAMPLES / "expected" / path.stem / f"{name}.csv"), name


def nanos(text: str) -> int:
    """A column of nine decimals as nano-dollars."""
    return int(Decimal(text).scaleb(9))


@drawn
@given(scenarios())
def test_what_was_metered_is_billed_or_blocked(drawn_scenario: tuple[Scenario, Rows]) -> None:
    tables = bill(*drawn_scenario)
    for row in tables.members:
        demand, unavailable, included, metered, billed, *blocked = map(nanos, row[3:])
        assert metered == billed + sum(blocked)
        assert 0 <= metered <= demand - unavailable - included


@drawn
@given(scenarios())
def test_months_add_up_to_the_ledger(drawn_scenario: tuple[Scenario, Rows]) -> None:
    scenario, rows = drawn_scenario
    tables = bill(scenario, rows)
    last = max((row[0] for row in tables.months), default="")
    ledger = sum(Decimal(line[7]) for line in tables.invoices if line[0][:7] <= last)
    assert sum(Decimal(row[6]) for row in tables.months) == ledger
    used = sum(nanos(row[7]) for row in tables.members)
    assert sum(nanos(row[7]) for row in tables.months) == used


@drawn
@given(scenarios(counterfactual=True))
def test_the_counterfactual_never_leaves_its_plan(drawn_scenario: tuple[Scenario, Rows]) -> None:
    scenario, rows = drawn_scenario
    tables = bill(scenario, rows, counterfactual=True)
    assert {row[1] for row in tables.months} == {scenario["contract"]["plan"]}
    assert "renewal" not in {stop[4] for stop in tables.stops}
