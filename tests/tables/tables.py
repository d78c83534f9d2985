# SPDX-License-Identifier: Apache-2.0
"""Trains public tables by ccm and by others, all by their defaults: `tools/tables`.

Every table is split five times into three quarters to learn from and one that is held out. Prints Markdown,
as it stands in docs/tables.md: means over the splits, ± one standard deviation of them.
"""
import argparse
import os
import statistics
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import datasets  # noqa: E402
import methods  # noqa: E402

SPLITS = 5


def arguments():
    parser = argparse.ArgumentParser(prog="tools/tables", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE",
                        help=f"which, of {', '.join(datasets.TABLES)}; without it all")
    parser.add_argument("--quick", action="store_true",
                        help=f"one split of {', '.join(datasets.QUICK)}, unless tables are named")
    parser.add_argument("--only", action="append", metavar="METHOD",
                        help="a column, repeatable; without it all")
    parser.add_argument("--bin", default=f"{ROOT}/build/bin", help="where ccm-compile and ccm-run are")
    given = parser.parse_args()
    given.tables = given.tables or (datasets.QUICK if given.quick else list(datasets.TABLES))
    for name in given.tables:
        if name not in datasets.TABLES:
            parser.error(f"expected one of {', '.join(datasets.TABLES)}, found '{name}'")
    return given


def measure(table, learn, splits):
    """An outcome for every split."""
    outcomes = []
    for seed in range(splits):
        train, test = table.split(seed)
        outcomes.append(learn(table, train, test, seed))
    return outcomes


def spread(values, digits):
    """A mean and, of several values, their deviation."""
    text = f"{statistics.mean(values):.{digits}f}"
    return text + (f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else "")


def score_text(table, outcomes):
    scores = [outcome.score for outcome in outcomes]
    return spread([100 * score for score in scores], 1) + " %" if table.classes else spread(scores, 3)


def loss_text(_table, outcomes):
    mean = statistics.mean(outcome.loss for outcome in outcomes)
    return f"{mean:.3f}" if mean < 100 else f"{mean:,.0f}"


def seconds_text(_table, outcomes):
    return f"{statistics.mean(outcome.seconds for outcome in outcomes):.2f}"


def print_table(title, columns, rows, cell):
    """One of the three tables; `rows` holds (table, outcomes by column)."""
    print(f"\n{title}\n\n| table | " + " | ".join(columns) + " |")
    print("| --- |" + " --- |" * len(columns))
    for table, found in rows:
        print(f"| {table.name} | " + " | ".join(cell(table, found[name]) for name in columns) + " |")


def kind_of(table):
    return f"{table.classes} classes" if table.classes else "a number"


def print_tables(columns, rows):
    print("\n| table | rows | columns | told |\n| --- | --- | --- | --- |")
    for table, _ in rows:
        print(f"| {table.name} | {len(table.target)} | {table.values.shape[1]} | {kind_of(table)} |")
    print_table("Accuracy, or R2 of numbers:", columns, rows, score_text)
    print_table("Log loss, or root mean square error:", columns, rows, loss_text)
    print_table("Seconds to train:", columns, rows, seconds_text)


def main():
    given = arguments()
    chosen = methods.all_methods(given.bin)
    chosen = {name: chosen[name] for name in chosen if not given.only or name in given.only}
    rows = []
    for name in given.tables:
        table = datasets.TABLES[name]()
        found = {}
        for method, learn in chosen.items():
            print(f"tables: {name}, {method}", file=sys.stderr)
            found[method] = measure(table, learn, 1 if given.quick else SPLITS)
        rows.append((table, found))
    print_tables(list(chosen), rows)


if __name__ == "__main__":
    main()
