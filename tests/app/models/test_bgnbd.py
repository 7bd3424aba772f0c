import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import approx_fprime

from app.models import StoppedError, UnusableFileError
from app.models.bgnbd import Fit, _Likelihood, fit, probability_alive
from app.models.customers import Customers, read_customers

SAMPLE = Path(__file__).parents[3] / "local" / "demo" / "sample" / "cdnow_customers.csv"
PUBLISHED = Fit(r=0.243, alpha=4.414, a=0.793, b=2.426, log_likelihood=-9582.4)
Array = NDArray[np.float64]


def never() -> bool:
    return False


@pytest.fixture(scope="module")
def cdnow() -> Customers:
    return read_customers(SAMPLE.read_bytes())


@pytest.fixture(scope="module")
def cdnow_fit(cdnow: Customers) -> Fit:
    return fit(cdnow.frequency, cdnow.recency, cdnow.age, never)


def test_the_full_file_reproduces_the_papers_estimates(cdnow_fit: Fit) -> None:
    assert round(cdnow_fit.r, 3) == PUBLISHED.r
    assert round(cdnow_fit.alpha, 3) == PUBLISHED.alpha
    assert round(cdnow_fit.a, 3) == PUBLISHED.a
    assert round(cdnow_fit.b, 3) == PUBLISHED.b
    assert round(cdnow_fit.log_likelihood, 1) == PUBLISHED.log_likelihood
    assert cdnow_fit.at_bounds == ()


def in_the_papers_own_form(model: Fit, x: int, last: float, age: float) -> tuple[float, float]:
    """One customer's likelihood and probability of being alive, straight from the paper's equations (6) and on."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    a1 = math.gamma(r + x) * alpha**r / math.gamma(r)
    a2 = math.gamma(a + b) * math.gamma(b + x) / (math.gamma(b) * math.gamma(a + b + x))
    a3 = (1 / (alpha + age)) ** (r + x)
    a4 = (a / (b + x - 1)) * (1 / (alpha + last)) ** (r + x) if x else 0.0
    return a1 * a2 * (a3 + a4), a3 / (a3 + a4)


def test_likelihood_and_probabilities_are_the_papers(cdnow: Customers, cdnow_fit: Fit) -> None:
    alive = probability_alive(cdnow_fit, cdnow.frequency, cdnow.recency, cdnow.age)
    total = 0.0
    for x, last, age, p in zip(cdnow.frequency, cdnow.recency, cdnow.age, alive, strict=True):
        likelihood, expected = in_the_papers_own_form(cdnow_fit, int(x), float(last), float(age))
        total += math.log(likelihood)
        assert p == pytest.approx(expected, rel=1e-9)
    assert cdnow_fit.log_likelihood == pytest.approx(total, rel=1e-9)


def test_without_a_repeat_purchase_one_is_alive(cdnow: Customers, cdnow_fit: Fit) -> None:
    alive = probability_alive(cdnow_fit, cdnow.frequency, cdnow.recency, cdnow.age)
    assert (alive[cdnow.frequency == 0] == 1).all()
    assert (alive[cdnow.frequency > 0] < 1).all()


def test_the_unit_of_time_does_not_matter(cdnow: Customers, cdnow_fit: Fit) -> None:
    days = fit(cdnow.frequency, cdnow.recency * 7, cdnow.age * 7, never)
    assert days.alpha == pytest.approx(cdnow_fit.alpha * 7, rel=1e-4)
    assert (days.r, days.a, days.b) == pytest.approx((cdnow_fit.r, cdnow_fit.a, cdnow_fit.b), rel=1e-4)
    assert probability_alive(days, cdnow.frequency, cdnow.recency * 7, cdnow.age * 7) == pytest.approx(
        probability_alive(cdnow_fit, cdnow.frequency, cdnow.recency, cdnow.age), abs=1e-5
    )


@pytest.mark.parametrize("logs", [(0.0, 0.0, 0.0, 0.0), (-1.4, -2.2, -0.2, 0.9), (2.0, -5.0, 3.0, 6.0)])
def test_the_slope_is_that_of_the_likelihood(cdnow: Customers, logs: tuple[float, ...]) -> None:
    likelihood = _Likelihood(cdnow.frequency, cdnow.recency / 39, cdnow.age / 39, never)

    def loss(at: Array) -> float:
        return likelihood.loss(at)[0]

    numeric = approx_fprime(np.array(logs), loss, 1e-7)
    assert likelihood.loss(np.array(logs))[1] == pytest.approx(numeric, rel=1e-4, abs=1e-5)


def test_no_point_nearby_is_likelier(cdnow: Customers, cdnow_fit: Fit) -> None:
    unit = float(cdnow.age.max())
    likelihood = _Likelihood(cdnow.frequency, cdnow.recency / unit, cdnow.age / unit, never)
    best = np.log([cdnow_fit.r, cdnow_fit.alpha / unit, cdnow_fit.a, cdnow_fit.b])
    least = likelihood.loss(best)[0]
    for step in np.vstack([np.eye(4), -np.eye(4)]) * 0.05:
        assert likelihood.loss(best + step)[0] > least


def customers(rows: int, frequency: float, recency: float, age: float) -> tuple[Array, Array, Array]:
    return np.full(rows, frequency), np.full(rows, recency), np.full(rows, age)


def test_too_few_customers_are_told() -> None:
    with pytest.raises(UnusableFileError, match="9 customers; the model needs at least 10"):
        fit(*customers(9, 1, 2, 3), never)


def test_customers_of_whom_none_came_back_are_told() -> None:
    with pytest.raises(UnusableFileError, match="none of the customers bought again"):
        fit(*customers(50, 0, 0, 10), never)


def test_what_the_file_does_not_determine_is_named_and_scores_stay_sound() -> None:
    """All bought at the very end: no sign of dropout, so everyone is alive."""
    rows = customers(50, 3, 10, 10)
    model = fit(*rows, never)
    assert model.at_bounds
    assert (probability_alive(model, *rows) > 0.99).all()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 1_000_000), st.floats(1e-9, 1), st.floats(1e-6, 1e6)), min_size=10, max_size=40
    ).filter(lambda rows: any(row[0] for row in rows))
)
def test_whatever_the_numbers_are_scores_are_probabilities(rows: list[tuple[int, float, float]]) -> None:
    x = np.array([row[0] for row in rows], dtype=np.float64)
    age = np.array([row[2] for row in rows])
    last = np.where(x > 0, age * np.array([row[1] for row in rows]), 0.0)
    evaluations = 0

    def count() -> bool:
        nonlocal evaluations
        evaluations += 1
        return False

    model = fit(x, last, age, count)
    alive = probability_alive(model, x, last, age)
    assert np.isfinite([model.r, model.alpha, model.a, model.b, model.log_likelihood]).all()
    assert ((alive >= 0) & (alive <= 1)).all()
    assert evaluations <= 3 * 350  # a line search may go a little over its limit


def test_stops_when_told(cdnow: Customers) -> None:
    answers = iter([False, False, True])
    with pytest.raises(StoppedError):
        fit(cdnow.frequency, cdnow.recency, cdnow.age, lambda: next(answers))
    assert next(answers, None) is None
