"""Starts ministack with what it lacks for this stack: see ../README.md, "What is repaired".

Its environment says where it listens; see ../run.
"""

import socketserver
import sys

import http_api
import streams
from ministack.app import main
from ministack.core import iam_evaluator

# The Runtime API's small answers would wait 40 ms each for an acknowledgement.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True
http_api.repair()
streams.repair()


def _over_tls(resolve):
    """Takes the loopback interface for TLS: the stack's policies rightly refuse everything else."""
    return lambda key, context: "true" if key.lower() == "aws:securetransport" else resolve(key, context)


iam_evaluator._resolve_condition_key = _over_tls(iam_evaluator._resolve_condition_key)

if __name__ == "__main__":
    sys.argv = ["ministack"]
    sys.exit(main())
