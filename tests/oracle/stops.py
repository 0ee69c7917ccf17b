"""The stops: whose, why, since when, until when, and what ended them (M3)."""

from dataclasses import dataclass, field
from datetime import date

ORGANIZATION = "organization"
MEMBER_LIMIT = "member limit"
ORGANIZATION_LIMIT = "organization limit"
CREDITS = "credits exhausted"
ALLOWANCE = "allowance used up"


@dataclass
class Stop:
    """One stop; without an end it is still open."""

    scope: str
    cause: str
    since: date
    until: date | None = None
    resumed_by: str = ""


@dataclass
class Stops:
    """All stops so far."""

    seen: list[Stop] = field(default_factory=list)

    def begin(self, scope: str, cause: str, day: date) -> None:
        """Opens a stop unless the same one is open."""
        if not any(s.until is None and (s.scope, s.cause) == (scope, cause) for s in self.seen):
            self.seen.append(Stop(scope, cause, day))

    def end(self, day: date, resumed_by: str, *causes: str, scope: str | None = None) -> None:
        """Ends the open stops of these causes, of one scope or of all."""
        for stop in self.seen:
            if stop.until is None and stop.cause in causes and scope in (None, stop.scope):
                stop.until, stop.resumed_by = day, resumed_by

    def close(self, day: date) -> None:
        """A contract closed: it ended whatever was open, and goes before anything else that ended a stop that day."""
        for stop in self.seen:
            if stop.until in (None, day):
                stop.until, stop.resumed_by = day, "renewal"

    def table(self) -> list[tuple[str, ...]]:
        """scope, cause, since, until, resumed_by; sorted by since, scope, cause."""
        ordered = sorted(self.seen, key=lambda stop: (stop.since, stop.scope, stop.cause))
        return [
            (s.scope, s.cause, s.since.isoformat(), s.until.isoformat() if s.until else "", s.resumed_by)
            for s in ordered
        ]
