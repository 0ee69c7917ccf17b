"""A Parquet file is read as strictly as a CSV file of the same rows: nothing is moved, cut or left out."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from planshift.plans.catalogue import load_catalogue
from planshift.portfolio.reading import read_sheet
from planshift.problems import InputError
from planshift.usage.measure import UsageSource, measure
from planshift.usage.rows import read_blocks

pyarrow = pytest.importorskip("pyarrow")

GOOD: Mapping[str, list[Any]] = {
    "date": ["2026-10-07", "2026-10-08", "2026-10-09"],
    "user_id": ["ada", "zoe", "ada"],
    "surface": ["chat", "chat", "cowork"],
    "model": ["claude-opus-5-5"] * 3,
    "input_tokens": [1_000_000, 2_000_000, 3_000_000],
}


def written(folder: Path, **columns: Any) -> Path:
    """A Parquet file of good rows, some of its columns exchanged."""
    import pyarrow.parquet

    path = folder / "usage.parquet"
    pyarrow.parquet.write_table(pyarrow.table({**GOOD, **columns}), path)
    return path


def cost(path: Path) -> list[int]:
    """What each member's usage costs, nano-dollars."""
    card = load_catalogue().cards["claude_api"]
    demand = measure(UsageSource(path), card, ["ada", "zoe"], dt.date(2026, 10, 1), dt.date(2026, 11, 1)).demand
    return [int(total) for total in sum(demand.by_surface.values()).sum(axis=(0, 1))]  # type: ignore[union-attr]


def refusal(path: Path) -> str:
    """What is said of a file that cannot be used."""
    with pytest.raises(InputError) as refused:
        list(read_blocks(path))
    return str(refused.value).replace(str(path), path.name)


@pytest.mark.parametrize("column", ["date", "user_id", "surface", "model"])
@pytest.mark.parametrize("nothing", [None, ""])
def test_a_cell_without_a_value_is_refused_with_row_and_column(
    tmp_path: Path, column: str, nothing: str | None
) -> None:
    cells = [GOOD[column][0], GOOD[column][1], nothing]
    said = refusal(written(tmp_path, **{column: cells}))
    assert said.startswith(f"usage.parquet:3: {column} ")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([1, None, 3], "usage.parquet:2: input_tokens must be a whole number (got '') - write 0 where there is none"),
        ([1.0, float("nan"), 3.0], "usage.parquet:2: input_tokens must be a whole number (got '')"),
        ([1.0, 2.5, 3.0], "usage.parquet:2: input_tokens must be a whole number (got '2.50')"),
        ([1.0, float("inf"), 3.0], "usage.parquet:2: input_tokens must be a whole number (got 'inf')"),
        ([1, -2, 3], "usage.parquet:2: input_tokens must be a whole number (got '-2') - a count cannot be negative"),
        ([1, 10**12 + 1, 3], "usage.parquet:2: input_tokens is 1000000000001, more than one row can have"),
        ([1, 2**64 - 1, 3], "usage.parquet:2: input_tokens is 18446744073709551615, more than one row can have"),
        (["1", "two", "3"], "usage.parquet:2: input_tokens must be a whole number (got 'two')"),
        ([True, False, True], "usage.parquet:1: input_tokens must be a whole number (got 'yes')"),
        ([[1], [2], [3]], "usage.parquet: the column 'input_tokens' holds neither text, numbers nor dates"),
    ],
)
def test_a_count_is_a_whole_number(tmp_path: Path, cells: list[Any], words: str) -> None:
    column = pyarrow.array(cells, type=pyarrow.uint64() if 2**64 - 1 in cells else None)
    assert refusal(written(tmp_path, input_tokens=column)).startswith(words)


@pytest.mark.parametrize(
    "columns",
    [
        {"date": [dt.date(2026, 10, day) for day in (7, 8, 9)]},
        {"date": [pd.Timestamp(2026, 10, day) for day in (7, 8, 9)]},
        {"input_tokens": [1e6, 2e6, 3e6]},
        {"input_tokens": [Decimal(1_000_000), Decimal(2_000_000), Decimal(3_000_000)]},
        {"input_tokens": ["1000000", "2000000", "3000000"]},
        {"user_id": pd.Categorical(["ada", "zoe", "ada"], categories=["", "zoe", "bob", "ada"])},
        {"modifiers": [None, None, None]},
    ],
)
def test_the_same_rows_stored_in_another_type_cost_the_same(tmp_path: Path, columns: dict[str, Any]) -> None:
    plain = cost(written(tmp_path))
    frame = pd.DataFrame({**GOOD, **columns})
    frame.to_parquet(tmp_path / "typed.parquet")
    assert cost(tmp_path / "typed.parquet") == plain
    assert plain[0] == 2 * plain[1]


def test_a_day_with_a_time_is_refused_as_in_csv(tmp_path: Path) -> None:
    cells = [pd.Timestamp(2026, 10, 7, 23, 30), pd.Timestamp(2026, 10, 8), pd.Timestamp(2026, 10, 9)]
    assert refusal(written(tmp_path, date=cells)).startswith("usage.parquet:1: date '2026-10-07T23:30:00' is not a")


def test_damage_is_a_mistake_of_the_file(tmp_path: Path) -> None:
    rows = {name: cells * 2000 for name, cells in GOOD.items()}
    path = written(tmp_path, **rows)
    whole = path.read_bytes()
    broken = re.compile(
        r"usage\.parquet: (this is not a Parquet file|the file is damaged|the column)|usage\.parquet:\d+: "
    )
    for place in range(4, len(whole), len(whole) // 60):
        path.write_bytes(whole[:place] + bytes(byte ^ 0x5A for byte in whole[place : place + 8]) + whole[place + 8 :])
        with contextlib.suppress(InputError):
            list(read_blocks(path))
            continue
        assert broken.match(refusal(path))
    path.write_bytes(whole[:-20])
    assert refusal(path).startswith("usage.parquet: this is not a Parquet file - name it .csv")


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    empty = {name: pyarrow.array([], type=pyarrow.string()) for name in GOOD}
    assert refusal(written(tmp_path, **empty)).startswith("usage.parquet: the file has columns and no rows")


def test_damaged_accounts_are_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "accounts.parquet"
    pd.DataFrame({"account_id": [["acme"]], "plan": ["enterprise"]}).to_parquet(path)
    with pytest.raises(InputError, match="the column 'account_id' holds neither text"):
        read_sheet(path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match="this is not a Parquet file"):
        read_sheet(path)
