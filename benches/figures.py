"""How the scripts here show what they measure: a line a figure, beside its target and its rival's."""

import json
import os
import statistics
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ROW = "{:<3} {:<58} {:<34} {:<24} {}"


def head(xt: str) -> None:
    """Says what was measured, and on what."""
    version = subprocess.run([xt, "--version"], capture_output=True, text=True).stdout.strip()
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"{version}; {os.cpu_count()} cores, load {load}\n")
    print(ROW.format("#", "what", "figure", "target", "rival"))


def show(number: str, what: str, figure: str, target: str = "", rival: str = "") -> None:
    """One figure."""
    print(ROW.format(number, what, figure, target, rival).rstrip(), flush=True)


def spread(values: list) -> str:
    """Median, the 99th of a hundred, and the worst."""
    values = sorted(values)
    last = values[min(len(values) - 1, len(values) * 99 // 100)]
    return f"p50 {statistics.median(values):.2f}, p99 {last:.2f}, worst {values[-1]:.2f}"


def bench(name: str) -> str:
    """Builds one of the benches; its program."""
    words = ["cargo", "bench", "--locked", "--bench", name, "--no-run", "--message-format=json"]
    built = subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    messages = [json.loads(line) for line in built.splitlines() if line.startswith("{")]
    return next(m["executable"] for m in messages if m.get("executable") and m["target"]["name"] == name)
