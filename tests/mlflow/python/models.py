"""Models logged, loaded, registered and served to predict, with scikit-learn and PyTorch."""

import mlflow
import numpy
from checks import expect_error, main, unique
from mlflow import MlflowClient
from sklearn.linear_model import LinearRegression

client = MlflowClient()
inputs = numpy.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [3.0, 1.0]])
targets = inputs @ numpy.array([2.0, -1.0]) + 0.5


def fitted():
    return LinearRegression().fit(inputs, targets)


def check_log_and_load():
    mlflow.set_experiment(unique("models"))
    model = fitted()
    with mlflow.start_run() as run:
        mlflow.log_params({"intercept": True, "kind": "linear"})
        mlflow.log_metric("mse", 0.25, step=1)
        info = mlflow.sklearn.log_model(
            model, name="regressor", input_example=inputs[:2], pip_requirements=[], metadata={"origin": "here"}
        )
    assert info.model_id.startswith("m-")
    for uri in [info.model_uri, f"models:/{info.model_id}", f"runs:/{run.info.run_id}/regressor"]:
        loaded = mlflow.sklearn.load_model(uri)
        assert numpy.allclose(loaded.predict(inputs), targets), uri
    predicted = mlflow.pyfunc.load_model(info.model_uri).predict(inputs)
    assert numpy.allclose(predicted, targets)
    assert mlflow.models.get_model_info(info.model_uri).metadata == {"origin": "here"}

    logged = mlflow.get_logged_model(info.model_id)
    assert logged.name == "regressor" and str(logged.status) in ("READY", "LoggedModelStatus.READY")
    assert logged.source_run_id == run.info.run_id
    assert logged.params == {"intercept": "True", "kind": "linear"}
    files = {f.path for f in client.list_logged_model_artifacts(info.model_id)}
    assert {"MLmodel", "requirements.txt"} <= files and len(files) >= 4, files
    outputs = client.get_run(run.info.run_id).outputs.model_outputs
    assert [o.model_id for o in outputs] == [info.model_id]
    nested = {f.path for f in client.list_artifacts(run.info.run_id, "regressor")}
    assert "regressor/MLmodel" in nested, nested


def check_register_while_logging():
    mlflow.set_experiment(unique("models"))
    name = unique("registered")
    with mlflow.start_run() as run:
        info = mlflow.sklearn.log_model(fitted(), name="m", registered_model_name=name, pip_requirements=[])
    assert int(info.registered_model_version) == 1
    version = client.get_model_version(name, "1")
    assert version.run_id == run.info.run_id and version.status == "READY"
    client.set_registered_model_alias(name, "best", "1")
    for uri in [f"models:/{name}/1", f"models:/{name}/latest", f"models:/{name}@best"]:
        assert numpy.allclose(mlflow.pyfunc.load_model(uri).predict(inputs), targets), uri
    with mlflow.start_run():
        mlflow.sklearn.log_model(
            LinearRegression().fit(inputs, targets * 2), name="m", registered_model_name=name, pip_requirements=[]
        )
    assert numpy.allclose(mlflow.sklearn.load_model(f"models:/{name}/latest").predict(inputs), targets * 2)
    assert numpy.allclose(mlflow.sklearn.load_model(f"models:/{name}@best").predict(inputs), targets)
    tags = mlflow.get_logged_model(info.model_id).tags
    assert name in tags["mlflow.modelVersions"], tags


def check_register_logged_model():
    mlflow.set_experiment(unique("models"))
    name = unique("later")
    with mlflow.start_run() as run:
        info = mlflow.sklearn.log_model(fitted(), name="m", pip_requirements=[])
    one = mlflow.register_model(info.model_uri, name)
    two = mlflow.register_model(f"runs:/{run.info.run_id}/m", name)
    assert (int(one.version), int(two.version)) == (1, 2)
    assert one.run_id == run.info.run_id
    assert numpy.allclose(mlflow.sklearn.load_model(f"models:/{name}/2").predict(inputs), targets)
    copied = client.copy_model_version(f"models:/{name}/1", unique("copied"))
    loaded = mlflow.sklearn.load_model(f"models:/{copied.name}/1")
    assert numpy.allclose(loaded.predict(inputs), targets)


def check_logged_model_lifecycle():
    experiment_id = client.create_experiment(unique("lifecycle"))
    run = client.create_run(experiment_id)
    model = client.create_logged_model(
        experiment_id, name="plain", source_run_id=run.info.run_id, tags={"a": "1"}, params={"p": "q"}, model_type="t"
    )
    assert model.name == "plain" and model.tags["a"] == "1" and model.params == {"p": "q"}
    assert model.model_type == "t" and str(model.status).endswith("PENDING")
    assert model.artifact_location.endswith(f"/{experiment_id}/models/{model.model_id}/artifacts")
    client.set_logged_model_tags(model.model_id, {"b": "2", "a": "3"})
    client.delete_logged_model_tag(model.model_id, "b")
    client.log_model_params(model.model_id, {"more": "x"})
    client.finalize_logged_model(model.model_id, "READY")
    found = client.get_logged_model(model.model_id)
    assert found.tags["a"] == "3" and "b" not in found.tags
    assert found.params == {"p": "q", "more": "x"} and str(found.status).endswith("READY")
    with reopened(run):
        mlflow.log_metric("score", 0.5, model_id=model.model_id)
    assert {(m.key, m.value) for m in client.get_logged_model(model.model_id).metrics} == {("score", 0.5)}
    client.delete_logged_model(model.model_id)
    expect_error("RESOURCE_DOES_NOT_EXIST", client.get_logged_model, model.model_id)
    expect_error("RESOURCE_DOES_NOT_EXIST", client.get_logged_model, "m-" + "0" * 32)


def check_search_logged_models():
    experiment_id = client.create_experiment(unique("search"))
    mlflow.set_experiment(experiment_id=experiment_id)
    ids = []
    for i, name in enumerate(["x", "y", "z"]):
        model = mlflow.initialize_logged_model(name=name, params={"depth": str(i)}, tags={"odd": str(i % 2)})
        ids.append(model.model_id)
        with mlflow.start_run():
            mlflow.log_metric("score", i / 4, model_id=model.model_id)
        mlflow.finalize_logged_model(model.model_id, "READY")

    def search(filter_string=None, **options):
        found = client.search_logged_models([experiment_id], filter_string, **options)
        return "".join(sorted(m.name for m in found) if "order_by" not in options else [m.name for m in found])

    assert search() == "xyz"
    assert search("name = 'x'") == "x"
    assert search("name LIKE '%'") == "xyz"
    assert search("params.depth = '2'") == "z"
    assert search("tags.odd = '0'") == "xz"
    assert search("metrics.score > 0.1") == "yz"
    assert search("metrics.score > 0.1 AND params.depth != '2'") == "y"
    assert search(order_by=[{"field_name": "metrics.score", "ascending": False}]) == "zyx"
    assert search(order_by=[{"field_name": "creation_time", "ascending": True}]) == "xyz"
    page = client.search_logged_models([experiment_id], max_results=2)
    assert len(page) == 2 and page.token
    rest = client.search_logged_models([experiment_id], max_results=2, page_token=page.token)
    assert len(rest) == 1 and not rest.token
    expect_error("INVALID_PARAMETER_VALUE", search, "metrics.score LIKE 'x'")
    frame = mlflow.search_logged_models(experiment_ids=[experiment_id])
    assert set(frame["name"]) == {"x", "y", "z"}


def check_pytorch_model():
    import torch

    torch.manual_seed(3)
    mlflow.set_experiment(unique("torch"))
    model = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    data = torch.tensor(inputs, dtype=torch.float32)
    goal = torch.tensor(targets, dtype=torch.float32)[:, None]
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    name = unique("network")
    with mlflow.start_run() as run:
        for step in range(40):
            loss = torch.nn.functional.mse_loss(model(data), goal)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            mlflow.log_metric("loss", loss.item(), step=step)
        info = mlflow.pytorch.log_model(
            model, name="net", registered_model_name=name, pip_requirements=[], **serialization(model)
        )
    history = client.get_metric_history(run.info.run_id, "loss")
    assert len(history) == 40 and history[-1].value < history[0].value / 2
    loaded = mlflow.pytorch.load_model(f"models:/{name}/1")
    assert torch.equal(loaded(data), model(data))
    assert mlflow.get_logged_model(info.model_id).source_run_id == run.info.run_id


def serialization(model):
    """The format that needs no example input, where this release of MLflow asks for one to be named."""
    import inspect

    names = inspect.signature(mlflow.pytorch.log_model).parameters
    return {"serialization_format": "pickle"} if "serialization_format" in names else {}


def reopened(run):
    mlflow.set_experiment(experiment_id=run.info.experiment_id)
    return mlflow.start_run(run_id=run.info.run_id)


def check_python_model():
    class Doubler(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return [2 * x for x in model_input]

    mlflow.set_experiment(unique("python"))
    with mlflow.start_run():
        info = mlflow.pyfunc.log_model(name="doubler", python_model=Doubler(), pip_requirements=[])
    assert mlflow.pyfunc.load_model(info.model_uri).predict([1, 2]) == [2, 4]


main(globals())
