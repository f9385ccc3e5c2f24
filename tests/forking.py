"""Children of this process, which has everything imported: each does one thing, or is killed."""

import os
import sys
import traceback


def fork(act):
    """Do something in a child; returns its process number at once."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        act()
        code = 0
    finally:  # whatever it was, this child ends here
        if code:
            traceback.print_exc()
        os._exit(code)


def wait(child):
    """How a child ended: an exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def in_child(act):
    """Do something in a child, and wait for it; how it ended."""
    return wait(fork(act))
