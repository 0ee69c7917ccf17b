"""The commands together, and what becomes of their errors: text on standard error, and an exit status."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer.core
from typer.core import TyperGroup

from planshift.cli.leaving import INPUT, OUTPUT, tell, told_when_stopped
from planshift.problems import InputError, PlanshiftError
from planshift.version import __version__

COMMANDS = {
    "plans": "Show, compare and check the plans.",
    "scenario": "Show what a scenario's usage will be like.",
    "portfolio": "Generate a portfolio, or show what is in one.",
    "usage": "Turn usage exports into usage files.",
    "simulate": "Simulate a scenario: invoices, usage, stops.",
    "compare": "Compare plans: the same demand through each of them.",
    "renew": "Show what a renewal changes: cost, work, who gains and loses.",
    "forecast": "Forecast a portfolio: revenue, cash, what is deferred, what renews.",
    "demo": "Renew a shipped scenario, with pictures.",
    "explain": "Explain an amount of a run: rules, sources, quantities.",
    "schema": "Print the JSON Schema of a kind of file.",
}
"""Every command with its short help; each is the module of its name, with a function of its name or an ``app``."""


class _Loaded(Mapping[str, Any]):
    """The commands by name, each imported when it is first asked for: one command waits for no other one's imports."""

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        return _command(name)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


@cache
def _command(name: str) -> Any:
    """The command of that name, or the group of commands."""
    module = import_module(f"planshift.cli.{name}")
    outer = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    if hasattr(module, "app"):
        outer.add_typer(module.app, name=name, short_help=COMMANDS[name])
    else:
        outer.command(name, short_help=COMMANDS[name])(getattr(module, name))
    return typer.main.get_group(outer).commands[name]


class _AsTyped:
    """What becomes of a word on the command line: texts and paths are taken as they are typed, and nothing is made of
    what is not given. Typer would load pydantic for either, which takes longer than many a command; the rest is its."""

    MADE: ClassVar[dict[Any, Callable[[Any], Any]]] = {
        str: str,
        Path: Path,
        list[str]: list,
        list[Path]: lambda given: [*map(Path, given)],
    }

    def __init__(self, build: Callable[[Any], Any], descriptor: Any) -> None:
        self.build, self.descriptor = build, descriptor

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value that the command is given."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if self.descriptor.annotation in self.MADE:
            return self.MADE[self.descriptor.annotation](value)
        return self.build(self.descriptor).coerce(value, param=param, ctx=ctx)


if hasattr(typer.core, "build_runtime_param"):
    typer.core.build_runtime_param = partial(_AsTyped, typer.core.build_runtime_param)


class Commands(TyperGroup):
    """The commands; an error of the library becomes its text and an exit status, any other one goes on."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands: Any = _Loaded()

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
    epilog="Every command has --help. Exit status: 0 no errors, 1 a result cannot be written, 2 the input cannot be"
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
        bool, typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """What an organization pays under a Claude Enterprise plan, what it can do, and what changes at renewal."""
