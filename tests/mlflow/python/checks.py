"""Runs a script's checks and says how each went.

A check is a function whose name begins with `check_`. It makes its own experiments, runs and
models under names nobody else has, so a script can be run again against the same server.
"""

import json
import sys
import traceback
import uuid


def unique(prefix):
    """A name that no other check uses."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def expect_error(code, function, *arguments, **keywords):
    """The exception that a call ends with; its MLflow error code has to be `code`."""
    from mlflow.exceptions import MlflowException

    try:
        answer = function(*arguments, **keywords)
    except MlflowException as error:
        assert error.error_code == code, f"{code} was expected, found {error.error_code}: {error}"
        return error
    raise AssertionError(f"{code} was expected, found the answer {answer!r}")


def main(namespace):
    """Runs every check; the last line of stdout is `{"passed": […], "failed": {name: trace}}`."""
    wanted = sys.argv[1:]
    passed, failed = [], {}
    for name, check in list(namespace.items()):
        if not name.startswith("check_") or (wanted and name not in wanted):
            continue
        try:
            check()
            passed.append(name)
        except Exception:
            failed[name] = traceback.format_exc()
    print(json.dumps({"passed": passed, "failed": failed}))
    sys.exit(1 if failed or not passed else 0)
