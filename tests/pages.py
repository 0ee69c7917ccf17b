"""Pages to test: the shipped scenario's, and that of a scenario whose names are out to do harm."""

from __future__ import annotations

import csv
import html
import io
import re
from functools import cache
from pathlib import Path

from pypdf import PdfReader

import planshift
from planshift.plans.files import folder
from planshift.reports.page.report import PageOptions, Report
from planshift.reports.renewal.renewal import RenewalResult

DEMO = folder("scenarios") / "renewal_demo.yaml"
DRAWN, DRAWS = folder("scenarios") / "midsize_premium.yaml", 6
LANGUAGES = ("de", "en", "it")
SECTIONS = ("verdict", "bridge", "months", "who", "can-do", "recommendation", "when", "what-if", "rests-on")
BAD_NAMES = {
    "lars": "<script>alert('x')</script>",
    "arne": '=HYPERLINK("http://evil.example","pay")',
    "bettina": "&lt;b&gt; {{ 7 * 7 }} {title}",
    "rania": "a-name-without-any-place-to-break-it-that-goes-on-and-on@a-company-with-a-long-name.example",
    "emre": "渡辺さくら",
}
BAD_TEAMS = {"apps": "<img src=x onerror=alert(1)>", "data": "@SUM(A1)"}


@cache
def demo() -> RenewalResult:
    """The renewal of the shipped scenario."""
    found = planshift.renew(DEMO)
    assert isinstance(found, RenewalResult)
    return found


@cache
def report(audience: str, language: str, customer: str = "") -> Report:
    """A page about it."""
    return PageOptions(audience, language, customer).of(demo())


@cache
def drawn() -> RenewalResult:
    """The renewal of a shipped scenario whose usage is drawn, in a few draws."""
    found = planshift.renew(DRAWN, draws=DRAWS)
    assert isinstance(found, RenewalResult)
    return found


@cache
def drawn_report(audience: str, language: str) -> Report:
    """A page about it."""
    return PageOptions(audience, language).of(drawn())


def bad_scenario(to: Path) -> Path:
    """The shipped scenario with harmful names in it, in a folder."""
    for name in ("renewal_demo_members.csv", "renewal_demo_usage.csv"):
        with (DEMO.parent / name).open(encoding="utf-8", newline="") as file:
            rows = [[BAD_TEAMS.get(cell, BAD_NAMES.get(cell, cell)) for cell in row] for row in csv.reader(file)]
        with (to / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
    scenario = to / "secret_scenario_name.yaml"
    text = DEMO.read_text(encoding="utf-8")
    scenario.write_text(re.sub("(?m)^title: .*", "title: A SECRET TITLE", text), encoding="utf-8")
    return scenario


def demo_with(to: Path, text: str, instead: str) -> Path:
    """The shipped scenario in a folder, with a text in it changed."""
    for name in ("renewal_demo_members.csv", "renewal_demo_usage.csv"):
        (to / name).write_bytes((DEMO.parent / name).read_bytes())
    scenario, written = to / "scenario.yaml", DEMO.read_text(encoding="utf-8")
    assert written.count(text) == 1
    scenario.write_text(written.replace(text, instead), encoding="utf-8")
    return scenario


def texts(page: str) -> str:
    """What a page says, without its tags and pictures."""
    page = re.sub(r"(?s)<style>.*?</style>|<head>.*?</head>", " ", page)
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


def pdf_of(content: bytes) -> PdfReader:
    """A PDF, for looking at what is in it."""
    return PdfReader(io.BytesIO(content))


def page_count(content: bytes) -> int:
    """How many sheets a PDF has."""
    return len(pdf_of(content).pages)


def pdf_text(content: bytes) -> str:
    """What a PDF says, as somebody reads who copies it out; each blank and each end of a line is one blank."""
    return " ".join(" ".join(page.extract_text() for page in pdf_of(content).pages).split())


def figures(path: Path, column: str) -> list[int]:
    """A column of a table in cents."""
    with path.open(encoding="utf-8", newline="") as file:
        return [round(float(row[column]) * 100) for row in csv.DictReader(file)]
