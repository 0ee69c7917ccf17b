"""What a language writes: amounts rounded before, blanks that do not break, and nothing said with a value too few."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from planshift.reports.page.language import Language
from planshift.reports.page.reader import months_said
from planshift.reports.page.said import Money, Month, Name, said
from planshift.reports.page.terminal import Terminal

EN, DE, IT = Language("en"), Language("de"), Language("it")
NB = "\u00a0"


@pytest.mark.parametrize(
    ("cents", "english", "german", "italian"),
    [
        (7_416_445, f"74,164.45{NB}USD", f"74.164,45{NB}$", f"74.164,45{NB}USD"),
        (-3_888_000, f"−38,880.00{NB}USD", f"−38.880,00{NB}$", f"−38.880,00{NB}USD"),
        (123_456_789_00, f"123,456,789.00{NB}USD", f"123.456.789,00{NB}$", f"123.456.789,00{NB}USD"),
        (1, f"0.01{NB}USD", f"0,01{NB}$", f"0,01{NB}USD"),
        (0, f"0.00{NB}USD", f"0,00{NB}$", f"0,00{NB}USD"),
    ],
)
def test_amounts_have_their_currency_where_the_language_puts_it(
    cents: int, english: str, german: str, italian: str
) -> None:
    assert [language.exact(cents) for language in (EN, DE, IT)] == [english, german, italian]


@pytest.mark.parametrize(
    ("cents", "english", "german"),
    [
        (7_416_450, f"74,165{NB}USD", f"74.165{NB}$"),
        (-100_049, f"−1,000{NB}USD", f"−1.000{NB}$"),
        (100_000, f"1,000{NB}USD", f"1.000{NB}$"),
        (99_999, f"999.99{NB}USD", f"999,99{NB}$"),
    ],
)
def test_a_sentence_says_whole_dollars_from_1000_on_and_a_cell_cents(cents: int, english: str, german: str) -> None:
    assert [language.text(Money(cents)) for language in (EN, DE)] == [english, german]
    assert [language.cell(Money(cents)) for language in (EN, DE)] == [EN.exact(cents), DE.exact(cents)]
    # A terminal says the same, with a blank that it may break and the hyphen of its keyboard.
    assert Terminal().text(Money(cents)) == english.replace(NB, " ").replace("−", "-")


def test_differences_show_their_sign() -> None:
    assert DE.dollars(1_470_220, signed=True) == f"+14.702{NB}$"
    assert [IT.figure(cents, signed=True) for cents in (1, 0, -1)] == ["+0,01", "0,00", "−0,01"]


def test_whole_dollars_are_rounded_half_up_and_not_half_even() -> None:
    assert [EN.whole(cents) for cents in (50, 150, 250, 49, -50)] == ["1", "2", "3", "0", "−1"]
    assert DE.whole(123_456_50) == "123.457"


def test_shares_have_one_decimal_half_up_and_their_own_blank() -> None:
    assert [language.percent(Fraction(247, 1000)) for language in (EN, DE, IT)] == ["24.7%", f"24,7{NB}%", "24,7%"]
    assert [EN.percent(Fraction(share, 10_000)) for share in (5, 15, -2_4725, 0)] == ["0.1%", "0.2%", "−247.3%", "0.0%"]
    assert [DE.percent(share, plain=True) for share in (Fraction(1, 20), Fraction(1, 30))] == [f"5{NB}%", f"3,3{NB}%"]


def test_dates_do_not_break() -> None:
    day = date(2027, 3, 1)
    assert [language.day(day) for language in (EN, DE, IT)] == [
        f"1{NB}March{NB}2027",
        f"1.{NB}März{NB}2027",
        f"1{NB}marzo{NB}2027",
    ]
    assert [language.text(Month(day)) for language in (EN, DE, IT)] == [f"Mar{NB}2027", f"März{NB}2027", f"mar{NB}2027"]
    assert DE.short_month(day) == "Mär"


def test_lists_and_stretches_of_months() -> None:
    assert [language.text(("a", "b", "c")) for language in (EN, DE, IT)] == ["a, b and c", "a, b und c", "a, b e c"]
    months = [date(2027, 5, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert months_said(EN, months).replace(NB, " ") == "Dec 2026 – Jan 2027, May 2027"


def test_numbers_choose_the_form_of_a_label() -> None:
    assert [DE.say("who.other_teams", count=number) for number in (1, 2, 1234)] == [
        "Ein weiteres Team",
        "2 weitere Teams",
        "1.234 weitere Teams",
    ]


def test_values_are_said_by_their_kind() -> None:
    label = said("verdict.much", change=Money(150, bare=True), share=Fraction(1, 8))
    assert DE.text(label) == f"1,50{NB}$ (12,5{NB}%)"
    assert IT.text(Name("names.seats.premium", "Premium seat")) == "Licenza Premium"
    assert IT.text(Name("names.seats.gold", "Gold seat")) == "Gold seat"


def test_nothing_is_said_with_a_value_too_few_or_too_many() -> None:
    with pytest.raises(LookupError, match=r"de: the label 'verdict\.much' and its values differ in share"):
        DE.say("verdict.much", change="x")
    with pytest.raises(LookupError, match="differ in more"):
        DE.say("verdict.much", change="x", share="y", more="z")
    with pytest.raises(LookupError):
        DE.say("verdict.nothing")


def test_braces_in_a_name_are_left_alone() -> None:
    assert EN.say("page.scenario", title="{title} {0}") == "Scenario: {title} {0}"
