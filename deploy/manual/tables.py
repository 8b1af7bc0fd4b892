"""The tables of the manual, from the code's own. `python -m deploy.manual.tables` writes them anew."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import exchange.transfers
import exchange.vault
import roles.policy
from exchange.accounts import certificates
from exchange.errors import PortalError
from exchange.settings import Settings
from sftp_gateway import authentication, limits, protocol, transport
from sftp_gateway.refusals import DoorError, Status
from sftp_gateway.status import STATUS

PAGE = Path(__file__).with_name("sftp.md")
_DOOR = frozenset({"intake", "delivery", "names", "draft_rows", "repository", "handover", "published"})
"""The parts of `exchange.transfers` that the gateway calls, and those that these call."""

_USED_FOR = {
    "posix-rename@openssh.com": "the rename that OpenSSH, sshfs and ssh2-sftp-client prefer",
    "statvfs@openssh.com": "`df` shows the space of your organization",
    "limits@openssh.com": "how large one read or write may be, how many files may be open",
    "fsync@openssh.com": "`sftp -f`: what has come is durable, as a draft, before the file is closed",
}


def refusals() -> str:
    """One row for each refusal that a client can meet: what it reads, its status, and why."""
    rows = [(kind.sentence, kind.status, _why(kind)) for kind in _of_the_door()]
    rows += [(kind.sentence, STATUS[kind], _why(kind)) for kind in _of_the_exchange()]
    named = sorted((_words(sentence), _named(status), why) for sentence, status, why in rows)
    return f"Release {version('ocss-portal')}, SFTP version {protocol.VERSION}.\n\n" + _table(
        ("What you read", "Status", "When"), named
    )


def additions() -> str:
    """The additions to the protocol that are announced."""
    announced = protocol.ANNOUNCED
    rows = [(f"`{name}`", revision, _USED_FOR[name]) for name, revision in announced.items()]
    return _table(("Addition", "Revision", "Used for"), rows)


def algorithms() -> str:
    """What client and gateway can agree on, the preferred first."""
    rows: list[tuple[str, Iterable[str]]] = [
        ("key exchange", transport.KEY_EXCHANGES),
        ("key exchange, only if OCSS switched it on", transport.KEY_EXCHANGES_OF_NIST),
        ("ciphers", transport.CIPHERS),
        ("message authentication", transport.MACS),
        ("host keys", transport.HOST_KEYS),
        ("keys of users", authentication.KEYS),
        ("certificates of users", authentication.CERTIFICATES),
    ]
    return _table(("Kind", "Offered"), [(kind, ", ".join(f"`{one}`" for one in some)) for kind, some in rows])


def bounds() -> str:
    """The bounds of one connection."""
    standing = limits.Limits()
    rows = [
        ("open files and folders", str(limits.HANDLES)),
        ("SFTP sessions at a time", str(limits.SESSIONS)),
        ("bytes in one read or write", f"{limits.READ_OR_WRITE:,}"),
        ("seconds to sign in", f"{standing.login:g}"),
        ("seconds without a word", f"{standing.idle:g}"),
        ("failed sign-ins", str(limits.FAILURES)),
        ("bytes of a certificate", f"{certificates.LARGEST:,}"),
        ("days a certificate is valid, unless OCSS sets otherwise", _default("certificate_days")),
        ("connections from one address", str(standing.connections_of_source)),
        ("connections of one account, unless OCSS sets otherwise", str(standing.connections_of_account)),
    ]
    return _table(("Bound", "At most"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "refusals": refusals,
    "additions": additions,
    "algorithms": algorithms,
    "bounds": bounds,
}


def written(page: str) -> str:
    """The page with every table as the code has it, between its two marks."""
    for name, make in TABLES.items():
        before, mark, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"\n<!-- end of {name} -->")
        if not mark or not end:
            raise LookupError(name)
        page = f"{before}{mark}{make()}{end}{after}"
    return page


def _of_the_door() -> list[type[DoorError]]:
    told = {Status.EOF}  # no refusal: how a read or a listing ends
    return [kind for kind in DoorError.__subclasses__() if kind.status not in told]


def _of_the_exchange() -> list[type[PortalError]]:
    """Those that the modules behind the gateway know by name."""
    known = {one for module in _modules() for _, one in inspect.getmembers(module, inspect.isclass)}
    return [kind for kind in STATUS if kind in known]


def _modules() -> Iterator[ModuleType]:
    yield roles.policy
    for package in (exchange.transfers, exchange.vault):
        for found in pkgutil.iter_modules(package.__path__):
            if package is exchange.vault or found.name in _DOOR:
                yield importlib.import_module(f"{package.__name__}.{found.name}")


def _default(setting: str) -> str:
    return str(Settings.model_fields[setting].default)


def _words(sentence: str) -> str:
    return re.sub(r"\{\w+[^}]*\}", "...", sentence).replace("<", "&lt;")


def _named(status: Status) -> str:
    return status.name.lower().replace("_", " ")


def _why(kind: type[Exception]) -> str:
    return " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
