"""Power is lost: of what was written, only what was flushed surely lasts."""

import os
import shutil
import signal
from pathlib import Path

from tests.forking import in_child
from tests.pipeline.storage.crashing import Stepping
from tests.torture.matrix.ground import files_by


class Powerless(Stepping):
    """Loses power before operation `last`.

    By then content that was not flushed is cut at a random length, and each name in a folder that
    was not flushed since is as it was before, or not, by chance: a file linked or a folder made is
    gone, a file removed or replaced is there again.
    """

    def __init__(self, root, last, chance, aside):
        super().__init__(root)
        self._last, self._chance, self._aside = last, chance, aside
        self._content = {}  # inode -> a path that it has, of content that is not flushed
        self._names = {}  # folder -> [(what undoes a change in it)]

    def at(self, operation, path, half):
        if self.steps == self._last:
            half()
            self._lose()
            os.kill(os.getpid(), signal.SIGKILL)

    def _make_folder(self, folder):
        new = not folder.is_dir()
        super()._make_folder(folder)
        if new:
            self._changed(folder, lambda: shutil.rmtree(folder, ignore_errors=True))

    def _write(self, path, content):
        super()._write(path, content)
        self._written(path)

    def _bring(self, source, path):
        super()._bring(source, path)
        self._written(path)

    def _written(self, path):
        self._content[path.stat().st_ino] = path
        self._changed(path, lambda: path.unlink(missing_ok=True))

    def _flush(self, path):
        super()._flush(path)
        if path.is_dir():
            self._names.pop(path, None)
        else:
            self._content.pop(path.stat().st_ino, None)

    def _link(self, part, target):
        first = super()._link(part, target)
        if first:
            self._changed(target, lambda: target.unlink(missing_ok=True))
            self._moved(target)
        return first

    def _rename(self, part, target):
        kept = self._kept(target)
        super()._rename(part, target)
        self._changed(target, lambda: self._back(kept, target))
        self._moved(target)

    def _unlink(self, path):
        kept = self._kept(path)
        super()._unlink(path)
        if kept:
            self._changed(path, lambda: self._back(kept, path))

    def _moved(self, target):
        inode = target.stat().st_ino
        if inode in self._content:
            self._content[inode] = target

    def _kept(self, path):
        """Another name, elsewhere, of what a path names now; None where there is nothing."""
        if not path.exists():
            return None
        kept = self._aside / f"{self.steps}-{len(list(self._aside.iterdir()))}"
        os.link(path, kept)
        return kept

    @staticmethod
    def _back(kept, path):
        path.unlink(missing_ok=True)
        if kept and path.parent.is_dir():
            os.link(kept, path)

    def _changed(self, path, undo):
        self._names.setdefault(path.parent, []).append(undo)

    def _lose(self):
        for path in self._content.values():
            if path.exists():
                os.truncate(path, self._chance.randint(0, path.stat().st_size))
        for undone in self._names.values():
            for undo in reversed(undone):
                if self._chance.random() < 0.5:
                    undo()


def lost_at(ground, stage, *, every, chance):
    """Lose power before each operation while one stage is made; the points."""
    points, last = 0, chance.randint(1, every)
    while True:
        root = ground.before(stage, ground.folder / "powerless")
        aside = Path(f"{root}-aside")
        aside.mkdir()

        def act(root=root, aside=aside, last=last):
            with files_by(lambda place: Powerless(place, last, chance, aside)):
                ground.drive(root)

        ended = in_child(act)
        assert ended in (0, -signal.SIGKILL), ended
        ground.after(root)
        shutil.rmtree(root)
        shutil.rmtree(aside)
        if ended == 0:
            return points
        points += 1
        last += every
