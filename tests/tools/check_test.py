#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that tools/check notices every way around the io layer, and takes nothing else for one; that
faults for tests count as the folder they lie in; and that lengths are counted as editors count them."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

REFUSED = """
FILE *f = fopen(path, "w");
FILE *f = ::fopen(path, "w");
FILE *f = std::fopen(path, "w");
f = freopen(path, "w", f);
FILE *f = fdopen(3, "w");
FILE *f = tmpfile();
int fd = open(path, O_RDONLY);
int fd = ::open(path, O_RDONLY);
if (open64(path, 0) < 0)
int fd = openat(AT_FDCWD, path, 0);
int fd = ::creat(path, 0644);
int fd = mkstemp(name);
char *d = mkdtemp(name);
void *p = mmap(nullptr, 1, PROT_READ, MAP_PRIVATE, fd, 0);
std::rename(a, b);
rename(a, b);
::unlink(path);
::mkdir(path, 0777);
rmdir(path);
DIR *d = opendir(path);
::fsync(fd);
ftruncate(fd, 0);
pwrite(fd, data, 1, 0);
::pread64(fd, data, 1, 0);
if (::stat(path, &status) == 0)
char *real = realpath(path, nullptr);
if (access(path, R_OK))
syscall(SYS_openat2, 0);
std::ifstream in(path);
ofstream out(path);
std::fstream both(path);
std::wofstream wide(path);
std::filebuf buffer;
std::basic_ofstream<char> out(path);
std::filesystem::remove(path);
namespace fs = std::filesystem;
#include <fstream>
#include <filesystem>
llvm::raw_fd_ostream out(path, code);
auto buffer = llvm::MemoryBuffer::getFile(path);
auto buffer = MemoryBuffer::getFileOrSTDIN(path);
llvm::ToolOutputFile out(path, code);
llvm::sys::fs::createDirectories(path);
""".strip().split("\n")

TAKEN = """
auto made = CheckpointDirectory::open(path);
dialog.open(path);
dialog->open(path);
static Result<Checkpoint> open(const std::string &path);
io::Status renamed = io::renameFile(a, b);
// open(path) is what others do
auto mapping = io::mapFile(path);
bool isOpen = reopen(path);
std::remove(first, last, value);
llvm::raw_string_ostream out(text);
int statistic(int);
""".strip().split("\n")


def checked(files):
    """What tools/check prints of a tree with these files, by path."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            os.makedirs(os.path.join(root, os.path.dirname(name)), exist_ok=True)
            with open(os.path.join(root, name), "w", encoding="utf-8") as stream:
                stream.write("// SPDX-License-Identifier: Apache-2.0\n" + text)
        os.makedirs(os.path.join(root, "tools"), exist_ok=True)
        shutil.copy(os.path.join(ROOT, "tools", "check"), os.path.join(root, "tools"))
        subprocess.run(["git", "init", "-q", root], check=True)
        return subprocess.run([os.path.join(root, "tools", "check")], capture_output=True, text=True).stdout


def flagged(lines):
    """Numbers, from 0, of the lines in which tools/check sees files touched."""
    text = "\n".join(lines) + "\n"
    printed = checked({"runtime/a.cpp": text, "tests/a.cpp": text})
    if "tests/a.cpp" in "".join(re.findall(r".*rule 5.*", printed)):
        sys.exit("tests may touch files as they like")
    return {int(number) - 2 for number in re.findall(r"^runtime/a\.cpp:(\d+): rule 5", printed, re.M)}


def check_faults():
    """A fault for tests makes a folder include runtime/io, which not every folder may."""
    text = '#include "runtime/io/Sabotage.h"\n'
    printed = checked({"ir/a.cpp": text, "codegen/a.cpp": text})
    if "ir/a.cpp:2: rule 1" not in printed or "codegen/a.cpp:2: rule 1" in printed:
        sys.exit(f"who may have faults is not noticed:\n{printed}")


def check_lengths():
    """A file of 500 lines passes, one of 501 does not."""
    printed = checked({"ir/a.cpp": "int a;\n" * 499, "ir/b.cpp": "int a;\n" * 500})
    if "ir/a.cpp:1: rule 3" in printed or "ir/b.cpp:1: rule 3: 501 lines" not in printed:
        sys.exit(f"lines are not counted right:\n{printed}")


def main():
    check_faults()
    check_lengths()
    missed = set(range(len(REFUSED))) - flagged(REFUSED)
    wrong = flagged(TAKEN)
    for number in sorted(missed):
        print("not noticed:", REFUSED[number])
    for number in sorted(wrong):
        print("taken for a file call:", TAKEN[number])
    sys.exit(1 if missed or wrong else 0)


if __name__ == "__main__":
    main()
