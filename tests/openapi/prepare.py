"""Makes what commands can act upon: for each command a project that is ready or was kept, and a template.

Prints one JSON object: projects and templates by command, a request that led somewhere, and a consistency token.
"""

import json
import os
import sys
import time
import urllib.request
import uuid

COMMANDS = {
    "project": [
        "UpdateProject",
        "ArchiveProject",
        "RestoreProject",
        "DeleteProject",
        "RetryProjectCreation",
        "RetryCompensation",
        "ResolveProjectCreation",
    ],
    "template": ["UploadTemplateFiles", "PublishTemplate"],
}
PATIENCE = 60

url = sys.argv[1]


def post(path, body):
    headers = {"authorization": f"Bearer {os.environ['SKAFU_TOKEN']}", "content-type": "application/json"}
    request = urllib.request.Request(url + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def send(context, command, data):
    # The same each time, so that what is sent later is the same, too.
    command_id = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([command, data]))
    return post(f"/commands/{context}/{command}", {"commandId": str(command_id), "data": data})


def status(project):
    query = "query($id: ID!) { project(id: $id) { status } }"
    answer = post("/graphql", {"query": query, "variables": {"id": project}})
    return (answer["data"]["project"] or {}).get("status")


projects, templates = {}, {}
for command in COMMANDS["project"]:
    answer = send("project", "CreateProject", {"name": f"For {command}", "templateId": "sam-python-api"})
    projects[command] = answer["aggregateId"]
told = {"correlationId": answer["correlationId"]}
for command in COMMANDS["template"]:
    template = f"for-{command.lower()}"
    send("template", "CreateTemplate", {"templateId": template, "name": command})
    files = [{"path": "template.json", "text": "{}"}, {"path": "README.md", "text": "Made to be changed.\n"}]
    answer = send("template", "UploadTemplateFiles", {"templateId": template, "files": files})
    templates[command] = template

deadline = time.monotonic() + PATIENCE
while not all(status(project) == "ready" for project in projects.values()):
    if time.monotonic() > deadline:
        sys.exit(f"not ready: { {command: status(project) for command, project in projects.items()} }")
    time.sleep(0.2)

told |= {"projectId": projects, "templateId": templates, "token": answer["consistencyToken"]}
print(json.dumps(told))
