"""The commands together, and what becomes of their errors: text on standard error, and an exit status."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from planshift.cli import compare, demo, explain, forecast, plans, portfolio, renew, scenario, schema, simulate, usage
from planshift.cli.leaving import INPUT, OUTPUT, tell, told_when_stopped
from planshift.problems import InputError, PlanshiftError
from planshift.version import __version__


class Commands(TyperGroup):
    """The commands; an error of the library becomes its text and an exit status, any other one goes on."""

    def invoke(self, ctx: Any) -> Any:
        """What the command returns; SystemExit where it raised an error that people should read."""
        with told_when_stopped():
            try:
                return super().invoke(ctx)
            except InputError as error:
                raise SystemExit(tell(error, INPUT)) from None
            except PlanshiftError as error:
                raise SystemExit(tell(error, OUTPUT)) from None


app = typer.Typer(
    cls=Commands,
    name="planshift",
    help="What an organization pays under a Claude Enterprise plan, what it can do, and what changes at renewal.",
    epilog="Every command has --help. Exit status: 0 all is well, 1 a result cannot be written, 2 the input cannot be"
    " used (every mistake is listed, and nothing is written), 70 planshift itself is at fault, 130 interrupted,"
    " 143 terminated.",
    # Plain help text: the same in every terminal, and it needs nothing that takes long to load.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"planshift {__version__}")
        raise typer.Exit


@app.callback()
def planshift(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """What an organization pays under a Claude Enterprise plan, what it can do, and what changes at renewal."""


app.add_typer(plans.app, name="plans", short_help="Show, compare and check the plans.")
app.add_typer(scenario.app, name="scenario", short_help="Show what a scenario's usage will be like.")
app.add_typer(portfolio.app, name="portfolio", short_help="Make up a portfolio, or see what is in one.")
app.add_typer(usage.app, name="usage", short_help="Turn usage exports into usage files.")
app.command("simulate", short_help="Simulate a scenario: invoices, usage, stops.")(simulate.simulate)
app.command("compare", short_help="Compare plans: the same demand through each of them.")(compare.compare)
app.command("renew", short_help="Show what a renewal changes: cost, work, who gains and loses.")(renew.renew)
app.command("forecast", short_help="Forecast a portfolio: revenue, cash, what is deferred, what renews.")(
    forecast.forecast
)
app.command("demo", short_help="Renew a shipped scenario, with pictures.")(demo.demo)
app.command("explain", short_help="Explain an amount of a run: rules, sources, quantities.")(explain.explain)
app.command("schema", short_help="Print the JSON Schema of a kind of file.")(schema.schema)
