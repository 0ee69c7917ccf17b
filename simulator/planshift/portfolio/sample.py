"""An invented portfolio: accounts drawn from the distributions of ``scenarios/portfolio_sample.yaml``."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import yaml

from planshift.billing.schedule import months_after
from planshift.billing.terms import Terms
from planshift.plans.catalogue import Catalogue
from planshift.plans.documents import read_document
from planshift.plans.files import folder
from planshift.portfolio.account import first_term, following, prepaid
from planshift.portfolio.columns import columns
from planshift.portfolio.personas import shared_out
from planshift.problems import InputError, Place, Problem
from planshift.usage.cells import plain_cell

FILE = "portfolio_sample.yaml"
MOST_ACCOUNTS = 1_000_000
_QUANTITIES = (
    "segment", "size", "spare", "plan", "channel", "region", "payment", "month", "day", "new", "price", "kept", "extra",
    "mix", "known", "spend", "limit", "probability", "change", "moves", "move_month", "name", "trade",
)  # fmt: skip
_DAYS = 28
_YEAR = 12


@dataclass(frozen=True)
class Sample:
    """An invented portfolio: the rows of its accounts, column → text, and what its YAML says beside them."""

    accounts: tuple[Mapping[str, str], ...]
    portfolio: Mapping[str, Any]

    def csv(self, catalogue: Catalogue) -> str:
        """The accounts as a CSV file: the columns that anybody has a value in, in the order of the reference."""
        used = {name for row in self.accounts for name, text in row.items() if text}
        names = [name for name in columns(catalogue.plans) if name in used]
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(names)
        for row in self.accounts:
            cells = ((name, row.get(name, "")) for name in names)
            writer.writerow(plain_cell(cell) if name in _WORDS else cell for name, cell in cells)
        return text.getvalue()


_WORDS = ("account_id", "title", "segment", "region")


@cache
def distributions() -> Mapping[str, Any]:
    """What invented portfolios are drawn from, as the file has it."""
    data: Any = read_document(folder("scenarios") / FILE).data
    return data  # type: ignore[no-any-return]


def sample(accounts: int, seed: int, catalogue: Catalogue, start: date | None = None) -> Sample:
    """An invented portfolio of so many accounts, whose horizon starts on a day, the file's where none is given.

    An account is a function of the seed and its number: more accounts change none of the others.
    """
    found = distributions()
    first = start or found["horizon"]["start"]
    ids = tuple(f"A-{number:06d}" for number in range(1, accounts + 1))
    drawn = _numbers(seed, ids)
    rows = tuple(
        _Account(found, catalogue, first, dict(zip(_QUANTITIES, numbers, strict=True))).row(account_id)
        for account_id, numbers in zip(ids, drawn, strict=True)
    )
    said = {key: value for key, value in found["portfolio"].items() if key not in ("assumed", "note")}
    head = {
        "kind": "portfolio",
        "title": f"{found['title']} of {accounts:,} accounts",
        "note": f"Drawn from scenarios/{FILE} with the seed {seed}; nobody holds these contracts.",
        "horizon": {**found["horizon"], "start": first},
        "accounts": ["accounts.csv"],
        "seed": seed,
    }
    return Sample(rows, {**head, **said})


def checked_request(accounts: int, seed: int, start: date | None) -> None:
    """Nothing where such a sample can be made; InputError where it cannot."""
    problems = []
    if not 1 <= accounts <= MOST_ACCOUNTS:
        fact = f"a portfolio has 1 to {MOST_ACCOUNTS:,} accounts (got {accounts:,})"
        problems.append(Problem(Place("--accounts"), fact, "give another number"))
    if seed < 0:
        problems.append(Problem(Place("--seed"), f"it must be at least 0 (got {seed})", "give another number"))
    if start is not None and start.day != 1:
        fact = f"the horizon starts on {start}, inside a month"
        problems.append(Problem(Place("--start"), fact, "start it on the first of a month"))
    if problems:
        raise InputError(problems)


def _numbers(seed: int, ids: Sequence[str]) -> list[list[float]]:
    """By account, a number between 0 and 1 for each quantity."""
    from planshift.usage.synthetic.streams import starts, uniforms

    streams = starts(seed, ids, "portfolio sample", range(1))[0]
    numbers: list[list[float]] = uniforms(streams, 0, len(_QUANTITIES)).T.tolist()
    return numbers


class _Account:
    """One account while it is drawn; ``drawn``: its number between 0 and 1 by quantity."""

    def __init__(self, found: Mapping[str, Any], catalogue: Catalogue, start: date, drawn: Mapping[str, float]) -> None:
        self._found, self._catalogue, self._start, self._drawn = found, catalogue, start, drawn
        self._segment = _chosen(found["segments"]["shares"], drawn["segment"])
        self._region = _chosen(found["regions"]["shares"], drawn["region"])
        self._plan = catalogue.plan(_chosen(found["plans"][self._segment], drawn["plan"]))
        self._members = self._size()
        self._term_start = self._begins()
        self._seats, self._channel = self._bought()

    def row(self, account_id: str) -> dict[str, str]:
        """Its columns."""
        titles, drawn = self._found["titles"], self._drawn
        return {
            "account_id": account_id,
            "title": f"{_one_of(titles['names'], drawn['name'])} {_one_of(titles['trades'], drawn['trade'])}",
            "segment": self._segment,
            "region": self._region,
            "plan": self._plan.id,
            "channel": self._channel,
            "term_start": self._term_start.isoformat(),
            **self._by_seat(),
            **self._prices(),
            **self._usage(),
            **self._payment(),
            **self._renewal(),
            **self._credits(),
        }

    # --- who and when --------------------------------------------------------------------------------------------

    def _size(self) -> int:
        law = self._found["segments"]["members"][self._segment]
        size = float(law["median"]) * math.exp(float(law["sigma"]) * _normal(self._drawn["size"]))
        return int(min(max(size, law["least"]), law["most"]))

    def _begins(self) -> date:
        """In the twelve months before the horizon, or, of a plan that is still sold, now and then in those after."""
        law = self._found["term_starts"]
        later = self._drawn["new"] < law["in_the_horizon"] and bool(self._plan.value("new_contracts", self._start))
        month = _place(law["months"], self._drawn["month"]) + 1
        ahead = (month - self._start.month) % _YEAR
        first = months_after(self._start, ahead if later else ahead - _YEAR)
        on_the_first = float(law["on_the_first"])
        if self._drawn["day"] < on_the_first:
            return first
        return first + timedelta(days=int(_rest(self._drawn["day"], on_the_first) * _DAYS))

    def _bought(self) -> tuple[int, str]:
        """How many seats, and how: what is small enough may have been bought without talking to anybody."""
        seats = self._members + int(self._members * float(self._found["spare_seats"]["most"]) * self._drawn["spare"])
        law = self._found["channels"]
        small = seats < law["self_serve_below"] and self._drawn["channel"] < law["share"]
        fewest = {name: Terms(self._plan, name).minimum_seats(self._term_start) for name in self._plan.channel_titles}
        # The channels of a plan stand in order of size: the least minimum is that of the smallest contracts.
        in_order = sorted(fewest, key=lambda name: (fewest[name], list(fewest).index(name)))
        channel = in_order[0] if small else in_order[-1]
        return max(seats, fewest[channel]), channel

    def _by_seat(self) -> dict[str, str]:
        shares = {seat: Fraction(share) for seat, share in self._found["seat_types"][self._plan.id].items()}
        members = shared_out(self._members, list(shares.values()))
        spare = shared_out(self._seats - self._members, list(shares.values()))
        return {f"members_{seat}": str(count) for seat, count in zip(shares, members, strict=True)} | {
            f"seats_{seat}": str(count + more) for seat, count, more in zip(shares, members, spare, strict=True)
        }

    # --- money ---------------------------------------------------------------------------------------------------

    def _prices(self) -> dict[str, str]:
        """Legacy contracts have prices of their own; large ones a discount, which some keep."""
        row: dict[str, str] = {}
        law = self._found["prices"]
        if not self._plan.value("new_contracts", self._start):
            factor = Decimal(math.exp(float(law["sigma"]) * _normal(self._drawn["price"])))
            for seat in self._plan.seat_types:
                listed = Decimal(self._plan.value(f"seats.{seat}.price_usd_per_month", self._term_start))
                row[f"seat_price_{seat}"] = f"{_stepped(listed * factor, law['step']):.2f}"
        steps = self._found["discounts"]["by_members"]
        discount = max((step["discount"] for step in steps if step["from"] <= self._members), default=Decimal(0))
        if discount:
            row["usage_discount"] = f"{discount}"
            if self._drawn["kept"] < self._found["discounts"]["kept"]:
                row["renewal_usage_discount"] = f"{discount}"
        if self._plan.seat_based:
            row["extra_usage"] = "yes" if self._drawn["extra"] < self._found["extra_usage"]["share"] else "no"
        limits = self._found["limits"]
        if self._drawn["limit"] < limits["share"]:
            row["organization_limit"] = str(_stepped(self._members * Decimal(limits["per_member"]), limits["step"]))
        return row

    def _usage(self) -> dict[str, str]:
        law = self._found["usage"]
        row = {"usage": _chosen(law["mixes"][self._segment], self._drawn["mix"])}
        if self._drawn["known"] < law["past_spend"]:
            each = law["per_member"]
            spend = float(each["median"]) * math.exp(float(each["sigma"]) * _normal(self._drawn["spend"]))
            row["monthly_spend"] = str(_stepped(Decimal(spend * self._members), each["step"]))
        return row

    def _payment(self) -> dict[str, str]:
        terms: Sequence[Mapping[str, Any]] = self._found["payment"]["terms"][self._region]
        chosen = terms[_place([one["share"] for one in terms], self._drawn["payment"])]
        return {"payment_days": str(chosen["days"]), "payment_end_of_month": chosen.get("end_of_month", "")}

    def _renewal(self) -> dict[str, str]:
        law = self._found["renewals"]
        likely, change = law["probability"][self._segment], law["seat_change"][self._segment]
        least, most = float(likely["least"]), float(likely["most"])
        change = float(change["mean"]) + float(change["sd"]) * _normal(self._drawn["change"])
        row = {
            "renewal_probability": f"{least + (most - least) * self._drawn['probability']:.2f}",
            "seat_change": f"{min(max(change, -0.5), 1.0):.2f}".replace("-0.00", "0.00"),
        }
        moves = list(self._moves()) if self._drawn["moves"] < self._found["early_moves"]["share"] else []
        if moves:
            row["migrate_on"] = _one_of(moves, self._drawn["move_month"])
        return row

    def _moves(self) -> Iterator[str]:
        """The firsts of months in the horizon on which the account could move early."""
        renewal = first_term(self._plan, self._term_start).renewal
        for month in range(1, _YEAR):
            day = months_after(self._start, month)
            if day < renewal and self._plan.value("early_migration.allowed", day):
                yield day.isoformat()

    def _credits(self) -> dict[str, str]:
        """For who prepays, now or after the renewal."""
        term = first_term(self._plan, self._term_start)
        after = following(self._catalogue, self._plan, term)
        now = prepaid(Terms(self._plan, self._channel), self._term_start)
        if not now and not prepaid(Terms(after, self._channel), term.renewal):
            return {}
        law = self._found["credits"]
        keys = {
            "credits_initial": "initial_per_member",
            "credit_reload_below": "reload_below_per_member",
            "credit_reload_amount": "reload_per_member",
        }
        row = {name: str(_stepped(self._members * Decimal(law[key]), law["step"])) for name, key in keys.items()}
        return {**row, "credit_payment": "card"}


def _chosen(shares: Mapping[str, Any], number: float) -> str:
    """The name at a number between 0 and 1, where names lie side by side as wide as their shares."""
    return list(shares)[_place(list(shares.values()), number)]


def _place(shares: Sequence[Any], number: float) -> int:
    """The place of the share at a number between 0 and 1."""
    total = Decimal(0)
    for place, share in enumerate(shares):
        total += Decimal(share)
        if number < total:
            return place
    return len(shares) - 1


def _rest(number: float, share: float) -> float:
    """A number above a share, spread over 0 to 1 again."""
    return (number - share) / (1 - share)


def _one_of(items: Sequence[str], number: float) -> str:
    return items[int(number * len(items))]


def _normal(number: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(number)


def _stepped(amount: Decimal, step: Any) -> Decimal:
    """An amount as a multiple of a step, half up, one step at least."""
    size = Decimal(step)
    steps = max(Decimal(1), (amount / size).to_integral_value(ROUND_HALF_UP))
    return steps * size


_WIDTH = 200


class _Dumper(yaml.SafeDumper):
    """Writes decimals as they are, and lists inside others on a line of their own."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - as in PyYAML
        """Items of a list stand further in than its key."""
        super().increase_indent(flow, False)


def _decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", f"{value:f}")


_Dumper.add_representer(Decimal, _decimal)


def portfolio_text(data: Mapping[str, Any]) -> str:
    """The YAML of a portfolio; the same data give the same text."""
    head = f"# {data['note']}\n# What may stand here: planshift schema portfolio\n"
    said = {key: value for key, value in data.items() if key != "note"}
    body = yaml.dump(said, Dumper=_Dumper, sort_keys=False, width=_WIDTH, allow_unicode=True, default_flow_style=None)
    return head + body
