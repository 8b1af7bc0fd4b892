"""Tables of letters: which are one, and which sound alike."""

import re
from typing import Final

STROKES: Final = (
    "`\N{ACUTE ACCENT}\N{PRIME}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{MODIFIER LETTER TURNED COMMA}\N{MODIFIER LETTER APOSTROPHE}"
)
"""What is written for an apostrophe."""

LETTERS: Final = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "þ": "th",
    }
)
"""Letters that have no accent to lose."""

DIGRAPHS: Final = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "å": "aa",
        "ø": "oe",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "Å": "Aa",
        "Ø": "Oe",
    }
)
"""Letters that are written with two where the keyboard lacks them."""

SOUNDS: Final = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"^kn", "n"),
        (r"^wr", "r"),
        (r"^ps", "s"),
        (r"^x", "s"),
        (r"t?sch", "sh"),
        (r"tch", "ch"),
        (r"ph", "f"),
        (r"gh(?=t)", ""),
        (r"gh", "g"),
        (r"dg(?=e)", "j"),
        (r"ck", "k"),
        (r"qu", "kw"),
        (r"q", "k"),
        (r"c(?=[eiy])", "s"),
        (r"c(?!h)", "k"),
        (r"x", "ks"),
        (r"z", "s"),
        (r"wh", "w"),
        (r"th", "t"),
        (r"(?<=[a-z])h(?![aeiou])", ""),
        (r"(?<=[rtgk])h", ""),
        (r"ee|ea|ie|ei|ey|y", "i"),
        (r"oo|ou|ew|ue", "u"),
        (r"ai|ay|ae", "e"),
        (r"oa|oe|ow", "o"),
        (r"au|aw", "o"),
        (r"(?<=[a-z]{3})e$", ""),
    )
)
"""Applied in this order to a folded word."""
