"""A page as HTML: one file with everything in it, that asks for nothing from anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from planshift.plans.files import folder
from planshift.reports.charts.chart import Chart
from planshift.reports.charts.picture import inline
from planshift.reports.page.document import SPARES, Document
from planshift.reports.page.labels import check_packages

if TYPE_CHECKING:
    from jinja2 import Environment

PAGE, STYLE = "document.html.j2", "document.css"
ROOM = (150, 160, 170)
"""How heavy a page is at most that is printed whole, without its spare rows of the first kind, and of the second.

Tried in Chromium with a wide font."""
LETTERS_A_ROW = 105
_NOT_WEIGHED = re.compile(
    r'(?s)<style>.*?</style>|<svg.*?</svg>|<table class="cards screen">.*?</table>|<p class="paper left-\d">.*?</p>'
)
_TAGS = re.compile(r"<[^>]*>")


def check_report() -> None:
    """Nothing where a page can be made; InputError, with what to install, where it cannot."""
    check_packages("--report", "a page", {"jinja2": "Jinja2", "babel": "Babel", "typst": "Typst"})


def page_html(document: Document, charts: Mapping[str, Chart]) -> str:
    """The page's text; ``charts``: its pictures, by name. Needs the extra ``report``."""
    from markupsafe import Markup

    template = environment().get_template(PAGE)
    pictures = {name: Markup(inline(chart, name)) for name, chart in charts.items()}
    said = {"page": document, "pictures": pictures, "css": safe_style()}
    return template.render(said, room=room(template.render(said, room=0)))


def room(page: str) -> int:
    """Up to which kind spare rows are left out on paper, so that two sheets have room: by its rows and its letters."""
    shown = _NOT_WEIGHED.sub("", page)
    weight = shown.count("<tr") + len(" ".join(_TAGS.sub(" ", shown).split())) // LETTERS_A_ROW
    return next((kind for kind, most in enumerate(ROOM) if weight <= most), SPARES[-1])


def environment() -> Environment:
    """Where templates are: HTML in them is escaped, and asking for what is not there is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folder("reports") / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def safe_style() -> Any:
    """The style sheet, which is ours and goes in as it is."""
    from markupsafe import Markup

    return Markup((folder("reports") / "templates" / STYLE).read_text(encoding="utf-8"))
