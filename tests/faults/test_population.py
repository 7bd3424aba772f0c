import pytest

from app.message import PredictionSQSMessage
from app.models import ChurnPredictor
from tests.faults.population import Forgery, Kind, draw


def test_a_seed_draws_the_same_population_and_another_seed_another() -> None:
    first, again, other = (draw(60, seed, "bucket") for seed in (1, 1, 2))
    assert [(each.new, each.kind, each.content) for each in first.asked] == [
        (each.new, each.kind, each.content) for each in again.asked
    ]
    assert {each.new.prediction_id for each in first.asked}.isdisjoint(each.new.prediction_id for each in other.asked)


@pytest.mark.parametrize("count", [20, 200])
def test_each_kind_is_there_in_any_size(count: int) -> None:
    population = draw(count, 1, "bucket")
    assert len(population.asked) == count
    assert {each.kind for each in population.asked} == set(Kind)
    assert len(population.forged) >= len(Forgery)


def test_the_expected_results_are_the_models_own() -> None:
    healthy = [each for each in draw(40, 5, "bucket").asked if each.content and each.result]
    assert healthy
    for asked in healthy[:10]:
        assert asked.content is not None
        assert ChurnPredictor().predict(asked.content, lambda: False).csv == asked.result


def test_a_body_asks_for_what_is_recorded() -> None:
    asked = draw(20, 1, "bucket").asked[0]
    message = PredictionSQSMessage.from_wire(asked.body)
    assert (message.prediction_id, message.s3_file_path) == (asked.new.prediction_id, asked.new.s3_file_path)
