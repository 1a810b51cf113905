#!/usr/bin/env python3
"""L1 to L4 of the targets on a log of 10 million lines, 3.4 GB, with the rivals on the same file.

    python3 benches/logs.py [--lines=10000000] [--seconds=60] [--xt=target/release/xt] [--folder=/tmp]

Rivals where they are installed: less, lnav, rg, grep. Times are medians of three, warm; on a busy machine the seconds
of computing are the fairer measure. Needs a release build (`cargo build --release`) and 4 GB in --folder, which are
given back; takes about six minutes, many of them less' and lnav's.
"""

import argparse
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import ROOT, bench, head, show
from terminal import Terminal

PAD = "the quick brown fox jumps over the lazy dog while the optimiser takes a step and the loader waits for its shard " * 3
STYLE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b\(B|\x0f")
WRITE = """
import sys, time
rate, seconds, begun = int(sys.argv[1]), int(sys.argv[2]), time.time()
for tick in range(seconds * 100):
    time.sleep(max(0, begun + tick / 100 - time.time()))
    lines = range(tick * rate // 100, (tick + 1) * rate // 100)
    sys.stdout.write("".join([f"step {step:>8} loss 0.123456 acc 0.98765\\n" for step in lines]))
    sys.stdout.flush()
"""


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


def both(wall: float, cpu: float) -> str:
    """Milliseconds that passed, and of computing."""
    return f"{wall:.1f} ({cpu:.1f})"


def filtered(words: list) -> str:
    """A program that reads the log and ends."""
    wall, cpu = [], []
    for _ in range(3):
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(words, capture_output=True, env={**os.environ, "LC_ALL": "C.UTF-8"}, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall.append((time.perf_counter() - begun) * 1000)
        cpu.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000)
    return both(statistics.median(wall), statistics.median(cpu))


def shown(words: list, wanted: bytes) -> tuple:
    """A pager: until it has shown a text, ms (computing), and its megabytes then."""
    pager = Terminal(words, {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"})
    seen = b""
    while wanted not in STYLE.sub(b"", seen) and time.perf_counter() - pager.started < 300:
        seen = seen[-100_000:] + pager.read(1)
    taken, cpu, memory = (time.perf_counter() - pager.started) * 1000, pager.computed() * 1000, pager.memory()
    pager.end(signal.SIGKILL)
    return (both(taken, cpu) if wanted in STYLE.sub(b"", seen) else "not within 300 s"), memory


def world(xt: str, folder: str) -> dict:
    """The environment of a home of its own."""
    own = {"XT_HOME": f"{folder}/home", "XT_MACHINE": folder, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    env = {**os.environ, **own, "XT_CONFIG__internal__controller_idle": "1"}
    for _ in range(2):
        subprocess.run([xt, "run", "echo", "short"], env=env, check=True, capture_output=True)
    subprocess.run([xt, "wait", "run1", "run2"], env=env, check=True, capture_output=True)
    return env


def opened(xt: str, log: Path, lines: int, env: dict) -> None:
    """L1 and L2 through the whole program: from the key that selects the run to its last line, and to its count."""
    console = next(Path(env["XT_HOME"]).glob("data/store/files/*/runs/run1/after/output/console.txt"))
    console.unlink()
    console.symlink_to(log)
    last, counted = [], []
    for _ in range(5):
        screen = Terminal([xt], env)
        screen.wait(lambda text: "short" in text)
        screen.read_for(0.5)
        before = screen.computed()
        screen.press("j")
        last.append(screen.wait(lambda text: f"step {lines - 1} " in text))
        counted.append(last[-1] + screen.wait(lambda text: f"{lines:,} lines" in text))
        cpu, memory = screen.computed() - before, screen.memory()
        screen.end()
    less = {option: shown(["less", *option.split(), str(log)], f"step {lines - 1} ".encode())[0] for option in ("+G", "-N +G") if shutil.which("less")}
    lnav = shown(["lnav", str(log)], f"{lines - 1}".encode()) if shutil.which("lnav") else ("not installed", 0)
    show("L1", "from the key to the last line, ms", f"{statistics.median(last):.1f}", "100", f"less +G {less.get('+G', '-')}")
    show("L2", "to all lines counted, ms (computing)", both(statistics.median(counted), cpu * 1000), "1500", f"lnav {lnav[0]}, less -N +G {less.get('-N +G', '-')}")
    show("L2", "memory with the log open and counted, MB", f"{memory:.1f}", "", f"lnav {lnav[1]:.0f}")


def searched(log: Path) -> None:
    """L2 and L3 inside the program, and what ripgrep and grep take."""
    env = {**os.environ, "XT_BENCH_LOG": str(log)}
    told = subprocess.run([bench("logs"), "--bench"], cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout
    found = dict(re.findall(r"^(.+?) +([\d.]+ ms, +[\d.]+ ms computing)$", told, re.MULTILINE))
    for name, times in found.items():
        figure = both(*(float(ms) for ms in re.findall(r"[\d.]+", times)))
        pattern = (name.split("`") + [""])[1]
        rivals = [f"{tool} {filtered([*words, pattern, str(log)])}" for tool, words in (("rg", ["rg", "-cS"]), ("grep", ["grep", "-cP" if "\\" in pattern else "-cE"])) if pattern and shutil.which(tool)]
        target = {"L1": "100", "L2": "1500"}.get(name[:2], "50" if "first hit" in name else "twice rg" if pattern else "")
        show(name[:2].strip() or "L3", f"{name[3:]}, ms (computing)", figure, target, ", ".join(rivals))
    print(next(line for line in told.splitlines() if line.startswith("L4")))


def followed(xt: str, env: dict, rate: int, seconds: int) -> None:
    """L4 through the whole program: a run of xt's writes, its log is followed on the screen, nothing is lost on the way."""
    screen = Terminal([xt], env)
    screen.wait(lambda text: "Runs · " in text)
    subprocess.run([xt, "run", sys.executable, "-c", WRITE, str(rate), str(seconds)], env=env, check=True, capture_output=True)
    screen.wait(lambda text: "run3" in text)
    screen.press("3gg")
    screen.wait(lambda text: " loss 0.123456" in text)
    count = rate * seconds
    frames, wrote, cpu = screen.frames, screen.bytes, screen.computed()
    screen.wait(lambda text: f"step {count - 1:>8} " in text and f"{count:,} lines" in text, 3 * seconds + 60)
    figure = f"{screen.computed() - cpu:.1f} s computing, {screen.frames - frames} frames, {(screen.bytes - wrote) / seconds / 1000:.1f} KB/s"
    show("L4", f"{count:,} lines at {rate:,}/s: last and count on screen", figure, "none lost", "k9s drops")
    subprocess.run([xt, "wait", "run3"], env=env, check=True, capture_output=True)
    console = next(Path(env["XT_HOME"]).glob("data/store/files/*/runs/run3/after/output/console.txt"))
    with console.open("rb") as file:
        whole = all(line == b"step %8d loss 0.123456 acc 0.98765\n" % step for step, line in enumerate(file))
    lines = int(subprocess.run(["wc", "-l", str(console)], capture_output=True, text=True, check=True).stdout.split()[0])
    show("L4", "lines in the store, each as it was written", f"{lines:,}, {'yes' if whole else 'NO'}", f"{count:,}")
    screen.end()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=100_000)
    parser.add_argument("--xt", default=str(ROOT / "target/release/xt"))
    parser.add_argument("--folder", default=tempfile.gettempdir())
    options = parser.parse_args()
    head(options.xt)
    for tool in ("rg", "grep", "less", "lnav"):
        if shutil.which(tool):
            version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False).stdout.splitlines()[0]
            print(f"    {version}")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        log = Path(folder) / "big.log"
        make(log, options.lines)
        env = world(options.xt, folder)
        opened(options.xt, log, options.lines, env)
        searched(log)
        followed(options.xt, env, options.rate, options.seconds)


if __name__ == "__main__":
    main()
