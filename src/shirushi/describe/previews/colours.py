"""Numbers as colours: from dark blue over green to yellow, lighter as they grow, so that it reads without telling colours apart too."""

from typing import Any

import numpy as np
from PIL import Image

# Red, green, blue at even steps; lightness grows evenly.
STOPS = ((33, 20, 84), (47, 60, 130), (38, 105, 142), (32, 147, 140), (72, 184, 112), (150, 214, 62), (250, 230, 60))
_SHARES = (0.5, 99.5)


def painted(values: Any) -> tuple[Image.Image, float, float]:
    """The picture of a plane of numbers, and what its darkest and its lightest colour stand for. What is no number is
    transparent."""
    finite = values[np.isfinite(values)]
    low, high = (float(value) for value in np.percentile(finite, _SHARES)) if finite.size else (0.0, 0.0)
    if high <= low and finite.size:
        low, high = float(finite.min()), float(finite.max())
    share = np.nan_to_num((values - low) / (high - low) if high > low else np.zeros(values.shape))
    places = np.linspace(0, 1, len(STOPS))
    flat = np.clip(share, 0, 1).ravel()
    channels = [np.interp(flat, places, [stop[i] for stop in STOPS]) for i in range(3)]
    channels.append(np.where(np.isfinite(values).ravel(), 255.0, 0.0))
    pixels = np.stack(channels, axis=-1).reshape(*values.shape, 4).round().astype("u1")
    return Image.fromarray(pixels, "RGBA"), low, high
