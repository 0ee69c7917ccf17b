"""A number that could have its thousands marked or not is asked about; everything else is what it says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from planshift.plans.documents import parse_document
from planshift.plans.scalars import either_reading, may_mark_thousands, with_decimals
from planshift.plans.schemas import problems
from planshift.problems import InputError
from planshift.reports.forecast.options import read_target
from planshift.reports.options import cents_of

PRICES = """\
kind: overlay
title: Other prices
baseline: enterprise
from: 2027-01-01
changes:
  seats: {{enterprise: {{price_usd_per_month: {{value: {price}, assumed: true, note: A what-if.}}}}}}
"""


@pytest.mark.parametrize("text", ["5.000", "110.000", "12.345", "-1.500", "+1.500"])
def test_three_decimals_after_one_to_three_digits_could_be_thousands(text: str) -> None:
    assert may_mark_thousands(text)
    assert may_mark_thousands(text.replace(".", ","), ",")


@pytest.mark.parametrize("text", ["0.125", "0.000", "1234.567", "5.0000", "5.00", "5000", "05.000", "1.000.000"])
def test_whatever_else_is_written_is_no_question(text: str) -> None:
    assert not may_mark_thousands(text)


@pytest.mark.parametrize(
    ("text", "whole", "remedy"),
    [
        ("5.000", False, "write 5000 or 5.00"),
        ("12.345", False, "write 12345 or 12.3450"),
        ("120.000", True, "write 120000 or 120"),
        ("12.345", True, "write 12345"),
    ],
)
def test_the_remedy_is_a_number_that_is_no_question(text: str, whole: bool, remedy: str) -> None:
    assert either_reading(text, whole=whole)[1] == remedy
    assert not any(may_mark_thousands(word) for word in remedy.split())


@pytest.mark.parametrize(
    ("number", "text"),
    [("12", "12.00"), ("12.5", "12.50"), ("12.345", "12.3450"), ("0.125", "0.125"), ("0.170000001", "0.170000001")],
)
def test_what_planshift_writes_is_read_back_as_it_is(number: str, text: str) -> None:
    assert with_decimals(Decimal(number)) == text
    assert Decimal(text) == Decimal(number)
    assert not may_mark_thousands(text)


@pytest.mark.parametrize(("price", "count"), [("20.000", 1), ("20.00", 0), ("0.125", 0)])
def test_a_seat_price_of_an_overlay_is_asked_about(price: str, count: int) -> None:
    found = problems(parse_document(PRICES.format(price=price), "prices.yaml"), "overlay")
    assert [problem.remedy for problem in found] == ["write 20000 or 20.00"] * count


def test_prices_of_a_million_tokens_may_have_three_decimals() -> None:
    text = (
        "kind: overlay\ntitle: Other prices\nbaseline: claude_api\nfrom: 2027-01-01\nchanges:\n  models:\n"
        "    claude-opus-5-5:\n      input_usd_per_mtok: {value: 3.125, assumed: true, note: A what-if.}\n"
    )
    assert problems(parse_document(text, "prices.yaml"), "overlay") == []


def test_a_budget_and_a_target_are_asked_about() -> None:
    assert cents_of("80.00") == cents_of("80") == 8000
    assert cents_of("80.000") is None
    with pytest.raises(InputError, match=r"'80\.000' could be 80000 .* - write 80000 or 80\.00"):
        read_target("paid=80.000")
