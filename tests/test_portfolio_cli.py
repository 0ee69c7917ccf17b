"""`planshift portfolio`: what it writes, what it prints, and how it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command import run
from portfolios import ENTERPRISE, HEAD, LEGACY, SHIPPED, csv_of


def test_a_sample_is_written_whole_and_said_in_one_sentence(tmp_path: Path) -> None:
    out = tmp_path / "made"
    answer = run("portfolio", "sample", "--accounts", "12", "--seed", "4", "--out", str(out), "--quiet")
    assert answer.status == 0, answer.err
    assert answer.first.startswith("An invented portfolio of 12 accounts: ")
    assert answer.out.count("\n") == 1
    assert {path.name for path in out.iterdir()} == {"accounts.csv", "portfolio.yaml", "manifest.json"}
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"] == "planshift portfolio sample --accounts 12 --seed 4"
    assert [one["path"] for one in manifest["inputs"]] == ["scenarios/portfolio_sample.yaml"]


def test_the_same_command_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run("portfolio", "sample", "--accounts", "20", "--out", str(tmp_path / name)).status == 0
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--accounts", "0"), "--accounts: a portfolio has 1 to 1,000,000 accounts (got 0)"),
        (("--seed", "-1"), "--seed: it must be at least 0 (got -1)"),
        (("--start", "2027-01-15"), "--start: the horizon starts on 2027-01-15, inside a month"),
        (("--start", "soon"), "--start: 'soon' is not a date"),
    ],
)
def test_a_sample_that_cannot_be_is_refused_and_nothing_written(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    answer = run("portfolio", "sample", *words, "--out", str(tmp_path / "made"))
    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err
    assert not (tmp_path / "made").exists()


def test_check_says_what_is_in_a_portfolio() -> None:
    answer = run("portfolio", "check", str(SHIPPED))
    assert answer.status == 0, answer.err
    assert answer.first == (
        "Forty contracts of an invented seller: 16 accounts on enterprise, 11 accounts on legacy_chat_claude_code and"
        " 13 accounts on legacy_standard_premium, 3,926 members on 4,205 seats, to be forecast from 2027-01-01 for"
        " 24 months; 3 accounts move early and 1 contract begins in the horizon."
    )
    assert "Term starts" in answer.out


def test_check_says_the_same_as_json() -> None:
    facts = json.loads(run("portfolio", "check", str(SHIPPED), "--json").out)
    assert facts["total"] == {"name": "all", "accounts": 40, "members": 3926, "seats": 4205}
    for kind in ("plans", "segments", "regions", "term_starts"):
        assert sum(one["seats"] for one in facts[kind]) == 4205
    assert (facts["early"], facts["later"]) == (3, 1)
    assert facts["scenarios"] == ["base", "low", "high", "strict"]


def test_check_tells_every_mistake_with_its_row_and_column(tmp_path: Path) -> None:
    rows = [{**ENTERPRISE, "term_start": "soon"}, {**ENTERPRISE, "account_id": "b", "plan": "enterprize"}]
    (tmp_path / "accounts.csv").write_text(csv_of(rows), encoding="utf-8")
    (tmp_path / "portfolio.yaml").write_text(HEAD, encoding="utf-8")
    answer = run("portfolio", "check", str(tmp_path / "portfolio.yaml"))
    assert (answer.status, answer.out) == (2, "")
    places = [line.removeprefix(f"{tmp_path}/").split(": ")[0] for line in answer.err.splitlines()]
    assert places == ["accounts.csv:2:4", "accounts.csv:3:2"]


def test_an_overlay_of_a_scenario_that_changes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text(csv_of([ENTERPRISE]), encoding="utf-8")
    more = "scenarios: {low: {title: Low, overlays: [seat_price_18, seat_price_18]}}\n"
    (tmp_path / "portfolio.yaml").write_text(HEAD + more, encoding="utf-8")
    answer = run("portfolio", "check", str(tmp_path / "portfolio.yaml"))
    assert answer.status == 2
    assert "the overlay changes nothing" in answer.err


def test_a_file_of_accounts_alone_is_checked_over_the_days_that_are_given(tmp_path: Path) -> None:
    own = {"usage": str(SHIPPED.parents[1] / "research_institute.yaml"), "payment_days": "30"}
    row = {**LEGACY, **own, "renewal_probability": "0.9", "seat_change": "0"}
    (tmp_path / "accounts.csv").write_text(csv_of([row]), encoding="utf-8")
    path = str(tmp_path / "accounts.csv")
    assert "--start" in run("portfolio", "check", path).err
    answer = run("portfolio", "check", path, "--start", "2027-01-01", "--months", "12", "-q")
    assert answer.first == (
        "accounts: 1 account on legacy_standard_premium, 58 members on 70 seats,"
        " to be forecast from 2027-01-01 for 12 months."
    )


def test_the_schema_of_a_portfolio_is_printed() -> None:
    assert json.loads(run("schema", "portfolio").out)["title"] == "A portfolio of planshift"


def test_a_portfolio_is_checked_among_other_files(tmp_path: Path) -> None:
    assert run("plans", "check", str(SHIPPED)).status == 0
    (tmp_path / "portfolio.yaml").write_text(HEAD, encoding="utf-8")
    answer = run("plans", "check", str(tmp_path / "portfolio.yaml"))
    assert answer.status == 2
    assert "there is no file" in answer.err
