"""Who may register apps. What roles allow stands in `hemalum/policies`."""

from hemalum.capabilities.apps.model import MANAGE
from hemalum.runtime.policy import in_own_organisation

PERMISSIONS = {MANAGE: in_own_organisation(MANAGE)}
