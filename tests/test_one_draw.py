"""One draw is no case of its own: every command writes the same tables and columns in one draw and in three."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from command import EXAMPLES, run
from drawn_scenarios import PLANS, company

COMMANDS: dict[str, list[str]] = {"simulate": [], "compare": ["--plans", ",".join(PLANS)], "renew": []}
every = pytest.mark.parametrize("command", COMMANDS)
pytestmark = pytest.mark.usefixtures("no_pictures")


def headers(out: Path) -> dict[str, list[str]]:
    """The columns of each table of a folder, by the name of its file."""
    return {path.name: next(csv.reader(path.read_text().splitlines())) for path in sorted(out.glob("*.csv"))}


@every
def test_tables_and_columns_do_not_depend_on_how_many_draws_there_are(command: str, tmp_path: Path) -> None:
    found = {}
    for draws in (1, 3):
        out = tmp_path / str(draws)
        words = [command, company(tmp_path), *COMMANDS[command], "--draws", draws, "--budget", 17_000, "--out", out]
        assert run(*words).status == 0
        found[draws] = headers(out)
    assert found[1] == found[3]
    assert found[1]["invoices.csv"][0] == found[1]["months.csv"][0] == "draw"


@every
def test_the_first_of_three_draws_is_the_only_one_of_one(command: str, tmp_path: Path) -> None:
    for draws in (1, 3):
        run(command, company(tmp_path), *COMMANDS[command], "--draws", draws, "--out", tmp_path / str(draws))
    for name, header in headers(tmp_path / "1").items():
        if header[0] == "draw":
            alone, first = ((tmp_path / folder / name).read_text().splitlines() for folder in ("1", "3"))
            assert alone[1:] == [line for line in first if line.startswith("0,")], name


@every
def test_plain_data_has_the_same_keys(command: str, tmp_path: Path) -> None:
    one, three = (
        run(command, company(tmp_path), *COMMANDS[command], "--draws", draws, "--json").data for draws in (1, 3)
    )
    assert one.keys() == three.keys()
    assert one["tables"].keys() == three["tables"].keys()


@every
def test_usage_that_is_measured_has_no_draws(command: str, tmp_path: Path) -> None:
    scenario = EXAMPLES / "renewal_standard_premium.yaml"
    assert run(command, scenario, *COMMANDS[command], "--out", tmp_path / "run").status == 0
    for header in headers(tmp_path / "run").values():
        assert "draw" not in header


def test_a_forecast_has_the_same_tables_columns_and_keys_in_one_draw_and_in_three(tmp_path: Path) -> None:
    assert run("portfolio", "sample", "--accounts", 4, "--out", tmp_path / "portfolio").status == 0
    found, data = {}, {}
    for draws in (1, 3):
        out = tmp_path / str(draws)
        words = ["forecast", tmp_path / "portfolio" / "portfolio.yaml", "--months", 3, "--draws", draws, "--out", out]
        data[draws] = run(*words, "--json").data
        found[draws] = headers(out)
    assert found[1] == found[3]
    assert data[1].keys() == data[3].keys()
    assert data[1]["tables"].keys() == data[3]["tables"].keys()
