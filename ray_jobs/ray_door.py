"""Whether a Ray lets somebody in who has no token, asked as such a one would."""

import grpc

SECONDS = 3.0
DIRECTLY = (("grpc.enable_http_proxy", 0),)  # what a proxy says is not what the port says
CALLS = ("NodeInfoGcsService/GetAllNodeInfo", "NodeManagerService/GetNodeStats")


def lets_in(address: str) -> bool:
    """Whether a stranger gets an answer from a port of Ray's.

    Args:
        address: host:port, of the control store (6379 by default) or of a raylet.
    """
    with grpc.insecure_channel(address, options=DIRECTLY) as channel:
        return any(_answers(channel, call) for call in CALLS)


def _answers(channel: grpc.Channel, call: str) -> bool:
    try:
        channel.unary_unary(f"/ray.rpc.{call}")(b"", timeout=SECONDS)
    except grpc.RpcError:
        return False  # UNAUTHENTICATED, or it is no such port
    return True
