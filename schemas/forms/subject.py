"""What a subject of a message seems to give away: subjects are seen in lists, and over shoulders.

A guess, to warn a writer; nothing is refused for it. Numbers that read as a Social Security number are told
wherever they stand; a name only beside a common first name, a title or a word such as "employee".
"""

import re
import unicodedata

_SSN = re.compile(r"(?<![\d-])(?!000|666)\d{3}[- .]?\d{2}[- .]?\d{4}(?![\d-])")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_TITLES = frozenset({"dr", "miss", "mr", "mrs", "ms"})
_OF = frozenset({"about", "employee", "for", "mother", "father", "named", "obligor", "obligee", "re"})
_FIRST_NAMES = frozenset(
    """
    aaron abigail adam adrian aiden alan albert alejandro alex alexander alexis alice alicia allison
    alyssa amanda amber amy ana andrea andrew angel angela ann anna anne anthony antonio ariana arthur
    ashley ava barbara benjamin betty beverly billy bobby bradley brandon brenda brian brianna brittany
    bruce bryan caleb cameron carl carla carlos carmen carol caroline carolyn catherine charles cheryl
    chloe christina christine christopher cindy claire connor crystal cynthia daniel danielle david
    deborah debra denise dennis derek diana diane diego dominic donald donna dorothy douglas dylan
    edward eduardo eileen elena eli elijah elizabeth ella emily emma eric erica erin ethan eugene eva
    evan evelyn fatima felicia fernando frances francisco frank gabriel gabriela gary george gerald
    gloria gregory hailey hannah harold harry heather hector helen henry howard ian isabel isabella ivan
    jack jacob jacqueline jaime james jamie jane janet janice jared jasmine jason javier jean jeff
    jeffrey jennifer jeremy jerry jesse jessica jesus jill joan joe joel john johnny jonathan jordan
    jorge jose joseph joshua joyce juan juanita judith judy julia julian julie justin karen karina
    katherine kathleen kathryn katie kayla keith kelly kenneth kevin kim kimberly kyle larry laura
    lauren lawrence lee leonard leslie liam linda lisa lori louis louise lucas lucia luis luke manuel
    marcus margaret maria marie marilyn mario martha martin mary mason matthew megan melissa michael
    michelle miguel mohammed monica morgan nancy natalie nathan nicholas nicole noah nora norma oliver
    olivia omar oscar pablo pamela patricia patrick paul paula pedro peter philip phillip priya rachel
    ralph ramon randy raul raymond rebecca ricardo richard robert roberto robin rodney roger ronald rosa
    roy russell ruth ryan samantha samuel sandra sara sarah scott sean sergio sharon shawn sheila
    shirley sofia sophia stacy stephanie stephen steve steven susan tamara tammy tara teresa terry
    theresa thomas tiffany timothy tina todd tracy travis tyler valerie vanessa veronica victor victoria
    vincent walter wayne wendy wesley william willie yolanda zachary zoe
    """.split()  # noqa: SIM905  # four hundred quoted words would hide the list
)

SSN = "It seems to hold a Social Security number."
NAME = "It seems to hold a person's name."
WHY = (
    "Subjects are seen in lists and over shoulders: say what it is about, and write numbers and names "
    "into the message."
)


def warnings(subject: str) -> tuple[str, ...]:
    """What a subject seems to give away, as sentences; empty for one that seems to give nothing away."""
    seen = ((SSN, _SSN.search(subject) is not None), (NAME, _names_somebody(subject)))
    return tuple(sentence for sentence, found in seen if found)


def _names_somebody(subject: str) -> bool:
    words = [found.group() for found in _WORD.finditer(subject)]
    pairs = zip(words, [*words[1:], ""], [*words[2:], ""], strict=False)
    return any(_begins_name(*three) for three in pairs)


def _begins_name(word: str, following: str, after: str) -> bool:
    """Whether a word begins a name: Alex Sampleson, "Sampleson, Alex", Mr Sampleson, for A. Sampleson."""
    if not _is_name(following):
        return False
    low, both = _plain(word), _is_name(word)
    named = (low in _FIRST_NAMES or _plain(following) in _FIRST_NAMES) and both and low not in _OF
    return named or low in _TITLES or (low in _OF and len(following) == 1 and _is_name(after))


def _plain(word: str) -> str:
    """Small letters without accents."""
    apart = unicodedata.normalize("NFD", word.lower())
    return "".join(one for one in apart if not unicodedata.combining(one))


def _is_name(word: str) -> bool:
    """Written as names are: with a capital."""
    return word[:1].isupper()
