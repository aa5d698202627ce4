"""The models of a demo node: those that come with Hemalum, run once over its smallest slide."""

from hemalum.app.node import Parts, open_parts
from hemalum.capabilities.access.service import ADMINISTRATOR_NAME
from hemalum.capabilities.inference.model import PATCHWISE
from hemalum.capabilities.slides.model import LibraryQuery
from hemalum.formats.model.shipped import shipped_models
from hemalum.runtime.settings import Settings

_DONE = "demo-models-made"
_RUN_ON = "lymph-node-z-stack.ome.tif"
"""Small enough that the run has ended soon after the first page is open."""
_MOST_DEMO_SLIDES = 100


def seed_models(settings: Settings) -> None:
    """Give a demo node the shipped models, unless it has them, and have them run. May be repeated."""
    marker = settings.data / _DONE
    if marker.exists():
        return
    with open_parts(settings) as node:
        give_models(node, _RUN_ON)
    marker.touch()


def give_models(node: Parts, slide_name: str) -> None:
    """Add the shipped models, and start on the slide of this name those for slides that never ran on it.

    They run as a job once a worker is there: whoever serves the node does not wait for them.
    """
    # Whoever brings a model is not who reads with it: the visitor may not.
    operator = node.access.actor_for(ADMINISTRATOR_NAME)
    versions = [node.models.add(operator, folder) for folder in shipped_models()]
    on_slides = [each for each in versions if each.contract.task in PATCHWISE]
    visitor = node.access.ensure_demo_person()
    listed = node.slides.list_images(visitor, LibraryQuery(limit=_MOST_DEMO_SLIDES)).items
    for image in (each for each in listed if each.name == slide_name):
        known = {run.version_id for run in node.inference.list_of_image(visitor, image.id)}
        new = [each.id for each in on_slides if each.id not in known]
        if new:
            node.inference.start(visitor, image.id, new)
