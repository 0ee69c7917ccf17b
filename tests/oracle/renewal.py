"""Renewals: a contract closes and another starts, or it goes on for a new term (R1-R4, P2)."""

from datetime import date

from oracle.contract import closes, prolonged, renewed, successor_of
from oracle.run import Run


def renew(run: Run, day: date) -> None:
    """The renewal on the day on which the term ends."""
    if goes_on(run):
        run.contract = prolonged(run.contract)
        run.ledger.seat_fee(day, run.contract)
    elif closes(run.contract):
        close(run, day, credit="none")
    else:
        _renew_on_itself(run, day)
    run.check_seats()


def goes_on(run: Run) -> bool:
    """True if only the counterfactual lets the plan run past its renewal (P2)."""
    return run.counterfactual and run.contract.plan.successor is not None


def close(run: Run, day: date, credit: str) -> None:
    """Invoices the old contract, ends what was open under it, moves everybody, starts the new one (R1, R3, R4)."""
    old = run.contract
    run.end_usage_period(day)
    if credit == "prorated":
        run.ledger.seat_credit(day, old)
    run.contract = successor_of(old, day, run.plans)
    if run.contract.plan.id != old.plan.id:
        seat_type = run.contract.plan.first_seat_type
        run.seat_of = {member: seat and seat_type for member, seat in run.seat_of.items()}
    run.stops.close(day)
    run.used_this_week = {}
    run.wallet.start_anew()
    run.known_limits = run.limits()
    run.ledger.seat_fee(day, run.contract)
    run.buy_initial_credits(day)


def _renew_on_itself(run: Run, day: date) -> None:
    """Charges the seats for a new term; the usage period, limits and stops go on (R2)."""
    agreed = run.contract.renewal
    run.contract = renewed(run.contract)
    run.notice_limits(day, "renewal")
    run.ledger.seat_fee(day, run.contract)
    if "credits" in agreed:
        run.buy_initial_credits(day)
