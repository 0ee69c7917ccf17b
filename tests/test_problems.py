"""Mistakes as text: a line each, and one line for what is wrong alike many times."""

from __future__ import annotations

from planshift.problems import InputError, Place, Problem


def told(*problems: tuple[int, str]) -> list[str]:
    return str(InputError(Problem(Place("a.csv", line), fact, "write it") for line, fact in problems)).splitlines()


def test_what_is_wrong_alike_is_one_line_with_its_count_and_the_first_places() -> None:
    lines = told((1, "the header lacks a column"), *((line, f"'{line},5' is no amount") for line in range(2, 42)))
    assert lines == [
        "a.csv:1: the header lacks a column - write it",
        "a.csv:2: '2,5' is no amount - write it (and 39 more of this kind, on lines 3, 4, 5, 6, 7, …)",
    ]


def test_two_of_a_kind_on_one_line_name_it_once() -> None:
    assert told(*((2 + number // 2, f"'{number}' is no amount") for number in range(6)))[0].endswith(
        "(and 5 more of this kind, on lines 2, 3, 4)"
    )


def test_a_few_of_a_kind_have_a_line_each() -> None:
    assert len(told(*((line, f"'{line}' is no amount") for line in range(1, 6)))) == 5


def test_mistakes_of_other_kinds_and_files_stand_by_themselves() -> None:
    found = [
        Problem(Place(f"{name}.csv", 1), f"{word} is missing", "add it") for name in "abcd" for word in ("date", "id")
    ]
    assert len(str(InputError(found)).splitlines()) == 8


def test_at_most_twenty_lines_and_how_many_mistakes_more() -> None:
    kinds = [Problem(Place("a.csv", line), f"{'x' * line} is odd", "mend it") for line in range(1, 31)]
    lines = str(InputError(kinds)).splitlines()
    assert lines[-1] == "… and 10 more"
    assert len(lines) == 21
