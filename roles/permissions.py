"""The one table of roles and permissions; menus, pages, manual and tests are rendered from it."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What kind of user an account is. The values are the names outside programs use."""

    ACCESS_VISITATION = "access_visitation"
    EMPLOYER = "employer"
    FEDERAL_AGENCY = "federal_agency"
    FINANCIAL_INSTITUTION = "financial_institution"
    INSURER = "insurer"
    INTERNATIONAL = "international"
    OCSS_ADMINISTRATOR = "ocss_administrator"
    OCSS_STAFF = "ocss_staff"
    STATE = "state"
    TRANSMITTER = "transmitter"
    TRIBE = "tribe"


class Permission(StrEnum):
    """`resource:action`, alphabetical. What no role holds does not exist."""

    ACCOUNT_MANAGE = "account:manage"
    ACCOUNT_OVERSEE = "account:oversee"
    CASE_REGISTRY_SEND = "case-registry:send"
    CONNECTION_OVERSEE = "connection:oversee"
    DATA_MATCH_RECEIVE = "data-match:receive"
    DATA_MATCH_SEND = "data-match:send"
    DEBT_INQUIRY_RECEIVE = "debt-inquiry:receive"
    DEBT_INQUIRY_SEND = "debt-inquiry:send"
    EMPLOYER_SEARCH = "employer:search"
    FILES_ADDRESS = "files:address"
    FILES_SEND = "files:send"
    GUIDE_KEEP = "guide:keep"
    GUIDE_MANAGE = "guide:manage"
    GUIDE_READ = "guide:read"
    INCIDENT_READ = "incident:read"
    INCIDENT_REPORT = "incident:report"
    INCOME_WITHHOLDING_ACKNOWLEDGE = "income-withholding:acknowledge"
    INCOME_WITHHOLDING_READ = "income-withholding:read"
    INCOME_WITHHOLDING_SEND = "income-withholding:send"
    LOCATE_AUDIT = "locate:audit"
    LOCATE_QUERY = "locate:query"
    LUMP_SUM_RECEIVE = "lump-sum:receive"
    LUMP_SUM_SEND = "lump-sum:send"
    MESSAGE_HOLD = "message:hold"
    MESSAGE_MANAGE = "message:manage"
    MESSAGE_READ = "message:read"
    MESSAGE_SEND = "message:send"
    MULTISTATE_MANAGE = "multistate:manage"
    MULTISTATE_READ = "multistate:read"
    NOTICE_READ = "notice:read"
    ORGANIZATION_MANAGE = "organization:manage"
    ORGANIZATION_OVERSEE = "organization:oversee"
    REGISTRATION_VERIFY = "registration:verify"
    TERMINATION_RECEIVE = "termination:receive"
    TERMINATION_SEND = "termination:send"
    TRANSFER_READ = "transfer:read"
    VOLUME_OVERSEE = "volume:oversee"


PERMISSION_WORDS: dict[Permission, str] = {
    Permission.LUMP_SUM_SEND: "Report lump-sum payments",
    Permission.LUMP_SUM_RECEIVE: "Be told of lump-sum payments to people who owe support to the state",
    Permission.TERMINATION_SEND: "Report people who left or never worked there",
    Permission.TERMINATION_RECEIVE: "Be told of people who owe support to the state and left an employer",
    Permission.INCOME_WITHHOLDING_SEND: "Send income withholding orders, and follow what employers answer",
    Permission.INCOME_WITHHOLDING_ACKNOWLEDGE: "Receive income withholding orders and acknowledge them",
    Permission.INCOME_WITHHOLDING_READ: "See the orders one's own organization sent or received",
    Permission.DEBT_INQUIRY_SEND: "Ask whether people about to be paid owe past-due support",
    Permission.DEBT_INQUIRY_RECEIVE: "Be told of inquiries that matched a case of the state",
    Permission.DATA_MATCH_SEND: "Hand in accounts for the financial data match",
    Permission.DATA_MATCH_RECEIVE: "Receive inquiry files or matches of the financial data match",
    Permission.MULTISTATE_MANAGE: "Register as a multistate employer, and change or end that",
    Permission.MULTISTATE_READ: "See the registrations of multistate employers that concern one's state",
    Permission.EMPLOYER_SEARCH: "Look an employer up: addresses and contacts by purpose",
    Permission.NOTICE_READ: "Read notices that came for the agency: payments, terminations, answers, changes",
    Permission.FILES_SEND: "Send files to OCSS",
    Permission.FILES_ADDRESS: "Send files to any organization",
    Permission.TRANSFER_READ: "See the files of one's own organization, their answers and receipts",
    Permission.MESSAGE_READ: "Read the messages of one's own organization, as far as it shares them",
    Permission.MESSAGE_SEND: "Write messages to OCSS, states and tribes, and answer those that came",
    Permission.MESSAGE_MANAGE: "Work in the shared inbox of an agency: assign, set due dates, write notes",
    Permission.MESSAGE_HOLD: "Keep messages from being deleted while a court or an inquiry needs them",
    Permission.CASE_REGISTRY_SEND: "Send cases, their people and locate requests by file",
    Permission.LOCATE_QUERY: "Locate people for a case, and see what sources answer",
    Permission.LOCATE_AUDIT: "See who located whom and why, without what was found",
    Permission.GUIDE_READ: "Read the part of the reference guide that is for child support workers only",
    Permission.GUIDE_KEEP: "Keep one's own part of the reference guide: answers and contacts",
    Permission.GUIDE_MANAGE: "Load a whole reference guide, with its questionnaires",
    Permission.INCIDENT_REPORT: "Report an incident",
    Permission.INCIDENT_READ: "See every report of an incident and take it in hand",
    Permission.ACCOUNT_MANAGE: "Invite, suspend and remove people of one's own organization",
    Permission.ORGANIZATION_MANAGE: "Keep the page of one's own organization, its networks and its clients",
    Permission.REGISTRATION_VERIFY: "Verify organizations that register",
    Permission.ORGANIZATION_OVERSEE: "Look up organizations and their people",
    Permission.ACCOUNT_OVERSEE: "Suspend any account or organization, some acts by two people",
    Permission.CONNECTION_OVERSEE: "See who is connected by SFTP and end a connection",
    Permission.VOLUME_OVERSEE: "See how much is exchanged by program, partner and month, and what waits",
}
"""What each permission lets people do, in the order of the page that tells it."""

_EVERYBODY = frozenset(
    {
        Permission.INCIDENT_REPORT,
        Permission.MESSAGE_READ,
        Permission.MESSAGE_SEND,
        Permission.TRANSFER_READ,
    }
)
_EXCHANGES_FILES = _EVERYBODY | {Permission.FILES_SEND}
_OCSS = _EXCHANGES_FILES | {
    Permission.EMPLOYER_SEARCH,
    Permission.FILES_ADDRESS,
    Permission.GUIDE_KEEP,
    Permission.GUIDE_READ,
    Permission.INCIDENT_READ,
    Permission.MESSAGE_MANAGE,
    Permission.MULTISTATE_READ,
    Permission.ORGANIZATION_OVERSEE,
    Permission.REGISTRATION_VERIFY,
    Permission.VOLUME_OVERSEE,
}

ADMINISTRATOR_PERMISSIONS = frozenset({Permission.ACCOUNT_MANAGE, Permission.ORGANIZATION_MANAGE})
"""What somebody who looks after an organization holds beside what the role holds, in that organization."""

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ACCESS_VISITATION: _EXCHANGES_FILES,
    Role.EMPLOYER: _EXCHANGES_FILES
    | {
        Permission.DEBT_INQUIRY_SEND,
        Permission.INCOME_WITHHOLDING_ACKNOWLEDGE,
        Permission.INCOME_WITHHOLDING_READ,
        Permission.LUMP_SUM_SEND,
        Permission.MULTISTATE_MANAGE,
        Permission.TERMINATION_SEND,
    },
    Role.FEDERAL_AGENCY: _EXCHANGES_FILES
    | {
        Permission.INCOME_WITHHOLDING_ACKNOWLEDGE,
        Permission.INCOME_WITHHOLDING_READ,
        Permission.MULTISTATE_MANAGE,
    },
    Role.FINANCIAL_INSTITUTION: _EXCHANGES_FILES
    | {Permission.DATA_MATCH_RECEIVE, Permission.DATA_MATCH_SEND},
    Role.INSURER: _EXCHANGES_FILES | {Permission.DEBT_INQUIRY_SEND},
    Role.INTERNATIONAL: _EVERYBODY | {Permission.GUIDE_KEEP, Permission.GUIDE_READ},
    Role.OCSS_ADMINISTRATOR: _OCSS
    | {
        Permission.ACCOUNT_OVERSEE,
        Permission.CONNECTION_OVERSEE,
        Permission.GUIDE_MANAGE,
        Permission.LOCATE_AUDIT,
        Permission.MESSAGE_HOLD,
    },
    Role.OCSS_STAFF: _OCSS,
    Role.STATE: _EXCHANGES_FILES
    | {
        Permission.CASE_REGISTRY_SEND,
        Permission.DATA_MATCH_RECEIVE,
        Permission.DEBT_INQUIRY_RECEIVE,
        Permission.EMPLOYER_SEARCH,
        Permission.GUIDE_KEEP,
        Permission.GUIDE_READ,
        Permission.INCOME_WITHHOLDING_READ,
        Permission.INCOME_WITHHOLDING_SEND,
        Permission.LOCATE_QUERY,
        Permission.LUMP_SUM_RECEIVE,
        Permission.MESSAGE_HOLD,
        Permission.MESSAGE_MANAGE,
        Permission.MULTISTATE_READ,
        Permission.NOTICE_READ,
        Permission.TERMINATION_RECEIVE,
    },
    Role.TRANSMITTER: _EXCHANGES_FILES | {Permission.DATA_MATCH_RECEIVE, Permission.DATA_MATCH_SEND},
    Role.TRIBE: _EXCHANGES_FILES
    | {
        Permission.CASE_REGISTRY_SEND,
        Permission.EMPLOYER_SEARCH,
        Permission.GUIDE_KEEP,
        Permission.GUIDE_READ,
        Permission.INCOME_WITHHOLDING_READ,
        Permission.INCOME_WITHHOLDING_SEND,
        Permission.LOCATE_QUERY,
        Permission.MESSAGE_HOLD,
        Permission.MESSAGE_MANAGE,
        Permission.NOTICE_READ,
    },
}


def holders(permission: Permission) -> tuple[Role, ...]:
    """The roles that hold a permission, by themselves."""
    return tuple(role for role in Role if permission in ROLE_PERMISSIONS[role])


@dataclass(frozen=True)
class RoleDescription:
    """How a role is presented: its name, whom it is for, and how its people get in."""

    title: str
    summary: str
    entry: str
    uses_sftp: bool


_REGISTERS = "Your organization registers, OCSS verifies it, and its own administrator then adds people."

ROLES: dict[Role, RoleDescription] = {
    Role.EMPLOYER: RoleDescription(
        "Employers",
        "Report lump-sum payments before they are paid, and employees who left or never worked for you; "
        "learn at once which states are owed support.",
        _REGISTERS,
        uses_sftp=True,
    ),
    Role.INSURER: RoleDescription(
        "Insurers",
        "Ask about claimants and beneficiaries before a claim is paid, one at a time or by file.",
        _REGISTERS,
        uses_sftp=True,
    ),
    Role.FINANCIAL_INSTITUTION: RoleDescription(
        "Financial institutions",
        "Fetch the quarterly inquiry file and hand in the accounts that match it.",
        _REGISTERS,
        uses_sftp=True,
    ),
    Role.TRANSMITTER: RoleDescription(
        "Transmitters",
        "Hand in data-match files for the financial institutions you act for, many in one file.",
        _REGISTERS,
        uses_sftp=True,
    ),
    Role.FEDERAL_AGENCY: RoleDescription(
        "Federal agencies and research partners",
        "Exchange files with OCSS under a matching agreement.",
        _REGISTERS,
        uses_sftp=True,
    ),
    Role.STATE: RoleDescription(
        "State child support agencies",
        "Locate people for your cases, receive matches and notices meant for your state, look up the rules "
        "and contacts of every other program in the reference guide, and keep your own.",
        "States do not register here: your state's own sign-on vouches for its workers.",
        uses_sftp=True,
    ),
    Role.TRIBE: RoleDescription(
        "Tribal child support agencies",
        "Locate people for your cases, exchange files with OCSS, look up the rules and contacts of every "
        "other program in the reference guide, and keep your own.",
        "A tribe can register once OCSS has recorded its agreements.",
        uses_sftp=True,
    ),
    Role.INTERNATIONAL: RoleDescription(
        "Child support workers of other countries",
        "Look up the rules and contacts of every state, tribe and country in the reference guide, write to "
        "states and tribes about cases, keep your own contacts there, and receive documents from OCSS.",
        "Your central authority asks OCSS for access.",
        uses_sftp=False,
    ),
    Role.ACCESS_VISITATION: RoleDescription(
        "Access and Visitation grantees",
        "Exchange files with OCSS about your grant.",
        "Ask your state administrator for access.",
        uses_sftp=False,
    ),
    Role.OCSS_STAFF: RoleDescription(
        "OCSS staff",
        "Watch over the exchange, answer partners, and keep the federal and international parts of the "
        "reference guide.",
        "Accounts are made by an OCSS administrator.",
        uses_sftp=True,
    ),
    Role.OCSS_ADMINISTRATOR: RoleDescription(
        "OCSS administrators",
        "Look after organizations, accounts and the installation.",
        "A new administrator needs two people.",
        uses_sftp=False,
    ),
}
