"""The one table of finding codes: what is wrong, what to do about it, and what it does to the file.

Families: F file, H header and trailer, R record, V value, X across fields, D duplicate; three digits (domain
specification, 4.4). A code once given keeps its meaning.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Effect(StrEnum):
    """What a finding does."""

    FILE = "file"
    RECORD = "record"
    NOTE = "note"

    @property
    def words(self) -> str:
        """For people."""
        return {"file": "the whole file is refused", "record": "the record is refused"}.get(
            self.value, "a remark, nothing is refused"
        )


@dataclass(frozen=True, slots=True)
class CodeWords:
    """One line of the table: `action` may name {label}, {expected}, {found}."""

    code: str
    title: str
    action: str
    effect: Effect


def _codes(*lines: tuple[str, str, str]) -> MappingProxyType[str, CodeWords]:
    effects = {"F": Effect.FILE, "H": Effect.FILE}
    table = {}
    for code, title, action in lines:
        effect = Effect.NOTE if code in _NOTES else effects.get(code[0], Effect.RECORD)
        table[code] = CodeWords(code, title, action, effect)
    return MappingProxyType(table)


_NOTES = frozenset({"F004", "F010", "F015", "F016", "F099", "R005", "R007", "X010", "X011", "X012", "X013"})

CODES: Final = _codes(
    ("F001", "The file is empty", "Send the file again with its records in it."),
    (
        "F002",
        "The file does not have this layout",
        "Check that you chose the right program and file. {expected}",
    ),
    (
        "F003",
        "There are no line ends",
        "End each record with a line feed, with or without a carriage return. {expected}",
    ),
    (
        "F004",
        "Line ends are mixed",
        "End every line the same way: line feed, or carriage return and line feed.",
    ),
    ("F005", "Too many groups in one file", "Split the file. {expected}"),
    ("F006", "The file is not plain ASCII text", "Save it as plain ASCII text, without a byte-order mark."),
    (
        "F007",
        "The workbook cannot be read",
        "Save it again as an ordinary .xlsx workbook without a password, or send CSV.",
    ),
    (
        "F008",
        "The workbook is too big to be opened",
        "Send the rows as CSV or as a fixed-width file. {expected}",
    ),
    ("F009", "The heading row lacks columns", "Give the first row these headings: {expected}."),
    (
        "F010",
        "A heading is not known",
        "Take the column out, or use a heading of the template. Found: {found}.",
    ),
    (
        "F011",
        "The rows cannot be read",
        "Save the sheet again as CSV with commas between the cells. {expected}",
    ),
    ("F012", "A heading stands there twice", "Keep one column of this heading: {found}."),
    (
        "F013",
        "A record has a document code that this file does not know",
        "Begin the record with {expected}, or take it out. Nothing of the file is taken as it is.",
    ),
    (
        "F014",
        "The workbook has macros",
        "Save it as an ordinary workbook (.xlsx) without macros, or send CSV. Nothing of it was opened.",
    ),
    (
        "F015",
        "The workbook asks for data of other files",
        "Nobody fetches that here. Put the values themselves into the cells if any are missing.",
    ),
    (
        "F016",
        "Something stands above the headings",
        "This stands above the headings and was not read. Leave a title; move a record below the headings.",
    ),
    (
        "F091",
        "Malware was found in the file",
        "The file is under lock and will not be read. Clean the computer it comes from, then make it anew.",
    ),
    (
        "F092",
        "The file could not be scanned for malware",
        "Send it in smaller parts, or without encryption, so that it can be scanned.",
    ),
    (
        "F093",
        "The file was handed over before",
        "It was taken then and is not processed again. If you meant another file, send that one.",
    ),
    ("F094", "The message could not be read", "Hand over one JSON object in UTF-8. {expected}"),
    ("F095", "The message cannot be sent", "Correct this and hand the message over again. {expected}"),
    (
        "F096",
        "A file of the message is missing or was refused",
        "Hand the file over, then the message again. {expected}",
    ),
    (
        "F098",
        "We could not process the file",
        "This is our fault, not yours, and OCSS has been told. Send the file again, or ask OCSS.",
    ),
    ("F099", "There are more findings", "Correct these first. {expected}"),
    ("H001", "The file does not begin with its header", "Begin the file with the header record. {expected}"),
    (
        "H002",
        "The trailer is missing",
        "End the group of records that begins here with its trailer record. {expected}",
    ),
    ("H003", "A header stands in the middle", "Send one header, at the beginning of the file."),
    ("H004", "The count does not agree", "Write the number of records into {label}: {expected}."),
    ("H005", "Header and trailer differ", "Write the same {label} into header and trailer."),
    ("H006", "The total does not agree", "Write the sum of the amounts into {label}."),
    ("H007", "There are no records", "Put at least one record between header and trailer."),
    ("H008", "The sender is another organization", "{label}: write the number of your own organization."),
    (
        "H009",
        "You do not report for this organization",
        "{label}: write a number that your organization may report for.",
    ),
    (
        "H010",
        "The transmitter is another organization",
        "{label}: write the number of the transmitter you signed in as.",
    ),
    ("H011", "Test and production are mixed up", "{label}: write {expected} here."),
    ("H012", "The period is not open", "{label}: write {expected}."),
    (
        "H013",
        "The control number was used before",
        "{label}: give each file a number of its own, and send it again.",
    ),
    ("H014", "The file indicator does not fit", "{label}: write {expected}."),
    (
        "H015",
        "A record stands outside header and trailer",
        "Move the record between a header and its trailer.",
    ),
    ("H016", "The rows differ in what belongs to the whole file", "{label}: write the same in every row."),
    (
        "H017",
        "This client has withdrawn its agreement",
        "{label}: the client no longer lets you act for it. Ask it to agree again, then send the file again.",
    ),
    (
        "H018",
        "Two batches have one control number",
        "{label}: give each batch a number of its own. {expected}",
    ),
    ("H019", "The number of batches does not agree", "Write the number of batches into {label}: {expected}."),
    (
        "H020",
        "The control number of a batch was used before",
        "{label}: give each batch a number of its own, and send the file again.",
    ),
    (
        "H021",
        "The issuer is another agency",
        "{label}: write the locator code of your own agency: {expected}.",
    ),
    ("H022", "The file is of another agency", "{label}: write {expected}."),
    ("R001", "The record is of no known type", "Begin the record with {expected}."),
    ("R002", "The record is too short", "Write the record in full length: {expected}."),
    ("R003", "The record is too long", "Take out what is too much: {expected}."),
    (
        "R004",
        "There is a character that is not plain text",
        "{label}: use plain letters, digits and signs only.",
    ),
    ("R005", "The line is blank", "Take the blank line out."),
    (
        "R006",
        "Cells of the row are merged with others",
        "Take the merged cells of this row apart, and fill each cell.",
    ),
    (
        "R007",
        "The row looks like a total",
        "This row looks like a total and was passed over: nobody was reported by it.",
    ),
    ("V001", "Something is missing", "{label}: fill this in; it is required. Expected: {expected}."),
    ("V002", "Something stands in unused columns", "Leave these columns blank."),
    ("V003", "A fixed text differs", "{label}: write {expected}."),
    (
        "V004",
        "The Social Security number is not numeric",
        "{label}: write nine digits, without hyphens or spaces.",
    ),
    (
        "V005",
        "The Social Security number cannot be right",
        "{label}: check the number with the employee. Expected: {expected}.",
    ),
    ("V007", "The amount is not a number", "{label}: write {expected}."),
    ("V008", "There is no such date", "{label}: write {expected}."),
    ("V009", "The code is not known", "{label}: write one of: {expected}."),
    ("V010", "There is no such state", "{label}: write {expected}."),
    ("V011", "The ZIP code is not complete", "{label}: write {expected}."),
    ("V012", "The taxpayer number is not nine digits", "{label}: write {expected}."),
    ("V013", "A name has a character that names do not have", "{label}: write {expected}."),
    ("V014", "The text does not begin in its first column", "{label}: move the text to the left."),
    ("V015", "The text is in small letters", "{label}: write it in capitals."),
    ("V016", "The number is not all digits", "{label}: write {expected}."),
    ("V017", "There is no such month", "{label}: write {expected}."),
    ("V018", "There is no such time", "{label}: write {expected}."),
    ("V019", "The telephone number is not complete", "{label}: write {expected}."),
    ("V020", "The date has not come yet", "{label}: write {expected}."),
    ("V021", "The date is too far ahead", "{label}: check the year. Expected: {expected}."),
    ("V022", "The e-mail address is not complete", "{label}: write {expected}."),
    ("V023", "The text is too long", "{label}: shorten it. Expected: {expected}."),
    ("V024", "The cell begins like a formula", "{label}: begin with a letter or digit, not with = + - or @."),
    (
        "V025",
        "A case number has a sign that it may not have",
        "{label}: take \\ and * out, and begin in the first column.",
    ),
    ("V026", "The text does not begin with a letter or digit", "{label}: write {expected}."),
    ("V027", "Neither a date nor the word for it", "{label}: write {expected}."),
    (
        "V028",
        "The cell holds a formula",
        "{label}: put the value itself into the cell (copy it, then paste values only).",
    ),
    (
        "V029",
        "A date stands there as a bare number",
        "{label}: format the cell as a date, or type the day as month/day/year.",
    ),
    ("V030", "A number is nothing but zeros", "{label}: write {expected}."),
    (
        "X001",
        "Something is missing that another field asks for",
        "{label}: fill this in, because of {expected}.",
    ),
    (
        "X002",
        "A value is given although its indicator says there is none",
        "{label}: write zeros, because of {expected}.",
    ),
    ("X003", "Header and record differ", "{label}: write {expected}."),
    (
        "X004",
        "Neither number nor name and birth date are given",
        "{label}: fill this in, or give {expected}.",
    ),
    (
        "X005",
        "The field does not fit this kind of file",
        "{label}: fill this in only where the header says so: {expected}.",
    ),
    (
        "X006",
        "Something is given that another field rules out",
        "{label}: leave this blank, because of {expected}.",
    ),
    (
        "X009",
        "The person is not in the inquiry file",
        "{label}: send only people of the inquiry file of this quarter.",
    ),
    (
        "X010",
        "The total is not the sum of the amounts",
        "{label}: check it. The amounts of this order come to another sum.",
    ),
    (
        "X011",
        "An amount is not explained",
        "{label}: say what the amount is for, because of {expected}.",
    ),
    (
        "X012",
        "The letter is not one we know",
        "{label}: check it. The letters known to us, most of them not from an official list: {expected}.",
    ),
    (
        "X013",
        "The record names another employer than its batch",
        "{label}: check it against {expected}.",
    ),
    (
        "X014",
        "The disposition is not allowed",
        "{label}: {expected}.",
    ),
    ("X015", "The action code does not go with the disposition", "{label}: {expected}."),
    (
        "X016",
        "The employer takes no part here",
        "{label}: nobody of this number takes orders here. Check the number, or send the orders by mail.",
    ),
    (
        "X017",
        "There is no such order",
        "{label}: write what the order says. Expected: {expected}.",
    ),
    ("X018", "The order has another action code", "{label}: write what the order says: {expected}."),
    (
        "X019",
        "The order has been answered",
        "{label}: take the record out; the first answer counts. Tell the state if it was wrong.",
    ),
    (
        "X020",
        "You do not answer for this employer",
        "{label}: write a number that your organization may report for.",
    ),
    (
        "X021",
        "It is not clear which state is meant",
        "{label}: name the state's locator code in the header of the batch.",
    ),
    (
        "X022",
        "Two fields say the same",
        "{label}: write something else than in {expected}, or leave it blank.",
    ),
    ("D001", "The record stands there twice", "Take one of the two records out. {expected}"),
    ("D002", "The record was sent before", "Take the record out, or change it if it was wrong. {expected}"),
)
