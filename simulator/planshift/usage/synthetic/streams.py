"""Random numbers by name: each is a function of the seed, an entity, a quantity, the draw and a place in the stream.

A stream is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014) from a start of
its own: word i is ``mix(start + (i + 1) γ)``. The start hashes seed, entity and quantity with BLAKE2b and mixes the
draw's number in. A word needs none before it, so nothing depends on blocks, order, or how many there are of anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from planshift.usage.synthetic.quantiles import normal_quantile

Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]

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
