"""The event file of a process: JSON lines that xt's controller follows. `xt help events` describes the format."""

import os
from time import time

from .values import as_dict, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional

MAX_LINE = 16 * 1024 * 1024
"""The longest line xt reads, in bytes."""


class EventFile:
    """Appends events to `<folder>/<host>-<pid>-<8 hex>.jsonl`, a file for each process that uses the object.

    A line is one write(2) to a file opened for appending, so that lines of threads never mix. There is no lock, so
    that neither a fork nor a signal handler can wait for one for ever.
    """

    def __init__(self, folder: str) -> None:
        """The file is opened at the first event."""
        self._folder = folder
        self._suffix = os.urandom(4).hex()
        self._fds = {}  # type: Dict[int, int]
        self._torn = False

    def append(self, event: str, data: "Any", step: "Any" = None, step_name: "Optional[str]" = None) -> None:
        """Append one event. Raises OSError when it cannot be written, anything when it cannot be encoded."""
        if type(data) is not dict:
            data = as_dict(data)
        record = {"event": event, "time": time(), "data": data}
        if step is not None:
            record["step"] = step
            if step_name is not None:
                record["step_name"] = step_name
        line = (encode(record) + "\n").encode("utf-8", "replace")
        if len(line) > MAX_LINE:
            raise ValueError("an event of %d bytes is over the limit of %d" % (len(line), MAX_LINE))
        fd = self._fds.get(os.getpid())
        if fd is None:
            fd = self._open()
        if self._torn:  # by a full disk: end the broken line, so that it does not take this one with it
            line = b"\n" + line
        written = os.write(fd, line)
        if written < len(line):
            self._torn = True
            raise OSError("no space for the whole event")
        self._torn = False

    def close(self) -> None:
        """Close this process's file. A later event opens it again."""
        fd = self._fds.pop(os.getpid(), None)
        if fd is not None:
            os.close(fd)

    def __del__(self) -> None:
        self.close()

    def __getstate__(self) -> "Dict[str, Any]":
        # The numbers of open files mean nothing to a copy, which may live in another process.
        return dict(self.__dict__, _fds={})

    def _open(self) -> int:
        host = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "host")
        pid = os.getpid()
        name = "%s-%d-%s.jsonl" % (host.replace("/", "_"), pid, self._suffix)
        opened = os.open(os.path.join(self._folder, name), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        fd = self._fds.setdefault(pid, opened)
        if fd != opened:  # another thread was faster
            os.close(opened)
        return fd
