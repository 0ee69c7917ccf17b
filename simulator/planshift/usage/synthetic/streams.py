"""Random numbers by name, and the quantiles of the laws that they are turned into.

A stream is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014) from a start of
its own: word i is ``mix(start + (i + 1) γ)``. The start hashes seed, entity and quantity with BLAKE2b and mixes the
draw's number in. A word needs none before it, so nothing depends on blocks, order, or how many there are of anything.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]

LARGEST_SCORE = 8.0
"""Tables reach from minus to plus so many standard deviations; beyond lies a probability of 1e-15."""

NORMALS = 1 << 16
"""The daily normals are this many equally likely values."""

_GRID = 1 << 16
_SMALLEST = 1e-300
_LOG_NOTHING = math.log(1e-25)

# Wichura, "Algorithm AS 241: the percentage points of the normal distribution", 1988: relative error about 1e-16.
# Numerator and denominator for the middle, for the tails, and for the far tails; the constant term first.
_MIDDLE = (
    (
        3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
        4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
    ),
    (
        1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
        2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
    ),
)  # fmt: skip
_TAIL = (
    (
        1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
        1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
    ),
    (
        1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
        1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
    ),
)  # fmt: skip
_FAR_TAIL = (
    (
        6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
    ),
    (
        1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
    ),
)  # fmt: skip


def normal_quantile(probability: Floats) -> Floats:
    """The standard normal quantile of probabilities between 0 and 1, both excluded; any shape."""
    centred = probability - 0.5
    result: Floats = centred * _ratio(_MIDDLE, 0.180625 - centred * centred)
    outer = np.abs(centred) > 0.425
    tail = np.minimum(probability[outer], 1.0 - probability[outer])
    root = np.sqrt(-np.log(tail))
    score = np.where(root <= 5.0, _ratio(_TAIL, root - 1.6), _ratio(_FAR_TAIL, root - 5.0))
    result[outer] = np.copysign(score, centred[outer])
    return result


def _ratio(polynomials: tuple[Sequence[float], Sequence[float]], at: Floats) -> Floats:
    above, below = (np.full_like(at, coefficients[-1]) for coefficients in polynomials)
    for result, coefficients in zip((above, below), polynomials, strict=True):
        for coefficient in reversed(coefficients[:-1]):
            result *= at
            result += coefficient
    above /= below
    return above


@lru_cache(maxsize=1)
def normal_values() -> Floats32:
    """Equally likely values, NORMALS of them, that stand for the standard normal law: each the mean of its part.

    Their mean is 0 and their variance 1; a picture of the law with steps of 1/NORMALS in probability.
    """
    edges = np.concatenate([[-np.inf], normal_quantile(np.arange(1, NORMALS) / NORMALS), [np.inf]])
    density = np.exp(-0.5 * edges * edges) / math.sqrt(2 * math.pi)
    values = (density[:-1] - density[1:]) * NORMALS
    values /= math.sqrt(float(np.mean(values * values)))
    result: Floats32 = values.astype(np.float32)
    result.flags.writeable = False
    return result


@lru_cache(maxsize=64)
def log_gamma_by_score(shape: float, size: int) -> Floats:
    """The logarithm of the quantiles of the Gamma law with mean 1, by normal score: ``size`` equal steps of scores.

    The scores reach from -LARGEST_SCORE to LARGEST_SCORE.
    """
    low = (_LOG_NOTHING + math.lgamma(shape + 1)) / shape
    high = math.log(shape + 10 * math.sqrt(shape) + 45)

    def log_density(y: Floats) -> Floats:
        result: Floats = shape * y - np.exp(y)
        return result

    return _by_score(log_density, low, high, size) - math.log(shape)


@lru_cache(maxsize=64)
def beta_by_score(alpha: float, beta: float, size: int) -> Floats:
    """The quantiles of the Beta law by normal score, as `log_gamma_by_score` has those of the Gamma law."""
    whole = math.lgamma(alpha) + math.lgamma(beta) - math.lgamma(alpha + beta)
    low = (_LOG_NOTHING + whole + math.log(alpha)) / alpha - 2
    high = -(_LOG_NOTHING + whole + math.log(beta)) / beta + 2

    def log_density(y: Floats) -> Floats:
        return -alpha * np.logaddexp(0.0, -y) - beta * np.logaddexp(0.0, y)

    logits = _by_score(log_density, low, high, size)
    result: Floats = np.exp(-np.logaddexp(0.0, -logits))
    return result


@lru_cache(maxsize=8)
def scores(size: int) -> Floats:
    """The normal scores of a table; the array is shared, and cannot be written to."""
    result = np.linspace(-LARGEST_SCORE, LARGEST_SCORE, size)
    result.flags.writeable = False
    return result


def _by_score(log_density: Callable[[Floats], Floats], low: float, high: float, size: int) -> Floats:
    """Quantiles by normal score of the law with a density, given by its logarithm up to a constant.

    Integrates over a fine grid from both ends, so that each tail keeps its own precision, and turns the relation round.
    """
    grid = np.linspace(low, high, _GRID)
    logs = log_density(grid)
    middles = log_density((grid[:-1] + grid[1:]) / 2)
    largest = logs.max()
    ends, inner = np.exp(logs - largest), np.exp(middles - largest)
    parts = ends[:-1] + 4 * inner + ends[1:]
    below = np.concatenate([[0.0], np.cumsum(parts)])
    above = np.concatenate([np.cumsum(parts[::-1])[::-1], [0.0]])
    lower, upper = (np.maximum(part / below[-1], _SMALLEST) for part in (below, above))
    score = np.where(lower < 0.5, normal_quantile(np.minimum(lower, 0.5)), -normal_quantile(np.minimum(upper, 0.5)))
    return np.interp(scores(size), score, grid)


Words = npt.NDArray[np.uint64]

GAMMA = np.uint64(0x9E3779B97F4A7C15)
ORGANIZATION = "organization"
"""The entity of what all members share."""

_FACTORS = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFTS = np.uint64(30), np.uint64(27), np.uint64(31)
_BITS = 52


def starts(seed: int, entities: Sequence[str], quantity: str, draws: range) -> Words:
    """Where the streams of a quantity start, shape (draws, entities)."""
    return starts_together([(seed, entities)], quantity, draws)


def starts_together(whose: Sequence[tuple[int, Sequence[str]]], quantity: str, draws: range) -> Words:
    """The same for the entities of several seeds, one after another."""
    keys = np.concatenate([_keys(seed, tuple(entities), quantity) for seed, entities in whose])
    numbers = np.arange(draws.start, draws.stop, draws.step, dtype=np.int64).astype(np.uint64)
    result: Words = keys[None, :] + (numbers[:, None] + np.uint64(1)) * GAMMA
    mix(result, np.empty_like(result))
    return result


@lru_cache(maxsize=1024)
def _keys(seed: int, entities: tuple[str, ...], quantity: str) -> Words:
    names = (f"{seed}\0{entity}\0{quantity}".encode() for entity in entities)
    digests = b"".join([hashlib.blake2b(name, digest_size=8).digest() for name in names])
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def mix(words: Words, spare: Words) -> None:
    """SplitMix64's mixing of each word, in place; ``spare``, of the same shape, is written over."""
    for shift, factor in zip(_SHIFTS, _FACTORS, strict=False):
        np.right_shift(words, shift, out=spare)
        np.bitwise_xor(words, spare, out=words)
        np.multiply(words, factor, out=words)
    np.right_shift(words, _SHIFTS[2], out=spare)
    np.bitwise_xor(words, spare, out=words)


def uniforms(streams: Words, first: int = 0, count: int = 1) -> Floats:
    """Words ``first`` and following of each stream as numbers between 0 and 1, both excluded; shape (count, *streams).

    ``first`` may be negative: there are words before the start, too.
    """
    places = np.arange(first + 1, first + 1 + count, dtype=np.int64).astype(np.uint64)
    words: Words = streams + (places * GAMMA).reshape(-1, *[1] * streams.ndim)
    mix(words, np.empty_like(words))
    words >>= np.uint64(64 - _BITS)
    result: Floats = words.astype(np.float64)
    result += 0.5
    result *= 2.0**-_BITS
    return result


def normals(streams: Words, first: int = 0, count: int = 1) -> Floats:
    """The same as standard normal numbers."""
    return normal_quantile(uniforms(streams, first, count))
