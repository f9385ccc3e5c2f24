"""moto's S3 API as a server of one request at a time: `python -m tests.s3_server PORT [HOST]`.

moto looks whether a name is taken and writes afterwards; with several threads, two writers can both
create one file. A real store cannot be so, and our probe refuses one that is.
"""

import sys
import threading

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, run_simple


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_request(self, *_):
        pass


def one_at_a_time(app):
    """The same application, whatever comes at once."""
    lock = threading.Lock()

    def serve(environ, start_response):
        with lock:
            return list(app(environ, start_response))

    return serve


def main():
    app = one_at_a_time(DomainDispatcherApplication(create_backend_app))
    host = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
    run_simple(host, int(sys.argv[1]), app, threaded=True, request_handler=Quiet)


if __name__ == "__main__":
    main()
