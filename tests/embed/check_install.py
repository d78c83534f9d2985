#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Installs ccm, moves the tree, and uses it as strangers do: outside the source, by CMake and by
pkg-config. The tools must need nothing of the source or the build."""
import argparse
import glob
import os
import shutil
import subprocess
import sys
import tempfile


def run(*command, cwd=None, env=None):
    result = subprocess.run(command, capture_output=True, text=True, cwd=cwd,
                            env={**os.environ, **(env or {})})
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout + result.stderr


def install(build, config, scratch):
    """The prefix, after the tree was moved there from where it was installed."""
    first, prefix = os.path.join(scratch, "first"), os.path.join(scratch, "second", "ccm")
    run("cmake", "--install", build, "--prefix", first, "--config", config or "Release")
    os.makedirs(os.path.dirname(prefix))
    os.rename(first, prefix)
    return prefix


def check_tools(prefix, build, source):
    for tool in ("ccm-compile", "ccm-opt", "ccm-run"):
        path = os.path.join(prefix, "bin", tool)
        assert "--help" in run(path, "--help"), tool
        libraries = run("ldd", path)
        for folder in (build, source):
            assert folder + "/" not in libraries, f"{tool} needs the build or the source:\n{libraries}"


def check_texts(prefix, build, source):
    """No file that CMake or pkg-config reads names a folder of the build."""
    for folder, _, names in os.walk(os.path.join(prefix, "lib")):
        for name in names:
            if name.endswith((".cmake", ".pc")):
                with open(os.path.join(folder, name), encoding="utf-8") as stream:
                    text = stream.read()
                assert build not in text and source not in text, f"{name} names the build or the source"


def check_example(prefix, source, scratch):
    by_cmake, by_make = os.path.join(scratch, "cmake"), os.path.join(scratch, "make")
    shutil.copytree(os.path.join(source, "examples/embed"), by_cmake)
    shutil.copytree(os.path.join(source, "examples/embed"), by_make)
    # Another prefix that the environment may name must not be taken instead.
    run("cmake", "-S", by_cmake, "-B", by_cmake + "/build", "-G", "Ninja",
        "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_PREFIX_PATH=" + prefix)
    run("cmake", "--build", by_cmake + "/build")
    run("make", "-C", by_make, "CFLAGS=-Wall -Wextra -Wpedantic -Werror",
        "CXXFLAGS=-Wall -Wextra -Wpedantic -Werror",
        env={"PKG_CONFIG_PATH": os.path.join(prefix, "lib/pkgconfig")})
    outputs = set()
    for folder in (by_cmake + "/build", by_make):
        for program in ("heater-cpp", "heater-c"):
            outputs.add(run(os.path.join(folder, program), cwd=folder).split(";")[0].strip())
        run(os.path.join(prefix, "bin/ccm-run"), "info", make_library(prefix, folder, source))
    assert len(outputs) == 1, f"C and C++, CMake and pkg-config train to different losses: {outputs}"
    check_rebuild(by_cmake)


def check_table(prefix, source, scratch):
    """A program learns a table, and one in C answers a row with what it learned."""
    project = os.path.join(scratch, "penguins")
    shutil.copytree(os.path.join(source, "examples/table"), project)
    [table] = glob.glob(os.path.join(source, ".venv/lib/python3*/site-packages/palmerpenguins/data/penguins.csv"))
    run("cmake", "-S", project, "-B", project + "/build", "-G", "Ninja",
        "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_PREFIX_PATH=" + prefix)
    run("cmake", "--build", project + "/build")
    learned = run(project + "/build/learn", table, cwd=project)
    assert learned.endswith("learned 344 rows; a bird from Torgersen: Adelie\n"), learned
    answer = run(project + "/build/answer", cwd=project)
    assert answer == "Adelie\n", answer


def make_library(prefix, folder, source):
    library = os.path.join(folder, "heater.so")
    run(os.path.join(prefix, "bin/ccm-compile"), os.path.join(source, "examples/embed/model.json"),
        "-o", library, "-q")
    return library


def check_rebuild(project):
    """A changed declaration compiles the model again; nothing else does."""
    library = project + "/build/heater.model/heater.a"
    before = os.stat(library).st_mtime_ns
    run("cmake", "--build", project + "/build")
    assert os.stat(library).st_mtime_ns == before, "the model was compiled again for no reason"
    with open(project + "/model.json", encoding="utf-8") as stream:
        text = stream.read()
    with open(project + "/model.json", "w", encoding="utf-8") as stream:
        stream.write(text.replace("3e-3", "2e-3"))
    run("cmake", "--build", project + "/build")
    assert os.stat(library).st_mtime_ns != before, "the changed declaration was not compiled"


def check_consumer(prefix, source, scratch):
    project = os.path.join(scratch, "consumer")
    shutil.copytree(os.path.join(source, "tests/embed/consumer"), project)
    shutil.copytree(os.path.join(source, "tests/e2e/models"), project + "/models")
    run("cmake", "-S", project, "-B", project + "/build", "-G", "Ninja",
        "-DCMAKE_PREFIX_PATH=" + prefix)
    run("cmake", "--build", project + "/build")
    for program in ("two-static", "from-table", "linked-shared", "loaded"):
        run(os.path.join(project, "build", program))
    flags = run("pkg-config", "--cflags", "--libs", "ccm-data",
                env={"PKG_CONFIG_PATH": os.path.join(prefix, "lib/pkgconfig")}).split()
    model = os.path.join(project, "build/table.model")
    run("c++", "-std=c++20", f'-DFOLDER="{scratch}"', "-I" + model, project + "/from-table.cpp",
        model + "/table.a", *flags, "-o", scratch + "/from-table")
    run(scratch + "/from-table")


def check_headers(prefix, scratch):
    """Every installed header and a generated one compile alone, as C11 and as C++20."""
    include = os.path.join(prefix, "include")
    headers = [os.path.join(include, "ccm", name) for name in os.listdir(include + "/ccm")]
    headers.append(os.path.join(scratch, "make/heater.h"))
    strict = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "-I" + include]
    for header in headers:
        run("c++", "-std=c++20", *strict, "-include", header, "-x", "c++", os.devnull)
        if os.path.basename(header) in ("abi.h", "manifest.h", "heater.h"):
            run("cc", "-std=c11", *strict, "-include", header, "-x", "c", os.devnull)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--config", default="")
    arguments = parser.parse_args()
    os.environ["XDG_CACHE_HOME"] = os.path.join(arguments.build, "cache")
    with tempfile.TemporaryDirectory() as scratch:
        prefix = install(arguments.build, arguments.config, scratch)
        check_tools(prefix, arguments.build, arguments.source)
        check_texts(prefix, arguments.build, arguments.source)
        check_example(prefix, arguments.source, scratch)
        check_table(prefix, arguments.source, scratch)
        check_headers(prefix, scratch)
        check_consumer(prefix, arguments.source, scratch)


if __name__ == "__main__":
    main()
