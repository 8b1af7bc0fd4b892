"""A jurisdiction on paper: tagged PDF (PDF/UA-1) of what its page shows (decision 0026).

What somebody wrote goes to the typesetter as JSON and is shown as text; it is never part of the markup.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from exchange.guide.memory import Stamp
from exchange.guide.reading import Reached, Section, Told, is_old
from exchange.guide.told import Line, day_told, lines_of
from schemas.guide.documents import Facts

_WARNING = "Demonstration software. Not a government document."
_INVENTED = f"{_WARNING} Synthetic guide: answers, citations and contacts are invented."
_SCRIPTS = ("ARMENIAN", "CYRILLIC", "GEORGIAN LETTER", "GREEK", "HEBREW", "LATIN")
"""Those of which our fonts have every letter, as Unicode's names begin."""
_LATIN = "\u024f"
"""Up to here fonts have all letters and digits, whatever their names begin with."""
_LEFT_OUT = "[\u2026]"
_WHERE: Line = (_LEFT_OUT, "Words in letters that this sheet does not have. They stand on its page.")
_WORD = re.compile(r"\S+")
_MARKUP = Path(__file__).with_name("guide.typ")


def paper(
    facts: Facts,
    sections: Sequence[Section],
    contacts: Sequence[Reached],
    address: str,
    moment: datetime,
) -> bytes:
    """One jurisdiction as PDF. `address`: of its page; `moment`: as of when, which ages are told by.

    It is tagged (PDF/UA-1), unless a sign is in it that no font here has. Words in scripts that no font here
    has are marked, and left to the page; names in them, by which others call a jurisdiction, are left out.
    """
    import typst  # noqa: PLC0415  # 80 MB that only whoever prints needs

    sheet = {
        "warning": _INVENTED if _is_synthetic(facts, sections, contacts) else _WARNING,
        "title": f"Reference guide: {_readable(facts.name)}",
        "name": _readable(facts.name),
        "address": address,
        "day": day_told(moment.date()),
        "about": _on_paper(lines_of(_in_fonts(facts))),
        "contacts": [_contact(one, moment) for one in contacts],
        "sections": [
            {"title": section.title, "told": [_told(one, moment) for one in section.told]}
            for section in sections
        ],
    }
    try:
        return _compiled(sheet, ["ua-1"])
    except typst.TypstError:
        return _compiled(sheet, [])


def _compiled(sheet: Mapping[str, object], standards: list[Literal["ua-1"]]) -> bytes:
    import typst  # noqa: PLC0415  # as above

    return typst.compile(
        _MARKUP.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,  # the same sheet on every machine
        pdf_standards=list(standards),
        sys_inputs={"sheet": json.dumps(sheet)},
    )


def _is_synthetic(facts: Facts, sections: Sequence[Section], contacts: Sequence[Reached]) -> bool:
    answers = (one.answer for section in sections for one in section.told if one.answer)
    invented = any(one.synthetic for one in answers) or any(one.contact.synthetic for one in contacts)
    return facts.synthetic or invented


def _in_fonts(facts: Facts) -> Facts:
    named, places = (tuple(filter(_is_in_fonts, names)) for names in (facts.other_names, facts.places))
    return facts.model_copy(update={"other_names": named, "places": places})


def _is_in_fonts(text: str) -> bool:
    letters = (letter for letter in text if letter > _LATIN and letter.isalnum())
    return all(unicodedata.name(letter, "").startswith(_SCRIPTS) for letter in letters)


def _readable(text: str) -> str:
    """The text with a mark for each word that our fonts do not have."""
    return _WORD.sub(lambda word: word[0] if _is_in_fonts(word[0]) else _LEFT_OUT, text)


def _on_paper(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """What an entry says; where words had to be left out, also where they stand."""
    shown = tuple((label, _readable(text)) for label, text in lines)
    return shown if shown == lines else (*shown, _WHERE)


def _told(one: Told, moment: datetime) -> dict[str, object]:
    lines = lines_of(one.answer, one.question) if one.answer else ()
    return {
        "title": f"{one.number} {one.question.title}".strip(),
        "text": one.question.text,
        "marks": _marks(hague=one.question.hague, restricted=one.question.audience.value != "public"),
        "lines": _on_paper(lines) or (("Answer", "No answer"),),
        "age": _age(one.stamp, moment),
    }


def _contact(one: Reached, moment: datetime) -> dict[str, object]:
    lines: tuple[Line, ...] = lines_of(one.contact)[1:]
    restricted = one.type.audience.value != "public"
    return {
        "title": one.type.title,
        "text": "",
        "marks": _marks(hague=False, restricted=restricted),
        "lines": _on_paper(lines),
        "age": _age(one.stamp, moment),
    }


def _marks(*, hague: bool, restricted: bool) -> str:
    said = (("Hague Convention", hague), ("For workers only", restricted))
    return ", ".join(words for words, true in said if true)


def _age(stamp: Stamp | None, moment: datetime) -> str:
    if stamp is None:
        return ""
    published, again = (_day(one) for one in (stamp.published_at, stamp.reviewed_at))
    said = f"Published {published}" + (f", looked at again {again}" if again != published else "")
    return f"{said}. Older than a year." if is_old(stamp, moment) else f"{said}."


def _day(moment: datetime) -> str:
    day: date = moment.date()
    return day_told(day)
