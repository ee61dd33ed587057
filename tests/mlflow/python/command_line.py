"""The `mlflow` command: experiments, runs and artifacts from a terminal."""

import json
import os
import subprocess
import sys
from pathlib import Path

from checks import main, unique
from click.testing import CliRunner
from mlflow.cli import cli


def mlflow(*arguments, fails=False):
    """What `mlflow …` prints; its exit status has to be a good one, or a bad one where it `fails`."""
    done = CliRunner().invoke(cli, arguments)
    assert (done.exit_code != 0) == fails, f"{arguments} ended with {done.exit_code}:\n{done.output}\n{done.exception!r}"
    return f"{done.output}{done.exception}" if fails else done.stdout


def check_a_process_of_its_own():
    done = subprocess.run([sys.executable, "-m", "mlflow", "experiments", "search"], capture_output=True, text=True)
    assert done.returncode == 0 and "Default" in done.stdout, done.stderr


def check_everything_in_turn():
    name = unique("terminal")
    printed = mlflow("experiments", "create", "-n", name)
    experiment_id = printed.strip().split()[-1]
    assert name in mlflow("experiments", "search")
    assert name in mlflow("experiments", "search", "--view", "all")
    assert experiment_id in mlflow("experiments", "get", "-x", experiment_id)
    renamed = unique("terminal")
    mlflow("experiments", "rename", "-x", experiment_id, "--new-name", renamed)
    assert renamed in mlflow("experiments", "search")

    mlflow("runs", "create", "--experiment-id", experiment_id, "--run-name", "by hand")
    listed = mlflow("runs", "list", "--experiment-id", experiment_id)
    (line,) = [line for line in listed.splitlines() if "by hand" in line]
    run_id = line.split()[-1]
    described = json.loads(mlflow("runs", "describe", "--run-id", run_id))
    assert described["info"]["run_id"] == run_id and described["info"]["run_name"] == "by hand"

    folder = Path(os.environ.get("TMPDIR", "/tmp"), unique("files"))
    folder.mkdir()
    (folder / "one.txt").write_text("one")
    mlflow("artifacts", "log-artifact", "-l", str(folder / "one.txt"), "-r", run_id, "-a", "placed")
    mlflow("artifacts", "log-artifacts", "-l", str(folder), "-r", run_id, "-a", "all")
    files = json.loads(mlflow("artifacts", "list", "-r", run_id))
    assert [f["path"] for f in files] == ["all", "placed"], files
    down = mlflow("artifacts", "download", "-r", run_id, "-a", "placed/one.txt").strip().splitlines()[-1]
    assert Path(down).read_text() == "one"

    csv = folder / "runs.csv"
    mlflow("experiments", "csv", "-x", experiment_id, "-o", str(csv))
    assert run_id in csv.read_text()
    mlflow("runs", "delete", "--run-id", run_id)
    assert "by hand" not in mlflow("runs", "list", "--experiment-id", experiment_id)
    mlflow("runs", "restore", "--run-id", run_id)
    assert "by hand" in mlflow("runs", "list", "--experiment-id", experiment_id)
    mlflow("experiments", "delete", "-x", experiment_id)
    assert renamed in mlflow("experiments", "search", "--view", "deleted_only")
    mlflow("experiments", "restore", "-x", experiment_id)
    assert "not found" in mlflow("runs", "describe", "--run-id", "0" * 32, fails=True)


main(globals())
