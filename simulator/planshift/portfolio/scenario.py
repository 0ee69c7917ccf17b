"""An account as a scenario that the engine bills, made in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from planshift.billing.contract import Assign, Event, Migrate
from planshift.billing.scenario import Scenario
from planshift.billing.schedule import months_after, months_passed
from planshift.plans.documents import Document
from planshift.portfolio.account import Account, FirstRenewal, first_renewal, with_terms_before
from planshift.portfolio.personas import shared_out
from planshift.portfolio.portfolio import Portfolio
from planshift.problems import Place
from planshift.usage.synthetic.persona import Population

_DAY = timedelta(days=1)


def scenario_of(account: Account, portfolio: Portfolio, draws: int) -> Scenario | None:
    """An account as a scenario whose usage is drawn ``draws`` times; None where its contract begins after the horizon.

    It starts on the first day simulated of the portfolio, or with the contract where that begins later, and reaches at
    least to the horizon's end: bill it with ``until=portfolio.end``. At the first renewal after the term that the
    account states, or at the early move, the agreed seats are held: members for whom there are none, the last by id,
    are unassigned on the day before a renewal (on the day of a move), and each seat that is added, the minimum's left
    out, is a new member's from that day on.
    """
    renewed = first_renewal(account, portfolio.catalogue)
    agreed = replace(account.contract.renewal, seats=renewed.seats)
    contract = with_terms_before(replace(account.contract, renewal=agreed), portfolio.simulated_from)
    start = max(portfolio.simulated_from, contract.term_start)
    if start >= portfolio.end:
        return None
    months = months_passed(start, portfolio.end - _DAY) + 1
    found = portfolio.personas.of_account(account)
    reached = start <= renewed.day < months_after(start, months)
    joining = _joining(found.populations, renewed) if reached else [0] * len(found.populations)
    populations = tuple(
        replace(population, count=population.count + more) if more else population
        for population, more in zip(found.populations, joining, strict=True)
    )
    organization = replace(
        found.organization,
        populations=populations,
        start=start,
        seed=portfolio.seed_of(account.account_id),
        draws=draws,
    )
    members, joiners = _assigned(populations, joining, renewed.seat_map)
    place = portfolio.place_of(account.account_id)
    events = _events(account, renewed, members, joiners, place) if reached else ()
    return Scenario(
        title=account.title,
        contract=contract,
        start=start,
        months=months,
        members=members,
        teams={member: one.team for one in populations for member in one.members},
        usage=organization,
        events=tuple(events),
        alternatives={},
        catalogue=portfolio.catalogue,
        document=Document(place.file, {}, {(): place}, {}),
        files=(),
    )


def _joining(populations: Sequence[Population], renewed: FirstRenewal) -> list[int]:
    """How many new members each population has from the renewal on: as many as there are seats more, divided as those
    are who have the seat type already."""
    result = [0] * len(populations)
    for seat, more in renewed.added.items():
        places = [place for place, one in enumerate(populations) if renewed.seat_map[one.seat_type] == seat]
        whole = sum(populations[place].count for place in places)
        if more <= 0 or not whole:
            continue
        shares = [Fraction(populations[place].count, whole) for place in places]
        for place, count in zip(places, shared_out(more, shares), strict=True):
            result[place] = count
    return result


def _assigned(
    populations: Sequence[Population], joining: Sequence[int], seat_map: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The seat types of those who are members from the start, and of those who join at the renewal."""
    members: dict[str, str] = {}
    joiners: dict[str, str] = {}
    for population, more in zip(populations, joining, strict=True):
        there = population.count - more
        members.update(dict.fromkeys(population.members[:there], population.seat_type))
        joiners.update(dict.fromkeys(population.members[there:], seat_map[population.seat_type]))
    return members, joiners


def _events(
    account: Account, renewed: FirstRenewal, members: Mapping[str, str], joiners: Mapping[str, str], place: Place
) -> Iterator[Event]:
    """Leavers, the early move, and joiners, in the order in which they happen."""
    moves = account.migrate_on == renewed.day
    leavers = _leavers(renewed, members)
    if leavers:
        yield Event(renewed.day if moves else _before(renewed.day), Assign(dict.fromkeys(leavers)), place)
    if moves:
        yield Event(renewed.day, Migrate(account.migrate_credit), place)
    if joiners:
        yield Event(renewed.day, Assign(joiners), place)


def _before(day: date) -> date:
    return day - _DAY


def _leavers(renewed: FirstRenewal, members: Mapping[str, str]) -> list[str]:
    """The members, the last by id, for whom there are no seats after the renewal."""
    by_seat: dict[str, list[str]] = {}
    for member, seat in members.items():
        by_seat.setdefault(renewed.seat_map[seat], []).append(member)
    found: list[str] = []
    for seat, theirs in by_seat.items():
        held = renewed.seats.get(seat, 0)
        if len(theirs) > held:
            found += sorted(theirs)[held:]
    return found
