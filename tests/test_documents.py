"""What the strict YAML reader makes of a text: values, places, and nothing but InputError when it cannot."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from planshift.plans import documents
from planshift.plans.bounds import FIRST_DAY, LAST_DAY
from planshift.plans.documents import Value, parse_document, read_document
from planshift.problems import InputError, Place

SAMPLE = """\
# a comment
title: Chat + Claude Code seats
contract:
  seats: {chat: 40, 'on': 20}
  prices:
    2026-10-01: {value: 25.00}
events:
  - {date: 2027-04-01, add_seats: {chat: 10}}
  -
    date: 2027-04-10
"""


def value(text: str) -> Value:
    return parse_document(f"value: {text}\n", "a.yaml").data["value"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("100_000", 100_000),
        ("12.50", Decimal("12.50")),
        ("-0.075", Decimal("-0.075")),
        ("1_000.5", Decimal("1000.5")),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("2026-10-01", date(2026, 10, 1)),
        ("2028-02-29", date(2028, 2, 29)),
        ("one seat, 20 dollars", "one seat, 20 dollars"),
        ("2026-10", "2026-10"),
        ("1.2.3", "1.2.3"),
        ("4_eyes", "4_eyes"),
        ("'012'", "012"),
        ('"no"', "no"),
        ("'2026-10-01'", "2026-10-01"),
        ("|\n  two\n  \tlines", "two\n\tlines\n"),
    ],
)
def test_a_scalar_is_what_people_mean(text: str, meant: Value) -> None:
    assert value(text) == meant
    assert type(value(text)) is type(meant)


def test_decimals_keep_their_zeros() -> None:
    assert str(value("20.00")) == "20.00"


def test_keys_are_text_or_dates() -> None:
    data = parse_document("2026-10-01: a\n'2026-10-02': b\nc: d\n", "a.yaml").data
    assert list(data) == [date(2026, 10, 1), "2026-10-02", "c"]


def test_a_value_and_its_key_have_places() -> None:
    document = parse_document(SAMPLE, "a.yaml")
    assert document.place("title") == Place("a.yaml", 2, 8)
    assert document.key_place("title") == Place("a.yaml", 2, 1)
    assert document.place("contract", "seats", "on") == Place("a.yaml", 4, 27)
    assert document.key_place("contract", "prices", date(2026, 10, 1)) == Place("a.yaml", 6, 5)
    assert document.place("contract", "prices", "2026-10-01", "value") == Place("a.yaml", 6, 25)
    assert document.place("events", 1, "date") == Place("a.yaml", 10, 11)
    assert document.key_place("events", 0) == Place("a.yaml", 8, 5)


def test_what_is_not_there_has_the_place_of_its_nearest_ancestor() -> None:
    document = parse_document(SAMPLE, "a.yaml")
    assert document.place("contract", "seats", "team", "price") == document.place("contract", "seats")
    assert document.key_place("horizon", "start") == document.place() == Place("a.yaml", 2, 1)


def test_libyaml_and_pyyaml_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = parse_document(SAMPLE, "a.yaml")
    monkeypatch.setattr(documents, "_LOADER", yaml.SafeLoader)
    slow = parse_document(SAMPLE, "a.yaml")
    assert (fast.data, fast.keys) == (slow.data, slow.keys)


def test_a_mark_of_utf8_at_the_beginning_is_no_part_of_the_text(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"\xef\xbb\xbftitle: Z\xc3\xbcrich\r\n")
    document = read_document(file)
    assert document.data == {"title": "Zürich"}
    assert document.place("title") == Place(str(file), 1, 8)


def test_a_file_that_does_not_exist_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "renewal.yaml").write_text("title: One\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"there is no such file - did you mean '.*renewal\.yaml'\?"):
        read_document(tmp_path / "renewel.yaml")
    with pytest.raises(InputError, match=r"there is no such file - there is no folder '.*' either"):
        read_document(tmp_path / "none" / "renewal.yaml")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="this is a folder - give a file in it"):
        read_document(tmp_path)


@pytest.mark.parametrize("name", ["a\0b.yaml", "a" * 5000])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="the file cannot be read"):
        read_document(name)


def test_utf16_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("title: One\n", encoding="utf-16")
    with pytest.raises(InputError, match=r"a\.yaml:1:1: the file is not UTF-8 text"):
        read_document(file)


def test_a_message_shows_neither_whole_texts_nor_control_characters() -> None:
    with pytest.raises(InputError) as refused:
        parse_document('"\\e[31m": 1\n"\\e[31m": 2\nb: ' + "9" * 5000, "a.yaml")
    assert max(map(len, str(refused.value).splitlines())) < 200
    assert "\x1b" not in str(refused.value)


def test_two_thousand_lines_are_read_whole() -> None:
    lines = [f"k{n}:\n  2026-10-01: {{value: 12.50, reference: a b, count: 100_000}}\n" for n in range(1000)]
    assert len(parse_document("".join(lines), "a.yaml").data) == 1000


def quoted(text: str) -> str:
    """A text as YAML's double quotes write it."""
    escaped = (c if c.isalnum() and c.isascii() else f"\\U{ord(c):08x}" for c in text)
    return f'"{"".join(escaped)}"'


def written(value: Value) -> str:
    """A value as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(key)}: {written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


decimals = st.decimals(-(10**6), 10**6, places=3)
days = st.dates(FIRST_DAY, LAST_DAY)
scalars = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | decimals | days | st.text()
# A date and its ISO text are the same key. A key has at most 1,024 characters, and a character is written as up to ten.
keys = days | st.text(max_size=100).filter(lambda text: not text[:4].isdigit())
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(keys, values, max_size=4))
def test_what_is_written_is_read_again(data: dict[documents.Key, Value]) -> None:
    assert parse_document(written(data), "a.yaml").data == data


def refused_places(text: str) -> list[Place]:
    """Where a text is refused; empty if it is read."""
    try:
        parse_document(text, "a.yaml")
    except InputError as refused:
        return [problem.place for problem in refused.problems]
    return []


@given(st.text() | st.text(alphabet="ab01-:?,[]{}#&*!|>'\"%@`~<. \n\t\\_eE$/", max_size=60))
def test_any_text_is_read_or_refused_at_a_line(text: str) -> None:
    assert all(place.line for place in refused_places(text))


@given(st.text(alphabet="0123456789.,_-+eE:%$ xob'", min_size=1, max_size=24))
def test_anything_like_a_number_is_read_or_refused_at_a_line(text: str) -> None:
    assert all(place.line for place in refused_places(f"a: {text}"))
