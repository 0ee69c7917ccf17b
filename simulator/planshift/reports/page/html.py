"""A page as HTML: one file with everything in it, that asks for nothing from anywhere."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planshift.plans.files import folder
from planshift.reports.page.document import SPARES, Document
from planshift.reports.page.pictures import DOTS, WIDE, Drawn, chart_width

if TYPE_CHECKING:
    from jinja2 import Environment

PAGE, STYLE = "document.html.j2", "document.css"
ROOM = (150, 160, 170)
"""How heavy a page is at most that is printed whole, without its spare rows of the first kind, and of the second.

Tried in Chromium with a wide font."""
LETTERS_A_ROW = 105
_NOT_WEIGHED = re.compile(
    r'(?s)<style>.*?</style>|<table class="cards screen">.*?</table>|<p class="paper left-\d">.*?</p>'
)
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Image:
    """A chart in a page: its bytes, wide and narrow, as addresses that hold them; no narrow one where one does for
    both."""

    wide: str
    narrow: str
    width: int
    height: int


def page_html(document: Document, images: Mapping[str, Image]) -> str:
    """The page's text; ``images`` of its pictures, by name. Needs the extra ``report``."""
    template = environment().get_template(PAGE)
    said = {"page": document, "images": images, "css": safe_style()}
    return template.render(said, room=room(template.render(said, room=0)))


def images(drawn: Mapping[str, Drawn]) -> dict[str, Image]:
    """The pictures of a page's charts, by name."""
    return {name: _image(one) for name, one in drawn.items()}


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


def address(png: bytes) -> str:
    """An address that holds a picture."""
    return f"data:image/png;base64,{b64encode(png).decode()}"


def _image(drawn: Drawn) -> Image:
    chart = drawn.chart
    wide = chart_width(chart)
    size = round(wide * DOTS), round(chart.height(narrow=wide < WIDE) * DOTS)
    return Image(address(drawn.paper), address(drawn.narrow) if drawn.narrow else "", *size)
