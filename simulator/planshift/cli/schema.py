"""``planshift schema``: what the files that people write may hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from planshift.cli.console import present, print_json, sentence, table
from planshift.cli.options import Json, Quiet
from planshift.problems import InputError

SchemaName = Annotated[str | None, typer.Argument(metavar="NAME", help="The schema to print (default: list all).")]


Header = Annotated[
    bool,
    typer.Option("--header", help="Print the first line of a file that tells editors where its schema is."),
]
For = Annotated[
    list[Path] | None,
    typer.Option("--for", metavar="FILE", help="Write that line at the top of this file; can be repeated."),
]


def schema(
    name: SchemaName = None,
    header: Header = False,
    files: For = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Print the JSON Schema of a kind of file, or list them all.

    A schema is printed as it is shipped, for editors that check files while they are written. Many editors find it by
    themselves from a comment on the first line of a file: --header prints that line, --for writes it.
    """
    from planshift.plans import schemas

    if header or files:
        _name_schema(name, files or (), quiet=quiet)
        return
    if name is not None:
        print_json(_as_numbers(schemas.schema(name)))
        return
    kinds = {kind: schemas.schema(kind) for kind in schemas.names()}
    rows = [[kind, str(found["description"])] for kind, found in kinds.items()]

    def facts() -> dict[str, object]:
        return {"schemas": [{"name": kind, "description": description} for kind, description in rows]}

    def details() -> None:
        table("Schemas", ["name", "what it describes"], rows)

    present(f"There are {len(rows)} schemas: {', '.join(kinds)}.", facts, details, as_json=as_json, quiet=quiet)


def _name_schema(name: str | None, files: Sequence[Path], *, quiet: bool) -> None:
    """Print the line that names a schema, or write it at the top of files; InputError where one cannot be read."""
    from planshift.disk import replacing
    from planshift.plans import schemas
    from planshift.plans.files import read_text

    if name is None:
        raise InputError.at("NAME", "no schema is named", f"name one of: {', '.join(schemas.names())}")
    line = schemas.header(name)
    texts = {file: schemas.headed(read_text(file), line) for file in files}
    for file, text in texts.items():
        with replacing(file) as new:
            new.write_text(text, encoding="utf-8", newline="")
    sentence(f"{', '.join(map(str, texts))}: editors now check against the schema '{name}'." if texts else line)
    if texts and not quiet:
        sentence(line)


def _as_numbers(part: object) -> object:
    """The same, with Decimals as JSON numbers."""
    from decimal import Decimal

    if isinstance(part, dict):
        return {key: _as_numbers(item) for key, item in part.items()}
    if isinstance(part, list):
        return [_as_numbers(item) for item in part]
    return float(part) if isinstance(part, Decimal) else part
