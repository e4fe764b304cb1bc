"""Makes stream mappings retry, bisect and give up as Lambda does.

ministack skips the records a function reports as failed, and repeats a batch that failed for ever.
"""

import threading
import time

from ministack.services import lambda_svc
from replaced import present

present(
    lambda_svc,
    "_execute_function",
    "_poll_dynamodb_streams",
    "_iter_all_esms",
    "_send_ddb_stream_failure_record",
)

RETRY_SECONDS = 0.2

_polling = threading.local()
_invoke = lambda_svc._execute_function
_poll = lambda_svc._poll_dynamodb_streams


def _mapping(function, record):
    """The event source mapping that hands this record to this function."""
    name = (function.get("config") or function)["FunctionName"]
    source = record.get("eventSourceARN")
    for _, _, mapping in lambda_svc._iter_all_esms():
        if mapping.get("EventSourceArn") == source and mapping["FunctionName"] == name:
            return mapping
    return None


def _first_failed(mapping, result, records):
    """Where a batch has to be taken up again; None if all of it was handled."""
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or []):
        return None
    answer = result.get("body")
    if not isinstance(answer, dict):
        return None if answer in (None, "") else 0
    failures = [it.get("itemIdentifier") for it in answer.get("batchItemFailures") or []]
    if not failures:
        return None
    sequence = [record["dynamodb"]["SequenceNumber"] for record in records]
    # An identifier that is none fails the batch as a whole.
    return min(map(sequence.index, failures)) if set(failures) <= set(sequence) else 0


def _deliver(function, mapping, records, retries):
    """As Lambda does: from the first failed record on, in halves if asked to, until the retries are used up."""
    while records:
        result = _invoke(function, {"Records": records})
        failed = _first_failed(mapping, result, records)
        if failed is None:
            return
        records = records[failed:]
        if mapping.get("BisectBatchOnFunctionError") and failed == 0 and len(records) > 1:
            half = len(records) // 2
            _deliver(function, mapping, records[:half], retries)
            records = records[half:]
        elif retries == 0:
            source = mapping["EventSourceArn"]
            lambda_svc._send_ddb_stream_failure_record(
                mapping, function, records, source, result, "RetryAttemptsExhausted"
            )
            return
        else:
            retries -= 1
            time.sleep(RETRY_SECONDS)


def _execute(function, event, *args, **kwargs):
    records = event.get("Records") if isinstance(event, dict) and getattr(_polling, "on", False) else None
    mapping = _mapping(function, records[0]) if records else None
    retries = (mapping or {}).get("MaximumRetryAttempts")
    if retries is None or int(retries) < 0:
        return _invoke(function, event, *args, **kwargs)
    _deliver(function, mapping, records, int(retries))
    return {"body": None}


def _poll_streams():
    _polling.on = True
    try:
        return _poll()
    finally:
        _polling.on = False


def repair():
    """Puts the delivery between the poller and the function."""
    lambda_svc._execute_function = _execute
    lambda_svc._poll_dynamodb_streams = _poll_streams
