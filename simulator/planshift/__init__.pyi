# What is public, each name once: type checkers read this file, and `planshift/__init__.py` where each of them lives.

from planshift.billing.drawn_usage import draw_usage as draw_usage
from planshift.explanation.explain import explain as explain
from planshift.explanation.explanation import Explanation as Explanation
from planshift.plans.catalogue import load_catalogue as load_catalogue
from planshift.problems import InputError as InputError
from planshift.problems import OutputError as OutputError
from planshift.problems import PlanshiftError as PlanshiftError
from planshift.reports.comparison.comparison import ComparisonResult as ComparisonResult
from planshift.reports.comparison.comparison import compare as compare
from planshift.reports.fit.fitted import FitResult as FitResult
from planshift.reports.fit.fitted import fit_usage as fit_usage
from planshift.reports.forecast.forecast import forecast as forecast
from planshift.reports.forecast.result import ForecastResult as ForecastResult
from planshift.reports.page.imprint import Imprint as Imprint
from planshift.reports.renewal.renewal import RenewalResult as RenewalResult
from planshift.reports.renewal.renewal import renew as renew
from planshift.reports.scenario.shown import ScenarioShown as ScenarioShown
from planshift.reports.scenario.shown import show_scenario as show_scenario
from planshift.reports.simulation.simulation import Simulation as Simulation
from planshift.reports.simulation.simulation import simulate as simulate
from planshift.usage.formats import import_usage as import_usage
from planshift.usage.session import session as session
from planshift.version import __version__ as __version__

_HOMES: dict[str, str]
