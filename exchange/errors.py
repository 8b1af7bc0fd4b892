"""What can go wrong, each named once, with the sentence a person reads.

The doors translate these with one table each; nothing here knows HTTP or SFTP. Facts given to an error are
shown to the person, so they are never a secret, an SSN, a TIN, a name or an amount.
"""

from collections.abc import Mapping

from roles.errors import NotPermittedError, PortalError, ProgramNotFoundError

__all__ = ["NotPermittedError", "PortalError", "ProgramNotFoundError"]  # the doors find every error here


class SignInRefusedError(PortalError):
    """One answer for an unknown user, a wrong password, a wrong code and a closed account."""

    code = "sign_in_refused"
    sentence = "The username, password or code is not right. Check them and try again."


class NotSignedInError(PortalError):
    """No valid session or token came with the request."""

    code = "not_signed_in"
    sentence = "Sign in first, or send a valid API token."


class ProofNeededError(PortalError):
    """Something dangerous was asked for, and the second factor was shown too long ago."""

    code = "proof_needed"
    sentence = "Show your second factor again before you do this."


class RulesDueError(PortalError):
    """Somebody who has not accepted the rules of behavior, or not within the last year."""

    code = "rules_due"
    sentence = "Read and accept the rules of behavior first."


class ConfirmationDueError(PortalError):
    """An account whose owner has not said for half a year that they still need it."""

    code = "confirmation_due"
    sentence = "Say first that you still need this account."


class LastFactorError(PortalError):
    """The second factor to be removed is the only one of its account."""

    code = "last_factor"
    sentence = "This is your only second factor. Set up another one first, then remove this one."


class PasswordRefusedError(PortalError):
    """A password that nobody may choose; `why` says so in words."""

    code = "password_refused"
    sentence = "This password cannot be used: {why}."


class TooManyAttemptsError(PortalError):
    """Throttled; `retry_after` is in whole seconds."""

    code = "too_many_attempts"
    sentence = "Too many attempts. Wait {retry_after} seconds, then try again."

    @property
    def retry_after(self) -> int:
        """Seconds until another attempt is looked at."""
        return int(str(self.facts["retry_after"]))


class TransferNotFoundError(PortalError):
    """Not there, or not yours: the same answer for both."""

    code = "transfer_not_found"
    sentence = "There is no such file here."


class RecipientNotFoundError(PortalError):
    """The organization a file was addressed to does not exist, or may not be written to."""

    code = "recipient_not_found"
    sentence = "There is no such organization to send this file to."


class FileNameRefusedError(PortalError):
    """A name that would be misleading or unsafe; `why` names the rule."""

    code = "file_name_refused"
    sentence = "The file name cannot be used: {why}."


class QuotaExceededError(PortalError):
    """The organization's space is used up."""

    code = "quota_exceeded"
    sentence = "Your organization's space is used up. Remove unfinished uploads or ask OCSS for more space."


class FileTooLargeError(PortalError):
    """More bytes than one file may have; `limit` is in bytes."""

    code = "file_too_large"
    sentence = "The file is larger than the {limit} bytes that one file may have."


class DigestMismatchError(PortalError):
    """The bytes that came do not have the digest that was announced."""

    code = "digest_mismatch"
    sentence = "The file that arrived is not the file that was announced: its SHA-256 differs. Send it again."


class SizeMismatchError(PortalError):
    """More or fewer bytes than announced; both numbers in bytes."""

    code = "size_mismatch"
    sentence = "{expected} bytes were announced and {found} arrived. Send the file again."


class OffsetMismatchError(PortalError):
    """A write at another place than the next one; `expected` is the next offset in bytes."""

    code = "offset_mismatch"
    sentence = "Files are taken in order: the next byte expected is number {expected}."


class TransferAbortedError(PortalError):
    """The transfer ended after a refused write; nothing of it was handed over."""

    code = "transfer_aborted"
    sentence = "This transfer was ended and nothing of it was handed over. Send the file again."


class TransferBusyError(PortalError):
    """Another connection is writing this very draft."""

    code = "transfer_busy"
    sentence = "Another connection is still sending this file. Wait until it ends, then resume."


class ContentNotAvailableError(PortalError):
    """The bytes are not (or no longer) to be had; `why` says so in words."""

    code = "content_not_available"
    sentence = "The content of this file is not available: {why}."


class RequestInvalidError(PortalError):
    """A request that does not say what it must; `what` names it."""

    code = "request_invalid"
    sentence = "The request cannot be understood: {what}."


class RegistrySeededError(PortalError):
    """The registry holds another population already; `people` says how many."""

    code = "registry_seeded"
    sentence = "The registry already holds another population of {people} people. Seed an empty installation."


class SearchTooBroadError(PortalError):
    """A search for a person that would fit too many; `advice` says what to add, and nothing about them."""

    code = "search_too_broad"
    sentence = "Too many people may be meant: {advice}."


class PersonSearchClosedError(PortalError):
    """The registry, or the index that people are found by, is being filled just now, or has not been yet."""

    code = "person_search_closed"
    sentence = "People cannot be searched for just now: the register is being filled. Try again later."


class StoreUnavailableError(PortalError):
    """The store cannot take or give bytes now (disk full, service away)."""

    code = "store_unavailable"
    sentence = "Files cannot be stored or read right now. Nothing was lost; try again in a few minutes."


class BlobMissingError(PortalError):
    """A blob that a row names is not in the store."""

    code = "blob_missing"
    sentence = "The stored bytes of this file are missing. OCSS has been told."


class BlobBusyError(PortalError):
    """Another process holds the unfinished container."""

    code = "blob_busy"
    sentence = "Another process is writing this file."


class VaultDamagedError(PortalError):
    """A sealed container that does not open; `chunk` says where (0 is the first)."""

    code = "vault_damaged"
    sentence = "The stored bytes were changed or damaged at chunk {chunk}; nothing was given out."


class VaultLockedError(PortalError):
    """The keyring has no key that opens this."""

    code = "vault_locked"
    sentence = "This installation holds no key that opens this file."


class IdentityDamagedError(PortalError):
    """A row of identity (account, key, token, organization) was changed outside the portal."""

    code = "identity_damaged"
    sentence = "This account cannot be used. OCSS has been told."


class IncidentNotFoundError(PortalError):
    """Not there, not yours, or not in the state in which that can be done: the same answer for all."""

    code = "incident_not_found"
    sentence = "There is no such report here."


class SignOnFailedError(PortalError):
    """A state's sign-on did not vouch for somebody; `why` is a sentence of ours, never of the provider."""

    code = "sign_on_failed"
    sentence = "Your state's sign-on did not let you in. {why}"


class LeaseLostError(PortalError):
    """A worker took too long and another took the job over; its effect is rolled back."""

    code = "lease_lost"
    sentence = "Another worker has taken this job over."


class DraftUnfinishedError(PortalError):
    """A draft whose writer ended without saying so: only resuming tells what it holds."""

    code = "draft_unfinished"
    sentence = "The upload of this file was interrupted. Resume it and send the rest, then hand it over."


class CellDamagedError(PortalError):
    """A sealed column that does not open: changed, or moved from another column."""

    code = "cell_damaged"
    sentence = "A stored value was changed or damaged and cannot be shown. OCSS has been told."


class KeyringUnusableError(PortalError):
    """The keyring file cannot be used; `why` says so in words."""

    code = "keyring_unusable"
    sentence = "The keyring cannot be used: {why}."


class RecordNotFoundError(PortalError):
    """A person, organization, key, token or request that is not there, or is another organization's."""

    code = "record_not_found"
    sentence = "There is nothing like that here, or it is not yours."


class FieldsRefusedError(PortalError):
    """Answers of a form that cannot be used; `problems` has what is wrong, by field."""

    code = "fields_refused"
    sentence = "{text}"

    def __init__(self, problems: Mapping[str, str]) -> None:
        """Keep the problems by field; together they are the sentence."""
        self.problems = dict(problems)
        super().__init__(text=". ".join(problems.values()) + ".")


class NotOneselfError(PortalError):
    """An act that nobody does to their own account."""

    code = "not_oneself"
    sentence = "You cannot do this to your own account. Another administrator can."


class LastAdministratorError(PortalError):
    """Without this administrator nobody would look after the organization."""

    code = "last_administrator"
    sentence = "This is the only administrator. Make somebody else an administrator first."


class SharedAccountError(PortalError):
    """An account of a demonstration would be spoilt for the next visitor."""

    code = "shared_account"
    sentence = (
        "This account belongs to every visitor of the demonstration, so nobody can close it, shut it out or "
        "change what it signs in with. Invite somebody, or register an organization, and try it there."
    )


class RepresentationEndedError(PortalError):
    """Somebody acts for a client that has ended it, or was closed."""

    code = "representation_ended"
    sentence = (
        "Your organization may not act for this client any more: one of the two ended it, or the client was "
        "closed. Nothing was done. From now on you act for your own organization."
    )


class NotNowError(PortalError):
    """The account, request or organization is not in a state where this can be done; `why` says so."""

    code = "not_now"
    sentence = "This cannot be done now: {why}."


class SecondPersonError(PortalError):
    """Two people are needed, and this is not another one."""

    code = "second_person_needed"
    sentence = "This needs a second person: somebody else than who asked, and than whom it concerns."


class RegistrationNotFoundError(PortalError):
    """Not there, swept away, or not the asker's to see."""

    code = "registration_not_found"
    sentence = "There is no such registration here."


class RegistrationSettledError(PortalError):
    """Somebody else decided it first, or it is not where this act needs it."""

    code = "registration_settled"
    sentence = "This registration has been decided, or was sent back, in the meantime. Nothing was changed."


class RegistrationUnfinishedError(PortalError):
    """Handed in while questions are open."""

    code = "registration_unfinished"
    sentence = "Some questions are still open. Answer them, then submit."


class ClearanceMissingError(PortalError):
    """OCSS has nothing on record that lets this organization register; `why` helps."""

    code = "clearance_missing"
    sentence = "{why}"


class LocateBlockedError(PortalError):
    """Somebody who may not locate people just now; `why` says what is missing, and who mends it."""

    code = "locate_blocked"
    sentence = "You cannot locate people now: {why}."


class UsernameTakenError(PortalError):
    """Somebody has this username, or is registering with it."""

    code = "username_taken"
    sentence = "This username is taken. Choose another."


class ConfirmationRefusedError(PortalError):
    """A code from a letter that is wrong, or has lapsed."""

    code = "confirmation_refused"
    sentence = "The code is not right, or it has lapsed. Use the newest letter, or ask for another."


class ThreadNotFoundError(PortalError):
    """A thread, message, draft or attachment that is not there, recalled, or not for this person."""

    code = "thread_not_found"
    sentence = "There is no such message here."


class ThreadClosedError(PortalError):
    """A thread that was closed takes no further messages."""

    code = "thread_closed"
    sentence = "This conversation is closed. Reopen it first."


class RecallTooLateError(PortalError):
    """Somebody of the other side has opened the message."""

    code = "recall_too_late"
    sentence = "It cannot be recalled: it has been read, or was recalled already."
