"""Kills the running processes of the functions whose name contains the argument. Prints how many that were."""

import os
import pathlib
import signal
import sys


def _functions():
    """The emulator's children that are functions: their ids and names."""
    for directory in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parent = directory.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            environment = directory.joinpath("environ").read_bytes().split(b"\0")
        except OSError:
            continue  # Ended meanwhile.
        if parent == os.environ["SKAFU_EMULATOR_PID"]:
            names = [it.partition(b"=")[2].decode() for it in environment if it.startswith(b"AWS_LAMBDA_FUNCTION_NAME=")]
            if names:
                yield int(directory.name), names[0]


killed = 0
for pid, name in _functions():
    if sys.argv[1].lower() in name.lower():
        os.kill(pid, signal.SIGKILL)
        killed += 1
print(killed)
