"""What came of one rendering."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """Rendered where `refusal` is empty; otherwise the reason it was not."""

    refusal: str = ""
    # Ended by a signal, a panic or the time limit: never the answer to a template.
    crashed: bool = False
    # The whole seconds since 1970 in which it began and ended.
    seconds: tuple = (0, 0)
    # Whether the template asked for the time.
    asked_time: bool = False
