#!/usr/bin/env python3
"""Whole-process figures of the terminal UI: S1 (first frame), S2 and S5 (a key), S4 (idle), S6 (memory).

    python3 benches/screen.py [--runs=100000] [--idle=60] [--xt=target/release/xt]

Needs a release build. The UI runs in a pseudo-terminal of 120x40 on a store made for the purpose.
"""

import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import tempfile
import termios
import time
from pathlib import Path

FRAME_END = b"\x1b[?2026l"


class Screen:
    """The UI in a pseudo-terminal."""

    def __init__(self, xt: str, env: dict) -> None:
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(xt, [xt], env)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def first_frame(self) -> float:
        """Milliseconds from the start of the process to the end of its first frame."""
        seen = b""
        while FRAME_END not in seen:
            seen += os.read(self.fd, 65536)
        return (time.perf_counter() - self.started) * 1000

    def read_for(self, seconds: float) -> int:
        """The bytes that come in so many seconds."""
        count, until = 0, time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                count += len(os.read(self.fd, 65536))
        return count

    def press(self, key: bytes) -> tuple:
        """Milliseconds from a key to the end of its frame, and the frame's bytes."""
        start = time.perf_counter()
        os.write(self.fd, key)
        seen = b""
        while FRAME_END not in seen:
            seen += os.read(self.fd, 65536)
        return (time.perf_counter() - start) * 1000, len(seen)

    def sleeps(self) -> dict:
        """How often each of its threads has gone to sleep so far."""
        found = {}
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            for line in (task / "status").read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    found[task.name] = int(line.split()[1])
        return found

    def memory(self) -> float:
        """Resident megabytes."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0

    def end(self) -> None:
        os.kill(self.pid, signal.SIGTERM)
        try:
            while os.read(self.fd, 65536):
                pass
        except OSError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def main() -> None:
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--idle", type=float, default=60)
    parser.add_argument("--xt", default=str(root / "target/release/xt"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "XT_HOME": home, "TERM": "xterm-256color", "XT_CONFIG__internal__controller_idle": "1"}
        subprocess.run(
            [options.xt, "run", "--hold", f"--runs={options.runs}", "true"], env=env, check=True, capture_output=True
        )
        # The controller that was woken for it has nothing to do, and ends.
        starts, memory = [], 0.0
        for _ in range(11):
            screen = Screen(options.xt, env)
            starts.append(screen.first_frame())
            screen.read_for(0.5)
            memory = screen.memory()
            screen.end()
        print(f"S1 first frame with {options.runs} runs, ms (median, worst)   {statistics.median(starts):.1f}, {max(starts):.1f}")
        print(f"S6 memory after the first half second, MB   {memory:.1f}")
        screen = Screen(options.xt, env)
        screen.read_for(4)
        pressed = []
        for _ in range(200):
            pressed.append(screen.press(b"j"))
            # What a key sets off (the next rows, another log) has its own frame.
            screen.read_for(0.05)
        took = sorted(ms for ms, _ in pressed)
        print(f"S2 key to frame, nothing else going on, ms p50 {took[100]:.2f}, p99 {took[197]:.2f}")
        print(f"S5 bytes of a cursor move (median)   {statistics.median(count for _, count in pressed):.0f}")
        # Threads of the executor that have nothing to do end after ten seconds.
        screen.read_for(12)
        before = screen.sleeps()
        count = screen.read_for(options.idle)
        print(f"S4 idle for {options.idle:.0f} s: wake-ups {sum(screen.sleeps().values()) - sum(before.values())}, bytes {count}")
        screen.end()


if __name__ == "__main__":
    main()
