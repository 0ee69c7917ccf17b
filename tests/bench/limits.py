"""How fast the engine is: the limits job beside a compiled loop, plain NumPy, pandas and DuckDB, in one run.

5,000 members × 365 days, a limit for each member and one for the organization, both monthly. The others find only what
is billed for each member and month; the engine also finds what each limit blocked, alerts and stops. All of them run on
one thread, in turns; ratios are of the medians. Needs the extra `bench`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import duckdb
import numba
import numpy as np
import numpy.typing as npt
import pandas as pd

from planshift.billing.account import bill
from planshift.billing.contract import Contract, Limits
from planshift.billing.ledger import COLUMN, Ledger
from planshift.billing.seats import Seats
from planshift.plans.catalogue import load_catalogue
from planshift.usage.demand import Demand

Nanos = npt.NDArray[np.int64]

MEMBERS, DAYS, MONTHS = 5_000, 365, 12
MEMBER_LIMIT = 400_000_000_000
FIRST = date(2027, 1, 1)
LENGTHS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
STARTS = np.r_[0, np.cumsum(LENGTHS)]


def job() -> tuple[Nanos, int]:
    """Demand (days, members) in nano-dollars, log-normal between members and between days; the organization's limit."""
    random = np.random.default_rng(0)
    level = np.exp(random.normal(0, 1.5, MEMBERS)) * 2e9
    demand = (level * np.exp(random.normal(0, 1, (DAYS, MEMBERS)))).astype(np.int64)
    return demand, int(demand.sum() / MONTHS * 0.7)


def engine(demand: Nanos, organization_limit: int) -> Callable[[], Ledger]:
    """The engine's own run, everything that it reports included."""
    catalogue = load_catalogue()
    members = tuple(f"m{number:05d}" for number in range(MEMBERS))
    limits = Limits(organization=organization_limit, each_member=MEMBER_LIMIT)
    contract = Contract(catalogue.plan("enterprise"), "sales_assisted", FIRST, {"enterprise": MEMBERS}, limits=limits)
    seats = Seats({"enterprise": MEMBERS}, assigned=dict.fromkeys(members, "enterprise"))
    asked = Demand(FIRST, members, {"chat": demand[:, None, :]}, DAYS)
    return lambda: bill(contract, seats, asked, (), catalogue)


@numba.njit  # type: ignore[untyped-decorator]
def compiled(demand: Nanos, starts: Nanos, member_limit: int, organization_limit: int) -> Nanos:
    """A compiled loop over days and members; a day on which the organization's limit binds ends the month."""
    members = demand.shape[1]
    billed = np.zeros((len(starts) - 1, members), np.int64)
    today = np.empty(members, np.int64)
    for month in range(len(starts) - 1):
        spent, total = billed[month], 0
        for day in range(starts[month], starts[month + 1]):
            asked = 0
            for member in range(members):
                today[member] = min(demand[day, member], member_limit - spent[member])
                asked += today[member]
            share = 1.0 if total + asked <= organization_limit else (organization_limit - total) / asked
            for member in range(members):
                spent[member] += today[member] if share == 1.0 else np.int64(today[member] * share)
            total += asked
            if share < 1.0:
                break
    return billed


def plain_numpy(demand: Nanos, organization_limit: int) -> Nanos:
    """The same, a day at a time in NumPy."""
    billed = np.zeros((MONTHS, demand.shape[1]), np.int64)
    for month in range(MONTHS):
        spent, total = billed[month], 0
        for day in range(STARTS[month], STARTS[month + 1]):
            today = np.minimum(demand[day], MEMBER_LIMIT - spent)
            asked = int(today.sum())
            if total + asked > organization_limit:
                spent += (today * ((organization_limit - total) / asked)).astype(np.int64)
                break
            spent += today
            total += asked
    return billed


def as_frame(demand: Nanos) -> pd.DataFrame:
    """The same demand as a table: member, day, month, amount."""
    return pd.DataFrame(
        {
            "member": np.tile(np.arange(MEMBERS), DAYS),
            "day": np.repeat(np.arange(DAYS), MEMBERS),
            "month": np.repeat(np.repeat(np.arange(MONTHS), LENGTHS), MEMBERS),
            "asked": demand.ravel(),
        }
    )


def in_pandas(frame: pd.DataFrame, organization_limit: int) -> Any:
    """The same with grouped cumulative sums."""
    keys = [frame["member"], frame["month"]]
    reached = frame.groupby(["member", "month"], sort=False)["asked"].cumsum().clip(upper=MEMBER_LIMIT)
    served = reached - reached.groupby(keys, sort=False).shift(fill_value=0)
    by_day = served.groupby(frame["day"]).sum()
    months = pd.Series(np.repeat(np.arange(MONTHS), LENGTHS))
    before = by_day.groupby(months).cumsum() - by_day
    share = ((organization_limit - before) / by_day).clip(0, 1)
    return (served * frame["day"].map(share)).groupby(keys, sort=False).sum()


QUERY = """
with running as (
  select member, day, month, least(sum(asked) over (partition by member, month order by day), {member})::bigint reached
  from usage),
served as (
  select member, day, month,
         reached - coalesce(lag(reached) over (partition by member, month order by day), 0) amount from running),
days as (select day, month, sum(amount) total from served group by all),
before as (select day, total, sum(total) over (partition by month order by day) - total earlier from days),
shares as (select day, greatest(0, least(1, ({organization} - earlier) / total)) share from before)
select member, month, sum(floor(amount * share))::bigint from served join shares using (day) group by all
"""


def in_duckdb(frame: pd.DataFrame, organization_limit: int) -> Callable[[], Any]:
    """The same in SQL with window functions, on one thread."""
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    connection.register("frame", frame)
    connection.execute("create table usage as select * from frame")
    query = QUERY.format(member=MEMBER_LIMIT, organization=organization_limit)
    return lambda: connection.execute(query).fetchall()


def seconds(call: Callable[[], Any]) -> float:
    """How long one call takes."""
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def in_turns(calls: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """The median of each call's times, all of them called once a round."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            times[name].append(seconds(call))
    return {name: statistics.median(found) for name, found in times.items()}


def main() -> None:
    """Print each one's speed, and its ratio to the compiled loop."""
    demand, organization_limit = job()
    run = engine(demand, organization_limit)
    reference = compiled(demand, STARTS, MEMBER_LIMIT, organization_limit)
    billed = np.stack([array[COLUMN["billed"], 0] for _, array in sorted(run().usage.items())])
    if abs(billed - reference).max() > 1:
        raise SystemExit("the engine and the compiled loop disagree by more than a nano-dollar")
    frame = as_frame(demand)
    quick = {
        "compiled loop": lambda: compiled(demand, STARTS, MEMBER_LIMIT, organization_limit),
        "planshift": run,
        "plain NumPy": lambda: plain_numpy(demand, organization_limit),
    }
    slow = {"pandas": lambda: in_pandas(frame, organization_limit), "DuckDB": in_duckdb(frame, organization_limit)}
    medians = in_turns(quick, 31) | in_turns(slow, 3)
    print(f"{MEMBERS:,} members x {DAYS} days, member and organization limits; one thread, medians")
    for name, median in medians.items():
        speed = MEMBERS * DAYS / median / 1e6
        ratio = medians["compiled loop"] / median
        print(f"{name:14s} {median * 1e3:9.2f} ms {speed:9.1f} million member-days/s {ratio:8.3f} of the compiled loop")
    for name in slow:
        print(f"planshift is {medians[name] / medians['planshift']:,.0f} times as fast as {name}")


if __name__ == "__main__":
    main()
