#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that a test has teeth: `run.py FAULT COMMAND…` succeeds only if the command, a test, passes as it
is and fails with CCM_SABOTAGE=FAULT."""
import os
import subprocess
import sys


def run(command, fault):
    environment = {name: value for name, value in os.environ.items() if name != "CCM_SABOTAGE"}
    if fault:
        environment["CCM_SABOTAGE"] = fault
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)


def main():
    fault, command = sys.argv[1], sys.argv[2:]
    sound, sabotaged = run(command, None), run(command, fault)
    if sound.returncode != 0:
        print(f"fails without {fault}:\n{sound.stdout.decode(errors='replace')[-4000:]}")
    elif sabotaged.returncode == 0:
        print(f"passes in spite of {fault}: {' '.join(command)}")
    else:
        print(f"{fault} is noticed: exit code {sabotaged.returncode}\n"
              f"{sabotaged.stdout.decode(errors='replace')[:2000]}")
    return 0 if sound.returncode == 0 and sabotaged.returncode != 0 else 1


if __name__ == "__main__":
    sys.exit(main())
