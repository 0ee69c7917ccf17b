"""The renewal: its cost beside the counterfactual, in steps, months and members that add up, and how it is told."""

import csv
import json
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import planshift
from alone import Alone, Change, YearAlone, groups
from command import EXAMPLES, floats_in, run
from engine import as_scenario
from oracle.scenarios import Rows, Scenario, scenarios
from planshift.billing.ledger import COLUMN
from planshift.impact.bridge import ROUNDING, SEAT_FEES
from planshift.impact.renewal import renew as renewal_of
from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.plans.files import folder
from planshift.problems import InputError
from planshift.reports.answers.tables import ANSWER_TABLES
from planshift.reports.options import RenewOptions
from planshift.reports.renewal.renewal import RenewalResult
from planshift.reports.renewal.tables import DATED_TABLES, RENEWAL_TABLES
from planshift.reports.words import percent

STANDARD_PREMIUM = EXAMPLES / "renewal_standard_premium.yaml"
CHAT = EXAMPLES / "renewal_chat_claude_code.yaml"
DEMO = folder("scenarios") / "renewal_demo.yaml"
each = pytest.mark.parametrize("path", [STANDARD_PREMIUM, CHAT, DEMO], ids=lambda path: path.stem)
USAGE = (EXAMPLES / "usage_small.csv").read_text()

drawn = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)

EARLY = """\
title: Moving early
contract:
  plan: legacy_standard_premium
  channel: sales_assisted
  term_start: 2026-06-01
  seats: {standard: 45, premium: 10}
  seat_prices: {standard: 40.00, premium: 200.00}
  included_usage_per_week: {standard: 6.00, premium: 30.00}
horizon: {start: 2026-10-01, months: 2}
members: {ada: premium, ben: standard, cleo: standard}
usage: {file: usage_small.csv}
events:
  - {date: 2026-12-01, migrate: CREDIT}
"""
BARE = """\
title: Seats and nobody on them
contract:
  plan: legacy_chat_claude_code
  channel: sales_assisted
  term_start: 2026-03-01
  seats: {chat: 30, chat_claude_code: 30}
horizon: {start: 2026-03-01, months: 1}
"""


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def renewed(path: Path) -> RenewalResult:
    return planshift.renew(path)


def written(text: str, place: Path) -> Path:
    (place / "usage_small.csv").write_text(USAGE)
    (place / "scenario.yaml").write_text(text)
    return place / "scenario.yaml"


def alone(path: Path) -> Alone:
    return Alone.of(renewed(path).renewal)


def steps_of(found: RenewalResult) -> dict[str, int]:
    return {key: int(cents[0]) for key, cents in found.renewal.steps.items()}


def csv_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_standard_and_premium_seats_cost_32_400_more_than_as_many_enterprise_seats() -> None:
    # 45 x 40 x 12 + 10 x 200 x 12 = 45,600, against 55 x 20 x 12 = 13,200
    year = alone(STANDARD_PREMIUM)
    assert (year.old.seat_cost, year.new.seat_cost) == (4_560_000, 1_320_000)
    assert steps_of(renewed(STANDARD_PREMIUM))[SEAT_FEES] == -3_240_000


def test_chat_seats_cost_4_800_less_than_as_many_enterprise_seats() -> None:
    # 60 x 20 x 12 = 14,400, against (40 x 10 + 20 x 20) x 12 = 9,600
    assert steps_of(renewed(CHAT))[SEAT_FEES] == 480_000


def test_seat_fees_of_a_month_count_by_the_day() -> None:
    # 13,200 x 28 / 365 for February; of October the days from the 17th on, 15, and in the end up to the 16th, 16
    months = {month.month.isoformat(): month.seats for month in alone(STANDARD_PREMIUM).new.months}
    assert months["2027-02-01"] == 101_260
    assert months["2026-10-01"] == 54_247
    assert months["2027-10-01"] == 57_863


def test_a_renewal_in_the_middle_of_a_month_shows_thirteen_months_that_add_up_to_a_year() -> None:
    table = renewed(STANDARD_PREMIUM).tables["months"]
    assert len(table) == 13
    assert (table["old_seats"].sum(), table["new_seats"].sum()) == (Decimal("45600.00"), Decimal("13200.00"))
    assert table["new_cost"].sum() == Decimal("15045.95")


def test_the_organization_limit_stops_work_in_every_whole_month_that_reaches_it() -> None:
    usage = [month.usage for month in alone(STANDARD_PREMIUM).new.months]
    assert max(usage) == 15_000
    assert usage.count(15_000) == 10


def test_what_a_chat_seat_did_not_open_is_usage_after_the_renewal() -> None:
    year = alone(CHAT)
    newly_done = {member.user_id: member.newly_done for member in year.members}
    assert newly_done["ada"] == 0
    assert newly_done["ben"] > newly_done["cleo"] > 0
    assert abs(sum(newly_done.values()) - steps_of(renewed(CHAT))["surfaces_newly_open"]) <= 2
    assert (year.old.amount("unavailable") > 0, year.new.amount("unavailable")) == (True, 0)


def test_the_first_month_of_the_counterfactual_is_the_rest_of_the_oracles_month() -> None:
    # October of the expected bills on the old plan, up to the 16th, and the counterfactual's days from the 17th on.
    year = alone(STANDARD_PREMIUM)
    whole = year.counterfactual.ledger.usage[year.old.months[0].month, "legacy_standard_premium"]
    before = [
        Decimal(row["demand"])
        for row in csv_rows(EXAMPLES / "expected" / "renewal_standard_premium" / "members.csv")
        if (row["month"], row["plan"]) == ("2026-10", "legacy_standard_premium")
    ]
    after = [
        Decimal(row["demand"])
        for row in csv_rows(EXAMPLES / "expected" / "renewal_standard_premium" / "members.csv")
        if (row["month"], row["plan"]) == ("2026-10", "enterprise")
    ]
    assert Decimal(int(whole[COLUMN["demand"]].sum())).scaleb(-9) == sum(before) + sum(after)


# --- adding up --------------------------------------------------------------------------------------------------------


def used(year: YearAlone) -> int:
    """Usage of a year without what else accrues with it, cents."""
    return year.usage_cost - sum(year.accrued.values())


def assert_adds_up(year: Alone) -> None:
    assert sum(step.cents for step in year.steps) == year.new.cost - year.old.cost == year.change
    for outcome in (year.old, year.new, *([year.year_before] if year.year_before else [])):
        assert sum(month.total for month in outcome.months) == outcome.cost
        billed = sum(int(cents) for cents in outcome.amounts[COLUMN["billed"]])
        assert abs(used(outcome) * 10_000_000 - billed) <= len(outcome.months) * 5_000_000
    for side, outcome in (("old_usage", year.old), ("new_usage", year.new)):
        of_members = sum(getattr(member, side) for member in year.members)
        assert abs(of_members - used(outcome)) <= (len(year.members) + len(outcome.months)) / 2
    assert {key: cents for key, cents in _rounding(year).items() if abs(cents) > len(year.new.months) + 4} == {}
    values = {name: values for name, (_, values) in RenewalResult(year.whole, RenewOptions("")).own_values.items()}
    _assert_tables_add_up(year, values)


def _rounding(year: Alone) -> dict[str, int]:
    return {step.key: step.cents for step in year.steps if step.key == ROUNDING}


def _assert_tables_add_up(year: Alone, values: dict[str, dict[str, list[object]]]) -> None:
    bridge, months, years = values["bridge"]["amount"], values["months"], values["years"]
    assert sum(bridge[:-1]) == bridge[-1]
    both = zip(years["old_plan_counterfactual"], years["new_plan"], strict=True)
    measured = dict(zip(years["measure"], both, strict=True))
    assert measured["cost"] == (sum(months["old_cost"]), sum(months["new_cost"])) == (bridge[0], bridge[-1])
    whole = (measured["cost_of_members"], measured["cost_of_nobody"])
    assert tuple(map(sum, zip(*whole, strict=True))) == measured["cost"]
    members = values["members"]
    assert (sum(members["old_cost"]), sum(members["new_cost"])) == measured["cost_of_members"]
    assert sum(values["winners"]["change"]) == sum(members["change"])
    assert sum(values["winners"]["members"]) == len(members["user_id"])
    assert measured["invoiced"][1] == sum(values["invoices"]["amount"])
    assert measured["invoiced"][0] == sum(values["counterfactual_invoices"]["amount"])


@each
def test_everything_adds_up_in(path: Path) -> None:
    assert_adds_up(alone(path))


def test_teams_add_up_to_their_members() -> None:
    tables = renewed(DEMO).tables
    teams, members = tables["teams"], tables["members"]
    assert teams["members"].sum() == len(members) == 58
    for amount in ("old_cost", "new_cost", "change"):
        assert teams[amount].sum() == members[amount].sum()
    counts = teams[["cheaper", "dearer", "about_the_same"]].sum()
    assert counts.tolist() == tables["winners"].set_index("group")["members"].tolist()
    changes = [teams[f"{name}_change"].sum() for name in ("cheaper", "dearer", "about_the_same")]
    assert sum(changes) == teams["change"].sum()


@drawn
@given(drawn_one=scenarios().filter(lambda one: one[0]["contract"]["plan"] != "enterprise"))
def test_everything_adds_up_in_drawn_scenarios(drawn_one: tuple[Scenario, Rows], tmp_path: Path) -> None:
    found = renewal_of(as_scenario(*drawn_one, catalogue(), tmp_path))
    assert_adds_up(Alone.of(found))
    assert "for comparison only" in RenewalResult(found, RenewOptions(tmp_path)).answer


def test_a_move_before_the_renewal_pays_for_both_seats_until_the_old_term_ends(tmp_path: Path) -> None:
    year = Alone.of(planshift.renew(written(EARLY.replace("CREDIT", "{credit: none}"), tmp_path)).renewal)
    # The old term has 182 of its 365 days left: 45,600 x 182 / 365 = 22,737.53; and 13,200 for the new one.
    assert year.new.seat_cost == 2_273_753 + 1_320_000
    assert_adds_up(year)


def test_a_move_before_the_renewal_with_credit_pays_for_the_new_seats_alone(tmp_path: Path) -> None:
    found = planshift.renew(written(EARLY.replace("CREDIT", "{credit: prorated}"), tmp_path))
    # By months and days 6 of 12 months are given back, 22,800; by the day 22,737.53 of the old term were left.
    assert int(found.renewal.new.seat_cost.sum()) == 2_273_753 - 2_280_000 + 1_320_000
    assert_adds_up(Alone.of(found.renewal))
    assert found.answer.startswith("Year one on Enterprise, from 2026-12-01: ")
    assert "(for comparison only; they end on 2027-06-01 and cannot be renewed)" in found.answer
    assert any("22,800 USD of it are credited" in note for note in found.notes)
    given_back = found.tables["invoices"].query("kind == 'seat_credit'")
    assert given_back["unit_price"].tolist() == [Decimal(-6 * 40), Decimal(-6 * 200)]
    assert given_back["amount"].tolist() == [45 * Decimal(-6 * 40), 10 * Decimal(-6 * 200)]
    assert found.tables["months"]["counterfactual"].tolist() == [False] * 6 + [True] * 6


def test_seats_bought_on_the_first_day_are_charged_once(tmp_path: Path) -> None:
    text = EARLY.replace("CREDIT", "{credit: none}").replace(
        "events:\n", "events:\n  - {date: 2026-10-01, add_seats: {standard: 5}}\n"
    )
    year = Alone.of(planshift.renew(written(text, tmp_path)).renewal)
    # 5 x 40 x 8 = 1,600 for the 243 days to 2027-06-01, of which 182 are left: 22,737.534 + 1,198.354 = 23,935.89
    assert year.new.seat_cost == 2_393_589 + 60 * 24_000
    assert_adds_up(year)


def test_a_contract_may_move_on_the_first_day(tmp_path: Path) -> None:
    text = EARLY.replace("CREDIT", "true").replace("2026-12-01", "2026-10-01")
    year = Alone.of(planshift.renew(written(text, tmp_path)).renewal)
    # 243 of the old term's 365 days are left.
    assert year.new.seat_cost == 3_035_836 + 1_320_000
    assert_adds_up(year)


def test_a_contract_without_members_or_usage_renews_all_the_same(tmp_path: Path) -> None:
    found = planshift.renew(written(BARE, tmp_path))
    assert steps_of(found) == {SEAT_FEES: 1_440_000 - 1_080_000}
    assert_adds_up(Alone.of(found.renewal))
    assert found.files()["bridge.png"]


# --- winners and losers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "group"),
    [
        (10_000, 10_100, "about the same"),
        (10_000, 9_900, "about the same"),
        (10_000, 10_101, "dearer"),
        (10_000, 9_899, "cheaper"),
        (0, 0, "about the same"),
        (0, 1, "dearer"),
    ],
)
def test_within_one_per_cent_of_the_old_cost_is_about_the_same(before: int, after: int, group: str) -> None:
    assert Change(before, after).group == group


def test_the_groups_share_the_whole_change() -> None:
    found = groups([Change(1000, 400), Change(1000, 2600), Change(1000, 1005)])
    assert [(group.members, group.cents) for group in found] == [(1, -600), (1, 1600), (1, 5)]
    assert [group.share(1005) for group in found] == ["-59.7", "159.2", "0.5"]


@pytest.mark.parametrize(
    ("part", "whole", "said"), [(1470220, 5946225, "24.7 %"), (-1, 3, "33.3 %"), (1, 9999, "under 0.1 %"), (5, 0, "")]
)
def test_shares_are_said_with_one_decimal(part: int, whole: int, said: str) -> None:
    assert percent(part, whole) == said


# --- how it is told ---------------------------------------------------------------------------------------------------


def test_the_answer_can_be_read_to_a_customer() -> None:
    assert renewed(DEMO).answer == (
        "Year one on Enterprise: 74,164 USD, 14,702 (25 %) more than today's terms would have cost (for comparison"
        " only; they cannot be renewed)."
    )


@each
def test_the_counterfactual_is_called_one_wherever_it_is_shown(path: Path) -> None:
    found = renewed(path)
    assert "for comparison only" in found.answer
    assert "counterfactual" in found.notes[0]
    for chart in found.charts.values():
        assert "counterfactual" in chart.alt
        assert any("counterfactual" in line for line in chart.footnotes)
    for name, (table, values) in found.values.items():
        if any("old" in column for column in table.header) or name in ("bridge", "counterfactual_invoices"):
            assert "old_plan_counterfactual" in table.header or any(values["counterfactual"]), name
    assert found.facts()["counterfactual"] is True
    assert found.manifest()["counterfactual"] is True
    text = run("renew", path).out
    headings = [line for line in text.splitlines() if "old: " in line]
    assert headings
    assert all("for comparison" in line or "counterfactual" in line for line in headings)


def test_what_is_carried_forward_and_what_is_assumed_is_said() -> None:
    text = run("renew", STANDARD_PREMIUM).out
    assert "- The usage file ends on 2026-11-30. The 320 days after it repeat the 8 weeks that it holds" in text
    assert "- The included usage is full again every Monday; what was not used is lost. (Other choices: week" in text
    assert "Assumed, as it is published nowhere" in text


def test_prices_that_are_the_plan_files_examples_are_said_to_be(tmp_path: Path) -> None:
    found = planshift.renew(written(BARE, tmp_path))
    (note,) = [note for note in found.notes if "examples of the plan file" in note]
    assert note.endswith(": Chat seat at 10.00 USD a month; Chat + Claude Code seat at 20.00 USD a month.")
    assert any(note in chart.footnotes for chart in found.charts.values())


def test_a_what_if_comes_before_the_answer(tmp_path: Path) -> None:
    (tmp_path / "cheaper.yaml").write_text(
        "kind: overlay\ntitle: Half the price\nbaseline: enterprise\nfrom: 2026-01-01\n"
        "changes:\n  seats: {enterprise: {price_usd_per_month: {value: 10.00, assumed: true, note: A test.}}}\n"
    )
    found = planshift.renew(CHAT, overlays=[tmp_path / "cheaper.yaml"])
    assert found.answer.startswith("What-if 'Half the price': Year one on Enterprise: ")
    assert all(chart.title.startswith("What-if 'Half the price': ") for chart in found.charts.values())
    assert steps_of(found)[SEAT_FEES] == 720_000 - 960_000


def test_the_command_prints_the_answer_the_bridge_and_the_months() -> None:
    answer = run("renew", CHAT)
    assert answer.first == renewed(CHAT).answer
    rows = [line.split() for line in answer.out.splitlines()]
    assert ["Seat", "fees", "+4,800.00"] in rows
    assert ["2027-02", "867.13", "1,104.66", "161.00", "1,265.66", "398.53"] in rows
    assert run("renew", CHAT, "--quiet").out == f"{answer.first}\n"


def test_json_has_the_same_numbers_as_text() -> None:
    data = run("renew", CHAT, "--json").data
    assert data["answer"] == renewed(CHAT).answer
    assert (data["change"], data["change_percent"], data["year_before"]) == ("5080.42", "44.8", None)
    assert data["old_plan_counterfactual"] == {"plan": "legacy_chat_claude_code", "cost": "11332.85"}
    assert floats_in(data) == []
    assert (data["out"], data["files"]) == (None, [])


# --- the folder -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_pictures")
def test_the_folder_holds_tables_pictures_and_a_manifest(tmp_path: Path) -> None:
    out = tmp_path / "run"
    answer = run("renew", CHAT, "--out", out)
    tables = [
        table.name
        for table in (*RENEWAL_TABLES, *(table for table, _ in DATED_TABLES), *ANSWER_TABLES)
        if table.name != "teams"
    ]
    # The plan cannot be left early: there is no early.png.
    pictures = ["bridge.png", "months.png", "break_even.png", "tornado.png"]
    names = [*(f"{name}.csv" for name in tables), *pictures, "manifest.json"]
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    assert answer.out.splitlines()[-1] == f"Written to {out}: {', '.join(names)}"
    for table in RENEWAL_TABLES:
        if table.name != "teams":
            measured = ",".join(column.name for column in table.columns if not column.simulated)
            assert (out / f"{table.name}.csv").read_text().partition("\n")[0] == measured
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["run"]["command"] == "renew"
    assert manifest["counterfactual"] is True
    assert manifest["warnings"] == list(renewed(CHAT).notes)
    assert sorted(manifest["pictures"]) == sorted(pictures)


def test_the_same_renewal_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        planshift.renew(CHAT).write(tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes(), path.name


@pytest.mark.usefixtures("no_pictures")
def test_names_that_a_spreadsheet_would_take_for_formulas_are_plain_text(tmp_path: Path) -> None:
    scenario = written(CHAT.read_text().replace("ben: chat", '"=1+1": chat'), tmp_path)
    (tmp_path / "usage_small.csv").write_text(USAGE.replace(",ben,", ",=1+1,"))
    found = planshift.renew(scenario)
    files = found.files()
    assert "\n'=1+1," in files["members.csv"]
    assert "=1+1" in found.tables["members"]["user_id"].tolist()
    cells = [cell for row in csv.reader(files["invoices.csv"].splitlines()) for cell in row]
    assert [cell for cell in cells if cell.startswith("=")] == []


def test_amounts_are_exact_in_frames() -> None:
    tables = renewed(CHAT).tables
    whole = (*RENEWAL_TABLES, *(table for table, _ in DATED_TABLES), *ANSWER_TABLES)
    assert sorted(tables) == sorted(table.name for table in whole if table.name != "teams")
    assert tables["bridge"]["amount"].tolist()[:2] == [Decimal("11332.85"), Decimal("4800.00")]
    assert tables["months"]["month"].dtype == "datetime64[s]"


# --- errors -----------------------------------------------------------------------------------------------------------


def test_a_plan_that_renews_on_itself_is_refused_with_a_remedy(tmp_path: Path) -> None:
    answer = run("renew", EXAMPLES / "seats_added_mid_term.yaml", "--out", tmp_path / "run")
    assert (answer.status, answer.out) == (2, "")
    assert "'enterprise' renews on itself" in answer.err
    assert "use `planshift compare`" in answer.err
    assert list(tmp_path.iterdir()) == []


def test_mistakes_are_raised_with_their_places() -> None:
    with pytest.raises(InputError) as caught:
        planshift.renew("nowhere.yaml")
    assert caught.value.problems[0].place.file == "nowhere.yaml"


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    assert run("renew", CHAT, "--out", tmp_path).status == 1
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


# --- the demo ---------------------------------------------------------------------------------------------------------


def test_the_demo_works_from_any_folder_and_ends_with_the_answer_and_the_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run("demo")
    assert answer.status == 0
    names = ("bridge", "months", "break_even", "early", "tornado")
    pictures = [f"planshift-demo/{name}.png" for name in names]
    assert answer.out.splitlines()[-6:] == [answer.first, *pictures]
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in pictures)
    text = (tmp_path / "planshift-demo" / "manifest.json").read_text()
    assert json.loads(text)["command"] == "planshift demo"
    assert json.loads(text)["run"]["scenario"] == "scenarios/renewal_demo.yaml"
    assert str(folder("scenarios")) not in text


@pytest.mark.usefixtures("no_pictures")
def test_the_demo_can_be_repeated_and_sent_elsewhere(tmp_path: Path) -> None:
    first = run("demo", "--out", tmp_path / "there", "--quiet")
    again = run("demo", "--out", tmp_path / "there", "--json")
    assert first.out == again.data["answer"] + "\n"
    assert again.data["out"] == str(tmp_path / "there")
