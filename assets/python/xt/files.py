"""The files of a run in the store: in a folder when the store is on this machine, else through the xt program."""

import os

from .program import XtError, ask, ask_json, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Tuple


class RunFiles:
    """The files of one run. Paths in the store are relative to the run and use `/`."""

    def __init__(self, folder: "Optional[str]", run_name: "Optional[str]", ws_name: "Optional[str]") -> None:
        """`folder` holds the files of the run `run_name` (`$XT_RUN_FILES`); None: ask the xt program."""
        self._folder = folder
        self._of_run = option("run", run_name) + option("workspace", ws_name)

    def upload(self, local_path: str, store_path: "Optional[str]" = None) -> None:
        """Copy a file, a folder or what a pattern finds into the store, as `cp` does."""
        store_path = _inside(store_path)
        if self._folder is None:
            ask(["upload", local_path] + ([store_path] if store_path else []) + self._of_run)
        else:
            _copy("", local_path, self._folder, store_path)

    def download(self, store_path: str, local_path: "Optional[str]" = None) -> None:
        """Copy a file, a folder or what a pattern finds out of the store, as `cp` does."""
        store_path = _inside(store_path)
        if self._folder is None:
            ask(["download", store_path] + ([local_path] if local_path else []) + self._of_run)
        else:
            _copy(self._folder, store_path, "", local_path)

    def exists(self, store_path: str) -> bool:
        """Whether there is such a file."""
        if self._folder is None:
            return bool(ask_json(["list", "blobs", store_path] + self._of_run))
        return os.path.isfile(os.path.join(self._folder, store_path))

    def delete(self, store_path: str) -> None:
        """Delete a file, if it is there."""
        if not self.exists(store_path):
            return
        if self._folder is None:
            ask(["delete", "blobs", store_path, "--yes"] + self._of_run)
        else:
            os.remove(os.path.join(self._folder, store_path))


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
        into = os.path.join(target_root, target or (os.path.basename(source.rstrip("/")) if os.path.isdir(path) else ""))
        pairs = [(os.path.join(base, each), os.path.join(into, each)) for each in below]
    if not pairs:
        raise XtError("there is no file '%s'" % source)
    for each, to in pairs:
        _copy_file(each, to)


def _matches(path: str) -> "Tuple[str, List[str]]":
    """A folder, or the fixed part of a pattern, and the files below it that are meant."""
    import glob

    base, pattern = path, "**"
    if not os.path.isdir(path):
        while any(char in base for char in "*?["):
            base = os.path.dirname(base)
        pattern = os.path.relpath(path, base or ".")
    found = glob.glob(os.path.join(glob.escape(base), pattern), recursive=True)
    return base, [os.path.relpath(file, base or ".") for file in sorted(found) if os.path.isfile(file)]


def _copy_file(source: str, target: str) -> None:
    """Copy under a temporary name, then rename: a reader never sees half a file."""
    import shutil

    folder = os.path.dirname(target) or "."
    os.makedirs(folder, exist_ok=True)
    part = os.path.join(folder, ".xt-%s.part" % os.urandom(4).hex())
    try:
        shutil.copy(source, part)
        os.replace(part, target)
    finally:
        if os.path.exists(part):
            os.remove(part)
