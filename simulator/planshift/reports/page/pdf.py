"""The page as PDF, by WeasyPrint: the same bytes for the same page, and nothing fetched from anywhere."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from planshift.reports.page.extras import GET_PDF, PDF, missing

_FACES = (
    ("Page", "DejaVuSans.ttf", "normal", "normal"),
    ("Page", "DejaVuSans-Bold.ttf", "bold", "normal"),
    ("Page", "DejaVuSans-Oblique.ttf", "normal", "italic"),
    ("Page Mono", "DejaVuSansMono.ttf", "normal", "normal"),
)
PAGES = 2
ROOMS = "0123"
"""Up to which kind spare rows are left out: what the page itself says, or more where it needs more sheets so."""
_ROOM = re.compile(r'data-room="(\d)"')
_LOOKS = "body { font-family: 'Page', sans-serif; } code { font-family: 'Page Mono', monospace; }"


def why_no_pdf() -> str:
    """Why no PDF can be made here, with what to do; empty where it can."""
    if missing(PDF):
        return f"renewal.pdf is left out, as WeasyPrint is not installed - {GET_PDF}"
    try:
        import weasyprint  # noqa: F401
    except OSError as error:
        # Pango and its like come from the operating system, not from a package index.
        reason = str(error).split("\n", 1)[0]
        return f"renewal.pdf is left out, as WeasyPrint does not find its libraries ({reason}) - install Pango"
    return ""


def page_pdf(html: str) -> bytes:
    """The page's PDF, in the letters of its charts, whatever fonts the machine has."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    with _fixed_time():
        fonts = FontConfiguration()
        own = URLFetcher(allowed_protocols={"file"})
        sheet = CSS(string=_letters(), font_config=fonts, url_fetcher=own)
        # The identifier would be made from the clock. Tags tell a reader aloud what is a heading, a table, a picture.
        name = hashlib.sha256(html.encode()).digest()[:16]
        said = _ROOM.search(html)
        for room in ROOMS[ROOMS.index(said[1]) if said else 0 :]:
            page = _ROOM.sub(f'data-room="{room}"', html, count=1)
            source = HTML(string=page, url_fetcher=URLFetcher(allowed_protocols={"data"}))
            document = source.render(stylesheets=[sheet], font_config=fonts)
            if len(document.pages) <= PAGES:
                break
        written = document.write_pdf(pdf_identifier=name, pdf_tags=True)
    assert isinstance(written, bytes)
    return written


def _letters() -> str:
    faces = [
        f"@font-face {{ font-family: '{family}'; src: url('{(_fonts() / file).as_uri()}'); font-weight: {weight};"
        f" font-style: {style}; }}"
        for family, file, weight, style in _FACES
    ]
    return "\n".join([*faces, _LOOKS])


def _fonts() -> Path:
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf"


@contextmanager
def _fixed_time() -> Iterator[None]:
    """Within it files that are made say that they were made when time began."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before
