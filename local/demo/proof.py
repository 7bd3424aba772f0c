"""Who may do what on the deployed stack, worked out from its documents and proven, beside what was tried."""

import json

from access.judgement import judge
from access.matrix.expected import COMMITTED, read_expected
from access.report import Report
from access.sources import load_settings
from access.sources.assembly import assemble
from access.sources.identities import read_identities
from access.sources.resources import read_state
from local.demo.sessions import Sessions
from local.emulator.sessions import Role


def prove_access(sessions: Sessions) -> Report:
    """Read the stack's state, and the policies of those who are outside of it, and judge them.

    Args:
        sessions: Sessions on the deployed stack.

    Raises:
        SourceError: When something cannot be read.
    """
    stack = sessions.stack
    settings = load_settings(stack.program, stack.name, {})
    deployed = assemble(read_state(json.dumps(stack.export()), "the stack's state"), settings, "its state")
    people = (*settings.operator_arns, *settings.break_glass_arns, *settings.deployer_arns)
    identities = read_identities(sessions.clients(Role.ADMINISTRATOR).iam, people, settings)
    return judge(stack.name, deployed, settings, identities=identities, expected=read_expected(COMMITTED))
