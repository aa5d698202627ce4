"""Pictures of the glass: the label and the macro photograph."""

import numpy as np
from PIL import Image, ImageDraw

from hemalum.testing.synth.noise import Array, mix


def label_image(text: str) -> Array:
    image = Image.new("RGB", (400, 420), (250, 250, 246))
    draw = ImageDraw.Draw(image)
    draw.rectangle((14, 14, 386, 406), outline=(60, 60, 60), width=2)
    draw.text((36, 40), text, fill=(20, 20, 20), font_size=44)
    draw.text((36, 110), "HEMALUM SYNTHETIC", fill=(60, 60, 60), font_size=30)
    draw.text((36, 160), "not from a patient", fill=(60, 60, 60), font_size=26)
    bits = mix(np.arange(196), np.zeros(196, int), sum(map(ord, text)))
    for k, bit in enumerate(bits):
        if bit & 1:
            x, y = 36 + k % 14 * 13, 215 + k // 14 * 13
            draw.rectangle((x, y, x + 12, y + 12), fill=(15, 15, 15))
    return np.asarray(image)


def macro_image(overview: Array, text: str) -> Array:
    """The whole glass: label to the left, tissue to the right, a shadow along the coverslip."""
    glass = Image.new("RGB", (1280, 431), (228, 230, 232))
    label = Image.fromarray(label_image(text)).resize((380, 399))
    glass.paste(label.rotate(-90, expand=True).resize((380, 400)), (12, 15))
    tissue = Image.fromarray(overview)
    scale = min(780 / tissue.width, 380 / tissue.height)
    tissue = tissue.resize((max(1, int(tissue.width * scale)), max(1, int(tissue.height * scale))))
    glass.paste(tissue, (440 + (780 - tissue.width) // 2, 25 + (380 - tissue.height) // 2))
    ImageDraw.Draw(glass).rectangle((425, 12, 1262, 418), outline=(196, 200, 204), width=2)
    return np.asarray(glass)
