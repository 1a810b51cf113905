"""A program in a pseudo-terminal of 120x40, what it has written there, and what it costs."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from pathlib import Path

ROWS, COLUMNS = 40, 120
FRAME_END = b"\x1b[?2026l"
SEQUENCE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b[\]P][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[^\[\]P]")


class Terminal:
    """The program. Its screen is kept as text, as far as xt draws it: by moves of the cursor and characters of one column."""

    def __init__(self, words: list, env: dict) -> None:
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.execvpe(words[0], words, env)
        self.bytes = 0
        self.frames = 0
        self.tail = b""
        self.pending = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.cells = [[" "] * COLUMNS for _ in range(ROWS)]
        self.row = self.column = 0

    def read(self, seconds: float) -> bytes:
        """What comes next, within so many seconds; nothing after that, and at the program's end."""
        if not select.select([self.fd], [], [], max(0, seconds))[0]:
            return b""
        try:
            read = os.read(self.fd, 1 << 16)
        except OSError:
            return b""
        self.bytes += len(read)
        self.frames += (self.tail + read).count(FRAME_END)
        self.tail = read[-len(FRAME_END) + 1 :]
        return read

    def read_for(self, seconds: float) -> None:
        """Takes in what comes in so many seconds."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self.take(self.read(left))

    def take(self, read: bytes) -> None:
        """Puts what was written on the screen. A sequence that is not whole yet waits."""
        text = self.pending + self.decoder.decode(read)
        cut = text.rfind("\x1b")
        end = len(text) if cut < 0 or SEQUENCE.match(text, cut) else cut
        text, self.pending, at = text[:end], text[end:], 0
        for found in SEQUENCE.finditer(text):
            self.write(text[at : found.start()])
            at = found.end()
            if found[2] == "H":
                row, _, column = found[1].partition(";")
                self.row, self.column = int(row or 1) - 1, int(column or 1) - 1
            elif found[2] == "J":
                self.cells = [[" "] * COLUMNS for _ in range(ROWS)]
        self.write(text[at:])

    def write(self, text: str) -> None:
        """Characters from the cursor on."""
        for char in text:
            if self.row < ROWS and self.column < COLUMNS and char >= " ":
                self.cells[self.row][self.column] = char
                self.column += 1

    def text(self) -> str:
        """The screen."""
        return "\n".join("".join(row) for row in self.cells)

    def wait(self, wanted, seconds: float = 60) -> float:
        """Takes in what comes until the screen is as wanted; answers after how many milliseconds that was."""
        begun = time.perf_counter()
        while not wanted(self.text()):
            left = begun + seconds - time.perf_counter()
            if left <= 0:
                raise SystemExit(f"the screen never came to be as wanted; it is:\n{self.text()}")
            self.take(self.read(left))
        return (time.perf_counter() - begun) * 1000

    def press(self, keys: str) -> None:
        """Types."""
        os.write(self.fd, keys.encode())

    def frame(self) -> tuple:
        """Waits for the end of a frame; the milliseconds, and the bytes that came."""
        begun, seen = time.perf_counter(), b""
        while FRAME_END not in seen:
            read = self.read(60)
            if not read:
                raise SystemExit("no frame came")
            seen += read
        took = (time.perf_counter() - begun) * 1000
        self.take(seen)
        return took, len(seen)

    def sleeps(self) -> int:
        """How often its threads have gone to sleep so far: those that are there now."""
        found = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            for line in (task / "status").read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    found += int(line.split()[1])
        return found

    def memory(self, field: str = "VmRSS") -> float:
        """Resident megabytes; with `VmHWM` the most there were."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) / 1024
        return 0.0

    def computed(self) -> float:
        """Seconds of computing so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self, how: int = signal.SIGTERM) -> None:
        """Ends it."""
        os.kill(self.pid, how)
        try:
            while os.read(self.fd, 1 << 16):
                pass
        except OSError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)
