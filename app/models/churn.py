"""Which customers are likely to have left: the BG/NBD model over a file of buying histories."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from app.models import bgnbd
from app.models.customers import read_customers
from app.models.predictor import Scores

_DECIMALS = 6


@dataclass(frozen=True)
class ChurnPredictor:
    """Scores each customer with the probability of being alive; a `Predictor`.

    Args:
        at_risk_below: Below which probability a customer counts as at risk.
    """

    at_risk_below: float = 0.5

    def predict(self, content: bytes, should_stop: Callable[[], bool]) -> Scores:
        """Score a file with the columns ID, frequency, recency and T.

        Returns:
            Scores with the columns `ID`, `probability_alive` and `at_risk` (true or false), in the file's order; and a
            summary with `model`, `customers`, `mean_probability_alive`, `at_risk`, `at_risk_below`, `parameters` (`r`,
            `alpha`, `a`, `b`), `log_likelihood` and `at_bounds`, the parameters that the file does not determine.

        Raises:
            UnusableFileError: The file cannot be predicted from.
            StoppedError: `should_stop` said so.
        """
        customers = read_customers(content)
        history = (customers.frequency, customers.recency, customers.age)
        model = bgnbd.fit(*history, should_stop)
        alive = bgnbd.probability_alive(model, *history)
        at_risk = alive < self.at_risk_below
        parameters = {name: value for name, value in asdict(model).items() if name in bgnbd.PARAMETERS}
        return Scores(
            csv=_csv(zip(customers.ids, alive.tolist(), at_risk.tolist(), strict=True)),
            summary={
                "model": "bg/nbd",
                "customers": len(customers.ids),
                "mean_probability_alive": float(alive.mean()),
                "at_risk": int(at_risk.sum()),
                "at_risk_below": self.at_risk_below,
                "parameters": parameters,
                "log_likelihood": model.log_likelihood,
                "at_bounds": list(model.at_bounds),
            },
        )


def _csv(rows: Iterable[tuple[str, float, bool]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("ID", "probability_alive", "at_risk"))
    writer.writerows((customer, f"{alive:.{_DECIMALS}f}", str(risk).lower()) for customer, alive, risk in rows)
    return text.getvalue().encode()
