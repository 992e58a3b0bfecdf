"""How this gateway reads and judges documents."""

from gateway.codec.profile import Profile
from gateway.config import Settings
from gateway.flows.standards import Standards
from gateway.permits import species as species_list
from gateway.permits.rules import Evidence


def load_standards(settings: Settings) -> Standards:
    """
    How this gateway reads and judges documents.

    Raises `ConfigurationError` when the list of species is missing or broken.
    """
    documents = settings.documents
    species = species_list.load(documents.species) if documents.species else None
    if species is not None:
        species.warm()
    evidence = Evidence(species=species)
    return Standards(documents.versions, Profile(documents.profile), settings.rules, evidence)
