"""How a purchase of credits comes about: who decided it, and the balance before and after (Rulebook C1, C2, C3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from planshift.billing.calendar import DAY, months_after
from planshift.billing.charges import CreditCharge, InvoiceLine
from planshift.billing.contract import CreditSettings
from planshift.billing.ledger import COLUMN
from planshift.billing.money import dollars
from planshift.billing.terms import Terms
from planshift.explanation.explanation import YOUR_CONTRACT, Step
from planshift.explanation.replay import Replay
from planshift.explanation.words import counted, money, said_by
from planshift.plans.plan import Sourced


@dataclass(frozen=True)
class _Bought:
    """A purchase, the terms under it, and the credits of its day: at its start, gone unused, bought before it."""

    replay: Replay
    terms: Terms
    purchase: CreditCharge
    number: int
    opening: int
    expired: int
    earlier: int

    @property
    def used(self) -> int:
        """What everybody together used on the day."""
        return int(self.replay.used_on(self.purchase.day)[COLUMN["billed"]].sum())


def purchase_steps(replay: Replay, line: InvoiceLine, invoice: CreditCharge) -> list[Step]:
    """The steps of one purchase; the one that buys has the amount."""
    bought = _bought(replay, line, invoice)
    payment = bought.terms.usage_payment(line.day)
    channel = bought.terms.plan.channel_titles[bought.terms.channel]
    first = Step(
        f"{channel}: usage is paid from credits bought in advance; a purchase is an invoice of its own",
        rule="C1",
        source=said_by(bought.terms.plan, payment),
    )
    why = _REASONS[invoice.purchases.occasion](bought)
    return [first, *why, *_balance(bought), _expiry(bought)]


def purchase_title(invoice: CreditCharge) -> str:
    """What a purchase is, in words."""
    return {
        "initial": "credits bought at the start",
        "by_date": "credits bought on a date",
        "when_exhausted": "credits bought after running out",
        "auto_reload": "credits bought by auto reload",
    }[invoice.purchases.occasion]


def _bought(replay: Replay, line: InvoiceLine, invoice: CreditCharge) -> _Bought:
    day = line.day
    bought = [other for _, other in replay.lines() if isinstance(other, CreditCharge)]
    today = [purchase for purchase in bought if purchase.day == day]
    number = next(place for place, purchase in enumerate(today) if purchase is invoice)
    opening, expired = replay.left_on(day - DAY)
    return _Bought(
        replay=replay,
        terms=invoice.terms,
        purchase=invoice,
        number=number,
        opening=opening,
        expired=replay.left_on(day)[1] - expired,
        earlier=sum(purchase.amount for purchase in today[:number]),
    )


# --- why it was bought -------------------------------------------------------------------------------------------


def _settings(bought: _Bought, fits: Callable[[CreditSettings], bool]) -> CreditSettings:
    """The latest settings that made the purchase: what falls due by reaction may have been set before."""
    phases = [phase for phase in bought.replay.ledger.phases if phase.since <= bought.purchase.day]
    return next(phase.credits for phase in reversed(phases) if fits(phase.credits))


def _initial(bought: _Bought) -> list[Step]:
    amount, day = bought.purchase.amount, bought.purchase.day
    scenario = bought.replay.run.scenario
    if day == scenario.start:
        text = "Credits for the start, bought on the first day of the run"
    else:
        text = f"Credits for the start of the new term, bought on {day}"
    return [Step(text, dollars(amount), rule="C2", source=YOUR_CONTRACT)]


def _by_date(bought: _Bought) -> list[Step]:
    text = f"Credits that you bought on {bought.purchase.day}, by an event of the scenario"
    return [Step(text, dollars(bought.purchase.amount), rule="C2", source=YOUR_CONTRACT)]


def _when_exhausted(bought: _Bought) -> list[Step]:
    amount, day = bought.purchase.amount, bought.purchase.day

    def fits(settings: CreditSettings) -> bool:
        return settings.when_exhausted is not None and settings.when_exhausted.buy == amount

    reaction = _settings(bought, fits).when_exhausted
    after_days = reaction.after_days if reaction else 0
    out = day - timedelta(days=after_days)
    text = (
        f"The balance was zero at the end of {out}; {counted(after_days, 'day')} later, on {day}, it was still zero,"
        f" so {money(amount)} USD are bought"
    )
    return [Step(text, dollars(amount), rule="C2", source=YOUR_CONTRACT)]


def _auto_reload(bought: _Bought) -> list[Step]:
    amount, day = bought.purchase.amount, bought.purchase.day

    def fits(settings: CreditSettings) -> bool:
        return settings.auto_reload is not None and settings.auto_reload.amount == amount

    reload = _settings(bought, fits).auto_reload
    below = reload.below if reload else 0
    left = bought.opening - bought.expired + bought.earlier - bought.used
    text = (
        f"After the usage of {day}, {money(bought.used)} USD within all limits, {money(left)} USD would be left: below"
        f" {money(below)} USD, so {money(amount)} USD are bought at once, as often as it takes"
    )
    return [Step(text, dollars(amount), rule="C2", source=YOUR_CONTRACT)]


_REASONS: Mapping[str, Callable[[_Bought], list[Step]]] = {
    "initial": _initial,
    "by_date": _by_date,
    "when_exhausted": _when_exhausted,
    "auto_reload": _auto_reload,
}


# --- the balance -------------------------------------------------------------------------------------------------


def _balance(bought: _Bought) -> list[Step]:
    before = bought.opening - bought.expired + bought.earlier
    after = before + bought.purchase.amount
    steps = [Step(f"Balance before {money(before)} USD, after {money(after)} USD", rule="C1")]
    if bought.expired:
        text = f"of {money(bought.opening)} USD the day before, {money(bought.expired)} USD were gone unused"
        steps.append(Step(text, rule="C3, C4", level=1))
    if bought.earlier:
        text = f"{money(bought.earlier)} USD were bought earlier on the same day, {counted(bought.number, 'purchase')}"
        steps.append(Step(text, rule="C1", level=1))
    evening, _ = bought.replay.left_on(bought.purchase.day)
    text = f"used on the day {money(bought.used)} USD; left at its end {money(evening)} USD"
    return [*steps, Step(text, rule="C1", level=1)]


def _expiry(bought: _Bought) -> Step:
    day, terms = bought.purchase.day, bought.terms
    own = bought.replay.phase(day).credits.expiry_months
    months = terms.expiry_months(own, day)
    listed = terms.plan.find("credits.expiry_months", day)
    decided_by_contract = own is not None and not (listed and listed.overlay)
    source = YOUR_CONTRACT if decided_by_contract else said_by(terms.plan, listed or Sourced("none"))
    if months is None:
        return Step("These credits do not expire", rule="C3", source=source)
    gone = months_after(day, months)
    return Step(f"What is left of these credits is gone on {gone}, after {months} months", rule="C3", source=source)
