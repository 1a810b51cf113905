"""What one log call costs a training script, in microseconds: xt beside a bare JSON line and the rivals installed.

    python3 benches/log_call.py [--calls=20000]

Target R3: xt's `log_metrics` within 7 µs at the median and 40 µs at p99. All contenders take turns in this process, in
blocks, so that a noisy machine is noisy for each of them. A rival that is not installed is left out.
"""

import argparse
import importlib
import json
import os
import shutil
import sys
import tempfile
import time
from typing import Callable, Dict, List

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "assets", "python"))

BLOCKS = 5
SLOW = 20  # a rival that takes milliseconds is called this many times less often

Log = Callable[[int, float, float], None]


def xt_run(folder: str) -> Log:
    os.environ["XT_EVENTS"] = folder
    run = importlib.import_module("xt").Run()

    def log(epoch: int, loss: float, acc: float) -> None:
        run.log_metrics({"epoch": epoch, "loss": loss, "acc": acc}, step_name="epoch")

    return log


def bare_json(folder: str) -> Log:
    fd = os.open(os.path.join(folder, "bare.jsonl"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def log(epoch: int, loss: float, acc: float) -> None:
        os.write(fd, (json.dumps({"epoch": epoch, "loss": loss, "acc": acc}) + "\n").encode())

    return log


def tensorboard_x(folder: str) -> Log:
    writer = importlib.import_module("tensorboardX").SummaryWriter(folder)

    def log(epoch: int, loss: float, acc: float) -> None:
        writer.add_scalar("loss", loss, epoch)
        writer.add_scalar("acc", acc, epoch)

    return log


def mlflow(folder: str) -> Log:
    module = importlib.import_module("mlflow")
    module.set_tracking_uri("sqlite:///" + os.path.join(folder, "mlflow.db"))
    module.start_run()

    def log(epoch: int, loss: float, acc: float) -> None:
        module.log_metrics({"loss": loss, "acc": acc}, step=epoch)

    return log


def wandb_offline(folder: str) -> Log:
    os.environ["WANDB_SILENT"] = "true"
    run = importlib.import_module("wandb").init(mode="offline", dir=folder, project="bench")

    def log(epoch: int, loss: float, acc: float) -> None:
        run.log({"loss": loss, "acc": acc}, step=epoch)

    return log


def trackio(folder: str) -> Log:
    os.environ["TRACKIO_DIR"] = folder
    module = importlib.import_module("trackio")
    module.init(project="bench", embed=False)

    def log(epoch: int, loss: float, acc: float) -> None:
        module.log({"loss": loss, "acc": acc}, step=epoch)

    return log


CONTENDERS: Dict[str, Callable[[str], Log]] = {
    "xt": xt_run,
    "bare JSON line": bare_json,
    "tensorboardX": tensorboard_x,
    "mlflow (SQLite)": mlflow,
    "wandb (offline)": wandb_offline,
    "trackio": trackio,
}


def block(log: Log, first: int, calls: int) -> List[float]:
    """The times of some calls, in microseconds."""
    clock = time.perf_counter
    times = []
    for epoch in range(first, first + calls):
        start = clock()
        log(epoch, 1.0 / (epoch + 1), 0.9)
        times.append((clock() - start) * 1e6)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=20_000, help="calls of each contender")
    size = max(parser.parse_args().calls // BLOCKS, SLOW)
    root = tempfile.mkdtemp()
    logs: Dict[str, Log] = {}
    for number, (name, start) in enumerate(CONTENDERS.items()):
        folder = os.path.join(root, str(number))
        os.mkdir(folder)
        try:
            logs[name] = start(folder)
        except ModuleNotFoundError:
            print(f"{name:16} not installed")
    sizes = {name: size if sum(block(log, 0, SLOW)) < 500 * SLOW else size // SLOW for name, log in logs.items()}
    times: Dict[str, List[float]] = {name: [] for name in logs}
    for turn in range(BLOCKS):
        for name, log in logs.items():
            times[name] += block(log, SLOW + turn * sizes[name], sizes[name])
    print(f"\n{'µs a call':16} {'p50':>8} {'p99':>8}")
    for name, measured in times.items():
        measured.sort()
        print(f"{name:16} {measured[len(measured) // 2]:8.1f} {measured[len(measured) * 99 // 100]:8.1f}")
    sys.stdout.flush()
    shutil.rmtree(root, ignore_errors=True)
    os._exit(0)  # the rivals' threads have nothing more to say


if __name__ == "__main__":
    main()
