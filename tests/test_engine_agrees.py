"""The engine and the slow biller give the same tables: invoices to the cent, members to the nano-dollar."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from engine import engine_tables
from oracle import bill
from oracle.reading import read_scenario, read_usage
from oracle.scenarios import Rows, Scenario, scenarios
from planshift.plans.catalogue import Catalogue, load_catalogue

EXAMPLES = Path(__file__).parent / "golden" / "examples"
TABLES = ("invoices", "members", "alerts", "stops", "months")

drawn = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


@cache
def catalogue() -> Catalogue:
    """Read once; a fixture would be printed whole with every falsified example."""
    return load_catalogue()


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_they_agree_on_every_example(path: Path, tmp_path: Path) -> None:
    scenario = read_scenario(path)
    rows = read_usage(path.parent / scenario["usage"]["file"]) if "usage" in scenario else []
    assert_same(scenario, rows, tmp_path)


@drawn
@given(drawn_one=scenarios())
def test_they_agree_on_drawn_scenarios(drawn_one: tuple[Scenario, Rows], tmp_path: Path) -> None:
    assert_same(*drawn_one, tmp_path)


@drawn
@given(drawn_one=scenarios(counterfactual=True))
def test_they_agree_on_plans_that_run_on_past_their_end(drawn_one: tuple[Scenario, Rows], tmp_path: Path) -> None:
    assert_same(*drawn_one, tmp_path, counterfactual=True)


def assert_same(scenario: Scenario, rows: Rows, folder: Path, *, counterfactual: bool = False) -> None:
    expected = bill(scenario, rows, counterfactual=counterfactual)
    found = engine_tables(scenario, rows, catalogue(), folder, counterfactual=counterfactual)
    for name in TABLES:
        assert found[name] == getattr(expected, name), name
