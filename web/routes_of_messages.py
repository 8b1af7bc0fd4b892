"""The routes of the communication center: the mailbox, threads, writing, and the files of messages."""

from starlette.routing import BaseRoute

from roles.permissions import Permission
from web.door import guarded
from web.handlers import (
    message_drafts,
    message_files,
    message_keeping,
    message_search,
    message_threads,
    messages,
)

READ, SEND = Permission.MESSAGE_READ, Permission.MESSAGE_SEND
DRAFT, THREAD, MESSAGE = "/messages/drafts/{id}", "/messages/{id}", "/messages/{message}"
FILE = f"{MESSAGE}/attachments/{{id}}"

ROUTES: list[BaseRoute] = [
    guarded("/messages", messages.thread_list, ["GET"], needs=READ),
    guarded("/messages/search", message_search.search_page, ["GET"], needs=READ),
    guarded("/messages/search", message_search.look, ["POST"], needs=READ),
    guarded("/messages/sending", messages.sending_progress, ["GET"], needs=SEND),
    guarded("/messages/new", message_drafts.addressee_page, ["GET"], needs=SEND),
    guarded("/messages/new", message_drafts.addressee_search, ["POST"], needs=SEND),
    guarded("/messages/drafts", message_drafts.draft_list, ["GET"], needs=SEND),
    guarded("/messages/drafts", message_drafts.start, ["POST"], needs=SEND),
    guarded(DRAFT, message_drafts.write_page, ["GET"], needs=SEND),
    guarded(DRAFT, message_drafts.write, ["POST"], needs=SEND),
    guarded(f"{DRAFT}/to", message_drafts.readdress, ["POST"], needs=SEND),
    guarded(f"{DRAFT}/discard", message_drafts.discard, ["POST"], needs=SEND),
    guarded(f"{DRAFT}/files", message_files.attached, ["GET"], needs=SEND),
    guarded(f"{DRAFT}/files", message_files.attach_new, ["POST"], needs=SEND),
    guarded("/messages/drafts/{draft}/files/{id}", message_files.attach_rest, ["PUT"], needs=SEND),
    guarded(THREAD, message_threads.thread_page, ["GET"], needs=READ),
    guarded(f"{THREAD}/reply", message_drafts.reply, ["POST"], needs=SEND),
    guarded(f"{THREAD}/close", message_threads.close, ["POST"], needs=SEND),
    guarded(f"{THREAD}/reopen", message_threads.reopen, ["POST"], needs=SEND),
    guarded(f"{THREAD}/export", message_keeping.archive_file, ["GET"], needs=READ),
    guarded(f"{THREAD}/hold", message_keeping.hold, ["POST"], needs=Permission.MESSAGE_HOLD),
    guarded(f"{THREAD}/archive", message_threads.archive, ["POST"], needs=READ),
    guarded(f"{MESSAGE}/recall", message_threads.recall, ["POST"], needs=SEND),
    guarded(f"{MESSAGE}/forward", message_threads.forward, ["POST"], needs=SEND),
    guarded(f"{MESSAGE}/attachments", message_files.file_list, ["GET"], needs=READ),
    guarded(FILE, message_files.file_content, ["GET"], needs=READ),
    guarded(f"{FILE}/preview", message_files.preview_page, ["GET"], needs=READ),
    guarded(f"{FILE}/preview/content", message_files.preview_content, ["GET"], needs=READ),
]
