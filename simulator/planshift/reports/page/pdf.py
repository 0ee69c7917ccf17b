"""A page as PDF, by Typst: tagged (PDF/UA-1), in letters that planshift brings, the same bytes for the same page."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from planshift.plans.files import folder
from planshift.reports.charts import text_metrics
from planshift.reports.charts.chart import Chart
from planshift.reports.charts.picture import page_form, svg
from planshift.reports.page.document import SPARES, Document, plain
from planshift.reports.typesetting import typeset

DOCUMENT = "document.typ"
SIZES = ((9.0, 1.0), (8.75, 0.9), (8.5, 0.8), (8.25, 0.7), (8.0, 0.6), (8.0, 0.4))
"""How large letters are where a page has to fit, points, and how much air is around them; then rows give way."""
NO_LETTER = "\ufffd"
"""What stands for a letter that none of the fonts has."""


@dataclass(frozen=True)
class Paper:
    """What a page is set on: by which template, and on how many sheets at most, 0 for as many as it takes."""

    template: str
    sheets: int = 0


RENEWAL, FORECAST = Paper("renewal.typ", 2), Paper("forecast.typ")


def page_pdf(paper: Paper, document: Document, charts: Mapping[str, Chart]) -> bytes:
    """The page's PDF, with its charts by name."""
    # What a file calls something reaches the template as data: no name can become markup.
    page = _with_letters(plain(document), text_metrics.letters())
    files = {name: (folder("reports") / "templates" / name).read_text("utf-8") for name in (paper.template, DOCUMENT)}
    files = {"main.typ": files.pop(paper.template), **files, "document.json": json.dumps(page)}
    files |= {f"{name}.svg": svg(chart, page_form(chart)) for name, chart in charts.items()}
    return typeset(files, fits=list(_fits()), sheets=paper.sheets)


def _fits() -> Iterator[dict[str, object]]:
    """Sizes of letters, the air around them, and up to which kind spare rows give way, from the best to the last."""
    tried = [*((size, air, 0) for size, air in SIZES), *((*SIZES[-1], kind) for kind in SPARES)]
    return ({"size": size, "air": air, "room": room} for size, air, room in tried)


def _with_letters(part: Any, known: frozenset[str]) -> Any:
    """The page with NO_LETTER for what no font has."""
    if isinstance(part, dict):
        return {key: _with_letters(value, known) for key, value in part.items()}
    if isinstance(part, list):
        return [_with_letters(item, known) for item in part]
    if not isinstance(part, str) or part.isascii():
        return part
    return "".join(letter if letter in known else _instead(letter) for letter in part)


def _instead(letter: str) -> str:
    if letter.isspace():
        return " "
    # Marks on a letter before them, and what only steers how others are shown.
    return "" if unicodedata.category(letter) in {"Mn", "Me", "Cf"} else NO_LETTER
