"""The model registry as the Python client uses it."""

import mlflow
from checks import expect_error, main, unique
from mlflow import MlflowClient

client = MlflowClient()


def run_with_files():
    run = client.create_run(client.create_experiment(unique("registry")))
    client.log_text(run.info.run_id, "weights", "model/weights.txt")
    return run


def check_registered_model():
    name = unique("model")
    model = client.create_registered_model(name, tags={"k": "v"}, description="what")
    assert model.name == name and model.description == "what" and model.tags == {"k": "v"}
    assert model.latest_versions == [] and model.creation_timestamp <= model.last_updated_timestamp
    expect_error("RESOURCE_ALREADY_EXISTS", client.create_registered_model, name)
    client.set_registered_model_tag(name, "k", "w")
    client.set_registered_model_tag(name, "l", "x")
    client.delete_registered_model_tag(name, "l")
    client.update_registered_model(name, "changed")
    model = client.get_registered_model(name)
    assert model.tags == {"k": "w"} and model.description == "changed"
    renamed = unique("renamed")
    client.rename_registered_model(name, renamed)
    expect_error("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, name)
    assert client.get_registered_model(renamed).tags == {"k": "w"}
    client.delete_registered_model(renamed)
    expect_error("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, renamed)
    expect_error("RESOURCE_DOES_NOT_EXIST", client.delete_registered_model, renamed)
    for bad in ["", "a/b", "a:b"]:
        expect_error("INVALID_PARAMETER_VALUE", client.create_registered_model, bad)


def check_versions():
    name = unique("versions")
    run = run_with_files()
    client.create_registered_model(name)
    source = f"{run.info.artifact_uri}/model"
    one = client.create_model_version(name, source, run.info.run_id, tags={"a": "1"}, description="first")
    two = client.create_model_version(name, source, run.info.run_id)
    assert (one.version, two.version) in [("1", "2"), (1, 2)], (one.version, two.version)
    found = client.get_model_version(name, "1")
    assert found.run_id == run.info.run_id and found.source == source and found.status == "READY"
    assert found.description == "first" and found.tags == {"a": "1"} and found.current_stage == "None"
    assert client.get_model_version_download_uri(name, "1") == source
    client.set_model_version_tag(name, "1", "a", "2")
    client.set_model_version_tag(name, "1", "b", "3")
    client.delete_model_version_tag(name, "1", "b")
    client.update_model_version(name, "1", "reworded")
    found = client.get_model_version(name, "1")
    assert found.tags == {"a": "2"} and found.description == "reworded"
    client.delete_model_version(name, "2")
    expect_error("RESOURCE_DOES_NOT_EXIST", client.get_model_version, name, "2")
    # The number of a deleted highest version comes again, as in MLflow.
    three = client.create_model_version(name, source, run.info.run_id)
    assert int(three.version) in (2, 3)
    expect_error("RESOURCE_DOES_NOT_EXIST", client.get_model_version, name, "77")
    expect_error("INVALID_PARAMETER_VALUE", client.get_model_version, name, "one")
    expect_error("RESOURCE_DOES_NOT_EXIST", client.create_model_version, unique("absent"), source, run.info.run_id)


def check_aliases():
    name = unique("aliases")
    run = run_with_files()
    client.create_registered_model(name)
    for _ in range(2):
        client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id)
    client.set_registered_model_alias(name, "champion", "1")
    assert int(client.get_model_version_by_alias(name, "champion").version) == 1
    client.set_registered_model_alias(name, "champion", "2")
    client.set_registered_model_alias(name, "other_one", "2")
    assert int(client.get_model_version_by_alias(name, "champion").version) == 2
    assert client.get_model_version(name, "1").aliases == []
    assert sorted(client.get_model_version(name, "2").aliases) == ["champion", "other_one"]
    assert {k: int(v) for k, v in client.get_registered_model(name).aliases.items()} == {"champion": 2, "other_one": 2}
    path = mlflow.artifacts.download_artifacts(artifact_uri=f"models:/{name}@champion/weights.txt")
    assert open(path).read() == "weights"
    client.delete_registered_model_alias(name, "champion")
    expect_error("INVALID_PARAMETER_VALUE", client.get_model_version_by_alias, name, "champion")
    for bad in ["latest", "v1", "with space", ""]:
        expect_error("INVALID_PARAMETER_VALUE", client.set_registered_model_alias, name, bad, "1")
    expect_error("RESOURCE_DOES_NOT_EXIST", client.set_registered_model_alias, name, "fine", "9")
    client.delete_model_version(name, "2")
    assert client.get_registered_model(name).aliases == {}


def check_stages():
    name = unique("stages")
    run = run_with_files()
    client.create_registered_model(name)
    for _ in range(3):
        client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id)
    assert client.transition_model_version_stage(name, "1", "production").current_stage == "Production"
    moved = client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
    assert moved.current_stage == "Production"
    assert client.get_model_version(name, "1").current_stage == "Archived"
    latest = client.get_latest_versions(name)
    assert {(v.current_stage, int(v.version)) for v in latest} == {("Archived", 1), ("Production", 2), ("None", 3)}
    assert [int(v.version) for v in client.get_latest_versions(name, ["Production"])] == [2]
    assert len(client.get_registered_model(name).latest_versions) == 3
    expect_error("INVALID_PARAMETER_VALUE", client.transition_model_version_stage, name, "1", "Nowhere")
    path = mlflow.artifacts.download_artifacts(artifact_uri=f"models:/{name}/Production")
    assert open(f"{path}/weights.txt").read() == "weights"


def check_search():
    mark = unique("seek")
    run = run_with_files()
    for letter in "abc":
        client.create_registered_model(f"{mark}-{letter}", tags={"mark": mark, "letter": letter})
        for _ in range(2):
            client.create_model_version(
                f"{mark}-{letter}", f"{run.info.artifact_uri}/model", run.info.run_id, tags={"of": letter}
            )

    def models(filter_string, **options):
        found = client.search_registered_models(filter_string, **options)
        return [m.name.removeprefix(mark + "-") for m in found]

    assert models(f"name LIKE '{mark}%'") == ["a", "b", "c"]
    assert models(f"name LIKE '{mark}%'", order_by=["name DESC"]) == ["c", "b", "a"]
    assert models(f"name = '{mark}-b'") == ["b"]
    assert models(f"name ILIKE '{mark.upper()}-C'") == ["c"]
    assert models(f"tags.mark = '{mark}' and tags.letter != 'b'") == ["a", "c"]
    page = client.search_registered_models(f"name LIKE '{mark}%'", max_results=2)
    assert len(page) == 2 and page.token
    rest = client.search_registered_models(f"name LIKE '{mark}%'", max_results=2, page_token=page.token)
    assert [m.name for m in rest] == [f"{mark}-c"] and not rest.token
    expect_error("INVALID_PARAMETER_VALUE", models, "name !! 'x'")
    expect_error("INVALID_PARAMETER_VALUE", models, "version = 1")

    def versions(filter_string, **options):
        found = client.search_model_versions(filter_string, **options)
        return [(v.name.removeprefix(mark + "-"), int(v.version)) for v in found]

    assert sorted(versions(f"run_id = '{run.info.run_id}'")) == [(x, n) for x in "abc" for n in (1, 2)]
    assert sorted(versions(f"name = '{mark}-a'")) == [("a", 1), ("a", 2)]
    assert versions(f"name = '{mark}-a'", order_by=["version_number DESC"]) == [("a", 2), ("a", 1)]
    assert versions(f"name LIKE '{mark}%' AND tags.of = 'c'", order_by=["version_number ASC"]) == [("c", 1), ("c", 2)]
    assert versions(f"name = '{mark}-b' and version_number = 2") == [("b", 2)]
    assert len(versions(f"source_path = '{run.info.artifact_uri}/model'")) == 6
    expect_error("INVALID_PARAMETER_VALUE", versions, "colour = 'x'")


def check_rename_keeps_versions():
    name, renamed = unique("before"), unique("after")
    run = run_with_files()
    client.create_registered_model(name)
    client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id, tags={"t": "1"})
    client.set_registered_model_alias(name, "best", "1")
    client.rename_registered_model(name, renamed)
    found = client.get_model_version_by_alias(renamed, "best")
    assert found.name == renamed and found.tags == {"t": "1"}
    other = unique("taken")
    client.create_registered_model(other)
    expect_error("RESOURCE_ALREADY_EXISTS", client.rename_registered_model, renamed, other)


def check_copy():
    name, target = unique("origin"), unique("target")
    run = run_with_files()
    client.create_registered_model(name)
    client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id, tags={"kept": "yes"})
    copied = client.copy_model_version(f"models:/{name}/1", target)
    assert copied.name == target and int(copied.version) == 1 and copied.run_id == run.info.run_id
    assert client.get_model_version(target, "1").tags == {"kept": "yes"}
    again = client.copy_model_version(f"models:/{name}/1", target)
    assert int(again.version) == 2
    path = mlflow.artifacts.download_artifacts(artifact_uri=f"models:/{target}/2/weights.txt")
    assert open(path).read() == "weights"


def check_foreign_sources():
    name = unique("sources")
    client.create_registered_model(name)
    run = run_with_files()
    for source in ["/etc", "file:///etc", f"{run.info.artifact_uri}/../../..", f"{run.info.artifact_uri}/model"]:
        expect_error("INVALID_PARAMETER_VALUE", client.create_model_version, name, source)
    assert client.search_model_versions(f"name = '{name}'") == []


main(globals())
