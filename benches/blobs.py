#!/usr/bin/env python3
"""N5 of the targets as whole processes: small and large files to Azure Blob and back, beside the service's own SDK.

    python3 benches/blobs.py [--small=10000] [--large=10] [--megabytes=1000] [--xt=target/release/xt]

The service is Azurite, Microsoft's emulator, which `./test` installs; it is one process of Node.js and by far the slowest
part, so that what can be compared here is what each program adds, and its memory. The rival is azure-storage-blob in
`~/.cache/xt-bench/azure` (python3 -m venv, pip install azure-storage-blob), with as many transfers at once as xt has.
Each is measured with a container of its own, in turn.
"""

import argparse
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import figures

KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
AZURITE = Path.home() / ".cache/xt-tests/azurite-3.35.0/node_modules/.bin/azurite-blob"
RIVAL = Path.home() / ".cache/xt-bench/azure/bin/python"

SDK = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from azure.storage.blob import BlobServiceClient
way, endpoint, key, name, folder = sys.argv[1:]
account = BlobServiceClient(endpoint, credential=key, max_single_put_size=4 << 20, max_block_size=4 << 20)
container = account.get_container_client(name)
if not container.exists():
    container.create_container()
folder = Path(folder)
def up(path):
    with path.open("rb") as file:
        container.upload_blob(str(path.relative_to(folder)), file, overwrite=True, max_concurrency=4, validate_content=True)
def down(blob):
    path = folder / blob.name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        container.download_blob(blob.name, max_concurrency=4, validate_content=True).readinto(file)
with ThreadPoolExecutor(16) as pool:
    work = (up, [path for path in folder.rglob("*") if path.is_file()]) if way == "up" else (down, container.list_blobs())
    list(pool.map(*work))
"""


def measure(command: list, env: dict) -> tuple:
    """Seconds and the most memory of a process, in megabytes."""
    start = time.perf_counter()
    child = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{command[:3]} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def fill(folder: Path, count: int, size: int) -> None:
    for number in range(count):
        path = folder / f"{number % 100:02}" / str(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for start in range(0, size, 1 << 20):
                file.write(os.urandom(min(1 << 20, size - start)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=10)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--xt", default=str(figures.ROOT / "target/release/xt"))
    options = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "azurite").mkdir()
        words = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(folder / "azurite")]
        server = subprocess.Popen([AZURITE, *words, "--silent", "--disableTelemetry", "--skipApiVersionCheck"])
        try:
            compare(options, folder, f"http://127.0.0.1:{port}/devstoreaccount1", port)
        finally:
            server.kill()
            server.wait()


def compare(options, folder: Path, endpoint: str, port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.05)
    env = {**os.environ, "XT_HOME": str(folder / "home"), "XT_MACHINE": str(folder / "machine"), "BENCH_KEY": KEY}
    config = folder / "home/config/xt_config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(
        f"external-services:\n  bench: {{type: storage, provider: azure-blob, key: '$env:BENCH_KEY', endpoint: '{endpoint}'}}\n"
        "xt-services: {storage: bench}\n"
    )
    figures.head(options.xt)
    kinds = [("small", options.small, 10_000), ("large", options.large, options.megabytes * 1_000_000)]
    for kind, count, size in kinds:
        source = folder / kind
        fill(source, count, size)
        what = f"{count} files of {size:,} bytes"
        for way in ["up", "down"]:
            here = source if way == "up" else folder / f"{kind}-xt"
            own = [options.xt, "upload", f"{here}/**", kind] if way == "up" else [options.xt, "download", kind, str(here)]
            seconds, memory = measure(own, env)
            rival = "not installed: see --help"
            if RIVAL.exists():
                there = source if way == "up" else folder / f"{kind}-sdk"
                words = [str(RIVAL), "-c", SDK, way, endpoint, KEY, f"sdk-{kind}", str(there)]
                other, more = measure(words, dict(os.environ))
                rival = f"{other:.1f} s, {more:.0f} MB"
            figure = f"{seconds:.1f} s, {memory:.0f} MB"
            figures.show("N5", f"{what} {way}", figure, "faster than the SDK", rival)


if __name__ == "__main__":
    main()
