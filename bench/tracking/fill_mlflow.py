"""Fills the SQLite file of an MLflow server beside its API, which would take minutes:

    fill_mlflow.py FILE runs EXPERIMENT COUNT
    fill_mlflow.py FILE points RUN KEY COUNT

The rows are those that the bench logs to Hearth through the API (requests.ts).
"""

import sqlite3
import sys
import uuid

EPOCH = 1_760_000_000_000
PARAMS, METRICS = 50, 20


def value_at(step):
    return ((step + 1) * 2_654_435_761 & 0xFFFFFFFF) / 2**32


def fill_runs(connection, experiment, count):
    ids = [uuid.uuid4().hex for _ in range(count)]
    connection.executemany(
        "insert into runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status,"
        " start_time, source_version, lifecycle_stage, artifact_uri, experiment_id)"
        " values (?, ?, 'UNKNOWN', '', '', '', 'RUNNING', ?, '', 'active', ?, ?)",
        (
            (run, f"run-{index}", EPOCH + index, f"mlflow-artifacts:/{experiment}/{run}/artifacts", experiment)
            for index, run in enumerate(ids)
        ),
    )
    connection.executemany(
        "insert into tags (key, value, run_uuid) values (?, ?, ?)",
        (
            tag
            for index, run in enumerate(ids)
            for tag in (("mlflow.source.name", "bench.py", run), ("mlflow.runName", f"run-{index}", run))
        ),
    )
    connection.executemany(
        "insert into params (key, value, run_uuid) values (?, ?, ?)",
        (
            (f"p{key}", f"value-{(index * 7 + key) % 1000}", run)
            for index, run in enumerate(ids)
            for key in range(PARAMS)
        ),
    )
    for table in ("metrics", "latest_metrics"):
        connection.executemany(
            f"insert into {table} (key, value, timestamp, step, is_nan, run_uuid) values (?, ?, ?, 0, 0, ?)",
            (
                (f"m{key}", value_at(index * METRICS + key), EPOCH + index, run)
                for index, run in enumerate(ids)
                for key in range(METRICS)
            ),
        )


def fill_points(connection, run, key, count):
    connection.executemany(
        "insert into metrics (key, value, timestamp, step, is_nan, run_uuid) values (?, ?, ?, ?, 0, ?)",
        ((key, value_at(step), EPOCH + step, step, run) for step in range(count)),
    )
    connection.execute(
        "insert into latest_metrics (key, value, timestamp, step, is_nan, run_uuid) values (?, ?, ?, ?, 0, ?)",
        (key, value_at(count - 1), EPOCH + count - 1, count - 1, run),
    )


def main():
    file, what, *rest = sys.argv[1:]
    connection = sqlite3.connect(file, timeout=60)
    with connection:
        if what == "runs":
            fill_runs(connection, int(rest[0]), int(rest[1]))
        else:
            fill_points(connection, rest[0], rest[1], int(rest[2]))
    connection.close()


main()
