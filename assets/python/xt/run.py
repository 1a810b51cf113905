"""The run a training script is: hyperparameters, metrics, events, tags, checkpoints and files."""

import os

from .events import EventFile
from .files import RunFiles
from .program import XtError, ask, option
from .values import as_dict, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Union

CHECKPOINT_FILE = "checkpoints/file.dat"
CHECKPOINT_DICT = "checkpoints/dict_cp.json"

_XTLIB_OPTIONS = frozenset(
    ("aml_logging", "auto_close", "config", "store", "supress_normal_output", "tb_path", "tensorboard_path")
)


class Run:
    """The run this script is, or an idle stand-in when the script was not started by xt.

    It has the methods of XTLib's `Run`, so that a script is ported by changing `from xtlib.run import Run` to
    `from xt import Run`. Logging appends a line to a file and never waits for a network. Logging and uploading never
    raise into the script: the first failure of each kind puts a warning on stderr, and the training goes on. One
    object may be used from many threads, and in forked and spawned processes.

    Attributes, None outside xt: `run_name`, `ws_name` (workspace), `exper_name` (experiment), `job_id`, `node_id`;
    `attempt` (1 at the first start, 2 at the first retry, …); `output_dir` (xt collects its files at the end);
    `resume_name` (the run this one continues, if any). `resuming` says whether an earlier attempt or run may have
    left a checkpoint.
    """

    def __init__(self, xt_logging: bool = True, checkpoints_enabled: bool = True, **xtlib_options: "Any") -> None:
        """Join the run that the environment describes.

        `xt_logging=False` silences this object (for those ranks of a distributed training that should not log).
        XTLib's other options are accepted and have no effect.
        """
        unknown = set(xtlib_options) - _XTLIB_OPTIONS
        if unknown:
            raise TypeError("Run() has no option " + ", ".join(sorted(unknown)))
        env = os.environ.get
        self.run_name = env("XT_RUN_NAME")
        self.ws_name = env("XT_WORKSPACE_NAME")
        self.exper_name = env("XT_EXPERIMENT_NAME")
        self.job_id = env("XT_JOB_ID")
        self.node_id = env("XT_NODE_ID")
        self.output_dir = env("XT_OUTPUT_DIR")
        self.resume_name = env("XT_RESUME_NAME")
        attempt = env("XT_ATTEMPT", "")
        self.attempt = int(attempt) if attempt.isdigit() else None
        self.resuming = bool(self.resume_name) or (self.attempt or 1) > 1
        events = env("XT_EVENTS")
        self._events = EventFile(events) if events and xt_logging else None
        self._folder = env("XT_RUN_FILES") or None
        self._files = RunFiles(self._folder)
        self._checkpoints = checkpoints_enabled and self.run_name is not None
        self._warned = set()  # type: set[str]

    def log_hparam(self, name: str, value: "Any") -> None:
        """Record one hyperparameter."""
        self._log("hparams", {name: value})

    def log_hparams(self, data_dict: "Any") -> None:
        """Record hyperparameters: a dict, an `argparse.Namespace` or a dataclass."""
        self._log("hparams", data_dict)

    def log_metric(
        self, name: str, value: "Any", step: "Optional[float]" = None, step_name: "Optional[str]" = None
    ) -> None:
        """Record one metric. Without `step`, its points are counted as they come."""
        self._log("metrics", {name: value}, step, step_name)

    def log_metrics(self, data_dict: "Any", step_name: "Optional[str]" = None, stage: "Optional[str]" = None) -> None:
        """Record metrics that belong to one step.

        `step_name` names the entry that holds the step's number (`step_name="epoch"`); without it, the points of a
        metric are counted as they come. `stage="train"` puts `train-` before the other names; a stage that ends in a
        delimiter of its own (`"train/"`) is put there as it is.
        """
        events = self._events
        if events is None:
            return
        try:
            step = None
            if step_name is not None or stage:
                data_dict = as_dict(data_dict)
                step = data_dict.get(step_name)
                if step is None and step_name is not None:
                    self._warn("step", "the metrics have no entry '%s', so their step is left out" % step_name)
                if stage:
                    prefix = stage + "-" if stage[-1].isalnum() else stage
                    data_dict = {k if k == step_name else prefix + k: v for k, v in data_dict.items()}
            events.append("metrics", data_dict, step, step_name)
        except Exception as error:  # a log call must not end the training, whatever it was given
            self._warn("logging", error)

    def log_event(self, event_name: str, data_dict: "Any" = None) -> None:
        """Record an event of the script's own; it is shown in the run's event log."""
        self._log(event_name, {} if data_dict is None else data_dict)

    def tag_run(self, tag_dict: "Dict[str, Any]") -> None:
        """Tag this run; the value None makes a tag without a value."""
        self._log("tags", tag_dict)

    def tag_job(self, tag_dict: "Dict[str, Any]") -> None:
        """Tag this run's job. This asks the xt program, so it takes longer than a log call."""
        if self.job_id is None or not tag_dict:
            return
        tags = ",".join(name if value is None else "%s=%s" % (name, value) for name, value in tag_dict.items())
        try:
            ask(["set", "tags", self.job_id, tags] + option("workspace", self.ws_name))
        except XtError as error:
            self._warn("tagging the job", error)

    def is_resuming(self) -> bool:
        """Whether an earlier attempt or run may have left a checkpoint."""
        return self.resuming

    def set_checkpoint(self, dict_cp: "Dict[str, Any]", fn_cp: "Optional[str]" = None) -> bool:
        """Keep `dict_cp`, and a copy of the file `fn_cp`, for the attempt that resumes this run.

        Each is replaced whole, the dictionary last. Answers whether the checkpoint was kept.
        """
        if not self._checkpoints:
            return False
        import tempfile

        try:
            data = as_dict(dict_cp)
            with tempfile.TemporaryDirectory() as folder:
                text = os.path.join(folder, "dict_cp.json")
                with open(text, "w", encoding="utf-8", errors="replace") as file:
                    file.write(encode(data))
                if fn_cp:
                    self._files.upload(fn_cp, CHECKPOINT_FILE)
                self._files.upload(text, CHECKPOINT_DICT)
        except Exception as error:  # as for a log call
            self._warn("the checkpoint is not kept", error)
            return False
        self._log("checkpoint", dict(data, path=CHECKPOINT_FILE if fn_cp else CHECKPOINT_DICT))
        return True

    def get_checkpoint(self, fn_cp_dest: "Optional[str]" = None) -> "Optional[Dict[str, Any]]":
        """Give the dictionary of the last checkpoint, and copy its file to `fn_cp_dest`.

        An earlier attempt of this run has got further than the run that it resumes (`resume_name`), so its own
        checkpoint is looked for first. None when this run resumes nothing, or nothing was kept. Raises `XtError` or
        OSError when there is a checkpoint that cannot be read: to start from the beginning would overwrite it.
        """
        if not self._checkpoints:
            return None
        places = [self._files] if (self.attempt or 1) > 1 else []
        if self.resume_name:
            places.append(self._files_of(self.resume_name))
        files = next((place for place in places if place.exists(CHECKPOINT_DICT)), None)
        if files is None:
            return None
        import json
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            text = os.path.join(folder, "dict_cp.json")
            files.download(CHECKPOINT_DICT, text)
            with open(text, encoding="utf-8") as file:
                try:
                    dict_cp = json.load(file)  # type: Dict[str, Any]
                except ValueError as error:
                    raise XtError("the checkpoint '%s' is damaged: %s" % (CHECKPOINT_DICT, error))
        if fn_cp_dest:
            files.download(CHECKPOINT_FILE, fn_cp_dest)
        self._log("get_checkpoint", dict_cp)
        return dict_cp

    def clear_checkpoint(self) -> bool:
        """Forget this run's checkpoint, so that the next attempt starts as the first one did."""
        if not self._checkpoints:
            return False
        try:
            self._files.delete(CHECKPOINT_DICT)
            self._files.delete(CHECKPOINT_FILE)
        except (OSError, XtError) as error:
            self._warn("the checkpoint is not cleared", error)
            return False
        self._log("clear_checkpoint", {})
        return True

    def upload_files(self, local_path: str, store_path: "Optional[str]" = None) -> None:
        """Copy a file, a folder or what a pattern (`*.csv`, `logs/**`) finds to this run's files in the store.

        As with `cp`, a single file gets the name `store_path` unless that is a folder or ends in `/`; the files of a
        folder or a pattern keep their places below it.
        """
        if self.run_name is None:
            return
        try:
            self._files.upload(local_path, store_path)
        except (OSError, XtError) as error:
            self._warn("uploading", error)

    def download_files(
        self, store_path: str, local_path: "Optional[str]" = None, run_name: "Optional[str]" = None
    ) -> None:
        """Copy files of this run in the store to this machine, the opposite of `upload_files`.

        With `run_name`, those of another run of the workspace, such as `resume_name`. Raises `XtError` or OSError
        when that fails: a script must not go on without its data.
        """
        if self.run_name is not None:
            files = self._files if run_name is None else self._files_of(run_name)
            files.download(store_path, local_path)

    def close(self) -> None:
        """Close this process's event file. A later log call opens it again."""
        if self._events is not None:
            self._events.close()

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_exception: "Any") -> None:
        self.close()

    def _files_of(self, run_name: str) -> RunFiles:
        if not run_name.startswith("run") or "/" in run_name:
            raise XtError("'%s' is no run of this workspace" % run_name)
        # The runs of a workspace have their folders side by side.
        beside = self._folder and os.path.join(os.path.dirname(self._folder.rstrip("/")), run_name)
        return RunFiles(beside)

    def _log(self, event: str, data: "Any", step: "Any" = None, step_name: "Optional[str]" = None) -> None:
        if self._events is None:
            return
        try:
            self._events.append(event, data, step, step_name)
        except Exception as error:  # a log call must not end the training, whatever it was given
            self._warn("logging", error)

    def _warn(self, what: str, error: "Union[str, Exception]") -> None:
        """Say it once for each kind of call: a full disk must not fill the console too."""
        if what in self._warned:
            return
        self._warned.add(what)
        import sys

        try:
            sys.stderr.write("xt: warning: %s: %s\n" % (what, str(error) or type(error).__name__))
        except Exception:  # there is no stderr, or it is on the same full disk
            pass
