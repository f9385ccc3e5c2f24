"""A process with named semaphores that answers no signal by itself; the signal is its argument."""

import multiprocessing
import os
import signal
import sys
import time

from flows.ending import leaving

if __name__ == "__main__":
    number = signal.Signals(int(sys.argv[1]))
    signal.signal(number, lambda *_: None)  # as Prefect, while it waits for its server
    leaving.LEAVE_SECONDS = 0.2
    queue = multiprocessing.get_context("spawn").Queue()
    with leaving.leaving_in_time(lambda: None), leaving.leaving_in_time(lambda: None):
        os.kill(os.getpid(), number)
        time.sleep(60)
