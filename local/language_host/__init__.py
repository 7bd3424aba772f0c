"""A Python language host: what the engine asks whenever Python is to be run, for a CLI that was built without one.

The engine starts `pulumi-language-python <engine address>` (a launcher for `python -m local.language_host`), reads a
port from its first line, and calls the LanguageRuntime service there. The host uses its own interpreter, and so the
environment it is installed in, for every program and plugin: the `virtualenv`, `toolchain` and `typechecker` options
of Pulumi.yaml and PulumiPolicy.yaml are for the official host.
"""
