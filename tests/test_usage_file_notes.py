"""What a usage file holds that nobody asked about is said: columns that are not read, rows that stand there twice."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from planshift.billing.scenario import read_scenario
from planshift.billing.simulation import simulate
from planshift.inspection import inspect_files
from planshift.plans.catalogue import load_catalogue
from planshift.problems import InputError
from planshift.usage.rows import FileNotes, notes_of, read_blocks

HEADER = "date,user_id,surface,model,input_tokens,output_tokens"
ONE = "2026-10-05,mira,chat,claude-opus-5-5,2500000,0"
OTHER = "2026-10-06,noor,chat,claude-opus-5-5,5000000,0"
SCENARIO = """\
title: Lantern Works
contract:
  plan: enterprise
  channel: sales_assisted
  term_start: 2026-10-01
  seats: {enterprise: 50}
horizon: {start: 2026-10-01, months: 1}
members: {mira: enterprise, noor: enterprise}
usage: {file: FILE}
"""
TWICE = "2 rows of the usage file stand there more than once, all cells alike (lines 4, 5); every one counts"


def usage(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "usage.csv"
    path.write_text("".join(f"{row}\n" for row in (header, *rows)), encoding="utf-8")
    return path


def test_rows_that_are_alike_are_said_and_count(tmp_path: Path) -> None:
    assert notes_of(usage(tmp_path, ONE, OTHER, ONE, OTHER)) == (TWICE,)
    (tmp_path / "s.yaml").write_text(SCENARIO.replace("FILE", "usage.csv"), encoding="utf-8")
    run = simulate(read_scenario(tmp_path / "s.yaml", load_catalogue()))
    assert TWICE in run.warnings
    assert int(run.measured.demand.by_surface["chat"].sum()) == 60 * 10**9


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_rows_are_alike_across_blocks(tmp_path: Path, rows: int) -> None:
    found = FileNotes()
    for block in read_blocks(usage(tmp_path, ONE, OTHER, ONE, OTHER), rows, digests=True):
        found.add(block)
    assert list(found.notes()) == [TWICE]


@pytest.mark.parametrize("other", [ONE.replace("mira", "noor"), ONE.replace(",0", ",1"), ONE.replace("-05", "-06")])
def test_rows_that_differ_in_one_cell_are_not_alike(tmp_path: Path, other: str) -> None:
    assert notes_of(usage(tmp_path, ONE, other)) == ()


def test_rows_that_differ_in_a_column_that_is_not_read_are_not_alike(tmp_path: Path) -> None:
    path = usage(tmp_path, f"{ONE},a", f"{ONE},b", header=f"{HEADER},project")
    assert notes_of(path) == ("columns of the usage file that are not read: 'project'",)


def test_parquet_has_the_same_notes(tmp_path: Path) -> None:
    path = usage(tmp_path, ONE, OTHER, ONE, OTHER)
    pd.read_csv(path).to_parquet(tmp_path / "usage.parquet")
    (note,) = notes_of(tmp_path / "usage.parquet")
    assert note == TWICE.replace("4, 5", "3, 4")


def test_a_check_of_the_file_says_them_too(tmp_path: Path) -> None:
    path = usage(tmp_path, f"{ONE},a", header=f"{HEADER},project")
    assert inspect_files([path]).warnings == [f"{path}: columns of the usage file that are not read: 'project'"]


def test_a_sum_of_counts_beside_them_is_no_count_under_another_name(tmp_path: Path) -> None:
    path = usage(tmp_path, f"{ONE},2500000", header=f"{HEADER},total_tokens")
    assert notes_of(path) == ("columns of the usage file that are not read: 'total_tokens'",)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ("", "no column counts anything - add some of: input_tokens, output_tokens"),
        (",tokens_in,output_tokens", "the column 'tokens_in' is not read, and usage in it would cost nothing"),
        (",outputTokens,input_tokens", "rename it to 'output_tokens', or remove it"),
        (",Cache_Creation_Input_Tokens,input_tokens", "rename it to 'cache_write_5m_tokens', or remove it"),
    ],
)
def test_a_file_whose_counts_cannot_be_found_is_refused(tmp_path: Path, counts: str, words: str) -> None:
    path = usage(
        tmp_path,
        "2026-10-05,mira,chat,claude-opus-5-5" + ",1" * counts.count(","),
        header=f"date,user_id,surface,model{counts}",
    )
    with pytest.raises(InputError) as caught:
        notes_of(path)
    assert words in str(caught.value)


def test_a_workbook_of_usage_is_read_with_the_rows_of_its_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(HEADER.split(","))
    for row in (ONE, OTHER, ONE):
        *names, tokens, output = row.split(",")
        sheet.append([*names, int(tokens), float(output)])
    sheet["A3"] = pd.Timestamp("2026-10-06").to_pydatetime()
    path = tmp_path / "usage.xlsx"
    book.save(path)
    (note,) = notes_of(path)
    assert "(line 4)" in note
    (block,) = read_blocks(path)
    assert block.columns.tokens["input"].tolist() == [2_500_000, 5_000_000, 2_500_000]
    sheet["E4"] = 1.5
    book.save(path)
    with pytest.raises(InputError, match=r"usage\.xlsx:4: input_tokens must be a whole number \(got '1\.50'\)"):
        notes_of(path)


def test_the_line_of_excel_is_no_header(tmp_path: Path) -> None:
    path = usage(tmp_path, HEADER.replace(",", ";"), ONE.replace(",", ";"), header="sep=;")
    with pytest.raises(InputError, match="the line 'sep=' is for Excel and no header - delete it"):
        notes_of(path)
