"""Traces, spans and assessments as the Python client sends and reads them."""

import json

import mlflow
from checks import expect_error, main, unique
from mlflow import MlflowClient
from mlflow.entities import AssessmentSource, Feedback, SpanEvent, SpanType

client = MlflowClient()


def traced(experiment_name=None):
    """The id of a trace of two nested calls, in an experiment of its own."""
    experiment = mlflow.set_experiment(experiment_name or unique("traces"))

    @mlflow.trace(span_type=SpanType.TOOL, attributes={"unit": "kelvin", "n": 7})
    def inner(x):
        return {"doubled": 2 * x}

    @mlflow.trace(name="outer call")
    def outer(x, note="ünï"):
        return inner(x)["doubled"] + 1

    assert outer(20) == 41
    trace_id = mlflow.get_last_active_trace_id()
    mlflow.flush_trace_async_logging()
    return experiment.experiment_id, trace_id


def check_decorated_functions():
    experiment_id, trace_id = traced()
    assert trace_id.startswith("tr-")
    trace = mlflow.get_trace(trace_id)
    info = trace.info
    assert info.experiment_id == experiment_id and str(info.state).endswith("OK")
    assert info.request_time > 0 and info.execution_duration is not None
    assert json.loads(info.request_preview) == {"x": 20, "note": "ünï"} and info.response_preview == "41"
    assert info.tags["mlflow.traceName"] == "outer call"
    outer, inner = trace.data.spans
    assert (outer.name, inner.name) == ("outer call", "inner")
    assert outer.parent_id is None and inner.parent_id == outer.span_id
    assert outer.inputs == {"x": 20, "note": "ünï"} and outer.outputs == 41
    assert inner.inputs == {"x": 20} and inner.outputs == {"doubled": 40}
    assert inner.span_type == "TOOL" and inner.get_attribute("unit") == "kelvin"
    assert inner.get_attribute("n") == 7
    assert outer.start_time_ns <= inner.start_time_ns <= inner.end_time_ns <= outer.end_time_ns
    assert inner.end_time_ns % 1000 or inner.start_time_ns % 1000 or outer.start_time_ns % 1000
    assert trace.data.request == '{"x": 20, "note": "ünï"}' or json.loads(trace.data.request) == outer.inputs


def check_manual_spans():
    mlflow.set_experiment(unique("spans"))
    with mlflow.start_span("root", span_type=SpanType.CHAIN) as root:
        root.set_inputs({"q": "why"})
        with mlflow.start_span("child") as child:
            child.set_attributes({"list": [1, 2.5, "x"], "nested": {"a": None}, "yes": True})
            child.add_event(SpanEvent("noticed", attributes={"k": "v"}))
        root.set_outputs(["because"])
    detached = client.start_trace("by hand", inputs={"a": 1}, tags={"from": "client"})
    span = client.start_span("step", trace_id=detached.trace_id, parent_id=detached.span_id, inputs=[1])
    client.end_span(span.trace_id, span.span_id, outputs=[2])
    client.end_trace(detached.trace_id, outputs={"b": 2})
    mlflow.flush_trace_async_logging()
    trace = mlflow.get_trace(root.trace_id)
    child = trace.data.spans[1]
    assert child.get_attribute("list") == [1, 2.5, "x"] and child.get_attribute("nested") == {"a": None}
    assert child.get_attribute("yes") is True
    assert [(e.name, e.attributes) for e in child.events] == [("noticed", {"k": "v"})]
    assert trace.data.spans[0].outputs == ["because"]
    trace = mlflow.get_trace(detached.trace_id)
    assert trace.info.tags["from"] == "client"
    assert [s.name for s in trace.data.spans] == ["by hand", "step"]


def check_errors_and_generators():
    mlflow.set_experiment(unique("failing"))

    @mlflow.trace
    def failing():
        raise ValueError("on purpose")

    @mlflow.trace
    def counting(n):
        yield from range(n)

    try:
        failing()
    except ValueError:
        pass
    failed = mlflow.get_last_active_trace_id()
    assert list(counting(3)) == [0, 1, 2]
    counted = mlflow.get_last_active_trace_id()
    mlflow.flush_trace_async_logging()
    trace = mlflow.get_trace(failed)
    assert str(trace.info.state).endswith("ERROR")
    span = trace.data.spans[0]
    assert span.status.status_code.value == "ERROR" and "on purpose" in span.status.description
    (event,) = span.events
    assert event.name == "exception" and event.attributes["exception.message"] == "on purpose"
    assert mlflow.get_trace(counted).data.spans[0].outputs == [0, 1, 2]


def check_search():
    experiment_id, first = traced()
    name = client.get_experiment(experiment_id).name
    _, second = traced(name)
    client.set_trace_tag(second, "colour", "red")
    mlflow.set_experiment(name)
    with mlflow.start_run() as run:
        _, third = traced(name)

    def search(filter_string=None, **options):
        found = mlflow.search_traces(
            locations=[experiment_id], filter_string=filter_string, return_type="list", **options
        )
        return [trace.info.trace_id for trace in found]

    assert search(order_by=["timestamp_ms ASC"]) == [first, second, third]
    assert search(order_by=["timestamp_ms DESC"]) == [third, second, first]
    assert search(max_results=1, order_by=["timestamp_ms ASC"]) == [first]
    assert search("tags.colour = 'red'") == [second]
    assert set(search("status = 'OK'")) == {first, second, third}
    assert search("status = 'ERROR'") == []
    assert set(search("name = 'outer call'")) == {first, second, third}
    assert search("name LIKE 'nothing%'") == []
    assert search("timestamp_ms < 1000") == []
    assert len(search("execution_time_ms >= 0 AND trace.status = 'OK'")) == 3
    assert search("metadata.`mlflow.sourceRun` = '%s'" % run.info.run_id) == [third]
    assert search(run_id=run.info.run_id) == [third]
    assert search("span.name = 'inner' AND tag.colour = 'red'") == [second]
    assert search("span.type = 'RETRIEVER'") == []
    expect_error("INVALID_PARAMETER_VALUE", search, "nonsense ==")
    page = client.search_traces(locations=[experiment_id], max_results=2)
    assert len(page) == 2 and page.token
    rest = client.search_traces(locations=[experiment_id], max_results=2, page_token=page.token)
    assert len(rest) == 1 and not rest.token
    bare = mlflow.search_traces(locations=[experiment_id], include_spans=False, return_type="list")
    assert len(bare) == 3 and all(not t.data.spans for t in bare)
    frame = mlflow.search_traces(locations=[experiment_id])
    assert set(frame["trace_id"]) == {first, second, third}


def check_tags_and_metadata():
    mlflow.set_experiment(unique("tags"))
    with mlflow.start_span("tagged") as span:
        mlflow.update_current_trace(
            tags={"early": "1"}, metadata={"mlflow.trace.session": "s-1", "mlflow.trace.user": "u-1"}
        )
    mlflow.flush_trace_async_logging()
    trace_id = span.trace_id
    mlflow.set_trace_tag(trace_id, "late", "2")
    info = mlflow.get_trace(trace_id).info
    assert info.tags["early"] == "1" and info.tags["late"] == "2"
    assert info.trace_metadata["mlflow.trace.session"] == "s-1"
    mlflow.delete_trace_tag(trace_id, "late")
    assert "late" not in mlflow.get_trace(trace_id).info.tags
    found = mlflow.search_traces(
        locations=[info.experiment_id],
        filter_string="metadata.`mlflow.trace.session` = 's-1'",
        return_type="list",
    )
    assert [t.info.trace_id for t in found] == [trace_id]


def check_assessments():
    experiment_id, trace_id = traced()
    human = AssessmentSource(source_type="HUMAN", source_id="someone@example.org")
    feedback = mlflow.log_feedback(
        trace_id=trace_id, name="helpful", value=True, source=human, rationale="it was", metadata={"k": "v"}
    )
    scored = mlflow.log_feedback(trace_id=trace_id, name="score", value=0.5)
    wanted = mlflow.log_expectation(trace_id=trace_id, name="answer", value={"is": [41]}, source=human)
    assert feedback.assessment_id.startswith("a-")
    found = {a.name: a for a in mlflow.get_trace(trace_id).info.assessments}
    assert set(found) == {"helpful", "score", "answer"}
    assert found["helpful"].feedback.value is True and found["helpful"].rationale == "it was"
    assert found["helpful"].source.source_id == "someone@example.org" and found["helpful"].metadata == {"k": "v"}
    assert found["score"].feedback.value == 0.5
    assert found["answer"].expectation.value == {"is": [41]}
    one = mlflow.get_assessment(trace_id, feedback.assessment_id)
    assert one.feedback.value is True and one.trace_id == trace_id
    mlflow.update_assessment(trace_id, scored.assessment_id, Feedback(name="score", value=0.75))
    assert mlflow.get_assessment(trace_id, scored.assessment_id).feedback.value == 0.75
    changed = mlflow.override_feedback(
        trace_id=trace_id, assessment_id=feedback.assessment_id, value=False, source=human
    )
    assert changed.overrides == feedback.assessment_id
    assert mlflow.get_assessment(trace_id, feedback.assessment_id).valid is False
    mlflow.delete_assessment(trace_id, wanted.assessment_id)
    assert "answer" not in {a.name for a in mlflow.get_trace(trace_id).info.assessments}
    expect_error("RESOURCE_DOES_NOT_EXIST", mlflow.get_assessment, trace_id, "a-" + "0" * 32)
    found = mlflow.search_traces(
        locations=[experiment_id], filter_string="feedback.score = '0.75'", return_type="list"
    )
    assert [t.info.trace_id for t in found] == [trace_id]
    try:
        mlflow.log_feedback(trace_id=trace_id, name="judge", error=ValueError("no answer"))
    finally:
        judged = [a for a in mlflow.get_trace(trace_id).info.assessments if a.name == "judge"]
        assert judged and judged[0].feedback.error.error_message == "no answer"


def check_link_to_run():
    experiment_id, trace_id = traced()
    run_id = client.create_run(experiment_id).info.run_id
    client.link_traces_to_run([trace_id], run_id)
    found = mlflow.search_traces(locations=[experiment_id], run_id=run_id, return_type="list")
    assert [t.info.trace_id for t in found] == [trace_id]
    # A link adds to what was there, and a second link of the same trace changes nothing.
    _, other = traced(client.get_experiment(experiment_id).name)
    client.link_traces_to_run([trace_id, other], run_id)
    found = mlflow.search_traces(locations=[experiment_id], run_id=run_id, return_type="list")
    assert {t.info.trace_id for t in found} == {trace_id, other}


def check_deletion():
    experiment_id, first = traced()
    _, second = traced(client.get_experiment(experiment_id).name)
    assert client.delete_traces(experiment_id, trace_ids=[first]) == 1
    assert mlflow.get_trace(first, silent=True) is None
    assert mlflow.get_trace(second) is not None
    assert client.delete_traces(experiment_id, trace_ids=[first]) == 0
    newest = mlflow.get_trace(second).info.request_time
    assert client.delete_traces(experiment_id, max_timestamp_millis=newest + 1, max_traces=10) == 1
    assert mlflow.search_traces(locations=[experiment_id], return_type="list") == []


def check_logged_copy():
    _, trace_id = traced()
    trace = mlflow.get_trace(trace_id)
    mlflow.set_experiment(unique("copy"))
    copy = mlflow.log_trace(name="rebuilt", request={"a": 1}, response="b", intermediate_outputs={"x": 1}, tags={"t": "u"})
    mlflow.flush_trace_async_logging()
    found = mlflow.get_trace(copy)
    assert found.info.tags["t"] == "u" and found.data.spans[0].name == "rebuilt"
    merged = mlflow.add_trace(trace)
    mlflow.flush_trace_async_logging()
    merged = mlflow.get_last_active_trace_id()
    names = [s.name for s in mlflow.get_trace(merged).data.spans]
    assert "outer call" in names and "inner" in names, names


def check_many_traces():
    experiment_id = mlflow.set_experiment(unique("many")).experiment_id
    made = set()
    for i in range(25):
        with mlflow.start_span(f"span-{i}") as span:
            span.set_inputs({"i": i})
        made.add(span.trace_id)
    mlflow.flush_trace_async_logging()
    found = mlflow.search_traces(locations=[experiment_id], return_type="list")
    assert {t.info.trace_id for t in found} == made
    assert {t.data.spans[0].name for t in found} == {f"span-{i}" for i in range(25)}


main(globals())
