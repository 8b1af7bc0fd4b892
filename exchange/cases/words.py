"""What the case registry tells about a case or a person, by code. The official list is unknown: ours (P)."""

from dataclasses import dataclass
from enum import StrEnum

from schemas.findings import CODES, Finding
from schemas.layouts.case_registry_ack import MESSAGE_WIDTH


class Code(StrEnum):
    """TE, PE, LE refuse a record (LE its locate request only, where it adds a person); the others warn."""

    REGISTERED = "TE101"
    NOT_REGISTERED = "TE102"
    NO_PREVIOUS = "TE103"
    HAS_PUTATIVE_FATHER = "TE104"
    NO_CASE = "PE101"
    IN_CASE = "PE102"
    NOT_IN_CASE = "PE103"
    NEEDS_IV_D = "PE104"
    NO_KEY = "PE105"
    NO_NAME = "PE106"
    HELD = "PW101"
    VIOLENCE_LATER = "PW102"
    VIOLENCE_ENDED = "PW103"
    REPEATED = "LE101"
    NOT_CLEARED = "LE102"
    NOT_ENOUGH = "LE103"
    NO_REQUEST = "LE104"
    NO_TAX = "LW101"


MESSAGES: dict[Code, str] = {
    Code.REGISTERED: "THE CASE IS REGISTERED ALREADY",
    Code.NOT_REGISTERED: "YOU HAVE REGISTERED NO SUCH CASE",
    Code.NO_PREVIOUS: "YOU HAVE REGISTERED NO SUCH PREVIOUS CASE",
    Code.HAS_PUTATIVE_FATHER: "A CASE WITH A PUTATIVE FATHER IS IV-D",
    Code.NO_CASE: "YOU HAVE REGISTERED NO SUCH CASE",
    Code.IN_CASE: "THE PERSON IS IN THIS CASE ALREADY",
    Code.NOT_IN_CASE: "NOBODY IN THIS CASE HAS THIS NUMBER OR MEMBER ID",
    Code.NEEDS_IV_D: "A PUTATIVE FATHER NEEDS A IV-D CASE",
    Code.NO_KEY: "GIVE A SOCIAL SECURITY NUMBER OR A MEMBER ID",
    Code.NO_NAME: "GIVE THE LAST NAME WITH ANOTHER NUMBER",
    Code.HELD: "HELD UNTIL A SOCIAL SECURITY NUMBER IS GIVEN",
    Code.VIOLENCE_LATER: "PROTECTED AS SOON AS THERE IS A NUMBER",
    Code.VIOLENCE_ENDED: "FAMILY VIOLENCE IS NO LONGER SAID BY THIS CASE",
    Code.REPEATED: "ASKED ALREADY: SEE WHEN IT MAY BE REPEATED",
    Code.NOT_CLEARED: "WHO SENT THE FILE MAY NOT LOCATE PEOPLE NOW",
    Code.NOT_ENOUGH: "NOT ENOUGH, OR NOT RIGHT, TO LOCATE",
    Code.NO_REQUEST: "NO OPEN REQUEST FOR THIS PERSON IN THIS CASE",
    Code.NO_TAX: "TAX SOURCES NOT ASKED: NOT CLEARED FOR THEM",
}
_REFUSING = "E"
_OF_LOCATE = "L"


@dataclass(frozen=True)
class Told:
    """One error or warning of an acknowledgement."""

    code: str
    message: str

    @property
    def refuses(self) -> bool:
        """Nothing of the record was taken; a locate request may be refused alone."""
        return self.code[1] == _REFUSING

    @property
    def of_locate(self) -> bool:
        """It speaks of the locate request only."""
        return self.code[0] == _OF_LOCATE


def told(code: Code, message: str = "") -> Told:
    """What a code says; `message` where there is more to say."""
    return Told(code.value, (message or MESSAGES[code]).upper()[:MESSAGE_WIDTH])


def told_of(finding: Finding) -> Told:
    """What the layout's rules found, under a code of five characters: V004 of the table is TEV04."""
    code = f"TE{finding.code[0]}{finding.code[2:]}"
    words = f"{finding.field}: {CODES[finding.code].title}" if finding.field else CODES[finding.code].title
    return Told(code, words.replace("_", " ").upper()[:MESSAGE_WIDTH])
