"""Datasets: the inputs of runs, and evaluation datasets with records."""

import mlflow
import numpy
import pandas
from checks import expect_error, main, unique
from mlflow import MlflowClient
from mlflow.genai import datasets

client = MlflowClient()


def check_inputs_of_runs():
    experiment = mlflow.set_experiment(unique("inputs"))
    frame = pandas.DataFrame({"x": [1, 2, 3], "y": [0.5, 0.25, 0.125]})
    data = mlflow.data.from_pandas(frame, name="numbers", targets="y")
    other = mlflow.data.from_numpy(numpy.arange(6).reshape(2, 3), name="grid")
    with mlflow.start_run() as run:
        mlflow.log_input(data, context="training", tags={"part": "first"})
        mlflow.log_input(other)
        mlflow.log_input(data, context="training")
    inputs = client.get_run(run.info.run_id).inputs.dataset_inputs
    found = {i.dataset.name: i for i in inputs}
    assert set(found) == {"numbers", "grid"} and len(inputs) == 2
    numbers = found["numbers"]
    assert numbers.dataset.digest == data.digest and numbers.dataset.source_type == data.source._get_source_type()
    assert '"mlflow_colspec"' in numbers.dataset.schema and '"num_rows"' in numbers.dataset.profile
    tags = {t.key: t.value for t in numbers.tags}
    assert tags["mlflow.data.context"] == "training" and tags["part"] == "first", tags

    with mlflow.start_run():
        pass
    search = lambda text: [r.info.run_id for r in client.search_runs([experiment.experiment_id], text)]
    assert search("dataset.name = 'numbers'") == [run.info.run_id]
    assert search(f"dataset.digest = '{data.digest}' AND dataset.name LIKE 'num%'") == [run.info.run_id]
    assert search("dataset.context = 'training'") == [run.info.run_id]
    assert search("dataset.name = 'absent'") == []


def check_inputs_of_client():
    from mlflow.entities import Dataset, DatasetInput, InputTag

    run_id = client.create_run(client.create_experiment(unique("inputs"))).info.run_id
    dataset = Dataset(name="d", digest="abc", source_type="local", source='{"uri": "x"}')
    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("k", "v")])])
    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("k", "v")])])
    (found,) = client.get_run(run_id).inputs.dataset_inputs
    assert (found.dataset.name, found.dataset.digest, found.dataset.source) == ("d", "abc", '{"uri": "x"}')
    assert [(t.key, t.value) for t in found.tags] == [("k", "v")]


def check_evaluation_dataset():
    experiment_id = client.create_experiment(unique("evaluation"))
    name = unique("questions")
    dataset = datasets.create_dataset(name=name, experiment_id=experiment_id, tags={"stage": "draft"})
    assert dataset.dataset_id.startswith("d-") and dataset.name == name and dataset.tags["stage"] == "draft"
    dataset.merge_records([
        {"inputs": {"q": "one"}, "expectations": {"a": 1}, "tags": {"t": "x"}},
        {"inputs": {"q": "two"}},
    ])
    # The same inputs again change the record instead of adding one.
    dataset.merge_records([{"inputs": {"q": "two"}, "expectations": {"a": 2}}])
    frame = datasets.get_dataset(dataset_id=dataset.dataset_id).to_df()
    assert len(frame) == 2
    by_question = {row["inputs"]["q"]: row for _, row in frame.iterrows()}
    assert by_question["one"]["expectations"] == {"a": 1} and by_question["two"]["expectations"] == {"a": 2}
    assert datasets.get_dataset(name=name).dataset_id == dataset.dataset_id
    doomed = by_question["one"]["dataset_record_id"]
    assert datasets.get_dataset(dataset_id=dataset.dataset_id).delete_records([doomed]) == 1
    assert len(datasets.get_dataset(dataset_id=dataset.dataset_id).to_df()) == 1

    datasets.set_dataset_tags(dataset_id=dataset.dataset_id, tags={"stage": "final", "more": "1"})
    datasets.delete_dataset_tag(dataset_id=dataset.dataset_id, key="more")
    assert datasets.get_dataset(dataset_id=dataset.dataset_id).tags["stage"] == "final"
    assert "more" not in datasets.get_dataset(dataset_id=dataset.dataset_id).tags
    found = datasets.search_datasets(experiment_ids=[experiment_id])
    assert [d.dataset_id for d in found] == [dataset.dataset_id]
    assert [d.name for d in datasets.search_datasets(filter_string=f"name = '{name}'")] == [name]
    assert [d.name for d in datasets.search_datasets(filter_string=f"name LIKE '{name}%' AND tags.stage = 'final'")] == [name]

    another = client.create_experiment(unique("evaluation"))
    datasets.add_dataset_to_experiments(dataset.dataset_id, [another])
    assert set(datasets.get_dataset(dataset_id=dataset.dataset_id).experiment_ids) == {experiment_id, another}
    datasets.remove_dataset_from_experiments(dataset.dataset_id, [another])
    assert datasets.get_dataset(dataset_id=dataset.dataset_id).experiment_ids == [experiment_id]
    datasets.delete_dataset(dataset_id=dataset.dataset_id)
    expect_error("RESOURCE_DOES_NOT_EXIST", datasets.get_dataset, dataset_id=dataset.dataset_id)


def check_dataset_from_traces():
    experiment = mlflow.set_experiment(unique("from-traces"))
    for q in ["a", "b"]:
        with mlflow.start_span("ask") as span:
            span.set_inputs({"q": q})
            span.set_outputs(q.upper())
    mlflow.flush_trace_async_logging()
    dataset = datasets.create_dataset(name=unique("traced"), experiment_id=experiment.experiment_id)
    dataset.merge_records(mlflow.search_traces(locations=[experiment.experiment_id], return_type="list"))
    frame = datasets.get_dataset(dataset_id=dataset.dataset_id).to_df()
    assert {row["q"] for row in frame["inputs"]} == {"a", "b"}
    assert set(frame["source_type"]) == {"TRACE"}


main(globals())
