"""The comparison: the same demand through each plan, totals, months and members that add up, and how it is told."""

import csv
import json
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

import planshift
from command import EXAMPLES, floats_in, run
from planshift.plans.files import folder
from planshift.problems import InputError
from planshift.reports.comparison.comparison import ComparisonResult
from planshift.reports.comparison.tables import COMPARISON_TABLES

STANDARD_PREMIUM = EXAMPLES / "renewal_standard_premium.yaml"
CHAT = EXAMPLES / "renewal_chat_claude_code.yaml"
DEMO = folder("scenarios") / "renewal_demo.yaml"
USAGE = (EXAMPLES / "usage_small.csv").read_text()
ALTERNATIVES = """\
alternatives:
  legacy_chat_claude_code:
    members: {standard: chat, premium: chat_claude_code}
"""


@cache
def compared(path: Path, *plans: str) -> ComparisonResult:
    return planshift.compare(path, plans)


def three(place: Path) -> Path:
    """The example with what its customer would have on the third plan, too."""
    (place / "usage_small.csv").write_text(USAGE)
    (place / "scenario.yaml").write_text(STANDARD_PREMIUM.read_text() + ALTERNATIVES)
    return place / "scenario.yaml"


def limits(place: Path) -> Path:
    """The example with limits, with what its customer would have on Standard and Premium seats."""
    (place / "usage_small.csv").write_text(USAGE)
    there = "alternatives: {legacy_standard_premium: {members: {enterprise: standard}}}\n"
    (place / "limits.yaml").write_text((EXAMPLES / "limits_and_alerts.yaml").read_text() + there)
    return place / "limits.yaml"


ALL = ("legacy_standard_premium", "enterprise", "legacy_chat_claude_code")


def row_of(found: ComparisonResult, plan: str) -> dict[str, object]:
    totals = found.tables["totals"]
    row: dict[str, object] = totals[totals["plan"] == plan].iloc[0].to_dict()
    return row


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_seats_cost_their_share_of_the_year() -> None:
    # Of 365 days the horizon has 61: 13,200 x 61 / 365 and 45,600 x 61 / 365
    found = compared(STANDARD_PREMIUM, "enterprise", "legacy_standard_premium")
    assert found.tables["totals"]["seat_fees"].tolist() == [Decimal("2206.03"), Decimal("7620.82")]
    assert found.tables["totals"]["seats"].tolist() == [55, 55]


def test_a_day_of_a_leap_year_is_one_of_366(tmp_path: Path) -> None:
    # A term from 2027-10-01 has 29 February 2028: 13,200 x 61 / 366 and 45,600 x 61 / 366
    (tmp_path / "usage_small.csv").write_text(USAGE)
    a_year_later = STANDARD_PREMIUM.read_text().replace("2026-10", "2027-10").replace("2025-10", "2026-10")
    (tmp_path / "scenario.yaml").write_text(a_year_later)
    found = planshift.compare(tmp_path / "scenario.yaml", ["enterprise", "legacy_standard_premium"])
    assert found.tables["totals"]["seat_fees"].tolist() == [Decimal("2200.00"), Decimal("7600.00")]


def test_what_chat_seats_do_not_open_is_what_the_enterprise_seat_bills_more() -> None:
    found = compared(CHAT, "enterprise", "legacy_chat_claude_code")
    enterprise, chat = (row_of(found, plan) for plan in ("enterprise", "legacy_chat_claude_code"))
    assert (enterprise["unavailable"], chat["unavailable"]) == (Decimal("0.00"), Decimal("46.78"))
    assert abs(enterprise["work_done"] - chat["work_done"] - chat["unavailable"]) <= Decimal("0.01")
    assert abs(enterprise["usage_billed"] - chat["usage_billed"] - chat["unavailable"]) <= Decimal("0.02")


def test_on_their_own_plan_a_customer_costs_what_a_simulation_says(tmp_path: Path) -> None:
    found = planshift.compare(limits(tmp_path), ["enterprise", "legacy_standard_premium"])
    months = planshift.simulate(tmp_path / "limits.yaml").tables["months"]
    enterprise = row_of(found, "enterprise")
    assert abs(enterprise["usage_billed"] - months["usage_billed"].sum()) <= Decimal("0.01")
    stopped = enterprise["blocked_member_limit"] + enterprise["blocked_organization_limit"]
    assert abs(stopped - months["blocked"].sum()) <= Decimal("0.01")


# --- adding up --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "plans"),
    [
        (STANDARD_PREMIUM, ("enterprise", "legacy_standard_premium")),
        (CHAT, ("legacy_chat_claude_code", "enterprise")),
        (DEMO, ("legacy_standard_premium", "enterprise")),
    ],
    ids=["standard_premium", "chat", "demo"],
)
def test_everything_adds_up(path: Path, plans: tuple[str, ...]) -> None:
    tables = compared(path, *plans).tables
    totals = tables["totals"].set_index("plan")
    first = totals["cost"].iloc[0]
    assert (totals["seat_fees"] + totals["usage_billed"] == totals["cost"]).all()
    assert (totals["cost"] - first == totals["difference"]).all()
    for plan in plans:
        of_plan = {name: table[table["plan"] == plan] for name, table in tables.items() if name != "winners"}
        assert of_plan["months"]["cost"].sum() == totals.loc[plan, "cost"]
        assert of_plan["invoices"]["amount"].sum() == totals.loc[plan, "invoiced"]
    members, winners = tables["members"], tables["winners"]
    assert winners["change"].sum() == members[members["plan"] == plans[1]]["change"].sum()
    assert winners["members"].sum() == len(members) // 2


def test_members_and_the_seats_that_nobody_has_cost_what_the_plan_costs() -> None:
    tables = compared(DEMO, "legacy_standard_premium", "enterprise").tables
    of_members = tables["members"].groupby("plan")["cost"].sum()
    totals = tables["totals"].set_index("plan")["cost"]
    # Ten Standard seats too many from the start, and four more from 2026-04-20 on for 1,338.67.
    idle = {"legacy_standard_premium": Decimal("6138.67"), "enterprise": Decimal(10 * 240) + Decimal("669.33")}
    assert [plan for plan in idle if abs(totals[plan] - of_members[plan] - idle[plan]) > Decimal("0.30")] == []


def test_a_plan_costs_the_same_in_whatever_order_it_is_named() -> None:
    one = compared(CHAT, "enterprise", "legacy_chat_claude_code")
    other = compared(CHAT, "legacy_chat_claude_code", "enterprise")
    for plan in ("enterprise", "legacy_chat_claude_code"):
        assert {**row_of(one, plan), "difference": 0} == {**row_of(other, plan), "difference": 0}


def test_three_plans_stand_side_by_side(tmp_path: Path) -> None:
    found = planshift.compare(three(tmp_path), ALL)
    assert found.tables["totals"]["plan"].tolist() == list(ALL)
    assert found.tables["members"]["plan"].tolist() == list(ALL) * 3
    assert found.tables["winners"]["plan"].unique().tolist() == list(ALL[1:])
    seats = found.tables["members"].set_index(["user_id", "plan"])["seat_type"]
    assert seats["ada", "legacy_chat_claude_code"] == "chat_claude_code"
    assert sorted(found.files()) == sorted(set(found.file_names) - {"manifest.json"})


# --- how it is told ---------------------------------------------------------------------------------------------------


def test_the_answer_says_which_is_cheapest_by_how_much_and_what_cannot_be_done() -> None:
    assert compared(CHAT, "enterprise", "legacy_chat_claude_code").answer == (
        "From 2026-10-01 to 2026-11-30 the cheapest plan is Chat and Chat + Claude Code seats (counterfactual) at "
        "1,947 USD, 848.99 USD (30.4 %) less than Enterprise, usage-based, at 2,796 USD; work that cannot be "
        "done: nothing on Enterprise, usage-based, and 46.78 USD on Chat and Chat + Claude Code seats."
    )


def test_where_the_first_plan_is_cheapest_the_next_is_held_against_it() -> None:
    answer = compared(STANDARD_PREMIUM, "enterprise", "legacy_standard_premium").answer
    assert "the cheapest plan is Enterprise, usage-based, at 2,505 USD; on Standard and Premium seats" in answer
    assert "(counterfactual) it is 5,200 USD (207.6 %) more;" in answer


def test_a_legacy_plan_beyond_its_renewal_is_called_a_counterfactual_wherever_it_is_shown() -> None:
    found = compared(STANDARD_PREMIUM, "enterprise", "legacy_standard_premium")
    name = "Standard and Premium seats (counterfactual)"
    assert name in found.answer
    assert found.notes[0].startswith("Standard and Premium seats: a counterfactual, for the plan ends on 2026-10-17")
    for table, values in found.values.values():
        legacy = [plan == "legacy_standard_premium" for plan in values["plan"]]
        assert list(values["counterfactual"]) == legacy, table.name
    for chart in found.charts.values():
        assert name in chart.alt
        assert found.notes[0] in chart.footnotes
    assert found.manifest()["counterfactual"] is True
    text = run("compare", STANDARD_PREMIUM, "--plans", "enterprise,legacy_standard_premium").out
    assert "legacy_standard_premium (counterfactual)" in text


def test_a_plan_that_could_be_had_is_no_counterfactual() -> None:
    found = compared(DEMO, "legacy_standard_premium", "enterprise")
    assert "counterfactual" not in found.answer
    assert not any(found.tables["totals"]["counterfactual"])
    assert found.manifest()["counterfactual"] is False


def test_a_legacy_plan_of_somebody_else_is_a_counterfactual(tmp_path: Path) -> None:
    found = planshift.compare(three(tmp_path), ["enterprise", "legacy_chat_claude_code"])
    assert found.tables["totals"]["counterfactual"].tolist() == [False, True]
    assert "the plan is not sold any more, and this customer does not have it" in found.notes[0]


def test_example_prices_and_assumed_values_are_said(tmp_path: Path) -> None:
    found = planshift.compare(three(tmp_path), ["enterprise", "legacy_chat_claude_code"])
    assert any("examples of the plan file" in note and "Chat seat at 10.00 USD" in note for note in found.notes)
    assert "Chat seat: opens Chat. (Other choices: chat, cowork.)" in [value.said for value in found.assumed]


def test_rows_of_usage_that_are_not_counted_are_said(tmp_path: Path) -> None:
    whole = planshift.compare(limits(tmp_path), ["enterprise", "legacy_standard_premium"])
    assert not any("outside the horizon" in note for note in whole.notes)
    text = (tmp_path / "limits.yaml").read_text().replace("months: 2", "months: 1")
    (tmp_path / "limits.yaml").write_text(text)
    half = planshift.compare(tmp_path / "limits.yaml", ["enterprise", "legacy_standard_premium"])
    november = USAGE.count("\n2026-11-")
    assert f"{november} of {USAGE.count(chr(10)) - 1} rows of usage lie outside the horizon" in " ".join(half.notes)


def test_the_command_prints_the_answer_the_totals_and_the_months() -> None:
    answer = run("compare", CHAT, "--plans", "enterprise,legacy_chat_claude_code")
    assert answer.first == compared(CHAT, "enterprise", "legacy_chat_claude_code").answer
    rows = [line.split() for line in answer.out.splitlines()]
    assert ["2026-11", "1,332.36", "908.13"] in rows
    assert ["total", "2,796.37", "1,947.38"] in rows
    assert run("compare", CHAT, "--plans", "enterprise, legacy_chat_claude_code", "-q").out == f"{answer.first}\n"


def test_json_has_the_same_numbers_as_text() -> None:
    data = run("compare", CHAT, "--plans", "enterprise,legacy_chat_claude_code", "--json").data
    assert data["cheapest"] == "legacy_chat_claude_code"
    assert [row["cost"] for row in data["tables"]["totals"]] == ["2796.37", "1947.38"]
    assert floats_in(data) == []


# --- the folder -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_pictures")
def test_the_folder_holds_tables_pictures_and_a_manifest(tmp_path: Path) -> None:
    out = tmp_path / "run"
    words = ["compare", CHAT, "--plans", "enterprise,legacy_chat_claude_code", "--plans-dir", folder("plans")]
    answer = run(*words, "--out", out)
    names = [*(f"{table.name}.csv" for table in COMPARISON_TABLES), "totals.png", "months.png", "members.png"]
    names.append("manifest.json")
    assert answer.out.splitlines()[-1] == f"Written to {out}: {', '.join(names)}"
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    manifest = json.loads((out / "manifest.json").read_text())
    assert " --plans enterprise,legacy_chat_claude_code --plans-dir " in manifest["command"]
    assert manifest["run"]["compared"] == ["enterprise", "legacy_chat_claude_code"]
    assert manifest["run"]["plans"] == str(folder("plans"))
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert run(*words, "--out", out).status == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.usefixtures("no_pictures")
def test_names_that_a_spreadsheet_would_take_for_formulas_are_plain_text(tmp_path: Path) -> None:
    (tmp_path / "usage_small.csv").write_text(USAGE.replace(",ben,", ",@sum,"))
    (tmp_path / "scenario.yaml").write_text(CHAT.read_text().replace("ben: chat", '"@sum": chat'))
    files = planshift.compare(tmp_path / "scenario.yaml", ["enterprise", "legacy_chat_claude_code"]).files()
    for name in ("members.csv", "invoices.csv"):
        cells = [cell for row in csv.reader(str(files[name]).splitlines()) for cell in row]
        assert "'@sum" in cells
        assert "@sum" not in cells


def test_a_folder_of_plans_has_two_names_where_plans_are_not_named() -> None:
    for option in ("--plans", "--plans-dir"):
        answer = run("simulate", EXAMPLES / "seats_added_mid_term.yaml", option, folder("plans"), "-q")
        assert answer.status == 0
        assert run("renew", CHAT, option, folder("plans"), "-q").status == 0


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "plans", "message"),
    [
        (CHAT, "enterprise", "--plans: there is nothing to compare: enterprise - name two plans or more"),
        (CHAT, "enterprise,enterprise", "--plans: there is nothing to compare: enterprise, enterprise"),
        (CHAT, ",", "--plans: there is nothing to compare"),
        (CHAT, "enterprise,enterprize", "--plans: no plan 'enterprize' - did you mean 'enterprise'?"),
        ("nowhere.yaml", "enterprise,enterprize", "nowhere.yaml: there is no such file"),
    ],
)
def test_what_cannot_be_compared_ends_with_status_2_and_writes_nothing(
    scenario: Path | str, plans: str, message: str, tmp_path: Path
) -> None:
    answer = run("compare", scenario, "--plans", plans, "--out", tmp_path / "run")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(message)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_where_plans_should_be_named_is_told_from_them() -> None:
    answer = run("compare", CHAT, "--plans", folder("plans"))
    assert answer.status == 2
    assert "a folder of plan files goes to --plans-dir" in answer.err


def test_without_plans_there_is_nothing_to_do() -> None:
    assert run("compare", CHAT).status == 2


@pytest.mark.parametrize(
    ("scenario", "plans", "message"),
    [
        (
            STANDARD_PREMIUM,
            ("legacy_standard_premium", "legacy_chat_claude_code"),
            "say so under alternatives.legacy_chat_claude_code.members, for example {standard: chat, premium: chat}",
        ),
        (
            EXAMPLES / "credits_reload.yaml",
            ("enterprise", "legacy_chat_claude_code"),
            "alternatives.legacy_chat_claude_code.members",
        ),
    ],
)
def test_what_the_scenario_does_not_say_is_asked_for(scenario: Path, plans: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError) as caught:
        planshift.compare(scenario, plans)
    assert message in caught.value.text()
    assert caught.value.problems[0].place.line
