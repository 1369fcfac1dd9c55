"""What the demo prints from the JSON of `flow runs show`: report.py summary|run|training|survived FILE..."""

import json
import sys
from pathlib import Path
from urllib.parse import unquote, urlparse


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def task(run, name):
    return next(task for task in run["tasks"] if task["task"] == name)


def artifact(run, name, file):
    return next(artifact for artifact in task(run, name)["artifacts"] if artifact["name"] == file)


def local_path(uri):
    return Path(unquote(urlparse(uri).path))


def summary(run):
    metrics = json.loads(local_path(artifact(run, "evaluate_model", "metrics.json")["uri"]).read_text(encoding="utf-8"))
    print("\nThe model, measured on loans that it has not seen")
    for name in ("accuracy", "precision", "recall", "f1"):
        print(f"  {name.capitalize():<10} {metrics[name]:.4f}")
    print("\nArtifacts")
    for each in run["tasks"]:
        for file in each["artifacts"]:
            print(f"  {each['task'] + '/' + file['name']:<28} {file['size']:>9} bytes  {local_path(file['uri'])}")
    print("\nLogs")
    for each in run["tasks"]:
        print(f"  ./flow logs {run['run']} {each['task']}")


def training(live, undisturbed):
    """Exits 0 when a run newer than the undisturbed one is in its training."""
    is_new = live["run"] != undisturbed["run"]
    sys.exit(0 if is_new and task(live, "train_model")["state"] == "running" else 1)


def survived(disturbed, undisturbed):
    """Exits 1 unless the killed host cost one attempt of the training, and nothing else."""
    print()
    wrong = []

    def check(text, found, wanted):
        mark = "ok" if found == wanted else "WRONG"
        print(f"  {text:<52} {found}" + ("" if found == wanted else f"  ({mark}: expected {wanted})"))
        if found != wanted:
            wrong.append(text)

    def causes(name):
        return ", ".join(attempt["cause"] or "none" for attempt in task(disturbed, name)["attempts"])

    train = task(disturbed, "train_model")
    check("state of the run", disturbed["state"], "success")
    check("fetch_data: attempts", len(task(disturbed, "fetch_data")["attempts"]), 1)
    check("train_model: attempts", len(train["attempts"]), 2)
    check("train_model: causes", causes("train_model"), "host_lost, none")
    check("train_model: retriesUsed", train["retriesUsed"], 0)
    check("train_model: infraRetriesUsed", train["infraRetriesUsed"], 1)
    model = [artifact(run, "train_model", "model.pkl")["sha256"] for run in (disturbed, undisturbed)]
    check("model.pkl: SHA-256, as in the undisturbed run", model[0], model[1])
    print("\n" + ("The host was killed and nothing was lost." if not wrong else f"Not as promised: {'; '.join(wrong)}."))
    sys.exit(1 if wrong else 0)


def main(command, *paths):
    runs = [load(path) for path in paths]
    if command == "run":
        print(runs[0]["run"])
    else:
        {"summary": summary, "training": training, "survived": survived}[command](*runs)


if __name__ == "__main__":
    main(*sys.argv[1:])
