"""``planshift portfolio``: invented portfolios, and what is in one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planshift.cli.console import present, table, where, working
from planshift.cli.options import Json, Overlays, Plans, Quiet, read_day

if TYPE_CHECKING:
    from planshift.portfolio.portfolio import Contents, Count, Portfolio

app = typer.Typer(help="Portfolios: make one up, or see what is in one.", no_args_is_help=True, rich_markup_mode=None)

Accounts = Annotated[int, typer.Option("--accounts", metavar="N", help="Number of accounts to generate.")]
SampleSeed = Annotated[int, typer.Option("--seed", metavar="S", help="Random seed.")]
Target = Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write to.")]
Start = Annotated[
    str | None, typer.Option("--start", metavar="DATE", help="The first day of the horizon (default: the portfolio's).")
]
Months = Annotated[
    int | None, typer.Option("--months", metavar="N", help="Number of months (default: the portfolio's).")
]
PortfolioFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="A portfolio (YAML), or a file of accounts (CSV or Parquet).")
]
ACCOUNTS, PORTFOLIO = "accounts.csv", "portfolio.yaml"
MOST_MONTHS_SHOWN = 24


@app.callback()
def portfolio_group() -> None:
    """Portfolios: make one up, or see what is in one."""


@app.command("sample", short_help="Generate a realistic portfolio.")
def sample_command(
    out: Target,
    accounts: Accounts = 200,
    seed: SampleSeed = 1,
    start: Start = None,
    plans: Plans = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Generate a realistic portfolio: accounts.csv and portfolio.yaml, from scenarios/portfolio_sample.yaml.

    The same seed writes the same bytes, and more accounts change none of those before. The start is the first of a
    month.
    """
    first = read_day("--start", start)
    with working("Making up a portfolio", quiet=quiet):
        from planshift.plans.catalogue import load_catalogue
        from planshift.plans.files import folder
        from planshift.portfolio.load import read_portfolio
        from planshift.portfolio.portfolio import contents
        from planshift.portfolio.sample import FILE, checked_request, portfolio_text, sample
        from planshift.reports.folder import InputFile, check_target, write_folder

        checked_request(accounts, seed, first)
        check_target(out)
        catalogue = load_catalogue(plans)
        made = sample(accounts, seed, catalogue, first)
        files = {ACCOUNTS: made.csv(catalogue), PORTFOLIO: portfolio_text(made.portfolio)}
        inputs = [InputFile.of(folder("scenarios") / FILE, f"scenarios/{FILE}")]
        command = f"planshift portfolio sample --accounts {accounts} --seed {seed}"
        said = {"command": f"{command} --start {first}" if first else command, "seed": seed, "inputs": inputs}
        write_folder(out, files, said)
        portfolio = read_portfolio(out / PORTFOLIO, catalogue)
        found = contents(portfolio)
    answer = f"{_answer(portfolio, found)} Invented, from the seed {seed}."
    _present(answer, portfolio, found, out, as_json=as_json, quiet=quiet)


@app.command("check", short_help="Show what is in a portfolio, or what is wrong with it.")
def check_command(
    file: PortfolioFile,
    start: Start = None,
    months: Months = None,
    plans: Plans = None,
    overlay: Overlays = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what is in a portfolio: accounts and seats by plan, segment, region and month of term start.

    Where something is wrong with it, every mistake is listed with its file, row and column instead.
    """
    first = read_day("--start", start)
    with working("Checking", quiet=quiet):
        from planshift.plans.catalogue import load_catalogue
        from planshift.portfolio.load import read_portfolio
        from planshift.portfolio.portfolio import contents

        portfolio = read_portfolio(file, load_catalogue(plans, overlay or ()), start=first, months=months)
        for name in portfolio.scenarios:
            portfolio.under(name)
        found = contents(portfolio)
    _present(_answer(portfolio, found), portfolio, found, None, as_json=as_json, quiet=quiet)


def _answer(portfolio: Portfolio, found: Contents) -> str:
    from planshift.reports.words import counted, listed

    plans = listed(f"{counted(one.accounts, 'account')} on {one.name}" for one in found.plans)
    said = f"{portfolio.title}: {plans}, {counted(found.total.members, 'member')} on {found.total.seats:,} seats,"
    said += f" to be forecast from {portfolio.start} for {counted(portfolio.months, 'month')}"
    more = [f"{counted(found.early, 'account moves', 'accounts move')} early"] if found.early else []
    more += [f"{counted(found.later, 'contract begins', 'contracts begin')} in the horizon"] if found.later else []
    return f"{said}; {listed(more)}." if more else f"{said}."


def _present(
    answer: str, portfolio: Portfolio, found: Contents, out: Path | None, *, as_json: bool, quiet: bool
) -> None:
    from dataclasses import asdict

    files = (ACCOUNTS, PORTFOLIO, "manifest.json")

    def facts() -> dict[str, object]:
        written = {"out": str(out), "files": list(files)} if out else {}
        horizon = {"start": portfolio.start, "months": portfolio.months, "lead_in_months": portfolio.lead_in}
        names = {"scenarios": list(portfolio.scenarios), "mixes": list(portfolio.mixes), "draws": portfolio.draws}
        return {"answer": answer, "title": portfolio.title, **horizon, **names, **asdict(found), **written}

    def details() -> None:
        for title, name, counts in (
            ("Plans", "plan", found.plans),
            ("Segments", "segment", found.segments),
            ("Regions", "region", found.regions),
            ("Term starts", "month", found.term_starts),
        ):
            _counts(title, name, counts)
        where(files, out)

    present(answer, facts, details, as_json=as_json, quiet=quiet)


def _counts(title: str, name: str, counts: tuple[Count, ...]) -> None:
    rows = [[one.name, f"{one.accounts:,}", f"{one.members:,}", f"{one.seats:,}"] for one in counts[:MOST_MONTHS_SHOWN]]
    if len(counts) > MOST_MONTHS_SHOWN:
        rows.append([f"… and {len(counts) - MOST_MONTHS_SHOWN} more", "", "", ""])
    table(title, [name, "accounts", "members", "seats"], rows, numbers=["accounts", "members", "seats"])
