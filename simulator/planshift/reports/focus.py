"""A forecast's charges as a FOCUS 1.2 cost-and-usage file, for whoever reads bills of all their providers in that form.

A purchase is billed and costs nothing by itself (EffectiveCost 0), as what is used of it does: rows of use are billed
nothing, and cost their share. Filter purchases out before adding up list or contracted costs, or they count twice.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from decimal import Context, Decimal
from functools import lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from planshift.billing.charges import IN_ARREARS, SEAT_ADDITION, SEAT_CREDIT, SEAT_FEE
from planshift.billing.money import cents_text
from planshift.billing.schedule import month_of, month_text, next_month
from planshift.forecasting.backends import Backend
from planshift.forecasting.block import Daily
from planshift.forecasting.charge import (
    CREDIT_EXPIRY,
    CREDIT_PURCHASE,
    CREDIT_USE,
    SEAT_CARRIED,
    SEAT_UNUSED,
    SEAT_USE,
    Charge,
)
from planshift.forecasting.charges import account_charges
from planshift.forecasting.checkpoint import WorkFolder, passing
from planshift.forecasting.forecasting import (
    Progress,
    blocks_of,
    chosen_backend,
    daily_work,
    digest_of,
    work_off,
)
from planshift.plans.files import folder
from planshift.plans.schemas import read_valid
from planshift.portfolio.account import Account
from planshift.portfolio.portfolio import Portfolio
from planshift.usage.cells import plain_cell

FOCUS_COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingAccountType", "BillingCurrency",
    "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency",
    "ChargePeriodEnd", "ChargePeriodStart", "CommitmentDiscountCategory", "CommitmentDiscountId",
    "CommitmentDiscountName", "CommitmentDiscountQuantity", "CommitmentDiscountStatus", "CommitmentDiscountType",
    "CommitmentDiscountUnit", "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "ContractedUnitPrice",
    "EffectiveCost", "InvoiceId", "InvoiceIssuerName", "ListCost", "ListUnitPrice", "PricingCategory",
    "PricingCurrency", "PricingCurrencyContractedUnitPrice", "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice", "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName",
    "ServiceCategory", "ServiceName", "ServiceSubcategory", "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId",
)  # fmt: skip
"""The columns of FOCUS, in the order of the alphabet; those of commitment discounts are there, and empty."""
OWN_COLUMNS = (
    "x_Simulated", "x_Scenario", "x_Kind", "x_Plan", "x_Channel", "x_SeatType", "x_Segment", "x_Region",
    "x_RecognisedMonth", "x_PurchaseInvoiceId", "x_Rule",
)  # fmt: skip
"""Our own: FOCUS is for actual charges, and these rows say of themselves that they are simulated.

``x_RecognisedMonth``: the month in which EffectiveCost is earned, empty for purchases; ``x_PurchaseInvoiceId``: the
invoice that paid for what is used.
"""

_STANDARD = "Standard"
_EXACT = Context(prec=60)
_ZERO = "0.00"


@dataclass(frozen=True)
class _Kind:
    """How FOCUS calls a kind of charge: its category and frequency; what is counted, by its name among the units;
    whether what is counted is consumed; what it is in words, and by which rule."""

    category: str
    frequency: str
    counted: str
    consumed: bool
    words: str
    rule: str


_PURCHASE, _USE = "Purchase", "Usage"
_ONCE, _MONTHLY, _BY_USE = "One-Time", "Recurring", "Usage-Based"
_SEATS_BOUGHT = (SEAT_FEE, SEAT_ADDITION, SEAT_CREDIT)
_KINDS = {
    **{one.name: _Kind(_PURCHASE, _ONCE, "seats", False, one.of, one.rule) for one in _SEATS_BOUGHT},
    SEAT_USE: _Kind(_USE, _MONTHLY, "seats", True, "seats in use, earned by the day over what was charged", "S1, S2"),
    SEAT_UNUSED: _Kind(_USE, _ONCE, "seats", False, "seats paid for that nobody uses after the contract's end", "R3"),
    SEAT_CARRIED: _Kind(
        _USE, _MONTHLY, "seats", False, "rest of the old term's fees after an early move, over the new term", "R3"
    ),
    CREDIT_PURCHASE: _Kind(_PURCHASE, _ONCE, "credits", False, "credits bought", "C1, C2"),
    CREDIT_USE: _Kind(_USE, _BY_USE, "usage", True, "usage paid from credits, the oldest first", "C1"),
    CREDIT_EXPIRY: _Kind(_USE, _ONCE, "credits", False, "credits that are gone unused", "C3, C4"),
    **{
        one.name: _Kind(_USE, _MONTHLY if one.by_day else _BY_USE, "usage", not one.by_day, one.of, one.rule)
        for one in IN_ARREARS
    },
}
_FROM_CREDITS = (CREDIT_USE, CREDIT_EXPIRY)
_METERS = {"seats": "Seats", "credits": "Credits", "usage": "Usage"}


def focus_header() -> tuple[str, ...]:
    """The columns in order: those of FOCUS, then our own."""
    return (*FOCUS_COLUMNS, *OWN_COLUMNS)


def focus_rows(account: Account, charges: Iterable[Charge], names: Names, scenario: str) -> Iterator[tuple[str, ...]]:
    """The rows of an account's charges, cells in the order of `focus_header`, no text that could be a formula.

    Amounts and quantities always have decimals, at least two; ListCost and ContractedCost are unit prices × quantity,
    exactly, BilledCost and EffectiveCost whole cents of the ledger.
    """
    who = {
        "BillingAccountId": account.account_id,
        "BillingAccountName": account.title,
        "BillingAccountType": names.account_type,
        "InvoiceIssuerName": names.invoice_issuer,
        "ProviderName": names.provider,
        "PublisherName": names.publisher,
        "ServiceCategory": names.category,
        "ServiceName": names.service,
        "ServiceSubcategory": names.subcategory,
        "x_Simulated": "true",
        "x_Scenario": scenario,
        "x_Segment": account.segment,
        "x_Region": account.region,
    }
    safe = {name: plain_cell(text) for name, text in who.items()}
    header = focus_header()
    for charge in charges:
        texts = {name: plain_cell(text) for name, text in _texts(charge, account.account_id, names).items()}
        cells = {**safe, **texts, **_periods(charge), **_amounts(charge)}
        yield tuple(cells.get(name, "") for name in header)


def _texts(charge: Charge, account_id: str, names: Names) -> dict[str, str]:
    """What a charge is, in words and names."""
    kind, plan = _KINDS[charge.kind], charge.terms.plan
    counted = charge.seat_type or kind.counted
    sku = f"{plan.id}/{counted}"
    what = plan.seat_titles[charge.seat_type] if charge.seat_type else plan.title
    details = {"x_Plan": plan.id, **({"x_SeatType": charge.seat_type} if charge.seat_type else {})}
    return {
        "BillingCurrency": plan.currency,
        "ChargeCategory": kind.category,
        "ChargeDescription": f"{what}: {kind.words}",
        "ChargeFrequency": kind.frequency,
        "InvoiceId": f"{account_id}-{charge.invoice}",
        "PricingCategory": _STANDARD,
        "PricingCurrency": names.credit_currency if charge.kind in _FROM_CREDITS else plan.currency,
        "PricingUnit": names.units[kind.counted],
        "ConsumedUnit": names.units[kind.counted] if kind.category == _USE else "",
        "SkuId": sku,
        "SkuMeter": _METERS[kind.counted],
        "SkuPriceDetails": json.dumps(details),
        "SkuPriceId": f"{sku}@{number_text(charge.list_price)}",
        "x_Kind": charge.kind,
        "x_Plan": plan.id,
        "x_Channel": charge.terms.channel,
        "x_SeatType": charge.seat_type,
        "x_RecognisedMonth": month_text(charge.earned) if charge.earned else "",
        "x_PurchaseInvoiceId": f"{account_id}-{charge.purchase}",
        "x_Rule": kind.rule,
    }


def _periods(charge: Charge) -> dict[str, str]:
    month = month_of(charge.invoiced)
    return {
        "BillingPeriodStart": time_text(month),
        "BillingPeriodEnd": time_text(next_month(month)),
        "ChargePeriodStart": time_text(charge.first),
        "ChargePeriodEnd": time_text(charge.until),
    }


def _amounts(charge: Charge) -> dict[str, str]:
    """Costs, prices and quantities. Credits are sold at par, so that one is worth a dollar of usage at list price."""
    kind = _KINDS[charge.kind]
    quantity, effective = number_text(charge.quantity), cents_text(charge.effective)
    listed, contracted = number_text(charge.list_price), number_text(charge.price)
    amounts = {
        "BilledCost": cents_text(charge.billed),
        "EffectiveCost": effective,
        "ListUnitPrice": listed,
        "ListCost": number_text(_EXACT.multiply(charge.list_price, charge.quantity)),
        "ContractedUnitPrice": contracted,
        "ContractedCost": number_text(_EXACT.multiply(charge.price, charge.quantity)),
        "PricingQuantity": quantity,
        "PricingCurrencyListUnitPrice": listed,
        "PricingCurrencyContractedUnitPrice": contracted,
        "PricingCurrencyEffectiveCost": effective,
    }
    if kind.category == _USE:
        amounts["ConsumedQuantity"] = quantity if kind.consumed else _ZERO
    return amounts


def number_text(value: Decimal) -> str:
    """A number in digits, all of them, with at least two decimals: a reader never takes it for a whole number."""
    text = f"{value:f}"
    whole, _, part = text.partition(".")
    return f"{whole}.{part.rstrip('0'):0<2}"


@lru_cache(maxsize=4096)
def time_text(day: date) -> str:
    """The beginning of a day as FOCUS writes times."""
    return f"{day.isoformat()}T00:00:00Z"


NAMES_FILE = "focus.yaml"


@dataclass(frozen=True)
class Names:
    """Who sells and bills what, and what quantities are counted in: ``units`` of seats, credits and usage."""

    provider: str
    publisher: str
    invoice_issuer: str
    service: str
    category: str
    subcategory: str
    account_type: str
    units: Mapping[str, str]
    credit_currency: str


@lru_cache
def shipped_names() -> Names:
    """The names that planshift ships."""
    return read_names(folder("reports") / NAMES_FILE)


def read_names(path: Path) -> Names:
    """The names in a file; raises InputError with everything that is wrong in it."""
    data: Any = read_valid(path, "focus").data
    service = data["service"]
    return Names(
        provider=data["provider"],
        publisher=data["publisher"],
        invoice_issuer=data["invoice_issuer"],
        service=service["name"],
        category=service["category"],
        subcategory=service["subcategory"],
        account_type=data["account_type"],
        units=data["units"],
        credit_currency=data["credit_currency"],
    )


class FocusBlock(Daily):
    """The work of a block: accounts by their places in the portfolio, in one of its scenarios, to their rows as CSV
    without a header, in bytes."""

    def __init__(self, portfolio: Portfolio) -> None:
        super().__init__(portfolio, 1)

    def __call__(self, rows: range) -> bytes:
        """The rows of some accounts, in their order."""
        names, (scenario,) = shipped_names(), self.portfolio.scenarios
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        for account, runs in self.runs(rows):
            for draws, run in runs:
                prices = self.shared.of_some(draws).seat_prices
                writer.writerows(
                    focus_rows(account, account_charges(account, run, self.portfolio, prices), names, scenario)
                )
        return text.getvalue().encode()


def focus_csv(
    portfolio: Portfolio,
    *,
    seed: int | None = None,
    scenario: str | None = None,
    backend: str | Backend | None = None,
    jobs: int | None = None,
    work: WorkFolder | None = None,
    progress: Progress | None = None,
) -> Iterator[bytes]:
    """The FOCUS file of a portfolio in one of its scenarios, the first where none is named, in parts of some accounts.

    Charges are those of the first draw, which is the same however many there are; accounts come in order of id. The
    other arguments are those of `planshift.forecasting.forecasting.forecast`. Raises what that raises, before
    anything is given out.
    """
    chosen = portfolio.under(scenario)
    chosen = replace(chosen, draws=1, seed=chosen.seed if seed is None else seed)
    blocks = blocks_of(daily_work(chosen))
    where = chosen_backend(backend, jobs, chosen)
    with ExitStack() as stack:
        kept = (work or stack.enter_context(passing())).run(digest_of(chosen, blocks, ("focus", shipped_names())))
        work_off(FocusBlock(chosen), blocks, where, kept, progress)
        yield (",".join(focus_header()) + "\n").encode()
        for number in blocks:
            yield kept.read(number)


def focus_files(
    portfolio: Portfolio,
    scenarios: Sequence[str],
    *,
    backend: str | Backend | None = None,
    jobs: int | None = None,
    work: WorkFolder | None = None,
    progress: Mapping[str, Progress | None] = MappingProxyType({}),
) -> dict[str, Callable[[Path], None]]:
    """The names of the FOCUS files of a portfolio's scenarios, each with what writes it to a path, a part at a time.

    A file a scenario, as charges of different ones must not be added up: ``focus.csv`` for one, else ``focus_base.csv``
    and so on. ``progress``: by scenario. See `focus_csv`.
    """

    def written(scenario: str, path: Path) -> None:
        with path.open("wb") as file:
            told = progress.get(scenario)
            for part in focus_csv(portfolio, scenario=scenario, backend=backend, jobs=jobs, work=work, progress=told):
                file.write(part)

    return {focus_name(one, scenarios): partial(written, one) for one in scenarios}


def focus_name(scenario: str, scenarios: Sequence[str]) -> str:
    """The name of a scenario's file among those of several."""
    return "focus.csv" if len(scenarios) == 1 else f"focus_{scenario}.csv"
