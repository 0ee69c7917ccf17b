"""The spend-limits export of an organization as the ``spend_limits`` of a scenario (Rulebook L1)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from planshift.plans.scalars import RefusedError, plain, with_decimals
from planshift.problems import InputError
from planshift.usage.formats.json_files import read_pages
from planshift.usage.formats.reading import Reading, email_or_id, filled_in, rows
from planshift.usage.formats.records import CENTS, Record

UNLIMITED = "unlimited"
_MONTHLY = "monthly"
_SHOWN = 5
_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.@+-]*")

_MISSING_PAGES = (
    "The last page is missing: every page given says that more follow. Download the rest, and give all pages."
)

Limit = Decimal | None
"""US dollars a month; None is unlimited."""


@dataclass(frozen=True)
class SpendLimits:
    """The monthly limits of an export by level, US dollars (None: unlimited), and what of it a scenario cannot say."""

    organization: Mapping[str, Limit]
    each_member: Mapping[str, Limit]
    seat_types: Mapping[str, Limit]
    members: Mapping[str, Limit]
    rows_read: int
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def settings(self) -> dict[str, object]:
        """The same as `spend_limits` of a scenario has it: amounts as text, by key."""
        # The organization's limit and that of each member stand under their own names.
        found: dict[str, object] = {
            name: _amount(limit) for name, limit in (*self.organization.items(), *self.each_member.items())
        }
        for name, level in (("seat_types", self.seat_types), ("members", self.members)):
            if level:
                found[name] = {key: _amount(limit) for key, limit in sorted(level.items())}
        return found

    def yaml(self) -> str:
        """The lines to put under `contract` in a scenario."""
        lines = ["spend_limits:"]
        for name, value in self.settings.items():
            if isinstance(value, dict):
                lines += [f"  {name}:", *(f"    {_key(key)}: {amount}" for key, amount in value.items())]
            else:
                lines.append(f"  {name}: {value}")
        return "\n".join(lines) + "\n"


def read_limits(files: Sequence[Path], seat_types: Collection[str]) -> SpendLimits:
    """The limits in pages of the export; ``seat_types`` are those that plans have.

    A limit that a member has from their seat tier, or from the organization, is that of the seat type or of each member
    where all who have it there have the same; else it is the member's own. Raises InputError with every mistake, and
    where there is no monthly limit at all.
    """
    found = _Limits(tuple(seat_types))
    pages = read_pages(files, found.reading)
    # Pages of limits have no times by which to tell whether they join; the last one says that it is the last.
    found.reading.warned.clear()
    found.reading.warned[_MISSING_PAGES] += bool(pages) and all(page.goes_on for page in pages)
    for page in pages:
        for row in page.data:
            found.reading.rows_read += 1
            found.add(Record(row.values, row.place, found.reading.problems))
    found.reading.check()
    limits = found.limits()
    if not limits.settings:
        fact = "no monthly limit is in the export"
        raise InputError.at(files[0], fact, "download it again; a scenario without spend_limits has none")
    return limits


@dataclass
class _Limits:
    """Gathers the limits of an export."""

    known_seats: tuple[str, ...]
    reading: Reading = field(default_factory=Reading)
    organization: dict[str, Limit] = field(default_factory=dict)
    tiers: dict[str, dict[str, Limit]] = field(default_factory=lambda: defaultdict(dict))
    inherited: dict[str, Limit] = field(default_factory=dict)
    members: dict[str, Limit] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    periods: Counter[str] = field(default_factory=Counter)
    strange: Counter[str] = field(default_factory=Counter)

    def add(self, record: Record) -> None:
        """Take a row in."""
        if "amount" not in record.values:
            record.wrong("the row has no amount", "give the export's pages whole, as they came; null is unlimited")
            return
        currency = record.text("currency").upper() or "USD"
        if currency != "USD":
            record.wrong(f"the limit is in {currency}", "limits of a scenario are in US dollars")
        period = record.text("period") or _MONTHLY
        if period != _MONTHLY:
            self.periods[period] += 1
            return
        self._place(record, record.money("amount", unit=CENTS))

    def _place(self, record: Record, limit: Limit) -> None:
        scope = record.text("scope", "type")
        if scope == "organization":
            self._set(record, self.organization, "organization", limit)
        elif scope == "seat_tier":
            self._set(record, self.tiers[record.text("scope", "seat_tier")], "", limit)
        elif scope == "user":
            self._of_user(record, limit)
        elif "group" in scope:
            self.groups.add(record.text("scope", "rbac_group_id") or record.text("scope", "group_id") or "?")
        else:
            self.strange[scope or "none"] += 1

    def _of_user(self, record: Record, limit: Limit) -> None:
        names = [email_or_id(record.text("actor", name)) for name in ("email_address", "email")]
        member = next((name for name in (*names, record.text("scope", "user_id")) if name), "")
        if not member:
            record.wrong("the row is a member's and names nobody", "download the export again")
            return
        source = record.text("source", "type") or "user"
        if source == "seat_tier":
            self._set(record, self.tiers[record.text("source", "seat_tier")], member, limit)
        elif source.startswith("organization"):
            self._set(record, self.inherited, member, limit)
        else:
            if "group" in source:
                self.reading.warned[
                    "Limits that members have from a group ({rows}) are their own here: a scenario has no groups."
                ] += 1
            self._set(record, self.members, member, limit)

    def _set(self, record: Record, level: dict[str, Limit], name: str, limit: Limit) -> None:
        if level.setdefault(name, limit) != limit:
            who = f"'{name}'" if name else "this seat tier"
            record.wrong(f"{who} has another monthly limit in a row before", "give one download of the export")

    def limits(self) -> SpendLimits:
        """What was gathered, by level."""
        seats: dict[str, Limit] = {}
        members = dict(self.members)
        for tier, theirs in sorted(self.tiers.items()):
            seat = self._seat(tier)
            if seat and seat not in seats and len({*theirs.values()}) == 1:
                seats[seat] = next(iter(theirs.values()))
                self._say_tier(tier, seat)
            else:
                members |= {name: limit for name, limit in theirs.items() if name}
                self.reading.warned[
                    f"Limits of the seat tier '{tier}' ({{rows}}) are its members' own here: no seat type has its name."
                ] += len(theirs)
        each: dict[str, Limit] = {}
        if len({*self.inherited.values()}) == 1:
            each["each_member"] = next(iter(self.inherited.values()))
        else:
            members |= self.inherited
        self._say()
        return SpendLimits(
            self.organization,
            each,
            seats,
            members,
            self.reading.rows_read,
            filled_in(self.reading.assumed),
            filled_in(self.reading.warned),
        )

    def _seat(self, tier: str) -> str:
        """The seat type of a tier: of its name, or of the last word of it, such as standard of enterprise_standard."""
        name = tier.strip().lower().replace(" ", "_")
        return next((seat for seat in (name, name.rpartition("_")[2]) if seat in self.known_seats), "")

    def _say_tier(self, tier: str, seat: str) -> None:
        if tier != seat:
            self.reading.assumed[f"The seat tier '{tier}' is the seat type '{seat}'."] += 1

    def _say(self) -> None:
        for period, number in sorted(self.periods.items()):
            self.reading.warned[
                f"Limits of the period '{period}' ({rows(number)}) are left out, because those of a scenario are "
                "monthly: it can allow more in a day or week than the organization does."
            ] += 1
        for scope, number in sorted(self.strange.items()):
            self.reading.warned[f"Limits of the scope '{scope}' ({rows(number)}) are not understood and left out."] += 1
        if self.groups:
            names = ", ".join(sorted(self.groups)[:_SHOWN]) + (", …" if len(self.groups) > _SHOWN else "")
            self.reading.warned[
                f"Limits of groups are left out, because a scenario has no groups: {names}. Download the effective "
                "limits, which name each member."
            ] += 1


def _amount(limit: Limit) -> str:
    return UNLIMITED if limit is None else with_decimals(limit)


def _key(name: str) -> str:
    """A key of YAML, quoted where it could be read as something else than text."""
    quoted = "'" + name.replace("'", "''") + "'"
    if not _PLAIN_KEY.fullmatch(name):
        return quoted
    try:
        return name if isinstance(plain(name), str) else quoted
    except RefusedError:
        return quoted
