"""Names beyond those the guide itself has: customary abbreviations, and directions in other languages."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

CUSTOMARY: Final = MappingProxyType(
    {
        "AL": ("Ala.",),
        "AK": ("Alas.",),
        "AZ": ("Ariz.",),
        "AR": ("Ark.",),
        "CA": ("Calif.", "Cal.", "Cali"),
        "CO": ("Colo.",),
        "CT": ("Conn.",),
        "DE": ("Del.",),
        "DC": ("District of Columbia", "Washington DC", "D.C."),
        "FL": ("Fla.",),
        "GU": ("Guahan",),
        "ID": ("Ida.",),
        "IL": ("Ill.",),
        "IN": ("Ind.",),
        "KS": ("Kan.", "Kans."),
        "KY": ("Ken.",),
        "MA": ("Mass.",),
        "MI": ("Mich.",),
        "MN": ("Minn.",),
        "MS": ("Miss.",),
        "MT": ("Mont.",),
        "MP": ("CNMI", "Saipan", "Northern Marianas"),
        "NE": ("Neb.", "Nebr."),
        "NV": ("Nev.",),
        "NH": ("N.Hamp.",),
        "NM": ("N.Mex.", "Nuevo México", "Nouveau-Mexique"),
        "NY": ("NYC",),
        "NC": ("N.Car.",),
        "ND": ("N.Dak.",),
        "OK": ("Okla.",),
        "OR": ("Ore.", "Oreg."),
        "PA": ("Penn.", "Penna."),
        "PR": ("P.Rico", "Borinquen"),
        "RI": ("R.Isl.",),
        "SC": ("S.Car.",),
        "SD": ("S.Dak.",),
        "TN": ("Tenn.",),
        "TX": ("Tex.", "Tejas"),
        "VI": ("USVI", "Virgin Islands"),
        "WA": ("Wash.", "Washington State"),
        "WV": ("W.Va.", "WVa"),
        "WI": ("Wis.", "Wisc."),
        "WY": ("Wyo.",),
    }
)
"""By the postal code of a state or territory."""

CUSTOMARY_OF_COUNTRIES: Final = MappingProxyType(
    {
        "GB": ("UK", "Great Britain", "Britain", "England", "Scotland", "Wales", "Northern Ireland"),
        "NL": ("Holland", "Hollande", "Holanda"),
        "CZ": ("Czech Republic",),
        "TR": ("Turkey",),
        "CH": ("Suisse", "Swiss"),
        "AU": ("Oz", "Aussie"),
        "DE": ("FRG", "BRD"),
        "KR": ("South Korea", "Korea"),
        "AE": ("UAE", "Emirates"),
    }
)
"""By the ISO 3166-1 code of a country."""

CUSTOMARY_OF_FEDERAL: Final = ("OCSS", "OCSE", "United States", "USA", "Federal office of child support")

LONGER_CODES: Final[Mapping[str, str]] = MappingProxyType(
    tomllib.loads(Path(__file__).with_name("words_of_countries.toml").read_text(encoding="utf-8"))
)
"""ISO 3166-1: the code of three letters by that of two."""

OUTLYING: Final = frozenset({"AS", "GU", "MP", "PR", "VI"})
"""Postal codes that are ISO codes of the same place too."""

LANGUAGES: Final = (
    *(
        "en",
        "de",
        "fr",
        "es",
        "pt",
        "it",
        "nl",
        "pl",
        "cs",
        "sk",
        "sv",
        "nb",
        "da",
        "fi",
        "hu",
        "tr",
        "uk",
        "ru",
    ),
    *("ro", "hr", "sl", "et", "lv", "lt", "el", "bg", "ga", "ja", "zh", "ko", "ar", "sq", "mk"),
)
"""Those that Babel's names of countries are taken in."""

SAME_WORDS: Final = MappingProxyType(
    {
        other: english
        for english, others in {
            "north": "norte nord nordlich polnocna polnocny norra noord septentrional",
            "south": "sur sul sud sudlich poludniowa sodra zuid meridional",
            "west": "oeste ouest occidental occidentale zachodnia vastra ovest",
            "east": "este est ost oriental oost",
            "new": "nueva nuevo nouveau nouvelle neu neue nova novo nuovo nuova nowy nowa ny nieuw",
            "saint": "st san santa sankt",
            "islands": "islas isla iles inseln ilhas isole isles",
            "virgin": "virgenes vierges jungferninseln",
            "island": "isla ile insel",
            "mexico": "mexiko mexique messico",
            "york": "yorque",
            "county": "condado comte kreis landkreis",
            "nation": "nacion",
            "tribe": "tribu stamm",
        }.items()
        for other in others.split()
    }
)
"""Words of other languages that a name is often said with."""
