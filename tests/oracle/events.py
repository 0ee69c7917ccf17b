"""Events: what an owner does on a day (S2-S4, C2, L4, R3)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from oracle.money import nano
from oracle.renewal import close
from oracle.run import Run


def act(run: Run, event: Mapping[str, Any]) -> None:
    """The event takes place: every effect, and the invoice if there is one."""
    day: date = event["date"]
    if "add_seats" in event:
        run.ledger.seat_addition(day, run.contract, event["add_seats"])
    if "buy_credits" in event:
        run.buy_credits(day, nano(event["buy_credits"]))
    elif "migrate" in event:
        _migrate(run, day, event["migrate"])
    else:
        arrange(run, event)


def arrange(run: Run, event: Mapping[str, Any]) -> None:
    """The event changes seats, members or limits, without an invoice; so it does before the horizon (H1)."""
    match event:
        case {"add_seats": added}:
            run.contract = run.contract.with_seats(added)
        case {"remove_seats": removed}:
            run.contract = run.contract.with_removal(removed)
        case {"set_limits": settings}:
            run.contract = replace(run.contract, limits=run.contract.limits.changed_by(settings))
        case {"assign": seats}:
            for member, seat_type in seats.items():
                run.seat_of[member] = None if seat_type == "unassigned" else seat_type
        case _:
            raise ValueError(f"this cannot be done on {event['date']}: {sorted(event)}")
    run.check_seats()


def _migrate(run: Run, day: date, terms: Any) -> None:
    """The contract closes before its renewal, because the customer asked for it (R3)."""
    if not run.contract.plan.may_migrate:
        raise ValueError(f"{run.contract.plan.id} cannot be left before its renewal")
    close(run, day, credit="none" if terms is True else terms.get("credit", "none"))
    run.check_seats()
