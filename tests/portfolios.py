"""Portfolios for tests: rows of accounts as a file, and what surrounds them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.portfolio.load import read_portfolio
from planshift.portfolio.portfolio import Portfolio

SHIPPED = Path(__file__).resolve().parents[1] / "scenarios" / "portfolios" / "forty_accounts.yaml"
HEAD = """kind: portfolio
title: A test
horizon: {start: 2027-01-01, months: 24}
accounts: [accounts.csv]
seed: 7
mixes:
  all:
    enterprise: {engineer: 0.5, analyst: 0.5}
    standard: {engineer: 0.75, analyst: 0.25}
    premium: {engineer: 1}
    chat: {analyst: 1}
    chat_claude_code: {engineer: 1}
defaults: {usage: all, payment_days: 30, renewal_probability: 0.9, seat_change: 0}
"""
ENTERPRISE = {
    "account_id": "acme",
    "plan": "enterprise",
    "channel": "sales_assisted",
    "term_start": "2026-03-15",
    "members_enterprise": "45",
    "seats_enterprise": "50",
}
LEGACY = {
    "account_id": "legacy",
    "plan": "legacy_standard_premium",
    "channel": "sales_assisted",
    "term_start": "2026-06-01",
    "members_standard": "50",
    "seats_standard": "60",
    "members_premium": "8",
    "seats_premium": "10",
}


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


def csv_of(rows: Sequence[dict[str, str]]) -> str:
    """Rows as a CSV file with all their columns."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(names), *(",".join(row.get(name, "") for name in names) for row in rows)]
    return "\n".join(lines) + "\n"


def portfolio_of(folder: Path, *rows: dict[str, str], head: str = HEAD) -> Portfolio:
    """The portfolio of some accounts."""
    (folder / "accounts.csv").write_text(csv_of(rows), encoding="utf-8")
    (folder / "portfolio.yaml").write_text(head, encoding="utf-8")
    return read_portfolio(folder / "portfolio.yaml", catalogue())
