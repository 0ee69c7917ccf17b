"""planshift: what an organization pays under a Claude Enterprise plan, what it may do, and what changes at renewal.

::

    import planshift

    bills = planshift.simulate("scenario.yaml")
    bills.answer                  # one sentence
    bills.tables["invoices"]      # a DataFrame; also members, alerts, stops, months
    bills.write("out")            # the folder that `planshift simulate --out` writes

    planshift.renew("scenario.yaml").tables["bridge"]
    planshift.compare("scenario.yaml", ["enterprise", "legacy_standard_premium"]).answer

    futures = planshift.renew("synthetic.yaml", draws=1000, seed=7, budget=80_000)
    futures.answer                # the middle of the draws, P10 and P90, and in how many it costs more
    futures.tables["chances"]     # what may happen, and in which month first

    with planshift.session():     # usage is read once, whatever is asked about it
        planshift.renew("scenario.yaml").answer

    ahead = planshift.forecast("portfolio.yaml", draws=1000)
    ahead.answer                  # what is recognised, invoiced and paid, and what the renewals change
    ahead.tables["rollforward"]   # what is deferred, month by month

Nothing is loaded before it is asked for: importing planshift takes no longer than importing a module of the standard
library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from planshift.version import __version__ as __version__

if TYPE_CHECKING:
    from planshift.billing.drawn_usage import draw_usage as draw_usage
    from planshift.explanation.explain import explain as explain
    from planshift.explanation.explanation import Explanation as Explanation
    from planshift.plans.catalogue import load_catalogue as load_catalogue
    from planshift.problems import InputError as InputError
    from planshift.problems import OutputError as OutputError
    from planshift.problems import PlanshiftError as PlanshiftError
    from planshift.reports.comparison.comparison import ComparisonResult as ComparisonResult
    from planshift.reports.comparison.comparison import compare as compare
    from planshift.reports.draws.renewed import RenewedDraws as RenewedDraws
    from planshift.reports.fit.fitted import Fitted as Fitted
    from planshift.reports.fit.fitted import fit_usage as fit_usage
    from planshift.reports.forecast.forecast import forecast as forecast
    from planshift.reports.forecast.found import ForecastFound as ForecastFound
    from planshift.reports.page.imprint import Imprint as Imprint
    from planshift.reports.renewal.renewed import Renewed as Renewed
    from planshift.reports.renewal.renewed import renew as renew
    from planshift.reports.scenario.shown import ScenarioShown as ScenarioShown
    from planshift.reports.scenario.shown import show_scenario as show_scenario
    from planshift.reports.simulation.simulation import Simulation as Simulation
    from planshift.reports.simulation.simulation import simulate as simulate
    from planshift.usage.imported import import_usage as import_usage
    from planshift.usage.session import session as session

__all__ = [
    "ComparisonResult",
    "Explanation",
    "Fitted",
    "ForecastFound",
    "Imprint",
    "InputError",
    "OutputError",
    "PlanshiftError",
    "Renewed",
    "RenewedDraws",
    "ScenarioShown",
    "Simulation",
    "compare",
    "draw_usage",
    "explain",
    "fit_usage",
    "forecast",
    "import_usage",
    "load_catalogue",
    "renew",
    "session",
    "show_scenario",
    "simulate",
]

_HOMES = {
    "ComparisonResult": "planshift.reports.comparison.comparison",
    "Explanation": "planshift.explanation.explanation",
    "Fitted": "planshift.reports.fit.fitted",
    "ForecastFound": "planshift.reports.forecast.found",
    "Imprint": "planshift.reports.page.imprint",
    "InputError": "planshift.problems",
    "OutputError": "planshift.problems",
    "PlanshiftError": "planshift.problems",
    "Renewed": "planshift.reports.renewal.renewed",
    "RenewedDraws": "planshift.reports.draws.renewed",
    "ScenarioShown": "planshift.reports.scenario.shown",
    "Simulation": "planshift.reports.simulation.simulation",
    "compare": "planshift.reports.comparison.comparison",
    "draw_usage": "planshift.billing.drawn_usage",
    "explain": "planshift.explanation.explain",
    "fit_usage": "planshift.reports.fit.fitted",
    "forecast": "planshift.reports.forecast.forecast",
    "import_usage": "planshift.usage.imported",
    "load_catalogue": "planshift.plans.catalogue",
    "renew": "planshift.reports.renewal.renewed",
    "session": "planshift.usage.session",
    "show_scenario": "planshift.reports.scenario.shown",
    "simulate": "planshift.reports.simulation.simulation",
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
