"""What a script knows of its run, its checkpoints and its files. Proves A6, A12, P7 (no reader sees half a file)."""

import io
import json
import os
import unittest
from contextlib import redirect_stderr
from pathlib import Path
from unittest import mock

from support import InRun

import xt

def tree(folder: Path) -> "dict[str, str]":
    """Each file below a folder, with its content."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


class OutsideXt(InRun):
    def test_every_call_succeeds_and_does_nothing(self) -> None:
        self.use_env({name: value for name, value in os.environ.items() if not name.startswith("XT_")})
        with mock.patch("subprocess.Popen", side_effect=AssertionError("nothing may be started")):
            with redirect_stderr(io.StringIO()) as said, xt.Run() as run:
                run.log_hparam("lr", 0.1)
                run.log_hparams({"lr": 0.1})
                run.log_metric("loss", 0.5)
                run.log_metrics({"loss": 0.5}, step_name="epoch")
                run.log_event("hello", {})
                run.tag_run({"a": 1})
                run.tag_job({"a": 1})
                run.upload_files("nothing")
                run.download_files("nothing")
                self.assertFalse(run.set_checkpoint({"epoch": 1}))
                self.assertIsNone(run.get_checkpoint())
                self.assertFalse(run.clear_checkpoint())
                self.assertFalse(run.resuming)
                for name in ("run_name", "ws_name", "exper_name", "job_id", "node_id", "attempt", "output_dir"):
                    self.assertIsNone(getattr(run, name), name)
        self.assertEqual(said.getvalue(), "")
        self.assertEqual(tree(self.dir), {})


class InsideXt(InRun):
    def test_the_run_knows_its_place(self) -> None:
        run = xt.Run()
        self.assertEqual((run.run_name, run.ws_name, run.exper_name), ("run7.3", "ws1", "exper1"))
        self.assertEqual((run.job_id, run.node_id, run.attempt), ("job7", "node0", 1))
        self.assertEqual(run.output_dir, str(self.dir / "output"))
        self.assertFalse(run.is_resuming())

    def test_a_second_attempt_and_a_continued_run_are_resuming(self) -> None:
        for change in ({"XT_ATTEMPT": "2"}, {"XT_RESUME_NAME": "run3"}):
            with self.subTest(change), mock.patch.dict(os.environ, change):
                self.assertTrue(xt.Run().resuming)

    def test_a_silent_rank_logs_nothing(self) -> None:
        xt.Run(xt_logging=False).log_metrics({"loss": 1})
        self.assertEqual(self.lines(), [])

    def test_options_of_xtlib_are_accepted_and_mistakes_are_not(self) -> None:
        xt.Run(xt_logging=True, aml_logging=True, checkpoints_enabled=True, tensorboard_path="logs")
        with self.assertRaisesRegex(TypeError, "xt_loging"):
            xt.Run(xt_loging=False)


class Checkpoints(InRun):
    def resumed(self) -> xt.Run:
        with mock.patch.dict(os.environ, XT_ATTEMPT="2"):
            return xt.Run()

    def test_the_next_attempt_finds_the_last_checkpoint(self) -> None:
        model = self.dir / "model.pt"
        run = xt.Run()
        self.assertIsNone(self.resumed().get_checkpoint())
        for epoch in (1, 2):
            model.write_text("weights %d" % epoch)
            self.assertTrue(run.set_checkpoint({"epoch": epoch}, str(model)))
        self.assertIsNone(run.get_checkpoint())
        back = self.dir / "back.pt"
        self.assertEqual(self.resumed().get_checkpoint(str(back)), {"epoch": 2})
        self.assertEqual(back.read_text(), "weights 2")
        self.assertEqual(set(tree(self.files)), {"checkpoints/file.dat", "checkpoints/dict_cp.json"})
        run.close()
        told = [(line["event"], line["data"]) for line in self.lines() if line["event"] == "checkpoint"]
        self.assertEqual(told[-1], ("checkpoint", {"epoch": 2, "path": "checkpoints/file.dat"}))

    def test_a_cleared_checkpoint_is_gone(self) -> None:
        xt.Run().set_checkpoint({"epoch": 1})
        self.assertTrue(xt.Run().clear_checkpoint())
        self.assertIsNone(self.resumed().get_checkpoint())

    def test_a_continued_run_is_read_from_its_own_folder(self) -> None:
        other = self.files.parent / "run3" / "checkpoints"
        other.mkdir(parents=True)
        (other / "dict_cp.json").write_text('{"epoch": 9}')
        with mock.patch.dict(os.environ, XT_RESUME_NAME="run3"):
            self.assertEqual(xt.Run().get_checkpoint(), {"epoch": 9})

    def test_an_earlier_attempt_has_got_further_than_what_is_resumed(self) -> None:
        other = self.files.parent / "run3" / "checkpoints"
        other.mkdir(parents=True)
        (other / "dict_cp.json").write_text('{"epoch": 9}')
        with mock.patch.dict(os.environ, XT_RESUME_NAME="run3", XT_ATTEMPT="2"):
            self.assertEqual(xt.Run().get_checkpoint(), {"epoch": 9})
            xt.Run().set_checkpoint({"epoch": 11})
            self.assertEqual(xt.Run().get_checkpoint(), {"epoch": 11})

    def test_a_checkpoint_that_cannot_be_kept_warns(self) -> None:
        with redirect_stderr(io.StringIO()) as said:
            run = xt.Run()
            self.assertFalse(run.set_checkpoint({"epoch": 1}, str(self.dir / "missing.pt")))
            self.assertFalse(run.set_checkpoint(None))  # type: ignore[arg-type]
        self.assertIn("missing.pt", said.getvalue())
        self.assertEqual(said.getvalue().count("\n"), 1)

    def test_a_damaged_checkpoint_is_not_taken_for_none(self) -> None:
        (self.files / "checkpoints").mkdir()
        (self.files / "checkpoints" / "dict_cp.json").write_text('{"epoch"')
        with self.assertRaises(xt.XtError):
            self.resumed().get_checkpoint()


class Files(InRun):
    def setUp(self) -> None:
        super().setUp()
        work = self.dir / "work"
        for path in ("model.pt", "logs/a.csv", "logs/deep/b.csv", "logs/c.txt", ".hydra/config", "logs/.x.xt-part"):
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_text(path)
        self.work = work

    def test_upload_puts_files_where_cp_would(self) -> None:
        table = [
            ("model.pt", None, {"model.pt"}),
            ("model.pt", "best.pt", {"best.pt"}),
            ("model.pt", "models/", {"models/model.pt"}),
            ("logs", None, {"logs/a.csv", "logs/deep/b.csv", "logs/c.txt"}),
            ("logs/", "kept", {"kept/a.csv", "kept/deep/b.csv", "kept/c.txt"}),
            (".hydra", None, {".hydra/config"}),
            ("logs/*.csv", None, {"a.csv"}),
            ("logs/**/*.csv", "csv", {"csv/a.csv", "csv/deep/b.csv"}),
        ]
        for number, (source, target, expected) in enumerate(table):
            with self.subTest(source=source, target=target):
                folder = self.dir / "runs" / str(number)
                with mock.patch.dict(os.environ, XT_RUN_FILES=str(folder)):
                    xt.Run().upload_files(str(self.work) + "/" + source, target)
                self.assertEqual(set(tree(folder)), expected)

    def test_download_brings_back_what_was_uploaded(self) -> None:
        run = xt.Run()
        run.upload_files(str(self.work / "logs"), "kept/logs")
        back = self.dir / "back"
        run.download_files("kept/logs", str(back))
        self.assertEqual(tree(back), {name: "logs/" + name for name in ("a.csv", "deep/b.csv", "c.txt")})
        run.download_files("kept/logs/*.txt", str(self.dir / "text"))
        self.assertEqual(set(tree(self.dir / "text")), {"c.txt"})
        run.download_files("kept/logs/a.csv", str(back))
        self.assertEqual((back / "a.csv").read_text(), "logs/a.csv")

    def test_what_is_missing_warns_on_the_way_up_and_raises_on_the_way_down(self) -> None:
        with redirect_stderr(io.StringIO()) as said:
            xt.Run().upload_files("missing.pt")
        self.assertIn("there is no file 'missing.pt'", said.getvalue())
        with self.assertRaisesRegex(xt.XtError, "there is no file 'missing.pt'"):
            xt.Run().download_files("missing.pt")

    def test_files_of_another_run_are_found_beside(self) -> None:
        other = self.files.parent / "run3" / "after" / "output"
        other.mkdir(parents=True)
        (other / "model.pt").write_text("weights")
        xt.Run().download_files("after/output/model.pt", str(self.dir / "model.pt"), run_name="run3")
        self.assertEqual((self.dir / "model.pt").read_text(), "weights")
        for name in ("../ws2/runs/run3", "..", "/etc"):
            with self.subTest(name), self.assertRaisesRegex(xt.XtError, "is no run of this workspace"):
                xt.Run().download_files("passwd", str(self.dir / "stolen"), run_name=name)

    def test_no_path_leads_out_of_the_runs_folder(self) -> None:
        for path in ("../run8/model.pt", "/etc/passwd", "a/../../x"):
            with self.subTest(path), self.assertRaisesRegex(xt.XtError, "not a path inside"):
                xt.Run().download_files(path, str(self.dir / "stolen"))
            with redirect_stderr(io.StringIO()) as said:
                xt.Run().upload_files(str(self.work / "model.pt"), path)
            self.assertIn("not a path inside", said.getvalue())

    def test_a_copy_that_fails_leaves_the_old_file_and_no_rest(self) -> None:
        run = xt.Run()
        run.upload_files(str(self.work / "model.pt"), "model.pt")

        def half(_source: str, target: str) -> None:
            Path(target).write_text("half")
            raise OSError("No space left on device")

        with mock.patch("shutil.copy", half), redirect_stderr(io.StringIO()) as said:
            run.upload_files(str(self.work / "logs" / "a.csv"), "model.pt")
        self.assertIn("No space left", said.getvalue())
        self.assertEqual(tree(self.files), {"model.pt": "model.pt"})


class Unreachable(InRun):
    """What cannot be done is a warning when it leaves nothing undone that the script needs, else an error."""

    def test_without_a_folder_of_the_store_it_is_said(self) -> None:
        env = dict(self.env, XT_ATTEMPT="2")
        del env["XT_RUN_FILES"]
        self.use_env(env)
        with redirect_stderr(io.StringIO()) as said:
            xt.Run().upload_files("model.pt")
            self.assertFalse(xt.Run().set_checkpoint({"epoch": 1}))
        self.assertEqual(said.getvalue().count("XT_RUN_FILES is not set"), 2)
        for ask in (xt.Run().get_checkpoint, lambda: xt.Run().download_files("model.pt")):
            with self.assertRaisesRegex(xt.XtError, "XT_RUN_FILES is not set"):
                ask()

    def test_the_programs_error_line_is_the_warning(self) -> None:
        exe = self.dir / "xt"
        exe.write_text("#!/bin/sh\necho 'xt: no space' >&2; exit 1\n")
        exe.chmod(0o755)
        self.use_env(dict(self.env, XT_EXE=str(exe)))
        with redirect_stderr(io.StringIO()) as said:
            xt.Run().tag_job({"good": None})
        self.assertEqual(said.getvalue(), "xt: warning: tagging the job: xt: no space\n")


if __name__ == "__main__":
    unittest.main()
