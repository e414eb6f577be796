"""A mail server on this machine that keeps what it is handed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


@dataclass
class Letterbox:
    """Takes letters from `sender` with `password` only, and for nobody in `unknown`."""

    sender: str = "shuanggao@example.edu.cn"
    password: str = "p@ss:word"
    port: int = 0
    unknown: set[str] = field(default_factory=set)
    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, options: Any) -> str:  # noqa: N802
        if to in self.unknown:
            return "550 no such user"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        letter: Any = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append(letter)
        return "250 OK"

    def knows(self, server: Any, session: Any, envelope: Any, mechanism: str, told: Any) -> AuthResult:
        right = LoginPassword(self.sender.encode(), self.password.encode())
        return AuthResult(success=told == right, handled=False)


class OnFreePort(Controller):
    def _trigger_server(self) -> None:
        """The first connection, which needs the port that the system chose."""
        listening: Any = self.server
        self.port = listening.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def opened() -> Iterator[Letterbox]:
    """A letterbox on a free port of 127.0.0.1, until the block ends."""
    box = Letterbox()
    server = OnFreePort(
        box,
        hostname="127.0.0.1",
        port=0,
        authenticator=box.knows,
        auth_required=True,
        auth_require_tls=False,
    )
    server.start()
    try:
        box.port = server.port
        yield box
    finally:
        server.stop()
