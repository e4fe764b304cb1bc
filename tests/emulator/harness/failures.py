"""Listens at the error bus, as an operator's own consumer would: the emulator delivers to queues, not to log groups."""

import json

import cloud

QUEUE = "failures-heard"


class Failures:
    """What is told from now on."""

    def __init__(self, bus_arn):
        self.sqs = cloud.client("sqs")
        self.url = self.sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        bus, events = bus_arn.rpartition("/")[2], cloud.client("events")
        pattern = {"source": ["skafu.operations"], "detail-type": ["ErrorOccurred"]}
        events.put_rule(Name=QUEUE, EventBusName=bus, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=QUEUE, EventBusName=bus, Targets=[{"Id": "queue", "Arn": answer["Attributes"]["QueueArn"]}])

    def told(self, function, kind):
        """Waits until that function has told of such a failure; what it said."""

        def look():
            answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
            details = [json.loads(it["Body"])["detail"] for it in answer.get("Messages", [])]
            return [it for it in details if function in it["function"] and it["kind"] == kind]

        return cloud.eventually(f"{kind} of {function}", look)[0]
