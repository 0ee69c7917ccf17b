"""The page that ``planshift renew --report`` writes: what is asked of it, checked before anything is calculated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planshift.problems import InputError, Place, Problem

if TYPE_CHECKING:
    from planshift.reports.page.report import Asked

ENGLISH = "en"

ReportFor = Annotated[
    str | None,
    typer.Option(
        "--report", metavar="FOR", help="Write a page on the renewal, HTML and PDF, for: customer, internal."
    ),
]
Language = Annotated[str, typer.Option("--language", metavar="CODE", help="The language of the page: de, en, it.")]
Customer = Annotated[
    str, typer.Option("--customer", metavar="NAME", help="The name of the customer, for the top of the page.")
]


def asked_page(report: str | None, language: str, customer: str, out: Path | None) -> Asked | None:
    """What is asked of the page, None where none is; InputError where it cannot be made."""
    if report is None:
        said = {"--language": language != ENGLISH, "--customer": bool(customer)}
        remedy = "ask for one: --report customer, or --report internal"
        fact = "there is no page that it is for"
        problems = [Problem(Place(option), fact, remedy) for option, given in said.items() if given]
        if problems:
            raise InputError(problems)
        return None
    if out is None:
        raise InputError.at("--report", "there is no folder to write the page to", "name one: --out DIR")
    from planshift.reports.page.report import Asked

    asked = Asked(report, language, customer)
    asked.check()
    return asked
