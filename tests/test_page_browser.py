"""The page in a real browser: the tables' figures, nothing cut, pale or asked for, and two sheets of paper."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import planshift
from browser import GET, Browser, NoBrowserError, browser, chromium, why_not_installed
from command import undrawn
from pages import DRAWS, LANGUAGES, bad_scenario, drawn, drawn_report, figures, report
from planshift.impact.spread import Spread
from planshift.reports.page.language import Language
from planshift.reports.page.report import PageOptions
from planshift.reports.words import rounded

WIDTHS = (1280, 390)

CUT = """(() => {
  const found = [], wide = document.documentElement.clientWidth;
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const node = words.currentNode, box = node.parentElement;
    if (!node.data.trim() || !box.getClientRects().length || getComputedStyle(box).visibility === 'hidden') continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const lines = box instanceof SVGElement ? [box.getBoundingClientRect()] : range.getClientRects();
    for (const line of lines) {
      const holder = box.closest('svg, td, th, dd, dt, li, p, h1, h2, h3, caption').getBoundingClientRect();
      if (line.left < -1 || line.right > wide + 1) found.push('off the page: ' + node.data);
      if (line.left < holder.left - 1 || line.right > holder.right + 1) found.push('out of its cell: ' + node.data);
    }
  }
  if (document.documentElement.scrollWidth > wide) found.push('wider than the window');
  for (const picture of document.images) if (!picture.naturalWidth) found.push('no picture');
  return found;
})()"""
"""Texts that stick out of the page or of the cell they are in, and pictures that are not there."""

PALE = """(() => {
  const part = value => { value /= 255; return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4; };
  const colour = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([red, green, blue]) => 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
  const behind = box => {
    for (; box; box = box.parentElement) {
      const found = colour(getComputedStyle(box).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const found = [];
  let texts = 0;
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const box = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || !box.getClientRects().length) continue;
    const style = getComputedStyle(box), ink = box instanceof SVGElement ? style.fill : style.color;
    const pair = [light(colour(ink)), light(behind(box))].sort((a, b) => b - a);
    const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
    texts += 1;
    if (contrast < 4.5) found.push(contrast.toFixed(2) + ': ' + words.currentNode.data);
  }
  return texts > 100 ? found : ['too few texts were found'];
})()"""
"""Texts whose contrast to what is behind them is below 4.5 to 1 (WCAG 2.1, 1.4.3)."""


SMALL = """(() => {
  const found = [];
  let texts = 0;
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const box = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || !box.getClientRects().length) continue;
    const drawn = box instanceof SVGElement ? box.getScreenCTM().a : 1;
    const points = parseFloat(getComputedStyle(box).fontSize) * 0.75 * drawn;
    texts += 1;
    if (points < 7.99) found.push(points.toFixed(2) + ': ' + words.currentNode.data);
  }
  return texts > 100 ? found : ['too few texts were found'];
})()"""
"""Texts in letters of less than 8 points."""


@pytest.fixture(scope="module")
def page() -> Iterator[Browser]:
    try:
        chromium()
    except NoBrowserError as reason:
        pytest.skip(str(reason))
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page in every language for both audiences, the tables beside one of them, and one with harmful names."""
    place = tmp_path_factory.mktemp("pages")
    for language in LANGUAGES:
        for audience in ("customer", "internal"):
            (place / f"{language}_{audience}.html").write_text(report(audience, language).html, encoding="utf-8")
    found = planshift.renew(bad_scenario(tmp_path_factory.mktemp("harmful")))
    (place / "harmful.html").write_text(PageOptions("internal", "de", "Kestrel").of(found).html, encoding="utf-8")
    for language in LANGUAGES:
        (place / f"{language}_drawn.html").write_text(drawn_report("internal", language).html, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planshift.reports.result.png", undrawn)
        report("customer", "en").found.write(place / "tables")
        drawn().write(place / "drawn_tables")
    return place


KINDS = ("customer", "internal", "drawn")
PAGES = [*(f"{language}_{kind}" for language in LANGUAGES for kind in KINDS), "harmful"]
every_page = pytest.mark.parametrize("name", PAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figures_of_the_tables_can_be_seen(page: Browser, written: Path, language: str) -> None:
    page.open(written / f"{language}_customer.html", 1280)
    seen = page.run("document.body.innerText")
    writes = Language(language)
    for table, column, signed in (
        ("months", "old_cost", False),
        ("months", "new_cost", False),
        ("months", "change", True),
        ("winners", "change", True),
        ("teams", "change", True),
        ("what_if", "new_cost_p50", False),
    ):
        cents = figures(written / "tables" / f"{table}.csv", column)
        shown = [writes.figure(amount, signed=signed) for amount in cents]
        assert [text for text in shown if text not in seen] == [], (table, column)
    old, *steps, new = figures(written / "tables" / "bridge.csv", "amount")
    assert [amount for amount in (old, new) if writes.dollars(amount) not in seen] == []
    assert [amount for amount in steps if writes.figure(amount, signed=True) not in seen] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figures_of_drawn_usage_can_be_seen(page: Browser, written: Path, language: str) -> None:
    page.open(written / f"{language}_drawn.html", 1280)
    seen = page.run("document.body.innerText")
    writes, tables = Language(language), written / "drawn_tables"
    columns = (figures(tables / "range.csv", name) for name in ("mean", "p10", "p50", "p90"))
    spreads = [Spread(*row) for row in zip(*columns, strict=True)]
    ranges = [writes.prose(rounded(cents, one)) for one in spreads for cents in (one.p10, one.p50, one.p90)]
    steps = figures(tables / "bridge.csv", "amount")
    shown = ranges + [writes.figure(abs(amount)) for amount in steps]
    assert [text for text in shown if text not in seen] == []
    assert writes.text(Fraction(drawn().answers.range.costs_more)) in seen
    assert str(DRAWS) in seen


@every_page
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_pale_asked_for_or_complained_of(page: Browser, written: Path, name: str, width: int) -> None:
    path = written / f"{name}.html"
    page.open(path, width)
    assert page.run(CUT) == []
    assert page.run(PALE) == []
    assert page.complaints == []
    assert [address for address in page.requests if not address.startswith(("data:", path.as_uri()))] == []


@every_page
def test_it_prints_on_two_sheets_of_a4(page: Browser, written: Path, name: str) -> None:
    page.open(written / f"{name}.html", 1280)
    page.do("Emulation.setEmulatedMedia", media="print")
    assert page.run(SMALL) == []
    page.do("Emulation.setEmulatedMedia", media="")
    printed = page.pdf()
    assert len(re.findall(rb"/Type /Page\b", printed)) == 2
    sizes = [[float(side) for side in box.split()] for box in re.findall(rb"/MediaBox \[([^\]]*)\]", printed)]
    assert all(abs(size[2] - 595) < 1 and abs(size[3] - 842) < 1 for size in sizes)


def test_names_run_nothing(page: Browser, written: Path) -> None:
    page.open(written / "harmful.html", 1280)
    assert page.run("document.scripts.length") == 0
    assert page.run("document.querySelectorAll('[onerror], iframe, object').length") == 0
    assert "<script>alert('x')</script>" in page.run("document.body.innerText")


def test_what_the_browser_is_asked_would_be_found(page: Browser, tmp_path: Path) -> None:
    """The checks see what they look for: text that is cut, pale, asks for something, or fails."""
    bad = tmp_path / "bad.html"
    lines = "".join(f"<p>line {number}</p>" for number in range(120))
    bad.write_text(
        "<!DOCTYPE html><meta charset=utf-8><body><p style='color:#bbb'>pale</p><p style='font-size:7pt'>tiny</p>"
        "<table><tr><td style='max-width:20px;white-space:nowrap'>out of its cell by far</td></tr></table>"
        f"<p style='width:3000px'>{'wide ' * 100}</p><img src='missing.png'>{lines}<script>nothing()</script>",
        encoding="utf-8",
    )
    page.open(bad, 390)
    found: list[Any] = page.run(CUT)
    assert any(text.startswith("out of its cell") for text in found)
    assert any(text.startswith("off the page") for text in found)
    assert {"wider than the window", "no picture"} <= set(found)
    assert [text for text in page.run(PALE) if text.endswith("pale")] != []
    assert [text for text in page.run(SMALL) if text.endswith("tiny")] != []
    assert page.complaints != []
    assert any(address.endswith("missing.png") for address in page.requests)


# --- how the browser comes to be there --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "user", "codes", "reason"),
    [
        (None, 0, [], "this is no Debian to install it on"),
        ("/usr/bin/apt-get", 1000, [], "only root can install it"),
        ("/usr/bin/apt-get", 0, [0], ""),
        ("/usr/bin/apt-get", 0, [100, 0, 0], ""),
        ("/usr/bin/apt-get", 0, [100, 100, 100], "it cannot be installed (E: Unable to locate package chromium)"),
    ],
)
def test_the_browser_is_installed_or_the_reason_is_said(
    there: str | None, user: int, codes: list[int], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []

    def runs(command: tuple[str, ...], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        code = codes[len(asked) - 1]
        return subprocess.CompletedProcess(command, code, "", "E: Unable to locate package chromium\n" if code else "")

    monkeypatch.setattr(shutil, "which", lambda _: there)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(subprocess, "run", runs)
    assert why_not_installed() == reason
    assert asked == [GET, ("apt-get", "update"), GET][: len(codes)]
