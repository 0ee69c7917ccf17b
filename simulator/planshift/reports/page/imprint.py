"""When a page was made, by whom, and until when it holds: as whoever makes it says, since a page asks no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from planshift.problems import InputError
from planshift.reports.page.said import Said, said


@dataclass(frozen=True)
class Imprint:
    """The day a page was ``made``, who it was ``prepared_by``, and the last day on which it holds; what is not given is
    not shown."""

    made: date | None = None
    prepared_by: str = ""
    valid_until: date | None = None

    def check(self) -> None:
        """Nothing where the days can be; InputError for a page that no longer holds when it is made."""
        if self.made and self.valid_until and self.valid_until < self.made:
            fact = f"{self.valid_until} lies before {self.made}, the page's own day"
            raise InputError.at("--valid-until", fact, "name a later day, or correct --date")

    @property
    def options(self) -> Mapping[str, str]:
        """The options that ask for it, by name."""
        found = {
            "date": self.made.isoformat() if self.made else "",
            "prepared_by": self.prepared_by,
            "valid_until": self.valid_until.isoformat() if self.valid_until else "",
        }
        return {name: value for name, value in found.items() if value}

    @property
    def said(self) -> tuple[Said, ...]:
        """The same for the head of a page."""
        found: list[Said] = []
        if self.made and self.prepared_by:
            found.append(said("page.prepared.on_by", day=self.made, name=self.prepared_by))
        elif self.made:
            found.append(said("page.prepared.on", day=self.made))
        elif self.prepared_by:
            found.append(said("page.prepared.by", name=self.prepared_by))
        if self.valid_until:
            found.append(said("page.valid_until", day=self.valid_until))
        return tuple(found)


NO_IMPRINT = Imprint()
"""Nothing is said of it."""
