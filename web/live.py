"""Telling open pages at once that their mailbox changed: one look a second for all who listen in a process.

Processes share nothing but the database, so each looks for itself; who listens to the same organization
shares the look.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from uuid import UUID

EVERY = 1.0
"""Seconds between two looks."""
_ALIVE = 15.0
"""Seconds after which a line is sent that says nothing, so that proxies keep the connection."""
LONGEST = 300.0
"""Seconds of one stream; its page asks again then, and shows anew that it may."""

Look = Callable[[set[UUID]], Awaitable[dict[UUID, int]]]
"""How often each of these mailboxes has changed."""


class Live:
    """Who listens in this process. Nothing is looked for while nobody does."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._listening: dict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    def close(self) -> None:
        """End every stream: the server is about to stop."""
        self._closed = True
        for changed in self._all():
            changed.set()

    async def changes(self, organization_id: UUID, look: Look) -> AsyncIterator[bool]:
        """Yields at once, then True for each change and False from time to time; ends after `LONGEST`."""
        loop = asyncio.get_running_loop()
        changed, ends = asyncio.Event(), loop.time() + LONGEST
        self._listening[organization_id].add(changed)
        self._begin(look)
        try:
            yield True
            while not self._closed and loop.time() < ends:
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), _ALIVE)
                told = changed.is_set()
                changed.clear()
                yield told
        finally:
            self._leave(organization_id, changed)

    def _begin(self, look: Look) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._watch(look))

    def _leave(self, organization_id: UUID, changed: asyncio.Event) -> None:
        self._listening[organization_id].discard(changed)
        if not self._listening[organization_id]:
            del self._listening[organization_id]

    async def _watch(self, look: Look) -> None:
        """Look until nobody listens. A look that fails is taken again; a page is told late, then.

        Whoever is new is told at the first look: something may have come since their page was made.
        """
        known: dict[UUID, int] = {}
        while self._listening and not self._closed:
            organizations = set(self._listening)
            with suppress(Exception):
                seen = await look(organizations)
                for organization_id in organizations:
                    if seen.get(organization_id, 0) != known.get(organization_id):
                        self._tell(organization_id)
                known = {one: seen.get(one, 0) for one in organizations}
            await asyncio.sleep(EVERY)

    def _tell(self, organization_id: UUID) -> None:
        for changed in self._listening.get(organization_id, ()):
            changed.set()

    def _all(self) -> list[asyncio.Event]:
        return [changed for listening in self._listening.values() for changed in listening]
