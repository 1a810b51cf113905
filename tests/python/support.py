"""What the tests of the Python client share: a directory of their own, and the environment of a run in it."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict, List, Optional
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT / "assets" / "python"
sys.path.insert(0, str(CLIENT))


class InRun(unittest.TestCase):
    """A test inside a run: `self.dir` is its own, `self.events` and `self.files` are the run's folders."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = Path(folder.name)
        self.events = self.dir / "events"
        self.files = self.dir / "runs" / "run7.3"
        self.events.mkdir()
        self.files.mkdir(parents=True)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("XT_")}
        self.env = dict(
            clean,
            XT_RUN_NAME="run7.3",
            XT_WORKSPACE_NAME="ws1",
            XT_EXPERIMENT_NAME="exper1",
            XT_JOB_ID="job7",
            XT_NODE_ID="node0",
            XT_OUTPUT_DIR=str(self.dir / "output"),
            XT_ATTEMPT="1",
            XT_EVENTS=str(self.events),
            XT_RUN_FILES=str(self.files),
        )
        self.use_env(self.env)

    def use_env(self, env: Dict[str, str]) -> None:
        """Let the test, from here on, run in exactly this environment."""
        patch = mock.patch.dict(os.environ, env, clear=True)
        patch.start()
        self.addCleanup(patch.stop)

    def lines(self) -> List[Dict[str, Any]]:
        """Every event written so far, file by file; fails on a line that is not whole."""
        events = []
        for path in sorted(self.events.iterdir()):
            content = path.read_bytes()
            self.assertTrue(content.endswith(b"\n"), path)
            events += [json.loads(line) for line in content.splitlines()]
        return events

    def python(
        self, code: str, env: Optional[Dict[str, str]] = None, options: Optional[List[str]] = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run Python code in a process of its own that finds the client, in the test's environment unless given."""
        env = dict(self.env if env is None else env)
        env.setdefault("PYTHONPATH", str(CLIENT))
        command = [sys.executable, "-W", "error", *(options or []), "-c", code]
        return subprocess.run(command, env=env, cwd=self.dir, capture_output=True, text=True, check=False)
