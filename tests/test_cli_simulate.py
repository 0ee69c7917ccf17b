"""``planshift simulate``: the answer first, tables, the folder, where things stand on a day, and errors."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

from command import EXAMPLES, floats_in, run
from planshift.plans.catalogue import PUBLISHED
from planshift.plans.files import folder

LIMITS = EXAMPLES / "limits_and_alerts.yaml"


def csv_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


FILES = ["alerts.csv", "invoices.csv", "manifest.json", "members.csv", "months.csv", "stops.csv"]

CHEAPER = """\
kind: overlay
title: Seats for ten dollars
baseline: enterprise
from: 2026-01-01
changes:
  seats: {enterprise: {price_usd_per_month: {value: 10.00, assumed: true, note: A test.}}}
"""


@pytest.mark.parametrize(
    ("example", "said"),
    [
        ("seats_added_mid_term", "14,670 USD invoiced from 2027-01-01 to 2027-12-31, all of it for seats."),
        (
            "limits_and_alerts",
            "12,297 USD invoiced from 2026-10-01 to 2026-12-01, 12,000 for seats and 296.73 for usage; usage"
            " worth 93.05 USD was stopped (member limit, organization limit).",
        ),
        (
            "credits_reload",
            "5,130 USD invoiced from 2026-10-01 to 2026-11-30, 4,800 for seats and 330.00 for credits; usage"
            " worth 51.06 USD was stopped (member limit).",
        ),
        (
            "renewal_chat_claude_code",
            "14,773 USD invoiced from 2026-10-01 to 2026-12-01, 14,400 for seats and 372.70 for usage; no usage"
            " was stopped.",
        ),
    ],
)
def test_the_first_line_is_the_answer(example: str, said: str) -> None:
    answer = run("simulate", EXAMPLES / f"{example}.yaml")
    assert answer.status == 0
    assert answer.first.endswith(f": {said}")


def test_months_with_what_they_have_and_stops_follow_as_tables() -> None:
    lines = run("simulate", LIMITS).out.splitlines()
    total = ["total", "12,000.00", "296.73", "12,296.73", "296.73", "93.05"]
    assert total in [line.split() for line in lines]
    assert any(line.startswith("organization limit") and line.endswith("14.03") for line in lines)


def test_quiet_prints_the_answer_alone() -> None:
    assert run("simulate", LIMITS, "--quiet").out.count("\n") == 1


def test_nothing_is_folded_or_coloured_where_it_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("FORCE_COLOR", "1")
    answer = run("simulate", LIMITS)
    assert "\x1b" not in answer.out
    assert [line for line in answer.out.splitlines() if line != line.rstrip()] == []
    monkeypatch.setenv("COLUMNS", "200")
    assert run("simulate", LIMITS).out == answer.out


def test_json_has_the_same_numbers_as_text(tmp_path: Path) -> None:
    data = run("simulate", LIMITS, "--json", "--out", tmp_path / "run").data
    assert data["answer"] == run("simulate", LIMITS).first
    assert data["invoiced"] == {"seats": "12000.00", "credits": "0.00", "usage": "296.73", "total": "12296.73"}
    rows = csv_rows(EXAMPLES / "expected" / "limits_and_alerts" / "members.csv")
    for amount in ("demand", "billed", "blocked_member_limit", "blocked_organization_limit"):
        assert data["usage"][amount] == str(sum(Decimal(row[amount]) for row in rows))
    assert floats_in(data) == []
    assert data["months"] == [
        {**row, "active_members": int(row["active_members"]), "counterfactual": False}
        for row in csv_rows(tmp_path / "run" / "months.csv")
    ]
    assert data["files"] == [*sorted(set(FILES) - {"manifest.json"}, key=data["files"].index), "manifest.json"]


def test_the_folder_holds_the_tables_and_a_manifest(tmp_path: Path) -> None:
    out = tmp_path / "run"
    answer = run("simulate", LIMITS, "--out", out)
    assert sorted(path.name for path in out.iterdir()) == FILES
    assert answer.out.splitlines()[-1] == (
        f"Written to {out}: invoices.csv, members.csv, alerts.csv, stops.csv, months.csv, manifest.json"
    )


def test_the_manifest_says_what_the_run_was_made_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)
    run("simulate", "renewal_standard_premium.yaml", "--out", tmp_path / "run")
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["command"] == "planshift simulate renewal_standard_premium.yaml"
    assert manifest["run"] == {
        "command": "simulate",
        "scenario": "renewal_standard_premium.yaml",
        "plans": None,
        "overlays": [],
    }
    assert [entry["path"] for entry in manifest["inputs"]] == [
        "renewal_standard_premium.yaml",
        "usage_small.csv",
        "plans/cases/plans/legacy_standard_premium.yaml",
        "plans/cases/plans/enterprise.yaml",
        "plans/cases/plans/rates/claude_api.yaml",
        "plans/surfaces.yaml",
    ]
    assert manifest["seed"] is None
    assert manifest["counterfactual"] is False
    assert str(tmp_path) not in (tmp_path / "run" / "manifest.json").read_text()


def test_a_run_can_be_repeated_into_its_folder_with_the_same_bytes(tmp_path: Path) -> None:
    out = tmp_path / "run"
    run("simulate", LIMITS, "--out", out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert run("simulate", LIMITS, "--out", out).status == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_what_if_is_named_and_listed(tmp_path: Path) -> None:
    what_if = tmp_path / "cheaper.yaml"
    what_if.write_text(CHEAPER)
    answer = run("simulate", EXAMPLES / "seats_added_mid_term.yaml", "--overlay", what_if, "--out", tmp_path / "run")
    assert answer.first.startswith("What-if 'Seats for ten dollars': Fifty seats in January, ten more in April: 7,335")
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["run"]["overlays"] == [str(what_if)]
    assert str(what_if) in [entry["path"] for entry in manifest["inputs"]]


def test_own_plans_go_before_the_shipped_ones(tmp_path: Path) -> None:
    plan = (folder("plans") / PUBLISHED / "enterprise.yaml").read_text()
    (tmp_path / "enterprise.yaml").write_text(plan.replace("value: 20.00, reference", "value: 30.00, reference"))
    answer = run("simulate", EXAMPLES / "seats_added_mid_term.yaml", "--plans", tmp_path, "--out", tmp_path / "run")
    assert "22,005 USD invoiced" in answer.first
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["run"]["plans"] == str(tmp_path)
    assert (tmp_path / "enterprise.yaml").as_posix() in [entry["path"] for entry in manifest["inputs"]]


# --- where things stand on a day --------------------------------------------------------------------------------------


def test_as_of_a_day_it_says_month_to_date_limits_and_credits() -> None:
    answer = run("simulate", EXAMPLES / "credits_run_out.yaml", "--as-of", "2026-10-20")
    assert answer.first == (
        "Self-serve credits run out twice: 120.00 USD of usage billed from 2026-10-01 to 2026-10-20 and"
        " 0.00 of credits left."
    )
    rows = [line.split() for line in answer.out.splitlines()]
    assert ["ada", "90.00", "90.00", "0.00"] in rows
    assert ["organization", "120.00", "unlimited"] in rows


def test_as_of_in_json_and_in_the_folder(tmp_path: Path) -> None:
    data = run("simulate", LIMITS, "--as-of", "2026-10-20", "--json", "--out", tmp_path / "run").data
    assert data["as_of"] == "2026-10-20"
    organization = data["standing"][0]
    assert organization["scope"] == "organization"
    assert (organization["limit"], organization["credit_balance"]) == ("150.000000000", None)
    assert floats_in(data) == []
    rows = csv_rows(tmp_path / "run" / "standing.csv")
    assert [row["month_to_date"] for row in rows] == [row["month_to_date"] for row in data["standing"]]
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["run"]["as_of"] == "2026-10-20"


def test_the_period_of_a_new_contract_starts_with_it() -> None:
    answer = run("simulate", EXAMPLES / "renewal_standard_premium.yaml", "--as-of", "2026-10-20")
    assert "from 2026-10-17 to 2026-10-20" in answer.first


def test_as_of_the_last_day_the_run_is_whole() -> None:
    full = run("simulate", LIMITS, "--json").data
    last = run("simulate", LIMITS, "--as-of", "2026-11-30", "--json").data
    assert (last["usage"], last["months"]) == (full["usage"], full["months"])


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere.yaml"], "nowhere.yaml: there is no such file"),
        ([LIMITS, "--plans", "nowhere"], "nowhere: there is no such folder of plans"),
        ([LIMITS, "--overlay", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
        ([LIMITS, "--as-of", "2027-01-01"], "--as-of: 2027-01-01 is outside the horizon (2026-10-01 to 2026-11-30)"),
        ([LIMITS, "--as-of", "1.10.2026"], "--as-of: '1.10.2026' is not a date - write it as 2026-10-31"),
        ([LIMITS, "--as-of", "20261001"], "--as-of: '20261001' is not a date"),
    ],
)
def test_input_that_cannot_be_used_ends_with_status_2_and_writes_nothing(
    words: list[object], message: str, tmp_path: Path
) -> None:
    answer = run("simulate", *words, "--out", tmp_path / "run")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(message)
    assert list(tmp_path.iterdir()) == []


def test_every_mistake_of_a_scenario_is_told_at_once(tmp_path: Path) -> None:
    scenario = tmp_path / "wrong.yaml"
    text = (EXAMPLES / "seats_added_mid_term.yaml").read_text()
    scenario.write_text(text.replace("seats: {enterprise: 50}", "seats: {enterprise: 5, gold: 1}"))
    answer = run("simulate", scenario, "--out", tmp_path / "run")
    assert answer.status == 2
    assert len(answer.err.splitlines()) >= 2
    assert not (tmp_path / "run").exists()


def test_a_folder_that_is_not_ours_is_left_alone_with_status_1(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    answer = run("simulate", LIMITS, "--out", tmp_path)
    assert (answer.status, answer.out) == (1, "")
    assert "holds letter.txt and was not made by planshift" in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_an_interruption_ends_with_status_130_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("planshift.reports.result.csv_text", interrupted)
    answer = run("simulate", LIMITS, "--out", tmp_path / "run")
    assert (answer.status, answer.out, answer.err) == (130, "", "interrupted: nothing was written\n")
    assert list(tmp_path.iterdir()) == []


def test_an_error_that_nobody_foresaw_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("planshift.reports.simulation.simulation.simulate_draws", broken)
    with pytest.raises(ZeroDivisionError):
        run("simulate", LIMITS)


def test_credits_that_lapse_are_said_and_stand_in_a_column(tmp_path: Path) -> None:
    """80 dollars of 1 October are gone on 1 November; of 40 of 10 November, good to 10 December, 40 are left."""
    scenario = tmp_path / "lapse.yaml"
    scenario.write_text(
        "title: Lapse\n"
        "contract:\n"
        "  {plan: enterprise, channel: self_serve, term_start: 2026-10-01, seats: {enterprise: 20},\n"
        "   credits: {initial: 80.00, expiry_months: 1}}\n"
        "horizon: {start: 2026-10-01, months: 2}\n"
        "events: [{date: 2026-11-10, buy_credits: 40.00}]\n",
        encoding="utf-8",
    )
    answer = run("simulate", scenario, "--out", tmp_path / "run")
    assert answer.first.endswith("; 80.00 USD of credits lapsed unused.")
    october, november = csv_rows(tmp_path / "run" / "months.csv")
    assert (october["credits_lapsed"], october["credit_balance"]) == ("0.000000000", "80.000000000")
    assert (november["credits_lapsed"], november["credit_balance"]) == ("80.000000000", "40.000000000")
