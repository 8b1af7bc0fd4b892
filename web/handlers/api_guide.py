"""The reference guide by the API: everything that can be read, by everybody or with a token."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from exchange.errors import RecordNotFoundError, RequestInvalidError
from exchange.guide import editions, past
from exchange.guide.bulk import Form
from exchange.guide.keys import Key
from exchange.guide.latest import Change, before, changes
from roles.guide import EntrySort
from schemas.guide.contacts import CONTACT_TYPES
from schemas.guide.documents import Contact, Facts, JurisdictionKind
from web import api_models_guide as models
from web import guide_told as told
from web.door import Handler
from web.guide_answers import Asked, answered, by_edition, moment_of, paged
from web.guide_told import Telling
from web.handlers import api_guide_files
from web.listing import PARAMETERS, RANGE, limit_of
from web.openapi import Operation, Parameter

MOST_COMPARED = 5
LONGEST_QUERY = 500
"""Characters; what is behind the first 200 is not searched for."""


async def search_guide(request: Request) -> Response:
    """What a line of words finds."""

    def tell(asked: Asked) -> models.GuideFindings:
        wanted, kind = asked.given("q"), asked.choice("kind", JurisdictionKind)
        if not wanted or len(wanted) > LONGEST_QUERY:
            raise RequestInvalidError(what=f"q is what to look for, at most {LONGEST_QUERY} characters")
        hits = asked.whole.index_on(asked.today).search(wanted, asked.reader, kind, limit_of(request))
        return models.GuideFindings(items=[told.found(asked.base, hit) for hit in hits])

    return await answered(request, tell)


async def list_jurisdictions(request: Request) -> Response:
    """Part of the jurisdictions."""

    def tell(asked: Asked) -> models.Jurisdictions:
        kind = asked.choice("kind", JurisdictionKind)
        facts = [part.facts for part in asked.edition.guide.parts if kind in {None, part.facts.kind}]
        shown, cursor = paged(asked, facts, lambda one: one.locator_code)
        return models.Jurisdictions(
            items=[told.jurisdiction(asked.telling, one) for one in shown], next=cursor
        )

    return await answered(request, tell, by_edition)


async def read_jurisdiction(request: Request) -> Response:
    """All of one jurisdiction, now or on a day of the past."""
    code = request.path_params["code"].upper()

    def tell(asked: Asked) -> models.JurisdictionPart:
        day = asked.past_day()
        telling = asked.telling if day is None else _on(asked, code)
        return told.whole_part(telling, code, day, asked.given("version"))

    def mark(asked: Asked) -> str:
        past = asked.past_day() is not None
        return by_edition(asked) if past else f"{asked.edition.mark_of(code)} {asked.today}"

    return await answered(request, tell, mark)


def _on(asked: Asked, code: str) -> Telling:
    """The guide of the past day, without what this reader does not read now or did not read then."""
    day = asked.past_day() or asked.today
    then = editions.on_day(asked.exchange, asked.whole, asked.reader, code, day)
    return Telling(then, asked.base, day)


async def read_history(request: Request) -> Response:
    """Every revision of one entry."""
    code, sort, slug = (request.path_params[name] for name in ("code", "sort", "slug"))
    code = code.upper()

    def tell(asked: Asked) -> models.GuideHistory:
        if sort not in list(EntrySort):
            raise RecordNotFoundError
        key = Key(code, EntrySort(sort), slug)
        shown = past.revisions(asked.exchange, asked.whole, key, asked.actor)
        return models.GuideHistory(items=[told.revision(one) for one in shown])

    return await answered(request, tell, by_edition)


async def list_questions(request: Request) -> Response:
    """Part of the questions, and the versions of the questionnaires."""

    def tell(asked: Asked) -> models.GuideQuestions:
        kind, guide = asked.choice("kind", JurisdictionKind), asked.edition.guide
        wanted = sorted(
            (one for one in guide.questions if kind in {None, one.kind}), key=lambda one: one.slug
        )
        shown, cursor = paged(asked, wanted, lambda one: one.slug)
        return models.GuideQuestions(
            items=[told.question(asked.telling, one) for one in shown],
            next=cursor,
            versions=[told.version(one) for one in guide.versions if kind in {None, one.kind}],
        )

    return await answered(request, tell, by_edition)


async def list_answers(request: Request) -> Response:
    """What all jurisdictions answer to one question."""

    def tell(asked: Asked) -> models.AnswersThere:
        telling = asked.telling
        question = telling.question(request.path_params["slug"])
        there = (told.answer_there(telling, part, question.slug) for part in telling.edition.guide.parts)
        shown, cursor = paged(asked, [one for one in there if one], lambda one: one.locator_code)
        return models.AnswersThere(question=told.question(telling, question), items=shown, next=cursor)

    return await answered(request, tell, by_edition)


async def list_contacts(request: Request) -> Response:
    """Part of the contacts."""

    def tell(asked: Asked) -> models.GuideContacts:
        kind, code, telling = asked.given("type"), asked.given("j"), asked.telling
        if kind and kind not in CONTACT_TYPES:
            raise RequestInvalidError(what=f"type is one of {', '.join(CONTACT_TYPES)}")
        parts = [telling.part(code)] if code else telling.edition.guide.parts
        there = (
            (part.facts, one) for part in parts for one in part.contacts if told.is_meant(telling, one, kind)
        )
        shown, cursor = paged(asked, sorted(there, key=_place_of_contact), _place_of_contact)
        return models.GuideContacts(items=[told.contact(telling, *one) for one in shown], next=cursor)

    return await answered(request, tell)


def _place_of_contact(one: tuple[Facts, Contact]) -> str:
    return f"{one[0].locator_code}.{one[1].slug}"


async def compare_jurisdictions(request: Request) -> Response:
    """Several jurisdictions side by side."""
    codes = list(dict.fromkeys(request.query_params.getlist("j")))
    slugs = list(dict.fromkeys(request.query_params.getlist("q")))

    def tell(asked: Asked) -> models.Comparison:
        if not 1 <= len(codes) <= MOST_COMPARED:
            raise RequestInvalidError(what=f"j names one to {MOST_COMPARED} jurisdictions")
        telling = asked.telling
        parts = [telling.part(code) for code in codes]
        wanted = slugs or told.asked_of(telling, {part.facts.kind for part in parts})
        return models.Comparison(
            jurisdictions=[told.named(telling, part.facts) for part in parts],
            items=list(told.compared(telling, parts, wanted)),
        )

    return await answered(request, tell)


async def list_changes(request: Request) -> Response:
    """Part of what changed since a moment."""

    def tell(asked: Asked) -> models.GuideChanges:
        since = before(moment_of(given)) if (given := asked.given("since")) else None
        every = changes(asked.exchange, asked.whole, asked.reader)
        wanted = [one for one in every if since is None or one.place < since]
        shown, cursor = paged(asked, wanted, lambda one: one.place)
        return models.GuideChanges(items=[_change(asked, one) for one in shown], next=cursor)

    return await answered(request, tell, by_edition)


def _change(asked: Asked, one: Change) -> models.GuideChange:
    key = one.key
    anchor = "" if key.sort is EntrySort.FACTS or one.change == "taken out" else key.slug
    named = told.named(asked.telling, one.facts, anchor)
    return models.GuideChange(
        **named.model_dump(),
        sort=key.sort,
        slug=key.slug,
        title=told.title_of(asked.telling, one.said),
        change=one.change,
        published_at=one.published_at,
    )


_CODE = Parameter("code", "path", "The locator code, such as 20000, 90830 or 80DE.", required=True)
_SLUG = Parameter("slug", "path", "The question.", required=True)
_KIND = Parameter("kind", "query", f"{', '.join(JurisdictionKind)}; all if not given.")
_KNOWN = Parameter("If-None-Match", "header", "The ETag of the answer that you have.")
_ENTRY = (
    Parameter("sort", "path", f"{', '.join(EntrySort)}.", required=True),
    Parameter("slug", "path", "The question, the contact, or `facts`.", required=True),
)
_MANY = {"type": "array", "items": {"type": "string"}}
_WHERE = "/api/v1/guide"


def _reading(
    handler: Handler, path: str, summary: str, model: type, *parameters: Parameter, refusals: tuple[int, ...]
) -> Operation:
    return Operation(
        "GET",
        f"{_WHERE}/{path}",
        handler,
        None,
        summary,
        {200: model},
        (*parameters, _KNOWN),
        None,
        refusals,
        open=True,
    )


OPERATIONS = (
    _reading(
        search_guide,
        "search",
        "Look something up: a name, a code, a topic, a question, or several of them, also misspelt.",
        models.GuideFindings,
        Parameter("q", "query", "What to look for.", required=True),
        _KIND,
        PARAMETERS[0],
        refusals=(400,),
    ),
    _reading(
        list_jurisdictions,
        "jurisdictions",
        "List the jurisdictions.",
        models.Jurisdictions,
        _KIND,
        *PARAMETERS,
        refusals=(400,),
    ),
    _reading(
        read_jurisdiction,
        "jurisdictions/{code}",
        "All that the guide says of one jurisdiction.",
        models.JurisdictionPart,
        _CODE,
        Parameter("on", "query", "A day, YYYY-MM-DD: as it stood at the end of that day (UTC)."),
        Parameter("version", "query", "The questionnaire whose numbers and order are wanted."),
        refusals=(400, 404),
    ),
    _reading(
        read_history,
        "jurisdictions/{code}/history/{sort}/{slug}",
        "Every revision of one entry, newest first.",
        models.GuideHistory,
        _CODE,
        *_ENTRY,
        refusals=(404,),
    ),
    _reading(
        list_questions,
        "questions",
        "List the questions with their numbers, and the versions of the questionnaires.",
        models.GuideQuestions,
        _KIND,
        *PARAMETERS,
        refusals=(400,),
    ),
    _reading(
        list_answers,
        "questions/{slug}/answers",
        "What all jurisdictions answer to one question.",
        models.AnswersThere,
        _SLUG,
        *PARAMETERS,
        refusals=(400, 404),
    ),
    _reading(
        list_contacts,
        "contacts",
        "List contacts: of one type, of one jurisdiction, or all.",
        models.GuideContacts,
        Parameter("type", "query", f"{', '.join(CONTACT_TYPES)}."),
        Parameter("j", "query", "A locator code."),
        *PARAMETERS,
        refusals=(400, 404),
    ),
    _reading(
        compare_jurisdictions,
        "compare",
        "Jurisdictions side by side.",
        models.Comparison,
        Parameter("j", "query", f"Locator codes, at most {MOST_COMPARED}.", required=True, schema=_MANY),
        Parameter("q", "query", "Questions; those that they are asked if not given.", schema=_MANY),
        refusals=(400, 404),
    ),
    _reading(
        list_changes,
        "changes",
        "What changed, newest first.",
        models.GuideChanges,
        Parameter("since", "query", "A day or a moment; the whole guide if not given."),
        *PARAMETERS,
        refusals=(400,),
    ),
    replace(
        _reading(
            api_guide_files.read_text,
            "texts/{id}",
            "The bytes of a law's text that is attached to an answer, or one range of them.",
            bytes,
            Parameter("id", "path", "The text, as the answer's `attachments` name it.", required=True),
            RANGE,
            refusals=(404, 409, 416, 503),
        ),
        answers={200: bytes, 206: bytes},
    ),
    _reading(
        api_guide_files.download_guide,
        "download",
        "The whole guide as a file, as far as the asker reads it.",
        bytes,
        Parameter("format", "query", f"{', '.join(Form)}; json if not given."),
        refusals=(400,),
    ),
)
