"""Statistics of usage: against what can be said by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from planshift.usage import statistics as st

MONDAY = date(2026, 11, 2)


def test_two_samples_that_do_not_overlap_are_one_apart() -> None:
    assert st.ks_distance(np.array([1, 2]), np.array([3.0, 4.0, 5.0])) == 1.0
    assert st.ks_distance(np.array([1, 2, 3, 4]), np.array([1, 2, 3, 4])) == 0.0
    # At 2 three of four of the one are reached, and one of four of the other.
    assert st.ks_distance(np.array([1, 1, 2, 9]), np.array([2, 3, 4, 9])) == 0.5
    assert np.isnan(st.ks_distance(np.array([]), np.array([1.0])))


def test_who_has_all_makes_the_lorenz_curve_a_corner() -> None:
    one_has_all = np.array([0, 0, 0, 8])
    assert st.lorenz(one_has_all, np.array([0, 0.5, 0.75, 1])).tolist() == [0, 0, 0, 1]
    assert st.lorenz(np.full(4, 3), np.array([0, 0.3, 1])) == pytest.approx([0, 0.3, 1])
    assert st.lorenz_gap(one_has_all, np.full(4, 3)) == pytest.approx(0.75)
    assert st.gini(one_has_all) == pytest.approx(0.75)
    assert st.gini(np.full(4, 3)) == pytest.approx(0)
    assert st.gini(np.array([1, 3])) == pytest.approx(0.25)
    assert np.isnan(st.gini(np.zeros(3)))


def test_the_gini_is_half_the_mean_difference_over_the_mean() -> None:
    amounts = np.random.default_rng(1).lognormal(size=200)
    differences = np.abs(amounts[:, None] - amounts[None, :]).mean()
    assert st.gini(amounts) == pytest.approx(differences / 2 / amounts.mean())


def test_shares_of_the_largest() -> None:
    amounts = np.array([1, 1, 1, 1, 6])
    assert st.top_share(amounts, 0.2) == pytest.approx(0.6)
    # Half of the largest fifth is its half: between members the curve is straight.
    assert st.top_share(amounts, 0.1) == pytest.approx(0.3)
    assert st.percentile_over_mean(amounts, 100) == pytest.approx(3)


def test_days_of_use() -> None:
    volumes = np.zeros((60, 3))
    volumes[:3, 0] = 2.0
    volumes[28:30, 0] = 5.0
    volumes[59, 1] = 1.0
    assert st.per_active_day(volumes)[:2].tolist() == [3.2, 1.0]
    assert np.isnan(st.per_active_day(volumes)[2])
    # Two full months; the last four days are none, and who used nothing in a month does not count in it.
    assert st.active_days(volumes).tolist() == [3, 2]
    assert st.active_days(volumes[:10]).tolist() == [3]
    assert st.within_members(volumes) == pytest.approx([2 / 3.2] * 3 + [5 / 3.2] * 2 + [1])


def test_weekdays_are_counted_from_monday() -> None:
    volumes = np.tile([[1.0], [1.0], [1.0], [1.0], [1.0], [0.0], [2.0]], (3, 2))
    assert st.weekday_profile(volumes, MONDAY).tolist() == [1, 1, 1, 1, 1, 0, 2]
    assert st.activity_profile(volumes, MONDAY).tolist() == [1, 1, 1, 1, 1, 0, 1]
    wednesday = st.weekday_profile(volumes[2:], date(2026, 11, 4))
    assert wednesday.tolist() == [1, 1, 1, 1, 1, 0, 2]
    assert np.isnan(st.weekday_profile(volumes[:5], MONDAY)[5:]).all()


def test_scores_are_symmetric_and_of_active_days_only() -> None:
    scores = st.normal_scores(np.array([[5.0], [0.0], [1.0], [3.0]]))[:, 0]
    assert np.isnan(scores[1])
    assert scores[2] == -scores[0]
    assert scores[3] == pytest.approx(0)
    tied = st.normal_scores(np.array([[5.0], [5.0], [9.0], [1.0]]))[:, 0]
    assert tied[0] == tied[1] == pytest.approx(0)


def test_autocorrelation_is_that_of_the_process() -> None:
    random = np.random.default_rng(3)
    normal = random.normal(size=(800, 40))
    for day in range(1, 800):
        normal[day] = 0.6 * normal[day - 1] + 0.8 * normal[day]
    volumes = np.exp(2 * normal + 5 * random.normal(size=40))
    assert st.autocorrelation(volumes, [1, 2, 7]) == pytest.approx([0.6, 0.36, 0.028], abs=0.03)
    idle = random.random(volumes.shape) < 0.5
    assert st.autocorrelation(np.where(idle, 0, volumes), [1, 2]) == pytest.approx([0.6, 0.36], abs=0.04)
    assert np.isnan(st.autocorrelation(volumes[:5], [7])).all()
    assert np.isnan(st.autocorrelation(np.zeros((5, 2)), [1])).all()


def test_months_are_four_weeks() -> None:
    volumes = np.ones((60, 2))
    volumes[28:] *= np.e
    assert st.monthly_totals(volumes) == pytest.approx([56, 56 * np.e])
    assert np.isnan(st.log_change_sd(st.monthly_totals(volumes)))
    assert st.log_change_sd(np.exp([0, 1, 0, 1.0])) == pytest.approx(np.std([1, -1, 1], ddof=1))
    assert len(st.monthly_totals(volumes[:20])) == 0
