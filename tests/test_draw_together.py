"""Many small organizations drawn at once have the numbers that each of them has alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from planshift.usage.synthetic import generate
from planshift.usage.synthetic.generate import Generator, draw_together
from planshift.usage.synthetic.persona import Organization
from synthetic import ANALYST, BOT, CARD, ENGINEER, mixed, persona, plain, population


def organizations() -> list[Organization]:
    """Of several sizes, laws, calendars and horizons; some with members who join."""
    small = (population(ENGINEER, 3), population(ANALYST, 5, takes_up={"claude_code": 0.5}))
    louder = persona(ENGINEER, level=replace(ENGINEER.level, amount=40.0))
    return [
        mixed(),
        mixed(seed=30, roll_out=None),
        mixed(seed=31, populations=small),
        mixed(seed=32, populations=small, roll_out=None, country="US"),
        mixed(seed=33, populations=(population(louder, 4), population(ANALYST, 2)), roll_out=None),
        mixed(seed=34, start=date(2027, 3, 1), bursts=replace(mixed().bursts, planned=())),
        plain(population(BOT, 3)),
        plain(population(ANALYST, 2), population(ENGINEER, 1), seed=35),
    ]


@pytest.mark.parametrize("together", [1, 12, 1 << 12])
@pytest.mark.parametrize("draws", [range(1), range(2, 5)])
def test_they_are_the_same(together: int, draws: range, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "TOGETHER", together)
    generators = [
        Generator(one, CARD, one.start + timedelta(days=120 if number % 2 else 40))
        for number, one in enumerate(organizations())
    ]
    for generator, found in zip(generators, draw_together(generators, draws), strict=True):
        alone = generator.draw(draws)
        assert np.array_equal(found.volumes, alone.volumes)
        assert found.total == pytest.approx(alone.total, rel=1e-5)
        end = found.start + timedelta(days=len(found.volumes))
        one, other = (each.demand(found.start, end, found.members) for each in (found, alone))
        for name, amounts in one.by_surface.items():
            assert np.array_equal(amounts, other.by_surface[name])


def test_no_organizations_have_no_usage() -> None:
    assert draw_together([], range(1)) == []
