"""What browsers and strangers meet at the API: origins, and routes that are none."""

import urllib.error
import urllib.request

import cloud

api = cloud.Api()


def _asked(method, path, **headers):
    request = urllib.request.Request(api.url + path, method=method, headers=headers)
    try:
        answer = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, {key.lower(): value for key, value in answer.headers.items()}


def _preflight(origin):
    asked = {"origin": origin, "access-control-request-method": "POST"}
    status, headers = _asked("OPTIONS", "/graphql", **asked)
    return status, headers.get("access-control-allow-origin"), headers.get("access-control-allow-headers", "")


status, origin, headers = _preflight("http://localhost:3000")
assert (status, origin) == (204, "http://localhost:3000"), (status, origin)
assert {"authorization", "content-type", "x-consistency-token"} <= set(headers.lower().split(",")), headers
assert _preflight("https://elsewhere.example")[1] is None
for path in ("/", "/commands", "/commands/project/CreateProject/more", "/queues", "/.well-known/jwks.json"):
    assert _asked("GET", path)[0] == 404, path
# One route is open to all.
assert _asked("GET", "/openapi.json")[0] == 200
assert _asked("GET", "/graphql?query=%7Bme%7Bid%7D%7D")[0] == 401
print("edge: ok")
