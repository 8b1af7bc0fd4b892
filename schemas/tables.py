"""Code tables of the trade: what each code in a column means (domain specification, 3.8, 4.4, 6.4, 6.6)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final


def _table(**codes: str) -> Mapping[str, str]:
    """A read-only table; a code that starts with a digit is written with a leading underscore."""
    return MappingProxyType({code.removeprefix("_"): meaning for code, meaning in codes.items()})


STATES: Final = _table(
    AL="Alabama", AK="Alaska", AZ="Arizona", AR="Arkansas", CA="California", CO="Colorado", CT="Connecticut",
    DE="Delaware", DC="District of Columbia", FL="Florida", GA="Georgia", HI="Hawaii", ID="Idaho",
    IL="Illinois", IN="Indiana", IA="Iowa", KS="Kansas", KY="Kentucky", LA="Louisiana", ME="Maine",
    MD="Maryland", MA="Massachusetts", MI="Michigan", MN="Minnesota", MS="Mississippi", MO="Missouri",
    MT="Montana", NE="Nebraska", NV="Nevada", NH="New Hampshire", NJ="New Jersey", NM="New Mexico",
    NY="New York", NC="North Carolina", ND="North Dakota", OH="Ohio", OK="Oklahoma", OR="Oregon",
    PA="Pennsylvania", RI="Rhode Island", SC="South Carolina", SD="South Dakota", TN="Tennessee",
    TX="Texas", UT="Utah", VT="Vermont", VA="Virginia", WA="Washington", WV="West Virginia",
    WI="Wisconsin", WY="Wyoming", AS="American Samoa", GU="Guam", MP="Northern Mariana Islands",
    PR="Puerto Rico", VI="U.S. Virgin Islands",
)  # fmt: skip
"""States, the District of Columbia and the territories that run a child-support program (USPS codes)."""

MAIL_STATES: Final = MappingProxyType(
    {**STATES, "AA": "Armed Forces Americas", "AE": "Armed Forces Europe", "AP": "Armed Forces Pacific"}
)
"""What may stand in an address: the states and the military post."""

EMPLOYER_DETAILS: Final = _table(A="address", C="contact")
"""What of an employer changed."""
EMPLOYER_PURPOSES: Final = _table(
    M="medical support notices",
    O="main office",
    V="verification of employment",
    W="payroll and income withholding",
)
"""What an address or a contact of an employer is for."""

PAYMENT_KINDS: Final = _table(
    B="bonus",
    A="cash service award",
    C="commission",
    R="retroactive increase",
    S="severance",
    N="sign-on bonus",
    V="vacation pay-out",
    O="other",
)
TERMINATIONS: Final = _table(
    T="no longer works here",
    N="never worked here",
    R="retired",
    D="deceased",
    L="on leave or suspended",
)
ACCOUNT_TYPES: Final = _table(
    _00="not applicable",
    _01="savings",
    _04="checking or demand deposit",
    _05="term deposit certificate",
    _06="collateral account",
    _11="money market",
    _12="IRA or Keogh",
    _14="ERISA plan",
    _16="cash balances",
    _17="compound account",
    _18="other",
)
TRUST_FUNDS: Final = _table(
    _0="not a trust or escrow account",
    _1="UTMA or UGMA, a minor's account",
    _2="IOLTA, a lawyer's trust",
    _3="mortgage escrow",
    _4="security deposits",
    _5="other trust or escrow",
    _6="information not available",
)
BALANCE_INDICATORS: Final = _table(_0="balance not given", _1="average balance", _2="current balance")
NAME_MATCHES: Final = _table(
    _0="match not tried",
    _1="first four letters of the last name agree",
    _2="first four letters of the last name differ",
)
PAYEES: Final = _table(
    _0="sole owner",
    _1="secondary owner",
    _2="primary owner, and there are secondary owners",
)
ACCOUNT_STATUSES: Final = _table(_0="open at match", _1="closed at match", _2="not provided")
FILE_INDICATORS: Final = _table(
    M="method 2, matched accounts", A="method 1, all accounts", U="method 1, update"
)
UPDATES: Final = _table(_0="delete, account closed", _1="add a new account", _2="change of name or address")
RESULTS: Final = _table(M="match", N="no match", E="error", P="pending")
LINE_RESULTS: Final = _table(A="accepted", E="error")
TEST_FLAGS: Final = _table(T="test", P="production")
YES: Final = _table(_1="yes")
YES_NO: Final = _table(_0="no", _1="yes")
YES_OR_NO: Final = _table(Y="yes", N="no")
ORDER_ACTIONS: Final = _table(
    ORG="original order", AMD="amended order", TRM="termination of an order", LUM="order for a lump sum"
)
FREQUENCIES: Final = _table(
    M="monthly",
    W="weekly (from memory, not verified)",
    B="every two weeks (from memory, not verified)",
    S="twice a month (from memory, not verified)",
    Q="quarterly (from memory, not verified)",
    A="yearly (from memory, not verified)",
)
"""Only M was seen in a source (6.4); the others are hints, so a letter that is not here refuses nothing."""
DISPOSITION_STATUSES: Final = _table(
    A="accepted",
    R="rejected",
    L="the employer reports a lump sum",
    S="the employer reports that withholding is suspended",
    T="the employer reports the end of employment",
)
DISPOSITION_REASONS: Final = _table(
    B="the name does not match",
    D="duplicate order",
    M="orders from several states",
    N="no longer employed",
    O="other",
    S="the employee is suspended or on leave",
    U="the employer does not know the person",
    W="wrong FEIN",
    X="the order could not be processed",
    Z="there is no order to end",
)

CASE_ACTIONS: Final = _table(A="add", C="change", D="delete")
"""What becomes of a case in the case registry (8.2)."""
PERSON_ACTIONS: Final = MappingProxyType({**CASE_ACTIONS, "L": "locate", "T": "end a locate request"})
"""What becomes of a person of a case (8.3)."""
CASE_TYPES: Final = _table(F="IV-D", N="not IV-D")
PARTICIPANT_TYPES: Final = _table(
    CH="child", CP="custodial party", NP="noncustodial parent", PF="putative father"
)
LOCATE_TYPES: Final = _table(CS="for IV-D purposes")
FAMILY_VIOLENCE: Final = _table(FV="family violence: nothing about the person is disclosed")
SEXES: Final = _table(F="female", M="male")
ONLY_YES: Final = _table(Y="yes")
LOCATE_SOURCES: Final = _table(
    FCR="Federal Case Registry (ours: no official code is known)",
    A01="Department of Defense",
    A02="FBI employees",
    A03="NSA employees",
    B01="state employment agencies",
    C01="IRS",
    C02="IRS, to find a number",
    D01="National Personnel Records Center",
    E01="SSA employers",
    E02="SSA, to find a number",
    E03="SSA benefits",
    E07="SSA prisoners",
    F01="Veterans Affairs",
    G01="Selective Service",
    H97="new hires",
    H98="quarterly wages",
    H99="unemployment insurance and other new-hire data",
)
"""Sources that may be named one by one (8.5)."""
LOCATE_SOURCES_OR_ALL: Final = MappingProxyType({"ALL": "all permitted sources", **LOCATE_SOURCES})
REGISTRY_ANSWERS: Final = _table(
    AAAAA="accepted", HOLDS="accepted, waits for a Social Security number", REJCT="rejected"
)
"""How the case registry acknowledges a case or a person (8.4)."""
SSN_VALIDITIES: Final = _table(
    V="number and name agree",
    C="the number was corrected",
    E="not verifiable, but other data found a number",
    N="not verified, but the name is probably the same",
    P="no number was sent, and one was found",
    R="several numbers were possible, and one was chosen by hand",
    S="found through the number of a spouse",
)
LOCATE_OUTCOMES: Final = _table(F="found", N="nothing found", U="unable to search")
"""What came of a source's search (ours)."""
