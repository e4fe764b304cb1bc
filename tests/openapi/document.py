"""The document that is told without a token: it is the one on file, and it is OpenAPI 3.1 by the rules of OpenAPI."""

import json
import pathlib
import sys
import urllib.request

from openapi_spec_validator import OpenAPIV31SpecValidator

url, file = sys.argv[1:]
with urllib.request.urlopen(f"{url}/openapi.json", timeout=30) as answer:
    assert answer.headers.get_content_type() == "application/json", answer.headers
    told = json.load(answer)
assert told == json.loads(pathlib.Path(file).read_text()), f"{file} is not what is told"

wrong = list(OpenAPIV31SpecValidator(told).iter_errors())
for error in wrong:
    print(f"{error.json_path}: {error.message}", file=sys.stderr)
if wrong:
    sys.exit(1)
print(f"{len(told['paths'])} paths, {len(told['components']['schemas'])} schemas")
