"""``planshift demo``: the renewal of a shipped scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planshift.cli.console import facts, present, sentence, where, working
from planshift.cli.options import Json, Quiet
from planshift.cli.renew import tables

DEMO_FOLDER = Path("planshift-demo")

DemoOut = Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write to.")]


def demo(out: DemoOut = DEMO_FOLDER, as_json: Json = False, quiet: Quiet = False) -> None:
    """Renew a shipped scenario: 58 people leave Standard and Premium seats for the Enterprise seat.

    The same as `planshift renew` on a scenario of one's own, and a way to see that planshift works: it needs no files,
    and writes tables and pictures into a folder. Its people and their usage are invented.
    """
    from planshift.reports.folder import check_target
    from planshift.reports.renewal.renewal import demo as run

    check_target(out)
    with working("Renewing", quiet=quiet):
        found = run()
        found.write(out)

    def details() -> None:
        tables(found)
        where(found.file_names, out)
        sentence("")
        sentence(found.answer)
        for name in found.pictures:
            sentence(str(out / name))

    present(found.answer, lambda: facts(found, out), details, as_json=as_json, quiet=quiet)
