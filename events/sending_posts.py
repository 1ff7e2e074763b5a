"""One try to send a message: a connection of its own, a deadline for all of it, and no redirect followed."""

import http.client
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit

from events.addresses_allowed import AddressRefusedError, connected

SECONDS = 15.0
"""How long one try may take in all."""
KEPT_BYTES = 2048
_TLS = ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """What a receiver answered, or why it did not."""

    status_code: int | None
    text: str = ""
    error: str = ""
    took_ms: int = 0

    @property
    def is_success(self) -> bool:
        """Return whether the receiver has it."""
        return self.status_code is not None and 200 <= self.status_code < 300  # noqa: PLR2004

    @property
    def is_gone(self) -> bool:
        """Return whether the receiver wants nothing more, ever."""
        return self.status_code == http.client.GONE


class Post:
    """A message that is being sent; `stop` ends it from another thread once it is overdue."""

    def __init__(self, url: str, body: bytes, headers: dict[str, str]) -> None:
        self._url, self._body, self._headers = url, body, headers
        self._began: float | None = None
        self._socket: socket.socket | None = None
        self._stopped = False

    def send(self) -> PostAnswer:
        """Send it and return what came of it; no error is raised."""
        self._began = monotonic()
        try:
            status, text = self._exchange(self._began + SECONDS)
        except AddressRefusedError as error:
            return self._failed(str(error))
        except TimeoutError:
            return self._failed("no answer in time")
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            # Stopping it closes the connection under the hands of whoever reads from it.
            return self._failed("no answer in time" if self._stopped else f"{type(error).__name__}: {error}"[:200])
        finally:
            if self._socket is not None:
                self._socket.close()
        # What breaks off within its head still has a status for the library.
        return self._failed("no answer in time") if self._stopped else PostAnswer(status, text, "", self._took())

    def stop_if_overdue(self) -> None:
        """End it if its time is over; what is read then breaks off."""
        if self._began is not None and monotonic() - self._began > SECONDS and self._socket is not None:
            self._stopped = True
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _exchange(self, until: float) -> tuple[int, str]:
        parts = urlsplit(self._url)
        host, is_tls = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if is_tls else 80)
        plain = connected(host, port, until=until)
        # A second handle of the connection, as TLS takes the first one over.
        self._socket = plain.dup()
        client = (
            http.client.HTTPSConnection(host, port, context=_TLS) if is_tls else http.client.HTTPConnection(host, port)
        )
        client.sock = _TLS.wrap_socket(plain, server_hostname=host) if is_tls else plain
        try:
            client.request("POST", parts._replace(scheme="", netloc="").geturl() or "/", self._body, self._headers)
            client.sock.settimeout(max(0.1, until - monotonic()))
            answer = client.getresponse()
            text = answer.read(KEPT_BYTES)
            return answer.status, text.decode("utf-8", "replace").replace("\0", "�")
        finally:
            client.close()

    def _failed(self, why: str) -> PostAnswer:
        return PostAnswer(None, "", why.replace("\0", "�"), self._took())

    def _took(self) -> int:
        return int((monotonic() - (self._began or monotonic())) * 1000)
