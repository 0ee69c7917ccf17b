"""What a FOCUS export says that no plan and no account knows; from ``reports/focus.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from planshift.plans.files import folder
from planshift.plans.schemas import read_valid

FILE = "focus.yaml"


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
    return read_names(folder("reports") / FILE)


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
