"""The charts: the same bytes for the same values, every text whole and apart from others, names letter by letter."""

from __future__ import annotations

import io
import multiprocessing
import subprocess
import sys
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

import planshift
from command import EXAMPLES
from planshift.plans.files import folder
from planshift.problems import printable
from planshift.reports.charts.canvas import Canvas
from planshift.reports.charts.chart import Chart, Entry, Panel
from planshift.reports.charts.comparison import (
    MemberRow,
    PlanBar,
    member_changes,
    plan_months,
    plan_totals,
    shown_rows,
)
from planshift.reports.charts.kinds import Step, Year, month_names, paired_key, paired_months, waterfall
from planshift.reports.charts.picture import drawn, png, svg
from planshift.reports.charts.renewal import OLD
from planshift.reports.charts.styles import amount, signed, whole

DEMO = folder("scenarios") / "renewal_demo.yaml"
LONG = "A plan whose title somebody wrote who never had to fit it into a chart, with everything that it includes"
MAIL = "maximiliane.von-hohenstein-rosenberg@kestrel-instruments-international.example"
FORMULA = r"$x^2$ and $\frac{1}{2}$ of _everything_ for 100 $"
FOOTNOTES = ("Whose it is. An estimate, not an invoice.", f"A note that goes on. {'And on and on. ' * 20}")
MONTHS = tuple(date(2026 + (9 + month) // 12, (9 + month) % 12 + 1, 1) for month in range(13))


def chart(title: str, *panels: Panel, key: tuple[Entry, ...] = (), alike: bool = False) -> Chart:
    return Chart(title, FOOTNOTES, "", (panels,), key, alike=alike)


def year(cents: int) -> Year:
    return Year("Seats", "Usage", tuple(cents + month for month in range(13)), tuple(cents // 2 for _ in range(13)))


def bridge(*steps: int, first: int = 5_946_225) -> Chart:
    said = [Step("Work stopped because credits ran out", cents) for cents in steps]
    return chart(
        "What changes", waterfall("US dollars", Step(LONG, first), said, Step("New", first + sum(steps)), old=OLD)
    )


def paired(cents: int) -> Chart:
    rows = ("Year before", "Counterfactual", "New plan")
    both = (year(cents), year(cents))
    before = tuple(cents for _ in MONTHS)
    panel = paired_months(month_names(MONTHS), *both, "US dollars", before=before, rows=rows)
    return chart(LONG, panel, key=paired_key(*both, "Before"))


def totals(count: int, undone: int = 123_456) -> Chart:
    bars = [
        PlanBar(LONG, 10**5 * number, 5 * 10**6, undone, f"{number},000.00 more (12.3 %)", "seats + usage", number > 1)
        for number in range(count)
    ]
    return chart("Totals", plan_totals(bars, "US dollars"))


def lines(count: int, months: int = 13) -> Chart:
    plans = [(f"{LONG} {number}", (1_000_000 + number,) * months) for number in range(count)]
    return chart(LONG, plan_months(MONTHS[:months], plans, "US dollars"))


def members(count: int, plans: int = 1) -> Chart:
    names = [MAIL, FORMULA, "=cmd|' /C calc'!A0", "x" * 180, *(f"{number:03d}-{MAIL}" for number in range(4, count))]
    rows = [
        MemberRow(name, tuple((number - count // 3) * 98_765 + plan for plan in range(plans)))
        for number, name in enumerate(names[:count])
    ]
    named = [f"{LONG} {plan}" for plan in range(plans)]
    panels, key = member_changes(named, shown_rows(rows), "US dollars more or less")
    return chart("Members", *panels, key=key, alike=True)


CHARTS: dict[str, Chart] = {
    "waterfall of all steps": bridge(-3_888_000, 5_410_441, 52_692, 700_000, 10_000, -104_914, -9_999, 1),
    "waterfall of one step": bridge(100),
    "waterfall of millions": bridge(123_456_789_00, -98_765_432_10, first=1_000_000_000_00),
    "waterfall below zero": bridge(-900_000, 1_200_000, first=500_000),
    "waterfall of nothing": bridge(0, first=0),
    "paired months": paired(450_000),
    "paired months of millions": paired(123_456_789_00),
    "paired months of nothing": paired(0),
    "paired months of a few cents": paired(7),
    "totals of two": totals(2),
    "totals of eight": totals(8),
    "totals with everything done": totals(3, undone=0),
    "totals of work that cannot be done": totals(2, undone=10**10),
    "lines of two": lines(2),
    "lines of five that lie on each other": lines(5),
    "lines of one month": lines(2, months=1),
    "members, one": members(1),
    "members, twelve": members(12),
    "members, twenty": members(20),
    "members, forty": members(40),
    "members, three hundred": members(300),
    "members on three plans": members(60, plans=3),
}
every_chart = pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)


@cache
def shipped() -> dict[str, Chart]:
    """The charts of the shipped scenario and of the examples, as people get them."""
    found = {f"demo {name}": chart for name, chart in planshift.renew(DEMO).charts.items()}
    for path in (DEMO, EXAMPLES / "renewal_standard_premium.yaml"):
        compared = planshift.compare(path, ["legacy_standard_premium", "enterprise"])
        found |= {f"{path.stem} compared {name}": chart for name, chart in compared.charts.items()}
    return found


def assert_apart(canvas: Canvas) -> None:
    """Every text is inside the picture, and none lies on another."""
    assert [
        text
        for text, box in canvas.texts
        if box.left < -0.5 or box.top < -0.5 or box.right > canvas.width + 0.5 or box.bottom > canvas.height + 0.5
    ] == []
    # A point of the letters' own room may be shared.
    assert [
        (one, other)
        for (one, a), (other, b) in combinations(canvas.texts, 2)
        if min(a.right, b.right) - max(a.left, b.left) > 1 and min(a.bottom, b.bottom) - max(a.top, b.top) > 1
    ] == []


def assert_readable(chart: Chart) -> None:
    """Every text of a chart's file is whole and apart from the others, and every axis of amounts says its unit."""
    assert all("US dollars" in panel.places.label + panel.values.label for row in chart.panels for panel in row)
    assert_apart(drawn(chart))


# --- what can be read -------------------------------------------------------------------------------------------------


@every_chart
def test_every_text_is_whole_and_apart_from_the_others_and_every_axis_has_its_unit(chart: Chart) -> None:
    assert_readable(chart)


def test_so_is_every_text_of_the_shipped_scenario() -> None:
    for chart in shipped().values():
        assert_readable(chart)


def test_names_are_shown_letter_by_letter() -> None:
    canvas = drawn(members(4))
    assert "$x^2$ and $\\frac{1}{2}$ of" in " ".join(text for text, _ in canvas.texts)
    assert "=cmd|' /C calc'!A0</text>" in canvas.svg("")
    assert printable("two\nlines\x1b[31m") == "two\\nlines\\x1b[31m"


def test_letters_that_the_font_lacks_do_no_harm() -> None:
    panels, _ = member_changes(["new"], [MemberRow("渡辺さくら 🦊", (5,))], "US dollars")
    assert png(chart("Members", *panels))


def test_a_name_in_letters_of_two_scripts_is_drawn_in_the_fonts_that_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from planshift.reports.charts import raster

    found: list[str] = []
    monkeypatch.setattr(raster, "_font", lambda file, size, own=raster._font: found.append(file) or own(file, size))
    panels, _ = member_changes(["new"], [MemberRow("渡辺 🦊 Watanabe", (5,))], "US dollars")
    assert png(chart("Members", *panels))
    assert {"DroidSansFallback.ttf", "DejaVuSans.ttf", "SourceSansPro-Regular.otf"} <= set(found)


def test_nobodys_settings_change_a_picture_and_it_changes_none() -> None:
    import matplotlib

    first = png(CHARTS["lines of two"])
    with matplotlib.rc_context({"text.usetex": True, "lines.scale_dashes": False, "font.size": 30}):
        before = dict(matplotlib.rcParams)
        assert png(CHARTS["lines of two"]) == first
        assert dict(matplotlib.rcParams) == before


def test_names_cannot_become_markup() -> None:
    panels, _ = member_changes(["new"], [MemberRow("<script>&amp;", (5,))], "US dollars")
    text = svg(replace(chart("Members", *panels), alt='A "quoted" <sentence>.'))
    assert "<script" not in text
    assert "&lt;script&gt;&amp;amp;" in text
    assert 'aria-label="A &quot;quoted&quot; &lt;sentence&gt;."' in text
    assert 'role="img"' in text


def test_more_than_forty_members_are_named_at_the_ends_alone() -> None:
    rows = shown_rows([MemberRow(f"m{number:03d}", (number,)) for number in range(100)])
    assert len(rows) == 41
    assert (rows[0].name, rows[-1].name) == ("m099", "m000")
    # The sixty from 20 to 79 have 49.5 cents on average.
    assert (rows[20].name, rows[20].changes) == ("60 others, on average", (50,))
    assert len(shown_rows([MemberRow("m", (0,))] * 40)) == 40
    assert shown_rows([MemberRow("m", (0,))] * 41)[20].name == "1 other"


def test_every_chart_has_a_sentence_for_those_who_cannot_see_it() -> None:
    for name, chart in shipped().items():
        assert chart.alt.endswith("."), name
        assert "US dollars" in chart.alt, name
    assert shipped()["demo bridge"].alt == (
        "Waterfall chart in US dollars from 59,462, had Standard and Premium seats continued (a counterfactual), to "
        "74,164 on Enterprise, usage-based: seat fees -38,880; included usage, now billed +54,104; discount "
        "on usage +526.92; work the new limits stop -1,049; rounding to cents +0.01."
    )


def test_the_bridge_shows_every_step_with_its_amount() -> None:
    shown = {text for text, _ in drawn(shipped()["demo bridge"]).texts}
    assert {"59,462.25", "−38,880.00", "+54,104.41", "+526.92", "−1,049.14", "74,164.45"} <= shown
    assert "Rounding to cents, not drawn: +0.01 USD." in " ".join(shown)


@pytest.mark.parametrize(
    ("cents", "said"), [(-3_888_000, ("−38,880.00", "−38,880.00", "−38,880")), (49, ("0.49", "+0.49", "0"))]
)
def test_amounts_have_their_sign(cents: int, said: tuple[str, str, str]) -> None:
    assert (amount(cents), signed(cents), whole(cents)) == said


# --- the same bytes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["waterfall of all steps", "paired months", "totals of two", "lines of two"])
def test_the_same_chart_gives_the_same_picture(kind: str) -> None:
    assert png(CHARTS[kind]) == png(CHARTS[kind])


def test_a_picture_has_its_size_and_says_nothing_of_who_drew_it() -> None:
    from PIL import Image

    with Image.open(io.BytesIO(png(CHARTS["totals of two"]))) as picture:
        assert picture.size == (1600, 900)
        assert "Software" not in picture.info


def test_no_chart_needs_a_drawing_package() -> None:
    code = (
        "import sys, planshift; planshift.renew(sys.argv[1]).charts;"
        " sys.exit(any(name in sys.modules for name in ('matplotlib', 'PIL', 'typst')))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(DEMO)], check=False).returncode == 0


def test_a_process_that_was_forked_after_a_picture_was_made_makes_the_same() -> None:
    charts = [CHARTS["lines of two"]] * 2
    first = png(charts[0])
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.map(png, charts, chunksize=1) == [first, first]


def test_the_pictures_of_the_shipped_scenario_are_the_same_in_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    again = planshift.renew(DEMO).charts
    assert [png(chart) for chart in again.values()] == [png(shipped()[f"demo {name}"]) for name in again]
