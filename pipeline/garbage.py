"""Python's search for objects that only hold each other: made seldom, for it finds next to none.

It is made whenever 700 more objects are there, again and again while modules are imported: a tenth
of the time that a process takes to start. All but such circles is freed at once anyway.
"""

import gc

OBJECTS = 10_000  # some megabytes


def seek_garbage_seldom() -> None:
    """Search once for so many new objects; first of all in a process. Zero, for never, stays."""
    now, *older = gc.get_threshold()
    if 0 < now < OBJECTS:
        gc.set_threshold(OBJECTS, *older)
