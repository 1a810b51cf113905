"""The Python client of xt: say things to xt from a training script, read them back in a notebook.

In a training script::

    import xt

    run = xt.Run()
    run.log_hparams({"lr": 0.1, "hidden": 32})
    for epoch in range(10):
        ...
        run.log_metrics({"epoch": epoch, "loss": loss}, step_name="epoch")

In a notebook::

    for run in xt.Store().runs(filter="lr<0.1"):
        print(run["run_name"], run["metrics"])

Python 3.6 or later, standard library only. The modules keep `import xt` within a few milliseconds: they import
`typing`, `subprocess` and the like only where they are used, or not at all.
"""

from .program import XtError
from .run import Run
from .store import Store

__all__ = ["Run", "Store", "XtError"]
