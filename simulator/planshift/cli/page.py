"""The page that ``planshift renew --report`` writes: what is asked of it, checked before anything is calculated."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planshift.cli.options import read_day
from planshift.problems import InputError, Place, Problem

if TYPE_CHECKING:
    from planshift.reports.page.imprint import Imprint
    from planshift.reports.page.report import PageOptions

ENGLISH = "en"

ReportFor = Annotated[
    str | None,
    typer.Option("--report", metavar="FOR", help="Write a page on the renewal, HTML and PDF, for: customer, internal."),
]
Language = Annotated[str, typer.Option("--language", metavar="CODE", help="The language of the page: de, en, it.")]
Customer = Annotated[
    str, typer.Option("--customer", metavar="NAME", help="The customer's name, shown at the top of the page.")
]
MadeOn = Annotated[
    str | None, typer.Option("--date", metavar="DATE", help="The date shown at the top of the page (default: none).")
]
PreparedBy = Annotated[
    str, typer.Option("--prepared-by", metavar="NAME", help="The author shown at the top of the page.")
]
ValidUntil = Annotated[
    str | None, typer.Option("--valid-until", metavar="DATE", help="The last day on which the page is valid.")
]


def imprint(made: str | None, prepared_by: str, valid_until: str | None) -> Imprint:
    """When a page is made, by whom, and until when it holds; InputError for days that are none."""
    from planshift.reports.page.imprint import Imprint

    return Imprint(read_day("--date", made), prepared_by, read_day("--valid-until", valid_until))


def without_page(given: Mapping[str, object], remedy: str) -> None:
    """Nothing where no option of a page is given; InputError where there is no page that it is for."""
    fact = "there is no page that it is for"
    problems = [Problem(Place(f"--{name.replace('_', '-')}"), fact, remedy) for name, value in given.items() if value]
    if problems:
        raise InputError(problems)


def asked_page(
    report: str | None, language: str, customer: str, imprint: Imprint, out: Path | None
) -> PageOptions | None:
    """What is asked of the page, None where none is; InputError where it cannot be made."""
    if report is None:
        given = {"language": language != ENGLISH, "customer": customer, **imprint.options}
        without_page(given, "ask for one: --report customer, or --report internal")
        return None
    if out is None:
        raise InputError.at("--report", "there is no folder to write the page to", "name one: --out DIR")
    from planshift.reports.page.report import PageOptions

    asked = PageOptions(report, language, customer, imprint)
    asked.check()
    return asked
