"""Usage that goes on when a model has been retired or a mode has ended: as what, at which price, and what is said."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import planshift
from command import run
from planshift.plans.files import folder
from planshift.plans.rates import lasting
from planshift.reports.page.report import PageOptions
from planshift.usage.measure import Carried, Measured, UsageSource, measure
from planshift.usage.pricing import UsageColumns, row_costs
from planshift.usage.synthetic.generate import Generator
from planshift.usage.synthetic.persona import Organization, Population
from synthetic import CARD, CHAT, ENGINEER, QUIET, SurfaceUse

HEADER = "date,user_id,surface,model,input_tokens,output_tokens,modifiers"
DOLLAR = 10**9
CONTRACT = """\
title: Carried on
contract:
  plan: legacy_standard_premium
  channel: sales_assisted
  term_start: 2026-01-01
  seats: {standard: 5}
  seat_prices: {standard: 40.00}
  included_usage_per_week: {standard: 1.00}
horizon: {start: 2026-01-01, months: 12}
members: {ada: standard}
usage: {file: usage.csv}
"""


def week_of(folder: Path, first: date, *rows: str) -> UsageSource:
    """A file with a week of days, each with these rows: model, tokens, modifiers."""
    days = [first.fromordinal(first.toordinal() + ahead) for ahead in range(7)]
    lines = [f"{day},ada,claude_code,{row}" for day in days for row in rows]
    (folder / "usage.csv").write_text("\n".join([HEADER, *lines, ""]))
    return UsageSource(folder / "usage.csv", surfaces={"claude_code": "Claude Code"})


def carried_on(source: UsageSource, first: date, end: date) -> Measured:
    last = first.fromordinal(first.toordinal() + 6)
    return measure(source, CARD, ["ada"], first, end, carried=Carried.from_last(first, last))


def a_day(found: Measured, day: date) -> int:
    return int(found.demand.total[(day - found.demand.start).days, 0, 0])


def test_a_retired_model_goes_on_as_its_successor_from_the_day_on(tmp_path: Path) -> None:
    first = date(2026, 7, 13)
    found = carried_on(week_of(tmp_path, first, "claude-opus-4-1,1000000,100000,"), first, date(2026, 9, 1))
    assert a_day(found, date(2026, 8, 4)) == (15 + 75 // 10) * DOLLAR + DOLLAR // 2
    assert a_day(found, date(2026, 8, 5)) == (5 + 25 // 10) * DOLLAR + DOLLAR // 2
    (lapsed,) = found.lapsed
    assert (lapsed.lapse.model, lapsed.lapse.since, lapsed.share) == ("claude-opus-4-1", date(2026, 8, 5), 1)


def test_a_mode_that_has_ended_is_left_out_from_the_day_on(tmp_path: Path) -> None:
    first = date(2026, 11, 16)
    found = carried_on(week_of(tmp_path, first, "claude-opus-4-8,1000000,0,fast_mode"), first, date(2026, 12, 31))
    assert a_day(found, date(2026, 11, 29)) == 10 * DOLLAR
    assert a_day(found, date(2026, 11, 30)) == 5 * DOLLAR
    (lapsed,) = found.lapsed
    assert (lapsed.lapse.modifier, lapsed.lapse.since, lapsed.share) == ("fast_mode", date(2026, 11, 30), 1)


def test_what_it_had_besides_a_mode_that_has_ended_stays(tmp_path: Path) -> None:
    first = date(2026, 11, 16)
    row = "claude-opus-4-8,1000000,0,us_only_inference fast_mode"
    found = carried_on(week_of(tmp_path, first, row), first, date(2026, 12, 31))
    assert a_day(found, date(2026, 11, 29)) == 11 * DOLLAR
    assert a_day(found, date(2026, 11, 30)) == 55 * DOLLAR // 10


def test_a_mode_that_holds_for_the_whole_file_ends_as_well(tmp_path: Path) -> None:
    first = date(2026, 11, 16)
    source = replace(week_of(tmp_path, first, "claude-opus-4-8,1000000,0,"), modifiers=("fast_mode",))
    assert a_day(carried_on(source, first, date(2026, 12, 31)), date(2026, 12, 30)) == 5 * DOLLAR


def test_the_share_is_that_of_cost_when_it_was_used(tmp_path: Path) -> None:
    first = date(2026, 7, 13)
    rows = ["claude-opus-4-1,1000000,0,", "claude-sonnet-4-6,1000000,0,", "claude-opus-4-8,400000,0,"]
    found = carried_on(week_of(tmp_path, first, *rows), first, date(2026, 12, 1))
    (lapsed,) = found.lapsed
    assert lapsed.share == Fraction(15, 15 + 3 + 2)


def test_what_a_file_holds_after_a_retirement_has_happened_and_only_its_repetition_is_another(tmp_path: Path) -> None:
    first = date(2026, 8, 10)
    found = carried_on(week_of(tmp_path, first, "claude-opus-4-1,1000000,0,"), first, date(2026, 9, 1))
    assert a_day(found, date(2026, 8, 16)) == 15 * DOLLAR
    assert a_day(found, date(2026, 8, 17)) == 5 * DOLLAR


def test_a_mode_that_was_refused_when_it_was_used_stays_a_mistake(tmp_path: Path) -> None:
    first = date(2026, 11, 30)
    with pytest.raises(planshift.InputError, match="has no 'fast_mode' from 2026-11-30 on"):
        carried_on(week_of(tmp_path, first, "claude-opus-4-8,1000000,0,fast_mode"), first, date(2027, 1, 31))


def test_a_successor_that_is_retired_itself_is_followed_by_its_own() -> None:
    models = {**CARD.models}
    source = CARD.models["claude-sonnet-4-5"].replaced_by
    assert source
    models["claude-sonnet-4"] = replace(
        models["claude-sonnet-4"], replaced_by=replace(source, value="claude-sonnet-4-5")
    )
    card, used = replace(CARD, models=models), date(2026, 5, 1)
    assert lasting(card, "claude-sonnet-4", (), used, date(2026, 6, 14)).model == "claude-sonnet-4"
    assert lasting(card, "claude-sonnet-4", (), used, date(2026, 11, 29)).model == "claude-sonnet-4-5"
    assert lasting(card, "claude-sonnet-4", (), used, date(2026, 11, 30)).model == "claude-sonnet-4-6"


def test_every_retired_model_of_the_shipped_card_has_a_successor_that_is_there() -> None:
    for model in CARD.models.values():
        if model.retired:
            goes_on = lasting(CARD, model.id, (), model.first_day, date.max).model
            assert CARD.models[goes_on].retired is None


def test_a_model_without_a_successor_keeps_its_price_and_that_is_said(tmp_path: Path) -> None:
    plans = tmp_path / "plans"
    (plans / "rates").mkdir(parents=True)
    text = Path(CARD.file).read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if "taken for 4.1 too" in line]
    (plans / "rates" / "claude_api.yaml").write_text(text.replace(f"{line}\n", ""))
    week_of(tmp_path, date(2026, 7, 13), "claude-opus-4-1,1000000,0,")
    (tmp_path / "s.yaml").write_text(CONTRACT)
    notes = planshift.renew(tmp_path / "s.yaml", plans=plans).notes
    assert any("100.0 % of" in note and "the rate card names no successor" in note for note in notes)


@pytest.mark.parametrize(
    ("first", "row", "words"),
    [
        (
            date(2026, 7, 13),
            "claude-opus-4-1,1000000,0,",
            "Claude Opus 4.1 was retired on 2026-08-05. From then on 100.0 % of the cost of the usage carried forward"
            " goes on with Claude Opus 4.8",
        ),
        (
            date(2026, 11, 16),
            "claude-opus-4-8,1000000,0,fast_mode",
            "Fast mode ended for Claude Opus 4.8 on 2026-11-30. From then on 100.0 % of the cost of the usage carried"
            " forward goes on without it.",
        ),
    ],
)
def test_a_renewal_and_a_comparison_say_so(first: date, row: str, words: str, tmp_path: Path) -> None:
    week_of(tmp_path, first, row)
    (tmp_path / "s.yaml").write_text(CONTRACT)
    plans = "legacy_standard_premium,enterprise"
    for command in (["renew", tmp_path / "s.yaml"], ["compare", tmp_path / "s.yaml", "--plans", plans]):
        answer = run(*command)
        assert words in " ".join(answer.out.split()), answer.err


def test_the_page_says_so_in_every_language(tmp_path: Path) -> None:
    week_of(tmp_path, date(2026, 7, 13), "claude-opus-4-1,1000000,0,")
    (tmp_path / "s.yaml").write_text(CONTRACT)
    for language, words in {"en": "was retired", "de": "abgeschaltet", "it": "ritirato"}.items():
        html = PageOptions("customer", language).of(planshift.renew(tmp_path / "s.yaml")).html
        assert words in html
        assert "Claude Opus 4.8" in html


def organization(**models: float) -> Organization:
    models = {name.replace("_", "-"): share for name, share in models.items()}
    persona = replace(ENGINEER, models=models, surfaces=(SurfaceUse("claude_code", 1.0, CHAT),))
    return Organization((Population(persona, 3, "standard", "team"),), date(2026, 7, 1), 7, QUIET)


def test_personas_go_on_with_the_successor_and_rows_cost_what_is_demanded() -> None:
    drawn = organization(claude_opus_4_1=0.6, claude_sonnet_4_6=0.4)
    end = date(2026, 9, 1)
    volumes = Generator(drawn, CARD, end).draw(range(1))
    demand = volumes.demand(drawn.start, end, drawn.members).total[:, 0].sum(axis=1)
    rows = volumes.rows(0)
    names = np.array(rows.model_names)[rows.model]
    retired = (date(2026, 8, 5) - drawn.start).days
    assert set(names[rows.day < retired]) == {"claude-opus-4-1", "claude-sonnet-4-6"}
    assert set(names[rows.day >= retired]) == {"claude-opus-4-8", "claude-sonnet-4-6"}
    columns = UsageColumns(
        (rows.day + drawn.start.toordinal() - date(1970, 1, 1).toordinal()).astype(np.int32),
        rows.model,
        rows.model_names,
        dict(zip(("input", "output", "cache_read", "cache_write_5m", "cache_write_1h"), rows.tokens.T, strict=True)),
    )
    costs = np.bincount(rows.day, weights=row_costs(columns, CARD).astype(float), minlength=len(demand))
    assert costs.astype(np.int64).tolist() == demand.tolist()


def test_a_forecast_says_once_what_all_its_personas_go_on_with() -> None:
    portfolio = folder("scenarios") / "portfolios" / "forty_accounts.yaml"
    found = planshift.forecast(portfolio, start=date(2026, 5, 1), months=8, draws=1, jobs=1)
    said = [note for note in found.notes if "Claude Sonnet 4.5 was retired on 2026-11-30" in note]
    assert 1 <= len(said) <= 3
    share = "From then on 28.6 % to 73.0 % of the tokens of the personas that use it goes on with"
    assert any(share in one for one in said)
