"""``planshift explain`` on a folder: what it prints, and when it refuses, because the run could not be made again."""

import csv
import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import planshift
from command import EXAMPLES, floats_in, run
from planshift.plans.files import folder
from planshift.problems import InputError
from planshift.reports.renewal.renewal import renew

SEATS = "seats_added_mid_term"


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The run of an example copied here, made from this folder: paths in its manifest are relative to it."""
    for name in ("limits_and_alerts.yaml", "usage_small.csv"):
        shutil.copy(EXAMPLES / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return planshift.simulate("limits_and_alerts.yaml").write("run")


@pytest.fixture(scope="module")
def seats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planshift.simulate(EXAMPLES / f"{SEATS}.yaml").write(tmp_path_factory.mktemp("runs") / SEATS)


def refusal(call: Callable[[], object]) -> list[str]:
    with pytest.raises(InputError) as caught:
        call()
    return [str(problem) for problem in caught.value.problems]


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


# --- what is printed ---------------------------------------------------------------------------------------------


def test_the_title_comes_first_and_then_the_calculation(seats: Path) -> None:
    answer = run("explain", seats, "--invoice", "2027-04-10")
    assert answer.status == 0
    assert answer.first.startswith("870.00 USD on 2027-04-10: 5 Enterprise seats added")
    lines = answer.out.splitlines()
    assert any(line.startswith("870.00   5 x 20.00 USD x 8 21/30 months [S2]") for line in lines)
    assert "- 1: Plans and pricing, https://claude.com/pricing" in lines
    assert any(line.startswith("- S2, with the current month counted whole: 900.00 USD, 30.00 more") for line in lines)
    assert f"- planshift explain {seats}" in lines


def test_quiet_prints_the_title_alone(seats: Path) -> None:
    assert run("explain", seats, "--quiet").out == (
        "Fifty seats in January, ten more in April: 14,670.00 USD on 3 invoices, days simulated 2027-01-01 to"
        " 2027-12-31.\n"
    )


def test_json_has_every_amount_as_text(seats: Path) -> None:
    data = run("explain", seats, "--invoice", "2027-04-10", "--json").data
    assert data["amount"] == "870.00"
    assert data["steps"][-1]["amount"] == "870.00"
    assert data["steps"][-1]["rule"] == "S2"
    assert [choice["value"] for choice in data["alternatives"]] == ["proration", "proration"]
    assert floats_in(data) == []
    assert data == json.loads(json.dumps(planshift.explain(seats, invoice="2027-04-10").facts()))


@pytest.mark.parametrize(
    ("language", "title", "step", "instead"),
    [
        (
            "de",
            "870,00 USD am 10.04.2027: 5 Enterprise-Lizenzen zusätzlich für den Rest der Laufzeit, 10.04.2027 bis"
            " 31.12.2027.",
            "5 x 20,00 USD x 8 21/30 Monate",
            "der laufende Monat voll gezählt",
        ),
        (
            "it",
            "870,00 USD il 10 apr 2027: 5 licenze Enterprise in più per il resto della durata contrattuale, dal 10 apr"
            " 2027 al 31 dic 2027.",
            "5 x 20,00 USD x 8 21/30 mesi",
            "mese in corso contato per intero",
        ),
    ],
)
def test_an_explanation_in_another_language(seats: Path, language: str, title: str, step: str, instead: str) -> None:
    english = run("explain", seats, "--invoice", "2027-04-10", "--json").data
    data = run("explain", seats, "--invoice", "2027-04-10", "--language", language, "--json").data
    assert (data["language"], data["title"], data["steps"][-1]["text"]) == (language, title, step)
    assert data["alternatives"][0]["other"] == instead
    assert all(command.endswith(f"--language {language}") for command in data["next"])
    # What is no text is the same in every language.
    assert list(data) == list(english)
    for name in ("level", "amount", "total", "rule"):
        assert [one[name] for one in data["steps"]] == [one[name] for one in english["steps"]]
    for name in ("plan", "value", "rule", "amount", "difference"):
        assert [one[name] for one in data["alternatives"]] == [one[name] for one in english["alternatives"]]


def test_a_language_without_labels_is_refused(seats: Path) -> None:
    answer = run("explain", seats, "--language", "fr")
    assert (answer.status, answer.err.partition(" - ")[0]) == (
        2,
        "--language: there are no labels in the language 'fr'",
    )


def test_another_language_needs_its_formats(seats: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planshift.reports.page.labels.find_spec", lambda name: None)
    assert run("explain", seats, "--quiet").status == 0
    assert run("explain", seats, "--language", "de").err == (
        "--language: an explanation in 'de' needs Babel, which is not installed - pip install 'planshift[report]'\n"
    )


def test_the_rules_that_steps_cite_are_named(seats: Path) -> None:
    found = planshift.explain(seats, invoice="2027-04-10")
    assert list(found.rules) == ["S2", "P3"]
    assert (
        "- S2: Added seats are charged for the rest of the term" in run("explain", seats, "--invoice", "2027-04-10").out
    )


def test_what_to_type_next_works(copied: Path) -> None:
    typed = ["planshift", "explain", "run"]
    for _ in range(3):
        answer = run(*typed[1:], "--json")
        typed = answer.data["next"][-1].split()
        assert typed[:3] == ["planshift", "explain", "run"]


def test_a_run_up_to_a_day_is_explained_up_to_it(copied: Path) -> None:
    bills = planshift.simulate("limits_and_alerts.yaml", as_of=date(2026, 10, 20))
    run_dir = bills.write("as_of")
    found = planshift.explain(run_dir, member="ben", month="2026-10")
    assert any("2026-10-01 to 2026-10-20" in part for part in found.parts)
    assert any("its usage period had not ended in the run" in step.text for step in found.steps)


def test_a_run_of_a_shipped_scenario_is_explained_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_dir = planshift.simulate(folder("scenarios") / "seats_only.yaml").write(tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    assert planshift.explain(run_dir).amount > 0


# --- renewals and comparisons ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_pictures")
def test_the_invoices_of_a_renewal_are_explained(tmp_path: Path) -> None:
    run_dir = renew(EXAMPLES / "renewal_standard_premium.yaml").write(tmp_path / "run")
    listed = [line.split(",") for line in (run_dir / "invoices.csv").read_text().splitlines()[1:]]
    found = planshift.explain(run_dir)
    assert str(found.amount) == f"{sum(float(line[7]) for line in listed):.2f}"
    # The usage file ends in November: later months repeat it.
    line = planshift.explain(run_dir, invoice="2027-02-01", member="ada")
    assert any("of them repeat earlier days, as the usage file ends before" in step.text for step in line.steps)
    assert any(step.text.startswith("It adds up, to the nano-dollar") for step in line.steps)
    assert refusal(lambda: planshift.explain(run_dir, month="2026-09"))[0].startswith("--month: the run has no usage")


@pytest.mark.usefixtures("no_pictures")
def test_the_old_plan_of_a_renewal_is_explained_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_dir = renew(folder("scenarios") / "renewal_demo.yaml").write(tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    found = planshift.explain(run_dir, plan="legacy_standard_premium")
    assert found.title.startswith("Counterfactual: ")
    rows = rows_of(run_dir / "counterfactual_invoices.csv")
    assert found.amount == sum(Decimal(row["amount"]) for row in rows)
    usage = next(row for row in rows if row["kind"] == "usage")
    line = planshift.explain(run_dir, plan="legacy_standard_premium", invoice=usage["date"], member=usage["user_id"])
    assert line.amount == Decimal(usage["amount"])
    assert all("--plan legacy_standard_premium" in step for step in found.next)
    assert refusal(lambda: planshift.explain(run_dir, plan="enterprize")) == [
        "--plan: the folder has no results on 'enterprize' - did you mean 'enterprise'?"
    ]


@pytest.mark.usefixtures("no_pictures")
def test_a_comparison_is_explained_side_by_side_and_plan_by_plan(tmp_path: Path) -> None:
    plans = ["legacy_chat_claude_code", "enterprise"]
    found = planshift.compare(EXAMPLES / "renewal_chat_claude_code.yaml", plans)
    run_dir = found.write(tmp_path / "run")
    whole = planshift.explain(run_dir)
    costs = [step.amount for step in whole.steps if step.total]
    assert costs == [Decimal(row["cost"]) for row in rows_of(run_dir / "totals.csv")]
    for part in whole.parts.values():
        assert sum(step.amount or 0 for step in part if not step.total) == part[-1].amount
    month = rows_of(run_dir / "months.csv")[0]["month"]
    shown = [step.amount for step in planshift.explain(run_dir, month=month).steps if step.total]
    rows = [row for row in rows_of(run_dir / "months.csv") if row["month"] == month]
    assert shown == [Decimal(row["cost"]) for row in rows]
    for plan in plans:
        lines = [row for row in rows_of(run_dir / "invoices.csv") if row["plan"] == plan]
        assert planshift.explain(run_dir, plan=plan).amount == sum(Decimal(row["amount"]) for row in lines)
        day = lines[-1]["date"]
        last = sum(Decimal(row["amount"]) for row in lines if row["date"] == day)
        assert planshift.explain(run_dir, plan=plan, invoice=day).amount == last
    (said,) = refusal(lambda: planshift.explain(run_dir, invoice="2026-11-01"))
    assert said.endswith("add --plan legacy_chat_claude_code, or enterprise")


@pytest.mark.usefixtures("no_pictures")
def test_a_forecast_is_explained_by_month_and_by_account(tmp_path: Path) -> None:
    portfolio = folder("scenarios") / "portfolios" / "forty_accounts.yaml"
    run_dir = planshift.forecast(portfolio, draws=2, months=3, scenario="base", jobs=1).write(tmp_path / "run")
    whole = planshift.explain(run_dir)
    summary = rows_of(run_dir / "summary.csv")
    recognised = next(row for row in summary if row["measure"] == "recognised" and row["period"] == "total")
    assert whole.amount == Decimal(recognised["mean"])
    month = planshift.explain(run_dir, month="2027-02")
    for part in month.parts.values():
        *steps, last = part
        assert abs(sum(step.amount or 0 for step in steps) - (last.amount or 0)) <= Decimal("0.005") * len(part)
    assert "Receivable: invoiced and not paid" in month.parts
    row = rows_of(run_dir / "accounts.csv")[0]
    account = planshift.explain(run_dir, account=row["account_id"])
    assert account.amount == Decimal(row["recognised"])
    assert row["title"] in account.title
    assert refusal(lambda: planshift.explain(run_dir, account="nobody"))[0].startswith("--account: the forecast has no")
    assert refusal(lambda: planshift.explain(run_dir, member="ada"))[0].startswith("--member: a forecast has sums")


def test_amounts_are_printed_in_cents(seats: Path, copied: Path) -> None:
    for words in ([copied], [copied, "--member", "ada", "--month", "2026-10"], [seats]):
        assert not re.search(r"\d\.\d{9}", run("explain", *words).out)


def test_what_is_no_run_of_a_contract_is_not_explained(copied: Path) -> None:
    manifest = json.loads((copied / "manifest.json").read_text())
    manifest["run"]["command"] = "scenario show"
    (copied / "manifest.json").write_text(json.dumps(manifest))
    assert refusal(lambda: planshift.explain(copied)) == [
        "run: `planshift scenario show` wrote it, whose results are not explained line by line - run"
        " `planshift simulate … --out` on the scenario, and explain that folder"
    ]


# --- the files are no longer the same ----------------------------------------------------------------------------


def test_every_input_that_changed_or_is_missing_is_named(copied: Path) -> None:
    Path("limits_and_alerts.yaml").write_text(Path("limits_and_alerts.yaml").read_text() + "# more\n")
    Path("usage_small.csv").unlink()
    assert refusal(lambda: planshift.explain(copied)) == [
        "limits_and_alerts.yaml: the file was changed after the run - undo the change, or run it again with --out, and"
        " explain that folder",
        "usage_small.csv: the run was made from this file, which is missing - put it back, go to the folder in which"
        " the run was started, or run it again with --out, and explain that folder",
    ]
    assert run("explain", copied).status == 2


def test_a_run_is_explained_from_the_folder_it_was_started_in(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert "missing" in refusal(lambda: planshift.explain(tmp_path / "run"))[0]
    monkeypatch.chdir(tmp_path)
    assert planshift.explain("run").amount > 0


def test_a_table_that_was_changed_is_not_explained(copied: Path) -> None:
    table = copied / "invoices.csv"
    table.write_text(table.read_text().replace("110.00", "111.00"))
    assert refusal(lambda: planshift.explain(copied)) == [
        "run/invoices.csv: the file was changed after the run - run it again with --out, and explain that folder"
    ]
    table.unlink()
    assert refusal(lambda: planshift.explain(copied))[0].startswith("run/invoices.csv: the file is missing")


def test_a_run_of_a_planshift_that_billed_otherwise_is_not_explained(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planshift.billing.charges.nano_text", lambda nanos: "0.000000000")
    (said,) = refusal(lambda: planshift.explain(copied))
    version = planshift.__version__
    assert said.startswith(f"run/invoices.csv: planshift {version} wrote it, and {version} computes it otherwise - ")


def test_a_plan_that_came_between_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").mkdir()
    run_dir = planshift.simulate(EXAMPLES / f"{SEATS}.yaml", plans="own").write("run")
    assert planshift.explain(run_dir).amount > 0
    shutil.copy(folder("plans") / "enterprise.yaml", tmp_path / "own")
    assert refusal(lambda: planshift.explain(run_dir)) == [
        "own/enterprise.yaml: the file is read now, but the run was not made from it as it is - move it away, or run it"
        " again with --out, and explain that folder"
    ]


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"made_by": "somebody"}', '{"made_by": "planshift", "run": 1}'])
def test_a_folder_that_is_no_run(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    fact = "this is not the folder of a run of planshift - name a folder that `planshift simulate`, `renew`, `compare`"
    fact += " or `forecast` wrote with --out"
    assert refusal(lambda: planshift.explain(tmp_path)) == [f"{tmp_path}: {fact}"]


def test_no_folder_at_all(tmp_path: Path, seats: Path) -> None:
    assert "there is no such folder" in refusal(lambda: planshift.explain(tmp_path / "nowhere"))[0]
    assert "this is a file" in refusal(lambda: planshift.explain(seats / "invoices.csv"))[0]


# --- selections that fit nothing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "--invoice 2026-11-02",
            "--invoice: there is no invoice on 2026-11-02 - did you mean 2026-11-01? There are invoices on 2026-10-01,"
            " 2026-11-01 and 2026-12-01",
        ),
        (
            "--invoice 2026-11-01 --kind seat_fee",
            "--kind: there is no invoice of kind seat_fee on 2026-11-01 - on that day there is usage",
        ),
        ("--invoice 2026-11-01 --kind usag", "--kind: 'usag' is not a kind of invoice - did you mean 'usage'?"),
        (
            "--invoice 2026-11-01 --line 4",
            "--line: there is no line 4 on 2026-11-01 - there are the lines 1 to 3",
        ),
        (
            "--invoice 2026-11-01 --line 1 --member ben",
            "--member: line 1 of the invoice is for ada, not for 'ben' - leave --member or --line out",
        ),
        ("--member bn", "--member: 'bn' is not a member - did you mean 'ben'?"),
        (
            "--invoice 2026-10-01 --member ben",
            "--member: 'ben' has no line on 2026-10-01 - no line of that day is for a single member",
        ),
        (
            "--member ben --month 2027-01",
            "--month: the run has no usage of 2027-01 - it has 2026-10 to 2026-11",
        ),
        ("--month October", "--month: 'October' is not a month - write it as 2026-10"),
        ("--invoice 2026-13-01", "--invoice: '2026-13-01' is not a date - write it as 2026-10-31"),
        ("--line 1", "--line: --line 1 is of no invoice - add --invoice DATE"),
        ("--kind usage", "--kind: --kind usage is of no invoice - add --invoice DATE"),
        (
            "--invoice 2026-11-01 --month 2026-11",
            "--month: --month chooses a month of usage and --invoice an invoice: both together are no selection - leave"
            " one of them out",
        ),
        (
            "--invoice 2026-11-01 --kind seat_fee --member ben",
            "--member: a line of kind seat_fee is for the whole organization, not for 'ben' - leave --member out, or"
            " ask for --kind usage",
        ),
    ],
)
def test_what_fits_nothing_is_said_with_what_there_is(copied: Path, words: str, said: str) -> None:
    answer = run("explain", copied, *words.split())
    assert (answer.status, answer.out, answer.err) == (2, "", f"{said}\n")


def test_several_mistakes_are_said_at_once(copied: Path) -> None:
    answer = run("explain", copied, "--invoice", "x", "--kind", "usag", "--month", "y")
    assert [line.partition(":")[0] for line in answer.err.splitlines()] == ["--invoice", "--kind", "--month", "--month"]


def test_a_number_that_several_kinds_have(tmp_path: Path) -> None:
    run_dir = planshift.simulate(EXAMPLES / "renewal_standard_premium.yaml").write(tmp_path / "run")
    answer = run("explain", run_dir, "--invoice", "2026-10-17", "--line", "1")
    assert answer.err == (
        "--line: on 2026-10-17 there is a line 1 of each kind: usage and seat_fee - add --kind usage, or another of"
        " them\n"
    )
