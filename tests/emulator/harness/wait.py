"""Waits until the emulator at that port answers."""

import socket
import sys

import cloud


def _listens():
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", int(sys.argv[1]))) == 0


cloud.eventually("the emulator", _listens)
