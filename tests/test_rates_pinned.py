"""What the rate card once said of a day stays: every entry in force by the day it was checked is pinned by a digest.

A price that changes is a new dated entry. When an entry is added, the failing test prints the lines to add to
``golden/rates_history.json``; a digest that stands there is never changed.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from planshift.plans.documents import read_document
from planshift.plans.files import folder

RATES = read_document(folder("plans") / "rates" / "claude_api.yaml")
HISTORY = Path(__file__).parent / "golden" / "rates_history.json"

History = dict[str, dict[str, dict[str, str]]]


def digest(entry: dict[str, Any]) -> str:
    """The digest of an entry's numbers; its words may be bettered."""
    numbers = {
        key: f"{Decimal(value).normalize():f}" for key, value in entry.items() if not isinstance(value, bool | str)
    }
    return hashlib.sha256(json.dumps(numbers, sort_keys=True).encode()).hexdigest()[:16]


def history_of(data: Any) -> History:
    """Kind → name → date → digest, of every entry in force by the day the card was checked."""

    def pinned(entries: dict[date, dict[str, Any]]) -> dict[str, str]:
        return {str(since): digest(entry) for since, entry in entries.items() if since <= data["checked"]}

    return {
        "web_search": {"all": pinned(data["web_search_usd_per_1000"])},
        "models": {name: pinned(model["prices"]) for name, model in data["models"].items()},
        "modifiers": {name: pinned(modifier["factors"]) for name, modifier in data["modifiers"].items()},
    }


def flat(history: History) -> dict[tuple[str, str, str], str]:
    """The digests by kind, name and date."""
    return {
        (kind, name, since): value
        for kind, names in history.items()
        for name, dates in names.items()
        for since, value in dates.items()
    }


NOW = flat(history_of(RATES.data))
PINNED = flat(json.loads(HISTORY.read_text(encoding="utf-8")))


def test_no_published_entry_was_overwritten() -> None:
    changed = {key for key, value in PINNED.items() if key in NOW and NOW[key] != value}
    assert changed == set(), "restore these entries, and add new ones with the dates from which the new prices hold"


def test_no_published_entry_was_removed_or_moved() -> None:
    assert PINNED.keys() - NOW.keys() == set(), "put these entries back"


def test_every_entry_in_force_is_pinned() -> None:
    new = {key: NOW[key] for key in NOW.keys() - PINNED.keys()}
    assert new == {}, f"add these to {HISTORY.name}"


def test_a_cent_changes_the_digest_and_a_trailing_zero_does_not() -> None:
    entry = {"input_usd_per_mtok": Decimal("5.00"), "reference": "pricing_docs", "assumed": True}
    assert digest(entry) == digest({**entry, "input_usd_per_mtok": 5, "note": "Another word."})
    assert digest(entry) != digest({**entry, "input_usd_per_mtok": Decimal("5.01")})
