"""A small organization whose usage is drawn at random, for the tests of what people see of draws."""

from pathlib import Path

COMPANY = """\
title: A small company
contract:
  plan: legacy_standard_premium
  channel: sales_assisted
  term_start: 2026-10-17
  seats: {standard: 45, premium: 10}
  seat_prices: {standard: 15.00, premium: 50.00}
  extra_usage: {enabled: true}
  included_usage_per_week: {standard: 6.00, premium: 30.00}
  spend_limits: {organization: 1500.00, each_member: 200.00}
  renewal:
    channel: sales_assisted
    seats: {enterprise: 50}
    spend_limits: {organization: 2000.00, each_member: 300.00}
horizon: {start: 2026-10-17, months: 12}
usage:
  seed: 7
  draws: 40
  personas: {engineer: 3, heavy_engineer: 1, analyst: 2, light_user: {count: 2, team: Others}}
  behaviour: {metered: 0.9, assumed: true, note: A test.}
alternatives:
  enterprise:
    channel: sales_assisted
    seats: {enterprise: 50}
    spend_limits: {organization: 2000.00, each_member: 300.00}
"""
PLANS = ["legacy_standard_premium", "enterprise"]


def company(folder: Path, **changes: str) -> Path:
    """The file of the scenario in a folder, with texts in it changed."""
    text = COMPANY
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = folder / "company.yaml"
    path.write_text(text)
    return path
