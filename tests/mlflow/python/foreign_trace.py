"""A trace that another language's client stored, read by the Python client."""

import os

import mlflow
from checks import main


def check_trace():
    trace = mlflow.get_trace(os.environ["TRACE_ID"])
    (span,) = trace.data.spans
    assert span.name == "weather" and span.span_type == "TOOL"
    assert span.inputs == {"city": "Oslo"} and span.outputs == "cold"
    assert span.start_time_ns == 1748779200000000001 and span.end_time_ns == 1748779200250000003
    (found,) = mlflow.search_traces(locations=[trace.info.experiment_id], return_type="list")
    assert found.info.trace_id == trace.info.trace_id and found.data.spans[0].name == "weather"


main(globals())
