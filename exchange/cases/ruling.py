"""What becomes of each record of a file: the rules of 8.2 to 8.4 as far as the registry can follow them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from exchange.cases.book import PRIVATE, Book, Case, Human, Part
from exchange.cases.said import Said
from exchange.cases.words import Code, Told, told
from exchange.registry import keys
from exchange.registry.searching.facts import Facts
from schemas.layouts.case_registry import ADD, CHANGE, DELETE

VERIFIED, PROBABLE, UNVERIFIED = "V", "N", ""
ACCEPTED, HELD, REJECTED = "AAAAA", "HOLDS", "REJCT"
IV_D, FATHER, VIOLENCE = "F", "PF", "FV"
_YEAR = 10_000


@dataclass
class Answer:
    """The acknowledgement of one record, as far as it is known."""

    said: Said
    told: list[Told] = field(default_factory=list)
    validity: str = UNVERIFIED
    birth_date_indicator: str = ""
    additional: tuple[str, str] = ("", "")
    held: bool = False

    def tell(self, code: Code, message: str = "") -> None:
        """Add an error or a warning."""
        self.told.append(told(code, message))

    @property
    def code(self) -> str:
        """Accepted, held or rejected; an error of the locate request refuses nothing else."""
        if not self.said.texts:
            return REJECTED
        adds = not self.said.is_case and self.said.action == ADD
        if any(one.refuses and not (adds and one.of_locate) for one in self.told):
            return REJECTED
        return HELD if self.held else ACCEPTED


class _RefusedError(Exception):
    """The record is refused."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Guarding:
    """Who is to be protected by a file, and who is no longer said to be, by the hash of the number."""

    wanted: set[bytes] = field(default_factory=set)
    ended: set[bytes] = field(default_factory=set)


class Ruling:
    """Takes the records of a file one after the other."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.guarding = Guarding()

    def take(self, answer: Answer) -> None:
        """Do what a record says; what is refused changes nothing."""
        said = answer.said
        acts = _CASE_ACTS if said.is_case else _PERSON_ACTS
        try:
            if (act := acts.get(said.action)) is not None:
                act(self, answer)
        except _RefusedError as refused:
            answer.tell(refused.code)

    def add_case(self, answer: Answer) -> None:
        """FC, add."""
        said = answer.said
        if self.book.cases[said.case_id] is not None:
            raise _RefusedError(Code.REGISTERED)
        texts = said.texts
        self.book.cases[said.case_id] = Case(
            said.case_id, texts["case_type"], texts["order_indicator"] == "Y", texts["county"], touched=True
        )

    def change_case(self, answer: Answer) -> None:
        """FC, change: what is blank stays as it is."""
        texts, book = answer.said.texts, self.book
        previous = texts["previous_case_id"]
        case = book.cases[previous or answer.said.case_id]
        if case is None:
            raise _RefusedError(Code.NO_PREVIOUS if previous else Code.NOT_REGISTERED)
        if previous and book.cases[answer.said.case_id] is not None:
            raise _RefusedError(Code.REGISTERED)
        kind = texts["case_type"] or case.kind
        if kind != IV_D and any(part.part == FATHER for part in case.parts):
            raise _RefusedError(Code.HAS_PUTATIVE_FATHER)
        book.cases[case.number] = None
        case.number, case.kind, case.touched = answer.said.case_id, kind, True
        case.county = texts["county"] or case.county
        case.ordered = texts["order_indicator"] == "Y" if texts["order_indicator"] else case.ordered
        book.cases[case.number] = case

    def delete_case(self, answer: Answer) -> None:
        """FC, delete: with all its parts; whom family violence protects stays protected."""
        case = self.book.cases[answer.said.case_id]
        if case is None:
            raise _RefusedError(Code.NOT_REGISTERED)
        if case.id is not None:
            self.book.dropped.append(case.id)
        self.book.cases[case.number] = None

    def add_person(self, answer: Answer) -> None:
        """FP, add."""
        said, case = answer.said, self._case(answer)
        texts = said.texts
        if not (texts["ssn"] or texts["member_id"]):
            raise _RefusedError(Code.NO_KEY)
        _check_father(case, texts["participant_type"])
        human, validity = self._resolve(said, said.texts["ssn"])
        member = self.book.member_hash(texts["member_id"])
        if any(part.human is human or (member and part.member_hash == member) for part in case.parts):
            raise _RefusedError(Code.IN_CASE)
        violence = texts["family_violence"] == VIOLENCE
        part = Part(human, texts["participant_type"], self.book.hash_of(texts["ssn"]), member, violence)
        case.parts.append(part)
        case.touched = True
        self._guard(answer, part)
        self._tell(answer, human, validity)
        answer.held = not texts["ssn"]
        if answer.held:
            answer.tell(Code.HELD)

    def change_person(self, answer: Answer) -> None:
        """FP, change: what is blank stays, but for family violence, which the record says or ends."""
        texts, case = answer.said.texts, self._case(answer)
        part = self._part(answer, case)
        kind = texts["participant_type"] or part.part
        _check_father(case, kind)
        human, validity = part.human, self._validity(answer.said, part.human)
        renumbered = texts["ssn"] and self.book.hash_of(texts["ssn"]) != part.ssn_hash
        if renumbered or (part.human.private and texts["last_name"]):
            if not texts["last_name"]:
                raise _RefusedError(Code.NO_NAME)
            human, validity = self._resolve(answer.said, texts["ssn"])
            if any(other.human is human for other in case.parts if other is not part):
                raise _RefusedError(Code.IN_CASE)
            part.ssn_hash = self.book.hash_of(texts["ssn"]) or part.ssn_hash
        part.human, part.part, case.touched = human, kind, True
        part.member_hash = self.book.member_hash(texts["new_member_id"]) or part.member_hash
        self._change_violence(answer, part)
        self._tell(answer, human, validity)
        answer.held = part.ssn_hash is None

    def delete_person(self, answer: Answer) -> None:
        """FP, delete; whom family violence protects stays protected."""
        case = self._case(answer)
        case.parts.remove(self._part(answer, case))
        case.touched = True

    def _case(self, answer: Answer) -> Case:
        case = self.book.cases[answer.said.case_id]
        if case is None:
            raise _RefusedError(Code.NO_CASE)
        return case

    def _part(self, answer: Answer, case: Case) -> Part:
        """Who of a case is meant: by member id, else by number or previous number."""
        texts = answer.said.texts
        if member := self.book.member_hash(texts["member_id"]):
            found = [part for part in case.parts if part.member_hash == member]
        else:
            hashes = {self.book.hash_of(texts[name]) for name in ("previous_ssn", "ssn")} - {None}
            found = [part for part in case.parts if part.ssn_hash in hashes]
        if not found:
            raise _RefusedError(Code.NOT_IN_CASE)
        return found[0]

    def _resolve(self, said: Said, ssn: str) -> tuple[Human, str]:
        """Whom a record means: somebody the registry knows, or somebody new."""
        hashed = self.book.hash_of(ssn)
        known = self.book.human(hashed) if hashed else None
        if known is not None and (validity := self._validity(said, known)):
            return known, validity
        private = hashed is None or known is not None
        key = self._private_key(said) if private else hashed
        assert key is not None
        return self.book.add(Human(key, self._name_hash(said, ssn), _facts(said, ssn), private=private)), ""

    def _validity(self, said: Said, human: Human) -> str:
        """Whether number and name agree; probably, by birth date and first name or an alias."""
        ssn, name = said.texts["ssn"], said.name
        if not ssn or human.private or human.hashed != self.book.hash_of(ssn):
            return UNVERIFIED
        if human.name_hash == self._name_hash(said, ssn):
            return VERIFIED
        same_day = bool(human.facts.birth_date) and human.facts.birth_date == said.texts["birth_date"]
        alias = {one.last for one in human.facts.others} | {human.facts.name.last}
        named = name.first == human.facts.name.first or bool(alias & {one.last for one in said.others})
        return PROBABLE if same_day and named else UNVERIFIED

    def _name_hash(self, said: Said, ssn: str) -> bytes:
        (hashed,) = keys.name_hashes(
            self.book.exchange.vault.cells, [ssn.encode()], [said.name.last.encode()]
        )
        return hashed

    def _private_key(self, said: Said) -> bytes:
        """What somebody is found by who is known in one case only."""
        texts = said.texts
        parts = (
            self.book.organization_id.hex,
            said.case_id,
            texts["member_id"],
            _facts(said, texts["ssn"]).cell,
        )
        return self.book.exchange.vault.cells.keyed_hash(PRIVATE, "|".join(parts))

    def _guard(self, answer: Answer, part: Part) -> None:
        if not part.violence:
            return
        if part.ssn_hash is None:
            answer.tell(Code.VIOLENCE_LATER)
        else:
            self.guarding.wanted.add(part.ssn_hash)
            self.guarding.ended.discard(part.ssn_hash)

    def _change_violence(self, answer: Answer, part: Part) -> None:
        said_so = answer.said.texts["family_violence"] == VIOLENCE
        if part.violence and not said_so and part.ssn_hash is not None:
            answer.tell(Code.VIOLENCE_ENDED)
            self.guarding.ended.add(part.ssn_hash)
            self.guarding.wanted.discard(part.ssn_hash)
        part.violence = said_so
        self._guard(answer, part)

    def _tell(self, answer: Answer, human: Human, validity: str) -> None:
        """What the acknowledgement says of a number: of the protected as of those whom nobody else knows."""
        answer.additional = (self._additional(answer.said, 1), self._additional(answer.said, 2))
        if not human.vouched or human.protected:
            return
        answer.validity = validity
        said, stored = answer.said.texts["birth_date"], human.facts.birth_date
        if validity == VERIFIED and said and stored:
            answer.birth_date_indicator = "Y" if abs(int(said) - int(stored)) > _YEAR else "N"

    def _additional(self, said: Said, number: int) -> str:
        """Whether another number of the person is one, too; blank where none is given."""
        ssn = said.texts[f"additional_ssn_{number}"]
        hashed = self.book.hash_of(ssn)
        if hashed is None:
            return ""
        other = self.book.human(hashed)
        known = other is not None and other.vouched and not other.protected
        return "V" if known and other and other.name_hash == self._name_hash(said, ssn) else "U"


def _facts(said: Said, ssn: str) -> Facts:
    return Facts(ssn, said.name, said.texts["birth_date"], said.texts["sex"], said.others)


def _check_father(case: Case, kind: str) -> None:
    if kind == FATHER and case.kind != IV_D:
        raise _RefusedError(Code.NEEDS_IV_D)


_Act = Callable[[Ruling, Answer], None]
_CASE_ACTS: dict[str, _Act] = {
    ADD: Ruling.add_case,
    CHANGE: Ruling.change_case,
    DELETE: Ruling.delete_case,
}
_PERSON_ACTS: dict[str, _Act] = {
    ADD: Ruling.add_person,
    CHANGE: Ruling.change_person,
    DELETE: Ruling.delete_person,
}
