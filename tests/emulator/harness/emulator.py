"""Starts ministack with what it lacks for this stack: see ../README.md, "What is repaired".

Its environment says where it listens; see ../run.
"""

import socketserver
import sys

import definitions
import http_api
import maps
import parameters
import rights
import streams
from ministack.app import main
from replaced import present

present(socketserver.StreamRequestHandler, "disable_nagle_algorithm")
for part in (definitions, http_api, maps, parameters, rights, streams):
    part.repair()
# The Runtime API's small answers would wait 40 ms each for an acknowledgement.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True

if __name__ == "__main__":
    sys.argv = ["ministack"]
    sys.exit(main())
