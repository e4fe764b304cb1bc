"""The differences that are meant: each has a name, a reason, and its place in the documentation."""

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass
class Expectation:
    """Matches differences by glob. One that no longer matches any is itself a fault."""

    id: str
    reason: str
    template: str
    file: str = "*"
    answers: str = "*"
    what: str = "*"
    seen: int = 0

    def matches(self, template, answers, difference):
        return (
            fnmatchcase(template, self.template)
            and fnmatchcase(answers, self.answers)
            and fnmatchcase(difference.file, self.file)
            and fnmatchcase(difference.what, self.what)
        )


class Expectations:
    """All that is expected to differ."""

    def __init__(self, entries):
        self.entries = [Expectation(**entry) for entry in entries]

    @classmethod
    def read(cls, path):
        return cls(tomllib.loads(path.read_text(encoding="utf-8")).get("expected", []))

    def take(self, template, answers, difference):
        """Whether the difference is expected."""
        for entry in self.entries:
            if entry.matches(template, answers, difference):
                entry.seen += 1
                return True
        return False

    def count(self):
        return sum(entry.seen for entry in self.entries)

    def gone(self):
        """Those that did not occur."""
        return [entry for entry in self.entries if not entry.seen]

    def undocumented(self, text):
        """Those the documentation does not name."""
        return [entry for entry in self.entries if f"`{entry.id}`" not in text]
