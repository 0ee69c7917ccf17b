"""What tests about answers share: scenarios with usage that is the same every day, and their courses billed."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from planshift.billing.scenario import Scenario, read_scenario
from planshift.impact.answers.answer import Answers, answer
from planshift.impact.answers.course import Course, Demands
from planshift.impact.answers.year import BilledYear
from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.plans.files import folder

DEMO = folder("scenarios") / "renewal_demo.yaml"
CHAT = folder("scenarios") / "chat_and_claude_code.yaml"
HEADER = "date,user_id,surface,model,input_tokens,output_tokens,web_searches"


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def shipped(path: Path) -> Scenario:
    return read_scenario(path, catalogue())


@cache
def answered(path: Path) -> Answers:
    return answer(shipped(path))


def even(
    folder_of: Path, cents_a_day: Mapping[str, int], contract: str, more: str = "", surface: str = "chat"
) -> Scenario:
    """A scenario whose members use the same on each day of 2026, web searches at a cent each."""
    days = (date(2026, 1, 1) + timedelta(days=ahead) for ahead in range(365))
    rows = [
        f"{day},{member},{surface},claude-sonnet-4-6,0,0,{cents}"
        for day in days
        for member, cents in cents_a_day.items()
        if cents
    ]
    (folder_of / "usage.csv").write_text("\n".join([HEADER, *rows, ""]))
    text = f"title: Even\n{contract}\nhorizon: {{start: 2026-01-01, months: 12}}\nusage: {{file: usage.csv}}\n{more}"
    (folder_of / "even.yaml").write_text(text)
    return read_scenario(folder_of / "even.yaml", catalogue())


def billed(course: Course) -> tuple[BilledYear, BilledYear]:
    """The old and the new year of a course in its first draw."""
    demands = course.asked(range(1)).demands
    return course.old.billed(demands.old), course.new.billed(demands.new)


def demands(course: Course) -> Demands:
    """What is asked for in the first draw."""
    return course.asked(range(1)).demands


def fields(record: Any, *names: str) -> tuple[Any, ...]:
    """Some fields of a record."""
    return tuple(getattr(record, name) for name in names)
