"""Where a store can be: from a folder or URI to the files below it."""

import errno
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeline.errors import StoreUnreachable
from pipeline.storage.files import Files
from pipeline.storage.local import LocalFiles, unreachable

FAR = ("s3", "gs", "az")  # object stores
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,220}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def files_at(place: str) -> Files:
    """The files below a folder, a `file://` URI, or a prefix of a bucket, `s3://bucket/prefix`.

    Raises:
        StoreUnreachable: it is of a kind that is not known, something on the way is a file, or
            the URI says more than a place.
    """
    if not is_uri(place):
        return _local(Path(place))
    url = urlsplit(place)
    if url.scheme in FAR:
        from pipeline.storage.objects import ObjectFiles  # a local store does not load it

        return ObjectFiles(_far(place))
    if url.scheme == "file":
        return _local(Path(unquote(url.path)))
    raise StoreUnreachable(
        f"{url.scheme}://{url.hostname or ''}",
        problem=f"stores of the kind {url.scheme}:// are not known here",
        remedy=f"Name a folder, a file:// URI, or a bucket ({', '.join(FAR)}://bucket/prefix).",
    )


def is_uri(place: str) -> bool:
    """Whether a place is named by a URI, and not as a folder."""
    return bool(_SCHEME.match(place))


def absolute(place: str) -> str:
    """The same place, for a process that may run in another folder."""
    return place if is_uri(place) else str(Path(place).absolute())


def shown(uri: str) -> str:
    """A store's URI as people write it: a folder is called by its path."""
    return uri.removeprefix("file://")


def is_far(uri: str) -> bool:
    """Whether a store is not on a disk of this machine."""
    return urlsplit(uri).scheme in FAR


def _local(folder: Path) -> LocalFiles:
    try:
        if any(each.is_file() for each in (folder, *folder.parents)):
            raise NotADirectoryError(errno.ENOTDIR, "not a folder")
    except OSError as error:
        raise unreachable(error, folder) from error
    return LocalFiles(folder)


def _far(place: str) -> str:
    """The URI, in its one form.

    Raises:
        StoreUnreachable: it has no bucket, or it has a user, a query or steps upwards.
    """
    url = urlsplit(place)
    plain = f"{url.scheme}://{url.netloc.rpartition('@')[2]}"  # a password is not repeated
    steps = [step for step in url.path.split("/") if step]
    if "@" in url.netloc or url.query or url.fragment:
        raise StoreUnreachable(
            plain,
            problem="the URI of a store names a place alone",
            remedy="Put credentials and settings into the environment (AWS_ACCESS_KEY_ID, "
            "AWS_ENDPOINT_URL ...), where no manifest and no log repeats them.",
        )
    if not _BUCKET.fullmatch(url.netloc) or {".", ".."} & {*steps}:
        raise StoreUnreachable(
            plain, problem="that names no bucket", remedy=f"Write {url.scheme}://bucket/prefix."
        )
    return "/".join([plain, *steps])
