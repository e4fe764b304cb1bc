"""Prints a stack's outputs as `aws cloudformation describe-stacks` does, or where its API is reached here."""

import json
import os
import sys

import cloud

stack = sys.argv[1]
if "--api-url" in sys.argv:
    # The host name in the output ApiUrl is the emulator's invention and nobody's to resolve.
    print(f"{os.environ['AWS_ENDPOINT_URL']}/_aws/execute-api/{cloud.resource(stack, 'HttpApi')}")
else:
    json.dump(cloud.outputs(stack), sys.stdout, indent=2)
