"""The pack as the engine starts it. `PolicyPack(...)` serves until the engine ends it, so nothing else lives here."""

import sys
from pathlib import Path

from pulumi_policy import EnforcementLevel, PolicyPack

# The engine runs this folder as a program, so its parent is where the package `policies` is found.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from policies import RULES

PolicyPack(
    name="retainwise-queues",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[rule.as_policy() for rule in RULES],
)
