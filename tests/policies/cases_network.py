"""Cases of the rules on the network."""

import json
from hashlib import sha256

from components.statements import Conditions, Statement, document
from tests.policies.case import Case
from tests.policies.sound import LEFT_OUT, ORIGIN, REGION, Sound, changed, without
from tests.policy_harness.declared import UNKNOWN, Declared

ANYTHING = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]})


def vpc_of(sound: Sound) -> str:
    """A VPC of the case's own, so that the endpoints of other cases are not in it."""
    return f"vpc-{sha256(sound.prefix.encode()).hexdigest()[:17]}"


def endpoint(sound: Sound) -> Declared:
    """An interface endpoint for SQS in the case's VPC, for the queue and its roles only."""
    access = sound.access
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": [access.consumer_arn, access.producer_arn]},
        "Action": ["sqs:ReceiveMessage", "sqs:SendMessage"],
        "Resource": access.queue_arn,
    }
    return Declared(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        f"{sound.prefix}-endpoint",
        {
            "vpcId": vpc_of(sound),
            "serviceName": f"com.amazonaws.{REGION}.sqs",
            "vpcEndpointType": "Interface",
            "privateDnsEnabled": True,
            "policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            "tags": sound.tags,
        },
        outputs={"id": UNKNOWN},
    )


def from_vpc(sound: Sound) -> tuple[Declared, ...]:
    """Everything, the queue's policy naming the case's VPC and no endpoint, and an endpoint in that VPC."""
    by_vpc: Conditions = {"StringEquals": {"aws:SourceVpc": ORIGIN.vpc_id}}
    statements = [
        Statement(**{**one, "Condition": by_vpc}) if one["Effect"] == "Allow" else one
        for one in sound.access.queue_statements()
    ]
    text = document(statements).replace(ORIGIN.vpc_id, vpc_of(sound))
    return (endpoint(sound), *changed(sound.everything(), "queue-policy", policy=text))


def _conditions() -> tuple[Case, ...]:
    rule, prefixes = "vpc-condition-has-endpoint", ("walled", "dnsless", "storage", "neighbour", "astray")
    walled, dnsless, storage, neighbour, astray = (Sound(prefix) for prefix in prefixes)
    another = "vpce-0ffffffffffffffff"
    return (
        walled.case(
            rule,
            kept=from_vpc(walled),
            broken=without(from_vpc(walled), "endpoint"),
            at="queue-policy",
            says=f"asks for requests from {vpc_of(walled)}, but this stack has no interface endpoint for SQS there",
        ),
        dnsless.case(
            rule,
            kept=from_vpc(dnsless),
            broken=changed(from_vpc(dnsless), "endpoint", privateDnsEnabled=LEFT_OUT),
            at="queue-policy",
            says="set its privateDnsEnabled to true",
        ),
        storage.case(
            rule,
            kept=from_vpc(storage),
            broken=changed(from_vpc(storage), "endpoint", serviceName=f"com.amazonaws.{REGION}.s3"),
            at="queue-policy",
            says="no interface endpoint for SQS there",
        ),
        neighbour.case(
            rule,
            kept=from_vpc(neighbour),
            broken=changed(from_vpc(neighbour), "endpoint", vpcId="vpc-0ffffffffffffffff"),
            at="queue-policy",
            says="no interface endpoint for SQS there",
        ),
        astray.case(
            rule,
            settings={"endpoints": [ORIGIN.vpc_endpoint_id]},
            broken=changed(
                astray.everything(),
                "queue-policy",
                policy=str(astray.queue_policy().properties["policy"]).replace(ORIGIN.vpc_endpoint_id, another),
            ),
            at="queue-policy",
            says=f"names the endpoint {another}, which is neither",
        ),
    )


def _endpoints() -> tuple[Case, ...]:
    rule, unsaid, ajar = "vpc-endpoint-has-policy", Sound("gateless"), Sound("ajar")
    return (
        unsaid.case(
            rule,
            kept=(endpoint(unsaid),),
            broken=changed((endpoint(unsaid),), "endpoint", policy=LEFT_OUT),
            at="endpoint",
            says="the endpoint has no policy",
        ),
        ajar.case(
            rule,
            kept=(endpoint(ajar),),
            broken=changed((endpoint(ajar),), "endpoint", policy=ANYTHING),
            at="endpoint",
            says="lets requests through to anybody's resources in statement 1",
        ),
    )


CASES = (*_conditions(), *_endpoints())
