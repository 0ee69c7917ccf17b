"""The page put together from its parts: of one year, or of many draws; and the answers in their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from planshift.impact.answers.answer import Answers
from planshift.impact.answers.what_if import AUTO_RELOAD
from planshift.impact.renew import Renewal
from planshift.impact.stopped import StoppedWork, credits_unsaid
from planshift.reports.page.model import Page
from planshift.reports.page.of_answers import (
    Chances,
    break_even_of,
    can_do_with,
    recommendation_of,
    what_if_of,
    when_of,
)
from planshift.reports.page.of_draws import (
    DrawnYears,
    MembersDrawn,
    bridge_drawn,
    can_do_drawn,
    chances_in_year,
    months_drawn,
    verdict_drawn,
    who_drawn,
)
from planshift.reports.page.of_renewal import bridge_of, can_do_of, months_of, new_name, old_name, verdict_of, who_of
from planshift.reports.page.rests import Made, rests_on
from planshift.reports.page.said import Said
from planshift.reports.page.verdict import with_credits
from planshift.reports.renewal.words import reads
from planshift.reports.words import with_effect


class DrawnRenewal(DrawnYears, Protocol):
    """A renewal over many draws, as far as a page tells of it."""

    @property
    def draws(self) -> int:
        """How many draws there are."""

    @property
    def members(self) -> MembersDrawn:
        """What becomes of its members."""


def page_of(found: Made, renewal: Renewal, customer: str, prepared: tuple[Said, ...], command: Sequence[str]) -> Page:
    """The page about a renewal of one year, without what the answers say; ``command``: the page's own options."""
    what_ifs = with_effect(renewal.scenario.catalogue, lambda: reads(renewal))
    return Page(
        customer=customer,
        prepared=prepared,
        title=renewal.scenario.title,
        what_ifs=what_ifs,
        what_if_count=len(what_ifs),
        day=renewal.day,
        last=renewal.end - timedelta(days=1),
        months=renewal.months,
        old_plan=old_name(renewal.old.plan),
        new_plan=new_name(renewal.new.plan),
        draws=0 if renewal.scenario.seed is None else 1,
        verdict=verdict_of(renewal),
        bridge=bridge_of(renewal),
        month_by_month=months_of(renewal),
        who=who_of(renewal),
        can_do=can_do_of(renewal),
        recommendation=None,
        when=None,
        what_if=None,
        rests_on=rests_on(found, renewal, command),
    )


def page_drawn(
    page: Page, found: Made, drawn: DrawnRenewal, renewal: Renewal, answers: Answers, command: Sequence[str]
) -> Page:
    """The page about a renewal over many draws, of which ``renewal`` is one and ``page`` the page, with the answers in
    their places."""
    page = replace(
        page,
        draws=drawn.draws,
        verdict=verdict_drawn(answers.range, renewal, StoppedWork.of(drawn.new.amounts)),
        bridge=bridge_drawn(drawn),
        month_by_month=months_drawn(drawn),
        who=who_drawn(answers.winners_losers, drawn.members, renewal.scenario),
        can_do=can_do_drawn(drawn, drawn.members),
        rests_on=rests_on(found, renewal, command, drawn.draws),
    )
    return answered(page, answers, renewal, chances_in_year(drawn, drawn.members, renewal.scenario))


def answered(page: Page, answers: Answers, renewal: Renewal, in_year: Chances | None = None) -> Page:
    """A page with the answers in their places; ``in_year``: with draws, what is likely to stop whom in the year."""
    who = page.who and replace(page.who, break_even=break_even_of(answers.break_even))
    verdict = page.verdict
    if credits_unsaid(renewal):
        verdict = replace(verdict, said=with_credits(verdict.said, answers.what_if.of(AUTO_RELOAD)))
    return replace(
        page,
        verdict=verdict,
        who=who,
        can_do=can_do_with(page.can_do, answers, in_year or {}, renewal.scenario),
        recommendation=recommendation_of(answers.recommendations, renewal),
        when=when_of(answers.timing),
        what_if=what_if_of(answers, renewal.scenario.catalogue),
    )
