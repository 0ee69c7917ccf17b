"""An account becomes a scenario: who is there from when to when, on which seats, and how much they use on average."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from planshift.billing.contract import Assign, Migrate
from planshift.billing.scenario import Scenario
from planshift.billing.simulation import Prepared, Run
from planshift.forecasting.account_ledger import account_ledger
from planshift.forecasting.result import INDEX
from planshift.forecasting.shocks import Factors
from planshift.portfolio.account import first_renewal
from planshift.portfolio.load import read_portfolio
from planshift.portfolio.personas import shared_out, shipped
from planshift.portfolio.portfolio import Portfolio
from planshift.portfolio.scenario import scenario_of
from planshift.usage.demand import Demand
from planshift.usage.measure import Measured
from planshift.usage.synthetic.expected import Days, mean_month
from planshift.usage.synthetic.generate import Generator
from planshift.usage.synthetic.persona import Organization, Population, Shocks
from portfolios import ENTERPRISE, HEAD, LEGACY, SHIPPED, catalogue, portfolio_of


def scenario_in(portfolio: Portfolio, row: int = 0, draws: int = 1) -> Scenario:
    found = scenario_of(portfolio.accounts.account(row), portfolio, draws)
    assert found is not None
    return found


def run_of(scenario: Scenario, until: date) -> Run:
    prepared = Prepared.of(scenario, until=until)
    return prepared.run(prepared.asked(range(scenario.draws)))


def organization_of(scenario: Scenario) -> Organization:
    assert isinstance(scenario.usage, Organization)
    return scenario.usage


# --- days and seats --------------------------------------------------------------------------------------------------


def test_it_starts_with_the_lead_in_or_with_the_term_and_reaches_the_horizons_end(tmp_path: Path) -> None:
    rows = [
        {**ENTERPRISE, "account_id": name, "term_start": day}
        for name, day in (("a", "2026-03-15"), ("b", "2026-11-15"), ("c", "2027-05-31"), ("d", "2029-02-01"))
    ]
    portfolio = portfolio_of(tmp_path, *rows)
    starts = [scenario_in(portfolio, row).start for row in range(3)]
    assert starts == [date(2026, 10, 1), date(2026, 11, 15), date(2027, 5, 31)]
    for row in range(3):
        end = scenario_in(portfolio, row).end
        assert portfolio.end <= end < portfolio.end + timedelta(days=31)
    assert scenario_of(portfolio.accounts.account(3), portfolio, 1) is None


@pytest.mark.parametrize(
    ("first_day", "renewals"),
    [
        ("2024-02-29", ["2026-02-28", "2027-02-28", "2028-02-29", "2029-02-28"]),
        ("2025-08-31", ["2026-08-31", "2027-08-31", "2028-08-31"]),
    ],
)
@pytest.mark.parametrize("start", ["2026-01-01", "2026-12-01", "2027-03-01", "2027-12-01", "2028-02-01"])
def test_renewals_are_counted_from_the_first_day_wherever_the_horizon_starts(
    tmp_path: Path, first_day: str, renewals: list[str], start: str
) -> None:
    head = HEAD.replace("start: 2027-01-01, months: 24", f"start: {start}, months: 15, lead_in_months: 0")
    portfolio = portfolio_of(tmp_path, {**ENTERPRISE, "term_start": first_day}, head=head)
    scenario = scenario_in(portfolio)
    days = (portfolio.end - scenario.start).days
    run = Prepared.of(scenario, until=portfolio.end).run(measured(days, 1, 0, scenario.start))
    inside = [day for day in renewals if start < day < portfolio.end.isoformat()]
    assert [turn.day.isoformat() for turn in run.ledger.turns] == inside
    assert [line.day.isoformat() for line in run.ledger.lines() if line.kind == "seat_fee"] == inside


def test_what_the_term_before_leaves_unpaid_is_owed_at_the_opening(tmp_path: Path) -> None:
    """Renewed on 15 December, paid after 45 days: usage of November, invoiced on the 1st, is unpaid, that of December
    unbilled; the fee of the 15th is owed and was charged once."""
    row = {**ENTERPRISE, "term_start": "2025-12-15", "payment_days": "45"}
    portfolio = portfolio_of(tmp_path, row)
    account = portfolio.accounts.account(0)
    scenario = scenario_in(portfolio)
    assert account.contract.term_start == date(2026, 12, 15)
    assert (scenario.start, scenario.contract.term_start) == (date(2026, 10, 1), date(2025, 12, 15))
    prepared = Prepared.of(scenario, until=portfolio.end)
    run = prepared.run(prepared.asked(range(1)))
    found = account_ledger(account, run, portfolio, range(1))
    fee = 50 * 20 * 12 * 100
    invoiced = {line.day: 0 for line in run.ledger.lines() if line.kind == "usage"}
    for line in run.ledger.lines():
        if line.kind == "usage":
            invoiced[line.day] += line.cents
    november, december = invoiced[date(2026, 12, 1)], invoiced[date(2027, 1, 1)]
    assert november
    assert found.opening["enterprise"][INDEX["receivable"], 0] == fee + november
    assert found.opening["enterprise"][INDEX["unbilled"], 0] == december
    assert [renewal.day for renewal in found.renewals] == [date(2027, 12, 15), date(2028, 12, 15)]


def test_terms_before_go_no_further_back_than_the_plan_has_prices(tmp_path: Path) -> None:
    head = HEAD.replace("start: 2027-01-01, months: 24", "start: 2025-12-01, months: 2")
    portfolio = portfolio_of(tmp_path, {**ENTERPRISE, "term_start": "2024-10-15"}, head=head)
    assert scenario_in(portfolio).contract.term_start == date(2025, 10, 15)


def test_members_have_the_seats_of_the_account_and_the_personas_of_the_mix(tmp_path: Path) -> None:
    scenario = scenario_in(portfolio_of(tmp_path, LEGACY))
    seats = list(scenario.members.values())
    assert (seats.count("standard"), seats.count("premium")) == (50, 8)
    counts = {population.persona.name: population.count for population in organization_of(scenario).populations}
    # Engineers are on both seat types, and their ids say on which.
    assert counts == {"engineer-standard": 38, "analyst": 12, "engineer-premium": 8}
    assert "engineer-standard-001" in scenario.members
    assert set(scenario.teams) == set(scenario.members)


def test_the_found_a_scenario_file_are_those_of_its_personas(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_bytes((SHIPPED.parents[1] / "midsize_premium.yaml").read_bytes())
    scenario = scenario_in(portfolio_of(tmp_path, {**LEGACY, "usage": "own.yaml"}))
    organization = organization_of(scenario)
    assert organization.country == "DE"
    assert {population.metered for population in organization.populations} == {0.9}
    assert sum(population.count for population in organization.populations) == 58


def test_more_seats_bring_new_members_at_the_renewal(tmp_path: Path) -> None:
    portfolio = portfolio_of(tmp_path, {**ENTERPRISE, "seat_change": "0.1"})
    scenario = scenario_in(portfolio)
    assert scenario.contract.renewal.seats == {"enterprise": 55}
    (event,) = scenario.events
    assert (event.day, isinstance(event.action, Assign)) == (date(2027, 3, 15), True)
    assert len(scenario.members) == 45
    assert len(scenario.people) == 50
    ledger = run_of(scenario, portfolio.end).ledger
    assert sum(1 for seat in ledger.phases[-1].seats.assigned.values() if seat) == 50


def test_fewer_seats_than_members_let_the_last_by_id_leave_before_the_renewal(tmp_path: Path) -> None:
    portfolio = portfolio_of(tmp_path, {**LEGACY, "seat_change": "-0.28"})
    scenario = scenario_in(portfolio)
    # 70 seats become 50, which is also the least.
    assert scenario.contract.renewal.seats == {"enterprise": 50}
    (event,) = scenario.events
    assert event.day == date(2027, 5, 31)
    assert isinstance(event.action, Assign)
    assert list(event.action.members) == sorted(scenario.members)[-8:]
    assert set(event.action.members.values()) == {None}
    run = run_of(scenario, portfolio.end)
    assert sum(1 for seat in run.ledger.phases[-1].seats.assigned.values() if seat) == 50


def test_seats_are_raised_to_the_minimum_and_nobody_joins_for_them(tmp_path: Path) -> None:
    small = {**LEGACY, "members_standard": "10", "seats_standard": "10", "members_premium": "", "seats_premium": ""}
    portfolio = portfolio_of(tmp_path, small)
    found = first_renewal(portfolio.accounts.account(0), catalogue())
    assert (found.seats, found.raised, found.added) == ({"enterprise": 50}, 40, {"enterprise": 0})
    assert scenario_in(portfolio).events == ()


def test_seats_are_rounded_half_up(tmp_path: Path) -> None:
    rows = {**ENTERPRISE, "seats_enterprise": "150"}
    for change, seats in (("0.01", 152), ("-0.01", 149), ("0.003", 150), ("-0.003", 150), ("0", 150)):
        account = portfolio_of(tmp_path, {**rows, "seat_change": change}).accounts.account(0)
        assert first_renewal(account, catalogue()).seats == {"enterprise": seats}


def test_an_early_move_happens_on_its_day_with_its_credit(tmp_path: Path) -> None:
    early = {**LEGACY, "migrate_on": "2027-02-01", "migrate_credit": "prorated", "seat_change": "-0.2"}
    portfolio = portfolio_of(tmp_path, early)
    scenario = scenario_in(portfolio)
    assert [(event.day, type(event.action)) for event in scenario.events] == [
        (date(2027, 2, 1), Assign),
        (date(2027, 2, 1), Migrate),
    ]
    ledger = run_of(scenario, portfolio.end).ledger
    changed = [(phase.since, phase.terms.plan.id, sum(phase.seats.held.values())) for phase in ledger.phases]
    assert (date(2027, 2, 1), "enterprise", 56) in changed
    assert (date(2028, 2, 1), "enterprise", 56) in changed


def test_a_renewal_behind_the_horizon_changes_nothing(tmp_path: Path) -> None:
    head = HEAD.replace("months: 24", "months: 2")
    scenario = scenario_in(portfolio_of(tmp_path, {**ENTERPRISE, "seat_change": "0.5"}, head=head))
    assert scenario.events == ()
    assert len(scenario.people) == 45


# --- money that is agreed --------------------------------------------------------------------------------------------


def test_what_is_agreed_for_the_renewal_is_agreed_and_nothing_else(tmp_path: Path) -> None:
    own = {"usage_discount": "0.1", "organization_limit": "5000"}
    agreed = {"renewal_usage_discount": "0.05", "renewal_seat_price_enterprise": "18", "renewal_member_limit": "900"}
    plain = scenario_in(portfolio_of(tmp_path, {**LEGACY, **own})).contract.renewal
    assert (plain.own.usage_discount, plain.limits, plain.credits) == (None, None, None)
    found = scenario_in(portfolio_of(tmp_path, {**LEGACY, **own, **agreed})).contract.renewal
    assert (found.own.usage_discount, found.own.seat_prices["enterprise"]) == (Fraction(1, 20), 18)
    assert found.limits is not None
    assert (found.limits.organization, found.limits.each_member) == (None, 900 * 10**9)


def test_credits_begin_with_prepayment_and_reload_on(tmp_path: Path) -> None:
    money = {"channel": "self_serve", "credits_initial": "900"}
    reload = {"credit_reload_below": "100", "credit_reload_amount": "300"}
    portfolio = portfolio_of(
        tmp_path,
        {**LEGACY, **money, **reload, "account_id": "a"},
        {**ENTERPRISE, **money, **reload, "account_id": "b"},
        {**ENTERPRISE, **money, "account_id": "c"},
    )
    contracts = [portfolio.accounts.account(row).contract for row in range(3)]
    assert [contract.credits.initial // 10**9 for contract in contracts] == [0, 900, 900]
    agreed = [contract.renewal.credits for contract in contracts]
    # Bought anew where prepayment begins, or where nothing reloads; what is left stays.
    assert [bought.initial // 10**9 for bought in agreed if bought] == [900, 0, 900]


# --- usage -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["engineer", "analyst", "manager", "light_user"])
def test_the_mean_of_a_month_is_the_generators(name: str) -> None:
    start, end = date(2026, 10, 12), date(2026, 11, 9)
    card = catalogue().cards["claude_api"]
    found = shipped([name], card, start, [])[name]
    # Less spread than the shipped ones have, so that a sample tells; the laws are the same.
    calm = replace(found, level=replace(found.level, sigma=0.3), drift=replace(found.drift, sd=0.2))
    organization = Organization((Population(calm, 12_000, "any", "all"),), start, 1, Shocks(0, 0, 30))
    demand = Generator(organization, card, end).draw(range(1)).demand(start, end, organization.members)
    mean = float(demand.total.sum()) / 1e9 / 12_000
    assert mean == pytest.approx(mean_month(calm, Days(start, 28, 1.0), card), rel=0.03)


def test_a_level_in_tokens_has_the_mean_that_its_tokens_cost() -> None:
    start, end = date(2026, 10, 12), date(2026, 11, 9)
    card = catalogue().cards["claude_api"]
    found = shipped(["engineer"], card, start, [])["engineer"]
    calm = replace(
        found,
        level=replace(found.level, amount=5_000_000.0, unit="tokens", sigma=0.2),
        drift=replace(found.drift, sd=0.1),
    )
    organization = Organization((Population(calm, 12_000, "any", "all"),), start, 1, Shocks(0, 0, 30))
    demand = Generator(organization, card, end).draw(range(1)).demand(start, end, organization.members)
    mean = float(demand.total.sum()) / 1e9 / 12_000
    assert mean == pytest.approx(mean_month(calm, Days(start, 28, 1.0), card), rel=0.03)


def test_past_spend_scales_every_persona_alike(tmp_path: Path) -> None:
    rows = [{**ENTERPRISE, "account_id": "a"}, {**ENTERPRISE, "account_id": "b", "monthly_spend": "9000"}]
    portfolio = portfolio_of(tmp_path, *rows, {**ENTERPRISE, "account_id": "c", "monthly_spend": "0"})
    levels = [
        [population.persona.level.amount for population in organization_of(scenario_in(portfolio, row)).populations]
        for row in range(3)
    ]
    ratios = [after / before for before, after in zip(*levels[:2], strict=True)]
    assert ratios[0] == pytest.approx(ratios[1])
    found = portfolio.personas.of_account(portfolio.accounts.account(1))
    days = Days(date(2026, 1, 1), 365, 12)
    card = catalogue().cards["claude_api"]
    mean = sum(one.count * mean_month(one.persona, days, card) for one in found.populations)
    assert mean == pytest.approx(9000)
    assert levels[2] == [0, 0]
    assert int(run_of(scenario_in(portfolio, 2), portfolio.end).measured.demand.total.sum()) == 0


def test_an_account_is_the_same_whoever_else_is_in_the_portfolio(tmp_path: Path) -> None:
    alone = scenario_in(portfolio_of(tmp_path, ENTERPRISE), draws=2)
    among = scenario_in(portfolio_of(tmp_path, LEGACY, {**LEGACY, "account_id": "aa"}, ENTERPRISE), 1, draws=2)
    demands = [run_of(one, date(2027, 2, 1)).measured.demand.total for one in (alone, among)]
    assert np.array_equal(*demands)


def test_shares_are_whole_and_add_up() -> None:
    thirds = [Fraction(1, 3)] * 3
    assert shared_out(10, thirds) == (4, 3, 3)
    assert shared_out(2, [Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)]) == (1, 1, 0)
    assert shared_out(0, thirds) == (0, 0, 0)


def test_every_account_of_the_shipped_portfolio_is_billed() -> None:
    portfolio = read_portfolio(SHIPPED, catalogue())
    for row in range(len(portfolio.accounts)):
        run = run_of(scenario_in(portfolio, row), portfolio.end)
        assert run.ledger.charges
        assert run.warnings == ()


# --- factors ---------------------------------------------------------------------------------------------------------


def measured(days: int, draws: int, members: int, start: date = date(2027, 1, 1)) -> Measured:
    names = tuple(f"m{number}" for number in range(members))
    amounts = np.arange(days * draws * members, dtype=np.int64).reshape(days, draws, members) * 1_000_003
    return Measured(Demand(start, names, {"chat": amounts}, days, draws), 0, 0)


def test_factors_multiply_each_day_and_draw_and_round_to_the_nano_dollar() -> None:
    asked = measured(4, 2, 3, date(2026, 12, 31))
    factors = Factors(date(2027, 1, 1), np.array([[1.1, 0.5], [1.0, 2.0], [0.0, 1.0]]))
    before, after = (one.demand.by_surface["chat"] for one in (asked, factors.applied(asked)))
    assert np.array_equal(after[0], before[0])
    for day, draw in np.ndindex(3, 2):
        expected = [round(int(amount) * factors.by_day[day, draw]) for amount in before[day + 1, draw]]
        assert after[day + 1, draw].tolist() == expected


def test_factors_of_one_leave_what_was_measured() -> None:
    asked = measured(3, 2, 2)
    assert Factors(date(2027, 1, 1), np.ones((5, 2))).applied(asked) is asked


def test_factors_that_do_not_fit_are_refused() -> None:
    factors = Factors(date(2027, 1, 1), np.full((2, 2), 2.0))
    with pytest.raises(ValueError, match="must reach the last of the 3 days"):
        factors.applied(measured(3, 2, 2))
    with pytest.raises(ValueError, match="factors for 1 draws"):
        factors.applied(measured(2, 1, 2))
    with pytest.raises(ValueError, match="finite"):
        Factors(date(2027, 1, 1), np.array([[np.nan]]))
