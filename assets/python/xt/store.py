"""Reading xt's records from a notebook."""

from .program import XtError, ask, ask_json, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Union


class Store:
    """What xt knows: each question runs the xt program (`$XT_EXE`, or `xt` of the PATH) once.

    Records are dicts with xt's field names (`run_name`, `status`, `hparams`, `metrics`, …). A run's name may carry its
    workspace (`"ws1/run7.3"`). Every method raises `XtError` with the program's own error line.
    """

    def __init__(self, exe: "Optional[str]" = None) -> None:
        """Ask the program `exe` instead of `$XT_EXE` or `xt`."""
        self._exe = exe

    def workspaces(self) -> "List[Dict[str, Any]]":
        """All workspaces."""
        return self._list(["list", "workspaces"])

    def experiments(self, workspace: "Optional[str]" = None) -> "List[Dict[str, Any]]":
        """The experiments of a workspace."""
        return self._list(["list", "experiments"] + option("workspace", workspace))

    def jobs(self, workspace: "Optional[str]" = None) -> "List[Dict[str, Any]]":
        """The jobs of a workspace."""
        return self._list(["list", "jobs", "--all"] + option("workspace", workspace))

    def runs(
        self,
        workspace: "Optional[str]" = None,
        filter: "Union[None, str, Sequence[str]]" = None,
        experiment: "Optional[str]" = None,
        job: "Optional[str]" = None,
    ) -> "List[Dict[str, Any]]":
        """The runs of a workspace that match: `runs(filter="lr<0.1")`, `runs(filter=["lr<0.1", "acc>0.9"])`."""
        args = ["list", "runs", "--all"]
        args += option("workspace", workspace) + option("experiment", experiment) + option("job", job)
        for each in [filter] if isinstance(filter, str) else filter or []:
            args += option("filter", each)
        return self._list(args)

    def run(self, name: str) -> "Dict[str, Any]":
        """All fields of a run."""
        record = ask_json(["view", "run", name], self._exe)
        if not isinstance(record, dict):
            raise XtError("'xt view run %s' did not answer with a record" % name)
        return record

    def hparams(self, run: str) -> "Dict[str, Any]":
        """The hyperparameters of a run."""
        return self.run(run).get("hparams") or {}

    def metrics(self, run: str, names: "Union[None, str, Sequence[str]]" = None) -> "List[Dict[str, Any]]":
        """The points a run has logged, each with `name`, `step`, `value` and `time`; only those of `names`, if given."""
        points = self._list(["view", "metrics", run])
        if names is None:
            return points
        wanted = {names} if isinstance(names, str) else set(names)
        return [point for point in points if point.get("name") in wanted]

    def console(self, run: str) -> str:
        """What a run has printed so far."""
        return ask(["view", "console", run], self._exe)

    def _list(self, args: "List[str]") -> "List[Dict[str, Any]]":
        records = ask_json(args, self._exe)
        if not isinstance(records, list):
            raise XtError("'xt %s' did not answer with a list" % " ".join(args))
        return records
