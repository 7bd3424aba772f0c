"""The BG/NBD model of repeat buying, fitted by maximum likelihood.

Fader, Hardie and Lee, "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model, Marketing
Science 24:2 (2005). While alive, a customer buys at a rate that differs between customers by a gamma distribution
(r, alpha), and after each purchase may drop out with a probability that differs by a beta distribution (a, b).

Everything is computed in logarithms: the likelihood of a customer with a hundred purchases is no floating-point number.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import digamma, expit, gammaln

from app.models.predictor import StoppedError, UnusableFileError

MIN_CUSTOMERS = 10
PARAMETERS = ("r", "alpha", "a", "b")

# The search runs over the parameters' logarithms, with time measured in units of the longest observation. At a bound
# the likelihood has become flat: a parameter means "as good as none" or "as good as infinite"; scores do not move.
_BOUND = 12.0
# The surface is flat in places and its slope a poor guide far off, so the search is begun at several points.
_STARTS = ((0.0, 0.0, 0.0, 0.0), (-1.0, -2.0, 0.0, 1.0), (1.0, 0.0, -2.0, 2.0))
_MAX_EVALUATIONS = 300

_Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """The parameters that make what was observed likeliest.

    Args:
        r: Shape of the buying rates' gamma distribution.
        alpha: Its rate, in the unit of time that the file uses.
        a: First shape of the dropout probabilities' beta distribution.
        b: Its second.
        log_likelihood: The logarithm of the likelihood at these values.
        at_bounds: Parameters that ended at a bound of the search, since the file does not determine them: with no sign
            of dropout, for instance, `a` goes to 0 and everyone is alive.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    at_bounds: tuple[str, ...] = ()


def fit(frequency: _Array, recency: _Array, age: _Array, should_stop: Callable[[], bool]) -> Fit:
    """Fit the model to customers' histories.

    At most 900 evaluations of the likelihood, whatever the numbers are.

    Args:
        frequency: Repeat purchases of each customer.
        recency: Time of the last purchase, from the first.
        age: Time observed, from the first purchase; positive.
        should_stop: Asked before each evaluation.

    Raises:
        UnusableFileError: There are fewer than 10 customers, or none bought again.
        StoppedError: `should_stop` said so.
    """
    if frequency.size < MIN_CUSTOMERS:
        raise UnusableFileError(f"the file has {frequency.size} customers; the model needs at least {MIN_CUSTOMERS}")
    if not frequency.any():
        raise UnusableFileError(
            "none of the customers bought again (every frequency is 0): there is nothing to learn from"
        )
    unit = float(age.max())
    likelihood = _Likelihood(frequency, recency / unit, age / unit, should_stop)
    results = [
        minimize(
            likelihood.loss,
            np.array(start),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-_BOUND, _BOUND)] * len(PARAMETERS),
            options={"maxfun": _MAX_EVALUATIONS, "maxiter": _MAX_EVALUATIONS, "ftol": 1e-14, "gtol": 1e-9},
        )
        for start in _STARTS
    ]
    best = min(results, key=lambda result: float(result.fun))
    logs = np.asarray(best.x, dtype=np.float64)
    r, alpha, a, b = (float(value) for value in np.exp(logs))
    # A density of times: measured in another unit, each purchase's shrinks by that unit.
    log_likelihood = -float(best.fun) * frequency.size - float(frequency.sum()) * float(np.log(unit))
    at_bounds = tuple(name for name, log in zip(PARAMETERS, logs, strict=True) if abs(log) > _BOUND - 1e-6)
    return Fit(r, alpha * unit, a, b, log_likelihood, at_bounds)


def probability_alive(model: Fit, frequency: _Array, recency: _Array, age: _Array) -> _Array:
    """The probability that each customer has not dropped out.

    By the model's own story, dropout follows a purchase, the first one excepted: without a repeat purchase it is 1.
    """
    again = frequency > 0
    x = np.where(again, frequency, 1.0)
    log_odds_of_dropout = (
        np.log(model.a)
        - np.log(model.b + x - 1.0)
        + (model.r + x) * (np.log(model.alpha + age) - np.log(model.alpha + recency))
    )
    return np.where(again, expit(-log_odds_of_dropout), 1.0)


class _Likelihood:
    """The mean log-likelihood of the customers, and its slope.

    Customers with the same history count as one with a weight, and what depends on the number of purchases alone is
    computed once a number: gamma functions are the expensive part.
    """

    def __init__(self, frequency: _Array, recency: _Array, age: _Array, should_stop: Callable[[], bool]) -> None:
        histories, weights = np.unique(np.column_stack((frequency, recency, age)), axis=0, return_counts=True)
        self._x, self._recency, self._age = (np.ascontiguousarray(column) for column in histories.T)
        self._weights = weights / frequency.size
        self._again = self._x > 0
        self._numbers, places = np.unique(self._x, return_inverse=True)
        self._number_weights = np.bincount(places, weights=self._weights)
        self._should_stop = should_stop

    def loss(self, logs: _Array) -> tuple[float, _Array]:
        """Minus the mean log-likelihood at the parameters' logarithms, and its gradient there."""
        if self._should_stop():
            raise StoppedError
        r, alpha, a, b = np.exp(logs)
        x, weights = self._x, self._weights
        log_age, log_recency = np.log(alpha + self._age), np.log(alpha + self._recency)
        purchases_ago = np.where(self._again, b + x - 1.0, 1.0)
        alive = -(r + x) * log_age
        dropped = np.where(self._again, np.log(a) - np.log(purchases_ago) - (r + x) * log_recency, -np.inf)
        either = np.logaddexp(alive, dropped)
        p_dropped = np.exp(dropped - either)
        p_alive = 1.0 - p_dropped

        n, by_number = self._numbers, self._number_weights
        terms = gammaln(r + n) - gammaln(r) + gammaln(a + b) - gammaln(a + b + n) + gammaln(b + n) - gammaln(b)
        value = by_number @ terms + r * np.log(alpha) + weights @ either

        of_sum = digamma(a + b) - digamma(a + b + n)
        slope = np.array(
            [
                by_number @ (digamma(r + n) - digamma(r))
                + np.log(alpha)
                - weights @ (p_alive * log_age + p_dropped * log_recency),
                r / alpha - weights @ ((r + x) * (p_alive / (alpha + self._age) + p_dropped / (alpha + self._recency))),
                by_number @ of_sum + (weights @ p_dropped) / a,
                by_number @ (of_sum + digamma(b + n) - digamma(b)) - weights @ (p_dropped / purchases_ago),
            ]
        )
        return -float(value), -slope * np.array([r, alpha, a, b])
