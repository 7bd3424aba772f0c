"""`doctor`: whether this application would work here, and what to do if not."""

from app.commands.shapes import DoctorAnswer
from app.doctor.examination import Instruments, examine
from app.doctor.finding import Verdict
from app.settings import Settings


def doctor() -> DoctorAnswer:
    """Look at everything that this application needs. Changes nothing; raises nothing."""
    findings = list(examine(Settings.from_environment, Instruments()))
    return {
        "healthy": all(each.verdict is not Verdict.FAILED for each in findings),
        "findings": [
            {
                "check": each.check,
                "verdict": each.verdict.value,
                "detail": each.detail,
                "remedy": each.remedy,
            }
            for each in findings
        ],
    }
