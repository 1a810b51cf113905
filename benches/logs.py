#!/usr/bin/env python3
"""L1 to L4 of the targets on a log of 10 million lines, 3.4 GB, with the rivals on the same file.

    python3 benches/logs.py [--lines=10000000] [--xt=target/release/xt] [--folder=/tmp]

Rivals where they are installed: rg, grep, less, lnav. Times are medians of three, warm; on a busy machine the seconds
of computing are the fairer measure. Needs a release build. The log is deleted at the end.
"""

import argparse
import os
import pty
import resource
import select
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from screen import Screen

PAD = "the quick brown fox jumps over the lazy dog while the optimiser takes a step and the loader waits for its shard " * 3
PATTERNS = ["ERROR", "error", "step 9999999 ", r"step \d+99999 ", "ERROR|WARNING", "train"]


def make(path: Path, lines: int) -> None:
    """Lines as Python's logging writes them, 340 bytes each."""
    with path.open("wb", buffering=1 << 22) as file:
        for base in range(0, lines, 10_000):
            part = []
            for i in range(base, min(lines, base + 10_000)):
                level = "ERROR" if i % 100_000 == 77_777 else ("WARNING" if i % 1000 == 500 else "INFO")
                text = f"2026-11-25 10:22:33,{i % 1000:03d} - train - {level} - step {i} loss {1000 / (i + 1):.6f}"
                part.append(f"{text} {PAD[: 260 + i % 41]}\n")
            file.write("".join(part).encode())


def rival(words: list) -> str:
    """Seconds of wall and of computing, medians of three."""
    wall, cpu = [], []
    for _ in range(3):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(words, capture_output=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall.append(time.perf_counter() - start)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return f"{statistics.median(wall) * 1000:9.0f} ms, {statistics.median(cpu) * 1000:9.0f} ms computing"


def until(words: list, wanted: bytes, env: dict) -> str:
    """Milliseconds until a program in a terminal has shown a text."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execvpe(words[0], words, env)
    start, seen = time.perf_counter(), b""
    while wanted not in seen and time.perf_counter() - start < 120:
        if select.select([fd], [], [], 1)[0]:
            seen += os.read(fd, 65536)
    taken = (time.perf_counter() - start) * 1000
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(fd)
    return f"{taken:9.0f} ms"


def opened(xt: str, log: Path, last: bytes, home: str) -> None:
    """L1 through the whole program: from the key that selects the run to its last line, and to its count."""
    env = {**os.environ, "XT_HOME": home, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    for _ in range(2):
        subprocess.run([xt, "run", "echo", "short"], env=env, check=True, capture_output=True)
    subprocess.run([xt, "wait", "run1", "run2"], env=env, check=True, capture_output=True)
    console = next(Path(home).glob("data/store/files/*/runs/run1/after/output/console.txt"))
    console.unlink()
    console.symlink_to(log)
    screen = Screen(xt, env)
    screen.read_for(1)
    start, seen = time.perf_counter(), b""
    os.write(screen.fd, b"j")
    at = None
    while at is None or b"\x1b[?2026l" not in seen or b",000,000 lines" not in seen:
        if not select.select([screen.fd], [], [], 60)[0]:
            break
        seen += os.read(screen.fd, 65536)
        if at is None and last in seen:
            at = (time.perf_counter() - start) * 1000
        if b"0+ lines" not in seen[-400:] and b" lines" in seen[-400:] and at is not None:
            break
    print(f"L1 xt: from the key to the last line {at or 0:.1f} ms; counted and numbered after {(time.perf_counter() - start) * 1000:.0f} ms")
    print(f"S6 xt with the log open and indexed: {screen.memory():.1f} MB")
    screen.end()


def main() -> None:
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--xt", default=str(root / "target/release/xt"))
    parser.add_argument("--folder", default=tempfile.gettempdir())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        log = Path(folder) / "big.log"
        make(log, options.lines)
        last = f"step {options.lines - 1} ".encode()
        opened(options.xt, log, last, f"{folder}/home")
        for words in (["less", "+G", str(log)], ["less", "-N", "+G", str(log)], ["lnav", str(log)]):
            if shutil.which(words[0]):
                print(f"L1 {' '.join(words[:-1]):<30}{until(words, last, {**os.environ, 'TERM': 'xterm-256color'})}")
        env = {**os.environ, "XT_BENCH_LOG": str(log)}
        subprocess.run(["cargo", "bench", "--bench", "logs"], cwd=root, env=env, check=True)
        for tool in (["rg", "-c", "-S"], ["grep", "-cE"]):
            if not shutil.which(tool[0]):
                continue
            version = subprocess.run([tool[0], "--version"], capture_output=True, text=True).stdout.splitlines()[0]
            print(version)
            for pattern in PATTERNS if tool[0] == "rg" else PATTERNS[:1]:
                print(f"L3 {' '.join(tool)} {pattern:<24}{rival([*tool, pattern, str(log)])}")


if __name__ == "__main__":
    main()
