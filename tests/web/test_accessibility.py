"""Every page, signed out and signed in, against the rules of WCAG 2.2 A and AA that a machine can judge."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect
from starlette.routing import Route

from exchange import host_keys, incidents
from exchange.guide import loading
from exchange.host_keys import HostKey
from exchange.messages import drafts, files, templates
from exchange.multistate import registrations
from exchange.orders import on_screen, reports
from exchange.runtime import Exchange
from exchange.transfers import delivery, intake
from exchange.transfers.pipeline import drive
from roles.permissions import ROLE_PERMISSIONS, Role
from tests.exchange.notices.test_notices import place_notice
from tests.exchange.test_host_keys import NEW, OLD
from tests.exchange.test_multistate import TO_MISSOURI, register, typed
from tests.support.activating import activation_pages
from tests.support.correspondence import answer, attached, fields_to, send_file
from tests.support.guide import small_guide
from tests.support.invited import invite
from tests.support.orders import stored_order
from tests.support.partners import Partner, make_colleague, make_partner
from tests.support.record_files import people_file
from tests.web.accessibility import faults
from tests.web.visitors import Visitor
from web.routes import PAGES

PHONE = {"viewport": {"width": 360, "height": 740}}
NO_PAGES = {  # what a GET gives that is no page of its own
    "/sign-on/return",
    "/sign-on/{jurisdiction}",
    "/static/{version}/{name:path}",
    "/passkey/options",
    "/account/security/passkeys/options",
    "/files/drafts",
    "/files/history.csv",
    "/files/{id}/progress",
    "/files/{id}/content",
    "/files/{id}/receipt",
    "/guide/compare.csv",
    "/guide/contacts/{type}.csv",
    "/guide/texts/{id}",
    "/guide/topics/{slug}.csv",
    "/guide/{code:locator}.csv",
    "/guide/{code:locator}.pdf",
    "/live",
    "/messages/sending",
    "/messages/{id}/export",
    "/messages/drafts/{id}/files",
    "/messages/{message}/attachments/{id}",
    "/messages/{message}/attachments/{id}/preview/content",
    "/messages/load/{figure}.csv",
    "/staff/volumes/{figure}.csv",
    "/layouts/{layout}/sample.{ending}",
    "/orders/selected.pdf",
    "/orders/{id}.pdf",
    "/programs/{program}/template.{ending}",
}
BY_FORMS = {
    "/activate/password",
    "/activate/second-factor",
    "/orders/answer",
    "/register/status",
}
"""Pages that no link leads to; a test of their own looks at them."""
SHOWN = [route for route in PAGES if isinstance(route, Route) and "GET" in (route.methods or ())]
OTHERS = [role for role in ROLE_PERMISSIONS if role is not Role.EMPLOYER]
WRONG = {"ssn": "1", "last_name": "SAMPLE", "first_name": "ALEX"}

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("accessibility")]


OPEN = {route.path for route in SHOWN if not hasattr(route, "proof")} - NO_PAGES - BY_FORMS


def kinds_for(role: Role) -> set[str]:
    """The pages that somebody of this role sees once signed in."""
    needs = {route.path: route.needs for route in SHOWN if hasattr(route, "proof")}
    mine = {path for path, need in needs.items() if need is None or need in ROLE_PERMISSIONS[role]}
    return mine - NO_PAGES - BY_FORMS


def new_with(role: Role) -> set[str]:
    """The pages that this role sees and neither an employer nor a role before it, and its own home."""
    before = [kinds_for(earlier) for earlier in OTHERS[: OTHERS.index(role)]]
    return kinds_for(role).difference(kinds_for(Role.EMPLOYER), *before) | {"/home"}


def kind_of(path: str) -> str:
    """The route a path belongs to; '' when it leads to nothing of ours."""
    bare = re.split(r"[?#]", path)[0]
    kinds = (route.path for route in SHOWN if route.path_regex.match(bare))
    return next(kinds, "")


def walk(visitor: Visitor, starts: Iterable[str], kinds: set[str]) -> Iterator[str]:
    """Open the starts and what they lead to of these kinds, one a program or layout; gives their kinds."""
    waiting, met = list(starts), set[str]()
    while waiting:
        path = waiting.pop(0)
        kind = kind_of(path)
        look = re.sub(r"/[0-9a-f-]{36}$|(?<=^/layouts)/[a-z-]+$", "/", path)
        look = kind if kind.startswith("/guide") else look
        if kind not in kinds or look in met:
            continue
        met.add(look)
        page = visitor.open(path)
        yield kind
        waiting += page.locator("a[href^='/']").evaluate_all("all => all.map(a => a.getAttribute('href'))")


def judged(visitor: Visitor, starts: Iterable[str], kinds: set[str]) -> tuple[set[str], list[str]]:
    """The kinds of page met on a walk, and what is gravely wrong with them."""
    met, found = set[str](), list[str]()
    for kind in walk(visitor, starts, kinds):
        met.add(kind)
        found += faults(visitor.page)
    return met, found


def plain(kinds: set[str]) -> list[str]:
    """The pages among them that are about nothing in particular: their kind is their address."""
    return sorted(kind for kind in kinds if "{" not in kind)


def hand_over(partner: Partner, name: str) -> str:
    """A file that is answered with findings; returns the address of its page."""
    with intake.begin(partner.exchange, partner.actor, "lump-sum", name) as arriving:
        arriving.write(people_file("lump-sum", partner, [WRONG] * 3))
        sent = arriving.finish().transfer.id
    drive(partner.exchange, sent)
    return f"/files/{sent}"


def result_of(partner: Partner, page: str) -> str:
    """The address of the page that shows the records of the answer to a file; `page` is that file's."""
    sent = UUID(page.rpartition("/")[2])
    found = delivery.answers(partner.exchange, partner.actor, sent)
    return next(f"/files/{one.id}/records" for one in found if one.kind == "result")


def leave_a_draft(partner: Partner) -> str:
    """Half a file; returns the address of its page."""
    with intake.begin(partner.exchange, partner.actor, "files", "half.bin") as arriving:
        arriving.write(b"half" * 1_000_000)
        return f"/files/{arriving.suspend().id}"


def report_incident(partner: Partner) -> str:
    """A reported incident; returns the address of its page."""
    make_partner(partner.exchange, Role.OCSS_STAFF)
    told = {"kind": "device", "people": "few", "tax_information": "no", "phone": "7855550100"}
    when = {"discovered_on": "20260115", "discovered_at": "09:30", "description": "A device was lost."}
    return f"/incidents/{incidents.report(partner.exchange, partner.actor, told | when)}"


on_a_phone = pytest.mark.parametrize("visitor", [PHONE], indirect=True, ids=["phone"])
on_a_desktop = pytest.mark.parametrize("visitor", [{}], indirect=True, ids=["desktop"])


@on_a_phone
def test_every_page_before_the_sign_in_can_be_used_by_everybody(visitor: Visitor, exchange: Exchange) -> None:
    loading.load(exchange, small_guide())
    assert judged(visitor, ["/"], OPEN) == (OPEN, [])


def announce_host_keys(partner: Partner) -> None:
    """Have the gateway's keys change in a month: the page of SFTP keys says so."""
    change = partner.exchange.clock() + timedelta(days=30)
    host_keys.publish(partner.exchange, (HostKey(OLD, None, change), HostKey(NEW, change)))


@on_a_desktop
def test_every_page_of_an_employer_can_be_used_by_everybody(visitor: Visitor, employer: Partner) -> None:
    answered, mine = hand_over(employer, "severance.txt"), kinds_for(Role.EMPLOYER)
    announce_host_keys(employer)
    visitor.sign_in(employer)
    made = [answered, answered.replace("/files/", "/programs/lump-sum/answers/")]
    made += [
        f"{answered}/correct",
        result_of(employer, answered),
        leave_a_draft(employer),
        report_incident(employer),
    ]
    made += [receive_order(employer), keep_template(employer)]
    made += register_multistate(employer) + report_suspension(employer) + write_messages(employer)
    found = [fault for start in made for fault in faults(visitor.open(start))]
    met, more = judged(visitor, ["/home", *plain(mine)], mine - set(map(kind_of, made)))
    assert found + more == []
    assert met | set(map(kind_of, made)) == mine  # what a page is about must be made above


def write_messages(employer: Partner) -> list[str]:
    """A message with files, its answer and a draft; returns the addresses of their pages."""
    exchange, ocss = employer.exchange, make_partner(employer.exchange, Role.OCSS_STAFF, 2)
    thread_id, message_id = send_file(exchange, employer, ocss)
    answer(exchange, ocss.actor, thread_id)
    kept = drafts.start(exchange, employer.actor, fields_to(ocss))
    attached(exchange, employer.actor, kept)
    address = f"/messages/{message_id}/attachments"
    (file,) = files.listed(exchange, employer.actor, message_id).files
    preview = f"{address}/{file.id}/preview"
    return [f"/messages/{thread_id}", f"/messages/drafts/{kept}", address, preview]


def report_suspension(employer: Partner) -> list[str]:
    """A report without an order; returns the addresses of what became of it, and of itself."""
    typed = {"disposition_status": "S", "employee_ssn": "900010001"}
    handed = on_screen.report(employer.exchange, employer.actor, "KS", typed)
    (line,) = reports.reports(employer.exchange, employer.actor).items
    return [f"/orders/answered/{handed.transfer.id}", f"/orders/reports/{line.id}"]


def register_multistate(partner: Partner) -> list[str]:
    """A registration with a change that is being filled in; returns the addresses of its pages."""
    made = register(partner.exchange, partner.actor, members="001888777, Sample Chairs, MO")
    changed = typed(partner.exchange, **TO_MISSOURI)
    registrations.amend(partner.exchange, partner.actor, made.id, changed, later=False)
    return [f"/multistate/{made.id}{page}" for page in ("", "/form", "/check", "/cancel")]


def keep_template(partner: Partner) -> str:
    """A text that the organization uses again; returns the address of its page."""
    owner = make_colleague(partner, "owner", administrator=True)
    text = {"title": "Hours", "body": "We answer on business days."}
    return f"/messages/templates/{templates.save(partner.exchange, owner.actor, text)}"


def receive_order(employer: Partner) -> str:
    """An order that came three weeks ago; returns the address of its page."""
    state = make_partner(employer.exchange, Role.STATE)
    return f"/orders/{stored_order(employer.exchange, state, employer, days=21).id}"


def find_employer(exchange: Exchange) -> str:
    """An employer; returns the address of what agencies see of it."""
    return f"/employers/{make_partner(exchange, Role.EMPLOYER).organization.id}"


@pytest.mark.parametrize("role", OTHERS, ids=str)
def test_every_page_of_a_role_can_be_used_by_everybody(
    visitor: Visitor, exchange: Exchange, role: Role
) -> None:
    mine, new = make_partner(exchange, role), new_with(role)
    visitor.sign_in(mine)
    made = [find_employer(exchange)] if "/employers/{id}" in new else []
    if "/notices/{id}" in new:
        made.append(f"/notices/{place_notice(exchange, mine, 'lump-sum-notice', 30)}")
    met, found = judged(visitor, ["/home", *plain(new), *made], new)
    assert found == []
    assert met >= set(plain(new))


def test_refusals_can_be_understood_by_everybody(visitor: Visitor, employer: Partner) -> None:
    page, found = visitor.open("/sign-in"), list[str]()
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("a wrong password of some length")
    page.get_by_role("button", name="Continue").click()
    page.locator("#problem").wait_for()
    found += faults(page)
    visitor.sign_in(employer)
    visitor.open("/programs/termination/report").get_by_label("Last name").fill("Nobody")
    page.get_by_role("group", name="Last day of work").get_by_label("Year").fill("2026")
    page.get_by_text("Never worked here").click()
    expect(page.get_by_text("Last day of work", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Report", exact=True).click()
    page.locator("#problem").wait_for()
    expect(page.get_by_text("Last day of work", exact=True)).to_be_visible()
    found += faults(page)
    found += faults(visitor.open("/files/none"))
    visitor.complaints.clear()  # the browser notes each refusal
    assert found == []


@pytest.mark.parametrize("visitor", [{}, PHONE], indirect=True, ids=["desktop", "phone"])
def test_activating_an_account_can_be_done_by_everybody(
    visitor: Visitor, exchange: Exchange, employer: Partner
) -> None:
    casey = invite(exchange, employer)
    for page in activation_pages(visitor, exchange, casey):
        assert faults(page) == []
