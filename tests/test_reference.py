"""The generated reference is what the program says of itself, and says it in full."""

from pathlib import Path

import pytest

from planshift.plans import schemas
from planshift.reports.run_tables import TABLES
from planshift_dev import reference
from planshift_dev.schema_keys import keys


def test_the_reference_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert reference.main(["--check"]) == 0, capsys.readouterr().err


def test_the_width_of_the_terminal_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    narrow = reference.reference()
    monkeypatch.setenv("COLUMNS", "300")
    assert reference.reference() == narrow


def test_a_reference_that_is_out_of_date_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reference, "folder", lambda _: tmp_path)
    assert reference.main(["--check"]) == 1
    assert "write it anew: python -m planshift_dev.reference --write" in capsys.readouterr().err
    assert reference.main(["--write"]) == 0
    assert reference.main(["--check"]) == 0


@pytest.mark.parametrize("words", [[], ["--help"], ["--write", "--check"]])
def test_other_words_are_refused(words: list[str]) -> None:
    assert reference.main(words) == 2


def test_every_column_and_every_key_is_in_it() -> None:
    text = reference.reference()
    columns = [column.name for table in TABLES.values() for column in table.columns]
    assert [name for name in columns if f"| `{name}` |" not in text] == []
    assert [key.path for name in schemas.names() for key in keys(name) if f"| `{key.path}` |" not in text] == []


@pytest.mark.parametrize(
    ("name", "path", "what", "required"),
    [
        ("plan", "term_months", "sourced; whole number", True),
        ("plan", "seats.*.price_usd_per_month", "sourced; number", True),
        ("plan", "seats.*.included_usd_per_week", "sourced; number", False),
        ("plan", "credits.expiry_months", "sourced; whole number or none", True),
        ("scenario", "contract.spend_limits.organization", "number or unlimited", False),
        ("scenario", "contract.renewal.spend_limits", "keys, as `contract.spend_limits`", False),
        ("scenario", "contract.term_start", "date", True),
        ("scenario", "events[].date", "date", True),
        ("scenario", "contract.credits.payment", "one of: card, ach", False),
        ("rates", "models.*.prices.*.input_usd_per_mtok", "number", True),
        ("overlay", "changes.models.*.input_usd_per_mtok", "sourced; number", False),
    ],
)
def test_a_key_is_described_as_its_schema_says(name: str, path: str, what: str, required: bool) -> None:
    (key,) = [key for key in keys(name) if key.path == path]
    assert (key.what, key.required) == (what, required)
    assert key.meaning
