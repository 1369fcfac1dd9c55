"""The tasks of the credit default pipeline: python3 tasks.py NAME.

They know nothing of the scheduler but the environment that every task gets: folders for inputs and outputs, a file for
small values, the run's parameters, and the connections that the task declares.
"""

import json
import os
import re
import sys
import time
from pathlib import Path

SEED = 42
TREES = 100
FEATURES = ["loan_amount", "income", "credit_score", "age", "loan_term"]
LABEL = "default_status"


def create_bucket():
    """Settles the name of the bucket of this run. A local run keeps all outputs in the host's artifact folder, so
    nothing is created; a name that object storage would refuse fails here rather than after the training."""
    bucket = params()["bucket"]
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket):
        sys.exit(f"'{bucket}' is no valid bucket name: 3 to 63 of a-z, 0-9, '.' and '-'. Set the parameter 'bucket'.")
    prefix = f"{os.environ['FLOW_DAG_ID']}/{os.environ['FLOW_RUN_ID']}"
    write_json(output("bucket.json"), {"bucket": bucket, "prefix": prefix})
    print(f"bucket {bucket}, prefix {prefix}")


def fetch_data():
    """Copies the table of loans into a file, in an order that does not change between runs."""
    import psycopg2

    dsn = os.environ.get("FLOW_CONN_CREDIT_DB")
    if not dsn:
        sys.exit("The connection 'credit_db' is not set: give its DSN to the host as FLOW_CONN_CREDIT_DB.")
    columns = ", ".join([*FEATURES, LABEL, "created_at"])
    query = f"COPY (SELECT {columns} FROM loans ORDER BY created_at, {columns}) TO STDOUT WITH (FORMAT csv, HEADER)"
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor, open(output("loans.csv"), "wb") as file:
        cursor.execute("SET TIME ZONE 'UTC'")
        cursor.copy_expert(query, file)
        rows = cursor.rowcount
    if rows == 0:
        sys.exit("The table 'loans' is empty: there is nothing to train on.")
    xcom(rows=rows)
    print(f"{rows} loans fetched")


def train_model():
    """Trains on four fifths of the loans, keeps the rest for the evaluation. The same loans give the same bytes."""
    print("training started")
    import joblib
    import pandas
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import train_test_split

    loans = pandas.read_csv(data("loans.csv"))
    train, test = train_test_split(loans, test_size=0.2, stratify=loans[LABEL], random_state=SEED)
    print(f"{len(train)} loans to learn from, {len(test)} kept for the evaluation")

    # Grown in steps, so that there is progress to show; the trees are the same as of one fit.
    forest = RandomForestClassifier(max_depth=10, random_state=SEED, n_jobs=1, warm_start=True)
    steps = range(10, TREES + 1, 10)
    for trees in steps:
        forest.set_params(n_estimators=trees).fit(train[FEATURES], train[LABEL])
        print(f"{trees} of {TREES} trees")
        slow_down(1 / len(steps))

    joblib.dump(forest, output("model.pkl"))
    test.to_csv(output("test.csv"), index=False)


def evaluate_model():
    """Measures the model on the loans that it has not seen."""
    import joblib
    import pandas
    from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

    forest = joblib.load(data("model.pkl"))
    test = pandas.read_csv(data("test.csv"))
    predicted = forest.predict(test[FEATURES])
    metrics = {
        "accuracy": accuracy_score(test[LABEL], predicted),
        "precision": precision_score(test[LABEL], predicted),
        "recall": recall_score(test[LABEL], predicted),
        "f1": f1_score(test[LABEL], predicted),
    }
    write_json(output("metrics.json"), metrics)
    xcom(**metrics)
    for name, value in metrics.items():
        print(f"{name:9} {value:.4f}")


def slow_down(fraction):
    """Only the demo sets this: it needs time to kill the host while the training runs."""
    time.sleep(float(os.environ.get("DEMO_TRAIN_SECONDS") or 0) * fraction)


def params():
    return json.loads(os.environ["FLOW_PARAMS"])


def data(name):
    return Path(os.environ["FLOW_INPUTS"], name)


def output(name):
    return Path(os.environ["FLOW_OUTPUTS"], name)


def xcom(**values):
    write_json(os.environ["FLOW_XCOM"], values)


def write_json(path, value):
    Path(path).write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")


TASKS = {task.__name__: task for task in (create_bucket, fetch_data, train_model, evaluate_model)}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in TASKS:
        sys.exit(f"usage: tasks.py {' | '.join(TASKS)}")
    TASKS[sys.argv[1]]()
