"""A way to a server, which can be cut."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class Wire:
    """A way to a server that can be cut."""

    def __init__(self, api):
        server = urlsplit(api)
        self._server, self._ends, self.whole = (server.hostname, server.port), [], True
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._door.getsockname()[1]}/api"
        threading.Thread(target=self._let_in, daemon=True).start()

    def cut(self):
        self.whole = False
        for end in (self._door, *self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _let_in(self):
        with contextlib.suppress(OSError):
            while self.whole:
                near, _ = self._door.accept()
                far = socket.create_connection(self._server)
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    @staticmethod
    def _carry(one, other):
        with contextlib.suppress(OSError):
            while some := one.recv(65536):
                other.sendall(some)
            other.shutdown(socket.SHUT_WR)
