"""``planshift schema``: what the files that people write may hold."""

from __future__ import annotations

from typing import Annotated

import typer

from planshift.cli.console import present, print_json, table
from planshift.cli.options import Json, Quiet

SchemaName = Annotated[
    str | None, typer.Argument(metavar="NAME", help="The schema to print; without it, their names are listed.")
]


def schema(
    name: SchemaName = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Print the JSON Schema of a kind of file, or list the kinds.

    A schema is printed as it is shipped, for editors that check files while they are written.
    """
    from planshift.plans import schemas

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


def _as_numbers(part: object) -> object:
    """The same, with Decimals as JSON numbers."""
    from decimal import Decimal

    if isinstance(part, dict):
        return {key: _as_numbers(item) for key, item in part.items()}
    if isinstance(part, list):
        return [_as_numbers(item) for item in part]
    return float(part) if isinstance(part, Decimal) else part
