"""Random numbers have names: which they are depends on nothing else, and they follow the laws they should."""

from __future__ import annotations

import hashlib
import math
from statistics import NormalDist

import numpy as np
import pytest

from planshift.usage.synthetic.streams import (
    NORMALS,
    beta_by_score,
    log_gamma_by_score,
    normal_quantile,
    normal_values,
    normals,
    scores,
    starts,
    uniforms,
)

MEMBERS = ("engineer-001", "engineer-002", "writer-001")
SIZE = 8193
WORD = 2**64 - 1


def splitmix(word: int) -> int:
    """SplitMix64's mixing, number by number."""
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 & WORD
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB & WORD
    return word ^ (word >> 31)


def start(seed: int, entity: str, quantity: str, draw: int) -> int:
    """Where a stream starts."""
    digest = hashlib.blake2b(f"{seed}\0{entity}\0{quantity}".encode(), digest_size=8).digest()
    return splitmix(int.from_bytes(digest, "little") + (draw + 1) * 0x9E3779B97F4A7C15 & WORD)


def word(stream: int, place: int) -> int:
    """A word of a stream, counted from 0."""
    return splitmix(stream + (place + 1) * 0x9E3779B97F4A7C15 & WORD)


def test_splitmix_is_the_published_one():
    # The first words that java.util.SplittableRandom and the reference code in C give from 1234567.
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    assert [word(1234567, place) for place in range(4)] == published


def test_a_stream_is_what_its_name_says():
    streams = starts(11, MEMBERS, "level", range(3, 6))
    expected = [[start(11, member, "level", draw) for member in MEMBERS] for draw in range(3, 6)]
    assert streams.tolist() == expected
    numbers = uniforms(streams, first=2, count=5)
    for place in range(5):
        assert numbers[place, 1, 2] == ((word(expected[1][2], 2 + place) >> 12) + 0.5) / 2**52


def test_words_stand_before_the_start_too():
    streams = starts(11, MEMBERS, "level", range(2))
    assert np.array_equal(uniforms(streams, -3, 6)[3:], uniforms(streams, 0, 3))


@pytest.mark.parametrize("draws", [range(3, 6), range(8), range(5, 6)])
def test_neither_draws_nor_members_change_a_stream(draws):
    everything = starts(11, MEMBERS, "days", range(10))
    assert np.array_equal(starts(11, MEMBERS, "days", draws), everything[draws.start : draws.stop])
    assert np.array_equal(starts(11, MEMBERS[1:2], "days", draws), everything[draws.start : draws.stop, 1:2])


def test_each_part_of_the_name_matters():
    streams = {
        int(starts(seed, (entity,), quantity, range(draw, draw + 1))[0, 0])
        for seed in (1, 2)
        for entity in MEMBERS
        for quantity in ("level", "activity")
        for draw in range(4)
    }
    assert len(streams) == 2 * 3 * 2 * 4


def test_uniforms_are_uniform_and_independent():
    numbers = uniforms(starts(5, MEMBERS, "any", range(4)), count=50_000)
    assert numbers.min() > 0
    assert numbers.max() < 1
    counts = np.histogram(numbers, bins=100, range=(0, 1))[0]
    expected = numbers.size / 100
    assert ((counts - expected) ** 2 / expected).sum() < 160  # chi squared with 99 degrees of freedom
    apart = numbers.reshape(len(numbers), -1)
    assert np.abs(np.corrcoef(apart.T) - np.eye(12)).max() < 0.02
    assert abs(np.corrcoef(apart[1:].ravel(), apart[:-1].ravel())[0, 1]) < 0.006


def test_normals_are_normal():
    numbers = normals(starts(5, MEMBERS, "any", range(4)), count=50_000)
    assert abs(numbers.mean()) < 0.006
    assert numbers.std() == pytest.approx(1, abs=0.005)
    assert (numbers**4).mean() == pytest.approx(3, abs=0.06)


def test_the_normal_quantile_is_that_of_the_standard_library():
    probabilities = [1e-250, 1e-30, 1e-16, 1e-9, 1e-4, 0.01, 0.074, 0.2, 0.5, 0.7, 0.95, 0.999, 1 - 1e-9]
    expected = [NormalDist().inv_cdf(probability) for probability in probabilities]
    assert normal_quantile(np.array(probabilities)) == pytest.approx(expected, rel=1e-13, abs=1e-16)


def test_the_daily_normals_have_the_moments_of_the_law():
    values = normal_values().astype(np.float64)
    assert len(values) == NORMALS
    assert values.mean() == pytest.approx(0, abs=1e-9)
    assert (values**2).mean() == pytest.approx(1, abs=1e-8)
    assert (values**4).mean() == pytest.approx(3, abs=1e-3)
    assert (np.diff(values) > 0).all()


def test_the_gamma_table_of_shape_1_is_the_exponential_law():
    table, middle = log_gamma_by_score(1.0, SIZE), SIZE // 2
    # Beyond a score of 0 from the upper tail, so that nothing is lost of it.
    upper = [math.log(-math.log(0.5 * math.erfc(score / math.sqrt(2)))) for score in scores(SIZE)[middle:]]
    lower = [math.log(-math.log1p(-0.5 * math.erfc(-score / math.sqrt(2)))) for score in scores(SIZE)[:middle]]
    assert table == pytest.approx(np.array(lower + upper), abs=1e-4)


@pytest.mark.parametrize("shape", [0.2, 0.7, 1.3, 5.0, 60.0, 1000.0])
def test_the_gamma_tables_have_mean_1_and_the_right_variance(shape):
    weights = np.exp(-(scores(SIZE) ** 2) / 2)
    weights /= weights.sum()
    values = np.exp(log_gamma_by_score(shape, SIZE))
    assert (values * weights).sum() == pytest.approx(1, abs=1e-6)
    assert ((values - 1) ** 2 * weights).sum() == pytest.approx(1 / shape, rel=1e-5)


@pytest.mark.parametrize("shape", [0.5, 1.3, 8.0])
def test_the_gamma_tables_agree_with_a_sample(shape):
    sample = np.random.default_rng(3).gamma(shape, 1 / shape, 1_000_000)
    for probability, tolerance in ((0.001, 0.15), (0.01, 0.05), (0.1, 0.02), (0.5, 0.01), (0.99, 0.01), (0.9999, 0.06)):
        score = NormalDist().inv_cdf(probability)
        quantile = math.exp(np.interp(score, scores(SIZE), log_gamma_by_score(shape, SIZE)))
        assert quantile == pytest.approx(np.quantile(sample, probability), rel=tolerance)


@pytest.mark.parametrize(("alpha", "beta"), [(1.3, 1.0), (0.5, 0.5), (20.0, 1.0), (5.0, 300.0)])
def test_the_beta_tables_agree_with_a_sample(alpha, beta):
    sample = np.random.default_rng(3).beta(alpha, beta, 1_000_000)
    for probability, tolerance in ((0.001, 0.3), (0.01, 0.1), (0.1, 0.03), (0.5, 0.01), (0.9, 0.01), (0.999, 0.01)):
        score = NormalDist().inv_cdf(probability)
        quantile = np.interp(score, scores(SIZE), beta_by_score(alpha, beta, SIZE))
        assert quantile == pytest.approx(np.quantile(sample, probability), rel=tolerance, abs=2e-6)


def test_the_beta_table_of_1_and_1_is_the_uniform_law():
    uniform = [NormalDist().cdf(score) for score in scores(SIZE)]
    assert beta_by_score(1.0, 1.0, SIZE) == pytest.approx(np.array(uniform), abs=1e-7)
