"""Experiments, runs, metrics, parameters, tags and searches as the Python client sends them."""

import math
import os
import time

import mlflow
from checks import expect_error, main, unique
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunStatus, RunTag, ViewType

client = MlflowClient()


def check_default_experiment():
    experiment = client.get_experiment("0")
    assert experiment.name == "Default"
    assert experiment.lifecycle_stage == "active"


def check_experiment_lifecycle():
    name = unique("lifecycle")
    experiment_id = client.create_experiment(name, tags={"team": "a", "note": "ünïcode ✓"})
    assert isinstance(experiment_id, str)
    found = client.get_experiment_by_name(name)
    assert found.experiment_id == experiment_id
    assert found.tags["team"] == "a" and found.tags["note"] == "ünïcode ✓"
    assert found.artifact_location.endswith(f"/{experiment_id}")
    assert found.creation_time <= found.last_update_time
    client.set_experiment_tag(experiment_id, "team", "b")
    client.delete_experiment_tag(experiment_id, "note")
    found = client.get_experiment(experiment_id)
    assert found.tags == {"team": "b"} | {k: v for k, v in found.tags.items() if k.startswith("mlflow.")}

    renamed = unique("renamed")
    client.rename_experiment(experiment_id, renamed)
    assert client.get_experiment(experiment_id).name == renamed
    assert client.get_experiment_by_name(name) is None

    run = client.create_run(experiment_id)
    client.delete_experiment(experiment_id)
    assert client.get_experiment(experiment_id).lifecycle_stage == "deleted"
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "deleted"
    expect_error("RESOURCE_ALREADY_EXISTS", client.create_experiment, renamed)
    client.restore_experiment(experiment_id)
    assert client.get_experiment(experiment_id).lifecycle_stage == "active"
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "active"


def check_experiment_errors():
    name = unique("taken")
    client.create_experiment(name)
    expect_error("RESOURCE_ALREADY_EXISTS", client.create_experiment, name)
    error = expect_error("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "99999999")
    assert "No Experiment with id=99999999 exists" in str(error)
    expect_error("RESOURCE_DOES_NOT_EXIST", client.delete_experiment, "99999999")
    expect_error("INVALID_PARAMETER_VALUE", client.create_experiment, "")


def check_search_experiments():
    mark = unique("search")
    names = [f"{mark}-{letter}" for letter in "abc"]
    ids = [client.create_experiment(name, tags={"mark": mark, "letter": name[-1]}) for name in names]
    client.delete_experiment(ids[2])

    def search(filter_string, **options):
        return [e.name for e in client.search_experiments(filter_string=filter_string, **options)]

    assert search(f"tags.mark = '{mark}'", order_by=["name ASC"]) == names[:2]
    assert search(f"tags.mark = '{mark}'", order_by=["name DESC"]) == names[1::-1]
    assert search(f"name LIKE '{mark}%'", view_type=ViewType.DELETED_ONLY) == names[2:]
    assert search(f"name ILIKE '{mark.upper()}%'", view_type=ViewType.ALL, order_by=["name"]) == names
    assert search(f"tags.mark = '{mark}' AND tags.letter != 'a'") == names[1:2]
    assert search(f"name = '{names[0]}' AND creation_time > 0") == names[:1]
    first = client.search_experiments(filter_string=f"name LIKE '{mark}%'", max_results=1, order_by=["name"])
    assert [e.name for e in first] == names[:1] and first.token
    second = client.search_experiments(
        filter_string=f"name LIKE '{mark}%'", max_results=1, order_by=["name"], page_token=first.token
    )
    assert [e.name for e in second] == names[1:2] and not second.token
    expect_error("INVALID_PARAMETER_VALUE", search, "nonsense ==")
    expect_error("INVALID_PARAMETER_VALUE", search, "name < 'a'")


def check_fluent_run():
    experiment = mlflow.set_experiment(unique("fluent"))
    with mlflow.start_run(run_name="outer", description="what it is", tags={"colour": "red"}) as outer:
        mlflow.log_param("rate", 0.1)
        mlflow.log_params({"layers": 3, "name with space": "x", "a/b.c-d": "y"})
        mlflow.log_metric("loss", 1.5, step=1)
        mlflow.log_metric("loss", 0.5, step=2)
        mlflow.log_metrics({"accuracy": 0.75, "f1": 0.5}, step=2)
        mlflow.set_tag("colour", "blue")
        mlflow.set_tags({"shape": "round", "gone": "soon"})
        mlflow.delete_tag("gone")
        with mlflow.start_run(nested=True) as inner:
            mlflow.log_metric("depth", 1)
    run = mlflow.get_run(outer.info.run_id)
    assert run.info.run_name == "outer" and run.info.status == "FINISHED"
    assert run.info.experiment_id == experiment.experiment_id
    assert run.info.start_time <= run.info.end_time
    assert run.info.artifact_uri.endswith(f"/{run.info.run_id}/artifacts")
    assert run.data.params == {"rate": "0.1", "layers": "3", "name with space": "x", "a/b.c-d": "y"}
    assert run.data.metrics == {"loss": 0.5, "accuracy": 0.75, "f1": 0.5}
    assert run.data.tags["colour"] == "blue" and run.data.tags["shape"] == "round"
    assert "gone" not in run.data.tags
    assert run.data.tags["mlflow.note.content"] == "what it is"
    assert run.data.tags["mlflow.runName"] == "outer"
    child = mlflow.get_run(inner.info.run_id)
    assert child.data.tags["mlflow.parentRunId"] == outer.info.run_id
    assert mlflow.get_parent_run(inner.info.run_id).info.run_id == outer.info.run_id
    assert child.info.run_name.count("-") == 2, child.info.run_name

    try:
        with mlflow.start_run() as failing:
            raise ValueError("on purpose")
    except ValueError:
        pass
    assert mlflow.get_run(failing.info.run_id).info.status == "FAILED"

    with mlflow.start_run(run_id=outer.info.run_id):
        mlflow.log_metric("loss", 0.25, step=3)
    assert [m.value for m in client.get_metric_history(outer.info.run_id, "loss")] == [1.5, 0.5, 0.25]


def check_run_lifecycle():
    experiment_id = client.create_experiment(unique("runs"))
    run = client.create_run(experiment_id, start_time=1234, tags={"mlflow.runName": "first"})
    run_id = run.info.run_id
    assert len(run_id) == 32 and run.info.status == "RUNNING" and run.info.start_time == 1234
    assert run.info.run_name == "first"
    client.set_tag(run_id, "mlflow.runName", "second")
    assert client.get_run(run_id).info.run_name == "second"
    client.update_run(run_id, status="SCHEDULED", name="third")
    found = client.get_run(run_id)
    assert found.info.run_name == "third" and found.info.status == "SCHEDULED"
    assert found.data.tags["mlflow.runName"] == "third"
    client.set_terminated(run_id, status="KILLED", end_time=5678)
    found = client.get_run(run_id)
    assert found.info.status == "KILLED" and found.info.end_time == 5678
    client.delete_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    error = expect_error("INVALID_PARAMETER_VALUE", client.log_metric, run_id, "late", 1.0)
    assert f"The run {run_id} must be in the 'active' state. Current state is deleted." in str(error)
    client.restore_run(run_id)
    client.log_metric(run_id, "late", 1.0)
    assert client.get_run(run_id).data.metrics == {"late": 1.0}
    error = expect_error("RESOURCE_DOES_NOT_EXIST", client.get_run, "0" * 32)
    assert f"Run with id={'0' * 32} not found" in str(error)


def check_metrics():
    run_id = client.create_run(client.create_experiment(unique("metrics"))).info.run_id
    client.log_metric(run_id, "x", 1.0, timestamp=10, step=-5)
    client.log_metric(run_id, "x", math.nan, timestamp=20, step=0)
    client.log_metric(run_id, "x", math.inf, timestamp=30, step=1)
    client.log_metric(run_id, "x", -math.inf, timestamp=40, step=2)
    client.log_metric(run_id, "x", 1.0, timestamp=10, step=-5)
    history = client.get_metric_history(run_id, "x")
    assert [(m.timestamp, m.step) for m in history] == [(10, -5), (20, 0), (30, 1), (40, 2)]
    assert math.isnan(history[1].value)
    assert history[2].value == 1.7976931348623157e308 and history[3].value == -1.7976931348623157e308
    # The latest has the highest step, then the highest time, then the highest value.
    client.log_metric(run_id, "y", 5.0, timestamp=1, step=9)
    client.log_metric(run_id, "y", 6.0, timestamp=2, step=3)
    client.log_metric(run_id, "y", 7.0, timestamp=1, step=9)
    assert client.get_run(run_id).data.metrics["y"] == 7.0
    assert client.get_metric_history(run_id, "never") == []
    client.log_metric(run_id, "tiny", 5e-324)
    client.log_metric(run_id, "exact", 0.1 + 0.2)
    metrics = client.get_run(run_id).data.metrics
    assert metrics["tiny"] == 5e-324 and metrics["exact"] == 0.1 + 0.2
    expect_error("INVALID_PARAMETER_VALUE", client.log_metric, run_id, "bad\nkey", 1.0)
    expect_error("INVALID_PARAMETER_VALUE", client.log_metric, run_id, "../up", 1.0)
    expect_error("INVALID_PARAMETER_VALUE", client.log_metric, run_id, "k" * 251, 1.0)


def check_params_and_tags():
    run_id = client.create_run(client.create_experiment(unique("params"))).info.run_id
    client.log_param(run_id, "k", 1)
    client.log_param(run_id, "k", 1)
    error = expect_error("INVALID_PARAMETER_VALUE", client.log_param, run_id, "k", 2)
    assert "Changing param values is not allowed" in str(error), error
    client.log_param(run_id, "empty", "")
    client.log_param(run_id, "long", "v" * 6000)
    client.set_tag(run_id, "long", "t" * 8000)
    client.set_tag(run_id, "multi", "line\nline")
    run = client.get_run(run_id)
    assert run.data.params["empty"] == "" and len(run.data.params["long"]) == 6000
    assert len(run.data.tags["long"]) == 8000 and run.data.tags["multi"] == "line\nline"
    client.delete_tag(run_id, "multi")
    expect_error("RESOURCE_DOES_NOT_EXIST", client.delete_tag, run_id, "multi")
    expect_error("INVALID_PARAMETER_VALUE", client.set_tag, run_id, "t" * 251, "v")


def check_batch():
    run_id = client.create_run(client.create_experiment(unique("batch"))).info.run_id
    now = int(time.time() * 1000)
    client.log_batch(
        run_id,
        metrics=[Metric("m", i / 8, now + i, i) for i in range(800)],
        params=[Param(f"p{i}", str(i)) for i in range(100)],
        tags=[RunTag(f"t{i}", str(i)) for i in range(100)],
    )
    run = client.get_run(run_id)
    assert run.data.metrics["m"] == 799 / 8
    assert len(run.data.params) == 100 and run.data.params["p42"] == "42"
    assert run.data.tags["t99"] == "99"
    history = client.get_metric_history(run_id, "m")
    assert [(m.step, m.value) for m in history] == [(i, i / 8) for i in range(800)]
    # The fluent call cuts what is over the limits into several batches.
    mlflow.set_experiment(experiment_id=client.get_run(run_id).info.experiment_id)
    with mlflow.start_run(run_id=run_id):
        mlflow.log_params({f"q{i}": i for i in range(250)})
        mlflow.log_metrics({f"n{i}": i for i in range(1200)})
    run = client.get_run(run_id)
    assert len(run.data.params) == 350 and run.data.metrics["n1199"] == 1199
    duplicates = [Param("same", "1"), Param("same", "2")]
    expect_error("INVALID_PARAMETER_VALUE", client.log_batch, run_id, params=duplicates)
    changed = [Param("p1", "other"), Param("fresh", "1")]
    expect_error("INVALID_PARAMETER_VALUE", client.log_batch, run_id, params=changed)
    assert "fresh" not in client.get_run(run_id).data.params


def check_asynchronous_logging():
    run_id = client.create_run(client.create_experiment(unique("asynchronous"))).info.run_id
    waiting = [client.log_metric(run_id, "m", i, step=i, synchronous=False) for i in range(50)]
    waiting.append(client.log_param(run_id, "p", "v", synchronous=False))
    waiting.append(client.set_tag(run_id, "t", "v", synchronous=False))
    for operation in waiting:
        operation.wait()
    run = client.get_run(run_id)
    assert run.data.metrics["m"] == 49 and run.data.params["p"] == "v" and run.data.tags["t"] == "v"
    assert len(client.get_metric_history(run_id, "m")) == 50


def check_search_runs():
    experiment_id = client.create_experiment(unique("find"))
    runs = []
    for i in range(6):
        run = client.create_run(experiment_id, start_time=1000 + i, run_name=f"run-{i}")
        runs.append(run.info.run_id)
        client.log_metric(run.info.run_id, "loss", float(i))
        client.log_metric(run.info.run_id, "a metric", float(-i))
        client.log_param(run.info.run_id, "kind", "even" if i % 2 == 0 else "Odd")
        client.set_tag(run.info.run_id, "colour", ["red", "green", "it's"][i % 3])
    client.log_metric(runs[5], "only", math.nan)
    client.set_terminated(runs[0], end_time=2000)
    client.set_terminated(runs[1], status="FAILED", end_time=2001)
    client.delete_run(runs[4])

    def search(filter_string="", order_by=None, view=ViewType.ACTIVE_ONLY, **options):
        found = client.search_runs([experiment_id], filter_string, view, order_by=order_by, **options)
        return [runs.index(run.info.run_id) for run in found]

    assert search() == [5, 3, 2, 1, 0]
    assert search(view=ViewType.ALL) == [5, 4, 3, 2, 1, 0]
    assert search(view=ViewType.DELETED_ONLY) == [4]
    assert search("metrics.loss >= 2 and metrics.loss < 5") == [3, 2]
    assert search("metrics.`a metric` = -3") == [3]
    assert search('metrics."a metric" != -3 AND metrics.loss > 1') == [5, 2]
    assert search("params.kind = 'even'") == [2, 0]
    assert search("params.kind != 'even'") == [5, 3, 1]
    assert search("params.kind LIKE 'O%'") == [5, 3, 1]
    assert search("params.kind LIKE 'o%'") == []
    assert search("params.kind ILIKE 'o%'") == [5, 3, 1]
    assert search("tags.colour = \"it's\"") == [5, 2]
    assert search("tags.absent != 'x'") == []
    assert search("attributes.status = 'FINISHED'") == [0]
    assert search("attribute.status = 'RUNNING' and run_name LIKE 'run-%'") == [5, 3, 2]
    assert search("attributes.start_time > 1002") == [5, 3]
    assert search(f"run_id IN ('{runs[1]}', '{runs[2]}')") == [2, 1]
    assert search(f"attributes.run_id NOT IN ('{runs[1]}', '{runs[2]}')") == [5, 3, 0]
    assert search("run_name = 'run-3'") == [3]
    assert search(order_by=["metrics.loss ASC"]) == [0, 1, 2, 3, 5]
    assert search(order_by=["params.kind ASC", "metrics.loss DESC"]) == [5, 3, 1, 2, 0]
    assert search(order_by=["metrics.only ASC"])[0] == 5
    assert search(order_by=["attributes.end_time ASC"])[:2] == [0, 1]
    assert search(order_by=["tag.colour", "start_time ASC"]) == [1, 2, 5, 0, 3]
    page = client.search_runs([experiment_id], max_results=2)
    pages = [runs.index(r.info.run_id) for r in page]
    while page.token:
        page = client.search_runs([experiment_id], max_results=2, page_token=page.token)
        pages += [runs.index(r.info.run_id) for r in page]
    assert pages == [5, 3, 2, 1, 0]
    for bad in ["metrics.loss LIKE 'x'", "metrics.loss = 'x'", "params.kind > 'a'", "(", "loss = = 1",
                "tags.a = 'b' OR tags.c = 'd'", "params.kind = 1", "attributes.nothing = 'x'"]:
        expect_error("INVALID_PARAMETER_VALUE", search, bad)
    expect_error("INVALID_PARAMETER_VALUE", search, order_by=["metrics.loss SIDEWAYS"])
    expect_error("INVALID_PARAMETER_VALUE", search, max_results=60_000)

    frame = mlflow.search_runs([experiment_id], order_by=["metrics.loss DESC"])
    assert list(frame["metrics.loss"]) == [5, 3, 2, 1, 0]
    assert list(frame["params.kind"])[:2] == ["Odd", "Odd"]
    assert str(frame["start_time"].dtype).startswith("datetime64")
    assert mlflow.search_runs([experiment_id], "metrics.loss > 100").empty


def check_search_across_experiments():
    ids = [client.create_experiment(unique("across")) for _ in range(3)]
    runs = {client.create_run(i).info.run_id for i in ids for _ in range(2)}
    found = client.search_runs(ids)
    assert {run.info.run_id for run in found} == runs
    by_name = mlflow.search_runs(experiment_names=[client.get_experiment(ids[0]).name])
    assert len(by_name) == 2


def check_search_logged_in_large():
    experiment_id = client.create_experiment(unique("pages"))
    made = [client.create_run(experiment_id).info.run_id for _ in range(30)]
    frame = mlflow.search_runs([experiment_id], max_results=25)
    assert len(frame) == 25
    assert set(mlflow.search_runs([experiment_id])["run_id"]) == set(made)


def check_system_metrics():
    mlflow.set_experiment(unique("system"))
    mlflow.set_system_metrics_sampling_interval(0.2)
    with mlflow.start_run(log_system_metrics=True) as run:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if "system/cpu_utilization_percentage" in client.get_run(run.info.run_id).data.metrics:
                break
    metrics = client.get_run(run.info.run_id).data.metrics
    assert "system/cpu_utilization_percentage" in metrics, metrics
    assert metrics["system/system_memory_usage_megabytes"] > 0


def check_run_status_names():
    experiment_id = client.create_experiment(unique("status"))
    run_id = client.create_run(experiment_id).info.run_id
    for status in ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]:
        client.update_run(run_id, status=status)
        assert client.get_run(run_id).info.status == status
        assert RunStatus.from_string(status)


def check_server():
    uri = os.environ["MLFLOW_TRACKING_URI"]
    assert mlflow.get_tracking_uri() == uri
    import requests

    assert requests.get(f"{uri}/health", timeout=10).status_code == 200
    version = requests.get(f"{uri}/version", timeout=10).text
    assert version.split(".")[0] == "3", version
    # What a run prints at its end leads to a page.
    page = requests.get(f"{uri}/#/experiments/0", headers={"accept": "text/html"}, timeout=10)
    assert page.status_code == 200 and "html" in page.headers["content-type"]


main(globals())
