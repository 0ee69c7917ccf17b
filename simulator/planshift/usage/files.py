"""Usage rows and their members as files: written whole or not at all, and never over a file that is something else."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from planshift.disk import replacing
from planshift.plans.files import PARQUET
from planshift.problems import OutputError
from planshift.usage.cells import COLUMNS, FORMULA_STARTS, plain_cell
from planshift.usage.daily import DailyUsage

if TYPE_CHECKING:
    import pandas as pd


ENDINGS = (".csv", PARQUET)
MEMBERS_HEADER = ("user_id", "seat_type", "team")
"""The columns of a file of members, as `members` of a scenario reads it."""

_LONGEST_HEADER = 4096


def check_usage_target(path: Path) -> None:
    """Nothing when usage can be written to ``path``; a long import asks this before it starts.

    Raises OutputError for an ending that says neither CSV nor Parquet, a folder, a link, a place where nothing can be
    written, and a file that does not hold usage rows: it is never written over.
    """
    if path.suffix not in ENDINGS:
        raise OutputError(f"{path}: ends in neither {' nor '.join(ENDINGS)} - name it usage.csv or usage.parquet")
    _check_target(path)
    if path.exists() and not _is_usage(path):
        raise OutputError(f"{path}: is there already and holds no usage rows - choose another name, or move it away")


def check_members_target(path: Path) -> None:
    """Nothing when a file of members can be written to ``path``.

    Raises OutputError for another ending than CSV's, a place where nothing can be written, and a file that is there:
    somebody may have filled in seats and teams.
    """
    if path.suffix != ".csv":
        raise OutputError(f"{path}: does not end in .csv - name it members.csv")
    _check_target(path)
    if path.exists():
        raise OutputError(
            f"{path}: is there already, perhaps with seats filled in - choose another name, or move it away"
        )


def check_limits_target(path: Path) -> None:
    """Nothing when limits can be written to ``path``; OutputError as for `check_members_target`, of YAML."""
    if path.suffix not in (".yaml", ".yml"):
        raise OutputError(f"{path}: does not end in .yaml - name it limits.yaml")
    _check_target(path)
    if path.exists():
        raise OutputError(f"{path}: is there already - choose another name, or move it away")


def _check_target(path: Path) -> None:
    if path.is_symlink():
        raise OutputError(f"{path}: is a link to {os.path.realpath(path)} - name that file itself, or another")
    if path.is_dir():
        raise OutputError(f"{path}: is a folder - name a file in it, such as {path / 'usage.csv'}")
    if not path.parent.is_dir():
        raise OutputError(f"{path.parent}: there is no such folder - make it first, or choose another")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise OutputError(f"{path.parent}: you may not write here - choose another folder")


def write_usage(usage: pd.DataFrame | DailyUsage, path: Path) -> tuple[str, ...]:
    """Write canonical rows as CSV, or as Parquet by the ending; give back the ids that had to be changed.

    In CSV a member's id that a spreadsheet would take for a formula gets an apostrophe before it; such ids are
    returned, as they were. The same rows give the same bytes. Raises OutputError where nothing can be written.
    """
    check_usage_target(path)
    with replacing(path) as temporary:
        if path.suffix == PARQUET:
            _write_parquet(usage, temporary, path)
            return ()
        if isinstance(usage, DailyUsage):
            users: Iterable[str] = usage.users
            with temporary.open("w", encoding="utf-8", newline="") as file:
                file.writelines(usage.csv())
        else:
            users = sorted(set(usage["user_id"]))
            safe = _in_order(usage).assign(user_id=usage["user_id"].map(plain_cell))
            safe.to_csv(temporary, index=False, lineterminator="\n", encoding="utf-8")
    return tuple(name for name in users if name.startswith(FORMULA_STARTS))


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[[name for name in COLUMNS if name in frame]]


def write_members(users: Iterable[str], path: Path, seat_type: str = "") -> None:
    """Write members as a scenario's `members` reads them: on one seat type, or to be filled in.

    Ids are as `write_usage` writes them in CSV. Raises OutputError where nothing can be written.
    """
    check_members_target(path)
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(MEMBERS_HEADER)
        writer.writerows((plain_cell(user), seat_type, "") for user in users)


def write_limits(text: str, path: Path) -> None:
    """Write the YAML of spend limits. Raises OutputError where nothing can be written."""
    check_limits_target(path)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _write_parquet(usage: pd.DataFrame | DailyUsage, temporary: Path, path: Path) -> None:
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        fact = "writing Parquet needs the package pyarrow"
        raise OutputError(f"{path}: {fact} - pip install 'planshift[parquet]', or write CSV") from error
    frames = usage.frames() if isinstance(usage, DailyUsage) else iter([_in_order(usage)])
    table = pyarrow.Table.from_pandas(next(frames), preserve_index=False)
    with parquet.ParquetWriter(temporary, table.schema) as writer:
        writer.write_table(table)
        for frame in frames:
            writer.write_table(pyarrow.Table.from_pandas(frame, schema=table.schema, preserve_index=False))


def _is_usage(path: Path) -> bool:
    """Does a file hold usage rows that planshift could have written: by its columns?"""
    if not path.stat().st_size:
        return True
    if path.suffix == PARQUET:
        return _parquet_columns(path) == [*COLUMNS]
    with path.open("rb") as file:
        header = file.readline(_LONGEST_HEADER).decode("utf-8-sig", errors="replace").rstrip("\r\n").split(",")
    return header == [*COLUMNS]


def _parquet_columns(path: Path) -> list[str]:
    try:
        import pyarrow.parquet as parquet

        return list(parquet.read_schema(path).names)
    except (ImportError, OSError, ValueError):
        return []
