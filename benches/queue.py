#!/usr/bin/env python3
"""Whole-process figures of the queue, beside pueue and task-spooler: N1, N2, N3, N6 of the targets.

    python3 benches/queue.py [--runs=1000] [--xt=target/release/xt]

Needs a release build. Rivals are used where they are installed: pueue (`cargo install pueue --locked --root
~/.cache/xt-bench`) and task-spooler (Debian's package, `tsp`). Every program works in a directory of its own, which
is removed. Prints one table; times are medians where a line says so.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


class Rival:
    """A queue: how to put a command into it, and how to wait until it is empty."""

    def __init__(self, name: str, env: dict) -> None:
        self.name = name
        self.env = {**os.environ, **env}

    def call(self, *words: str) -> str:
        return subprocess.run(words, env=self.env, check=True, capture_output=True, text=True).stdout

    def timed(self, *words: str) -> float:
        start = time.perf_counter()
        self.call(*words)
        return (time.perf_counter() - start) * 1000


def measure_xt(xt: str, folder: Path, runs: int) -> dict:
    home = folder / "xt"
    rival = Rival("xt", {"XT_HOME": str(home), "XT_CONFIG__internal__controller_idle": "2"})
    work = folder / "work"
    work.mkdir()
    os.chdir(work)
    rival.call(xt, "run", "true")
    rival.call(xt, "wait", "job1")
    figures = {"version": rival.call(xt, "--version").strip()}

    (work / "commands.txt").write_text("true\n" * runs)
    start = time.perf_counter()
    rival.call(xt, "run", "--multi-commands", "--hold", "--code=no", "commands.txt")
    figures[f"N1 submit {runs} in one command, ms"] = (time.perf_counter() - start) * 1000
    singles = [rival.timed(xt, "run", "--hold", "true") for _ in range(40)]
    figures[f"N1 one submit with {runs} queued, ms (median)"] = statistics.median(singles)

    start = time.perf_counter()
    rival.call(xt, "release", "job", "job2")
    rival.call(xt, "wait", "job2")
    figures[f"N2 {runs} x true, ms a run"] = (time.perf_counter() - start) * 1000 / runs

    rival.call(xt, "cancel", "all", "--yes")
    submits, starts = [], []
    for _ in range(15):
        before = time.time()
        answer = json.loads(rival.call(xt, "run", "--json", "true"))
        submits.append((time.time() - before) * 1000)
        rival.call(xt, "wait", answer["runs"][0])
        run = json.loads(rival.call(xt, "view", "run", answer["runs"][0], "--json"))
        starts.append(run["queue_duration"] * 1000)
    figures["N3 xt run returns, ms (median)"] = statistics.median(submits)
    figures["N3 submit to start on an idle machine, ms (median)"] = statistics.median(starts)
    figures["N6 line to watcher, ms (median)"] = attach_latency(rival, xt, work)
    return figures


def attach_latency(rival: Rival, xt: str, work: Path) -> float:
    """From a line written by a run to the line read from `xt view console --follow`."""
    (work / "ticks.py").write_text(
        "import time\nfor i in range(50):\n    print('%.6f' % time.time(), flush=True)\n    time.sleep(0.02)\n"
    )
    run = json.loads(rival.call(xt, "run", "--json", "ticks.py"))["runs"][0]
    watcher = subprocess.Popen(
        [xt, "view", "console", run, "--follow"], env=rival.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    delays = [(time.time() - float(line)) * 1000 for line in watcher.stdout]
    watcher.wait()
    # The first lines were there before the watcher was.
    return statistics.median(delays[len(delays) // 2 :])


def measure_tsp(folder: Path, runs: int) -> dict:
    rival = Rival("tsp", {"TS_SOCKET": str(folder / "tsp.socket"), "TMPDIR": str(folder), "TS_SLOTS": "2"})
    rival.call("tsp", "-S", "2")
    start = time.perf_counter()
    for _ in range(runs):
        last = rival.call("tsp", "-n", "true").strip()
    rival.call("tsp", "-w", last)
    elapsed = (time.perf_counter() - start) * 1000 / runs
    singles = [rival.timed("tsp", "-n", "true") for _ in range(40)]
    rival.call("tsp", "-K")
    return {"N2 ms a run": elapsed, "N1 one submit, ms (median)": statistics.median(singles)}


def measure_pueue(pueue: str, pueued: str, folder: Path, runs: int) -> dict:
    config = folder / "pueue.yml"
    config.write_text(
        "shared:\n  pueue_directory: %s\n  use_unix_socket: true\n  runtime_directory: %s\nclient: {}\ndaemon: {}\n"
        % (folder / "pueue", folder)
    )
    rival = Rival("pueue", {})
    daemon = subprocess.Popen([pueued, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        client = [pueue, "-c", str(config)]
        for _ in range(100):
            if subprocess.run([*client, "status"], capture_output=True).returncode == 0:
                break
            time.sleep(0.05)
        rival.call(*client, "parallel", "2")
        rival.call(*client, "pause")
        first = statistics.median([rival.timed(*client, "add", "true") for _ in range(40)])
        for _ in range(runs - 40):
            rival.call(*client, "add", "true")
        later = statistics.median([rival.timed(*client, "add", "true") for _ in range(40)])
        start = time.perf_counter()
        rival.call(*client, "start")
        rival.call(*client, "wait")
        elapsed = (time.perf_counter() - start) * 1000 / (runs + 40)
    finally:
        daemon.terminate()
        daemon.wait()
    return {
        "version": rival.call(pueue, "--version").strip(),
        "N1 one submit at first, ms (median)": first,
        f"N1 one submit with {runs} queued, ms (median)": later,
        "N2 ms a run": elapsed,
    }


def main() -> None:
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--xt", default=str(root / "target/release/xt"))
    options = parser.parse_args()
    tools = Path.home() / ".cache/xt-bench/bin"
    pueue, pueued = (shutil.which(name) or str(tools / name) for name in ("pueue", "pueued"))
    # The last controller may still be writing its log when all is measured.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        tables = {"xt": measure_xt(str(Path(options.xt).resolve()), folder, options.runs)}
        if shutil.which("tsp"):
            tables["task-spooler"] = measure_tsp(folder, options.runs)
        if Path(pueue).exists():
            tables["pueue"] = measure_pueue(pueue, pueued, folder, options.runs)
        os.chdir("/")
    for name, figures in tables.items():
        print(name)
        for figure, value in figures.items():
            print(f"  {figure:<55} {value if isinstance(value, str) else f'{value:.2f}'}")
    if "pueue" not in tables:
        print("pueue is not installed: see --help", file=sys.stderr)


if __name__ == "__main__":
    main()
