"""Explanations worked by hand: quantities, rules and sources, and what another choice would have given."""

from decimal import Decimal
from pathlib import Path

import pytest

import planshift
from command import EXAMPLES
from planshift.explanation.explanation import Explanation, Step

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the run of every example."""
    folder = tmp_path_factory.mktemp("runs")
    for name in NAMES:
        planshift.simulate(EXAMPLES / f"{name}.yaml").write(folder / name)
    return folder


def simulated(folder: Path, scenario: str, usage: str = "") -> Path:
    """The run of a scenario written here, in ``folder``/run."""
    (folder / "scenario.yaml").write_text(scenario, encoding="utf-8")
    if usage:
        (folder / "usage.csv").write_text(usage, encoding="utf-8")
    return planshift.simulate(folder / "scenario.yaml").write(folder / "run")


def texts(found: Explanation) -> str:
    return "\n".join(step.text for step in found.steps)


def step_with(found: Explanation, words: str) -> Step:
    """The one step that has these words."""
    (step,) = [step for step in found.steps if words in step.text]
    return step


def otherwise(found: Explanation) -> dict[str, tuple[str, str]]:
    """Amount and difference, in whole cents, by what would be chosen instead."""
    return {choice.other: (cents(choice.amount), cents(choice.difference)) for choice in found.alternatives}


def cents(amount: Decimal | None) -> str:
    return f"{amount:.2f}"


# --- seats -------------------------------------------------------------------------------------------------------


def test_five_seats_on_the_tenth_of_april(runs: Path) -> None:
    # 8 months after April, and 21 of April's 30 days: 5 x 20 x 8.7 = 870.
    found = planshift.explain(runs / "seats_added_mid_term", invoice="2027-04-10")
    assert found.amount == Decimal("870.00")
    assert found.title == (
        "870.00 USD on 2027-04-10: 5 Enterprise seats added for the rest of the term, 2027-04-10 to 2027-12-31."
    )
    counted = step_with(found, "Whole months after the current one: 8;")
    assert "days left of the current month (2027-04-01 to 2027-04-30), 2027-04-10 included: 21 of 30" in counted.text
    assert counted.text.endswith("together 8 21/30 months")
    assert counted.source.startswith("assumed: Seats added later are charged for the rest of the year")
    price = step_with(found, "A seat costs 20.00 USD a month, in force since")
    assert (price.rule, price.source) == ("P3", "Plans and pricing, https://claude.com/pricing")
    assert found.steps[-1] == Step(
        "5 x 20.00 USD x 8 21/30 months", Decimal("870.00"), rule="S2", part=found.steps[0].part
    )


def test_the_other_ways_of_counting_the_rest_of_a_term(runs: Path) -> None:
    # The month counted whole: 5 x 20 x 9 = 900. By the day: 5 x 20 x 12 x 266/365 = 874.5205…
    found = planshift.explain(runs / "seats_added_mid_term", invoice="2027-04-10")
    assert otherwise(found) == {
        "the current month counted whole": ("900.00", "30.00"),
        "days left ÷ days in the term": ("874.52", "4.52"),
    }
    assert [choice.rule for choice in found.alternatives] == ["S2", "S2"]
    assert found.without_effect == (
        "whether credits expire (enterprise)",
        "what becomes of credits at a renewal (enterprise)",
    )


def test_a_whole_month_left_is_a_whole_month(runs: Path) -> None:
    # Ten seats on 1 April: nine months by any monthly count; by the day 10 x 20 x 12 x 275/365 = 1808.2192.
    found = planshift.explain(runs / "seats_added_mid_term", invoice="2027-04-01")
    assert found.steps[-1].text == "10 x 20.00 USD x 9 months"
    assert otherwise(found) == {"days left ÷ days in the term": ("1808.22", "8.22")}


def test_a_term_that_began_on_the_thirty_first(runs: Path) -> None:
    # 3 x 40 x (10 + 22/31) = 1285.1612…; 11 months: 1320; 326 of 365 days: 1286.136…
    found = planshift.explain(runs / "waiting_for_the_week", invoice="2026-10-09")
    assert found.amount == Decimal("1285.16")
    assert "Whole months after the current one: 10;" in texts(found)
    assert "(2026-09-30 to 2026-10-30), 2026-10-09 included: 22 of 31; together 10 22/31 months" in texts(found)
    assert found.steps[-1].text == (
        "3 x 40.00 USD x 10 22/31 months = 1,285.161290322… USD, rounded half up to the cent, once"
    )
    assert step_with(found, "A seat costs 40.00").source == "your contract"
    assert [cents(choice.amount) for choice in found.alternatives] == ["1320.00", "1286.14"]
    assert [cents(choice.difference) for choice in found.alternatives] == ["34.84", "0.98"]


def test_the_first_term(runs: Path) -> None:
    found = planshift.explain(runs / "seats_added_mid_term", invoice="2027-01-01", kind="seat_fee", line=1)
    assert found.steps[0].source == "your contract"
    assert step_with(found, "The term has 12 months: 2027-01-01 to 2027-12-31").rule == "S1"
    assert found.steps[-1].text == "50 x 20.00 USD x 12 months"
    assert found.alternatives == ()


def test_a_renewal_says_which_seats_became_which(runs: Path) -> None:
    found = planshift.explain(runs / "renewal_standard_premium", invoice="2026-10-17", kind="seat_fee")
    assert found.steps[0].text == (
        "A term begins on 2026-10-17 and is charged at once: 55 Enterprise seats; held before: 45 Standard seats and"
        " 10 Premium seats; Standard seat becomes Enterprise seat and Premium seat becomes Enterprise seat"
    )
    assert found.steps[0].rule == "R1"


EARLY = """
title: An early move
contract:
  plan: legacy_standard_premium
  channel: sales_assisted
  term_start: 2026-01-01
  seats: {premium: 10}
  seat_prices: {premium: 200.00}
horizon: {start: 2026-10-01, months: 3}
events:
  - {date: 2026-11-01, migrate: %s}
"""


def test_an_early_move_leaves_open_what_becomes_of_the_rest(tmp_path: Path) -> None:
    # Two months are left of ten seats at 200: 4,000 given back would leave 12,000 - 4,000 = 8,000.
    found = planshift.explain(simulated(tmp_path, EARLY % "true"), invoice="2026-11-01")
    assert found.amount == Decimal("12000.00")
    assert "40 of them are added: Sales-assisted has at least 50 seats" in texts(found)
    (choice,) = found.alternatives
    assert choice.rule == "R3"
    assert choice.path == "early_migration.credit"
    assert (cents(choice.amount), cents(choice.difference)) == ("8000.00", "-4000.00")


def test_what_an_event_settles_is_agreed_and_not_open(tmp_path: Path) -> None:
    run_dir = simulated(tmp_path, EARLY % "{credit: prorated}")
    found = planshift.explain(run_dir, invoice="2026-11-01", kind="seat_credit")
    assert found.amount == Decimal("-4000.00")
    assert found.steps[0].source == "your contract"
    assert found.steps[0].rule == "R3"
    assert found.steps[-1].text == "10 x 200.00 USD x 2 months; given back"
    assert found.agreed == (
        "what becomes of the rest of the old term after an early move (legacy_standard_premium):"
        " a credit for the rest of the old term",
    )
    # Two of twelve months by any monthly count; 61 of 365 days: 2,000 x 12 x 61/365 = 4,010.96.
    assert [cents(choice.amount) for choice in found.alternatives] == ["-4010.96"]


def test_what_the_contract_says_of_proration_is_agreed(tmp_path: Path) -> None:
    scenario = (
        (EXAMPLES / "seats_added_mid_term.yaml").read_text().replace("horizon:", "  proration: whole_months\nhorizon:")
    )
    found = planshift.explain(simulated(tmp_path, scenario), invoice="2027-04-10")
    assert found.amount == Decimal("900.00")
    assert found.alternatives == ()
    assert found.agreed == ("how the rest of a term is counted (enterprise): the current month counted whole",)
    counted = step_with(found, "Months left of the term, the current one (2027-04-01 to 2027-04-30) counted whole: 9")
    assert counted.source == "your contract"


def test_days_are_shown_as_days(tmp_path: Path) -> None:
    scenario = (EXAMPLES / "seats_added_mid_term.yaml").read_text().replace("horizon:", "  proration: days\nhorizon:")
    found = planshift.explain(simulated(tmp_path, scenario), invoice="2027-04-10")
    assert "Days left of the term, 2027-04-10 to 2027-12-31: 266 of 365; 12 x 266/365 months" in texts(found)
    assert found.steps[-1].text.startswith("5 x 20.00 USD x (12 x 266/365) months = 874.520547945… USD")


CHEAPER = """\
kind: overlay
title: Seats for ten dollars
baseline: enterprise
from: 2027-04-05
changes:
  seats: {enterprise: {price_usd_per_month: {value: 10.00, assumed: true, note: A test.}}}
"""


def test_a_what_if_is_named_as_the_source(tmp_path: Path) -> None:
    overlay = tmp_path / "cheaper.yaml"
    overlay.write_text(CHEAPER)
    run_dir = planshift.simulate(EXAMPLES / "seats_added_mid_term.yaml", overlays=[overlay]).write(tmp_path / "run")
    found = planshift.explain(run_dir, invoice="2027-04-10")
    assert found.amount == Decimal("435.00")
    assert found.title.startswith("What-if 'Seats for ten dollars': 435.00 USD on 2027-04-10")
    price = step_with(found, "A seat costs 10.00 USD a month, in force since 2027-04-05")
    assert price.source == "what-if: Seats for ten dollars"


# --- credits -----------------------------------------------------------------------------------------------------


def test_credits_bought_after_running_out(runs: Path) -> None:
    found = planshift.explain(runs / "credits_run_out", invoice="2026-11-11")
    assert found.steps[1].text == (
        "The balance was zero at the end of 2026-11-08; 3 days later, on 2026-11-11, it was still zero, so 100.00 USD"
        " are bought"
    )
    assert found.steps[1].rule == "C2"
    assert "Balance before 0.00 USD, after 100.00 USD" in texts(found)
    expiry = step_with(found, "These credits do not expire")
    assert expiry.source.startswith("assumed: Whether credits of an Enterprise organization expire")


def test_credits_bought_on_a_date_and_at_the_start(runs: Path) -> None:
    by_date = planshift.explain(runs / "credits_run_out", invoice="2026-10-21")
    assert by_date.amount == Decimal("60.00")
    assert "Credits that you bought on 2026-10-21, by an event of the scenario" in texts(by_date)
    initial = planshift.explain(runs / "credits_run_out", invoice="2026-10-01", kind="credit_purchase")
    assert initial.amount == Decimal("120.00")
    assert "Balance before 0.00 USD, after 120.00 USD" in texts(initial)


def test_auto_reload_shows_the_balance_that_made_it_buy(runs: Path) -> None:
    # 2 October: what is left of 50 after the usage of the 1st and 2nd, with 7.5 % off, is below 15.
    found = planshift.explain(runs / "credits_reload", invoice="2026-10-02")
    assert "24.40 USD within all limits, 7.98 USD would be left: below 15.00 USD" in texts(found)
    assert "Balance before 32.39 USD, after 72.39 USD" in texts(found)
    assert Decimal("32.385169962") - Decimal("24.402249159") == Decimal("7.982920803")


LATE = """
title: Credits used late
contract:
  plan: enterprise
  channel: self_serve
  term_start: 2026-10-01
  seats: {enterprise: 20}
  credits: {initial: 50.00}
horizon: {start: 2026-10-01, months: 14}
members: {ada: enterprise}
usage: {file: usage.csv}
"""
ONE_ROW = "date,user_id,surface,model,input_tokens\n2027-11-02,ada,chat,claude-opus-5-5,1000000\n"


def test_credits_that_expire_or_lapse_would_be_gone(tmp_path: Path) -> None:
    # A million input tokens at 4 dollars, from credits of thirteen months before, on the other side of a renewal.
    run_dir = simulated(tmp_path, LATE, ONE_ROW)
    found = planshift.explain(run_dir, member="ada", month="2027-11")
    assert found.amount == Decimal("4.00")
    assert [(choice.rule, cents(choice.amount)) for choice in found.alternatives] == [("C3", "0.00"), ("C4", "0.00")]
    assert found.alternatives[0].others == {"stopped": (Decimal(4), Decimal(4))}
    assert "with credits that expire after 12 months: 0.00 USD, 4.00 less; stopped 4.00, 4.00 more" in (
        found.alternatives[0].text
    )


def test_own_expiry_is_agreed(tmp_path: Path) -> None:
    scenario = LATE.replace("initial: 50.00", "initial: 50.00, expiry_months: 24")
    run_dir = simulated(tmp_path, scenario, ONE_ROW)
    found = planshift.explain(run_dir, invoice="2026-10-01", kind="credit_purchase")
    expiry = step_with(found, "What is left of these credits is gone on 2028-10-01, after 24 months")
    assert expiry.source == "your contract"
    assert found.agreed == ("whether credits expire (enterprise): credits that expire after 24 months",)


# --- usage -------------------------------------------------------------------------------------------------------


def test_a_usage_line_and_its_share_of_the_cents(runs: Path) -> None:
    # 36.164230007 + 1.980778320 = 38.145008327, so 38.15; whole cents give 36.16 + 1.98, and ada's rest is larger.
    found = planshift.explain(runs / "renewal_standard_premium", invoice="2026-10-17", kind="usage", line=1)
    assert found.amount == Decimal("36.17")
    said = texts(found)
    assert "2026-10-01 to 2026-10-16; the contract ended on 2026-10-16" in said
    assert "added up exactly: 38.145008327 USD, rounded half up to the cent, once: 38.15 USD" in said
    assert "36.16 USD in whole cents and 0.004230007 over" in said
    assert "lacks 1 cent" in said
    assert "this one is number 1 of 2, so it gets a cent more" in said
    other = planshift.explain(runs / "renewal_standard_premium", invoice="2026-10-17", member="cleo")
    assert "1.98 USD in whole cents and 0.000778320 over" in texts(other)
    assert "this one is number 2 of 2, so it gets none" in texts(other)


def test_included_usage_window_by_window(runs: Path) -> None:
    # ada's rows of 1 to 4 October, at the prices of these days: 15.8413252 + 2.7314477 + 21.6149026 + 16.7303216.
    found = planshift.explain(runs / "renewal_standard_premium", member="ada", month="2026-10")
    window = step_with(found, "2026-10-01 to 2026-10-04: 30.00 USD included, 56.92 asked for")
    assert window.amount == Decimal(-30)
    assert "full, although the first days of the window are cut off" in window.text
    assert Decimal("15.8413252") + Decimal("2.7314477") + Decimal("21.6149026") + Decimal("16.7303216") == Decimal(
        "56.9179971"
    )
    # 10 % of what goes beyond: 112.780344885 - 72.597867100 = 40.182477785.
    discount = step_with(found, "discount of 10 %")
    assert discount.amount == Decimal("-4.018247778")
    assert discount.source == "your contract"


def test_a_window_that_began_in_the_month_before(runs: Path) -> None:
    found = planshift.explain(runs / "waiting_for_the_week", member="ada", month="2026-11")
    assert "2026-11-01: 24.00 USD included, 24.00 of it used before, 0.00 asked for" in texts(found)
    lost = step_with(found, "2026-11-02 to 2026-11-08: 24.00 USD included, 15.42 asked for")
    assert lost.text.endswith("8.58 not used, and lost")
    waited = planshift.explain(runs / "waiting_for_the_week", member="ben", month="2026-11")
    stopped = step_with(waited, "extra usage is switched off")
    assert (stopped.rule, stopped.source) == ("I2", "your contract")
    assert "ben: allowance used up since 2026-11-04, until 2026-11-09 (new window)" in texts(waited)


def test_limits_day_by_day(runs: Path) -> None:
    found = planshift.explain(runs / "limits_and_alerts", member="ben", month="2026-10")
    said = texts(found)
    assert "2026-10-01 to 2026-10-15: 20.00 USD a month (the limit of ben), by your contract" in said
    assert "2026-10-16 to 2026-10-31: 24.00 USD a month (the limit of ben), changed on that day" in said
    # 24 less what ben had used before the 31st; the rest of that day's 2.236164490 was stopped.
    last = step_with(found, "2026-10-31: 2.24 asked for, 0.89 left of the limit")
    assert last.amount == Decimal("0.893091206") - Decimal("2.236164490")
    shared = step_with(found, "2026-10-23: 2.62 left of the organization's 150.00 USD a month")
    share = Decimal("2.016995100") * Decimal("2.617445640") / Decimal("3.297041465")
    assert "= 1.60" in shared.text
    assert abs(share - Decimal("1.601246174")) < Decimal("1e-9")
    assert shared.amount == Decimal("1.601246174") - Decimal("2.016995100")
    assert "2026-10-26 to 2026-10-27: nothing left of the organization's limit" in said
    assert "organization: organization limit since 2026-10-23, until 2026-10-28 (limit changed)" in said
    assert "ben: member limit since 2026-10-31, until 2026-11-01 (new period)" in said
    assert "Invoiced on 2026-11-01, line 2: 24.00 USD" in said


def test_which_level_gave_the_limit(runs: Path) -> None:
    ada = planshift.explain(runs / "limits_and_alerts", member="ada", month="2026-10")
    assert "110.00 USD a month (the limit of every member)" in texts(ada)
    cleo = planshift.explain(runs / "limits_and_alerts", member="cleo", month="2026-10")
    assert "the member's limit" not in texts(cleo)
    reload = planshift.explain(runs / "credits_reload", member="ada", month="2026-10")
    assert "130.00 USD a month (the limit of every Enterprise seat)" in texts(reload)
    assert "discount of 7.5 %" in texts(reload)


def test_credits_that_run_out_are_shared(runs: Path) -> None:
    found = planshift.explain(runs / "credits_run_out", member="ben", month="2026-11")
    stopped = step_with(found, "stopped because the credits were used up")
    assert stopped.rule == "C1, L6"
    assert "organization: credits exhausted since 2026-11-08, until 2026-11-11 (credits bought)" in texts(found)
    assert "Paid from the organization's credits: 26.93 USD" in texts(found)


def test_tokens_by_surface_and_model(runs: Path) -> None:
    # cleo on cowork in October, Sonnet 5.5 after its cache reads became cheaper: 2, 10, 0.10 and 2.50 per million.
    found = planshift.explain(runs / "renewal_chat_claude_code", member="cleo", month="2026-10")
    tokens = [(266_237, 68_461, 456_407, 76_067), (167_868, 43_166, 287_774, 47_962), (5_131, 1_319, 8_797, 1_466)]
    prices = [Decimal(text) for text in ("2.00", "10.00", "0.10", "2.50")]
    cost = sum(count * price for row in tokens for count, price in zip(row, prices, strict=True)) / 1_000_000
    cost += 4 * Decimal("0.01")
    assert step_with(found, "Cowork, 2026-10-01 to 2026-10-31: a Chat seat opens Chat").amount == -cost
    row = step_with(found, "439,236 input x 2.00 + 112,946 output x 10.00 + 752,978 cache read x 0.10")
    assert row.amount == cost
    assert row.text.startswith("Claude Sonnet 5.5, prices since 2026-10-07: ")
    assert row.text.endswith("minutes) x 2.50 USD per million tokens + 4 web searches x 0.01 USD")
    assert "https://" in row.source


def test_a_surface_that_may_have_been_open(runs: Path) -> None:
    found = planshift.explain(runs / "renewal_chat_claude_code", member="cleo", month="2026-10")
    (choice,) = found.alternatives
    assert choice.rule == "U4"
    assert choice.other == "a Chat seat that opens Chat and Cowork"
    assert (choice.amount, choice.difference) == (Decimal("33.634052805"), Decimal("2.436967300"))
    assert choice.others == {"unavailable": (Decimal(0), Decimal("-2.436967300"))}
    line = planshift.explain(runs / "renewal_chat_claude_code", invoice="2026-11-01", member="cleo")
    assert [cents(choice.amount) for choice in line.alternatives] == ["33.63"]
    ben = planshift.explain(runs / "renewal_chat_claude_code", member="ben", month="2026-10")
    assert ben.alternatives == ()
    assert "which surfaces a Chat seat opens (legacy_chat_claude_code)" in ben.without_effect


def test_modifiers_are_named(tmp_path: Path) -> None:
    row = "date,user_id,surface,model,input_tokens,modifiers\n2026-10-02,ada,chat,claude-opus-5-5,1000000,batch\n"
    run_dir = simulated(tmp_path, LATE.replace("months: 14", "months: 1"), row)
    found = planshift.explain(run_dir, member="ada", month="2026-10")
    half = step_with(found, "1,000,000 input x 2.00 USD per million tokens")
    assert (half.rule, half.amount) == ("U1, U2", Decimal(2))
