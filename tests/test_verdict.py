"""The sentence with the answer names work that is stopped, and says first where nobody has agreed on credits."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import planshift
from answering import even
from command import run
from planshift.billing.ledger import AMOUNTS, COLUMN
from planshift.impact.stopped import StoppedWork
from planshift.plans.files import folder
from planshift.reports.page.report import PageOptions
from planshift.reports.renewal.renewal import RenewalResult

SELF_SERVE = """\
contract:
  plan: legacy_chat_claude_code
  channel: self_serve
  term_start: 2026-01-01
  seats: {chat: 20}
  seat_prices: {chat: 30.00}
  credits: {initial: 500.00, auto_reload: {below: 100.00, amount: 500.00}, payment: card}
RENEWAL"""
RELOAD = "  renewal: {credits: {auto_reload: {below: 200.00, amount: 500.00}}}"
SEATS = 20 * 20 * 12 * 100
"""The seats of the year after, cents."""


def renewed(at: Path, renewal: str, cents_a_day: int = 300) -> RenewalResult:
    even(at, {"ada": cents_a_day, "ben": cents_a_day}, SELF_SERVE.replace("RENEWAL", renewal), MEMBERS)
    found = planshift.renew(at / "even.yaml")
    assert isinstance(found, RenewalResult)
    return found


MEMBERS = "members: {ada: chat, ben: chat}\n"


def test_what_nobody_has_said_of_credits_comes_first_with_auto_reload_beside_it(tmp_path: Path) -> None:
    found = renewed(tmp_path, "")
    usage = 365 * 2 * 300
    first = "The renewal says nothing about how credits are bought; with auto reload the year would cost"
    year = f"{(SEATS + usage) // 100:,} USD"
    assert found.answer.startswith(f"{first} {year}, and no work would be stopped. Year one on Enterprise: ")
    assert found.answer.endswith(" USD of work is stopped because credits ran out.")
    shown = found.answers.what_if.of("auto_reload")
    assert shown
    assert (shown.new.p50, shown.undone.p50) == (SEATS + usage, 0)
    assert shown.new.p50 == found.renewal.new.cost + int(StoppedWork.of(amounts(found)).amount[0])
    assert "Credits bought by auto reload" in run("renew", tmp_path / "even.yaml").out


def amounts(found: RenewalResult) -> np.ndarray:
    return found.renewal.new.amounts.sum(axis=1, keepdims=True)


def test_what_is_agreed_on_credits_leaves_nothing_to_be_said(tmp_path: Path) -> None:
    found = renewed(tmp_path, RELOAD)
    assert found.answer.startswith("Year one on Enterprise: ")
    assert "stopped" not in found.answer
    assert found.answers.what_if.of("auto_reload") is None


def test_a_limit_that_stops_work_is_named(tmp_path: Path) -> None:
    limit = RELOAD.replace("{credits", "{spend_limits: {organization: 100.00}, credits")
    found = renewed(tmp_path, limit)
    stopped = 365 * 600 - 12 * 100_00
    said = f"In that year {stopped / 100:,.2f} USD of work is stopped by the organization's spend limit."
    assert found.answer.endswith(said)


def test_what_hardly_matters_is_left_out() -> None:
    found = np.zeros((len(AMOUNTS), 1), dtype=np.int64)
    found[COLUMN["demand"]] = found[COLUMN["metered"]] = 1_000_000
    found[COLUMN["blocked_credits"]], found[COLUMN["blocked_member_limit"]] = 6_000, 3_000
    found[COLUMN["billed"]] = 991_000
    stopped = StoppedWork.of(found)
    assert stopped.share == Fraction(9, 1000)
    assert (stopped.cause, stopped.all_of_it) == ("blocked_credits", False)
    assert not stopped.matters(Fraction(1, 100))
    assert stopped.matters(Fraction(9, 1000))


def test_many_simulated_years_name_it_as_well() -> None:
    drawn = planshift.renew(folder("scenarios") / "tight_limits.yaml", draws=4, jobs=1)
    assert "In the median " in drawn.answer
    assert drawn.answer.endswith(" USD of work a year is stopped mostly by members' spend limits.")


@pytest.mark.parametrize(
    ("language", "first", "stopped"),
    [
        ("en", "The renewal says nothing about how credits are bought", "of work is stopped because credits ran out."),
        ("de", "Für die Zeit nach der Verlängerung ist nicht vereinbart", "wegen aufgebrauchten Guthabens Arbeiten"),
        ("it", "Il rinnovo non prevede come acquistare i crediti", "per esaurimento dei crediti, viene fermato lavoro"),
    ],
)
def test_the_page_says_both_in_every_language(language: str, first: str, stopped: str, tmp_path: Path) -> None:
    html = " ".join(PageOptions("customer", language).of(renewed(tmp_path, "")).html.replace("\u00a0", " ").split())
    assert first in html
    assert stopped in html
