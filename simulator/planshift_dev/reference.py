"""The reference: every command, every key of the files that people write, every column of those that come out.

``python -m planshift_dev.reference --write`` writes it, ``--check`` says whether the file is still true.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from planshift.plans import schemas
from planshift.plans.catalogue import load_catalogue
from planshift.plans.files import folder
from planshift.portfolio.columns import Needed, columns
from planshift.reports.answers.tables import ANSWER_TABLES
from planshift.reports.comparison.comparison import COMPARED_DRAWS
from planshift.reports.comparison.tables import COMPARISON_TABLES
from planshift.reports.forecast.columns import FORECAST_TABLES
from planshift.reports.renewal.member_tables import MEMBER_CHANCES
from planshift.reports.renewal.tables import RENEWAL_TABLES
from planshift.reports.run_tables import TABLES, USAGE
from planshift.reports.scenario.shown import SHOWN_TABLES
from planshift.reports.simulation.simulation import SIMULATED_TABLES
from planshift.reports.table import DRAW, Kind, Table
from planshift_dev.schema_keys import keys

FILE = "REFERENCE.md"
_HOW = "python -m planshift_dev.reference --write"


def main(arguments: Sequence[str]) -> int:
    """Write the reference, or say whether it is current; the exit status."""
    path = folder("reports") / FILE
    if list(arguments) == ["--write"]:
        path.write_text(reference(), encoding="utf-8", newline="\n")
        return 0
    if list(arguments) == ["--check"]:
        if path.is_file() and path.read_text(encoding="utf-8") == reference():
            return 0
        print(f"reports/{FILE} is not what the program says of itself - write it anew: {_HOW}", file=sys.stderr)
        return 1
    print("give --write or --check", file=sys.stderr)
    return 2


def reference() -> str:
    """The text of the reference."""
    parts = [
        "# Reference",
        f"<!-- Generated: {_HOW} -->",
        "## Commands",
        *_commands(),
        "## Files that people write",
        "`a.b` is the key `b` below `a`, `*` stands for any name, `[]` for each item of a list; a key is required where"
        " the one above it stands. A sourced value is `{value: …, reference: …}` with a key of `sources` or an address,"
        " or `{value: …, assumed: true, note: …, alternatives: […]}` where nobody has published it; or dates as keys,"
        " each with such a value, which holds from then on. `planshift schema NAME` prints the schema itself.",
        *_schemas(),
        *described(USAGE, "A usage file", "usage.csv, usage.parquet"),
        *_accounts(),
        "## Files that come out",
        "CSV in UTF-8, lines ended by a line feed. Text that a spreadsheet would take for a formula has an apostrophe"
        f" before it. Where usage was drawn at random, `{DRAW.name}` is the first column, from 0: months.csv has every"
        " draw, invoices.csv, members.csv, alerts.csv and stops.csv the first ones (`--detail`). summary.csv,"
        " chances.csv and draws.csv are there where usage was drawn at random, in one draw or in many; months.png and"
        " so_far.png of many.",
        *_files((*TABLES.values(), *SIMULATED_TABLES)),
        *_manifest(),
        "## Files that `planshift renew` writes",
        "Beside them bridge.png, months.png, break_even.png, early.png and tornado.png, and a manifest as above. Where"
        " usage was drawn at random, in one draw or in many, summary.csv, chances.csv, member_chances.csv and draws.csv"
        " are there too; change.png of many. invoices.csv, counterfactual_invoices.csv and stops.csv are as above, of"
        " the days after the renewal.",
        *_files((*RENEWAL_TABLES, MEMBER_CHANCES)),
        *_files(ANSWER_TABLES),
        "## Files that `planshift compare` writes",
        "Beside them totals.png, months.png and members.png, and a manifest as above. Where usage was drawn at random,"
        " in one draw or in many, summary.csv, chances.csv, member_chances.csv and draws.csv are there"
        " too; costs.png of many.",
        *_files((*COMPARISON_TABLES, *(table for table in COMPARED_DRAWS if table not in SIMULATED_TABLES))),
        "## Files that `planshift forecast` writes",
        "Beside them recognised.png, paid.png, plans.png, arr_bridge.png, deferred.png and renewals.png, and a manifest"
        " as above. scenarios.csv and scenarios.png are there where there are several scenarios, tornado.csv and"
        " tornado.png with `--tornado`, forecast.xlsx with `--xlsx`, forecast.html with `--report`; `--parquet` writes"
        " every table as Parquet too.",
        *_files(FORECAST_TABLES),
        "## Files that `planshift scenario show` writes",
        "Beside them usage.png, and a manifest as above.",
        *_files(SHOWN_TABLES),
    ]
    return "\n\n".join(parts) + "\n"


def _files(tables: Iterable[Table]) -> Iterator[str]:
    for table in tables:
        yield from described(table, f"{table.name}.csv", "")


def _commands() -> Iterator[str]:
    import typer

    from planshift.cli.app import app

    yield from _command(typer.main.get_command(app), "planshift")


def _command(command: Any, path: str) -> Iterator[str]:
    inner = getattr(command, "commands", {})
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    # A group says what its commands say; only the program itself has options beside theirs.
    if not inner or options:
        usage = " ".join([path, *map(_argument, arguments), *(["COMMAND"] if inner else [])])
        yield f"### `{usage}`"
        yield _paragraphs(command.help)
        rows = [(f"`{_plain_name(parameter)}`", parameter.help) for parameter in arguments]
        rows += [(f"`{_option(parameter)}`", parameter.help) for parameter in options]
        yield _rows(("argument or option", "meaning"), rows)
        if command.epilog:
            yield _paragraphs(command.epilog)
    for name in sorted(inner):
        yield from _command(inner[name], f"{path} {name}")


def _plain_name(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _argument(parameter: Any) -> str:
    name = _plain_name(parameter) + ("..." if parameter.nargs == -1 else "")
    return name if parameter.required else f"[{name}]"


def _option(parameter: Any) -> str:
    value = "" if parameter.is_flag else f" {_plain_name(parameter)}"
    return ", ".join([*parameter.opts]) + value


def _paragraphs(text: str) -> str:
    """Help text with every paragraph on one line."""
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def _schemas() -> Iterator[str]:
    for name in schemas.names():
        found = schemas.schema(name)
        yield f"### {name}"
        yield str(found["description"])
        rows = [(f"`{key.path}`", key.what, "yes" if key.required else "", key.meaning) for key in keys(name)]
        yield _rows(("key", "value", "required", "meaning"), rows)


def _accounts() -> Iterator[str]:
    """The columns of a portfolio's accounts, those of seat types once for all of them."""
    yield "### A file of accounts"
    yield (
        "`accounts.csv`, `accounts.parquet`; a row: an account of a portfolio. `*` stands for each seat type of the"
        " plan files. An empty cell is the portfolio's default, else what the meaning says."
    )
    rows = {}
    for column in columns(load_catalogue().plans).values():
        name = f"{column.name.removesuffix(column.seat_type)}*" if column.seat_type else column.name
        what = ", ".join(column.choices) if column.choices else column.kind.value
        rows[name] = (f"`{name}`", what, "" if column.needed is Needed.NO else column.needed.value, column.meaning)
    yield _rows(("column", "values", "required", "meaning"), rows.values())


def described(table: Table, title: str, file: str) -> Iterator[str]:
    """A table of the reference: what a row is, and every column with its values and what they mean."""
    yield f"### {title}"
    yield f"{f'`{file}`; a row: ' if file else 'A row: '}{table.meaning}."
    yield _rows(
        ("column", "values", "meaning"),
        [(f"`{column.name}`", _kind(column.kind), column.meaning) for column in table.columns],
    )


def _kind(kind: Kind) -> str:
    return kind.value


def _manifest() -> Iterator[str]:
    yield "### manifest.json"
    rows = [
        ("`made_by`, `version`", "planshift, and its version"),
        ("`command`", "The command as one would type it again, without the folder to write to"),
        ("`run`", "The same in parts: command, scenario, plans, overlays, and the command's own options"),
        ("`seed`", "The seed of random draws; null where nothing was drawn. `run` has draws, detail and budget, too"),
        ("`inputs`", "Every file that the run was made from: path, bytes, SHA-256; a shipped one is `plans/…`"),
        ("`files`", "Every file beside the manifest: name, SHA-256"),
        ("`counterfactual`", "true where a plan runs on past the renewal at which it ends (Rulebook P2)"),
        ("`warnings`", "What to know before relying on the numbers"),
    ]
    yield _rows(("key", "meaning"), rows)


def _rows(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
