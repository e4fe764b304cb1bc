"""Runs distributed maps whose fields are JSONata; ministack reads those of inline maps alone.

As an inline map does: the same items through the same states, but within the one execution.
"""

from ministack.services import stepfunctions
from replaced import present

present(stepfunctions, "_run_map_items", "_state_query_language")

_run = stepfunctions._run_map_items


def _run_inline(state, raw_input, execution, ctx):
    if stepfunctions._state_query_language(state, ctx) == "JSONata" and "ItemProcessor" in state:
        processor = {key: value for key, value in state["ItemProcessor"].items() if key != "ProcessorConfig"}
        state = {**state, "ItemProcessor": processor}
    return _run(state, raw_input, execution, ctx)


def repair():
    """Puts it before the choice of how a map is run."""
    stepfunctions._run_map_items = _run_inline
