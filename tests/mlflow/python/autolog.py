"""Autologging: what MLflow records by itself of scikit-learn, PyTorch, LangChain and OpenAI.

The language model is the server's own: `CHAT_URL` is an OpenAI-compatible address and
`CHAT_MODEL` a model there.
"""

import json
import os

import mlflow
import numpy
from checks import main, unique
from mlflow import MlflowClient

client = MlflowClient()
chat_url = os.environ["CHAT_URL"]
chat_model = os.environ["CHAT_MODEL"]


def check_scikit_learn():
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    random = numpy.random.default_rng(7)
    inputs = random.normal(size=(60, 3))
    targets = (inputs.sum(axis=1) > 0).astype(int)
    experiment = mlflow.set_experiment(unique("autolog-sklearn"))
    mlflow.sklearn.autolog(log_input_examples=False)
    try:
        with mlflow.start_run() as run:
            model = make_pipeline(StandardScaler(), LogisticRegression(C=0.5)).fit(inputs, targets)
            model.score(inputs, targets)
        found = client.get_run(run.info.run_id)
        assert found.data.params["logisticregression__C"] == "0.5"
        assert found.data.metrics["training_accuracy_score"] > 0.9
        assert found.data.tags["estimator_name"] == "Pipeline"
        assert [i.dataset.name for i in found.inputs.dataset_inputs]
        (output,) = found.outputs.model_outputs
        loaded = mlflow.sklearn.load_model(f"models:/{output.model_id}")
        assert numpy.array_equal(loaded.predict(inputs), model.predict(inputs))
        paths = {f.path for f in client.list_artifacts(run.info.run_id)}
        assert "training_confusion_matrix.png" in paths, paths

        search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0, 10.0]}, cv=2)
        with mlflow.start_run() as parent:
            search.fit(inputs, targets)
        children = client.search_runs(
            [experiment.experiment_id], f"tags.mlflow.parentRunId = '{parent.info.run_id}'"
        )
        assert len(children) == 3
        assert {c.data.params["C"] for c in children} == {"0.1", "1.0", "10.0"}
        assert client.get_run(parent.info.run_id).data.params["best_C"] == str(search.best_params_["C"])
    finally:
        mlflow.sklearn.autolog(disable=True)


def check_pytorch():
    import pytorch_lightning as lightning
    import torch

    class Line(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(3, 1)

        def training_step(self, batch, index):
            loss = torch.nn.functional.mse_loss(self.layer(batch[0]), batch[1])
            self.log("loss", loss, on_epoch=True, on_step=False)
            return loss

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.1)

    torch.manual_seed(1)
    inputs = torch.randn(32, 3)
    targets = inputs @ torch.tensor([[1.0], [-2.0], [0.5]])
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(inputs, targets), batch_size=8)
    mlflow.set_experiment(unique("autolog-torch"))
    mlflow.pytorch.autolog(checkpoint=False)
    try:
        model = Line()
        trainer = lightning.Trainer(
            max_epochs=6, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False
        )
        with mlflow.start_run() as run:
            trainer.fit(model, loader)
        found = client.get_run(run.info.run_id)
        assert found.data.params["epochs"] == "6" and found.data.params["optimizer_name"] == "SGD"
        assert float(found.data.params["lr"]) == 0.1
        history = client.get_metric_history(run.info.run_id, "loss")
        assert len(history) == 6 and history[-1].value < history[0].value / 10
        (output,) = found.outputs.model_outputs
        loaded = mlflow.pytorch.load_model(f"models:/{output.model_id}")
        assert torch.equal(loaded.layer.weight, model.layer.weight)
        assert "model_summary.txt" in {f.path for f in client.list_artifacts(run.info.run_id)}
    finally:
        mlflow.pytorch.autolog(disable=True)


def spans_of_last_trace():
    mlflow.flush_trace_async_logging()
    return mlflow.get_trace(mlflow.get_last_active_trace_id()).data.spans


def check_langchain():
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_core.runnables import RunnableLambda
    from langchain_openai import ChatOpenAI

    experiment = mlflow.set_experiment(unique("autolog-langchain"))
    mlflow.langchain.autolog()
    try:
        prompt = ChatPromptTemplate.from_messages([("system", "Answer briefly."), ("user", "{question}")])
        model = ChatOpenAI(
            model=chat_model, base_url=chat_url, api_key="unused", max_completion_tokens=8, temperature=0, max_retries=0
        )
        chain = prompt | model | StrOutputParser() | RunnableLambda(str.upper)
        answer = chain.invoke({"question": "What is a hearth?"})
        spans = spans_of_last_trace()
        root = spans[0]
        assert root.inputs == {"question": "What is a hearth?"} and root.outputs == answer
        types = {span.span_type for span in spans}
        assert "CHAT_MODEL" in types and "CHAIN" in types, types
        (chat,) = [span for span in spans if span.span_type == "CHAT_MODEL"]
        usage = chat.get_attribute("mlflow.chat.tokenUsage")
        assert usage["output_tokens"] > 0 and usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
        streamed = "".join(chain.stream({"question": "And a stove?"}))
        assert spans_of_last_trace()[0].outputs == streamed
        found = mlflow.search_traces(locations=[experiment.experiment_id], return_type="list")
        assert len(found) == 2
        totals = json.loads(found[-1].info.trace_metadata["mlflow.trace.tokenUsage"])
        assert totals["total_tokens"] == usage["total_tokens"]
    finally:
        mlflow.langchain.autolog(disable=True)


def check_openai():
    from openai import OpenAI

    experiment = mlflow.set_experiment(unique("autolog-openai"))
    mlflow.openai.autolog()
    try:
        openai = OpenAI(base_url=chat_url, api_key="unused", max_retries=0)
        messages = [{"role": "user", "content": "Say something."}]
        answer = openai.chat.completions.create(
            model=chat_model, messages=messages, max_completion_tokens=6, temperature=0
        )
        (span,) = spans_of_last_trace()
        assert span.span_type == "CHAT_MODEL" and span.inputs["messages"] == messages
        assert span.outputs["choices"][0]["message"]["content"] == answer.choices[0].message.content
        assert span.get_attribute("mlflow.chat.tokenUsage")["output_tokens"] == answer.usage.completion_tokens
        chunks = openai.chat.completions.create(
            model=chat_model, messages=messages, max_completion_tokens=6, temperature=0, stream=True
        )
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        assert text == answer.choices[0].message.content
        (span,) = spans_of_last_trace()
        assert span.outputs["choices"][0]["message"]["content"] == text, span.outputs
        found = mlflow.search_traces(locations=[experiment.experiment_id], return_type="list")
        assert len(found) == 2
    finally:
        mlflow.openai.autolog(disable=True)


main(globals())
