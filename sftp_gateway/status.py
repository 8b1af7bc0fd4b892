"""The one table that turns an error into the status a client gets. What is not in it is a bug."""

import structlog

from exchange import errors
from sftp_gateway.refusals import BadPacketError, DoorError, Status
from sftp_gateway.wire import MalformedError

_log = structlog.get_logger("sftp")

STATUS: dict[type[errors.PortalError], Status] = {
    errors.BlobBusyError: Status.FAILURE,
    errors.BlobMissingError: Status.FAILURE,
    errors.CellDamagedError: Status.FAILURE,
    errors.ClearanceMissingError: Status.FAILURE,
    errors.LocateBlockedError: Status.PERMISSION_DENIED,
    errors.ConfirmationRefusedError: Status.FAILURE,
    errors.ConfirmationDueError: Status.PERMISSION_DENIED,
    errors.ContentNotAvailableError: Status.FAILURE,
    errors.DigestMismatchError: Status.FAILURE,
    errors.DraftUnfinishedError: Status.FAILURE,
    errors.FieldsRefusedError: Status.FAILURE,
    errors.RecallTooLateError: Status.FAILURE,
    errors.ThreadClosedError: Status.FAILURE,
    errors.ThreadNotFoundError: Status.NO_SUCH_FILE,
    errors.FileNameRefusedError: Status.PERMISSION_DENIED,
    errors.FileTooLargeError: Status.FAILURE,
    errors.IdentityDamagedError: Status.PERMISSION_DENIED,
    errors.IncidentNotFoundError: Status.NO_SUCH_FILE,
    errors.KeyringUnusableError: Status.FAILURE,
    errors.LastAdministratorError: Status.PERMISSION_DENIED,
    errors.LastFactorError: Status.FAILURE,
    errors.LeaseLostError: Status.FAILURE,
    errors.NotNowError: Status.FAILURE,
    errors.NotOneselfError: Status.PERMISSION_DENIED,
    errors.NotPermittedError: Status.PERMISSION_DENIED,
    errors.NotSignedInError: Status.PERMISSION_DENIED,
    errors.OffsetMismatchError: Status.FAILURE,
    errors.PasswordRefusedError: Status.FAILURE,
    errors.PersonSearchClosedError: Status.FAILURE,
    errors.ProgramNotFoundError: Status.NO_SUCH_FILE,
    errors.ProofNeededError: Status.PERMISSION_DENIED,
    errors.QuotaExceededError: Status.FAILURE,
    errors.RecipientNotFoundError: Status.NO_SUCH_FILE,
    errors.RecordNotFoundError: Status.NO_SUCH_FILE,
    errors.RegistrationNotFoundError: Status.NO_SUCH_FILE,
    errors.RegistrationSettledError: Status.FAILURE,
    errors.RegistrationUnfinishedError: Status.FAILURE,
    errors.RegistrySeededError: Status.FAILURE,
    errors.RepresentationEndedError: Status.PERMISSION_DENIED,
    errors.RequestInvalidError: Status.FAILURE,
    errors.SearchTooBroadError: Status.FAILURE,
    errors.SecondPersonError: Status.PERMISSION_DENIED,
    errors.RulesDueError: Status.PERMISSION_DENIED,
    errors.SharedAccountError: Status.PERMISSION_DENIED,
    errors.SignInRefusedError: Status.PERMISSION_DENIED,
    errors.SignOnFailedError: Status.PERMISSION_DENIED,
    errors.SizeMismatchError: Status.FAILURE,
    errors.StoreUnavailableError: Status.FAILURE,
    errors.TooManyAttemptsError: Status.PERMISSION_DENIED,
    errors.TransferAbortedError: Status.FAILURE,
    errors.TransferBusyError: Status.FAILURE,
    errors.TransferNotFoundError: Status.NO_SUCH_FILE,
    errors.UsernameTakenError: Status.FAILURE,
    errors.VaultDamagedError: Status.FAILURE,
    errors.VaultLockedError: Status.FAILURE,
}


def answer_to(error: Exception) -> tuple[Status, str]:
    """The status and the words for an error; anything unknown is logged and given away to nobody."""
    if isinstance(error, MalformedError):
        error = BadPacketError()
    if isinstance(error, DoorError):
        return error.status, str(error)
    if isinstance(error, errors.PortalError) and type(error) in STATUS:
        return STATUS[type(error)], str(error)
    _log.error("sftp.request_failed", exc_info=error)
    return Status.FAILURE, DoorError.sentence
