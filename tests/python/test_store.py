"""Reading records in a notebook, against a fake xt program. Proves A12."""

import os
import unittest
from unittest import mock

from support import InRun

import xt

FAKE = r"""#!/bin/sh
printf '%s\n' "$*" >> "$0.calls"
case "$*" in
  "list workspaces --json") echo '[{"ws":"ws1"}]' ;;
  "list "*) echo '[{"run_name":"run1","metrics":{"loss":NaN}}]' ;;
  "view run run1 --json") echo '{"run_name":"run1","hparams":{"lr":0.1}}' ;;
  "view run run2 --json") echo '{"run_name":"run2"}' ;;
  "view run text --json") echo 'hello' ;;
  "view run list --json") echo '[]' ;;
  "view metrics run1 --json") echo '[{"name":"loss","step":1,"value":0.5,"time":"2026-01-01T00:00:00Z"},{"name":"acc","step":1,"value":0.9,"time":"2026-01-01T00:00:00Z"}]' ;;
  "view console run1") printf 'caf\351 \033[31mred\r50%%\n' ;;
  "view run silent --json") exit 3 ;;
  *) echo "xt: there is no run 'run9'; did you mean run1?" >&2; exit 1 ;;
esac
"""


class FakeXt(InRun):
    def setUp(self) -> None:
        super().setUp()
        self.exe = self.dir / "xt"
        self.exe.write_text(FAKE)
        self.exe.chmod(0o755)
        self.store = xt.Store(str(self.exe))

    def calls(self) -> "list[str]":
        return (self.dir / "xt.calls").read_text().splitlines()

    def test_lists(self) -> None:
        self.assertEqual(self.store.workspaces(), [{"ws": "ws1"}])
        self.store.experiments("ws1")
        self.store.jobs(workspace="ws1")
        (run,) = self.store.runs()
        self.assertEqual(run["run_name"], "run1")
        self.assertNotEqual(run["metrics"]["loss"], run["metrics"]["loss"])
        self.store.runs("ws1", filter="lr<0.1 and more", job="job1")
        self.store.runs(filter=["a=1", "b=2"], experiment="e")
        self.assertEqual(
            self.calls()[1:],
            [
                "list experiments --workspace=ws1 --json",
                "list jobs --all --workspace=ws1 --json",
                "list runs --all --json",
                "list runs --all --workspace=ws1 --job=job1 --filter=lr<0.1 and more --json",
                "list runs --all --experiment=e --filter=a=1 --filter=b=2 --json",
            ],
        )

    def test_views(self) -> None:
        self.assertEqual(self.store.run("run1")["run_name"], "run1")
        self.assertEqual(self.store.hparams("run1"), {"lr": 0.1})
        self.assertEqual(self.store.hparams("run2"), {})
        self.assertEqual([p["value"] for p in self.store.metrics("run1")], [0.5, 0.9])
        self.assertEqual([p["value"] for p in self.store.metrics("run1", ["acc", "f1"])], [0.9])
        self.assertEqual([p["value"] for p in self.store.metrics("run1", "loss")], [0.5])
        self.assertEqual(self.store.console("run1"), "caf\ufffd \x1b[31mred\r50%\n")

    def test_an_error_is_xts_own_line(self) -> None:
        with self.assertRaises(xt.XtError) as caught:
            self.store.run("run9")
        self.assertEqual(str(caught.exception), "xt: there is no run 'run9'; did you mean run1?")

    def test_answers_that_are_none_of_the_promised(self) -> None:
        for name, said in (("text", "did not answer in JSON"), ("list", "with a record"), ("silent", "status 3")):
            with self.subTest(name), self.assertRaisesRegex(xt.XtError, said):
                self.store.run(name)
        with self.assertRaisesRegex(xt.XtError, "cannot start"):
            self.store.run("nul\0")

    def test_which_program_is_asked(self) -> None:
        with mock.patch.dict(os.environ, XT_EXE=str(self.exe)):
            self.assertEqual(len(xt.Store().workspaces()), 1)
        with mock.patch.dict(os.environ, PATH="%s:%s" % (self.dir, os.environ["PATH"])):
            self.assertEqual(len(xt.Store().workspaces()), 1)
        with mock.patch.dict(os.environ, PATH=str(self.events)):
            with self.assertRaisesRegex(xt.XtError, "put xt on the PATH or set XT_EXE"):
                xt.Store().workspaces()


if __name__ == "__main__":
    unittest.main()
