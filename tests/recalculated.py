"""Workbooks as LibreOffice computes them: opened, recalculated from nothing, and saved again."""

from __future__ import annotations

import atexit
import functools
import re
import shutil
import subprocess
import tempfile
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item></oor:items>
"""
"""Without it LibreOffice shows the values that are stored in a file, whatever its formulas say."""

Cells = dict[tuple[str, str], object]
"""Sheet and cell (``A1``) → value."""


@functools.cache
def office() -> str:
    """LibreOffice's command; the test is skipped where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        pytest.skip("LibreOffice is not installed: Debian has it as libreoffice-calc-nogui")
    return found


@functools.cache
def profile() -> Path:
    """LibreOffice's settings, of this process alone: making them takes as long as a workbook."""
    folder = Path(tempfile.mkdtemp(prefix="planshift-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = folder / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(PROFILE, encoding="utf-8")
    return folder


def recalculated(workbook: Path, folder: Path) -> Path:
    """The workbook, recalculated in a folder of its own."""
    out = folder / "recalculated"
    command = [office(), f"-env:UserInstallation={profile().as_uri()}", "--headless", "--norestore"]
    command += ["--convert-to", "xlsx", "--outdir", str(out), str(workbook)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240, stdin=subprocess.DEVNULL)
    made = out / workbook.name
    assert made.is_file(), done.stdout + done.stderr
    return made


def cells_of(workbook: Path) -> Cells:
    """What is in the cells that are not empty, formulas as the values stored with them."""
    with warnings.catch_warnings():
        # openpyxl cannot read some of the charts that LibreOffice writes; they are not looked at.
        warnings.filterwarnings("ignore", message="Unable to read chart")
        book = openpyxl.load_workbook(workbook, data_only=True)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value not in (None, "")
    }


def formulas_of(workbook: Path) -> Cells:
    """The cells that hold formulas, and the formulas."""
    book = openpyxl.load_workbook(workbook)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def changed(workbook: Path, copy: Path, cells: Mapping[tuple[str, str], str | float]) -> Path:
    """A copy with other values in cells without formulas, and whose formulas have all lost their stored values.

    Whatever a reader shows of the copy, it has computed itself.
    """
    with zipfile.ZipFile(workbook) as source, zipfile.ZipFile(copy, "w") as target:
        names = re.findall(r'<sheet name="([^"]*)"', source.read("xl/workbook.xml").decode())
        for name in source.namelist():
            content = source.read(name).decode("utf-8") if name.endswith(".xml") else source.read(name)
            if isinstance(content, str) and (found := re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name)):
                content = re.sub(r"(</f>)<v>[^<]*</v>", r"\1<v>0</v>", content)
                for (sheet, cell), value in cells.items():
                    if sheet == names[int(found[1]) - 1]:
                        content = _with(content, cell, value)
            target.writestr(name, content)
    return copy


def _with(sheet: str, cell: str, value: str | float) -> str:
    """A sheet's XML with another value in a cell that is there and holds no formula."""
    pattern = rf'<c r="{cell}"( s="\d+")?(?: t="s")?(?:/>|><v>[^<]*</v></c>)'
    if isinstance(value, str):
        new = rf'<c r="{cell}"\1 t="inlineStr"><is><t>{value}</t></is></c>'
    else:
        new = rf'<c r="{cell}"\1><v>{value!r}</v></c>'
    sheet, count = re.subn(pattern, new, sheet)
    assert count == 1, f"no cell {cell} without a formula"
    return sheet


def differences(expected: Cells, found: Cells) -> dict[tuple[str, str], tuple[object, object]]:
    """The cells that differ, numbers by more than a ten-thousandth of a cent."""
    return {
        place: (expected.get(place), found.get(place))
        for place in expected.keys() | found.keys()
        if not _same(expected.get(place), found.get(place))
    }


def _same(one: object, other: object) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-6
    return one == other
