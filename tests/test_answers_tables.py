"""The answers as tables, charts and words on the terminal; the levels they go by, and what is refused in them."""

import csv
import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import planshift
from answering import CHAT, DEMO, answered, shipped
from command import run
from planshift.impact.answers.levels import read_levels, shipped_levels
from planshift.plans.files import folder
from planshift.problems import InputError
from planshift.reports.answers.tables import ANSWER_TABLES, answer_values
from planshift.reports.charts.answers import SeatPanel, Setting, Way, answer_charts, break_even, early_moves
from planshift.reports.charts.chart import Chart, Panel
from planshift.reports.charts.kinds import TornadoBar, tornado
from planshift.reports.charts.picture import png
from planshift.reports.table import csv_text
from test_charts import assert_readable

LEVELS = folder("reports") / "answers.yaml"


@cache
def rows(path: Path) -> dict[str, list[dict[str, str]]]:
    """Every table of a shipped scenario's answers as a reader of the CSV file sees it."""
    found = answer_values(answered(path))
    return {table.name: list(csv.DictReader(csv_text(table, values).splitlines())) for table, values in found}


@pytest.mark.parametrize("path", [DEMO, CHAT], ids=lambda path: path.stem)
def test_every_table_has_its_columns_and_rows_of_one_length(path: Path) -> None:
    found = answer_values(answered(path))
    assert [table for table, _ in found] == list(ANSWER_TABLES)
    for table, values in found:
        assert tuple(values) == table.header
        assert len({len(cells) for cells in values.values()}) == 1


def test_the_tables_say_what_the_answers_say() -> None:
    found = rows(DEMO)
    assert [row["p50"] for row in found["range"]] == ["59462.25", "74164.45", "14702.20"]
    assert [(row["seat"], row["usage"], row["beyond"]) for row in found["break_even"]] == [
        ("standard", "20.00", "dearer"),
        ("premium", "180.00", "dearer"),
        ("", "55.86", "dearer"),
    ]
    assert [row["name"] for row in found["who"] if row["of"] == "members"] == ["cheaper", "dearer", "about the same"]
    limit = found["recommendations"][0]
    assert (limit["key"], limit["value"], limit["agreed"], limit["level"]) == (
        "organization_limit",
        "6000.00",
        "5500.00",
        "5.0",
    )
    assert found["recommendations"][-1]["names"] == "frida; ivo; willem"
    assert found["what_if"][0]["title"] == "As it stands"
    assert {row["draws"] for name in ("who", "limits", "what_if") for row in found[name]} == {"1"}


def test_cash_of_early_moves_adds_up_by_move() -> None:
    found = rows(DEMO)
    moves = {(row["day"], row["credit"]) for row in found["early"]}
    assert {(row["day"], row["credit"]) for row in found["early_cash"]} == moves
    assert len(moves) == len(found["early"])


def test_seats_that_break_even_nowhere_have_a_row_that_says_so() -> None:
    found = {row["seat"]: row for row in rows(CHAT)["break_even"]}
    assert (found["chat"]["usage"], found["chat"]["beyond"]) == ("", "dearer")
    assert found["chat_claude_code"]["beyond"] == "about the same"


# --- charts -----------------------------------------------------------------------------------------------------------


def charts(path: Path) -> dict[str, Chart]:
    scenario = shipped(path)
    old = scenario.contract.plan
    new = scenario.catalogue.plan(old.successor(scenario.term.renewal))
    return answer_charts(answered(path), Setting(scenario.catalogue, old, new, "", ("A note.",)))


def test_a_plan_that_cannot_be_left_early_has_no_chart_of_it() -> None:
    assert sorted(charts(DEMO)) == ["break_even", "early", "tornado"]
    assert sorted(charts(CHAT)) == ["break_even", "tornado"]


@pytest.mark.parametrize("path", [DEMO, CHAT], ids=lambda path: path.stem)
def test_the_same_answers_give_the_same_pictures(path: Path) -> None:
    for chart in charts(path).values():
        assert png(chart) == png(chart)
        assert chart.alt.endswith(".")
        assert chart.footnotes[0] == "A note."


def seat(*members: int, **others: Any) -> SeatPanel:
    plain = {"heading": "Seat", "old": ((0, 1_000),), "new": ((0, 1_000),), "old_slope": 1.0, "new_slope": 1.0}
    return SeatPanel(**{**plain, "crossings": (), "members": members, "standing": "Nobody", **others})


def first_and_renewal() -> tuple[date, date]:
    term = shipped(DEMO).term
    return term.start, term.renewal


TWO_CROSSINGS = seat(
    *range(0, 90_000, 100),
    heading="Seat " * 30,
    old=((0, 3_000), (2_173, 3_000)),
    new=((0, 2_000),),
    new_slope=0.8,
    crossings=(1_250, 5_863),
    standing="Standing " * 20,
)
EDGES: dict[str, tuple[Panel, ...]] = {
    "one bar": (tornado([TornadoBar("Usage", (("1.2: +1.00", 100),))], 0, "US dollars"),),
    "two on one side": (tornado([TornadoBar("x" * 200, (("a", 6_000), ("b", 9_000)))] * 12, 5_000, "US dollars"),),
    "one way, one day": (early_moves(first_and_renewal(), [Way("w", ((-900, -500, -100), (0, 0, 0)))], "US dollars"),),
    "nobody": break_even([seat()], "US dollars", "US dollars"),
    "two crossings, many members": break_even([TWO_CROSSINGS], "US dollars", "US dollars"),
}


@pytest.mark.parametrize("panels", [*EDGES.values()], ids=[*EDGES])
def test_every_text_is_whole_and_apart_from_the_others(panels: tuple[Panel, ...]) -> None:
    assert_readable(Chart("T", (), "A.", (panels,)))


@pytest.mark.parametrize("path", [DEMO, CHAT], ids=lambda path: path.stem)
def test_so_is_every_text_of_the_charts_that_people_get(path: Path) -> None:
    for chart in charts(path).values():
        assert_readable(chart)


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_prints_break_even_recommendations_and_what_ifs() -> None:
    answer = run("renew", CHAT, "--what-if", folder("plans") / "overlays" / "credits_expire.yaml")
    assert answer.status == 0
    for heading in ("Break-even: usage", "Recommended for the new plan", "What if, US dollars"):
        assert heading in answer.out
    assert "Credits that expire after twelve months" in answer.out


@pytest.mark.usefixtures("no_pictures")
def test_the_manifest_names_what_the_answers_were_made_from(tmp_path: Path) -> None:
    overlay = folder("plans") / "overlays" / "credits_expire.yaml"
    planshift.renew(CHAT, what_ifs=[overlay]).write(tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    paths = [one["path"] for one in manifest["inputs"]]
    assert {"reports/answers.yaml", "plans/overlays/seat_price_22.yaml"} <= set(paths)
    assert len(paths) == len(set(paths))
    assert "--what-if" in manifest["command"]
    assert {f"{table.name}.csv" for table in ANSWER_TABLES} <= {one["name"] for one in manifest["files"]}


# --- levels -----------------------------------------------------------------------------------------------------------

REFUSED = [
    ("years_beyond: 0.05", "years_beyond: 5", "write a share between 0 and 1: 0.05 for one in twenty"),
    ("bins: 4", "bins: 0", "'bins' must be at least 1"),
    ("overlay: seat_price_22", "overlay: seat_price_2", "there is no overlay 'seat_price_2' - did you mean"),
    ("overlay: credits_expire", "overlay: nothing_like_it", "name a file of plans/overlays without its ending"),
    ("trial_draws: 40", "trail_draws: 40", "did you mean 'trial_draws'?"),
]


@pytest.mark.parametrize(("said", "instead", "words"), REFUSED, ids=[instead for _, instead, _ in REFUSED])
def test_levels_that_make_no_sense_are_refused(said: str, instead: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(LEVELS.read_text().replace(said, instead))
    with pytest.raises(InputError) as refused:
        read_levels(file)
    assert words in str(refused.value)


def test_the_shipped_levels_are_one_in_twenty() -> None:
    levels = shipped_levels()
    assert (levels.years_beyond * 20, levels.members_beyond * 20) == (1, 1)
    assert (levels.organization_step, levels.member_step, levels.credit_step) == (10_000, 1_000, 5_000)
