"""A workbook is read wherever a CSV is, members and accounts too: dates, numbers and truth as its cells hold them."""

from __future__ import annotations

import contextlib
import csv
import random
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from planshift.billing.members import read_members
from planshift.plans.catalogue import load_catalogue
from planshift.portfolio.reading import read_sheet
from planshift.problems import InputError
from planshift.usage.cells import workbook_header, workbook_rows, workbook_text


def workbook(path: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def test_cells_are_what_they_hold(tmp_path: Path) -> None:
    values = [
        date(2026, 10, 5),
        datetime.fromisoformat("2026-10-05T09:30:00"),
        True,
        7,
        12.0,
        0.29,
        1.234,
        "007",
        " a ",
    ]
    path = workbook(tmp_path / "cells.xlsx", values)
    ((line, cells),) = workbook_rows(path)
    assert line == 1
    assert cells == [
        "2026-10-05",
        "2026-10-05T09:30:00",
        "yes",
        "7",
        "12",
        "0.29",
        "1.2340",
        "007",
        " a ",
    ]


def test_rows_keep_the_numbers_of_the_sheet_and_cells_their_line(tmp_path: Path) -> None:
    path = workbook(tmp_path / "gaps.xlsx", ["a", "b"], [], ["one\ntwo", 'say "hi", so'], [], [], ["x"])
    assert [line for line, _ in workbook_rows(path)] == [1, 3, 6]
    lines = workbook_text(path).split("\n")
    assert [*csv.reader(lines[2:3])] == [["one two", 'say "hi", so']]
    assert lines[5] == "x,"


def test_members_of_a_workbook(tmp_path: Path) -> None:
    plan = load_catalogue().plan("enterprise")
    path = workbook(
        tmp_path / "members.xlsx", ["user_id", "seat_type", "team"], ["ada", "enterprise", "Core"], [7, "enterprise"]
    )
    members = read_members(path, plan)
    assert members.seats == {"ada": "enterprise", "7": "enterprise"}
    assert members.teams == {"ada": "Core"}
    path = workbook(
        tmp_path / "members.xlsx", ["user_id", "seat_type"], ["ada", "enterprise"], [], ["ada", "enterprise"]
    )
    with pytest.raises(InputError, match=r"members\.xlsx:4: 'ada' is listed a second time, first on line 2"):
        read_members(path, plan)


def test_members_without_a_seat_type_are_one_mistake(tmp_path: Path) -> None:
    plan = load_catalogue().plan("legacy_standard_premium")
    rows = [[f"p{number:02}", None, "Core"] for number in range(12)]
    path = workbook(tmp_path / "members.xlsx", ["user_id", "seat_type", "team"], ["ada", "premium", "Core"], *rows)
    with pytest.raises(InputError) as caught:
        read_members(path, plan)
    (problem,) = caught.value.problems
    assert problem.place.line == 3
    assert problem.fact.startswith("12 members have no seat_type: 'p00', 'p01', ")
    assert problem.remedy == "fill in standard or premium, or drop the rows"


def test_accounts_of_a_workbook_are_those_of_the_same_csv(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "accounts.xlsx",
        ["account_id", "term_start", "seats_enterprise", "monthly_spend", "extra_usage"],
        ["a-1", datetime.fromisoformat("2026-03-15"), 50, 12.345, True],
        ["a-2", date(2026, 4, 1), 60.0, Decimal("12.5"), None],
    )
    sheet = read_sheet(path)
    texts = {name: [cells.texts[code] for code in cells.codes] for name, cells in sheet.cells.items()}
    assert texts == {
        "account_id": ["a-1", "a-2"],
        "term_start": ["2026-03-15", "2026-04-01"],
        "seats_enterprise": ["50", "60"],
        "monthly_spend": ["12.3450", "12.50"],
        "extra_usage": ["yes", ""],
    }
    assert sheet.lines.tolist() == [2, 3]


def test_without_openpyxl_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "cells.xlsx", ["a"])
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(
        InputError, match=r"needs the package openpyxl - pip install 'planshift\[excel\]', or save the sheet"
    ):
        workbook_rows(path)


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_workbook_is_read_or_refused(tmp_path: Path, seed: int) -> None:
    path = workbook(tmp_path / "cells.xlsx", ["a", "b", "c"], [1, date(2026, 10, 5), "x"], [0.5, None, "=A2"])
    raw, draw = path.read_bytes(), random.Random(seed)
    if seed % 3:
        with zipfile.ZipFile(path) as parts:
            members = {name: parts.read(name) for name in parts.namelist()}
        name = draw.choice(sorted(members))
        members[name] = damaged(members[name], draw)
        with zipfile.ZipFile(path, "w") as parts:
            for each, content in members.items():
                parts.writestr(each, content)
    else:
        path.write_bytes(damaged(raw, draw))
    with contextlib.suppress(InputError):
        workbook_rows(path)
    with contextlib.suppress(InputError):
        workbook_header(path)


def damaged(raw: bytes, draw: random.Random) -> bytes:
    """Bytes that were cut off, or some of which are others."""
    if draw.random() < 0.3:
        return raw[: draw.randrange(len(raw))]
    changed = bytearray(raw)
    for _ in range(draw.randrange(1, 9)):
        changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)
