"""The local stack's AWS provider plugin: the resource types that the project uses, over boto3, on loopback only.

The real engine starts it in the official plugin's place (`PULUMI_HOME/plugins/resource-aws-v7.51.1/`). It names,
defaults, checks, compares, replaces and imports as the official pulumi-aws 7.51.1 does, so that what a preview says
here is what a preview says on AWS. One file a resource type under `resources/`, one table (`table.py`), the rest is
shared.
"""

from local.provider.table import RESOURCES, pending_identity

VERSION = "7.51.1"
"""The version of pulumi-aws that this plugin stands in for: the SDK's, and the plugin folder's."""

__all__ = ["RESOURCES", "VERSION", "pending_identity"]
