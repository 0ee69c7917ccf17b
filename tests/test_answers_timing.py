"""When: every early move is the renewal with that move, all to the same day, and cash is what invoices say."""

import json
from datetime import date
from pathlib import Path

import pytest

import planshift
from alone import renew
from answering import CHAT, DEMO, answered, catalogue, even, shipped
from command import EXAMPLES, run
from planshift.billing.contract import Event, Migrate
from planshift.billing.ledger import COLUMN
from planshift.billing.money import to_cents
from planshift.billing.scenario import Scenario, read_scenario
from planshift.billing.schedule import month_of
from planshift.billing.simulation import simulate
from planshift.impact.answers.course import Course
from planshift.impact.answers.timing import Timing, calendar, timing, timing_block
from planshift.reports.page.report import PageOptions

STANDARD_PREMIUM = EXAMPLES / "renewal_standard_premium.yaml"


def found(scenario: Scenario) -> Timing:
    course = Course.of(scenario)
    days = calendar(course, scenario.start)
    return timing(days, [timing_block(days, course.asked(range(1)), 1)])


def test_the_days_are_the_firsts_of_the_months_from_the_given_day_on_and_the_renewal() -> None:
    answer = found(read_scenario(DEMO, catalogue()))
    assert answer.allowed
    days = sorted({move.day for move in answer.moves})
    assert days == [date(2026, month, 1) for month in range(2, 13)] + [date(2027, 1, 1)]
    assert answer.credits == ("none", "prorated")
    assert answer.waiting.credit == ""
    assert {move.credit for move in answer.moves if move.day < answer.renewal} == {"none", "prorated"}


def test_without_a_day_moves_are_offered_from_the_day_after_the_last_usage_on() -> None:
    # The file ends on 2026-11-20.
    assert [move.day for move in answered(DEMO).timing.moves] == [
        date(2026, 12, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
    ]


def test_the_command_takes_the_day_and_shows_every_move_from_then_on(tmp_path: Path) -> None:
    shown = run("renew", DEMO, "--as-of", "2026-09-01", "--out", tmp_path / "out").out
    table = shown[shown.index("When to move") :].split("\n\n")[0]
    firsts = [f"2026-{month:02}-01" for month in range(9, 13)]
    assert [line[:10] for line in table.splitlines()[3:]] == [*(day for day in firsts for _ in range(2)), "2027-01-01"]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert "--as-of 2026-09-01" in manifest["command"]
    refused = run("renew", DEMO, "--as-of", "September")
    assert "--as-of" in refused.err
    assert refused.status == 2


def test_the_page_leaves_no_month_between_the_day_and_the_renewal_out() -> None:
    html = PageOptions("customer", "en").of(planshift.renew(DEMO, as_of=date(2026, 3, 1))).html
    section = html[html.index("When to move") :]
    for month in ("March", "July", "September", "October", "November", "December"):
        assert f"1\u00a0{month}\u00a02026" in section


@pytest.mark.parametrize("path", [DEMO, STANDARD_PREMIUM], ids=lambda path: path.stem)
def test_a_credit_saves_what_is_credited_to_the_cent(path: Path) -> None:
    answer = found(read_scenario(path, catalogue()))
    for day in {move.day for move in answer.moves if move.credit}:
        without, credited = (
            next(move for move in answer.moves if (move.day, move.credit) == (day, credit))
            for credit in ("none", "prorated")
        )
        given = without.cash[month_of(day)].p50 - credited.cash[month_of(day)].p50
        assert given > 0
        assert without.cost.p50 - credited.cost.p50 == without.seats - credited.seats == given


def test_waiting_costs_what_the_renewal_and_the_days_before_it_cost() -> None:
    answer = found(read_scenario(STANDARD_PREMIUM, catalogue()))
    year = renew(read_scenario(STANDARD_PREMIUM, catalogue()))
    assert (answer.end, answer.waiting.day) == (year.end, year.day)
    # From 2026-10-01 on: sixteen days of the old term, 45,600 x 16 / 365, and the year on the new plan.
    assert answer.first == date(2026, 10, 1)
    old_days = round(4_560_000 * 16 / 365)
    old_usage = year.run.ledger.usage[date(2026, 10, 1), "legacy_standard_premium"][COLUMN["billed"]].sum()
    assert answer.waiting.seats == old_days + 1_320_000
    assert answer.waiting.cost.p50 == old_days + to_cents(int(old_usage)) + year.new.cost


def test_what_comes_before_a_move_on_its_day_is_of_the_old_plan(tmp_path: Path) -> None:
    contract = """contract:
  plan: legacy_standard_premium
  channel: sales_assisted
  term_start: 2025-10-17
  seats: {standard: 2}
  seat_prices: {standard: 40.00, premium: 200.00}
  included_usage_per_week: {standard: 0.00, premium: 0.00}"""
    more = """members: {ada: standard}
events:
  - {date: 2026-03-01, add_seats: {premium: 1}}
  - {date: 2026-03-01, migrate: {credit: none}}
  - {date: 2026-04-14, assign: {ben: enterprise}}
  - {date: 2026-11-19, set_limits: {members: {ben: 5.00}}}
"""
    scenario = even(tmp_path, {"ada": 100, "ben": 300}, contract, more)
    answer = found(scenario)
    # Ben, who gets his seat after the move, has none where that comes with the renewal; his limit does no harm.
    assert [move.day for move in answer.moves if move.credit == "none"] == [
        date(2026, month, 1) for month in range(1, 11)
    ]
    own = next(move for move in answer.moves if (move.day, move.credit) == (date(2026, 3, 1), "none"))
    year = renew(scenario)
    assert own.cost.p50 > year.new.cost
    assert answer.impossible == ()


def test_a_move_is_the_scenario_with_that_move() -> None:
    scenario = shipped(DEMO)
    answer = answered(DEMO).timing
    day = date(2026, 12, 1)
    one = next(move for move in answer.moves if (move.day, move.credit) == (day, "prorated"))
    moved = scenario.with_events([*scenario.events, Event(day, Migrate("prorated"))])
    year = renew(moved)
    run = simulate(moved, until=date(2027, 12, 1), measured=year.run.measured)
    later = {month: 0 for month, _ in run.totals.spans}
    for (month, _), cents in zip(run.totals.spans, run.totals.invoiced[:, 0].tolist(), strict=True):
        later[month] += cents
    shared = [month for month in one.cash if day <= month < date(2027, 12, 1)]
    assert shared
    assert [one.cash[month].p50 for month in shared] == [later[month] for month in shared]


def test_cash_adds_up_to_every_invoice() -> None:
    answer = answered(DEMO).timing
    year = renew(shipped(DEMO))
    lines = [line for line in year.run.ledger.lines() if line.day >= answer.first]
    assert sum(spread.p50 for spread in answer.waiting.cash.values()) == sum(line.cents for line in lines)


def test_a_plan_that_cannot_be_left_early_has_its_renewal_alone() -> None:
    answer = answered(CHAT).timing
    assert not answer.allowed
    assert [(move.day, move.change.p50) for move in answer.moves] == [(date(2026, 9, 15), 0)]


def test_a_move_of_the_scenarios_own_does_not_stand_in_the_way() -> None:
    scenario = shipped(DEMO)
    moved = scenario.with_events([*scenario.events, Event(date(2026, 12, 1), Migrate())])
    answer = found(moved)
    assert answer.renewal == answer.waiting.day == date(2027, 1, 1)
    assert answer.end == date(2027, 12, 1)
    assert len(answer.moves) == 23


def test_a_day_on_which_members_would_have_no_seat_is_named(tmp_path: Path) -> None:
    text = f"""\
title: Two members leave in May
contract:
  plan: legacy_standard_premium
  channel: self_serve
  term_start: 2026-01-01
  seats: {{standard: 52}}
  renewal: {{channel: sales_assisted, seats: {{enterprise: 50}}}}
horizon: {{start: 2026-03-01, months: 10}}
members:
{"".join(f"  m{number:02}: standard{chr(10)}" for number in range(52))}
"""
    leave = "events:\n  - {date: 2026-05-15, assign: {m00: unassigned, m01: unassigned}}\n"
    (tmp_path / "one.yaml").write_text(text + leave)
    course = Course.of(read_scenario(tmp_path / "one.yaml", catalogue()))
    days = calendar(course, course.scenario.start)
    assert days.impossible == tuple(date(2026, month, 1) for month in (3, 4, 5))
    assert [candidate.day.month for candidate in days.candidates] == [6, 7, 8, 9, 10, 11, 12, 1]
