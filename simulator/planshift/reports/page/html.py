"""The page as HTML: one file with everything in it, that asks for nothing from anywhere."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Any

from planshift.impact.odds import ABOUT_THE_SAME
from planshift.plans.bundled import folder
from planshift.reports.page.audience import INTERNAL
from planshift.reports.page.language import Language
from planshift.reports.page.pictures import DOTS, WIDE, Drawn, chart_width
from planshift.reports.page.said import Month, Value

if TYPE_CHECKING:
    from jinja2 import Environment

PAGE, STYLE = "renewal.html.j2", "renewal.css"
ROOM = (150, 160, 170)
"""How heavy a page is at most that is printed whole, without its spare rows of the first kind, and of the second.

Tried in Chromium with a wide font."""
LETTERS_A_ROW = 105
_ONLY_ON_A_SCREEN = re.compile(r'(?s)<style>.*?</style>|<table class="cards screen">.*?</table>')
_TAGS = re.compile(r"<[^>]*>")
_SPARE = tuple(re.compile(f'class="spare-[1-{kind}]"') for kind in range(1, len(ROOM) + 1))
_FORMATS = ("sentence", "cell", "prose", "dollars", "figure", "whole", "count", "percent", "month")


@dataclass(frozen=True)
class Picture:
    """A chart in a page: its bytes, wide and narrow, as addresses that hold them; no narrow one where it is narrow."""

    wide: str
    narrow: str
    width: int
    height: int
    alt: str


def page_html(page: Any, audience: str, language: Language, pictures: Mapping[str, Drawn]) -> str:
    """The page's text; ``page`` as `seen_by` its audience, ``pictures`` of the charts made from it, by name."""
    say = language.say
    title = say("page.title", day=page.day)
    if page.customer:
        title = say("page.title_for", customer=page.customer, day=page.day)
    template = environment().get_template(PAGE)
    said = {
        "page": page,
        "title": title,
        "internal": audience == INTERNAL,
        "language": language,
        "css": safe_style(),
        "pictures": {name: _picture(drawn) for name, drawn in pictures.items()},
        "within": ABOUT_THE_SAME,
        "share": Fraction,
        "say": say,
        "text": language.text,
        "texts": lambda values: tuple(map(language.text, values)),
        "months_said": lambda months: months_said(language, months),
        **{name: getattr(language, name) for name in _FORMATS},
    }
    whole = template.render(said, room=0, left_out=())
    return template.render(said, room=room(whole), left_out=[len(kind.findall(whole)) for kind in _SPARE])


def room(page: str) -> int:
    """Up to which kind spare rows are left out on paper, so that two sheets have room: by its rows and its letters."""
    shown = _ONLY_ON_A_SCREEN.sub("", page)
    weight = shown.count("<tr") + len(" ".join(_TAGS.sub(" ", shown).split())) // LETTERS_A_ROW
    return next((kind for kind, most in enumerate(ROOM) if weight <= most), len(ROOM))


def months_said(language: Language, months: Iterable[date]) -> str:
    """Months in a list, those that follow each other as a stretch: ``Jan 2027 – Mar 2027, May 2027``."""
    ordered = sorted(months)
    numbered = [(month.year * 12 + month.month - place, month) for place, month in enumerate(ordered)]
    stretches = [[month for _, month in found] for _, found in groupby(numbered, key=lambda pair: pair[0])]
    said: list[Value] = []
    for stretch in stretches:
        ends = [Month(stretch[0]), Month(stretch[-1])][: len(stretch)]
        said.append(" – ".join(map(language.text, ends)))
    return ", ".join(map(language.text, said))


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


def _picture(drawn: Drawn) -> Picture:
    chart = drawn.chart
    wide = chart_width(chart)
    size = round(wide * DOTS), round(chart.height(narrow=wide < WIDE) * DOTS)
    narrow = address(drawn.narrow) if drawn.narrow else ""
    return Picture(address(drawn.paper), narrow, *size, chart.alt)


def address(png: bytes) -> str:
    """An address that holds a picture."""
    return f"data:image/png;base64,{b64encode(png).decode()}"
