"""The levels that answers go by: how much risk, how finely rounded, what is tried; from ``reports/answers.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from planshift.billing.contract import AutoReload
from planshift.billing.money import nano
from planshift.plans.files import folder
from planshift.plans.schemas import read_valid
from planshift.problems import InputError, Place, nearest

FILE = "answers.yaml"


@dataclass(frozen=True)
class WhatIfSpec:
    """A what-if that is not an overlay: a ``share`` of a surface's usage (empty: of all), the recommended limit, or
    credits bought by auto reload."""

    key: str
    title: str
    surface: str = ""
    share: Fraction = Fraction(1)
    recommended_limit: bool = False
    auto_reload: AutoReload | None = None


@dataclass(frozen=True)
class Levels:
    """What answers go by; shares as fractions, steps in cents.

    ``years_beyond``: the share of years in which a limit may be hit; ``members_beyond``: of all members' years, those
    in which one may need more than the default limit; ``other``: how far off the values are of which it is said what
    they cost; ``draws``: what recommendations rest on at most, ``trial_draws``: early moves and the tornado;
    ``page_draws``: what a page about drawn usage rests on where nobody says how many;
    ``renewals``: how far off the probability of one is. ``what_ifs``: files of overlays, and others, in order.
    ``stopped``: from which share of the work asked for on a verdict names what is stopped.
    """

    years_beyond: Fraction
    members_beyond: Fraction
    organization_step: int
    member_step: int
    credit_step: int
    other: Fraction
    reloads_a_month: int
    draws: int
    bins: int
    trial_draws: int
    page_draws: int
    usage: Fraction
    seats: Fraction
    figures: Fraction
    renewals: Fraction
    what_ifs: tuple[Path | WhatIfSpec, ...]
    stopped: Fraction


@lru_cache
def shipped_levels() -> Levels:
    """The levels that planshift ships."""
    return read_levels(folder("reports") / FILE)


def read_levels(path: Path) -> Levels:
    """The levels of a file; InputError with every mistake, also for an overlay that is not shipped."""
    document = read_valid(path, "answers")
    data: Any = document.data
    recommend, tornado = data["recommend"], data["tornado"]
    steps = {name: int(Decimal(amount) * 100) for name, amount in recommend["round_to_usd"].items()}
    return Levels(
        years_beyond=Fraction(recommend["years_beyond"]),
        members_beyond=Fraction(recommend["members_beyond_default"]),
        organization_step=steps["organization_limit"],
        member_step=steps["member_limit"],
        credit_step=steps["credits"],
        other=Fraction(recommend["other_value"]),
        reloads_a_month=recommend["reloads_a_month"],
        draws=recommend["draws"],
        bins=data["bins"],
        trial_draws=data["trial_draws"],
        page_draws=data["page_draws"],
        usage=Fraction(tornado["usage"]),
        seats=Fraction(tornado["seats"]),
        figures=Fraction(tornado["figures"]),
        renewals=Fraction(tornado["renewals"]),
        what_ifs=tuple(
            _what_if(item, document.place("what_ifs", place)) for place, item in enumerate(data["what_ifs"])
        ),
        stopped=Fraction(data["verdict"]["stopped_work"]),
    )


def _what_if(item: Mapping[str, Any], place: Place) -> Path | WhatIfSpec:
    if "overlay" not in item:
        share, limit = Fraction(item.get("share", 1)), "organization_limit" in item
        reload = item.get("auto_reload_usd")
        buys = AutoReload(nano(reload["below"]), nano(reload["amount"])) if reload else None
        return WhatIfSpec(item["key"], item["title"], item.get("surface", ""), share, limit, buys)
    shipped = folder("plans") / "overlays"
    path = shipped / f"{item['overlay']}.yaml"
    if path.is_file():
        return path
    near = nearest(item["overlay"], [other.stem for other in shipped.glob("*.yaml")])
    remedy = f"did you mean '{near}'?" if near else "name a file of plans/overlays without its ending"
    raise InputError.at(place, f"there is no overlay '{item['overlay']}'", remedy)
