"""An OpenID Connect provider and a CAS server on this machine, which let in whomever they are told to."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode
from xml.sax.saxutils import escape

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.postoffice import Answer, Asked, PostOffice

CAS = '<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">{}</cas:serviceResponse>'


@dataclass
class Oidc:
    """The provider; `user` is logged in there. `wrong` changes claims, `key` signs, `codes` are given out."""

    office: PostOffice
    user: str = "gaoyuan"
    client_id: str = "hvcollege"
    wrong: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    published: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    key: RSAKey | None = None

    def __post_init__(self) -> None:
        url = self.office.url
        self.office.answers |= {
            "/.well-known/openid-configuration": {
                "issuer": url,
                "authorization_endpoint": f"{url}/authorize",
                "token_endpoint": f"{url}/token",
                "jwks_uri": f"{url}/jwks",
                "end_session_endpoint": f"{url}/end",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            },
            "/authorize": self.authorize,
            "/token": self.token,
            "/jwks": lambda asked: {"keys": [self.published.as_dict(private=False)]},
        }

    def authorize(self, asked: Asked) -> Answer:
        """Nobody is asked for a password here: straight back with a code."""
        code = secrets.token_hex(8)
        self.codes[code] = asked.query
        back = urlencode({"code": code, "state": asked.query["state"]})
        return Answer("", 302, {"Location": f"{asked.query['redirect_uri']}?{back}"})

    def token(self, asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        given = self.codes.pop(form["code"], None)
        if given is None or challenge(form["code_verifier"]) != given["code_challenge"]:
            return Answer({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.office.url,
            "sub": f"subject-of-{self.user}",
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "nonce": given["nonce"],
            "preferred_username": self.user,
        } | self.wrong
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key or self.published)
        return Answer({"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": signed})


def challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass
class Cas:
    """The server; a ticket is good once, for the service it was given to."""

    office: PostOffice
    user: str = "gaoyuan"
    tickets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.office.answers |= {"/cas/login": self.log_in, "/cas/serviceValidate": self.validate}

    def log_in(self, asked: Asked) -> Answer:
        ticket = f"ST-{secrets.token_hex(8)}"
        self.tickets[ticket] = asked.query["service"]
        return Answer("", 302, {"Location": f"{asked.query['service']}&ticket={ticket}"})

    def validate(self, asked: Asked) -> Answer:
        if self.tickets.pop(asked.query["ticket"], None) == asked.query["service"]:
            said = f"<cas:authenticationSuccess><cas:user>{escape(self.user)}</cas:user>"
            return self.xml(said + "</cas:authenticationSuccess>")
        failure = '<cas:authenticationFailure code="INVALID_TICKET">no</cas:authenticationFailure>'
        return self.xml(failure)

    def xml(self, text: str) -> Answer:
        return Answer(CAS.format(text), headers={"Content-Type": "application/xml"})
