"""The page about realism: measures worked by hand, verdicts as they are stated, figures as they were published."""

from __future__ import annotations

import csv
import gzip
import json
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from command import undrawn
from planshift.plans.files import folder
from planshift.problems import InputError
from planshift.reports.charts.picture import drawn, png
from planshift.usage.statistics import gini, log_change_sd, top_share
from planshift_dev.realism import __main__ as command
from planshift_dev.realism.charts import spreads
from planshift_dev.realism.held import Held, groups, hold
from planshift_dev.realism.measures import MEASURES, Tokens, Users, distance_to, jumps, month_changes, sigma_of_gini
from planshift_dev.realism.page import PAGE, Realism, realism
from planshift_dev.realism.targets import FITTED, PREDICTED, Figure, read_targets
from test_charts import assert_apart

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
MONDAY = date(2026, 1, 5)
FIGURE = Figure("A figure", "gini", "coding", 0.5, 0.5, "panel", FITTED)


@pytest.fixture(scope="module")
def page() -> Realism:
    return realism()


def users(*days: list[float], tokens: Tokens | None = None) -> Users:
    """Users from a Monday on, a list of members' spend each day."""
    return Users(MONDAY, np.array(days, dtype=np.float64), tokens)


def measured(name: str, some: Users) -> float:
    return MEASURES[name](some)


# --- measures, by hand ------------------------------------------------------------------------------------------------


def test_shares_and_percentiles_are_of_those_who_use_anything() -> None:
    # Ten users have 1 to 10, which is 55 in all, and one has nothing.
    some = users([*map(float, range(11))])
    assert measured("top_10_percent", some) == pytest.approx(10 / 55)
    assert measured("top_20_percent", some) == pytest.approx(19 / 55)
    assert measured("most_over_median", some) == pytest.approx(10 / 5.5)


def test_the_sigma_of_a_gini_is_that_of_the_log_normal() -> None:
    # As Cursor's figures imply it: Gini 0.72, 0.75 and 0.77.
    assert [round(sigma_of_gini(share), 2) for share in (0.72, 0.75, 0.77)] == [1.53, 1.63, 1.70]


def test_spend_is_taken_by_active_day_and_by_month() -> None:
    some = users([4, 0], [0, 0], [8, 6], [0, 0], [0, 0], [0, 0], [0, 0])
    assert measured("usd_per_active_day", some) == pytest.approx(18 / 3)
    assert measured("usd_per_active_day_p50", some) == pytest.approx(6)
    # 12 and 6 dollars in a week, so 9 on average; a month has 30.4375 days.
    assert measured("usd_per_month", some) == pytest.approx(9 / 7 * 30.4375)


def test_the_week_is_weekend_over_weekday_and_friday_over_the_four_before() -> None:
    some = users([4], [4], [4], [4], [3], [1], [2])
    assert measured("weekend_over_weekday", some) == pytest.approx(1.5 / 3.8)
    assert measured("friday_over_other_weekdays", some) == pytest.approx(3 / 4)
    assert measured("active_on_weekends", some) == 1


def test_activity_follows_activity() -> None:
    some = users([1, 0], [1, 0], [0, 0], [1, 0])
    # One user is ever active; after their active days came an active and an idle one, after the idle day an active one.
    assert measured("active_after_active", some) == pytest.approx(1 / 2)
    assert measured("active_after_idle", some) == 1


def test_late_december_is_held_against_other_weekdays() -> None:
    spend = np.ones((365, 4))
    days = [date.fromordinal(MONDAY.toordinal() + day) for day in range(365)]
    for row, day in enumerate(days):
        if (day.month, day.day) >= (12, 24) or (day.month, day.day) == (1, 1):
            spend[row, 1:] = 0
    assert measured("late_december", Users(MONDAY, spend)) == pytest.approx(1 / 4)


def test_months_change_by_logarithms_and_jump_on_top_of_growth() -> None:
    spend = np.repeat([1.0, 2.0, 1.0, 1.4], 28)[:, None]
    some = Users(MONDAY, spend)
    assert month_changes(some) == pytest.approx([math.log(2), -math.log(2), math.log(1.4)])
    # 1.4 times is a jump of more than half when 14.1 % of growth come on top, and none without.
    assert jumps(0.141)(some) == pytest.approx(2 / 3)
    assert measured("month_jump", some) == pytest.approx(1 / 3)
    assert measured("month_change_sd", some) == pytest.approx(log_change_sd(np.array([28, 56, 28, 28 * 1.4])))


def test_tokens_are_shared_among_classes_and_models() -> None:
    reads, fresh, output = np.array([[[90.0, 0], [60, 95]], [[8, 0], [38, 4]], [[2, 0], [2, 1]]])
    by_class = {"cache_read": reads, "input": fresh, "output": output}
    some = users([1, 1], tokens=Tokens(by_class, {"a": np.array([150.0, 20]), "b": np.array([50.0, 80])}, spend=0.0006))
    assert measured("cache_read_share", some) == pytest.approx(245 / 300)
    assert measured("cache_read_of_input", some) == pytest.approx(245 / 295)
    assert measured("output_share", some) == pytest.approx(5 / 300)
    assert measured("input_per_output", some) == pytest.approx(295 / 5)
    assert measured("new_input_per_output", some) == pytest.approx(50 / 5)
    assert measured("cache_read_per_output", some) == pytest.approx(245 / 5)
    # The users' own shares are 150 of 196 and 95 of 99; their preferred models have 150 of 200 and 80 of 100.
    assert measured("cache_read_of_input_p50", some) == pytest.approx((150 / 196 + 95 / 99) / 2)
    assert measured("preferred_model", some) == pytest.approx((0.75 + 0.8) / 2)
    assert measured("usd_per_mtok", some) == pytest.approx(2)
    # Of the first user's two days 90/98 and 60/98 are read; the second has one day.
    assert measured("cache_read_of_days_p10", some) == pytest.approx(((60 + 0.1 * 30) / 98 + 95 / 99) / 2)


def test_tokens_that_are_not_known_are_missed() -> None:
    with pytest.raises(ValueError, match="tokens of these users are not known"):
        measured("cache_read_share", users([1]))


def test_members_who_swing_together_correlate() -> None:
    random = np.random.default_rng(1)
    shared, own = random.standard_normal((800, 1)), random.standard_normal((800, 30))
    together = measured("much_together", Users(MONDAY, np.exp(0.5 * shared + own)))
    # The shared part has a quarter of the variance of what is a member's own: 0.25 / 1.25.
    assert together == pytest.approx(0.2, abs=0.03)
    assert measured("much_together", Users(MONDAY, np.exp(own))) == pytest.approx(0, abs=0.02)


def test_a_distance_is_the_largest_at_known_quantiles() -> None:
    values = np.arange(1, 101) / 100
    assert distance_to({0.5: 0.5, 0.9: 0.9})(values) == pytest.approx(0)
    assert distance_to({0.5: 0.7, 0.9: 0.9})(values) == pytest.approx(0.2)


# --- verdicts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "inside", "outside"),
    [
        (replace(FIGURE, within=0.1), (0.45, 0.55), (0.449, 0.551)),
        (replace(FIGURE, margin=0.02), (0.48, 0.52), (0.479, 0.521)),
        (replace(FIGURE, high=0.7), (0.5, 0.7, 0.46, 0.74), (0.44, 0.76)),
        (replace(FIGURE, low=-0.5, high=-0.5, within=0.1), (-0.55, -0.45), (-0.56, -0.44)),
    ],
)
def test_a_verdict_is_what_the_figure_allows(
    figure: Figure, inside: tuple[float, ...], outside: tuple[float, ...]
) -> None:
    assert all(Held(figure, value, None).within for value in inside)
    assert not any(Held(figure, value, None).within for value in outside)


def test_of_groups_the_published_figure_must_lie_among_nine_of_ten() -> None:
    assert Held(replace(FIGURE, users=5), 0.4, (0.2, 0.5)).within
    assert Held(replace(FIGURE, users=5), 0.7, (0.5, 0.9)).within
    assert not Held(replace(FIGURE, users=5), 0.4, (0.2, 0.49)).within
    assert not Held(replace(FIGURE, users=5), 0.7, (0.51, 0.9)).within


def test_a_ratio_is_held_against_the_nearer_end() -> None:
    wide = replace(FIGURE, low=2, high=4)
    assert [Held(wide, value, None).ratio for value in (1.0, 3.0, 5.0)] == [0.5, 1.0, 1.25]
    assert Held(replace(FIGURE, low=-1, high=-1), 1.0, None).ratio is None


def test_groups_are_of_one_draw_and_share_nobody() -> None:
    draws = [Users(MONDAY, np.arange(10.0)[None] + 10 * draw) for draw in range(3)]
    found = list(groups(draws, 3))
    assert [group.spend[0].tolist() for group in found][:4] == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [10, 11, 12]]
    assert len(found) == 9
    assert len(list(groups(draws[:1] * 100, 1))) == 200


# --- the file of figures ----------------------------------------------------------------------------------------------


def test_every_mistake_of_the_file_is_told(tmp_path: Path) -> None:
    text = (folder("reports") / "realism.yaml").read_text(encoding="utf-8")
    wrong = tmp_path / "realism.yaml"
    for right, other, fact in (
        ("measure: gini_of_tokens", "measure: gini_of_token", "'gini_of_token' is not known"),
        ("of: keen, days: 44, users: 17", "of: kene, days: 44, users: 17", "'kene' is not known"),
        (", part: fitted, within: 0.10}", ", part: fitted}", "nothing says how far off is still within"),
        ("measure: month_change_sd,", "growth: 1, measure: month_change_sd,", "growth comes on top of 'month_jump'"),
        ("measure: distance", "measure: gini", "quantiles go together"),
        ("part: predicted", "part: guessed", "part"),
        ("source: ramp_index", "source: ramp", "'ramp' is not known"),
        ('"Coding, generated", of: coding', '"Coding, generated", of: codign', "'codign' is not known"),
    ):
        assert right in text
        wrong.write_text(text.replace(right, other, 1), encoding="utf-8")
        with pytest.raises(InputError, match=fact):
            read_targets(wrong)


def test_a_persona_that_is_not_shipped_is_told(tmp_path: Path) -> None:
    text = (folder("reports") / "realism.yaml").read_text(encoding="utf-8")
    wrong = tmp_path / "realism.yaml"
    wrong.write_text(text.replace("persona: engineer", "persona: enginer", 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"there is no persona 'enginer' - did you mean 'engineer'\?"):
        realism(wrong)


def test_every_source_is_used_and_every_measure_too() -> None:
    targets = read_targets()
    used = {one.source for one in targets.figures} | {item.source for item in targets.not_compared}
    assert used == set(targets.sources)
    assert {one.of for one in targets.figures} | {one.of for one in targets.pictures.spread} == set(targets.crowds)


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_is_current(
    page: Realism, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("planshift_dev.realism.page.realism", lambda: page)
    assert command.main(["--check"]) == 0, capsys.readouterr().err


def test_the_page_has_every_figure_with_its_verdict(page: Realism) -> None:
    lines = [line for line in page.page.split("\n") if line.startswith("| ")]
    rows = [line for line in lines if "| within (" in line or "| **outside** (" in line]
    assert len(rows) == len(page.held) == len(list(page.targets.figures))
    within = [one for one in page.held if one.within]
    assert sum("| within (" in row for row in rows) == len(within)
    for part in (FITTED, PREDICTED):
        count = sum(one.figure.part == part for one in page.held)
        good = sum(one.figure.part == part for one in within)
        assert f"{good} of {count} {part}" in page.answer
    outside = page.page.partition("## What is outside")[2].partition("## ")[0]
    assert outside.count("\n- ") == len(page.held) - len(within)


def test_the_page_says_what_is_not_known_and_what_is_not_compared(page: Realism) -> None:
    assert "what each user of one enterprise used on each day" in page.page
    for item in page.targets.not_compared:
        assert item.why in page.page
    for source in page.targets.sources.values():
        assert source.title in page.page
        assert source.address in page.page


def test_every_picture_is_on_the_page_with_its_words(page: Realism, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planshift_dev.realism.page.png", undrawn)
    for name, chart in page.charts.items():
        assert f"![{chart.alt}](realism_{name}.png)" in page.page
        assert (folder("reports") / "gallery" / f"realism_{name}.png").is_file()
    assert set(page.files) == {PAGE, *(f"realism_{name}.png" for name in page.charts)}


def test_every_text_of_the_pictures_is_whole_and_apart(page: Realism) -> None:
    for chart in page.charts.values():
        assert_apart(drawn(chart))
        assert png(chart) == png(chart)


def test_small_organizations_vary_more_and_what_is_shared_makes_large_ones_vary(page: Realism) -> None:
    found = spreads(page.targets.pictures, page.crowds)
    together, alone = (dict(zip((25, 100, 500), series.values, strict=True)) for series in found)
    assert together[25] > together[100] > together[500]
    assert all(alone[size] < together[size] for size in alone)
    # Without anything shared, twenty times the members have a spread that is several times smaller.
    assert alone[500] < together[500] / 1.5


def test_the_same_crowds_are_held_alike(page: Realism) -> None:
    assert [one.value for one in hold(page.targets, page.crowds)] == [one.value for one in page.held]


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [[], ["--help"], ["--write", "--check"]])
def test_other_words_are_refused(words: list[str]) -> None:
    assert command.main(words) == 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a 0.52 b", "a 0.53 b", True),
        ("a 0.52 b", "a 0.54 b", False),
        ("16 of 83", "17 of 83", False),
        ("a 0.99", "a 1.00", True),
        ("a 0.5", "a 0.50", False),
        ("a 0.52 b", "a 0.52 c", False),
    ],
)
def test_only_the_last_digit_may_differ_between_machines(one: str, other: str, same: bool) -> None:
    assert command.alike(one, other) is same


def test_a_page_that_is_out_of_date_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command._checked(tmp_path / PAGE, "a page") == 1
    assert "write it anew: make realism" in capsys.readouterr().err


# --- the figures as they were published -------------------------------------------------------------------------------


@pytest.fixture
def published() -> dict[str, Any]:
    if not (SHARED / "published_targets.json").is_file():
        pytest.skip("the collected figures are not at hand")
    targets = json.loads((SHARED / "published_targets.json").read_text(encoding="utf-8"))["targets"]
    return {target["id"]: target for target in targets}


def figures_of(source: str) -> dict[str, list[tuple[float, float]]]:
    found = defaultdict(list)
    for one in read_targets().figures:
        if one.source == source:
            found[one.measure].append((one.low, one.high))
    return found


def test_the_figures_are_those_that_were_collected(published: dict[str, Any]) -> None:
    cursor, collected = figures_of("cursor"), published["cursor_habits_spring_2026"]
    assert cursor["gini_of_tokens"] == [(collected["gini_tokens"],) * 2]
    assert [low for low, _ in cursor["gini"]] == [collected["gini_ai_spend"], collected["gini_ai_lines"]]
    assert cursor["p90_over_p50"] == [(collected["lines_week_p90_over_p50"],) * 2]
    assert cursor["p99_over_p50"] == [(collected["lines_week_p99_over_p50"],) * 2]
    assert cursor["new_input_per_output"] == [tuple(collected["input_output_ratio_uncached"])]
    assert cursor["cache_read_share"] == [(collected["cache_read_share_of_tokens"],) * 2]
    viberank, collected = figures_of("viberank"), published["viberank_2026"]
    assert viberank["top_1_percent"] == [(collected["top1_share"],) * 2]
    assert viberank["top_10_percent"] == [(collected["top10_share"],) * 2]
    assert viberank["cache_read_per_output"] == [(collected["cache_read_per_output"],) * 2]
    ratio = collected["max_lifetime_usd"] / collected["median_lifetime_usd"]
    assert viberank["most_over_median"] == [(round(ratio),) * 2]
    anthropic, collected = figures_of("anthropic_costs"), published["anthropic_docs_2026"]
    assert anthropic["usd_per_active_day"] == [(collected["mean_usd_per_dev_active_day"],) * 2]
    assert anthropic["usd_per_active_day_p90"] == [(collected["p90_users_usd_per_active_day_below"],) * 2]
    assert anthropic["usd_per_month"] == [tuple(collected["usd_per_dev_month"])]
    assert anthropic["active_days_per_month"] == [tuple(collected["implied_active_days_per_month"])]
    ramp, collected = figures_of("ramp_jumps"), published["ramp_blind_spot_2026_04"]
    assert set(ramp["month_jump"]) == {(collected["p_month_jump_over_50pct_biggest_spenders"],) * 2}
    assert ramp["month_change_sd"] == [(collected["implied_sd_log_monthly_growth"],) * 2]


def test_the_figures_of_the_panel_are_those_of_its_statistics(published: dict[str, Any]) -> None:
    found = json.loads((SHARED / "coding_agent_aggregate_stats.json").read_text(encoding="utf-8"))
    panel = figures_of("panel")
    within = found["within_user_day_level_given_active"]
    assert panel["gini_of_days"] == [(within["gini"],) * 2]
    assert panel["cv_of_days"] == [(within["cv"],) * 2]
    (quantiles,) = [one.quantiles for one in read_targets().figures if one.quantiles]
    assert quantiles == {float(share): at for share, at in within["calibration_quantiles"].items()}
    assert panel["sigma_per_active_day"] == [(found["between_users"]["list_price_usd_per_active_day"]["sd_log"],) * 2]
    hits = found["token_split_pooled"]["per_user_cache_hit"]
    assert [panel[f"cache_read_of_input_{name}"][0][0] for name in ("p10", "p50", "p90")] == [*hits.values()]
    week = found["activity"]["active_share_mon_sun"]
    assert panel["active_on_weekdays"][0][0] == pytest.approx(np.mean(week[:5]), abs=0.005)
    assert panel["active_on_weekends"][0][0] == pytest.approx(np.mean(week[5:]), abs=0.005)
    lags = found["acf_normal_scores"]
    series = {one.name: one.values for one in read_targets().pictures.autocorrelation if one.values}
    assert list(series["15 people over six weeks"]) == lags["calibration"]
    assert list(series["Five people over months"]) == lags["long_span"]
    assert list(read_targets().pictures.lags) == lags["lags"]


def rows(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(SHARED / name, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def test_the_figures_of_service_accounts_are_near_those_of_the_traces_at_hand(published: dict[str, Any]) -> None:
    # Half of the clients of the traces are at hand, those with even numbers: near is what can be asked of them.
    requests: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows("servegen_client_daily_calibration.csv.gz"):
        requests[row["model"]][row["client_id"]] += float(row["requests"])
    totals = {model: np.array([*clients.values()]) for model, clients in requests.items()}
    large = next(values for model, values in totals.items() if "large" in model)
    assert gini(large) == pytest.approx(0.83, abs=0.05)
    assert top_share(large, 0.2) == pytest.approx(0.87, abs=0.05)


def test_the_week_is_that_of_the_traces_at_hand(published: dict[str, Any]) -> None:
    sums: dict[str, Any] = defaultdict(lambda: np.zeros(7))
    for row in rows("azure2024_hourly_digitised.csv.gz"):
        sums[row["surface"]][date.fromisoformat(row["hour_utc"][:10]).weekday()] += float(row["requests_per_min"])
    series = {one.name: one.values for one in read_targets().pictures.week if one.values}
    for surface, name in (("coding", "Coding, Azure 2024"), ("conversation", "Chat, Azure 2024")):
        assert series[name] == pytest.approx(sums[surface] / sums[surface].mean(), abs=0.005)
