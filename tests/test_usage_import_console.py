"""The usage CSV of the Claude Console becomes usage, and the members of an import a file of members."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from command import run
from exports import importer, lines
from planshift.billing.members import read_members
from planshift.plans.catalogue import load_catalogue
from planshift.plans.rates import RateCard
from planshift.problems import InputError
from planshift.usage.formats import look_at
from planshift.usage.formats.format import Format

HEADER = (
    "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,"
    "usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,"
    "usage_output_tokens,web_search_count,inference_geo,speed"
)
# 46,981 × 5 + 15,969 × 6.25 + 16,932 × 25 dollars per million tokens.
ROW = "2026-08-05,claude-opus-5,Closer App,Default,standard,≤ 200k,46981,15969,0,0,16932,0,global,"
COST = Decimal("0.75801125")


def console(folder: Path, *rows: str, header: str = HEADER) -> Path:
    return lines(folder / "usage.csv", header, *rows, encoding="utf-8-sig")


imported = importer("console-usage")


def test_a_row_costs_what_its_tokens_cost(card: RateCard, tmp_path: Path) -> None:
    result = imported(card, console(tmp_path, ROW))
    assert result.summary.list_cost == COST
    assert result.rows[["user_id", "surface", "model"]].values.tolist() == [["Closer App", "chat", "claude-opus-5"]]
    assert result.summary.warnings == ()


def test_batch_fast_and_us_only_are_priced_as_such(card: RateCard, tmp_path: Path) -> None:
    fast = ROW.replace("global,", "global,fast")
    batch = ROW.replace("standard", "batch")
    american = ROW.replace("global", "us")
    result = imported(card, console(tmp_path, fast, batch, american))
    assert result.summary.list_cost == COST * (Decimal(2) + Decimal("0.5") + Decimal("1.1"))


def test_a_key_without_a_name_counts_for_its_workspace(card: RateCard, tmp_path: Path) -> None:
    assert imported(card, console(tmp_path, ROW.replace("Closer App", ""))).rows["user_id"].tolist() == ["Default"]


def test_the_context_window_bounds_prompts(card: RateCard, tmp_path: Path) -> None:
    row = ROW.replace("claude-opus-5", "claude-haiku-5-5").replace("2026-08-05", "2026-11-05")
    assert any(
        "Long prompts" in text
        for text in imported(card, console(tmp_path, row.replace("46981", "460981"))).summary.warnings
    )
    assert not any("Long prompts" in text for text in imported(card, console(tmp_path, row)).summary.warnings)


def test_a_column_that_is_not_there_leaves_a_range(card: RateCard, tmp_path: Path) -> None:
    path = console(tmp_path, ROW.removesuffix(","), header=HEADER.removesuffix(",speed"))
    (warning,) = imported(card, path).summary.warnings
    assert "between 0.76 and 1.52 USD" in warning


def test_a_total_and_a_repeated_row_count_once(card: RateCard, tmp_path: Path) -> None:
    other = ROW.replace("46981", "100000").replace("Closer App", "Other")
    total = "2026-08-05,claude-opus-5,All keys,Default,standard,≤ 200k,146981,31938,0,0,33864,0,global,"
    summary = imported(card, console(tmp_path, ROW, other, total)).summary
    assert dict(summary.dropped) == {"the total of other rows": 1}
    assert imported(card, console(tmp_path, ROW, ROW)).summary.merged == 1


def test_it_is_recognised(tmp_path: Path) -> None:
    found = look_at(console(tmp_path, ROW))
    assert isinstance(found, Format)
    assert found.name == "console-usage"


# --- Members -------------------------------------------------------------------------------------------------------


def test_an_import_writes_the_members_that_it_saw(tmp_path: Path) -> None:
    path = console(tmp_path, ROW.replace("Closer App", "=2+2"), ROW)
    members = tmp_path / "members.csv"
    options = ("usage", "import", "console-usage", path, "-o", tmp_path / "u.csv", "--members", members)
    assert run(*options, "--seat-type", "enterprise", "--json").data["members_file"] == str(members)
    assert members.read_text(encoding="utf-8") == "user_id,seat_type,team\n'=2+2,enterprise,\nCloser App,enterprise,\n"
    assert set(read_members(members, load_catalogue().plan("enterprise")).seats) == {"'=2+2", "Closer App"}


def test_seats_can_be_filled_in_later(tmp_path: Path) -> None:
    members = tmp_path / "members.csv"
    run("usage", "import", "console-usage", console(tmp_path, ROW), "--members", members)
    with pytest.raises(InputError, match=r"members\.csv:2: seat_type is empty - fill it in"):
        read_members(members, load_catalogue().plan("enterprise"))


def test_a_file_in_which_seats_may_be_filled_in_is_not_written_over(tmp_path: Path) -> None:
    members = tmp_path / "members.csv"
    members.write_text("user_id,seat_type,team\nada,enterprise,Core\n", encoding="utf-8")
    answer = run("usage", "import", "console-usage", console(tmp_path, ROW), "--members", members)
    assert answer.status == 1
    assert "is there already, perhaps with seats filled in" in answer.err
    assert "Core" in members.read_text(encoding="utf-8")
