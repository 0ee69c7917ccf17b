"""What `import planshift` offers: a sorted list, loaded when it is asked for."""

import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import planshift
from programs import ENDS_WITHIN

EXAMPLES = Path(__file__).parent / "golden" / "examples"
EXPORTS = Path(__file__).parent / "golden" / "exports"


def test_the_public_names_are_sorted_and_are_there() -> None:
    assert planshift.__all__ == sorted(planshift.__all__)
    assert [name for name in planshift.__all__ if not hasattr(planshift, name)] == []
    assert set(planshift.__all__) <= set(dir(planshift))


def test_every_public_name_is_listed_once_and_is_what_type_checkers_see() -> None:
    stub = Path(planshift.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    listed = re.findall(r"^from (\S+) import (\w+) as \w+$", stub, re.MULTILINE)
    assert len({name for _, name in listed}) == len(listed)
    assert {name for _, name in listed} == {*planshift.__all__, "__version__"}
    assert [name for home, name in listed if getattr(planshift, name) is not getattr(import_module(home), name)] == []


def test_a_function_of_options_says_what_it_takes_as_type_checkers_see_it() -> None:
    assert (planshift.simulate.__name__, planshift.compare.__name__) == ("simulate", "compare")
    taken = inspect.signature(planshift.compare).parameters
    assert [*taken][:2] == ["scenario", "plan_ids"]
    assert {"plans", "overlays", "draws", "seed", "detail", "budget", "jobs"} <= set(taken)
    with pytest.raises(TypeError, match="unexpected keyword argument 'drawz'"):
        planshift.simulate(EXAMPLES / "seats_added_mid_term.yaml", drawz=3)  # type: ignore[call-arg]


def test_everything_public_says_what_it_is() -> None:
    assert [name for name in planshift.__all__ if not getattr(planshift, name).__doc__] == []


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'planshift' has no attribute 'simulat'"):
        planshift.simulat  # noqa: B018


def test_importing_planshift_loads_nothing_but_the_standard_library() -> None:
    program = "import sys, planshift; assert not {'numpy', 'pandas', 'yaml', 'typer'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], timeout=ENDS_WITHIN, check=True, stdin=subprocess.DEVNULL)


def test_a_simulation_takes_one_line() -> None:
    bills = planshift.simulate(EXAMPLES / "seats_added_mid_term.yaml")
    assert bills.answer == (
        "Fifty seats in January, ten more in April: 14,670 USD invoiced from 2027-01-01 to 2027-12-31,"
        " all of it for seats."
    )
    assert sorted(bills.tables) == ["alerts", "invoices", "members", "months", "stops"]
    assert str(bills.tables["invoices"]["amount"].sum()) == "14670.00"


def test_an_import_takes_one_line() -> None:
    imported = planshift.import_usage("admin-usage", EXPORTS / "admin_usage.json")
    assert len(imported.rows) == imported.summary.rows_written == 2


def test_mistakes_of_input_are_raised_with_their_places() -> None:
    with pytest.raises(planshift.InputError) as caught:
        planshift.simulate("nowhere.yaml")
    assert caught.value.problems[0].place.file == "nowhere.yaml"
