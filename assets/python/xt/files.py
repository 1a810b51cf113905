"""The files of a run in the store."""

import os

from .program import XtError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Tuple

PART = ".xt-part"
"""How the name of a file ends that is still being copied."""


class RunFiles:
    """The files of one run. Paths in the store are relative to the run and use `/`."""

    def __init__(self, folder: "Optional[str]") -> None:
        """`folder` holds the files of the run (`$XT_RUN_FILES`); with None there are none, which whoever asks is told."""
        self._folder = folder

    def upload(self, local_path: str, store_path: "Optional[str]" = None) -> None:
        """Copy a file, a folder or what a pattern finds into the store, as `cp` does."""
        _copy("", local_path, self._root(), _inside(store_path))

    def download(self, store_path: str, local_path: "Optional[str]" = None) -> None:
        """Copy a file, a folder or what a pattern finds out of the store, as `cp` does."""
        _copy(self._root(), _inside(store_path), "", local_path)

    def exists(self, store_path: str) -> bool:
        """Whether there is such a file."""
        return os.path.isfile(os.path.join(self._root(), store_path))

    def delete(self, store_path: str) -> None:
        """Delete a file, if it is there."""
        if self.exists(store_path):
            os.remove(os.path.join(self._root(), store_path))

    def _root(self) -> str:
        if self._folder is None:
            raise XtError("XT_RUN_FILES is not set, so the run's files in the store cannot be reached")
        return self._folder


def _inside(store_path: "Optional[str]") -> str:
    path = store_path or ""
    if path.startswith("/") or ".." in path.split("/"):
        raise XtError("'%s' is not a path inside the run's files" % path)
    return path


def _copy(source_root: str, source: str, target_root: str, target: "Optional[str]") -> None:
    """Copy as `cp` does: one file gets the name `target` unless that is a folder or ends in `/`; a folder's files and
    those a pattern finds keep their places below it."""
    path = os.path.join(source_root, source)
    if os.path.isfile(path):
        name = os.path.basename(source)
        into = os.path.join(target_root, target or name)
        pairs = [(path, os.path.join(into, name) if into.endswith("/") or os.path.isdir(into) else into)]
    else:
        base, below = _matches(path)
        name = os.path.basename(source.rstrip("/")) if os.path.isdir(path) else ""
        into = os.path.join(target_root, target or name)
        pairs = [(os.path.join(base, each), os.path.join(into, each)) for each in below]
    if not pairs:
        raise XtError("there is no file '%s'" % source)
    for each, to in pairs:
        _copy_file(each, to)


def _matches(path: str) -> "Tuple[str, List[str]]":
    """A folder, or the fixed part of a pattern, and the files below it that are meant."""
    if os.path.isdir(path):
        found = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]
        base = path
    else:
        import glob

        base = path
        while any(char in base for char in "*?["):
            base = os.path.dirname(base)
        found = glob.glob(os.path.join(glob.escape(base), os.path.relpath(path, base or ".")), recursive=True)
    files = [file for file in found if os.path.isfile(file) and not file.endswith(PART)]
    return base, [os.path.relpath(file, base or ".") for file in sorted(files)]


def _copy_file(source: str, target: str) -> None:
    """Copy under a temporary name, then rename: a reader never sees half a file."""
    import shutil

    folder = os.path.dirname(target) or "."
    os.makedirs(folder, exist_ok=True)
    part = os.path.join(folder, ".%s%s" % (os.urandom(4).hex(), PART))
    try:
        shutil.copy(source, part)
        os.replace(part, target)
    finally:
        if os.path.exists(part):
            os.remove(part)
