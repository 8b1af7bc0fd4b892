"""What a command says when it could not do its work; apart, so that a door need not load the command line."""


class FailedError(Exception):
    """The command could not do its work; the text is the sentence for the person, the exit code is 1."""
