"""What scripts log, as JSON: numbers of numpy and torch, dataclasses, `argparse.Namespace` and the like."""

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

_PLAIN = (str, int, float, list, type(None))


def as_dict(data: "Any") -> "Dict[str, Any]":
    """A dict of a mapping, a dataclass or an object with attributes (`argparse.Namespace`)."""
    if hasattr(data, "keys"):
        return dict(data)
    if hasattr(data, "__dataclass_fields__"):
        return {name: getattr(data, name) for name in data.__dataclass_fields__}
    return dict(vars(data))


def _plain(value: "Any") -> "Any":
    """What the encoder does with a value it does not know. Arrays and tensors are recognised by their methods, so
    that numpy and torch need not be imported; what cannot be recognised is logged as text."""
    for method in ("item", "tolist"):
        try:
            plain = getattr(value, method)()
        except Exception:  # no such method, or more than one element: libraries differ in what they raise
            continue
        if isinstance(plain, _PLAIN):
            return plain
    if hasattr(value, "__float__"):
        try:
            return float(value)
        except Exception:  # not a single number
            return str(value)
    if isinstance(value, (set, frozenset)):
        return list(value)
    if not isinstance(value, type) and (hasattr(value, "keys") or hasattr(value, "__dataclass_fields__")):
        return as_dict(value)
    return str(value)


# Built once, because json.dumps with options builds an encoder at every call. Without the check, a circular value
# ends in a RecursionError instead of a ValueError, and all others are encoded faster.
encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False, default=_plain).encode
