#!/usr/bin/env python3
"""R1 of the targets as whole processes: list 30,000 runs of 20 parameters and 20 metrics with a filter and a sort.

    python3 benches/list_runs.py [--mlflow-runs=1000] [--xt=target/release/xt]

The rival is MLflow on its SQLite store, where `~/.cache/xt-bench/venv` has it (pip install mlflow). Filling MLflow's
store takes about 20 ms a run, hence the smaller number there; its time grows with the number of runs.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

FILL = """
import sys, mlflow
from mlflow.tracking import MlflowClient
from mlflow.entities import Metric, Param
mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
experiment = client.create_experiment("exper1")
for index in range(int(sys.argv[2])):
    run = client.create_run(experiment).info.run_id
    value = lambda place: ((index * 7919 + place * 104729) % 10007) / 10007
    client.log_batch(
        run,
        metrics=[Metric(f"m{place}", value(place), 0, 0) for place in range(20)],
        params=[Param(f"p{place}", str(value(place))) for place in range(20)],
    )
"""

LIST = """
import sys
from mlflow.tracking import MlflowClient
client = MlflowClient(sys.argv[1])
experiment = client.get_experiment_by_name("exper1").experiment_id
for run in client.search_runs([experiment], "metrics.m3 < 0.5 and metrics.m4 > 0.25", order_by=["metrics.m7 DESC"], max_results=25):
    print(run.info.run_name, run.data.metrics["m7"])
"""


def times(command: list, env: dict, count: int) -> list:
    """Milliseconds of so many calls; the first is the cold one."""
    found = []
    for _ in range(count):
        start = time.perf_counter()
        subprocess.run(command, env=env, check=True, capture_output=True)
        found.append((time.perf_counter() - start) * 1000)
    return found


def main() -> None:
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mlflow-runs", type=int, default=1000)
    parser.add_argument("--xt", default=str(root / "target/release/xt"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "XT_HOME": f"{folder}/home"}
        fill = {**env, "XT_BENCH_FILL": env["XT_HOME"]}
        subprocess.run(["cargo", "bench", "--bench", "store"], cwd=root, env=fill, check=True, capture_output=True)
        words = ["list", "runs", "--filter=hparams.p3<0.5 metrics.m4>0.25", "--sort=metrics.m7", "--last=25"]
        found = times([options.xt, *words], env, 21)
        subprocess.run([options.xt, "cancel", "all", "--yes"], env=env, capture_output=True)
        print(f"xt, 30000 runs, ms: first {found[0]:.1f}, median {statistics.median(found[1:]):.1f}")
        python = Path.home() / ".cache/xt-bench/venv/bin/python"
        if not python.exists():
            print("MLflow is not installed: see --help")
            return
        store = f"sqlite:///{folder}/mlflow.db"
        subprocess.run([python, "-c", FILL, store, str(options.mlflow_runs)], check=True, capture_output=True)
        found = times([str(python), "-c", LIST, store], dict(os.environ), 4)
        version = subprocess.run([python, "-m", "mlflow", "--version"], capture_output=True, text=True).stdout.strip()
        print(f"{version}, {options.mlflow_runs} runs, ms: first {found[0]:.1f}, median {statistics.median(found[1:]):.1f}")


if __name__ == "__main__":
    main()
