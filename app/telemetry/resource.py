"""Who it is that tells: OpenTelemetry's resource of this process."""

from opentelemetry.sdk.resources import Resource
from opentelemetry.semconv.attributes.service_attributes import SERVICE_NAME

from app.user_agent import APPLICATION_ID

_UNNAMED = "unknown_service"
"""What the SDK calls a service without a name, with the program's behind it."""


def make_resource() -> Resource:
    """The resource that `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` describe.

    Without a name there, the service is called what this application calls itself at AWS, too.
    """
    found = Resource.create()
    is_named = not str(found.attributes.get(SERVICE_NAME)).startswith(_UNNAMED)
    return found if is_named else found.merge(Resource({SERVICE_NAME: APPLICATION_ID}))
