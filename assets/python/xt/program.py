"""The xt program: how the client asks it for what is not in a local file."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional


class XtError(Exception):
    """Something xt could not do; the text is xt's own error line."""


def ask(args: "List[str]", exe: "Optional[str]" = None) -> str:
    """Run `xt ARGS` (`exe`, or `$XT_EXE`, or `xt` of the PATH) and give what it prints on stdout."""
    import subprocess

    command = [exe or os.environ.get("XT_EXE") or "xt"] + args
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
        raise XtError("cannot start '%s' (%s); put xt on the PATH or set XT_EXE" % (command[0], error))
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise XtError(said or "'xt %s' failed with exit status %d" % (" ".join(args), done.returncode))
    return done.stdout.decode("utf-8", "replace")


def ask_json(args: "List[str]", exe: "Optional[str]" = None) -> "Any":
    """Run `xt ARGS --json` and give its answer."""
    import json

    answer = ask(args + ["--json"], exe)
    try:
        return json.loads(answer)
    except ValueError:
        raise XtError("'xt %s' did not answer in JSON but: %s" % (" ".join(args), answer[:200].strip()))


def option(name: str, value: "Optional[str]") -> "List[str]":
    """The command-line option `--name=value`, nothing for None."""
    return [] if value is None else ["--%s=%s" % (name, value)]
