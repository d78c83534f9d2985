# SPDX-License-Identifier: Apache-2.0
"""What learns a table: ccm, by its programs, and others, all by their defaults.

A method is a function (table, rows to learn from, rows held out, seed) -> Outcome.
"""
import csv
import dataclasses
import json
import subprocess
import tempfile
import time
import warnings

import numpy


@dataclasses.dataclass
class Outcome:
    """`score` is accuracy or R2, `loss` the mean log loss or the root mean square error, on held-out rows;
    `seconds` that the training took."""

    score: float
    loss: float
    seconds: float


def run(*command):
    """What a command printed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


# ---- ccm --------------------------------------------------------------------------------------------


def write_rows(table, rows, path):
    """Writes rows with a column for each number, and the target."""
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([f"c{number}" for number in range(table.values.shape[1])] + ["target"])
        for row in rows:
            writer.writerow([f"{value:.9g}" for value in table.values[row]] + [table.target[row]])


class Ccm:
    """Declares each table by what `ccm-run declare` sees of the rows of its first split, compiles that, and
    trains it on every split without a flag."""

    def __init__(self, bin_folder, flags=()):
        self.bin, self.flags = bin_folder, flags
        self.folder = tempfile.TemporaryDirectory()
        self.libraries = {}

    def library(self, table, rows):
        """Of the rows of a file, or what is there already."""
        if table.name not in self.libraries:
            path = f"{self.folder.name}/{table.name}"
            run(f"{self.bin}/ccm-run", "declare", rows, "--target", "target", "--name", table.name, "--out",
                f"{path}.json")
            run(f"{self.bin}/ccm-compile", "-q", f"{path}.json", "-o", f"{path}.so")
            self.libraries[table.name] = f"{path}.so"
        return self.libraries[table.name]

    def __call__(self, table, train, test, seed):
        with tempfile.TemporaryDirectory() as folder:
            write_rows(table, train, f"{folder}/train.csv")
            write_rows(table, test, f"{folder}/test.csv")
            library = self.library(table, f"{folder}/train.csv")
            start = time.perf_counter()
            run(f"{self.bin}/ccm-run", "train", library, "--data", f"{folder}/train.csv", "--out",
                f"{folder}/run", *self.flags)
            seconds = time.perf_counter() - start
            report = run(f"{self.bin}/ccm-run", "eval", library, "--data", f"{folder}/test.csv",
                         "--checkpoint", f"{folder}/run", "--json")
        found = json.loads(report)["outputs"]["target"]
        if table.classes:
            return Outcome(found["accuracy"], found["loss"], seconds)
        return Outcome(found["r2"], found["rmse"], seconds)


# ---- Others -----------------------------------------------------------------------------------------


def others():
    """Models of other packages by name: (classifier, regressor, whether values are scaled first)."""
    from catboost import CatBoostClassifier, CatBoostRegressor
    from sklearn import dummy, ensemble, linear_model, neural_network
    cat = {"verbose": 0, "allow_writing_files": False}
    return {
        "constant": (dummy.DummyClassifier(strategy="prior"), dummy.DummyRegressor(), False),
        "linear": (linear_model.LogisticRegression(), linear_model.LinearRegression(), True),
        "MLP": (neural_network.MLPClassifier(), neural_network.MLPRegressor(), True),
        "HistGB": (ensemble.HistGradientBoostingClassifier(), ensemble.HistGradientBoostingRegressor(),
                   False),
        "CatBoost": (CatBoostClassifier(**cat), CatBoostRegressor(**cat), False),
    }


def outcome_of(table, model, test, seconds):
    from sklearn.metrics import accuracy_score, log_loss, r2_score, root_mean_squared_error
    values, target = table.values[test], table.target[test]
    answer = numpy.ravel(model.predict(values))
    if not table.classes:
        return Outcome(r2_score(target, answer), root_mean_squared_error(target, answer), seconds)
    loss = log_loss(target, model.predict_proba(values), labels=range(table.classes))
    return Outcome(accuracy_score(target, answer), loss, seconds)


def method_of(classifier, regressor, is_scaled):
    """A method of an estimator, which is seeded where it draws."""
    from sklearn.base import clone
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def learn(table, train, test, seed):
        model = clone(classifier if table.classes else regressor)
        if "random_state" in model.get_params() or "catboost" in type(model).__module__:
            model.set_params(random_state=seed)
        model = make_pipeline(StandardScaler(), model) if is_scaled else model
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the MLP, that its 200 passes were not enough
            model.fit(table.values[train], table.target[train])
        return outcome_of(table, model, test, time.perf_counter() - start)

    return learn


def all_methods(bin_folder):
    """Every method by the name of its column; ccm is the last."""
    return {name: method_of(*each) for name, each in others().items()} | {"ccm": Ccm(bin_folder)}
