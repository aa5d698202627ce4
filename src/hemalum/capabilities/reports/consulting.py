"""What was signed, as programs read it: every signed version of a report, answer by answer."""

from dataclasses import dataclass

import sqlalchemy as sa

from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.reports import policy, store
from hemalum.capabilities.reports.filling import label_of_section
from hemalum.capabilities.reports.leaving import TemplateOf
from hemalum.capabilities.reports.model import (
    Answer,
    Cosignature,
    Language,
    ReportWithheld,
    SignedVersion,
    Value,
    Version,
)
from hemalum.capabilities.reports.templates import Element, ElementKind
from hemalum.kernel.actor import Actor
from hemalum.runtime.db import reading


@dataclass(frozen=True)
class Consulting:
    """The signed reports of a node."""

    cases: Cases
    opened: store.Opened
    template_of: TemplateOf

    def list_signed(self, actor: Actor, case_id: str) -> tuple[SignedVersion, ...]:
        """The signed versions of a case's report, the oldest first; none where the patient was erased.

        That they were read is recorded.

        Raises:
            NotFound: there is no such case in the actor's organisation.
            NotPermitted: the actor may not know patients, or not for this purpose.
            ReportWithheld: the actor may not know the patient of this case.
        """
        asking = self.cases.ledger.ask(actor, policy.READ)
        with reading(self.cases.ledger.database) as connection:
            case = self.cases.reporting.find(connection, asking, case_id)
            signed = [one for one in store.list_versions(connection, case_id) if one.is_signed]
            if not signed:
                return ()
            if self.cases.reporting.is_withheld(connection, asking, case):
                raise ReportWithheld("The report is kept from you together with the patient of this case.")
            self.cases.reporting.tell_read(asking, case)
            signatures = store.list_cosignatures(connection, case_id)
            found = [store.find_version(connection, case_id, self.opened, one.number) for one in signed]
            return tuple(
                self._signed(connection, one, [each for each in signatures if each.number == one.number])
                for one in found
                if one is not None and one.content is not None
            )

    def _signed(
        self, connection: sa.Connection, version: Version, signatures: list[Cosignature]
    ) -> SignedVersion:
        content, language = version.content, version.language
        assert content is not None
        template = self.template_of(connection, content.template)
        elements = () if template is None else template.elements
        return SignedVersion(
            version,
            content.template,
            "" if template is None else template.label.of(language),
            tuple(
                _answer(one, content.values[one.id], language) for one in elements if one.id in content.values
            ),
            {section: label_of_section(section).of(language) for section in content.sections},
            tuple(signatures),
        )


def _answer(element: Element, value: Value, language: Language) -> Answer:
    ids: tuple[str, ...] = ()
    if element.kind in (ElementKind.CHOICE, ElementKind.CHOICES):
        ids = value if isinstance(value, tuple) else (str(value),)
    chosen = []
    for option_id in ids:
        option = element.option(option_id)
        chosen.append((option_id, option_id if option is None else option.label.of(language)))
    return Answer(element.id, element.label.of(language), value, tuple(chosen), element.unit)
