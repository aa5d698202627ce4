"""What stands between a version and its signature."""

from hemalum.capabilities.reports.filling import Filled, ProblemKind
from hemalum.capabilities.reports.model import Content, Language, ReportIncomplete, untaken


def check_taken_on(content: Content) -> None:
    """Raise ReportIncomplete where a model's words would be signed that nobody took on."""
    count = len(untaken(content))
    if count:
        raise ReportIncomplete(
            "Before the signature, accept or change what a model wrote; left: {count}.",
            count=count,
        )


def check_complete(filled: Filled, language: Language) -> None:
    """Raise ReportIncomplete with every problem that a signature waits for, each by its name."""
    if not filled.problems:
        return
    separator = "、" if language is Language.ZH else "; "
    missing = [one.text.of(language) for one in filled.problems if one.kind is ProblemKind.MISSING]
    wrong = [one.text.of(language) for one in filled.problems if one.kind is not ProblemKind.MISSING]
    if not wrong:
        raise ReportIncomplete("Before the signature, state: {missing}.", missing=separator.join(missing))
    if not missing:
        raise ReportIncomplete("Before the signature, put right: {wrong}.", wrong=separator.join(wrong))
    raise ReportIncomplete(
        "Before the signature, state: {missing}; put right: {wrong}.",
        missing=separator.join(missing),
        wrong=separator.join(wrong),
    )
