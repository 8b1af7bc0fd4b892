"""What a letter is made of, and those about the reset of a second factor from the request to its end."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """What a letter says; `{link}` is the portal's page `path`.

    `{secret}` and `{until}` are the first and the second line of what was sealed with it.
    """

    subject: str
    body: str
    path: str = "/sign-in"


_STAYS = "Your second factor stays as it is"
RESETS: dict[str, Wording] = {
    "reset-asked": Wording(
        "Somebody asks to reset your second factor",
        "Two people have to agree to that; one of them has asked now. If you did not ask for it, sign in and "
        "stop it, and speak to your administrators. {link}",
        "/account/security",
    ),
    "reset-agreed": Wording(
        "Your second factor will be reset",
        "Two people have agreed to reset your password and second factor. It happens on\n\n    {secret}\n\n"
        "Until then everything works as before. Did you ask for it? Then there is nothing to do: a code to "
        "set a new password and second factor comes by mail at that time.\n\n"
        "IF IT WAS NOT YOU, stop it before that time: sign in, open {link} and choose 'Stop the reset'. If "
        "you cannot sign in, call an administrator of your organization, or OCSS, at once; each of them can "
        "withdraw it. Use a telephone number that you know, not one from a mail.",
        "/account/security",
    ),
    "reset-done": Wording(
        "Your second factor was reset",
        "You are signed out everywhere. A code to set a new password and second factor follows.\n\n"
        "If you did not expect this, call your administrators or OCSS at once. {link}",
        "/activate",
    ),
    "reset-lapsed": Wording(
        _STAYS,
        "Nobody agreed in time to the reset that was asked for. Whoever asked can ask again. {link}",
        "/account/security",
    ),
    "reset-refused": Wording(
        _STAYS,
        "The reset that was asked for was refused. If you need it, speak to your administrators. {link}",
        "/account/security",
    ),
    "reset-stopped": Wording(
        _STAYS,
        "The reset was stopped from your account, as you wished. If you know nothing of that reset, ask your "
        "administrators who wanted it, and change your password. {link}",
        "/account/security",
    ),
    "reset-withdrawn": Wording(
        _STAYS,
        "The reset that was asked for was withdrawn, or cannot happen any more. If you still need it, speak "
        "to your administrators. {link}",
        "/account/security",
    ),
    "reset-objected": Wording(
        "A second-factor reset was stopped",
        "The person whose second factor you wanted to reset has stopped that. Speak to the person before you "
        "ask again: somebody may have asked you in their name. {link}",
        "/home",
    ),
}
"""A reset from the request to its end, as the person is told; `objected` goes to the two who agreed."""
