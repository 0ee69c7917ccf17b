"""The Usage and Cost Analytics API (``/v1/organizations/analytics/usage`` and ``…/cost``): usage, and a check sum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from planshift.usage.formats import enterprise_analytics
from planshift.usage.formats.api_rows import Buckets, add_bucket
from planshift.usage.formats.format import Format, Head
from planshift.usage.formats.json_files import Located, read_pages
from planshift.usage.formats.reading import (
    LISTS_ONLY_USERS,
    SEAT_BASED_SHOWS_EXTRA_ONLY,
    ImportOptions,
    Reading,
    email_or_id,
)
from planshift.usage.formats.records import CENTS, Record
from planshift.usage.formats.repeats import Repeats

_MEASURES = frozenset({"usage", "cost"})
_TIMES = ("starting_at", "ending_at")
_USES = frozenset({"", "tokens", "web_search"})

_COMPARED = "a cost row, which the list cost is compared with"
_NO_TOKENS = "a cost of what has no tokens ({kind})"
_NO_PERSON = (
    "The report has no actor and does not show who used it ({rows}); download it with group_by[]=actor to find out."
)
_NOT_BY_DAY = (
    "The cost pages cover other days than the usage pages and cannot be cut to the days asked for, so nothing is "
    "compared."
)
_DISCOUNTED = (
    "The reported cost is before discounts; after them it is {amount:,.2f} USD. A discount is not part of usage; it "
    "belongs in the contract (usage_discount)."
)


@dataclass
class _Costs:
    """The costs that cost pages report, at list price and as billed, by what their rows are about."""

    reading: Reading
    rows: list[tuple[tuple[str, ...], Decimal, Decimal]] = field(default_factory=list)

    def add(self, row: Located) -> None:
        """Add a row of costs; what is not for tokens or searches is left out of the comparison."""
        record = Record(row.values, row.place, self.reading.problems)
        group = Record(_part(row, "group"), row.place, self.reading.problems)
        kind = group.text("cost_type")
        currency = record.text("cost", "currency").upper()
        if currency not in ("", "USD"):
            record.wrong(f"the cost is in {currency}", "only US dollars can be compared with the rate card")
        billed = record.money("cost", "amount", unit=CENTS)
        listed = record.money("cost", "list_amount", unit=CENTS)
        if billed is None and listed is None:
            record.wrong("the row has no cost.amount", "download the page again")
        if kind not in _USES:
            self.reading.dropped[_NO_TOKENS.format(kind=kind)] += 1
            return
        self.reading.dropped[_COMPARED] += 1
        key = (*(record.text(name) for name in _TIMES), group.text("model"))
        whole = listed if listed is not None else billed
        self.rows.append((key, whole or Decimal(0), (billed if billed is not None else whole) or Decimal(0)))

    def shares(self, usage: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], Decimal]:
        """The cost at list price, by as much of (start, end, model) as both reports tell."""
        known = list(usage)
        for length in (3, 2, 0):
            costs: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
            for key, listed, _ in self.rows:
                costs[key[:length]] += listed
            if costs.keys() <= {key[:length] for key in known}:
                break
        return costs

    def say(self) -> None:
        """Say what discounts take off."""
        billed = sum((billed for _, _, billed in self.rows), Decimal(0))
        if billed != sum((listed for _, listed, _ in self.rows), Decimal(0)):
            self.reading.assumed[_DISCOUNTED.format(amount=billed)] += 1


def read(files: Sequence[Path], options: ImportOptions) -> Reading:
    """The usage in usage pages, an entry for each row; rows of cost pages become what the export reports of them."""
    reading = Reading()
    reading.warned[SEAT_BASED_SHOWS_EXTRA_ONLY] += 1
    reading.assumed[LISTS_ONLY_USERS] += 1
    repeats, buckets, costs = Repeats(reading, _MEASURES), Buckets(reading), _Costs(reading)
    rows: list[Located] = []
    for page in read_pages(files, reading):
        page.say_refreshed(reading)
        for row in page.data:
            reading.rows_read += 1
            if repeats.again(row.values, page.number, row.place):
                continue
            if "cost" in row.values:
                costs.add(row)
            elif isinstance(row.values.get("usage"), dict):
                rows.append(row)
            else:
                reading.wrong(
                    row.place, "the row has neither usage nor cost", "give the answers of the API as they came"
                )
    if costs.rows and not rows:
        reading.wrong(files[0], "cost pages have no tokens", "give the usage pages of the same days together with them")
    _add_all(rows, costs, buckets, options, reading)
    return reading


def _add_all(
    rows: Sequence[Located], costs: _Costs, buckets: Buckets, options: ImportOptions, reading: Reading
) -> None:
    """Add every row of usage; the first of those that share a cost has it, so that all sums are right."""
    keys = [(*(str(row.values.get(name) or "") for name in _TIMES), _text(row, "model")) for row in rows]
    shares = costs.shares(keys) if costs.rows else {}
    length = len(next(iter(shares), ()))
    if shares and not length and (options.start or options.end):
        reading.warned[_NOT_BY_DAY] += 1
        shares = {}
    compared = bool(shares)
    for row, key in zip(rows, keys, strict=True):
        times = {name: row.values.get(name) for name in _TIMES}
        add_bucket(
            Record({**_part(row, "group"), **_part(row, "usage"), **times}, row.place, reading.problems),
            buckets,
            reading,
            by_model="download the report with group_by[]=model",
            user=lambda record: _someone(record, options, reading),
            # Products have the names that they have in the older API.
            surface=lambda record: options.surface_of(
                enterprise_analytics.FORMAT.name, record.text("product"), reading
            ),
            reported=shares.pop(key[:length], Decimal(0)) if compared else None,
        )
    costs.say()


def _someone(record: Record, options: ImportOptions, reading: Reading) -> str:
    """Who a row is of: a person, a service account, a channel, or the key that sent the requests."""
    people = [email_or_id(record.text("actor", name)) for name in ("email_address", "email", "user_id")]
    accounts = [record.text("actor", name) for name in ("service_account_id", "id", "name")]
    channels = reading.channels(record)
    if not (any(people) or any(accounts) or channels):
        reading.warned[_NO_PERSON] += 1
    keys = [record.text("api_key", "id") if isinstance(record.get("api_key"), dict) else record.text("api_key")]
    return reading.someone([*people, *accounts, *channels, *keys], options)


def _part(row: Located, name: str) -> dict[str, object]:
    value = row.values.get(name)
    return value if isinstance(value, dict) else {}


def _text(row: Located, name: str) -> str:
    return str(_part(row, "group").get(name) or "")


def recognises(head: Head) -> bool:
    """Whether a file has the fields of usage pages or of cost pages."""
    return "group" in head.fields and bool({"uncached_input_tokens", "list_amount"} & head.fields)


FORMAT = Format("usage-cost-analytics", "a report of the Usage and Cost Analytics API", read, recognises)
