from components.naming import Names, Place, dead_letter_queue_name


def test_names_carry_project_and_environment() -> None:
    names = Names("retainwise", "prod")
    assert names.queue == "retainwise-prod-predictions"
    assert dead_letter_queue_name(names.queue) == "retainwise-prod-predictions-dlq"
    assert (names.backend_role, names.worker_role) == ("retainwise-prod-backend-task", "retainwise-prod-worker-task")
    assert names.kill_switch_parameter == "/retainwise/prod/enable-sqs"


def test_arns_are_of_the_partition_of_their_region() -> None:
    assert Place("123456789012", "us-east-1").queue_arn("jobs") == "arn:aws:sqs:us-east-1:123456789012:jobs"
    assert Place("123456789012", "cn-north-1").role_arn("worker") == "arn:aws-cn:iam::123456789012:role/worker"
    assert Place("123456789012", "us-gov-west-1").partition == "aws-us-gov"


def test_a_parameter_arn_keeps_the_slash_of_its_name() -> None:
    arn = Place("123456789012", "eu-west-1").parameter_arn("/retainwise/dev/enable-sqs")
    assert arn == "arn:aws:ssm:eu-west-1:123456789012:parameter/retainwise/dev/enable-sqs"
