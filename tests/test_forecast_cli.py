"""``planshift forecast``: the answer, the folder, errors before anything is calculated, and the same in one line."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

import planshift
from command import floats_in, run
from pages import pdf_text
from planshift.forecasting.checkpoint import WorkFolder
from planshift.forecasting.forecasting import forecast as forecast_of
from planshift.forecasting.varied import variants
from planshift.impact.answers.levels import shipped_levels
from planshift.plans.catalogue import load_catalogue
from planshift.plans.files import folder as shipped
from planshift.portfolio.load import read_portfolio
from planshift.reports.forecast.cube import Target
from planshift.reports.forecast.provenance import Provenance
from portfolio_runs import rows

PORTFOLIO = """\
kind: portfolio
title: Customers of the north
horizon: {start: 2026-11-01, months: 6, lead_in_months: 2}
accounts: [accounts.csv]
seed: 7
draws: 3
mixes:
  mixed:
    standard: {engineer: 0.5, analyst: 0.5}
    premium: {heavy_engineer: 1}
    enterprise: {engineer: 0.5, analyst: 0.5}
breakage: {method: on_expiry, assumed: true, note: Nobody has said otherwise.}
shocks:
  growth: {annual_mean: 0.2, annual_sd: 0.1, assumed: true, note: A guess.}
  token_price:
    - {from: 2027-01-01, factor: 0.9, probability: 0.5, reference: https://prices.example}
targets:
  recognised: {amount: 100000}
scenarios:
  base: {title: As it stands}
  low: {title: Few renew, renewal_probability: -0.2}
"""
ALWAYS = (
    *("summary", "months", "counts", "rollforward", "arr_bridge", "calendar", "cohorts"),
    *("renewals", "movers", "accounts", "draws", "checks"),
)
PICTURES = ("recognised", "paid", "plans", "arr_bridge", "deferred", "renewals")


def write_accounts(folder: Path, count: int = 6) -> Path:
    listed = rows(count)
    file = folder / "accounts.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(dict.fromkeys(name for row in listed for name in row)))
        writer.writeheader()
        writer.writerows(listed)
    return file


@pytest.fixture
def portfolio(tmp_path: Path) -> Path:
    folder = tmp_path / "portfolio"
    folder.mkdir()
    write_accounts(folder)
    file = folder / "north.yaml"
    file.write_text(PORTFOLIO, encoding="utf-8")
    return file


def csv_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@pytest.fixture
def nothing_calculated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever calculates anything fails."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("something was calculated")

    monkeypatch.setattr("planshift.reports.forecast.forecast.forecast_of", never)


# --- the answer -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_pictures")
def test_the_answer_comes_first_then_tables_then_where_the_files_are(portfolio: Path, tmp_path: Path) -> None:
    answer = run("forecast", portfolio, "--out", tmp_path / "out")
    assert (answer.status, answer.err) == (0, "")
    assert answer.first.startswith("Customers of the north (As it stands): ")
    assert " USD recognised in the median of 3 simulations of 6 months (8 in 10 between " in answer.first
    assert " from 2026-11 to 2027-04, " in answer.first
    assert "The target of 100,000 USD recognised is missed in " in answer.out
    order = [
        "Over the horizon in 3 draws, US dollars; means add up, percentiles do not",
        "Months (As it stands), means over the draws, US dollars",
        "Notes",
        "- Token prices: times 0.9 from 2027-01-01 on, with a probability of 50 %, once for all accounts."
        " [https://prices.example]",
        "Assumed, as it is published nowhere",
        "- Usage grows by 20 % a year, standard deviation 10 %, alike for all accounts. A guess.",
        "- Credits that expire are recognised on the day on which they do. Nobody has said otherwise.",
        f"Written to {tmp_path / 'out'}: summary.csv, scenarios.csv, ",
    ]
    places = [answer.out.index(line) for line in order]
    assert places == sorted(places)
    assert not (tmp_path / ".out.work").exists()


@pytest.mark.usefixtures("no_pictures")
def test_quiet_prints_the_sentence_alone_and_json_the_same_numbers(portfolio: Path, tmp_path: Path) -> None:
    words = ("forecast", portfolio, "--scenario", "base")
    quiet = run(*words, "--quiet").out
    found = run(*words, "--json", "--out", tmp_path / "out").data
    assert quiet == found["answer"] + "\n"
    assert floats_in(found) == []
    assert (found["draws"], found["seed"], found["accounts"], found["checks_hold"]) == (3, 7, 6, True)
    assert (found["from"], found["to"], list(found["scenarios"])) == ("2026-11", "2027-04", ["base"])
    for name in ("summary", "rollforward", "calendar"):
        shown = csv_rows(tmp_path / "out" / f"{name}.csv")
        assert len(found["tables"][name]) == len(shown)
        for one, other in zip(found["tables"][name], shown, strict=True):
            assert {key: "" if cell is None else str(cell) for key, cell in one.items()} == other
    assert sorted(found["files"]) == sorted(path.name for path in (tmp_path / "out").iterdir())


@pytest.mark.usefixtures("no_pictures")
def test_the_folder_holds_tables_charts_and_what_they_were_made_from(portfolio: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("forecast", portfolio, "--out", out, "--quiet").status == 0
    tables, pictures = (*ALWAYS, "scenarios"), (*PICTURES, "scenarios")
    wanted = {*(f"{name}.csv" for name in tables), *(f"{name}.png" for name in pictures), "manifest.json"}
    assert {path.name for path in out.iterdir()} == wanted
    manifest = json.loads((out / "manifest.json").read_bytes())
    inputs = [one["path"] for one in manifest["inputs"]]
    assert inputs[:2] == [str(portfolio), str(portfolio.parent / "accounts.csv")]
    assert {f"plans/cases/plans/{plan}.yaml" for plan in ("enterprise", "legacy_standard_premium")} < set(inputs)
    assert len(inputs) == len(set(inputs))
    assert manifest["seed"] == 7
    assert {row["ok"] for row in csv_rows(out / "checks.csv")} == {"yes"}
    assert {row["scenario"] for row in csv_rows(out / "months.csv")} == {"base", "low"}
    assert len(csv_rows(out / "accounts.csv")) == 6


@pytest.mark.usefixtures("no_pictures")
def test_options_go_before_the_portfolios_own_and_the_manifests_command_makes_it_again(
    portfolio: Path, tmp_path: Path
) -> None:
    out, again = tmp_path / "out", tmp_path / "again"
    asked = ["--start", "2026-12-01", "--months", 3, "--draws", 2, "--seed", 5, "--scenario", "low"]
    more = ["--target", "paid=90000", "--target", "recognised=1", "--parquet", "--quiet"]
    assert run("forecast", portfolio, *asked, *more, "--out", out).status == 0
    summary = csv_rows(out / "summary.csv")
    assert {(row["measure"], row["target"]) for row in summary if row["target"]} == {
        ("paid", "90000.00"),
        ("recognised", "1.00"),
    }
    assert {row["month"] for row in csv_rows(out / "months.csv")} == {"2026-12", "2027-01", "2027-02"}
    assert {row["draw"] for row in csv_rows(out / "draws.csv")} == {"0", "1"}
    command = json.loads((out / "manifest.json").read_bytes())["command"].split()
    assert run(*command[1:], "--out", again, "--quiet").status == 0
    for path in out.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name
    assert (out / "months.parquet").is_file()


@pytest.mark.usefixtures("no_pictures")
def test_a_scenario_alone_is_the_same_as_beside_the_others(portfolio: Path, tmp_path: Path) -> None:
    both, one = tmp_path / "both", tmp_path / "one"
    assert run("forecast", portfolio, "--out", both, "--quiet").status == 0
    assert run("forecast", portfolio, "--out", one, "--scenario", "low", "--backend", "serial", "--quiet").status == 0
    for name in ("months", "rollforward", "arr_bridge", "calendar"):
        low = [row for row in csv_rows(both / f"{name}.csv") if row["scenario"] == "low"]
        assert low == csv_rows(one / f"{name}.csv")
    assert not (one / "scenarios.csv").exists()


def test_accounts_alone_need_a_start_and_a_length_and_have_one_draw(tmp_path: Path) -> None:
    file = write_accounts(tmp_path, 4)
    usage = (shipped("scenarios") / "midsize_premium.yaml").read_text(encoding="utf-8")
    (tmp_path / "usage.yaml").write_text(usage, encoding="utf-8")
    file.write_text(file.read_text(encoding="utf-8").replace(",mixed,", ",usage.yaml,"), encoding="utf-8")
    refused = run("forecast", file)
    assert refused.status == 2
    assert "--months: " in refused.err
    assert "--start: " in refused.err
    found = run("forecast", file, "--start", "2026-11-01", "--months", 3, "--json").data
    assert (found["draws"], found["title"], list(found["scenarios"])) == (1, "accounts", ["base"])
    assert "draw" not in found["answer"]
    assert not any("Usage grows" in said for said in found["assumed"])


@pytest.mark.usefixtures("no_pictures")
def test_the_tornado_tries_one_thing_after_the_other(portfolio: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    answer = run("forecast", portfolio, "--scenario", "base", "--tornado", "--out", out)
    assert "What it depends on: P50 of the first 3 draws, US dollars" in answer.out
    tornado = csv_rows(out / "tornado.csv")
    inputs = {"usage", "growth", "token_price", "renewal_probability", "seat_change"}
    assert {row["input"] for row in tornado} == inputs
    assert {row["measure"] for row in tornado} == {"booked", "billed", "paid", "recognised", "deferred"}
    values = {row["input"]: (row["low_value"], row["high_value"]) for row in tornado}
    assert values["usage"] == ("× 0.8", "× 1.2")
    assert values["token_price"] == ("as they are", "changed")
    assert values["renewal_probability"] == ("5 points less", "5 points more")
    summary = {row["measure"]: row["p50"] for row in csv_rows(out / "summary.csv") if row["period"] == "total"}
    assert {(row["measure"], row["base"]) for row in tornado} == {
        (row["measure"], summary[row["measure"]]) for row in tornado
    }
    assert (out / "tornado.png").is_file()
    used = next(row for row in tornado if (row["input"], row["measure"]) == ("usage", "recognised"))
    assert float(used["low"]) < float(used["base"]) < float(used["high"])


@pytest.mark.usefixtures("no_pictures")
def test_a_workbook_and_parquet_stand_beside_the_tables(portfolio: Path, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter", reason="workbooks need the extra `excel`")
    out = tmp_path / "out"
    assert run("forecast", portfolio, "--out", out, "--xlsx", "--parquet", "--quiet").status == 0
    assert (out / "forecast.xlsx").read_bytes().startswith(b"PK")
    assert {path.stem for path in out.glob("*.parquet")} == {path.stem for path in out.glob("*.csv")}
    listed = json.loads((out / "manifest.json").read_bytes())
    assert listed["command"].endswith(" --parquet --xlsx")
    assert listed["run"]["switches"] == ["--parquet", "--xlsx"]


@pytest.mark.usefixtures("no_pictures")
def test_focus_files_hold_the_charges_of_each_scenario(portfolio: Path, tmp_path: Path) -> None:
    out, one = tmp_path / "out", tmp_path / "one"
    assert run("forecast", portfolio, "--focus", "--out", out, "--quiet").status == 0
    assert {path.name for path in out.glob("focus*")} == {"focus_base.csv", "focus_low.csv"}
    assert {row["x_Scenario"] for row in csv_rows(out / "focus_low.csv")} == {"low"}
    notes = json.loads((out / "manifest.json").read_bytes())["warnings"]
    assert notes[-3] == "focus_base.csv and focus_low.csv: the charges of the first draw alone."
    assert notes[-1].startswith("focus_low.csv goes beyond the forecast by ")
    assert run("forecast", portfolio, "--focus", "--out", one, "--quiet", "--scenario", "low").status == 0
    assert (one / "focus.csv").read_bytes() == (out / "focus_low.csv").read_bytes()


def test_the_page_for_colleagues_has_everything_in_one_file(portfolio: Path, tmp_path: Path) -> None:
    pytest.importorskip("jinja2", reason="pages need the extra `report`")
    out, again = tmp_path / "out", tmp_path / "again"
    text = portfolio.read_text(encoding="utf-8")
    portfolio.write_text(text.replace("Customers of the north", "<b>Customers</b> & others"), encoding="utf-8")
    words = ("forecast", portfolio, "--report", "--tornado", "--quiet")
    answer = run(*words, "--out", out)
    assert (answer.status, answer.err) == (0, "")
    page = (out / "forecast.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;Customers&lt;/b&gt; &amp; others" in page
    assert "<b>Customers" not in page
    assert "http" not in page.replace("http-equiv", "").replace("https://prices.example", "")
    manifest = json.loads((out / "manifest.json").read_bytes())
    for said in (*manifest["warnings"], *manifest["assumed"], *manifest["pictures"].values()):
        assert said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in page
    # Each picture is there twice: wide, and narrow for a telephone.
    assert page.count("<svg ") == 2 * len(manifest["pictures"])
    total = next(row for row in csv_rows(out / "summary.csv") if row["measure"] == "paid")
    assert f"{int(total['mean'].split('.')[0]):,}.{total['mean'].split('.')[1]}" in page
    assert "All 26 checks hold." in page
    assert run(*words, "--out", again).status == 0
    for name in ("forecast.html", "forecast.pdf"):
        assert (again / name).read_bytes() == (out / name).read_bytes()
    assert "<b>Customers</b> & others" in pdf_text((out / "forecast.pdf").read_bytes())


def test_what_is_assumed_and_who_pays_when_come_from_the_portfolio(portfolio: Path) -> None:
    read = read_portfolio(portfolio, load_catalogue())
    provenance = Provenance.of(read, ["base", "low"], {"enterprise", "legacy_standard_premium"})
    assert (provenance.title, provenance.seed, provenance.accounts) == ("Customers of the north", 7, 6)
    assert [(terms.days, terms.accounts) for terms in provenance.payment] == [(0, 2), (14, 2), (30, 1), (60, 1)]
    assert [(shock.scenario, shock.title, shock.size) for shock in provenance.shocks[:2]] == [
        ("base", "Growth of usage", "20 % a year, standard deviation 10 %"),
        ("base", "Token prices", "times 0.9"),
    ]
    assert provenance.shocks[0].source == "assumed: A guess."
    assert provenance.targets == (Target("recognised", 10_000_000),)
    said = [one.text for one in provenance.assumed]
    assert said[0].startswith("Usage grows by 20 % a year")
    assert "Credits do not expire." in said
    # Every account has prices of its own: the plan's examples do not count.
    assert not any("Standard seat: 40.00 USD" in one for one in said)
    assert provenance.rests_on == (
        "Token prices: times 0.9 from 2027-01-01 on, with a probability of 50 %, once for all accounts."
        " [https://prices.example]",
    )


def test_a_plans_example_price_is_assumed_where_an_account_has_no_own(portfolio: Path) -> None:
    file = portfolio.parent / "accounts.csv"
    listed = csv_rows(file)
    listed[0]["seat_price_standard"] = ""
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(listed[0]))
        writer.writeheader()
        writer.writerows(listed)
    provenance = Provenance.of(read_portfolio(portfolio, load_catalogue()), ["base"], {"legacy_standard_premium"})
    assert any("Standard seat: 40.00 USD" in one.text for one in provenance.assumed)
    assert not any("Premium seat: 200.00 USD" in one.text for one in provenance.assumed)


def test_what_is_tried_meets_the_same_draws(portfolio: Path) -> None:
    read = read_portfolio(portfolio, load_catalogue())
    nothing = replace(shipped_levels(), usage=Fraction(0), renewals=Fraction(0), seats=Fraction(0))
    base = forecast_of(read, scenario="low", draws=2)
    tried = {one.key: one for one in variants(replace(read, draws=2), "low", nothing)}
    assert list(tried) == ["usage", "growth", "token_price", "renewal_probability", "seat_change"]
    for key in ("usage", "renewal_probability", "seat_change"):
        for side in (tried[key].low, tried[key].high):
            found = forecast_of(side, scenario="low")
            for cell, amounts in base.cells.items():
                assert (found.cells[cell] == amounts).all()


# --- what is refused --------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[list[object], str]] = {
    "no such scenario": (["--scenario", "lwo"], "the portfolio has no scenario 'lwo' - did you mean 'low'?"),
    "no draws": (["--draws", 0], "--draws: 0 is less than 1 - ask for one draw or more, such as 1000"),
    "a negative seed": (["--seed", -1], "--seed: -1 is less than 0"),
    "no months": (["--months", 0], "--months: 0 is less than 1"),
    "no processes": (["--jobs", 0], "--jobs: 0 is less than 1"),
    "the middle of a month": (["--start", "2026-11-15"], "--start: 2026-11-15 is not the first day of a month"),
    "no date": (["--start", "soon"], "--start: 'soon' is not a date"),
    "no measure": (["--target", "payd=7"], "--target: 'payd=7' names no measure - did you mean 'paid'?"),
    "no backend": (["--backend", "cluster"], "there is no backend 'cluster' - use one of: serial, processes, dask"),
    "nowhere to go on": (["--resume"], "--resume: there is no folder to write to, or to go on with - add --out DIR"),
    "nowhere for a workbook": (["--xlsx"], "--xlsx: there is no folder"),
    "charges of a coarse forecast": (["--coarse", "--focus", "--out", "OUT"], "--focus: charges are made day by day"),
    "nowhere for a page": (["--report"], "--report: there is no folder"),
    "nowhere for Parquet": (["--parquet"], "--parquet: there is no folder"),
}


@pytest.mark.usefixtures("nothing_calculated")
@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_refused_before_anything_is_calculated(what: str, portfolio: Path) -> None:
    words, said = REFUSED[what]
    out = portfolio.parent.parent / "out"
    answer = run("forecast", portfolio, *(out if word == "OUT" else word for word in words))
    assert answer.status == 2
    assert said in answer.err
    assert answer.out == ""
    assert not out.exists()


@pytest.mark.usefixtures("nothing_calculated")
def test_a_folder_that_is_not_ours_is_refused_before_anything_is_calculated(portfolio: Path, tmp_path: Path) -> None:
    answer = run("forecast", portfolio, "--out", portfolio.parent)
    assert answer.status == 1
    assert "was not made by planshift" in answer.err
    assert sorted(path.name for path in portfolio.parent.iterdir()) == ["accounts.csv", "north.yaml"]


@pytest.mark.usefixtures("nothing_calculated")
def test_a_segment_called_all_is_refused_with_its_row(portfolio: Path) -> None:
    file = portfolio.parent / "accounts.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",large,", ",all,", 1), encoding="utf-8")
    answer = run("forecast", portfolio)
    assert answer.status == 2
    assert f"{file}:3" in answer.err
    assert "a segment is called 'all'" in answer.err


@pytest.mark.usefixtures("nothing_calculated")
def test_a_missing_package_is_said_with_what_to_install(
    portfolio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("asked", "workbook"):
        place = "planshift.reports.workbook.book" if module == "workbook" else "planshift.reports.forecast.options"
        monkeypatch.setattr(f"{place}.find_spec", lambda name: None)
    answer = run("forecast", portfolio, "--out", tmp_path / "out", "--xlsx", "--parquet")
    assert answer.status == 2
    assert "--parquet: Parquet needs the package pyarrow, which is not installed - pip install" in answer.err
    assert "--xlsx: a workbook needs XlsxWriter, which is not installed - pip install" in answer.err


# --- a run that is stopped --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_pictures")
def test_a_run_that_is_stopped_goes_on_with_resume(
    portfolio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import planshift.forecasting.forecasting as forecasting

    out, whole = tmp_path / "out", tmp_path / "whole"
    words = ["forecast", portfolio, "--scenario", "base", "--backend", "serial", "--quiet"]
    monkeypatch.setattr(forecasting, "BLOCK", 1)
    assert run(*words, "--out", whole).status == 0
    work_of: Callable[..., Callable[[range], bytes]] = forecasting._work_of
    begun: list[range] = []

    def stopping(*arguments: object) -> Callable[[range], bytes]:
        work = work_of(*arguments)

        def one(block: range) -> bytes:
            if len(begun) == 3:
                raise KeyboardInterrupt
            begun.append(block)
            return work(block)

        return one

    monkeypatch.setattr(forecasting, "_work_of", stopping)
    stopped = run(*words, "--out", out)
    assert stopped.status == 130
    assert f"what is finished is kept in {tmp_path / '.out.work'}: --resume goes on with it" in stopped.err
    assert not out.exists()
    assert len(begun) == 3
    assert WorkFolder.beside(out, resume=True).path.is_dir()
    monkeypatch.setattr(forecasting, "_work_of", counting(work_of, begun))
    assert run(*words, "--out", out, "--resume").status == 0
    assert sorted(begun, key=lambda block: block.start) == [range(number, number + 1) for number in range(6)]
    for path in whole.iterdir():
        assert path.read_bytes() == (out / path.name).read_bytes(), path.name
    assert not WorkFolder.beside(out, resume=True).path.exists()


def counting(
    work_of: Callable[..., Callable[[range], bytes]], begun: list[range]
) -> Callable[..., Callable[[range], bytes]]:
    """The same work, which notes its blocks."""

    def noted(*arguments: object) -> Callable[[range], bytes]:
        work = work_of(*arguments)

        def one(block: range) -> bytes:
            begun.append(block)
            return work(block)

        return one

    return noted


def test_ctrl_c_writes_nothing(portfolio: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [sys.executable, "-m", "planshift.cli", "forecast", str(portfolio), "--draws", "4000", "--out", str(out)]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )
    try:
        time.sleep(4)
        os.kill(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "interrupted: nothing was written" in err
    assert not out.exists()


# --- in one line ------------------------------------------------------------------------------------------------------


def test_a_forecast_takes_one_line(portfolio: Path) -> None:
    ahead = planshift.forecast(portfolio, draws=2, scenario="base", targets=["paid=50000"])
    assert isinstance(ahead, planshift.ForecastResult)
    assert ahead.answer.startswith("Customers of the north (As it stands): ")
    rolled = ahead.tables["rollforward"]
    assert list(rolled.columns[:4]) == ["scenario", "month", "balance", "title"]
    assert str(rolled["closing"].iloc[0]) == str(rolled["opening"].iloc[1])
    assert ahead.tables["draws"]["draw"].tolist() == [0, 1]
    told: list[tuple[int, int]] = []
    planshift.forecast(portfolio, draws=1, backend="serial", progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (12, 12)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_mistakes_are_raised_with_their_places(portfolio: Path) -> None:
    with pytest.raises(planshift.InputError) as caught:
        planshift.forecast(portfolio, targets=["paid"], months=0)
    assert [problem.place.file for problem in caught.value.problems] == ["--months", "--target"]
