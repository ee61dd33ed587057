"""Artifacts of runs: up, listed, down, as the Python client does it through the server."""

import hashlib
import json
import os
import tempfile
from pathlib import Path

import mlflow
import requests
from checks import main, unique
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts, list_artifacts, load_dict, load_text

client = MlflowClient()


def fresh_run():
    return client.create_run(client.create_experiment(unique("artifacts"))).info.run_id


def check_files_and_folders():
    run_id = fresh_run()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "tree")
        (root / "deep/er").mkdir(parents=True)
        (root / "top.txt").write_text("top")
        (root / "deep/er/leaf.bin").write_bytes(bytes(range(256)) * 40)
        (root / "deep/naïve file 100%.txt").write_text("ünï")
        (root / "empty.txt").write_text("")
        client.log_artifact(run_id, str(root / "top.txt"))
        client.log_artifact(run_id, str(root / "top.txt"), "placed/here")
        client.log_artifacts(run_id, str(root), "tree")

        def listing(path=None):
            # MLflow's own server leaves the size of an empty file out.
            found = client.list_artifacts(run_id, path)
            return {(f.path, f.is_dir, None if f.is_dir else f.file_size or 0) for f in found}

        assert listing() == {("top.txt", False, 3), ("placed", True, None), ("tree", True, None)}
        assert listing("placed") == {("placed/here", True, None)}
        assert listing("tree") == {
            ("tree/deep", True, None), ("tree/empty.txt", False, 0), ("tree/top.txt", False, 3),
        }
        assert ("tree/deep/naïve file 100%.txt", False, 5) in listing("tree/deep")
        assert listing("absent") == set()
        # A file's own path lists nothing, which is how the client knows it from a folder.
        assert listing("top.txt") == set()

        local = Path(download_artifacts(run_id=run_id, artifact_path="tree", dst_path=folder + "/down"))
        assert (local / "deep/er/leaf.bin").read_bytes() == bytes(range(256)) * 40
        assert (local / "deep/naïve file 100%.txt").read_text() == "ünï"
        assert (local / "empty.txt").read_bytes() == b""
        whole = Path(client.download_artifacts(run_id, "", folder))
        assert (whole / "placed/here/top.txt").read_text() == "top"
        uri = f"runs:/{run_id}/tree/top.txt"
        assert Path(download_artifacts(artifact_uri=uri)).read_text() == "top"
        assert [f.path for f in list_artifacts(artifact_uri=f"runs:/{run_id}/placed")] == ["placed/here"]


def check_overwrite():
    run_id = fresh_run()
    client.log_text(run_id, "first, and longer", "note.txt")
    client.log_text(run_id, "second", "note.txt")
    assert load_text(f"runs:/{run_id}/note.txt") == "second"
    assert [f.file_size for f in client.list_artifacts(run_id)] == [6]


def check_text_dict_table():
    mlflow.set_experiment(unique("kinds"))
    with mlflow.start_run() as run:
        mlflow.log_text("hello", "a/hello.txt")
        mlflow.log_dict({"k": [1, 2, {"x": None}]}, "d.json")
        mlflow.log_dict({"k": "v"}, "d.yaml")
        mlflow.log_table({"q": ["a", "b"], "n": [1, 2]}, "table.json")
        mlflow.log_table({"q": ["c"], "n": [3]}, "table.json")
    uri = run.info.artifact_uri
    assert load_text(uri + "/a/hello.txt") == "hello"
    assert load_dict(uri + "/d.json") == {"k": [1, 2, {"x": None}]}
    table = mlflow.load_table("table.json", run_ids=[run.info.run_id])
    assert list(table["q"]) == ["a", "b", "c"] and list(table["n"]) == [1, 2, 3]
    tags = client.get_run(run.info.run_id).data.tags
    assert json.loads(tags["mlflow.loggedArtifacts"]) == [{"path": "table.json", "type": "table"}]


def check_figure_and_image():
    import matplotlib

    matplotlib.use("Agg")
    import numpy
    from matplotlib import pyplot

    with mlflow.start_run(experiment_id=client.create_experiment(unique("pictures"))) as run:
        figure, axes = pyplot.subplots()
        axes.plot([0, 1], [1, 0])
        mlflow.log_figure(figure, "plots/line.png")
        pixels = numpy.arange(48, dtype=numpy.uint8).reshape(4, 4, 3)
        mlflow.log_image(pixels, "pixels.png")
        mlflow.log_image(pixels, key="step", step=3)
    paths = [f.path for f in client.list_artifacts(run.info.run_id)]
    assert {"plots", "pixels.png", "images"} <= set(paths), paths
    image = mlflow.artifacts.load_image(run.info.artifact_uri + "/pixels.png")
    assert numpy.array_equal(numpy.asarray(image), pixels)
    assert Path(download_artifacts(run_id=run.info.run_id, artifact_path="plots/line.png")).read_bytes()[:4] == b"\x89PNG"
    stepped = [f.path for f in client.list_artifacts(run.info.run_id, "images")]
    assert len(stepped) == 2 and all(path.startswith("images/step+step+3+") for path in stepped), stepped


def check_large_file():
    run_id = fresh_run()
    size = 24 * 1024 * 1024 + 7
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "large.bin")
        block = hashlib.sha256(b"block").digest() * 32768
        with path.open("wb") as file:
            while file.tell() < size:
                file.write(block[: size - file.tell()])
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        client.log_artifact(run_id, str(path))
        assert client.list_artifacts(run_id)[0].file_size == size
        down = client.download_artifacts(run_id, "large.bin", folder + "/..")
        assert hashlib.sha256(Path(down).read_bytes()).hexdigest() == digest
        os.remove(down)


def check_deletion_and_absence():
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    run_id = fresh_run()
    client.log_text(run_id, "x", "folder/x.txt")
    client.log_text(run_id, "y", "y.txt")
    repository = get_artifact_repository(client.get_run(run_id).info.artifact_uri)
    repository.delete_artifacts("y.txt")
    assert [f.path for f in client.list_artifacts(run_id)] == ["folder"]
    try:
        load_text(f"runs:/{run_id}/y.txt")
    except Exception as error:
        assert "y.txt" in str(error) or "404" in str(error) or "No such" in str(error), error
    else:
        raise AssertionError("a deleted artifact was read")
    try:
        client.list_artifacts(run_id, "../..")
    except requests.HTTPError as error:
        assert error.response.status_code == 400
        assert error.response.json()["error_code"] == "INVALID_PARAMETER_VALUE"
    else:
        raise AssertionError("a folder above the run's was listed")


def check_artifacts_by_uri():
    run_id = fresh_run()
    run = client.get_run(run_id)
    uri = run.info.artifact_uri
    assert uri.startswith("mlflow-artifacts:/") and uri.endswith(f"{run.info.experiment_id}/{run_id}/artifacts"), uri
    client.log_text(run_id, "by uri", "a/b.txt")
    assert load_text(f"{uri}/a/b.txt") == "by uri"
    assert [f.path for f in list_artifacts(artifact_uri=f"{uri}/a")] == ["a/b.txt"]


main(globals())
