"""What holds for every test."""

import contextlib
import importlib
import multiprocessing
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from command import undrawn
from planshift.plans import catalogue
from planshift.plans.catalogue import PUBLISHED
from planshift.plans.files import folder
from planshift.plans.rate_files import read_rates
from planshift.plans.rates import RateCard

DRAWN_WITH = (
    *("matplotlib.backends.backend_agg", "matplotlib.font_manager", "PIL.PngImagePlugin"),
    *("typst", "jinja2", "babel.dates", "babel.numbers"),
)


def pytest_configure() -> None:
    """Programs that a test interrupts must hear it, also where the tests themselves run in the background.

    A shell starts background programs with SIGINT ignored, and a program passes that on to those it starts.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    catalogue.shipped_plans = _published


def _published() -> Path:
    """Tests bill the plans as they were last checked: a price that somebody enters for later changes none of them."""
    return folder("plans") / PUBLISHED


@pytest.fixture(scope="module")
def card() -> RateCard:
    """The shipped rate card, as it is now."""
    return read_rates(folder("plans") / "rates" / "claude_api.yaml")


@pytest.fixture(scope="module")
def live_plans() -> Iterator[None]:
    """For tests of what is shipped: the plan files as they are now."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "shipped_plans", lambda: folder("plans"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _imported_once() -> None:
    """Pictures and pages are made in processes forked from this one, each of which would import their packages anew."""
    for name in DRAWN_WITH:
        with contextlib.suppress(ImportError, OSError):
            importlib.import_module(name)


@pytest.fixture(scope="session", autouse=True)
def _forked() -> Iterator[None]:
    """Workers are forked from this process, also where a thread of the test runner's keeps planshift from it."""
    if "fork" not in multiprocessing.get_all_start_methods():
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planshift.parallel.forks", lambda: True)
        yield


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that look at no picture and no PDF: nothing is drawn, and such files hold what they would show."""
    monkeypatch.setattr("planshift.reports.result.png", undrawn)
    monkeypatch.setattr("planshift.reports.page.report.png", undrawn)
    monkeypatch.setattr("planshift.reports.page.report.page_pdf", undrawn)
