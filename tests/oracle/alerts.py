"""The alerts: once a period for each share of a limit that was reached (M2)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from oracle.limits import Limit


def reached(spent: int, threshold: Decimal, limit: Limit) -> bool:
    """True if spend is at this share of the limit or beyond; a limit of 0 is always reached, no limit never."""
    return limit is not None and spent >= threshold * limit


@dataclass
class Alerts:
    """The alerts so far, and those that have fired in this period and do not fire again."""

    sent: list[tuple[date, str, Decimal]] = field(default_factory=list)
    fired: set[tuple[str, Decimal]] = field(default_factory=set)

    def rearm(self) -> None:
        """A new period, or a new contract."""
        self.fired = set()

    def limit_changed(self, scope: str, spent: int, limit: Limit) -> None:
        """Re-arms what the new limit un-reaches (M2)."""
        self.fired = {(s, share) for s, share in self.fired if s != scope or reached(spent, share, limit)}

    def close_day(self, day: date, scope: str, spent: int, limit: Limit, thresholds: tuple[Decimal, ...]) -> None:
        """Fires what the day has reached."""
        for threshold in thresholds:
            if (scope, threshold) not in self.fired and reached(spent, threshold, limit):
                self.fired.add((scope, threshold))
                self.sent.append((day, scope, threshold))

    def table(self) -> list[tuple[str, ...]]:
        """date, scope, threshold; sorted."""
        return [(day.isoformat(), scope, _share(threshold)) for day, scope, threshold in sorted(self.sent)]


def _share(threshold: Decimal) -> str:
    """The share as it stands in the plan, with two decimals at least."""
    whole, _, places = f"{threshold.normalize():f}".partition(".")
    return f"{whole}.{places:0<2}"
