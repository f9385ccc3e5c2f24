"""What a run shows goes its own way, and comes to its end with the run."""

import gc
import logging
import socket
import sys
import threading
from uuid import uuid4

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.shown import board as flows_board
from flows.shown.board import Board, Shown

SHOWN = Shown("a-plan", "markdown", "words", "a plan")


@pytest.fixture
def silent_server():
    """It takes every request, and answers none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/api"


def test_a_run_that_is_interrupted_while_it_shows_something_lets_go_of_all(
    silent_server, monkeypatch
):
    gc.collect()  # of what tests before left
    monkeypatch.setattr(flows_board, "ANSWER_SECONDS", 1.0)
    complaints = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    with temporary_settings({PREFECT_API_URL: silent_server}):
        board = Board(uuid4(), logging.getLogger("test"))
        with pytest.raises(KeyboardInterrupt), board:
            board.put(SHOWN)
            board.put(SHOWN)
            raise KeyboardInterrupt
        for thread in threading.enumerate():
            if thread.name.startswith("artifacts"):
                thread.join()
        del board
        gc.collect()
    assert not [str(each.exc_value) for each in complaints]
