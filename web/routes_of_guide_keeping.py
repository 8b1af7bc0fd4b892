"""The routes of keeping the reference guide. They stand before those of reading it: `keep` is no code."""

from starlette.routing import BaseRoute

from roles.permissions import Permission
from web.door import guarded, open_to_all
from web.handlers import guide_keeping, guide_keeping_entry, guide_texts

KEEP = Permission.GUIDE_KEEP
ROOT = "/guide/keep"
PART = f"{ROOT}/{{code}}"
ENTRY = f"{PART}/{{sort}}/{{slug}}"
TEXTS = f"{ENTRY}/texts"

ROUTES: list[BaseRoute] = [
    guarded(ROOT, guide_keeping.parts_page, ["GET"], needs=KEEP),
    guarded(f"{ROOT}/drafts/{{id}}", guide_keeping_entry.draft_page, ["GET"], needs=KEEP),
    guarded(f"{ROOT}/drafts/{{id}}/{{answer}}", guide_keeping_entry.answer_draft, ["POST"], needs=KEEP),
    guarded(PART, guide_keeping.part_page, ["GET"], needs=KEEP),
    guarded(f"{PART}/preview", guide_keeping.preview_page, ["GET"], needs=KEEP),
    guarded(f"{PART}/publish", guide_keeping.publish, ["POST"], needs=KEEP),
    guarded(f"{PART}/confirm", guide_keeping.confirm, ["POST"], needs=KEEP),
    guarded(f"{PART}/second-person", guide_keeping.second_person, ["POST"], needs=KEEP),
    guarded(ENTRY, guide_keeping_entry.entry_page, ["GET"], needs=KEEP),
    guarded(ENTRY, guide_keeping_entry.save_entry, ["POST"], needs=KEEP),
    guarded(f"{ENTRY}/history", guide_keeping_entry.history_page, ["GET"], needs=KEEP),
    guarded(f"{ENTRY}/revert", guide_keeping_entry.revert, ["POST"], needs=KEEP),
    guarded(f"{ENTRY}/withdraw", guide_keeping_entry.withdraw, ["POST"], needs=KEEP),
    guarded(TEXTS, guide_texts.texts_page, ["GET"], needs=KEEP),
    guarded(TEXTS, guide_texts.attach, ["POST"], needs=KEEP),
    guarded(f"{TEXTS}/{{id}}/remove", guide_texts.detach, ["POST"], needs=KEEP),
    open_to_all("/guide/texts/{id}", guide_texts.text_content, ["GET"]),
]
