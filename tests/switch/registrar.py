"""An operator who asks for a login: challenges every REGISTER and INVITE, and checks the digest."""

import hashlib
import re

from tests.switch import sip

REALM = "ims.example"
NONCE = "n0nce"


class Registrar(sip.Phone):
    """Knows one account; ``bindings`` holds the contact of each REGISTER it has believed, or ""
    for one that took the registration back."""

    def __init__(self, *, server: tuple[str, int], account: str, account_password: str) -> None:
        super().__init__("operator", server=server)
        self.account = account
        self.account_password = account_password
        self.bindings: list[str] = []
        self.refused = 0

    def believes(self, message: sip.Message, header: str) -> bool:
        """Tell whether a request proves that whoever sends it knows the password."""
        fields = dict(re.findall(r'(\w+)="?([^",]+)"?', message[header]))
        method = message.first.split()[0]
        known = [self.account, REALM, self.account_password]
        first, second = _md5(*known), _md5(method, fields.get("uri", ""))
        proof = _md5(first, NONCE, second)
        return fields.get("username") == self.account and fields.get("response") == proof

    def _asked(self, message: sip.Message, call: sip.Call | None) -> None:
        method = message.first.split()[0]
        header, status = (
            ("Authorization", "401 Unauthorized")
            if method == "REGISTER"
            else ("Proxy-Authorization", "407 Proxy Authentication Required")
        )
        if method in ("REGISTER", "INVITE") and not message[header]:
            asking = "WWW-Authenticate" if method == "REGISTER" else "Proxy-Authenticate"
            how = f'Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5'
            self.reply(message, status, tag="challenge", headers={asking: how})
        elif method in ("REGISTER", "INVITE") and not self.believes(message, header):
            self.refused += 1
            self.reply(message, "403 Forbidden", tag="refusal")
        elif method == "REGISTER":
            gone = message["Expires"] == "0"
            self.bindings.append("" if gone else message["Contact"])
            granted = {} if gone else {"Expires": message["Expires"]}
            self.reply(message, "200 OK", tag="binding", headers=granted)
        else:
            super()._asked(message, call)


def _md5(*parts: str) -> str:
    return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest()
