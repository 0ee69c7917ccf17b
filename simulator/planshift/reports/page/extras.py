"""The packages that only pages need, which come with the extras ``report`` and ``pdf``."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from planshift.problems import InputError
from planshift.reports.words import listed

REPORT: Mapping[str, str] = {"jinja2": "Jinja2", "babel": "Babel"}
PDF: Mapping[str, str] = {"typst": "Typst"}
GET_REPORT, GET_PDF = "pip install 'planshift[report]'", "pip install 'planshift[pdf]'"


def check_report() -> None:
    """Nothing where a page can be made; InputError, with what to install, where it cannot."""
    absent = missing(REPORT)
    if absent:
        verb = "is" if len(absent) == 1 else "are"
        fact = f"a page needs {listed(absent)}, which {verb} not installed"
        raise InputError.at("--report", fact, GET_REPORT)


def missing(packages: Mapping[str, str]) -> list[str]:
    """The names of those packages that are not installed."""
    return [name for module, name in packages.items() if find_spec(module) is None]
