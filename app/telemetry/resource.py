"""Who it is that tells: OpenTelemetry's resource of this process."""

import os

from opentelemetry.sdk.environment_variables import OTEL_SERVICE_NAME
from opentelemetry.sdk.resources import Resource
from opentelemetry.semconv.attributes.service_attributes import SERVICE_NAME

from app.user_agent import APPLICATION_ID


def make_resource() -> Resource:
    """The resource that `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` describe.

    Without a name there, the service is called what this application calls itself at AWS, too.
    """
    found = Resource.create()
    is_named = os.environ.get(OTEL_SERVICE_NAME) or "service.name" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return found if is_named else found.merge(Resource({SERVICE_NAME: APPLICATION_ID}))
