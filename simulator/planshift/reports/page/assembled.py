"""The page about a renewal, put together from its parts, with the answers in their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from planshift.impact.answers.what_if import AUTO_RELOAD
from planshift.impact.stopped import credits_unsaid
from planshift.reports.page.model import Page
from planshift.reports.page.of_answers import break_even_of, can_do_with, recommendation_of, what_if_of, when_of
from planshift.reports.page.of_renewal import (
    bridge_of,
    can_do_of,
    chances_in_year,
    months_of,
    new_name,
    old_name,
    verdict_of,
    who_of,
)
from planshift.reports.page.rests import rests_on
from planshift.reports.page.said import Said
from planshift.reports.page.verdict import with_credits
from planshift.reports.renewal.renewal import RenewalResult
from planshift.reports.renewal.words import reads
from planshift.reports.words import with_effect


def page_of(found: RenewalResult, customer: str, prepared: tuple[Said, ...], command: Sequence[str]) -> Page:
    """Everything that could be on the page about a renewal; ``command``: the page's own options, word by word."""
    renewal, answers = found.renewal, found.answers
    scenario = renewal.scenario
    what_ifs = with_effect(scenario.catalogue, lambda: reads(renewal))
    verdict, who = verdict_of(renewal), who_of(renewal, answers.winners_losers)
    if credits_unsaid(renewal):
        verdict = replace(verdict, said=with_credits(verdict.said, answers.what_if.of(AUTO_RELOAD)))
    return Page(
        customer=customer,
        prepared=prepared,
        title=scenario.title,
        what_ifs=what_ifs,
        what_if_count=len(what_ifs),
        day=renewal.day,
        last=renewal.end - timedelta(days=1),
        months=renewal.months,
        old_plan=old_name(renewal.old.plan),
        new_plan=new_name(renewal.new.plan),
        draws=renewal.draws if renewal.synthetic else 0,
        verdict=verdict,
        bridge=bridge_of(renewal),
        month_by_month=months_of(renewal),
        who=who and replace(who, break_even=break_even_of(answers.break_even)),
        can_do=can_do_with(
            can_do_of(renewal), answers, chances_in_year(renewal) if renewal.draws > 1 else {}, scenario
        ),
        recommendation=recommendation_of(answers.recommendations, renewal),
        when=when_of(answers.timing),
        what_if=what_if_of(answers, scenario.catalogue),
        rests_on=rests_on(found, command),
    )
