"""The pages of an agency's side of messages, and of what an organization settles about its own."""

import csv
import io

import pytest
from starlette.testclient import TestClient

from exchange.messages import offices, receivers, templates
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.correspondence import answer, inbox, write
from tests.support.partners import Partner, make_colleague, make_partner
from tests.web.accessibility import faults
from tests.web.conftest import Enter
from tests.web.visitors import Visitor


@pytest.fixture
def state(exchange: Exchange) -> Partner:
    """A state agency, by whoever looks after it."""
    return make_partner(exchange, Role.STATE, administrator=True)


def led_to(browser: TestClient, path: str, **fields: str) -> str:
    """Where sending a form leads."""
    answer = browser.post(path, data=fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_offices_are_made_routed_renamed_and_closed(
    exchange: Exchange, sign_in: Enter, state: Partner
) -> None:
    browser = sign_in(state)
    assert "No office yet" in browser.get("/messages/offices").text
    assert led_to(browser, "/messages/offices", name="North") == "/messages/offices?done=added"
    (office,) = offices.offices(exchange, state.actor).offices
    refused = browser.post("/messages/offices", data={"name": "North"})
    assert refused.status_code == 422
    assert "There is an office of this name" in refused.text
    led_to(browser, "/messages/offices/routes", general=str(office.id))
    assert "Receives General question" in browser.get(f"/messages/offices/{office.id}").text
    wrong = browser.post("/messages/offices/routes", data={"general": "elsewhere"})
    assert "Choose an open office" in wrong.text
    assert browser.post(f"/messages/offices/{office.id}", data={"name": ""}).status_code == 422
    led_to(browser, f"/messages/offices/{office.id}", name="<b>South</b>")
    assert "&lt;b&gt;South&lt;/b&gt;" in browser.get("/messages/offices").text
    led_to(browser, f"/messages/offices/{office.id}/close")
    assert browser.get(f"/messages/offices/{office.id}").status_code == 404
    agent = sign_in(make_colleague(state, "agent")).get("/messages/offices").text
    assert "South" in agent
    assert "<form" not in agent.partition("<main")[2]


def test_receivers_of_a_topic_are_chosen(exchange: Exchange, sign_in: Enter, employer: Partner) -> None:
    owner = make_colleague(employer, "owner", administrator=True)
    browser = sign_in(owner)
    assert "Everybody" in browser.get("/messages/receivers").text
    one = {str(employer.account.id): "yes"}
    assert led_to(browser, "/messages/receivers/general", **one) == "/messages/receivers?done=changed"
    (topic, *_) = receivers.receivers(exchange, owner.actor)
    assert topic.people == [(employer.account.id, employer.account.name)]
    assert browser.get("/messages/receivers/general").text.count(" checked") == 1
    for wrong in ("somebody", str(employer.organization.id)):
        assert browser.post("/messages/receivers/general", data={wrong: "yes"}).status_code == 422
    assert browser.get("/messages/receivers/weather").status_code == 404
    assert browser.get("/messages/offices").status_code == 403


def test_templates_are_kept(exchange: Exchange, sign_in: Enter, state: Partner) -> None:
    browser = sign_in(state)
    assert "No template yet" in browser.get("/messages/templates").text
    text = {"title": "Hours", "topic": "general", "subject": "", "body": "Nine to five.\r\nEastern."}
    assert led_to(browser, "/messages/templates/new", **text) == "/messages/templates?done=added"
    (kept,) = templates.templates(exchange, state.actor)
    page = f"/messages/templates/{kept.id}"
    assert "Nine to five.\nEastern." in browser.get(page).text
    wrong = browser.post(page, data=text | {"body": ""})
    assert (wrong.status_code, "Enter the text" in wrong.text) == (422, True)
    led_to(browser, page, **text | {"title": "Our hours"})
    assert "Our hours" in browser.get("/messages/templates").text
    led_to(browser, f"{page}/remove")
    assert browser.get(page).status_code == 404


def test_the_load_is_shown_and_taken_along(
    exchange: Exchange, sign_in: Enter, state: Partner, employer: Partner
) -> None:
    browser = sign_in(state)
    assert "Nobody waits for an answer." in browser.get("/messages/load").text
    first, _ = (write(exchange, employer.actor, state)[0] for _ in range(2))
    answer(exchange, state.actor, first)
    page = browser.get("/messages/load").text
    assert "<b>1</b> to answer" in page
    assert page.count('<svg class="chart"') == 4
    rows = list(csv.DictReader(io.StringIO(browser.get("/messages/load/topics.csv").text)))
    assert [(row["Topic"], row["To answer"], row["Overdue"]) for row in rows] == [
        ("General question", "1", "0")
    ]
    (month,) = csv.DictReader(io.StringIO(browser.get("/messages/load/answers.csv").text))
    assert (month["Answers"], month["Half within (s)"]) == ("1", "0")
    assert browser.get("/messages/load/none.csv").status_code == 404
    assert sign_in(employer).get("/messages/load").status_code == 403


def test_a_thread_is_worked_on_beside_its_page(
    exchange: Exchange, sign_in: Enter, api: Enter, state: Partner, employer: Partner
) -> None:
    agent, office_id = make_colleague(state, "agent"), offices.make(exchange, state.actor, "Zanzibar")
    thread_id, _ = write(exchange, employer.actor, state)
    page, browser, other = f"/messages/{thread_id}", sign_in(state), sign_in(employer)
    program = api(employer)
    browser.get(page)
    seen = [f"/api/v1/threads/{thread_id}", "/api/v1/threads"]
    before = [other.get(page).text, *(program.get(path).text for path in seen)]
    assert led_to(browser, f"{page}/take") == f"{page}?done=taken"
    assert "It is yours." in browser.get(f"{page}?done=taken").text
    led_to(browser, f"{page}/assign", assigned_to=str(agent.account.id))
    led_to(browser, f"{page}/office", office=str(office_id))
    led_to(browser, f"{page}/due", due_on=exchange.clock().date().isoformat())
    led_to(browser, f"{page}/note", note="<b>zanzibar</b>")
    shown = browser.get(page).text
    assert "Internal note: only your organization sees it" in shown
    assert "&lt;b&gt;zanzibar&lt;/b&gt;" in shown
    assert [other.get(page).text, *(program.get(path).text for path in seen)] == before
    for act, wrong in (("assign", "assigned_to"), ("office", "office"), ("due", "due_on"), ("note", "note")):
        refused = browser.post(f"{page}/{act}", data={wrong: "" if act == "note" else "none"})
        assert (refused.status_code, f'id="{wrong}-error"' in refused.text) == (422, True)
    listed = browser.get(f"/messages?office={office_id}&person={agent.account.id}").text
    assert f'href="{page}"' in listed
    assert f'href="{page}"' not in browser.get(f"/messages?person={state.account.id}").text
    led_to(browser, f"{page}/assign", assigned_to="")
    assert "Take it myself" in browser.get(page).text


def test_a_template_fills_a_message_and_an_answer(
    exchange: Exchange, sign_in: Enter, state: Partner, employer: Partner
) -> None:
    text = {"title": "Hours", "topic": "general", "subject": "Our hours", "body": "Nine to five."}
    template_id = str(templates.save(exchange, state.actor, text))
    thread_id, _ = write(exchange, employer.actor, state)
    browser = sign_in(state)
    assert template_id in browser.get(f"/messages/new?template={template_id}").text
    found = browser.post("/messages/new", data={"q": "Sample employer", "template": template_id})
    assert f'name="template" value="{template_id}"' in found.text
    to = str(employer.organization.id)
    draft = browser.get(led_to(browser, "/messages/drafts", to=to, template=template_id)).text
    assert "Our hours" in draft
    assert ">Nine to five.</textarea>" in draft
    typed = {"body": "Hello.", "template": template_id}
    kept = browser.get(led_to(browser, f"/messages/{thread_id}/reply", act="save", **typed)).text
    assert ">Hello.</textarea>" in kept
    drafted = led_to(browser, f"/messages/{thread_id}/reply", act="template", **typed)
    assert ">Hello.\n\nNine to five.</textarea>" in browser.get(drafted).text


@pytest.mark.browser
@pytest.mark.parametrize(
    "visitor", [{"viewport": {"width": 360, "height": 740}}], indirect=True, ids=["phone"]
)
def test_what_an_agency_settles_can_be_used_by_everybody(
    visitor: Visitor, exchange: Exchange, state: Partner, employer: Partner
) -> None:
    office_id = offices.make(exchange, state.actor, "North")
    templates.save(exchange, state.actor, {"title": "Hours", "body": "Nine to five."})
    answer(exchange, state.actor, write(exchange, employer.actor, state, office=str(office_id))[0])
    write(exchange, employer.actor, state)
    visitor.sign_in(state)
    (line, *_) = inbox(exchange, state.actor)
    pages = (f"offices/{office_id}", "receivers/general", "load", str(line.id))
    assert [fault for one in pages for fault in faults(visitor.open(f"/messages/{one}"))] == []
