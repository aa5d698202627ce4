"""What modalities lend to the application."""

from hemalum.kernel.capability import Capability

capability = Capability(name="modalities")
