"""Where a store can be: from a folder or URI to the files below it."""

import errno
from pathlib import Path
from urllib.parse import unquote, urlparse

from pipeline.errors import StoreUnreachable
from pipeline.storage.files import Files
from pipeline.storage.local import LocalFiles, unreachable


def files_at(place: str) -> Files:
    """The files below a folder or a `file://` URI.

    Raises:
        StoreUnreachable: it is of a kind that is not known, or something on the way is a file.
    """
    url = urlparse(place)
    if url.scheme not in ("", "file"):
        raise StoreUnreachable(
            place,
            problem=f"stores of the kind {url.scheme}:// are not known here",
            remedy="Name a folder, or a file:// URI.",
        )
    folder = Path(unquote(url.path) if url.scheme else place)
    try:
        if any(each.is_file() for each in (folder, *folder.parents)):
            raise NotADirectoryError(errno.ENOTDIR, "not a folder")
    except OSError as error:
        raise unreachable(error, folder) from error
    return LocalFiles(folder)
