"""Judges rights as AWS does, where ministack does not."""

from ministack.core import iam_actions, iam_evaluator
from replaced import present

present(iam_actions, "extract_iam_action")
present(iam_evaluator, "_resolve_condition_key")


def _of_one(action):
    """A batch to a queue needs the right to the single request: `sqs:SendMessageBatch` is none."""
    return action.removesuffix("Batch") if action and action.startswith("sqs:") else action


def repair():
    """Puts both behind the functions that judge."""
    extract, resolve = iam_actions.extract_iam_action, iam_evaluator._resolve_condition_key
    iam_actions.extract_iam_action = lambda *args, **kwargs: _of_one(extract(*args, **kwargs))
    # The loopback interface counts as TLS: the stack's policies rightly refuse everything else.
    iam_evaluator._resolve_condition_key = lambda key, context: (
        "true" if key.lower() == "aws:securetransport" else resolve(key, context)
    )
