"""A line to a server that can be cut, mended, or lose an answer."""

import socket
import threading
from contextlib import suppress


class CutLine:
    """Passes bytes between a browser and a server on a port of its own, while it is whole."""

    def __init__(self, host: str, port: int):
        self._server = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._whole = True
        self._loses_answer_to = b""
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """End all connections, and every later one at once."""
        self._whole = False
        for one in list(self._open):
            self._end(one)

    def mend(self):
        self._whole = True

    def lose_the_answer_to(self, start: bytes):
        """Let the server get the next request that starts so, and cut the line before its answer arrives."""
        self._loses_answer_to = start

    def close(self):
        self.cut()
        self._end(self._listening)

    def _accept(self):
        with suppress(OSError):
            while True:
                browser, _address = self._listening.accept()
                if not self._whole:
                    browser.close()
                    continue
                server = socket.create_connection(self._server)
                self._open |= {browser, server}
                lost = threading.Event()
                threading.Thread(target=self._ask, args=(browser, server, lost), daemon=True).start()
                threading.Thread(target=self._answer, args=(server, browser, lost), daemon=True).start()

    def _ask(self, browser, server, lost):
        with suppress(OSError):
            while said := browser.recv(65536):
                if self._loses_answer_to and said.startswith(self._loses_answer_to):
                    self._loses_answer_to = b""
                    lost.set()
                server.sendall(said)
        self._end(server)

    def _answer(self, server, browser, lost):
        with suppress(OSError):
            while said := server.recv(65536):
                if lost.is_set():
                    self.cut()
                    return
                browser.sendall(said)
        self._end(browser)

    def _end(self, one):
        self._open.discard(one)
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
