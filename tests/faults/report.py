"""What a run brought, for a person: what was injected and how often it fired, and what became of every prediction."""

from rich.console import Console
from rich.table import Table

from tests.faults.plan import Plan
from tests.faults.run import Result

_MOST_FINDINGS = 30


def show(result: Result, console: Console) -> None:
    """Print the tables."""
    console.print(_injected(result))
    console.print(_ends(result))
    exits = ", ".join(f"{name}: {status}, {count} times" for (name, status), count in sorted(result.exits.items()))
    console.print(f"processes that ended on their way, and with which status: {exits or 'none'}", soft_wrap=True)
    for finding in result.judgement.findings[:_MOST_FINDINGS]:
        console.print(
            f"[red]{finding.wrong.value}[/red]: {finding.subject}: {finding.detail}", highlight=False, soft_wrap=True
        )
    left = len(result.judgement.findings) - _MOST_FINDINGS
    if left > 0:
        console.print(f"[red]… and {left} more[/red]")
    for name in result.never_fired:
        console.print(f"[red]never came about[/red]: {name}", highlight=False, soft_wrap=True)
    verdict = (
        "[green]nothing is lost, nothing was done twice[/green]" if result.is_good else "[red]it does not hold[/red]"
    )
    console.print(
        f"{verdict}; {result.plan.count} predictions in {result.seconds:.0f} s; again: {again(result.plan)}",
        soft_wrap=True,
    )


def again(plan: Plan) -> str:
    """The command that repeats a run."""
    only = "".join(f" --only '{part}'" for part in plan.only)
    return f'make soak ARGS="--count {plan.count} --seed {plan.seed} --store {plan.store}{only}"'


def _injected(result: Result) -> Table:
    table = Table("what was injected", "where", "fired", title="Faults and blows", title_justify="left")
    for proxy, counts in result.fired.items():
        for name, count in counts.items():
            table.add_row(name, proxy, str(count))
    for blow, count in result.struck.items():
        table.add_row(blow.value, "processes", f"{count} of {result.plan.blows[blow]}")
    return table


def _ends(result: Result) -> Table:
    table = Table("asked for", "became", "how many", title="Predictions and messages", title_justify="left")
    for (kind, end), count in sorted(result.judgement.ends.items()):
        table.add_row(kind, end, str(count))
    table.add_row("dead letters of predictions that were completed", "harmless", str(result.judgement.stray))
    return table
