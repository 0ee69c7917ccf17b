"""A draw of a scenario's personas as rows of usage, as a usage file would hold them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from planshift.billing.money import dollars
from planshift.billing.scenario import Scenario, read_scenario
from planshift.billing.simulation import metered_from
from planshift.plans.bounds import MOST_DRAWS
from planshift.plans.catalogue import load_catalogue
from planshift.problems import InputError
from planshift.usage.synthetic.persona import Organization

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class DrawnUsage:
    """The usage of one draw over the horizon: ``rows`` in the columns of a usage file, and what they come to.

    ``cost`` in US dollars at list rates, exact; ``metered``: the day from which on members are as their `behaviour`
    says of metered plans, None where that changes nothing.
    """

    scenario: Scenario
    draw: int
    rows: pd.DataFrame
    cost: Decimal
    metered: date | None

    @property
    def members(self) -> int:
        """How many members have usage."""
        return int(self.rows["user_id"].nunique())


def draw_usage(
    scenario: Path | str,
    *,
    draw: int = 0,
    seed: int | None = None,
    plans: Path | str | None = None,
    overlays: Iterable[Path | str] = (),
) -> DrawnUsage:
    """The usage of one draw of a scenario's file, counted from 0, over its horizon.

    As the usage file of a scenario with the same contract and members, it gives the bills of that draw to the
    nano-dollar. ``seed`` goes before the scenario's. Raises InputError with every mistake found, and where the
    scenario's usage is not drawn from personas.
    """
    what_ifs = [Path(overlay) for overlay in overlays]
    read = read_scenario(Path(scenario), load_catalogue(Path(plans) if plans else None, what_ifs))
    if draw < 0:
        raise InputError.at("--draw", f"draws are counted from 0 (got {draw})", "give 0 for the first")
    if draw >= MOST_DRAWS:
        raise InputError.at("--draw", f"there are at most {MOST_DRAWS} draws (got {draw})", "give a smaller number")
    read = read.with_draws(None, seed)
    if not isinstance(read.usage, Organization):
        place = read.document.key_place("usage")
        remedy = "use the file itself, or a scenario whose `usage` has `personas`"
        raise InputError.at(place, f"the usage of '{read.title}' is not drawn from personas", remedy)
    metered = metered_from(read, read.end) if _answers(read.usage) else None
    asked = read.asked(read.end, range(draw, draw + 1))
    demand = asked.measured(read.start, read.end, metered).demand
    nanos = sum(int(array.sum()) for array in demand.by_surface.values())
    return DrawnUsage(read, draw, asked.rows(draw, metered).frame(), dollars(nanos), metered)


def _answers(usage: Organization) -> bool:
    return any(population.metered != 1 for population in usage.populations)
