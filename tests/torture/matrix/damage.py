"""Files that are damaged: found before they are used, named, and made again from upstream.

A file of another length is seen before anything runs, and made again by the run itself. Bytes that
changed are seen where they are read; `verify` sees all. Of `pages`, which hold what the world gave,
a damaged shard cannot be made again: it is fetched anew as another version, and is not tried here.
"""

import os
import shutil

from pipeline.errors import DamagedFile
from pipeline.storage.verify import repair, verify
from pipeline.store import Store
from tests.forking import in_child
from tests.torture.matrix.ground import digests
from tests.torture.watched import differing

TOLD = 3  # exit code of a driver that was told of the damage


def flipped(content, chance):
    place = chance.randrange(len(content))
    changed = bytes((content[place] ^ (1 << chance.randrange(8)),))
    return content[:place] + changed + content[place + 1 :]


def truncated(content, chance):
    return content[: chance.randrange(len(content))]


def zeroed(content, chance):
    place, length = chance.randrange(len(content)), chance.randint(1, 512)
    return (content[:place] + bytes(length) + content[place + length :])[: len(content)]


def lengthened(content, chance):
    return content + chance.randbytes(chance.randint(1, 64))


WAYS = (flipped, truncated, zeroed, lengthened)


def damaged(ground, stage, chance):
    """Damage a file of a stage, use it, verify, repair, run; what the user of it was told.

    Returns:
        "made again" where the run itself has seen it and mended it, "told" where the stages that
        read it have refused it, "unread" where no one has read those bytes and all came out equal.
    """
    root = ground.folder / "damaged"
    shutil.copytree(ground.whole, root)
    every = sorted((root / "shards" / stage).rglob("*.*"))
    files = [each for each in every if each.name != "receipt.json"]
    file = chance.choice(files)
    content = file.read_bytes()
    harmed = chance.choice(WAYS)(content, chance)
    if harmed == content:
        harmed = flipped(content, chance)
    os.truncate(file, 0)
    file.write_bytes(harmed)
    told = used(ground, root, stage, file)
    store = Store.at(root, create=False)
    damages = verify(store).damages
    if not damages:
        receipt = (file.parent / "receipt.json").read_text()
        assert file.name not in receipt, f"{file} is not named"
        assert told == "unread", f"{file} was made again, and yet the run was told of it"
        told = "made again"
    assert all(file.name in each.path for each in damages), f"others are named: {damages}"
    repair(damages, store)  # takes away what is damaged: the version is whole after the next run
    assert in_child(lambda: ground.drive(root)) == 0, f"{root} cannot be mended"
    ground.after(root)
    shutil.rmtree(root)
    return told


def used(ground, root, stage, file):
    """Make what follows of the stage anew, beside the damaged file."""
    for other in ground.stages:
        if other != stage:
            for kind in ("versions", "shards"):
                shutil.rmtree(root / kind / other, ignore_errors=True)
    for kind in ("refs", "runs", "lineage", "attempts"):
        shutil.rmtree(root / kind, ignore_errors=True)

    def act():
        try:
            ground.drive(root)
        except DamagedFile as error:
            assert file.name in str(error), f"{file.name} is not named: {error}"
            os._exit(TOLD)

    ended = in_child(act)
    assert ended in (0, TOLD), f"ended with {ended} on {file}"
    if ended == TOLD:
        return "told"
    found = digests(root)
    wrong = differing(ground.reference, found)
    assert not wrong, f"{file} was used as it is: {wrong}"
    return "unread"
