"""Spend limits: three levels for a member, one for the organization (L1-L5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from oracle.money import nano

Limit = int | None
"""Nano-dollars a month; None is unlimited."""


def _limit(value: Decimal | int | str) -> Limit:
    """The value of a file as a limit: `unlimited` is a value of its own (L5)."""
    return None if value == "unlimited" else nano(Decimal(value))


@dataclass(frozen=True)
class Limits:
    """What is set at each level; a name that is absent is not set."""

    organization: Limit = None
    each_member: Limit = None
    seat_types: Mapping[str, Limit] = field(default_factory=dict)
    members: Mapping[str, Limit] = field(default_factory=dict)

    def changed_by(self, settings: Mapping[str, Any]) -> "Limits":
        """These limits with the keys of `settings` put in, key by key (L4)."""
        organization = _limit(settings["organization"]) if "organization" in settings else self.organization
        each_member = _limit(settings["each_member"]) if "each_member" in settings else self.each_member
        seat_types = {name: _limit(value) for name, value in settings.get("seat_types", {}).items()}
        members = {name: _limit(value) for name, value in settings.get("members", {}).items()}
        return Limits(organization, each_member, {**self.seat_types, **seat_types}, {**self.members, **members})

    def for_member(self, member: str, seat_type: str | None) -> Limit:
        """The member's own limit, else the seat type's, else the default for all (L1)."""
        if member in self.members:
            return self.members[member]
        if seat_type is not None and seat_type in self.seat_types:
            return self.seat_types[seat_type]
        return self.each_member
