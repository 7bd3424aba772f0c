"""The pack in words: `python -m policies.catalogue > docs/policies.md` writes the page that lists every rule."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from policies import RULES
from policies.rule import ResourceRule, Rule
from policies.settings import RuleSettings, config_schema

HEAD = """# The policy pack

`policies/` is a CrossGuard pack. It runs in `make up` and `make preview`, in pull requests and nightly:

    pulumi preview --policy-pack policies --policy-pack-config policies/config/<stack>.json
    pulumi policy analyze --stack <stack> --policy-pack policies --policy-pack-config policies/config/<stack>.json
    pulumi policy analyze --file state.json --policy-pack policies          # of an exported state

Every rule is mandatory: an update that breaks it does not begin. A rule on the whole stack is judged when the program
has declared all of it, so an update is always previewed first (`up --skip-preview` would make resources, then refuse).

A value that is not known before the update cannot be judged; the preview says which rule could not judge what. It says
the same of what is known and cannot be told from: an alarm that computes with a metric, where a queue has no other; a
number that is none. That is a word and no violation, so an update goes on. The components of this project know all
their names and documents beforehand, so nothing is left in doubt.

[policy-documents.md](policy-documents.md) says what the rules on policy documents take for granted.

## Configuration

One JSON file a stack, by the rules' names (`policies/config/`). The engine checks it against the rules' schemas; a rule
refuses keys that it does not know. The engine ignores names of rules that do not exist: mind the spelling.

```json
{
  "queue-long-polling": {
    "enforcementLevel": "advisory",
    "exemptions": [
      { "resource": "legacy-*", "reason": "its consumers are rewritten in spring", "expires": "2027-03-31" }
    ]
  }
}
```

- `enforcementLevel`: `advisory`, `mandatory`, `disabled`, and `remediate` for the rules that can mend: then the engine
  changes the resource to what the rule asks for, and says so. No rule mends unless it is told to.
- `exemptions`: resources, by their name in the program or their URN (`*` and `?` allowed), for which the rule does not
  count through the day `expires`, a year ahead at most. A reason of ten characters at least. Afterwards the violation
  is back and says that the exemption ended.
- The rest is listed with each rule below.
"""


def page(rules: Sequence[Rule[RuleSettings]]) -> str:
    """The page, as Markdown.

    Args:
        rules: The pack's rules.
    """
    return "\n".join([HEAD, "## Rules", *(line for rule in rules for line in _section(rule))]) + "\n"


def _section(rule: Rule[RuleSettings]) -> Iterator[str]:
    scope = "each resource" if isinstance(rule, ResourceRule) else "the whole stack"
    mends = "; can mend" if isinstance(rule, ResourceRule) and rule.remedy else ""
    controls = ", ".join(rule.controls) or "no published control asks for it"
    yield f"\n### {rule.name}\n"
    yield f"{rule.description} {rule.remediation}\n"
    yield f"- {rule.severity.value}; judged on {scope}{mends}"
    yield f"- controls: {controls}"
    yield f"- types: {', '.join(f'`{one}`' for one in sorted(rule.types))}"
    for name, schema in config_schema(rule.settings).properties.items():
        if name != "exemptions":
            yield f"- `{name}`: {_setting(schema)}"


def _setting(schema: Mapping[str, object]) -> str:
    default = schema.get("default")
    words = str(schema["description"])
    if default in (None, [], ""):
        return words
    shown = ", ".join(map(str, cast("Sequence[object]", default))) if isinstance(default, list) else default
    return f"{words} Default {shown}."


if __name__ == "__main__":
    sys.stdout.write(page(RULES))
