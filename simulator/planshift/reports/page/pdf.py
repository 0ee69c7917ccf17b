"""A page as PDF, by Typst: tagged (PDF/UA-1), in letters that planshift brings, the same bytes for the same page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from planshift.plans.files import folder
from planshift.reports.page.document import SPARES, Document, plain
from planshift.reports.page.extras import GET_PDF, PDF, missing

DOCUMENT = "document.typ"
SIZES = ((9.0, 1.0), (8.75, 0.9), (8.5, 0.8), (8.25, 0.7), (8.0, 0.6), (8.0, 0.4))
"""How large letters are where a page has to fit, points, and how much air is around them; then rows give way."""
NO_LETTER = "\ufffd"
"""What stands for a letter that none of the fonts has."""
_PROGRAM = (
    "import json, sys; said = json.load(sys.stdin); sys.path[:] = said['path']\n"
    "from planshift.reports.page.pdf import typeset; sys.stdout.buffer.write(typeset(said['files'], said['sheets']))"
)


@dataclass(frozen=True)
class Paper:
    """What a page is set on: by which template, and on how many sheets at most, 0 for as many as it takes."""

    template: str
    sheets: int = 0


RENEWAL, FORECAST = Paper("renewal.typ", 2), Paper("forecast.typ")


def why_no_pdf(name: str) -> str:
    """Why no PDF of that name can be made here, with what to do; empty where it can."""
    return f"{name} is left out, as Typst is not installed - {GET_PDF}" if missing(PDF) else ""


def page_pdf(paper: Paper, document: Document, pictures: Mapping[str, bytes]) -> bytes:
    """The page's PDF; ``pictures``: its charts by name, SVG. Needs the extra ``pdf``."""
    # What a file calls something reaches the template as data: no name can become markup.
    page = _with_letters(plain(document), _known_letters())
    files = {name: _template(name) for name in (paper.template, DOCUMENT)}
    files = {"main.typ": files.pop(paper.template), **files, "document.json": json.dumps(page)}
    files |= {f"{name}.svg": picture.decode() for name, picture in pictures.items()}
    if _typesetter() == os.getpid():
        return typeset(files, paper.sheets)
    # Typst's threads do not live on in a process that was forked after they began: there it would wait for ever.
    said = json.dumps({"path": sys.path, "files": files, "sheets": paper.sheets})
    return subprocess.run([sys.executable, "-c", _PROGRAM], input=said.encode(), stdout=-1, check=True).stdout


def typeset(files: Mapping[str, str], sheets: int) -> bytes:
    """The PDF of Typst's files, the first of which is ``main.typ``, on so many sheets if a way is found."""
    import typst

    for size, air, room in _fits():
        source: dict[str, Any] = {name: text.encode() for name, text in files.items()}
        source["fit.json"] = json.dumps({"size": size, "air": air, "room": room}).encode()
        own = {"font_paths": _fonts(), "ignore_system_fonts": True}
        if not sheets or int(typst.query(source, "<pages>", field="value", one=True, **own)) <= sheets:
            break
    made = typst.compile(source, format="pdf", pdf_standards=["ua-1"], **own)
    assert isinstance(made, bytes)
    return made


def _fits() -> Iterator[tuple[float, float, int]]:
    """Sizes of letters, the air around them, and up to which kind spare rows give way, from the best to the last."""
    yield from ((*size, 0) for size in SIZES)
    yield from ((*SIZES[-1], kind) for kind in SPARES)


def _template(name: str) -> str:
    return (folder("reports") / "templates" / name).read_text(encoding="utf-8")


@lru_cache
def _typesetter() -> int:
    """The process in which Typst was used first."""
    return os.getpid()


@lru_cache
def _fonts() -> Any:
    """The fonts of planshift, of matplotlib and of Typst, which are the same on every machine."""
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[folder("reports") / "fonts", _dejavu().parent])


def _dejavu() -> Path:
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


@lru_cache
def _known_letters() -> frozenset[int]:
    """Every character that one of the text fonts has."""
    from matplotlib.ft2font import FT2Font

    own = sorted(path for path in (folder("reports") / "fonts").iterdir() if path.suffix in {".otf", ".ttf"})
    return frozenset(code for path in (*own, _dejavu()) for code in FT2Font(str(path)).get_charmap())


def _with_letters(part: Any, known: frozenset[int]) -> Any:
    """The page with NO_LETTER for what no font has."""
    if isinstance(part, dict):
        return {key: _with_letters(value, known) for key, value in part.items()}
    if isinstance(part, list):
        return [_with_letters(item, known) for item in part]
    if not isinstance(part, str) or part.isascii():
        return part
    return "".join(letter if ord(letter) in known else _instead(letter) for letter in part)


def _instead(letter: str) -> str:
    if letter.isspace():
        return " "
    # Marks on a letter before them, and what only steers how others are shown.
    return "" if unicodedata.category(letter) in {"Mn", "Me", "Cf"} else NO_LETTER
