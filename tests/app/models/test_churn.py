import csv
import io
import json
from pathlib import Path

import pytest

from app.models import ChurnPredictor, Predictor, UnusableFileError

SAMPLE = Path(__file__).parents[3] / "local" / "demo" / "sample" / "cdnow_customers.csv"


def test_scores_every_customer_of_the_sample_in_its_order() -> None:
    predictor: Predictor = ChurnPredictor(at_risk_below=0.5)
    scores = predictor.predict(SAMPLE.read_bytes(), lambda: False)
    rows = list(csv.DictReader(io.StringIO(scores.csv.decode())))
    with SAMPLE.open() as sample:
        assert [row["ID"] for row in rows] == [row["ID"] for row in csv.DictReader(sample)]
    alive = [float(row["probability_alive"]) for row in rows]
    assert all(0 <= p <= 1 for p in alive)
    assert [row["at_risk"] == "true" for row in rows] == [p < 0.5 for p in alive]
    assert scores.summary["customers"] == 2357
    assert scores.summary["at_risk"] == sum(row["at_risk"] == "true" for row in rows)
    assert scores.summary["mean_probability_alive"] == pytest.approx(sum(alive) / len(alive), abs=1e-6)
    assert json.loads(json.dumps(scores.summary)) == scores.summary


def test_the_same_file_gives_the_same_scores() -> None:
    content = SAMPLE.read_bytes()
    assert ChurnPredictor().predict(content, lambda: False) == ChurnPredictor().predict(content, lambda: False)


def test_the_threshold_counts() -> None:
    content = SAMPLE.read_bytes()
    none = ChurnPredictor(at_risk_below=0).predict(content, lambda: False)
    some = ChurnPredictor(at_risk_below=1).predict(content, lambda: False)
    assert none.summary["at_risk"] == 0
    assert some.summary["at_risk"] == 946  # all who bought again: the rest are alive by the model's own story


def test_an_unusable_file_is_told() -> None:
    with pytest.raises(UnusableFileError):
        ChurnPredictor().predict(b"not,a,customer,file\n", lambda: False)
