#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that tools/check notices every way around the io layer, and takes nothing else for one."""
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


def flagged(lines):
    """Numbers, from 0, of the lines in which tools/check sees files touched."""
    with tempfile.TemporaryDirectory() as root:
        for folder in ("tools", "runtime", "tests"):
            os.mkdir(os.path.join(root, folder))
        shutil.copy(os.path.join(ROOT, "tools", "check"), os.path.join(root, "tools"))
        text = "// SPDX-License-Identifier: Apache-2.0\n" + "\n".join(lines) + "\n"
        for name in ("runtime/a.cpp", "tests/a.cpp"):
            with open(os.path.join(root, name), "w", encoding="utf-8") as stream:
                stream.write(text)
        subprocess.run(["git", "init", "-q", root], check=True)
        run = subprocess.run([os.path.join(root, "tools", "check")], capture_output=True, text=True)
        if "tests/a.cpp" in "".join(re.findall(r".*rule 5.*", run.stdout)):
            sys.exit("tests may touch files as they like")
        return {int(number) - 2 for number in re.findall(r"^runtime/a\.cpp:(\d+): rule 5", run.stdout, re.M)}


def main():
    missed = set(range(len(REFUSED))) - flagged(REFUSED)
    wrong = flagged(TAKEN)
    for number in sorted(missed):
        print("not noticed:", REFUSED[number])
    for number in sorted(wrong):
        print("taken for a file call:", TAKEN[number])
    sys.exit(1 if missed or wrong else 0)


if __name__ == "__main__":
    main()
