"""The lines a script writes. Proves A6, A12, P8 (full disk), and of P9 the client's side."""

import argparse
import dataclasses
import io
import math
import os
import pickle
import re
import threading
import time
import unittest
from collections import OrderedDict
from contextlib import redirect_stderr
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

from support import InRun

import xt
from xt import events


class Scalar:
    """Like a numpy scalar or a tensor of one element."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def item(self) -> Any:
        return self._value


class Array:
    """Like an array or a tensor of several elements."""

    def item(self) -> Any:
        raise ValueError("only one element tensors can be converted to Python scalars")

    def tolist(self) -> Any:
        return [1, 2.5]


class LongDouble:
    """Like numpy's longdouble, whose `item()` is another longdouble."""

    def item(self) -> Any:
        return self

    def __float__(self) -> float:
        return 0.25


@dataclasses.dataclass
class Config:
    lr: float
    layers: Any


class Lines(InRun):
    def test_a_metrics_line(self) -> None:
        before = time.time()
        xt.Run().log_metrics({"epoch": 3, "loss": 0.5}, step_name="epoch")
        (line,) = self.lines()
        self.assertTrue(before <= line.pop("time") <= time.time())
        expected = {"event": "metrics", "data": {"epoch": 3, "loss": 0.5}, "step": 3, "step_name": "epoch"}
        self.assertEqual(line, expected)

    def test_every_call_is_its_event(self) -> None:
        run = xt.Run()
        run.log_hparam("lr", 0.1)
        run.log_hparams({"hidden": 32, "name": "größe\n"})
        run.log_metric("loss", 0.5)
        run.log_metric("loss", 0.4, step=7, step_name="batch")
        run.log_event("warmed up", {"seconds": 3})
        run.log_event("done")
        run.tag_run({"best": None, "who": "me"})
        told = [(line["event"], line["data"], line.get("step"), line.get("step_name")) for line in self.lines()]
        self.assertEqual(
            told,
            [
                ("hparams", {"lr": 0.1}, None, None),
                ("hparams", {"hidden": 32, "name": "größe\n"}, None, None),
                ("metrics", {"loss": 0.5}, None, None),
                ("metrics", {"loss": 0.4}, 7, "batch"),
                ("warmed up", {"seconds": 3}, None, None),
                ("done", {}, None, None),
                ("tags", {"best": None, "who": "me"}, None, None),
            ],
        )

    def test_file_name_and_one_file_a_process(self) -> None:
        run = xt.Run()
        run.log_metric("loss", 1)
        run.close()
        run.log_metric("loss", 2)
        (path,) = self.events.iterdir()
        self.assertTrue(re.fullmatch(r".+-%d-[0-9a-f]{8}\.jsonl" % os.getpid(), path.name), path.name)
        self.assertEqual(len(self.lines()), 2)

    def test_stage_is_put_before_all_names_but_the_step(self) -> None:
        run = xt.Run()
        run.log_metrics({"epoch": 1, "loss": 0.5}, step_name="epoch", stage="train")
        run.log_metrics({"loss": 0.5}, stage="eval/")
        self.assertEqual([line["data"] for line in self.lines()], [{"epoch": 1, "train-loss": 0.5}, {"eval/loss": 0.5}])

    def test_a_missing_step_is_left_out_with_a_warning(self) -> None:
        with redirect_stderr(io.StringIO()) as said:
            xt.Run().log_metrics({"loss": 0.5}, step_name="epoch")
        (line,) = self.lines()
        self.assertNotIn("step", line)
        self.assertNotIn("step_name", line)
        self.assertIn("no entry 'epoch'", said.getvalue())

    def test_the_callers_dict_is_left_alone(self) -> None:
        metrics = {"epoch": 1, "loss": Scalar(0.5)}
        xt.Run().log_metrics(metrics, step_name="epoch", stage="train")
        self.assertEqual(list(metrics), ["epoch", "loss"])

    def test_a_step_of_another_type_becomes_a_number(self) -> None:
        xt.Run().log_metrics({"epoch": Scalar(4), "loss": 1}, step_name="epoch")
        self.assertEqual(self.lines()[0]["step"], 4)


class Values(InRun):
    def test_values_arrive_as_what_they_mean(self) -> None:
        run = xt.Run()
        table = [
            (True, True),
            (None, None),
            (10**30, 10**30),
            ("\x1b[31mred\u2028\0", "\x1b[31mred\u2028\0"),
            ([1, {"a": [2]}], [1, {"a": [2]}]),
            ((1, 2), [1, 2]),
            (Scalar(0.5), 0.5),
            (Scalar(True), True),
            ([Scalar(1)], [1]),
            (Array(), [1, 2.5]),
            (LongDouble(), 0.25),
            (Decimal("0.5"), 0.5),
            ({7}, [7]),
            (Path("/data"), "/data"),
            (Config(0.1, [1]), {"lr": 0.1, "layers": [1]}),
            (int, "<class 'int'>"),
            (1j, "1j"),
        ]
        for value, _ in table:
            run.log_metric("value", value)
        told = [line["data"]["value"] for line in self.lines()]
        for (value, expected), got in zip(table, told):
            with self.subTest(value=value):
                self.assertEqual((got, type(got)), (expected, type(expected)))
        self.assertEqual(len(told), len(table))

    def test_nan_and_infinity_are_bare_words(self) -> None:
        xt.Run().log_metrics({"a": math.nan, "b": math.inf, "c": -math.inf, "d": Scalar(math.nan)})
        text = next(self.events.iterdir()).read_text()
        self.assertIn('{"a":NaN,"b":Infinity,"c":-Infinity,"d":NaN}', text)

    def test_a_name_that_is_no_unicode_still_makes_a_valid_line(self) -> None:
        xt.Run().log_hparam("path", "caf\udce9")
        self.assertEqual(self.lines()[0]["data"], {"path": "caf?"})

    def test_hparams_of_namespaces_dataclasses_and_mappings(self) -> None:
        run = xt.Run()
        run.log_hparams(argparse.Namespace(lr=0.1, device=Path("cpu")))
        run.log_hparams(Config(0.2, (8, 8)))
        run.log_hparams(OrderedDict(lr=0.3))
        told = [line["data"] for line in self.lines()]
        self.assertEqual(told, [{"lr": 0.1, "device": "cpu"}, {"lr": 0.2, "layers": [8, 8]}, {"lr": 0.3}])

    def test_what_cannot_be_logged_warns_once_and_raises_never(self) -> None:
        class Hostile:
            def item(self) -> Any:
                raise SystemError("boom")

            def __str__(self) -> str:
                raise ZeroDivisionError("boom")

        circle: Any = []
        circle.append(circle)
        run = xt.Run()
        with redirect_stderr(io.StringIO()) as said:
            run.log_metric("value", Hostile())
            run.log_metric("value", circle)
            run.log_metrics(None)
            run.log_metrics("loss", step_name="epoch")
            run.log_hparams(7)
            run.log_hparams({(1, 2): 3})
            run.tag_run(None)  # type: ignore[arg-type]
        run.log_metric("loss", 1)
        self.assertEqual([line["data"] for line in self.lines()], [{"loss": 1}])
        self.assertEqual(said.getvalue().count("\n"), 1, said.getvalue())

    def test_an_event_over_the_limit_is_refused(self) -> None:
        run = xt.Run()
        with redirect_stderr(io.StringIO()) as said:
            run.log_hparam("text", "x" * events.MAX_LINE)
        self.assertIn("over the limit", said.getvalue())
        fits = events.MAX_LINE - 200
        run.log_hparam("text", "x" * fits)
        self.assertEqual([len(line["data"]["text"]) for line in self.lines()], [fits])


class ThreadsAndProcesses(InRun):
    def test_no_line_of_eight_threads_is_torn(self) -> None:
        run = xt.Run()
        start = threading.Barrier(8)

        def work(number: int) -> None:
            start.wait()
            for i in range(1250):
                run.log_metrics({"i": i, "thread": number, "pad": "x" * (i % 300)}, step_name="i")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(list(self.events.iterdir())), 1)
        told = [(line["data"]["thread"], line["step"]) for line in self.lines()]
        self.assertEqual(len(told), 10_000)
        for number in range(8):
            self.assertEqual([step for thread, step in told if thread == number], list(range(1250)))

    def test_a_racing_open_leaks_no_file(self) -> None:
        run = xt.Run()
        run.log_metric("n", 0)
        file = run._events
        assert file is not None
        before = len(os.listdir("/proc/self/fd"))
        self.assertEqual(file._open(), file._fds[os.getpid()])
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)

    def test_forked_and_spawned_processes_write_files_of_their_own(self) -> None:
        code = """
import multiprocessing, xt
def work(run, n):
    for i in range(100):
        run.log_metric("n", n, step=i)
if __name__ == "__main__":
    run = xt.Run()
    run.log_metric("n", -1)
    for method in ("fork", "spawn"):
        context = multiprocessing.get_context(method)
        children = [context.Process(target=work, args=(run, n)) for n in range(2)]
        for child in children: child.start()
        for child in children: child.join()
    run.log_metric("n", -1)
"""
        script = self.dir / "train.py"
        script.write_text(code)
        done = self.python("import runpy; runpy.run_path('train.py', run_name='__main__')")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        per_file = {}
        for path in self.events.iterdir():
            per_file[path.name] = len(path.read_text().splitlines())
        self.assertEqual(sorted(per_file.values()), [2, 100, 100, 100, 100], per_file)
        self.assertEqual(len(self.lines()), 402)

    def test_a_copy_does_not_close_the_originals_file(self) -> None:
        run = xt.Run()
        run.log_metric("n", 1)
        copy = pickle.loads(pickle.dumps(run))
        copy.log_metric("n", 2)
        copy.close()
        del copy
        run.log_metric("n", 3)
        self.assertEqual([line["data"]["n"] for line in self.lines()], [1, 2, 3])

    def test_a_forgotten_run_closes_its_file(self) -> None:
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(20):
            xt.Run().log_metric("n", 1)
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)


class Trouble(InRun):
    def test_a_full_disk_prints_one_warning_and_the_training_goes_on(self) -> None:
        real = os.open
        with mock.patch("xt.events.os.open", lambda path, *rest: real("/dev/full", *rest)):
            with redirect_stderr(io.StringIO()) as said:
                with xt.Run() as run:
                    for i in range(100):
                        run.log_metrics({"i": i}, step_name="i")
        self.assertEqual(said.getvalue().count("\n"), 1, said.getvalue())
        self.assertIn("No space left", said.getvalue())
        self.assertEqual(self.lines(), [])

    def test_a_line_cut_by_a_full_disk_does_not_take_the_next_with_it(self) -> None:
        # The limit on a file's size makes the system write a part of a line, as a disk does that becomes full.
        done = self.python(
            """
import resource, xt
run = xt.Run()
run.log_event("first")
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
run.log_event("cut", {"text": "x" * 200})
run.log_event("lost")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
run.log_event("next")
run.log_event("last")
"""
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        lines = next(self.events.iterdir()).read_text().splitlines()
        self.assertEqual(len(lines), 4)
        self.assertTrue(lines[1].startswith('{"event":"cut"') and not lines[1].endswith("}"), lines[1])
        for line, name in ((lines[0], "first"), (lines[2], "next"), (lines[3], "last")):
            self.assertIn('"event":"%s"' % name, line)

    def test_a_missing_directory_and_a_closed_stderr_do_no_harm(self) -> None:
        env = dict(self.env, XT_EVENTS=str(self.dir / "gone"))
        done = self.python("import sys, xt; sys.stderr = None; xt.Run().log_metric('a', 1); print('on')", env)
        self.assertEqual((done.returncode, done.stdout), (0, "on\n"))
        self.assertFalse((self.dir / "gone").exists())


if __name__ == "__main__":
    unittest.main()
