"""Generated usage follows its laws, each number has its place, and its tokens cost what the demand says."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from planshift.plans.plan import Dated, Sourced
from planshift.plans.rates import TOKEN_CLASSES
from planshift.problems import InputError
from planshift.usage.files import write_usage
from planshift.usage.measure import UsageSource, measure
from planshift.usage.synthetic import days as days_module
from planshift.usage.synthetic import volumes as volumes_module
from planshift.usage.synthetic.calendar_effects import countries, day_factors, days_off, is_late_december, log_factors
from planshift.usage.synthetic.generate import Generator
from planshift.usage.synthetic.members import FROM_THE_START, NEVER, step_tokens, traits
from planshift.usage.synthetic.persona import (
    Activity,
    Burst,
    Bursts,
    DayVolume,
    Drift,
    Growth,
    Level,
    RollOut,
    Shocks,
    SurfaceUse,
)
from planshift.usage.synthetic.streams import GAMMA, log_gamma_by_score, mix, normal_values, scores, starts
from synthetic import ANALYST, BOT, CARD, CODING, ENGINEER, SHOCKS, WEEK, mixed, persona, plain, population

END = date(2027, 1, 10)
"""Beyond late December, and a change of the prices of Opus 4.8's fast mode on 30 November."""

STEADY = persona(
    level=Level(13.0, "usd", 0.0),
    activity=Activity(1e6, 1e-3, 0.0, 0.0),
    drift=Drift(0.0, 45),
    day=DayVolume(1e6, 0.0),
    week=replace(WEEK, activity=(1,) * 7, volume=(1,) * 7),
)
"""Always active and always the same."""


def days_of(organization, end, draws=range(1), metered_from=None):
    """The demand of all members, in dollars, shape (days, draws, members)."""
    generator = Generator(organization, CARD, end)
    demand = generator.draw(draws).demand(organization.start, end, generator.members, metered_from)
    return demand.total / 1e9


def digest(demand):
    """What tells one demand from another."""
    whole = hashlib.sha256()
    for name, array in sorted(demand.by_surface.items()):
        whole.update(name.encode() + np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()


def drawn(organization, draws, end=END, members=None, until=None):
    generator = Generator(organization, CARD, end)
    return generator.draw(draws).demand(organization.start, until or end, members or generator.members)


def only(demand, members, draws=slice(None)):
    """The part of a demand that is some members' and draws'."""
    columns = [demand.members.index(member) for member in members]
    parts = {name: array[:, draws][:, :, columns] for name, array in demand.by_surface.items()}
    return replace(demand, members=tuple(members), by_surface=parts)


# Every number has its place


@pytest.mark.parametrize("draws", [range(3, 6), range(1), range(7, 8), range(2, 8, 3)])
def test_a_draw_does_not_depend_on_which_others_are_drawn(draws):
    everything = drawn(mixed(), range(8))
    chosen = only(everything, everything.members, slice(draws.start, draws.stop, draws.step))
    assert digest(drawn(mixed(), draws)) == digest(chosen)


@pytest.mark.parametrize("size", [1, 50, 1000, 1 << 20])
def test_nor_on_how_many_days_are_worked_on_at_a_time(monkeypatch, size):
    expected = digest(drawn(mixed(), range(5)))
    monkeypatch.setattr(days_module, "SLICE", size)
    monkeypatch.setattr(volumes_module, "SLICE", size)
    assert digest(drawn(mixed(), range(5))) == expected


def test_a_longer_horizon_only_appends():
    short = drawn(mixed(), range(4), date(2026, 12, 1))
    assert digest(drawn(mixed(), range(4), END, until=date(2026, 12, 1))) == digest(short)


def test_another_member_changes_nobody_else():
    before = drawn(mixed(), range(4))
    populations = (population(ENGINEER, 13, metered=0.8), *mixed().populations[1:])
    after = drawn(mixed(populations=populations), range(4))
    assert len(after.members) == len(before.members) + 1
    assert digest(only(after, before.members)) == digest(before)


def test_nor_does_another_population():
    before = drawn(mixed(), range(4))
    populations = (*mixed().populations, population(persona(name="designer", day=DayVolume(2.0, 0.7)), 3))
    after = drawn(mixed(populations=populations), range(4))
    assert digest(only(after, before.members)) == digest(before)


def test_another_seed_changes_everything():
    one, other = drawn(mixed(), range(2)).total, drawn(mixed(seed=30), range(2)).total
    assert ((one == other) & (one > 0)).sum() == 0


def test_a_window_is_a_part_of_the_horizon():
    generator = Generator(mixed(), CARD, END)
    volumes = generator.draw(range(2))
    first, last = date(2026, 11, 25), date(2026, 12, 20)
    whole = volumes.demand(mixed().start, END, generator.members)
    assert digest(volumes.demand(first, last, generator.members)) == digest(whole.window(first, last))
    with pytest.raises(ValueError, match="days must lie in"):
        volumes.demand(first, END + timedelta(days=1), generator.members)


@pytest.mark.parametrize("metered_from", [None, date(2026, 12, 1)])
def test_who_is_active_is_who_asks_for_anything(metered_from):
    card = with_price("claude-opus-4-8", "cache_read", "0.3333333", date(2026, 11, 28))
    rare = replace(mixed(), populations=tuple(replace(one, metered=0.05) for one in mixed().populations))
    generator = Generator(rare, card, END)
    volumes = generator.draw(range(3))
    members = sorted((*generator.members, "aaron", "engineer-005b"))
    seen = set()
    for first, days in ((rare.start, 1), (date(2026, 11, 25), 6), (date(2026, 11, 25), 14), (date(2026, 12, 5), 0)):
        last = first + timedelta(days=days)
        active = volumes.active(first, last, members, metered_from)
        asked = volumes.demand(first, last, members, metered_from)
        assert np.array_equal(active, asked.active)
        assert np.array_equal(active, sum(asked.by_surface.values()).any(axis=0))
        seen.update(active.ravel().tolist())
    assert seen == {False, True}


@pytest.mark.parametrize(("organization", "surfaces"), [(mixed(), 3), (plain(population(STEADY, 3, metered=0.5)), 1)])
def test_some_days_can_be_written_over(organization, surfaces):
    generator = Generator(organization, CARD, END)
    volumes = generator.draw(range(2))
    first, last = organization.start + timedelta(days=9), organization.start + timedelta(days=20)
    whole, part = (
        volumes.demand(*days, generator.members, first) for days in ((organization.start, END), (first, last))
    )
    changed = volumes.demand(organization.start, END, generator.members).with_days(part)
    assert len(changed.by_surface) == surfaces
    for demand in (whole, changed):
        assert np.array_equal(demand.total, sum(demand.by_surface.values()))
    assert np.array_equal(changed.total[9:20], whole.total[9:20])
    assert np.array_equal(changed.total[:9], whole.total[:9])
    assert (changed.total[20:] > whole.total[20:]).any()


def test_other_members_have_zeros_wherever_their_ids_stand():
    generator = Generator(mixed(), CARD, END)
    volumes = generator.draw(range(2))
    plain_demand = volumes.demand(mixed().start, END, generator.members)
    others = ("aaron", "analyst-0031", "engineer-005b", "zoe")
    demand = volumes.demand(mixed().start, END, sorted((*generator.members, *others)))
    assert digest(only(demand, generator.members)) == digest(plain_demand)
    assert not only(demand, others).total.any()
    with pytest.raises(ValueError, match="'analyst-001'"):
        volumes.demand(mixed().start, END, generator.members[1:])


# Tokens and money


def assert_rows_cost_the_demand(organization, end, card, tmp_path, metered_from=None):
    generator = Generator(organization, card, end)
    volumes = generator.draw(range(4, 6))
    demand = volumes.demand(organization.start, end, generator.members, metered_from)
    write_usage(volumes.rows(5, metered_from).frame(), tmp_path / "usage.csv")
    source = UsageSource(tmp_path / "usage.csv")
    measured = measure(source, card, generator.members, organization.start, end).demand
    assert measured.by_surface.keys() == demand.by_surface.keys()
    for name, array in measured.by_surface.items():
        assert array.any()
        assert np.array_equal(array[:, 0], demand.by_surface[name][:, 1]), name


def test_rows_cost_what_the_demand_says(tmp_path):
    assert_rows_cost_the_demand(mixed(), END, CARD, tmp_path)
    assert_rows_cost_the_demand(mixed(), END, CARD, tmp_path, date(2026, 12, 15))


def with_price(model, token_class, price, since):
    entry = Sourced(value=Decimal(price), reference="", note="", assumed=True)
    change = Dated(f"models.{model}.{token_class}_usd_per_mtok", ((since, entry),))
    return CARD.with_changes([change], since, "test")


@pytest.mark.parametrize("price", ["0.4", "0.3333333", "0.00000012345678901234567"])
def test_rows_cost_the_demand_across_a_price_change(tmp_path, price):
    # A price with parts of a nano-dollar is rounded row by row.
    card = with_price("claude-opus-4-8", "cache_read", price, date(2026, 12, 10))
    assert_rows_cost_the_demand(mixed(), END, card, tmp_path)
    before, after = (Generator(mixed(), each, END).draw(range(1)) for each in (CARD, card))
    change = (date(2026, 12, 10) - mixed().start).days
    tokens = [volumes.rows(0).tokens for volumes in (before, after)]
    assert np.array_equal(*tokens)
    dollars = [volumes.demand(mixed().start, END, before.members).total for volumes in (before, after)]
    assert np.array_equal(dollars[0][:change], dollars[1][:change])
    assert not np.array_equal(dollars[0][change:], dollars[1][change:])


def test_rows_are_in_order_and_hold_whole_steps():
    rows = Generator(mixed(), CARD, END).draw(range(1)).rows(0)
    keys = list(zip(rows.day, rows.user, rows.surface, rows.model, strict=True))
    assert keys == sorted(set(keys))
    assert rows.tokens.any(axis=1).all()
    assert (rows.tokens >= 0).all()
    steps = {"api": 10_000, "chat": 5_000, "claude_code": 10_000}
    for code, name in enumerate(rows.surface_names):
        chosen = rows.surface == code
        days = np.zeros((rows.day.max() + 1, len(rows.user_names)), dtype=np.int64)
        np.add.at(days, (rows.day[chosen], rows.user[chosen]), rows.tokens[chosen].sum(axis=1))
        assert days.any()
        assert not (days % steps[name]).any()


def test_the_draw_of_rows_must_be_in_the_block():
    with pytest.raises(ValueError, match="must be among"):
        Generator(mixed(), CARD, END).draw(range(2)).rows(2)


def test_a_step_is_shared_out_by_model_and_class():
    organization = plain(population(ENGINEER, 400))
    theirs = traits(organization, organization.populations[0], range(5))
    tokens = step_tokens(ENGINEER, CODING, theirs)
    assert (tokens >= 0).all()
    assert (tokens.sum(axis=(0, 1)) == 10_000).all()
    by_model = tokens.sum(axis=1) / 10_000
    preferred = np.take_along_axis(by_model, theirs.model[None], axis=0)
    assert preferred == pytest.approx(0.82, abs=3e-4)
    assert np.bincount(theirs.model.ravel()) / theirs.model.size == pytest.approx([0.6, 0.39, 0.01], abs=0.03)
    # Who prefers Opus has of the rest as much Sonnet and Haiku as preferences have.
    sonnet = by_model[1][theirs.model == 0]
    assert sonnet == pytest.approx(0.18 * 0.39 / 0.40, abs=3e-4)
    cached = tokens.sum(axis=0)[TOKEN_CLASSES.index("cache_read")] / 10_000
    logit = np.log(cached / (1 - cached))
    assert logit.mean() == pytest.approx(math.log(0.93 / 0.07), abs=0.03)
    assert logit.std() == pytest.approx(0.3, abs=0.02)


def test_a_level_in_dollars_is_dollars_on_the_first_day():
    dollars = days_of(plain(population(STEADY, 3)), date(2026, 1, 8), range(4))
    # Whole steps of about a cent, and a Gamma law that is nearly a point.
    assert dollars == pytest.approx(13.0, abs=0.15)


def test_a_level_in_tokens_is_tokens():
    steady = persona(STEADY, level=Level(250_000.0, "tokens", 0.0))
    rows = Generator(plain(population(steady, 2)), CARD, date(2026, 1, 6)).draw(range(1)).rows(0)
    assert rows.tokens.sum() == 2 * 250_000


def test_surfaces_share_the_volume_as_they_should():
    surfaces = tuple(replace(use, share=share) for use, share in zip(ANALYST.surfaces, (0.7, 0.3), strict=True))
    in_dollars = persona(STEADY, level=Level(50.0, "usd", 0.0), surfaces=surfaces)
    demand = drawn(plain(population(in_dollars, 5)), range(3), date(2026, 1, 7))
    assert demand.by_surface["chat"] / 1e9 == pytest.approx(35, abs=0.4)
    assert demand.by_surface["claude_code"] / 1e9 == pytest.approx(15, abs=0.2)
    in_tokens = persona(STEADY, level=Level(10_000_000.0, "tokens", 0.0), surfaces=surfaces)
    rows = Generator(plain(population(in_tokens, 1)), CARD, date(2026, 1, 6)).draw(range(1)).rows(0)
    tokens = [int(rows.tokens[rows.surface == code].sum()) for code in (0, 1)]
    assert tokens == pytest.approx([7_000_000, 3_000_000], rel=0.005)


def test_only_some_take_a_surface_up():
    organization = plain(population(persona(STEADY, surfaces=ANALYST.surfaces), 200, takes_up={"claude_code": 0.25}))
    demand = drawn(organization, range(10), date(2026, 1, 7))
    asks = demand.by_surface["claude_code"].any(axis=0)
    assert asks.mean() == pytest.approx(0.25, abs=0.03)
    assert (demand.by_surface["claude_code"].all(axis=0) == asks).all()
    assert demand.by_surface["chat"].all()


def test_being_metered_makes_volumes_smaller_from_that_day_on():
    organization = plain(population(STEADY, 2, metered=0.5), population(persona(STEADY, name="bot"), 2))
    dollars = days_of(organization, date(2026, 1, 12), metered_from=date(2026, 1, 8))[:, 0]
    assert dollars[:3] == pytest.approx(13.0, abs=0.1)
    assert dollars[3:, :2] == pytest.approx(13.0, abs=0.1)
    assert dollars[3:, 2:] == pytest.approx(6.5, abs=0.15)
    always = days_of(organization, date(2026, 1, 12), metered_from=date(2025, 1, 1))[:, 0]
    assert always[:, 2:] == pytest.approx(6.5, abs=0.15)


@pytest.mark.parametrize("amount", [1e9, 1e30, 1e300])
def test_more_than_can_be_calculated_with_is_refused(amount):
    organization = plain(population(persona(STEADY, level=Level(amount, "usd", 0.0)), 5))
    generator = Generator(organization, CARD, date(2026, 2, 5))
    volumes = generator.draw(range(2))
    with pytest.raises(InputError, match="more than can be calculated with"):
        volumes.demand(organization.start, date(2026, 2, 5), generator.members)
    with pytest.raises(InputError, match="more than can be calculated with"):
        volumes.rows(0)


def test_what_one_draw_can_bear_many_can_bear_too():
    organization = plain(population(persona(STEADY, level=Level(2e7, "usd", 0.0)), 5))
    dollars = days_of(organization, date(2026, 2, 4), range(20))
    assert dollars.sum(axis=(0, 2)) == pytest.approx(2e7 * 5 * 30, rel=1e-3)


def test_a_model_without_a_price_is_refused():
    unknown = persona(models={"claude-opus-9": 1.0})
    with pytest.raises(InputError, match="no model 'claude-opus-9'"):
        Generator(plain(population(unknown, 1)), CARD, END)
    early = plain(population(persona(models={"claude-opus-5-5": 1.0}), 1))
    with pytest.raises(InputError, match="no price before 2026-09-22"):
        Generator(early, CARD, END)


# The laws


def twin(organization, draw, member, days):
    """The volumes of a member's days in dollars, number by number."""
    kind = organization.populations[0].persona
    theirs = traits(organization, organization.populations[0], range(draw, draw + 1))
    level, q = theirs.level[0, member], theirs.activity[0, member]
    joins = theirs.joins[0, member]
    shared = np.exp(log_factors(organization, days, range(draw, draw + 1))[:, 0])
    stream = starts(organization.seed, organization.members, "days", range(draw, draw + 1))[0, member]
    table, at, normal = log_gamma_by_score(kind.day.shape, 16385), scores(16385), normal_values()
    slow = score = 0.0
    active, before = False, 1.0
    result = []
    for day in range(days):
        today = organization.start + timedelta(days=day)
        word = np.array([int(stream) + (day + 1) * int(GAMMA) & 2**64 - 1], dtype=np.uint64)
        mix(word, word.copy())
        first, second, third = (int(word[0]) >> shift & 0xFFFF for shift in (0, 16, 32))
        kept, rho = math.exp(-1 / kind.drift.days), kind.day.correlation
        new = float(normal[first]), float(normal[second])
        slow = new[0] if day == 0 else kept * slow + math.sqrt(1 - kept**2) * new[0]
        score = new[1] if day == 0 else rho * score + math.sqrt(1 - rho**2) * new[1]
        factor = kind.week.activity[today.weekday()]
        if is_late_december(today):
            factor = min(factor, kind.week.late_december)
        if today in days_off(organization.country, today, today):
            factor = min(factor, kind.week.holiday)
        r = kind.activity.persistence
        lasting = r * min(factor, before) if day else 0.0
        active = third / 65536 < factor * q + lasting * (active - before * q)
        before = factor
        volume = level * math.exp(kind.drift.sd * slow - kind.drift.sd**2 / 2) * math.exp(np.interp(score, at, table))
        volume *= kind.week.volume[today.weekday()] * shared[day] * active * (day >= joins)
        weeks = (day - joins) // 7
        if 0 <= weeks < len(kind.onboarding):
            volume *= kind.onboarding[weeks]
        result.append(volume)
    return result


def test_days_are_what_the_laws_say_number_by_number():
    fine = persona(ENGINEER, level=Level(1000.0, "usd", 0.8))
    organization = mixed(populations=(population(fine, 6),))
    dollars = days_of(organization, END, range(3))
    for draw, member in np.ndindex(3, 6):
        expected = twin(organization, draw, member, len(dollars))
        # Whole steps, and the table's nearest score.
        assert dollars[:, draw, member] == pytest.approx(expected, rel=0.003, abs=0.03)
    assert np.count_nonzero(dollars) > 200


def test_levels_are_log_normal_with_their_mean():
    organization = plain(population(ENGINEER, 1000))
    level = traits(organization, organization.populations[0], range(100)).level
    assert level.mean() == pytest.approx(13, rel=0.015)
    assert np.log(level).std() == pytest.approx(0.8, rel=0.01)


def ranks(values):
    return values.ravel().argsort().argsort()


def test_activity_is_beta_with_its_rank_correlation_to_the_level():
    organization = plain(population(ENGINEER, 1000))
    theirs = traits(organization, organization.populations[0], range(50))
    assert np.corrcoef(ranks(theirs.level), ranks(theirs.activity))[0, 1] == pytest.approx(0.4, abs=0.02)
    assert theirs.activity.mean() == pytest.approx(1.3 / 2.3, abs=0.005)
    assert theirs.activity.var() == pytest.approx(1.3 / 2.3**2 / 3.3, rel=0.03)


@pytest.fixture(scope="module")
def crowd():
    """Half a year of 4,000 engineers who share nothing, in dollars, shape (days, members); it begins on a Monday."""
    return days_of(plain(population(ENGINEER, 4000)), date(2026, 7, 6))[:, 0]


def gini(values):
    ordered = np.sort(values)
    return float(2 * (np.arange(1, len(ordered) + 1) * ordered).sum() / (len(ordered) * ordered.sum()) - 1)


def test_a_month_is_as_concentrated_as_published(crowd):
    months = crowd[:168].reshape(6, 28, -1).sum(axis=1)
    assert np.mean([gini(month) for month in months]) == pytest.approx(0.71, abs=0.03)
    total = np.sort(crowd.sum(axis=0))[::-1]
    assert total[:400].sum() / total.sum() == pytest.approx(0.5, abs=0.05)


def test_p90_over_mean_of_active_days_is_as_published(crowd):
    month = crowd[:28]
    mean = month.sum(axis=0)[month.any(axis=0)] / (month > 0).sum(axis=0)[month.any(axis=0)]
    assert np.quantile(mean, 0.9) / mean.mean() == pytest.approx(2.3, abs=0.2)


def test_people_are_active_as_often_as_q_and_the_weekday_say(crowd):
    active = (crowd > 0).mean(axis=1)[:182].reshape(26, 7).mean(axis=0)
    # A volume below half a step is a day without usage.
    assert active == pytest.approx(np.array(WEEK.activity) * 1.3 / 2.3, abs=0.02)
    assert active.sum() * 4 == pytest.approx(12.5, abs=0.8)


def test_active_days_have_their_mean_whatever_their_number():
    alone = persona(activity=Activity(1.3, 1.0, 0.0, 0.35))
    dollars = days_of(plain(population(alone, 6000)), date(2026, 3, 2))[:, 0]
    fridays, others = dollars[4::7], np.concatenate([dollars[weekday::7] for weekday in (0, 1, 2, 3, 5, 6)])
    # Between members, and through them through time, little is independent: the mean has a standard error of 3 %.
    assert others[others > 0].mean() == pytest.approx(13, rel=0.1)
    assert fridays[fridays > 0].mean() / others[others > 0].mean() == pytest.approx(0.85, rel=0.06)


def test_weekends_are_as_quiet_as_their_factor(crowd):
    weeks = crowd[:182].reshape(26, 7, -1).mean(axis=(0, 2))
    ratio = weeks[5:].mean() / weeks[:5].mean()
    assert ratio == pytest.approx(0.35, abs=0.04)


def test_a_member_resembles_their_own_yesterday(crowd):
    always = persona(activity=Activity(1e6, 1e-3, 0.0, 0.0), level=Level(1000.0, "usd", 0.0), week=STEADY.week)
    logs = np.log(days_of(plain(population(always, 500)), date(2027, 1, 5))[:, 0])
    logs -= logs.mean()
    gamma = log_gamma_by_score(1.3, 16385)
    weights = np.exp(-(scores(16385) ** 2) / 2)
    spread = np.average(gamma**2, weights=weights) - np.average(gamma, weights=weights) ** 2
    for lag in (7, 28, 60):
        found = (logs[lag:] * logs[:-lag]).mean() / (logs**2).mean()
        expected = 1.1**2 * math.exp(-lag / 45) / (1.1**2 + spread)
        assert found == pytest.approx(expected, abs=0.04)
    assert logs.var() == pytest.approx(1.1**2 + spread, rel=0.05)
    # The lasting law holds from the first day on.
    assert logs[0].var() == pytest.approx(1.1**2 + spread, rel=0.2)


def test_neighbouring_days_are_correlated_through_their_scores():
    near = persona(STEADY, level=Level(1000.0, "usd", 0.0), day=DayVolume(1.0, 0.6))
    dollars = days_of(plain(population(near, 400)), date(2027, 1, 5))[:, 0]
    assert dollars.mean() == pytest.approx(1000, rel=0.02)
    assert dollars.std() == pytest.approx(1000, rel=0.03)
    order = dollars.ravel().argsort().argsort().reshape(dollars.shape)
    found = np.corrcoef(order[1:].ravel(), order[:-1].ravel())[0, 1]
    assert found == pytest.approx(6 / math.pi * math.asin(0.6 / 2), abs=0.02)


def test_the_organization_has_shocked_days_and_a_slow_change():
    organization = plain(population(ENGINEER, 1), shocks=SHOCKS)
    logs = log_factors(organization, 400, range(500))
    assert logs.var() == pytest.approx(0.2**2 + 0.3**2, rel=0.08)
    assert logs[0].var() == pytest.approx(0.2**2 + 0.3**2, rel=0.25)
    assert np.exp(logs).mean() == pytest.approx(1, abs=0.015)
    centred = logs - logs.mean()
    together = (centred[60:] * centred[:-60]).mean() / centred.var()
    assert together == pytest.approx(0.09 * math.exp(-1) / 0.13, abs=0.03)
    slow = replace(organization, shocks=Shocks(0.0, 0.3, 60.0))
    assert log_factors(slow, 300, range(500)).std() == pytest.approx(0.3, rel=0.05)


def test_growth_compounds_and_differs_between_draws():
    organization = plain(population(ENGINEER, 1), growth=Growth(0.10, 0.05))
    logs = log_factors(organization, 366, range(2000))
    assert not logs[0].any()
    months = 365 / (365.25 / 12)
    assert logs[365].mean() / months == pytest.approx(math.log(1.1), abs=0.005)
    assert logs[365].std() / months == pytest.approx(0.05, rel=0.05)


def test_planned_bursts_multiply_their_days():
    planned = Burst(date(2026, 1, 7), date(2026, 1, 8), 3.0), Burst(date(2025, 12, 1), date(2026, 1, 5), 2.0)
    logs = log_factors(plain(population(ENGINEER, 1), bursts=Bursts(planned)), 5, range(2))
    assert np.exp(logs[:, 1]) == pytest.approx([2, 1, 3, 3, 1])


def test_random_bursts_come_as_often_as_they_should():
    organization = plain(population(ENGINEER, 1), bursts=Bursts((), per_year=6.0, days=5, factor=1.5))
    on = log_factors(organization, 365, range(2000)) > 0
    expected = 1 - math.exp(-5 * 6 / 365.25)
    assert on.mean() == pytest.approx(expected, rel=0.04)
    assert on[0].mean() == pytest.approx(expected, rel=0.25)
    assert np.exp(log_factors(organization, 365, range(1)))[on[:, :1]] == pytest.approx(1.5)


def test_members_join_along_the_curve():
    roll_out = RollOut(midpoint=date(2026, 4, 5), days=40.0)
    organization = plain(population(STEADY, 300), roll_out=roll_out)
    dollars = days_of(organization, date(2026, 7, 6), range(10))
    begun = (dollars > 0).mean(axis=(1, 2))
    assert begun[90] == pytest.approx(0.5, abs=0.04)
    assert begun[70] == pytest.approx(0.1, abs=0.03)
    assert begun[110] == pytest.approx(0.9, abs=0.03)
    first = (dollars > 0).argmax(axis=0)
    late = (first > 0) & (first < 160)
    since = np.arange(len(dollars))[:, None, None] - first
    for week, factor in enumerate((0.7, 0.8, 1.0)):
        chosen = (since >= 7 * week) & (since < 7 * week + 7) & late
        assert dollars[chosen] == pytest.approx(13 * factor, abs=0.15)
    assert dollars[:, first == 0] == pytest.approx(13, abs=0.15)


def test_members_join_by_date():
    waves = ((date(2026, 1, 5), 0.2), (date(2026, 2, 2), 0.6))
    organization = plain(population(ENGINEER, 500), roll_out=RollOut(by_date=waves))
    joins = traits(organization, organization.populations[0], range(4)).joins
    assert set(joins.ravel().tolist()) == {FROM_THE_START, 28, NEVER}
    assert [(joins == day).mean() for day in (FROM_THE_START, 28, NEVER)] == pytest.approx([0.2, 0.4, 0.4], abs=0.04)
    never = (joins == NEVER)[0]
    assert not days_of(organization, END)[:, 0, never].any()


def test_the_calendar_takes_the_quietest_of_its_factors():
    factors = day_factors(WEEK, date(2026, 12, 20), 15, days_off("DE", date(2026, 12, 20), END), True)
    #          Sun   Mon..Wed   Thu 24   25..27: holidays, weekend   28..31       1st: holiday, late Dec   Sat   Sun
    late = [0.35, 1, 1, 1, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.35, 0.35]
    assert factors.activity.tolist() == late
    assert factors.volume.tolist() == [1, 1, 1, 1, 1, 0.85, 1, 1, 1, 1, 1, 1, 0.85, 1, 1]
    usual = day_factors(WEEK, date(2026, 12, 20), 15, frozenset({date(2026, 12, 25)}), False)
    assert usual.activity.tolist() == [0.35, 1, 1, 1, 1, 0.3, 0.35, 0.35, 1, 1, 1, 1, 1, 0.35, 0.35]


def test_holidays_are_the_whole_countrys():
    german = days_off("DE", date(2026, 1, 1), date(2026, 12, 31))
    assert {date(2026, 10, 3), date(2026, 12, 25)} <= german
    assert date(2026, 11, 1) not in german  # in some of its states only
    assert days_off("US", date(2026, 7, 3), date(2026, 7, 4)) == {date(2026, 7, 3), date(2026, 7, 4)}
    assert not days_off(None, date(2026, 1, 1), date(2026, 12, 31))
    assert {"DE", "FR", "GB", "US"} <= set(countries())
    with pytest.raises(ValueError, match="'XX' is not the code"):
        days_off("XX", date(2026, 1, 1), date(2026, 12, 31))


def test_service_accounts_need_no_cache():
    rows = Generator(plain(population(BOT, 3)), CARD, date(2026, 1, 10)).draw(range(1)).rows(0)
    assert set(np.flatnonzero(rows.tokens.any(axis=0))) == {TOKEN_CLASSES.index("input"), TOKEN_CLASSES.index("output")}
    assert rows.model_names == ("claude-haiku-4-5",)


def test_a_persona_without_shares_of_surfaces_that_add_up_uses_them_in_proportion():
    surfaces = (SurfaceUse("chat", 2.0, CODING), SurfaceUse("claude_code", 2.0, CODING))
    demand = drawn(plain(population(persona(STEADY, surfaces=surfaces), 1)), range(1), date(2026, 1, 6))
    assert [array.sum() / 1e9 for array in demand.by_surface.values()] == pytest.approx([6.5, 6.5], abs=0.03)


def test_nobody_is_asked_of_an_empty_population():
    alone = digest(drawn(plain(population(ENGINEER, 3)), range(2), date(2026, 2, 1)))
    empty = plain(population(ANALYST, 0), population(ENGINEER, 3), population(BOT, 0))
    parts = drawn(empty, range(2), date(2026, 2, 1))
    assert digest(parts) == alone
    with pytest.raises(ValueError, match="there must be members"):
        Generator(plain(population(ENGINEER, 0)), CARD, END)
    with pytest.raises(ValueError, match="each of one population"):
        Generator(plain(population(ENGINEER, 3), population(ENGINEER, 2)), CARD, END)
    with pytest.raises(ValueError, match="the end must be after"):
        Generator(mixed(), CARD, mixed().start)


def test_a_burst_of_nothing_is_a_shutdown():
    shutdown = Bursts((Burst(date(2026, 1, 6), date(2026, 1, 7), 0.0),))
    dollars = days_of(plain(population(STEADY, 3), bursts=shutdown), date(2026, 1, 12))
    assert dollars.any(axis=(1, 2)).tolist() == [True, False, False, True, True, True, True]
