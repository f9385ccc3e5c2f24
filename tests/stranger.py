"""What the ports of a machine tell somebody who has no token: `python -m tests.stranger HOST PORT…`

Each port is asked in the language that it speaks: raw bytes, HTTP, the calls of Ray's services,
Prefect's WebSockets. Prints JSON, by port.
"""

import contextlib
import http.client
import json
import socket
import sys

import grpc
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

SECONDS = 20.0  # a server that has just been started may take some
SETTINGS = b"\x04"  # the type of the frame that a speaker of HTTP/2, and so of gRPC, begins with
CALLS = (
    "NodeInfoGcsService/GetAllNodeInfo",
    "InternalKVGcsService/InternalKVKeys",
    "JobInfoGcsService/GetAllJobInfo",
    "NodeManagerService/GetNodeStats",
    "NodeManagerService/ShutdownRaylet",
    "CoreWorkerService/GetCoreWorkerStats",
    "CoreWorkerService/PushTask",
    "ObjectManagerService/Pull",
    "ReporterService/ReportOCMetrics",
)
REQUESTS = (
    ("GET", "/"),
    ("GET", "/metrics"),
    ("GET", "/api/jobs/"),
    ("POST", "/api/jobs/"),
    ("POST", "/get_or_create_runtime_env"),
    ("GET", "/api/admin/settings"),
    ("GET", "/api/admin/version"),
    ("POST", "/api/flows/filter"),
    ("POST", "/api/flow_runs/filter"),
    ("POST", "/api/deployments/filter"),
    ("POST", "/api/block_documents/filter"),
    ("GET", "/api/csrf-token?client=stranger"),
    ("GET", "/api/overview"),
)
SOCKETS = ("/api/events/in", "/api/events/out", "/api/logs/out")


def ask(host, port):
    """What one port says; empty where nobody may connect."""
    try:
        with socket.create_connection((host, port), SECONDS) as connection:
            connection.sendall(b"\0" * 64 + b"\r\n\r\n")  # a request in no language
            connection.settimeout(3)
            first = b""
            with contextlib.suppress(OSError):
                first = connection.recv(64)
    except ConnectionRefusedError:
        return {}
    if first[3:4] == SETTINGS:
        calls = {call: called(host, port, call) for call in CALLS}
        if calls[CALLS[0]] != "UNIMPLEMENTED":
            calls["ray"] = joined(host, port)
        return {"raw": first.hex(), "calls": calls}
    answers = {f"{method} {path}": asked(host, port, method, path) for method, path in REQUESTS}
    heard = {path: listened(host, port, path) for path in SOCKETS}
    return {"raw": first.hex(), "answers": answers, "sockets": heard}


def called(host, port, call):
    """The status of a call of Ray's with an empty message."""
    with grpc.insecure_channel(f"{host}:{port}") as channel:
        try:
            channel.unary_unary(f"/ray.rpc.{call}")(b"", timeout=SECONDS)
        except grpc.RpcError as error:
            return error.code().name
    return "OK"


def joined(host, port):
    """What comes of Ray's own client."""
    from ray._raylet import GcsClient

    try:
        GcsClient(address=f"{host}:{port}").get_all_node_info(timeout=SECONDS)
    except Exception as error:  # noqa: BLE001  # whichever it is, it is told
        return type(error).__name__
    return "OK"


def asked(host, port, method, path):
    """The status of a request."""
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    body = b"{}" if method == "POST" else None
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


def listened(host, port, path):
    """What comes over a WebSocket, with and without Prefect's way to say who one is."""
    heard = []
    for protocols in (None, ["prefect"]):
        try:
            with connect(f"ws://{host}:{port}{path}", subprotocols=protocols) as channel:
                channel.send('{"type": "auth", "token": ""}')
                channel.send('{"type": "filter", "filter": {}}')
                heard.append(channel.recv(SECONDS))
        except (OSError, EOFError, WebSocketException) as error:
            heard.append(type(error).__name__)
    return heard


if __name__ == "__main__":
    seen = {port: ask(sys.argv[1], int(port)) for port in sys.argv[2:]}
    sys.stdout.write(json.dumps(seen))
