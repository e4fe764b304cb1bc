"""Starts ministack with what it lacks for this stack: see ../README.md, "What is repaired".

Its environment says where it listens; see ../run.
"""

import socketserver
import sys

import http_api
import streams
from ministack.app import main

# The Runtime API's small answers would wait 40 ms each for an acknowledgement.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True
http_api.repair()
streams.repair()

if __name__ == "__main__":
    sys.argv = ["ministack"]
    sys.exit(main())
