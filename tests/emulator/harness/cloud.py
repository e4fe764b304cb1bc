"""The emulated AWS, as whoever owns it: clients, the stack's outputs, tokens, and the API."""

import json
import os
import time
import urllib.error
import urllib.request
import uuid

import botocore.session

PATIENCE_SECONDS = 30
PASSWORD = "Correct-horse-1"


def client(service):
    """A client of that service, from the environment."""
    return botocore.session.get_session().create_client(service)


def outputs(stack):
    """The outputs of a stack, as AWS lists them."""
    return client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]


def resource(stack, logical_id):
    """The physical id of a stack's resource."""
    found = client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId=logical_id)
    return found["StackResourceDetail"]["PhysicalResourceId"]


def eventually(what, look, patience=PATIENCE_SECONDS, pause=0.1):
    """What there is to see at last; both times in seconds."""
    deadline = time.monotonic() + patience
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < deadline, f"not within {patience} s: {what}"
        time.sleep(pause)


class Api:
    """One user of the stack described by SKAFU_OUTPUTS, in a tenant of their own."""

    def __init__(self, role="Developer"):
        with open(os.environ["SKAFU_OUTPUTS"]) as file:
            self.outputs = {it["OutputKey"]: it["OutputValue"] for it in json.load(file)}
        self.tenant = f"acme-{uuid.uuid4().hex[:8]}"
        self.url = os.environ["SKAFU_API_URL"]
        self.token = self._token(role)

    def _token(self, role):
        cognito, pool = client("cognito-idp"), self.outputs["UserPoolId"]
        name = f"{uuid.uuid4().hex}@example.com"
        attributes = {"email": name, "email_verified": "true", "custom:tenant": self.tenant}
        attributes = [{"Name": key, "Value": value} for key, value in attributes.items()]
        user = {"UserPoolId": pool, "Username": name}
        cognito.admin_create_user(**user, UserAttributes=attributes, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
        cognito.admin_add_user_to_group(**user, GroupName=role)
        answer = cognito.admin_initiate_auth(
            UserPoolId=pool,
            ClientId=self.outputs["UserPoolClientId"],
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )
        return answer["AuthenticationResult"]["IdToken"]

    def post(self, path, body):
        """The status and the JSON body of the answer."""
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as answer:
            text = answer.read()
            return answer.code, json.loads(text) if text.startswith(b"{") else {}

    def create_project(self, name, **more):
        """The answer to the command that creates a project."""
        data = {"name": name, "templateId": "sam-python-api", "templateParameters": {}, **more}
        return self.post("/commands/project/CreateProject", {"commandId": str(uuid.uuid4()), "data": data})

    def ask(self, query, **variables):
        """The answer to a GraphQL question."""
        return self.post("/graphql", {"query": query, "variables": variables})

    def project(self, project_id):
        """A project as it is shown; None if it is not."""
        query = "query($id: ID!) { project(id: $id) { id name status totalEvents repository { initialCommitId } } }"
        status, answer = self.ask(query, id=project_id)
        return (answer.get("data") or {}).get("project") if status == 200 else None

    def ready(self, project_id):
        """A project, once it is ready."""
        def look():
            project = self.project(project_id)
            assert not project or project["status"] != "failed", project
            return project if project and project["status"] == "ready" else None

        return eventually(f"project {project_id} ready", look)
