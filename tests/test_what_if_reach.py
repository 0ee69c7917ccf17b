"""A what-if that reaches nothing of a run says so, and why; one that reaches something does not."""

from pathlib import Path

import pytest

import planshift
from answering import even
from command import run
from planshift.plans.files import folder

CONTRACT = """\
contract:
  plan: legacy_standard_premium
  channel: sales_assisted
  term_start: 2026-01-01
  seats: {standard: 20}
  included_usage_per_week: {standard: 5.00}
  extra_usage: {enabled: true}"""
MEMBERS = "members: {ada: standard, ben: standard}\n"
PRICE = "price_usd_per_month: {value: 26.00, assumed: true, note: A test.}"

NONE = {
    "a date after the run": (
        "enterprise",
        "2028-01-01",
        f"seats: {{enterprise: {{{PRICE}}}}}",
        "it begins on 2028-01-01, after the last day of this run, 2027-12-31",
    ),
    "a plan that nobody is on": (
        "legacy_chat_claude_code",
        "2026-06-01",
        f"seats: {{chat: {{{PRICE}}}}}",
        "nobody in this run is on Enterprise with Chat and Chat + Claude Code seats (legacy)",
    ),
    "a seat that nobody has": (
        "legacy_standard_premium",
        "2026-06-01",
        f"seats: {{premium: {{{PRICE}}}}}",
        "nobody in this run has a Premium seat",
    ),
    "a seat price after the fees of the year": (
        "enterprise",
        "2027-02-01",
        f"seats: {{enterprise: {{{PRICE}}}}}",
        "it begins on 2027-02-01, and no Enterprise seat is charged on that day or later in this run",
    ),
    "a channel through which nobody bought": (
        "enterprise",
        "2027-01-01",
        "channels: {self_serve: {minimum_seats: {value: 30, assumed: true, note: A test.}}}",
        "no contract in this run is bought through the channel",
    ),
    "credits that nobody buys": (
        "enterprise",
        "2027-01-01",
        "credits: {expiry_months: {value: 6, assumed: true, note: A test.}}",
        "nobody in this run pays usage on Enterprise, usage-based from credits",
    ),
    "a model that nobody uses": (
        "claude_api",
        "2026-06-01",
        "models: {claude-haiku-4-5: {input_usd_per_mtok: {value: 0.50, assumed: true, note: A test.}}}",
        "nobody in this run uses Claude Haiku 4.5",
    ),
    "tokens that nobody uses": (
        "claude_api",
        "2026-06-01",
        "models: {claude-sonnet-4-6: {cache_read_usd_per_mtok: {value: 0.10, assumed: true, note: A test.}}}",
        "nobody in this run uses any cache read tokens of Claude Sonnet 4.6",
    ),
}
SOME = {
    "a seat price of the new plan": ("enterprise", "2027-01-01", f"seats: {{enterprise: {{{PRICE}}}}}"),
    "a seat price of the old plan, in the counterfactual": (
        "legacy_standard_premium",
        "2027-01-01",
        f"seats: {{standard: {{{PRICE}}}}}",
    ),
    "a model that is used": (
        "claude_api",
        "2027-06-01",
        "models: {claude-sonnet-4-6: {input_usd_per_mtok: {value: 1.00, assumed: true, note: A test.}}}",
    ),
}


def scenario(at: Path) -> Path:
    even(at, {"ada": 300, "ben": 50}, CONTRACT, MEMBERS)
    usage = (at / "usage.csv").read_text()
    # Tokens besides the searches, of one model and one class.
    (at / "usage.csv").write_text(usage.replace("claude-sonnet-4-6,0,0", "claude-sonnet-4-6,1000,0"))
    return at / "even.yaml"


def overlay(at: Path, baseline: str, since: str, changes: str) -> Path:
    text = f"kind: overlay\ntitle: A test\nbaseline: {baseline}\nfrom: {since}\nchanges:\n  {changes}\n"
    (at / "overlay.yaml").write_text(text)
    return at / "overlay.yaml"


@pytest.mark.parametrize("case", NONE)
def test_it_is_said_first_and_among_the_notes_of_a_renewal(case: str, tmp_path: Path) -> None:
    *changes, why = NONE[case]
    found = planshift.renew(scenario(tmp_path), overlays=[overlay(tmp_path, *changes)])
    assert found.answer.startswith(f"What-if 'A test' has no effect here: {why}")
    assert "What-if 'A test': " not in found.answer
    assert any(f"has no effect here: {why}" in note for note in found.notes)
    assert found.renewal.new.cost == planshift.renew(scenario(tmp_path)).renewal.new.cost


@pytest.mark.parametrize("case", SOME)
def test_a_what_if_that_reaches_the_run_is_named_as_ever(case: str, tmp_path: Path) -> None:
    found = planshift.renew(scenario(tmp_path), overlays=[overlay(tmp_path, *SOME[case])])
    assert found.answer.startswith("What-if 'A test': ")
    assert "no effect" not in found.answer


def test_a_model_that_is_used_no_more_when_it_begins(tmp_path: Path) -> None:
    path = scenario(tmp_path)
    usage = (tmp_path / "usage.csv").read_text().replace("2026-02-01,ada,chat,claude-sonnet-4-6,1000,0,300", EARLIER)
    (tmp_path / "usage.csv").write_text(usage)
    changes = "models: {claude-opus-4-8: {input_usd_per_mtok: {value: 1.00, assumed: true, note: A test.}}}"
    found = planshift.simulate(path, overlays=[overlay(tmp_path, "claude_api", "2026-03-01", changes)])
    assert "it begins on 2026-03-01, and nobody in this run uses Claude Opus 4.8 after 2026-02-01" in found.answer


EARLIER = "2026-02-01,ada,chat,claude-opus-4-8,1000,0,300"


def test_a_simulation_a_comparison_and_what_is_set_beside_a_renewal_say_so_too(tmp_path: Path) -> None:
    path = scenario(tmp_path)
    *changes, why = NONE["a model that nobody uses"]
    file = overlay(tmp_path, *changes)
    said = f"What-if 'A test' has no effect here: {why}."
    assert run("simulate", path, "--overlay", file, "-q").out.startswith(said)
    plans = "legacy_standard_premium,enterprise"
    assert run("compare", path, "--plans", plans, "--overlay", file, "-q").out.startswith(said)
    assert said in planshift.renew(path, what_ifs=[file]).notes


def test_so_do_drawn_years_and_a_forecast(tmp_path: Path) -> None:
    changes = "models: {claude-opus-4: {input_usd_per_mtok: {value: 1.00, assumed: true, note: A test.}}}"
    file = overlay(tmp_path, "claude_api", "2026-06-01", changes)
    said = "What-if 'A test' has no effect here: nobody in this run uses Claude Opus 4."
    drawn = planshift.simulate(folder("scenarios") / "midsize_premium.yaml", draws=2, overlays=[file], jobs=1)
    assert drawn.answer.startswith(said)
    portfolio = folder("scenarios") / "portfolios" / "forty_accounts.yaml"
    found = planshift.forecast(portfolio, draws=1, months=2, overlays=[file], jobs=1)
    assert found.answer.startswith(said)
    assert said in found.notes


def test_a_difference_of_plans_says_what_it_does_not_show(tmp_path: Path) -> None:
    late = overlay(tmp_path, *NONE["a date after the run"][:3])
    shown = run("plans", "diff", "enterprise", "enterprise", "--overlay", late, "-q").out
    assert shown.startswith("What-if 'A test' has no effect here: it begins on 2028-01-01, and the values are those of")
    later = run("plans", "diff", "enterprise", "enterprise", "--overlay", late, "--on", "2028-01-01", "-q").out
    assert "no effect" not in later
    other = run("plans", "diff", "legacy_chat_claude_code", "legacy_chat_claude_code", "--overlay", late, "-q").out
    assert "it changes 'enterprise', which is not compared" in other
