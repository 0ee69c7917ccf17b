"""The users that realism is shown with: drawn from shipped personas, as ``reports/realism.yaml`` asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from planshift.plans.catalogue import load_catalogue
from planshift.plans.rates import TOKEN_CLASSES, RateCard
from planshift.problems import InputError, Problem, did_you_mean
from planshift.usage.demand import Demand
from planshift.usage.products import read_products
from planshift.usage.synthetic.generate import Generator, Volumes
from planshift.usage.synthetic.persona import Organization, Persona, Population, Shocks
from planshift.usage.synthetic.persona_reading import Known, described, read_persona
from planshift.usage.synthetic.reading import PersonaFile, shipped_personas
from planshift_dev.realism.measures import Floats, Tokens, Users
from planshift_dev.realism.targets import Crowd, Targets

PLAN = "enterprise"
"""The plan whose rate card prices what is drawn."""

_NANO = 1e-9
_NOTHING_SHARED = Shocks(daily_sd=0.0, slow_sd=0.0, slow_days=1.0)


def generated(targets: Targets) -> dict[str, list[Users]]:
    """The users of each crowd, draw by draw; InputError where a persona is not shipped."""
    shipped = shipped_personas()
    catalogue = load_catalogue()
    card = catalogue.card(catalogue.plan(PLAN))
    return {
        name: list(_users(crowd, _organization(crowd, targets, shipped, card), card))
        for name, crowd in targets.crowds.items()
    }


def shipped_persona(name: str, shipped: PersonaFile, card: RateCard, start: date) -> Persona:
    """The shipped persona of a name, with the models in force on a day; InputError where there is none."""
    if name not in shipped.layers:
        raise InputError.at(str(shipped.path), f"there is no persona '{name}'", did_you_mean(name, shipped.layers))
    problems: list[Problem] = []
    words = described(name, {}, shipped.layers, problems)
    persona = words and read_persona(words, Known(read_products().titles, shipped.mixes, card, start), problems)
    if not isinstance(persona, Persona):
        raise InputError(problems)
    return persona


def _organization(crowd: Crowd, targets: Targets, shipped: PersonaFile, card: RateCard) -> Organization:
    persona = shipped_persona(crowd.persona, shipped, card, targets.start)
    return Organization(
        populations=(Population(persona, crowd.members, seat_type="", team=persona.title),),
        start=targets.start,
        seed=targets.seed,
        shocks=shipped.shocks if crowd.shocks else _NOTHING_SHARED,
        draws=crowd.draws,
    )


def _users(crowd: Crowd, organization: Organization, card: RateCard) -> Iterator[Users]:
    end = organization.start + timedelta(days=crowd.days)
    generator = Generator(organization, card, end)
    for draw in range(crowd.draws):
        volumes = generator.draw(range(draw, draw + 1))
        demand = volumes.demand(organization.start, end, generator.members)
        spend = demand.total[:, 0, :].astype(np.float64) * _NANO
        tokens = _tokens(volumes, demand, crowd.tokens_on) if crowd.tokens_on and not draw else None
        yield Users(organization.start, spend, tokens)


def _tokens(volumes: Volumes, demand: Demand, surface: str) -> Tokens:
    """The tokens of a draw on a surface."""
    rows = volumes.rows(volumes.draws[0])
    chosen = np.array([name == surface for name in rows.surface_names])[rows.surface]
    days, members = demand.days, len(demand.members)
    cells = rows.day[chosen] * members + rows.user[chosen]
    tokens = rows.tokens[chosen]
    by_class = {
        name: _counted(cells, tokens[:, column], days * members).reshape(days, members)
        for column, name in enumerate(TOKEN_CLASSES)
    }
    model, users, sums = rows.model[chosen], rows.user[chosen], tokens.sum(axis=1)
    by_model = {
        name: _counted(users[model == number], sums[model == number], members)
        for number, name in enumerate(rows.model_names)
    }
    return Tokens(by_class, by_model, float(demand.by_surface[surface].sum()) * _NANO)


def _counted(cells: npt.NDArray[np.int64], tokens: npt.NDArray[np.int64], length: int) -> Floats:
    """Tokens added up by cell."""
    return np.bincount(cells, weights=tokens, minlength=length).astype(np.float64)
