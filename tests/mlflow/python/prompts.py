"""Prompts: registered models by another name, as the Python client keeps them."""

import mlflow
from checks import expect_error, main, unique
from mlflow import MlflowClient

client = MlflowClient()


def check_register_and_load():
    name = unique("prompt")
    one = mlflow.genai.register_prompt(
        name, "Say {{what}} to {{who}}.", commit_message="first", tags={"lang": "en"}
    )
    assert one.version == 1 and one.template == "Say {{what}} to {{who}}." and one.variables == {"what", "who"}
    two = mlflow.genai.register_prompt(
        name,
        [{"role": "system", "content": "Be {{how}}."}, {"role": "user", "content": "{{q}}"}],
        response_format={"type": "object", "properties": {"a": {"type": "string"}}},
    )
    assert two.version == 2
    loaded = mlflow.genai.load_prompt(f"prompts:/{name}/1")
    assert loaded.format(what="hi", who="you") == "Say hi to you."
    assert loaded.commit_message == "first" and loaded.tags["lang"] == "en"
    chat = mlflow.genai.load_prompt(name, version=2)
    assert chat.format(how="short", q="why?")[1] == {"role": "user", "content": "why?"}
    assert chat.response_format["type"] == "object"
    assert mlflow.genai.load_prompt(f"prompts:/{name}@latest").version == 2
    assert mlflow.genai.load_prompt(name).version == 2
    assert mlflow.genai.load_prompt(f"prompts:/{unique('absent')}/1", allow_missing=True) is None
    expect_error("RESOURCE_ALREADY_EXISTS", client.create_registered_model, name)


def check_aliases_and_tags():
    name = unique("prompt")
    for text in ["one", "two"]:
        mlflow.genai.register_prompt(name, text)
    mlflow.genai.set_prompt_alias(name, "live", 1)
    assert mlflow.genai.load_prompt(f"prompts:/{name}@live").template == "one"
    mlflow.genai.set_prompt_alias(name, "live", 2)
    assert mlflow.genai.load_prompt(f"prompts:/{name}@live", cache_ttl_seconds=0).template == "two"
    mlflow.genai.delete_prompt_alias(name, "live")
    assert mlflow.genai.load_prompt(f"prompts:/{name}@live", allow_missing=True, cache_ttl_seconds=0) is None
    mlflow.genai.set_prompt_tag(name, "team", "a")
    assert mlflow.genai.get_prompt_tags(name)["team"] == "a"
    mlflow.genai.delete_prompt_tag(name, "team")
    assert "team" not in mlflow.genai.get_prompt_tags(name)
    mlflow.genai.set_prompt_version_tag(name, 1, "state", "old")
    assert mlflow.genai.load_prompt(name, version=1, cache_ttl_seconds=0).tags["state"] == "old"
    mlflow.genai.delete_prompt_version_tag(name, 1, "state")
    assert "state" not in mlflow.genai.load_prompt(name, version=1, cache_ttl_seconds=0).tags


def check_search():
    mark = unique("seek")
    for letter in "ab":
        mlflow.genai.register_prompt(f"{mark}-{letter}", letter, tags={"mark": mark})
    model = f"{mark}-model"
    client.create_registered_model(model)
    found = mlflow.genai.search_prompts(filter_string=f"name LIKE '{mark}%'")
    assert {p.name for p in found} == {f"{mark}-a", f"{mark}-b"}
    # Prompts are no models to those who look for models.
    assert [m.name for m in client.search_registered_models(f"name LIKE '{mark}%'")] == [model]
    versions = client.search_prompt_versions(f"{mark}-a")
    assert [int(v.version) for v in versions] == [1]
    expect_error("RESOURCE_ALREADY_EXISTS", client.create_registered_model, f"{mark}-a")


def check_deletion():
    name = unique("gone")
    for text in ["one", "two"]:
        mlflow.genai.register_prompt(name, text)
    client.delete_prompt_version(name, "1")
    assert mlflow.genai.load_prompt(name, version=1, allow_missing=True, cache_ttl_seconds=0) is None
    client.delete_prompt_version(name, "2")
    client.delete_prompt(name)
    assert client.get_prompt(name) is None


def check_link_to_run():
    name = unique("used")
    mlflow.genai.register_prompt(name, "in a run")
    mlflow.set_experiment(unique("prompts"))
    with mlflow.start_run() as run:
        prompt = mlflow.genai.load_prompt(name, version=1)
    tags = client.get_run(run.info.run_id).data.tags
    assert name in tags["mlflow.linkedPrompts"], tags
    assert prompt.template == "in a run"


main(globals())
