"""The gallery's index: of each organization a sentence and a picture, as a page and as text that a repository shows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planshift.plans.documents import read_document
from planshift.problems import InputError
from planshift.reports.folder import MANIFEST
from planshift.reports.forecast.result import PAGE as FORECAST_PAGE
from planshift.reports.forecast.result import WORKBOOK
from planshift.reports.page.html import environment
from planshift.reports.page.report import NAME
from planshift_dev.gallery.coarse import PAGE as COARSE_PAGE
from planshift_dev.gallery.lighter import address
from planshift_dev.gallery.made import LARGEST_TABLE, SAID
from planshift_dev.gallery.organizations import Forecasted, Gallery, Organization, scenario_path

README, INDEX = "README.md", "index.html"
HOW = "make gallery"
PICTURE = "bridge.png"
FORECAST_PICTURES = ("recognised.png", "arr_bridge.png")
"""The first of them is on the page, all of them are in the text."""
TEMPLATE = "gallery.html.j2"
LANGUAGES = {"de": "German", "en": "English", "it": "Italian"}
READERS = {"customer": "for the customer", "internal": "for colleagues"}

ABOUT = (
    "The renewal of every organization in scenarios/ whose plan ends: the page that planshift renew --report writes,"
    " its charts and its tables; and the forecast of a portfolio of contracts. People and usage are invented; legacy"
    " prices and included amounts are examples."
)
HELD = (
    "Each folder has the page (renewal.html or forecast.html, one file that asks for nothing from anywhere), charts"
    " (PNG, in fewer colours than the command's), tables (CSV) and manifest.json with the command that makes them"
    " again. To keep the repository light, the PDF, invoices, tables draw by draw or contract by contract and those"
    f" above {LARGEST_TABLE // 1000} kB are left out, and a forecast's tables above that have only the rows of all"
    " plans and segments together in its first scenario; the command writes them."
)


@dataclass(frozen=True)
class Shown:
    """An organization on the index: its scenario's title, a sentence, the picture with its words, and its folder."""

    organization: Organization
    title: str
    said: str
    command: str
    alt: str
    picture: bytes

    @property
    def folder(self) -> str:
        """Its folder."""
        return self.organization.scenario

    @property
    def page(self) -> str:
        """Where its page is, from the index."""
        return f"{self.folder}/{NAME}.html"

    @property
    def picture_path(self) -> str:
        """Where its picture is, from the index."""
        return f"{self.folder}/{PICTURE}"

    @property
    def which(self) -> str:
        """``in German, for the customer``."""
        return f"in {LANGUAGES[self.organization.language]}, {READERS[self.organization.report]}"

    @property
    def address(self) -> str:
        """The picture as an address that holds it."""
        return address(self.picture)


@dataclass(frozen=True)
class ShownForecast:
    """A portfolio on the index: its title, a sentence, the pictures with their words, and its folder."""

    portfolio: Forecasted
    title: str
    said: str
    command: str
    pictures: Mapping[str, tuple[str, bytes]]
    files: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Its folder."""
        return self.portfolio.portfolio

    @property
    def page(self) -> str:
        """Where its page is, from the index."""
        return f"{self.folder}/{FORECAST_PAGE}"

    @property
    def links(self) -> dict[str, str]:
        """What there is to open, from the index: words → where."""
        has_workbook = {"a workbook that recalculates": WORKBOOK} if WORKBOOK in self.files else {}
        files = {"Its page": FORECAST_PAGE, **has_workbook, "how far the coarse way is from it": COARSE_PAGE}
        return {words: f"{self.folder}/{name}" for words, name in files.items()}

    @property
    def picture(self) -> tuple[str, str]:
        """Its first picture: words, and the address that holds it."""
        alt, picture = next(iter(self.pictures.values()))
        return alt, address(picture)


def index(gallery: Gallery, place: Path) -> dict[str, str]:
    """The index as a page and as Markdown, by file name, from the folders that are in ``place``."""
    shown = [shown_of(one, place) for one in gallery.organizations]
    forecasts = [shown_forecast(one, place) for one in gallery.portfolios]
    left_out = {title_of(one.scenario): one.why for one in gallery.left_out}
    return {README: _markdown(shown, forecasts, left_out), INDEX: _html(shown, forecasts, left_out)}


def shown_of(organization: Organization, place: Path) -> Shown:
    """An organization as its folder in ``place`` has it; InputError where there is none."""
    own = place / organization.scenario
    manifest = _manifest(own)
    return Shown(
        organization,
        title_of(organization.scenario),
        f"{organization.who}: {manifest[SAID][:1].lower()}{manifest[SAID][1:]}",
        manifest["command"],
        manifest["pictures"][PICTURE],
        (own / PICTURE).read_bytes(),
    )


def shown_forecast(portfolio: Forecasted, place: Path) -> ShownForecast:
    """A portfolio as its folder in ``place`` has it; InputError where there is none."""
    own = place / portfolio.portfolio
    manifest = _manifest(own)
    return ShownForecast(
        portfolio,
        str(read_document(portfolio.path).data["title"]),
        f"{portfolio.what}: {manifest[SAID][:1].lower()}{manifest[SAID][1:]}",
        manifest["command"],
        {name: (manifest["pictures"][name], (own / name).read_bytes()) for name in FORECAST_PICTURES},
        tuple(file["name"] for file in manifest["files"]),
    )


def _manifest(own: Path) -> Any:
    if not (own / MANIFEST).is_file():
        fact = "has no folder in the gallery yet, so that no index can be made"
        raise InputError.at(own.name, fact, f"make all of them: {HOW}")
    return json.loads((own / MANIFEST).read_text(encoding="utf-8"))


def title_of(scenario: str) -> str:
    """The title of a shipped scenario."""
    return str(read_document(scenario_path(scenario)).data["title"])


def _markdown(shown: list[Shown], forecasts: list[ShownForecast], left_out: Mapping[str, str]) -> str:
    parts = [
        "# Gallery",
        f"<!-- Generated: {HOW} -->",
        ABOUT,
        *(part for one in shown for part in _part(one)),
        "## Without a page",
        "Their plan renews on itself, so that there is nothing to set beside it.",
        "\n".join(f"- {title}. {why.strip()}" for title, why in left_out.items()),
        *(part for one in forecasts for part in _forecast_part(one)),
        "## What is in it",
        f"{HELD} [{INDEX}]({INDEX}) shows all of them on one page. `{HOW}` writes it anew from"
        " [reports/gallery.yaml](../gallery.yaml), the same bytes for the same input.",
        "How real drawn usage is: [realism.md](realism.md).",
    ]
    return "\n\n".join(parts) + "\n"


def _part(one: Shown) -> Iterator[str]:
    yield f"## {one.title}"
    yield one.said
    yield f"![{one.alt}]({one.picture_path})"
    yield (
        f"[Its page]({one.page}), {one.which} · [charts and tables]({one.folder})"
        f" · [the scenario](../../scenarios/{one.folder}.yaml)"
    )
    yield f"```sh\n{one.command} --out DIR\n```"


def _forecast_part(one: ShownForecast) -> Iterator[str]:
    yield f"## {one.title}"
    yield one.said
    for name, (alt, _) in one.pictures.items():
        yield f"![{alt}]({one.folder}/{name})"
    links = [f"[{words}]({where})" for words, where in one.links.items()]
    links += [f"[charts and tables]({one.folder})", f"[the portfolio](../../scenarios/portfolios/{one.folder}.yaml)"]
    yield " · ".join(links)
    yield f"```sh\n{one.command} --out DIR\n```"


def _html(shown: list[Shown], forecasts: list[ShownForecast], left_out: Mapping[str, str]) -> str:
    template = environment().get_template(TEMPLATE)
    return template.render(shown=shown, forecasts=forecasts, left_out=left_out, about=ABOUT, held=HELD, how=HOW)
