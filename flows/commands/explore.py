"""Look at a store in the browser: versions, documents, signals and clusters, on a local page.

The page shows the graph of versions with what each kept and dropped, a version's manifest and its
difference to another one, the story of a document found by its URL or doc_id, histograms of the
signals with the thresholds of the rules, and the largest clusters. It is served on this machine
alone (127.0.0.1), needs no network, and changes nothing in the store but its index, which can be
thrown away. The address shows what is looked at: it can be kept, and sent to who has the store.
"""

from __future__ import annotations

import argparse

from flows.options import add_store

EXAMPLES = """\
  penstock explore                          the store in the folder `store`
  penstock explore --store /data/store --port 8765
  penstock explore --no-browser             print the address only
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--port", type=int, default=0, metavar="N", help="default: a free one")
    parser.add_argument("--no-browser", action="store_true", help="open no browser")
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    import webbrowser

    from flows.explore.server import Server
    from flows.options import store_of

    with Server(store_of(given), given.port) as server:
        print(f"The explorer of {server.looked.store.uri} is at {server.url}", flush=True)
        print("Ctrl-C ends it.", flush=True)
        if not given.no_browser:
            webbrowser.open(server.url)
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            return 0
    return 0
