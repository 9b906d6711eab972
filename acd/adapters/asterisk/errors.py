"""What can go wrong with Asterisk: either we asked wrongly, or it failed us."""


class AsteriskError(Exception):
    """The base of both; its text is a sentence for a person."""


class AsteriskRefused(AsteriskError):
    """We asked wrongly: Asterisk answered with a 4xx or 5xx status.

    ``status`` is the HTTP status; the text is Asterisk's own message where it gave one.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message

    @property
    def is_of_password(self) -> bool:
        """ARI knows neither us nor our password."""
        return self.status in (401, 403)


class AsteriskUnreachable(AsteriskError):
    """Asterisk failed: no connection, no answer in time, or an answer that is not HTTP."""


class AsteriskUnfit(AsteriskError):
    """Asterisk cannot be worked with as it is: a wrong password, or a version we refuse."""


def ari_password_refused() -> AsteriskUnfit:
    """What ARI's refusal of our password comes to."""
    return AsteriskUnfit(
        "Asterisk refuses the ARI password of its user acd: HULING_ARI_PASSWORD or "
        "ari_password in secrets.json must be the password in Asterisk's ari.conf."
    )
