"""Passwords that the portal makes up: words and a number, easy to type, never chosen by a person."""

import secrets

_WORDS = (  # noqa: SIM905 -- a paragraph of words is easier to look after than a list
    "acorn amber anchor apple aspen badge basil beacon birch bramble breeze candle cedar chalk cherry "
    "clover cobalt copper coral cotton cricket dahlia daisy delta ember fable falcon feather fennel fern "
    "fiddle flint garnet ginger glacier granite harbor hazel heron indigo iris ivory jasper juniper "
    "kettle lagoon lantern laurel lemon lilac linen lotus maple marble meadow mint nutmeg oasis olive "
    "opal orchid otter pebble pepper pine plum poppy prairie quartz quill raven reed ribbon river robin "
    "russet saffron sage sailor silver sorrel spruce summit tangerine thistle thyme timber topaz tulip "
    "umber velvet violet walnut willow winter zephyr "
).split()


def passphrase() -> str:
    """Four words and a number, 22 characters at least: about 33 bits, enough behind the throttle."""
    return "-".join([*(secrets.choice(_WORDS) for _ in range(4)), str(secrets.randbelow(90) + 10)])
