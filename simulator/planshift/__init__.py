"""planshift: what an organization pays under a Claude Enterprise plan, what it may do, and what changes at renewal.

::

    import planshift

    bills = planshift.simulate("scenario.yaml")
    bills.answer                  # one sentence
    bills.tables["invoices"]      # a DataFrame; also members, alerts, stops, months
    bills.write("out")            # the folder that `planshift simulate --out` writes

    planshift.renew("scenario.yaml").tables["bridge"]
    planshift.compare("scenario.yaml", ["enterprise", "legacy_standard_premium"]).answer

Nothing is loaded before it is asked for: importing planshift takes no longer than importing a module of the standard
library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planshift.impact.explain.explanation import Explanation as Explanation
    from planshift.plans.catalogue import load_catalogue as load_catalogue
    from planshift.problems import InputError as InputError
    from planshift.problems import OutputError as OutputError
    from planshift.problems import PlanshiftError as PlanshiftError
    from planshift.reports.comparison.compared import Compared as Compared
    from planshift.reports.comparison.compared import compare as compare
    from planshift.reports.explained import explain as explain
    from planshift.reports.renewal.renewed import Renewed as Renewed
    from planshift.reports.renewal.renewed import renew as renew
    from planshift.reports.simulated import Simulation as Simulation
    from planshift.reports.simulated import simulate as simulate
    from planshift.usage.imported import import_usage as import_usage

__version__ = "0.1.0"

__all__ = [
    "Compared",
    "Explanation",
    "InputError",
    "OutputError",
    "PlanshiftError",
    "Renewed",
    "Simulation",
    "compare",
    "explain",
    "import_usage",
    "load_catalogue",
    "renew",
    "simulate",
]

_HOMES = {
    "Compared": "planshift.reports.comparison.compared",
    "Explanation": "planshift.impact.explain.explanation",
    "InputError": "planshift.problems",
    "OutputError": "planshift.problems",
    "PlanshiftError": "planshift.problems",
    "Renewed": "planshift.reports.renewal.renewed",
    "Simulation": "planshift.reports.simulated",
    "compare": "planshift.reports.comparison.compared",
    "explain": "planshift.reports.explained",
    "import_usage": "planshift.usage.imported",
    "load_catalogue": "planshift.plans.catalogue",
    "renew": "planshift.reports.renewal.renewed",
    "simulate": "planshift.reports.simulated",
}
"""Where everything public lives; it is loaded from there when it is first asked for."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'planshift' has no attribute '{name}'")
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
