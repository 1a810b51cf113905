#!/usr/bin/env python3
"""Whole-process figures of the terminal UI: S1 (first frame), S2 (a key, idle and under load), S4 (idle), S5 (bytes),
S6 (memory). S3 and S7 happen inside the process: `cargo bench --bench frame`.

    python3 benches/screen.py [--runs=100000] [--seconds=60] [--day=432000] [--xt=target/release/xt]

Needs a release build (`cargo build --release`); takes about six minutes. The UI runs in a
pseudo-terminal of 120x40 on a store made for the purpose; the load is real runs and another process that writes to the store.
`--day` is how many lines each of ten merged logs has, each line with its time: together a day at 50 lines a second.
"""

import argparse
import array
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import ROOT, bench, head, show, spread
from terminal import Terminal

PRINT = """
import sys, time
rate, seconds, begun = int(sys.argv[1]), float(sys.argv[2]), time.time()
prose = "the quick brown fox jumps over the lazy dog while the optimiser takes a step and the loader waits for its shard "
printed, pause = 0, max(0.01, 1 / rate)
while (passed := time.time() - begun) < seconds:
    due = int(passed * rate)
    sys.stdout.write("".join(f"step {i} loss {1 / (i + 1):.6f} {prose[i * 7 % 60 :][: 30 + i % 20]}\\n" for i in range(printed, due)))
    sys.stdout.flush()
    printed = due
    time.sleep(pause)
"""


ECHO = """
import os, tty
tty.setraw(0)
os.write(1, b"ready")
while key := os.read(0, 10):
    os.write(1, key * 105)
"""


class World:
    """A home of its own, and xt in it."""

    def __init__(self, xt: str, folder: str) -> None:
        self.xt = xt
        self.home = Path(folder) / "home"
        self.env = {
            **os.environ,
            "XT_HOME": str(self.home),
            "XT_MACHINE": folder,
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            "XT_CONFIG__internal__controller_idle": "1",
        }

    def do(self, *words: str) -> str:
        """Runs a command."""
        return subprocess.run([self.xt, *words], env=self.env, check=True, capture_output=True, text=True).stdout

    def screen(self) -> Terminal:
        """The UI, settled."""
        screen = Terminal([self.xt], self.env)
        screen.wait(lambda text: "Runs · " in text and "run" in text)
        screen.read_for(1.5)
        return screen

    def run(self, *words: str) -> str:
        """Submits a job; its name."""
        return re.search(r"job\d+", self.do("run", *words))[0]

    def end(self, job: str) -> None:
        """Ends a job, and waits for it."""
        self.do("cancel", "job", job)
        # It answers with the status of the runs, which are cancelled.
        subprocess.run([self.xt, "wait", job], env=self.env, check=False, capture_output=True)


def starts(world: World, runs: int) -> None:
    """S1, and S6 at the start."""
    found, memory = [], 0.0
    for _ in range(11):
        screen = Terminal([world.xt], world.env)
        found.append(screen.frame()[0])
        screen.read_for(0.5)
        memory = screen.memory()
        screen.end()
    show("S1", f"first frame with {runs:,} runs, ms", f"median {statistics.median(found):.1f}, worst {max(found):.1f}", "30", "k9s: seconds")
    show("S6", "memory half a second after the start, MB", f"{memory:.1f}", "25")


def moves(world: World) -> None:
    """S5: what a step of the cursor writes."""
    screen = world.screen()
    sizes = []
    for _ in range(100):
        before = screen.bytes
        screen.press("j")
        screen.frame()
        sizes.append(screen.bytes - before)
        # What the step sets off (the next rows, another log) has its own frame.
        screen.read_for(0.05)
    show("S5", "a step of the cursor, bytes", f"median {statistics.median(sizes):.0f}, worst {max(sizes)}", "400")
    screen.end()


def echo(count: int) -> list:
    """The same of a program that does nothing but answer: what the machine and this script take of it."""
    program = Terminal([sys.executable, "-c", ECHO], dict(os.environ))
    program.wait(lambda text: "ready" in text)
    took = []
    for number in range(count):
        program.read_for(0.05 + number % 17 / 1000)
        begun = time.perf_counter()
        program.press("h")
        program.take(program.read(10))
        took.append((time.perf_counter() - begun) * 1000)
    program.end()
    return took


def drawn(path: Path, skip: int) -> list:
    """Milliseconds from the model to the terminal, of each frame since those that were there before."""
    return [int(line.split("\t")[3]) / 1000 for line in path.read_text().splitlines()[1 + skip :]]


def keys(screen: Terminal, count: int) -> list:
    """Milliseconds from a key that opens or closes the tree of workspaces to the bytes that show it."""
    took = []
    screen.press("1")
    screen.read_for(0.5)
    for number in range(count):
        key, sign = ("h", "▸") if number % 2 == 0 else ("l", "▾")
        # At any moment of a frame's time.
        screen.read_for(0.05 + number % 17 / 1000)
        begun = time.perf_counter()
        screen.press(key)
        while screen.cells[2][1] != sign:
            screen.take(screen.read(10))
            if time.perf_counter() - begun > 10:
                raise SystemExit(f"the key was not answered:\n{screen.text()}")
        took.append((time.perf_counter() - begun) * 1000)
    return took


def idle(world: World, seconds: float) -> None:
    """S4: nothing happens, then runs that print nothing are active."""
    screen = world.screen()
    # Threads of the executor that have nothing to do end after ten seconds.
    screen.read_for(12)
    sleeps, count = screen.sleeps(), screen.bytes
    screen.read_for(seconds)
    show("S4", f"idle for {seconds:.0f} s: wake-ups, bytes", f"{screen.sleeps() - sleeps}, {screen.bytes - count}", "0, 0", "lazydocker 36/s")
    screen.end()
    job = world.run("--runs=2", "sleep", "1000")
    screen = world.screen()
    screen.wait(lambda text: "running" in text)
    screen.read_for(12)
    frames, count, cpu = screen.frames, screen.bytes, screen.computed()
    screen.read_for(seconds)
    figure = f"{(screen.frames - frames) / seconds:.2f}, {(screen.bytes - count) / seconds:.0f}"
    show("S4", "two silent runs: frames/s, bytes/s", figure, "1, 100", "gitui 12/s")
    show("S4", "the same: percent of a core", f"{(screen.computed() - cpu) / seconds * 100:.2f}")
    screen.end()
    world.end(job)


def printing(world: World, rate: int, seconds: float) -> tuple:
    """A run that prints so many lines a second, followed; and its job."""
    job = world.run(sys.executable, "-c", PRINT, str(rate), str(seconds))
    screen = world.screen()
    screen.wait(lambda text: " loss " in text)
    screen.read_for(1)
    return screen, job


def tailing(world: World, seconds: float) -> None:
    """S5: a log that gets 1,000 lines a second."""
    screen, job = printing(world, 1000, seconds + 10)
    frames, count, cpu = screen.frames, screen.bytes, screen.computed()
    screen.read_for(seconds)
    per_second = (screen.bytes - count) / seconds
    show("S5", "a log of 1,000 lines/s: KB/s", f"{per_second / 1000:.1f}", "60")
    show("S5", "the same: frames/s, bytes a frame", f"{(screen.frames - frames) / seconds:.1f}, {per_second * seconds / max(1, screen.frames - frames):.0f}")
    show("S5", "the same: percent of a core", f"{(screen.computed() - cpu) / seconds * 100:.1f}")
    screen.end()
    world.end(job)


def loaded(world: World, seconds: float) -> None:
    """S2: 10,000 lines a second arrive and 10,000 rows refresh every second."""
    frames_told = world.home / "frames.tsv"
    world.env["XT_FRAMES"] = str(frames_told)
    show("S2", "a key, nothing else going on, ms", spread(keys(screen := world.screen(), 200)), "p50 0.3, p99 4", f"plain echo {spread(echo(200))}")
    show("S2", "the same: a frame, ms", spread(drawn(frames_told, 10)))
    screen.end()
    program = bench("store")
    screen, job = printing(world, 10_000, seconds * 3 + 60)
    env = {**world.env, "XT_BENCH_REFRESH": world.env["XT_HOME"]}
    load = subprocess.Popen([program, "--bench"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in load.stdout:
        if "have logged" in line:
            break
    screen.read_for(2)
    cpu, frames, begun = screen.computed(), screen.frames, time.perf_counter()
    before = len(drawn(frames_told, 0))
    took = keys(screen, int(seconds / 0.07))
    passed = time.perf_counter() - begun
    show("S2", "a key, 10,000 lines/s and 10,000 rows/s, ms", spread(took), "p50 0.3, p99 4", f"plain echo {spread(echo(200))}")
    show("S2", "the same: a frame, ms", spread(drawn(frames_told, before)))
    figure = f"{(screen.frames - frames) / passed:.0f}, {(screen.computed() - cpu) / passed * 100:.0f}"
    show("S2", "the same: frames/s, percent of a core", figure)
    show("S6", "the same: memory, MB", f"{screen.memory():.1f}", "150")
    load.terminate()
    load.wait()
    screen.end()
    world.end(job)


def day(world: World, lines: int) -> None:
    """S6: ten logs of a day, merged, above a list of many runs: files as the shim writes them, put into real runs."""
    world.do("wait", world.run("--runs=10", "echo", "short"))
    text = array.array("B", b"".join(b"epoch %8d loss 0.123456 acc 0.987654 lr 0.001\n" % (step % 10**8) for step in range(1000)))
    length = len(text) // 1000
    begun = int(time.time() - 86_400) * 1_000_000
    consoles = sorted(world.home.glob("data/store/files/*/runs/*/after/output/console.txt"), key=lambda path: path.stat().st_mtime)[-10:]
    for number, console in enumerate(consoles):
        with console.open("wb") as file:
            for _ in range(lines // 1000):
                text.tofile(file)
        with console.with_name("console.idx").open("wb") as file:
            for first in range(0, lines, 100_000):
                records = array.array("Q", bytes(16 * 100_000))
                records[0::2] = array.array("Q", range(first * length, (first + 100_000) * length, length))
                micros = range(begun + first * 200_000 + number * 20_000, begun + (first + 100_000) * 200_000 + number * 20_000, 200_000)
                records[1::2] = array.array("Q", [time << 8 | 1 for time in micros])
                records[: 2 * min(100_000, lines - first)].tofile(file)
    screen = world.screen()
    screen.press("2")
    screen.press("g")
    screen.press("g")
    screen.read_for(1)
    screen.press("M")
    wanted = f"{10 * lines:,} lines"
    took = screen.wait(lambda text: wanted in text, 900)
    show("S6", f"ten logs of {lines:,} lines merged by time, MB (most)", f"{screen.memory():.1f} ({screen.memory('VmHWM'):.1f})", "150", "lazydocker 1,900")
    show("S6", "the same: merged and counted after, s; computing, s", f"{took / 1000:.1f}; {screen.computed():.1f}")
    screen.end()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--day", type=int, default=50 * 86_400 // 10)
    parser.add_argument("--xt", default=str(ROOT / "target/release/xt"))
    parser.add_argument("--folder", default=tempfile.gettempdir())
    options = parser.parse_args()
    head(options.xt)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        world = World(options.xt, folder)
        world.do("run", "--hold", f"--runs={options.runs}", "true")
        starts(world, options.runs)
        moves(world)
        day(world, options.day)
        # From here on nothing but what is wanted is active.
        idle(world, options.seconds)
        tailing(world, min(options.seconds, 20))
        loaded(world, options.seconds)


if __name__ == "__main__":
    main()
