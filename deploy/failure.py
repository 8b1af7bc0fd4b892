"""What a command or a part could not do, in a sentence; a door need not load the command line for it."""

from roles.errors import PortalError


class FailedError(Exception):
    """It could not do its work; the text is the sentence for the person, the exit code is 1."""


def sentence(error: Exception) -> str | None:
    """What a person can act on: a file or port that is not to be had, a setting that is wrong; else None.

    What stands in a setting is not quoted: it may be a secret.
    """
    from pydantic import ValidationError

    if isinstance(error, FailedError | PortalError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if not isinstance(error, ValidationError):
        return None
    wrong = (f"{'.'.join(map(str, each['loc'])) or 'settings'}: {each['msg']}" for each in error.errors())
    return "the settings are not usable; " + "; ".join(wrong)
