"""``planshift usage import``: a usage file, an account of every row, and nothing else written over."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.main import get_command

from command import EXPORTS, floats_in, run
from planshift.cli.app import app
from planshift.problems import OutputError
from planshift.usage.cells import COLUMNS
from planshift.usage.files import DailyUsage, write_usage
from planshift.usage.formats import format_names
from planshift.usage.rows import read_blocks

SPEND = EXPORTS / "spend-report-5e1f0a00-0000-4000-8000-0000000000aa-2026-10-01-to-2026-10-30.csv"
ADMIN = EXPORTS / "admin_usage.json"


def rows(*people: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": ["2026-10-01"] * len(people),
            "user_id": list(people),
            "surface": "chat",
            "model": "claude-opus-5-5",
            **dict.fromkeys(COLUMNS[4:10], 1),
            "modifiers": "",
        }
    )


def test_the_first_line_is_the_answer_and_the_last_says_where(tmp_path: Path) -> None:
    answer = run("usage", "import", "spend-report", SPEND, "-o", tmp_path / "usage.csv")
    assert answer.first == "120 rows of usage by 2 members from 2026-10-01 to 2026-10-30, 1.66 USD at list rates."
    assert answer.out.splitlines()[-1] == f"Written to {tmp_path / 'usage.csv'}"


def test_every_row_is_accounted_for() -> None:
    data = run("usage", "import", "spend-report", SPEND, "--json").data
    assert data["rows_read"] == data["rows_kept"] + data["rows_merged"] + sum(data["rows_dropped"].values())
    assert floats_in(data) == []
    assert data["out"] is None
    assert {"list_cost", "reported_cost", "difference", "assumptions", "warnings", "unknown_models"} <= set(data)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_is_written_can_be_read_again(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"usage.{ending}"
    data = run("usage", "import", "admin-usage", ADMIN, "-o", path, "--json").data
    assert sum(len(block.columns) for block in read_blocks(path)) == data["rows_written"]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_the_same_export_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        run("usage", "import", "admin-usage", ADMIN, "-o", tmp_path / name)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert (tmp_path / "a.csv").read_text().startswith(",".join(COLUMNS) + "\n")


def test_days_can_be_left_out() -> None:
    data = run("usage", "import", "admin-usage", ADMIN, "--end", "2020-01-01", "--json").data
    assert data["rows_written"] == 0
    assert data["warnings"]


def test_a_usage_file_may_be_written_again(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    write_usage(rows("ada"), path)
    assert write_usage(rows("ada", "ben"), path) == ()
    assert path.read_text().count("\n") == 3


@pytest.mark.parametrize("name", ["notes.csv", "notes.parquet"])
def test_a_file_that_holds_something_else_is_never_written_over(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("date,user_id,surface,model,remarks\n")
    answer = run("usage", "import", "admin-usage", ADMIN, "-o", path)
    assert (answer.status, answer.out) == (1, "")
    assert "is there already and holds no usage rows" in answer.err
    assert path.read_text() == "date,user_id,surface,model,remarks\n"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("usage.xlsx", "ends in neither .csv nor .parquet"),
        ("nowhere/usage.csv", "there is no such folder"),
        ("folder.csv", "is a folder"),
        ("link.csv", "is a link"),
    ],
)
def test_a_place_that_cannot_be_written_ends_with_status_1(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    before = sorted(tmp_path.iterdir())
    answer = run("usage", "import", "admin-usage", ADMIN, "-o", tmp_path / name)
    assert (answer.status, answer.out) == (1, "")
    assert message in answer.err
    assert sorted(tmp_path.iterdir()) == before


def test_an_interruption_while_writing_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "usage.csv"
    write_usage(rows("ada"), path)
    before = path.read_bytes()

    def interrupted(self: DailyUsage) -> Iterator[str]:
        yield "half a"
        raise KeyboardInterrupt

    monkeypatch.setattr(DailyUsage, "csv", interrupted)
    answer = run("usage", "import", "admin-usage", ADMIN, "-o", path)
    assert answer.status == 130
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [before]


def test_a_full_disk_is_an_output_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Any, target: Path, **_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(OutputError, match="cannot be written \\(No space left on device\\)"):
        write_usage(rows("ada"), tmp_path / "usage.csv")
    assert list(tmp_path.iterdir()) == []


def test_ids_that_a_spreadsheet_would_run_are_defused_and_named(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    assert write_usage(rows("=cmd()", "ada", "+1"), path) == ("+1", "=cmd()")
    assert [row["user_id"] for row in csv.DictReader(path.read_text().splitlines())] == ["'=cmd()", "ada", "'+1"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["admin-usages", ADMIN], "no format 'admin-usages' - did you mean 'admin-usage'?"),
        (["admin-usage", "nowhere.json"], "nowhere.json: there is no such file"),
        (["spend-report", ADMIN], "planshift usage import admin-usage"),
        (["admin-usage", ADMIN, "--start", "today"], "--start: 'today' is not a date"),
        (["admin-usage", ADMIN, "--start", "2026-10-02", "--end", "2026-10-01"], "--end"),
        (["admin-usage", ADMIN, "--surface", "chatt"], "no surface 'chatt'"),
        (["admin-usage", ADMIN, "--rates", "claude"], "no rate card 'claude'"),
    ],
)
def test_input_that_cannot_be_used_ends_with_status_2_and_writes_nothing(
    words: list[object], message: str, tmp_path: Path
) -> None:
    answer = run("usage", "import", *words, "-o", tmp_path / "usage.csv")
    assert (answer.status, answer.out) == (2, "")
    assert message in answer.err
    assert list(tmp_path.iterdir()) == []


def test_the_help_says_what_lists_every_format() -> None:
    command: Any = get_command(app)
    (argument, *_) = command.commands["usage"].commands["import"].params
    assert "`planshift usage formats`" in argument.help
    listed = {each["name"] for each in run("usage", "formats", "--json").data["formats"]}
    assert listed == set(format_names())


@pytest.mark.parametrize("size", [1, 2, 100])
def test_ids_that_look_like_numbers_stay_as_they_are(tmp_path: Path, size: int) -> None:
    path = tmp_path / "usage.csv"
    write_usage(rows("ada", "007", "7", "1e3", "ada"), path)
    found = [block.user_names[code] for block in read_blocks(path, size) for code in block.users]
    assert sorted(found) == ["007", "1e3", "7", "ada", "ada"]
