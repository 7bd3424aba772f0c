"""Linters of others: actionlint, zizmor and shellcheck for workflows, parliament and checkov for IAM's documents."""
