"""The package as a guest in somebody else's Python. Proves B1 (any Python; nothing in the way of the user's own)."""

import ast
import glob
import os
import shutil
import subprocess
import sys
import unittest

from support import CLIENT, InRun

EVERY_CALL = """
import argparse, math, os, sys, xt
with xt.Run() as run:
    run.log_hparams(argparse.Namespace(lr=0.1))
    run.log_metrics({"epoch": 1, "loss": math.nan}, step_name="epoch", stage="train")
    run.log_event("done")
    run.tag_run({"best": None})
    assert run.set_checkpoint({"epoch": 1}, __file__)
    run.upload_files(__file__, "code/")
    run.download_files("code", "back")
    assert os.path.isfile("back/" + os.path.basename(__file__))
child = os.fork()
if child == 0:
    run.log_metric("loss", 1)
    os._exit(0)
os.waitpid(child, 0)
os.environ["XT_ATTEMPT"] = "2"
assert xt.Run().get_checkpoint("back.py") == {"epoch": 1}
assert xt.Store(sys.executable)
try:
    xt.Store(sys.executable).workspaces()
except xt.XtError:
    print("all done")
"""


def interpreters() -> "list[str]":
    """Every Python 3 from 3.6 on that this machine has, this one at least."""
    named = [shutil.which("python3.%d" % minor) for minor in range(6, 30)]
    managed = glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3"))
    found = {os.path.realpath(path) for path in [sys.executable] + named + managed if path}
    # pyenv's stand-ins for versions that are not selected are no interpreters.
    return sorted(path for path in found if subprocess.run([path, "-V"], capture_output=True).returncode == 0)


class Guest(InRun):
    def test_the_users_own_module_xt_wins(self) -> None:
        mine = self.dir / "mine"
        mine.mkdir()
        (mine / "xt.py").write_text("print('mine')")
        beside = self.dir / "beside"
        beside.mkdir()
        (beside / "xt.py").write_text("print('beside the script')")
        (beside / "train.py").write_text("import xt")
        env = dict(self.env, PYTHONPATH=os.pathsep.join((str(mine), str(CLIENT))))
        self.assertEqual(self.python("import xt", env).stdout, "mine\n")
        done = self.python("import runpy, sys; sys.path.insert(0, 'beside'); runpy.run_path('beside/train.py')")
        self.assertEqual(done.stdout, "beside the script\n")

    def test_the_folder_on_the_path_offers_nothing_but_xt(self) -> None:
        found = {path.name for path in CLIENT.iterdir()} - {"__pycache__"}
        self.assertEqual(found, {"xt"})

    def test_no_warning_of_python_even_as_errors(self) -> None:
        done = self.python(
            "import xt\nrun = xt.Run()\nrun.log_metrics({'a': 1})\nrun.set_checkpoint({'a': 1})\nrun.upload_files('*')",
            options=["-X", "dev"],
        )
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertEqual(done.stderr, "xt: warning: uploading: there is no file '*'\n")

    def test_import_and_logging_load_no_heavy_module(self) -> None:
        code = "import sys; sys.path.append(%r); import xt; xt.Run().log_metrics({'a': 1}); print(*sys.modules)"
        done = self.python(code % str(CLIENT), options=["-S"])
        self.assertEqual(done.stderr, "")
        loaded = set(done.stdout.split())
        heavy = {"typing", "subprocess", "socket", "threading", "urllib", "tempfile", "shutil", "glob", "dataclasses"}
        self.assertEqual(loaded & heavy, set())

    def test_every_interpreter_of_this_machine_runs_it(self) -> None:
        script = self.dir / "train.py"
        script.write_text(EVERY_CALL)
        for python in interpreters():
            with self.subTest(python):
                for path in self.events.iterdir():
                    path.unlink()
                env = dict(self.env, PYTHONPATH=str(CLIENT))
                command = [python, "-W", "error", str(script)]
                done = subprocess.run(command, env=env, cwd=self.dir, capture_output=True, text=True, check=False)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "all done\n", ""))
                told = [line["event"] for line in self.lines()]
                expected = ["hparams", "metrics", "done", "tags", "checkpoint", "metrics", "get_checkpoint"]
                self.assertEqual(sorted(told), sorted(expected))

    def test_the_syntax_is_that_of_python_3_6(self) -> None:
        for path in sorted((CLIENT / "xt").glob("*.py")):
            with self.subTest(path.name):
                tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 6))
                imports = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
                self.assertNotIn("__future__", imports)


if __name__ == "__main__":
    unittest.main()
