"""How channels are first shown, the same in thumbnails, tiles, regions and the viewer."""

from collections.abc import Sequence

OVERLAY_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#f0e442")
"""For channels that propose none: blue, orange, green, pink, yellow of Okabe and Ito's palette, told apart
with any colour vision (Okabe and Ito 2008, Color Universal Design)."""

FIRST_SHOWN = 4
"""So many channels are on at first: adding up more of them soon turns white."""


def display_colour(proposed: str | None, number: int, count: int) -> str:
    """The colour ("#rrggbb") of channel `number` of `count`: what the file proposes, else a default.

    A single channel is shown in greys.
    """
    if proposed is not None:
        return proposed
    return "#ffffff" if count == 1 else OVERLAY_COLOURS[number % len(OVERLAY_COLOURS)]


def display_colours(proposed: Sequence[str | None]) -> list[str]:
    """The colours of all channels of an image."""
    return [display_colour(colour, number, len(proposed)) for number, colour in enumerate(proposed)]
