"""cookiecutter itself, as a library, with its clock held still. Hooks are not run."""

import sys
import warnings
from contextlib import contextmanager
from datetime import datetime, timezone

import arrow
import jinja2_time.jinja2_time
from cookiecutter import extensions
from cookiecutter.main import cookiecutter

from .outcome import Outcome


class Clock:
    """Stands in for the module `arrow`, and remembers whether it was asked."""

    def __init__(self):
        self.instant = 0
        self.asked = False

    def now(self, zone):
        self.asked = True
        moment = datetime.fromtimestamp(self.instant, timezone.utc)
        return arrow.Arrow.fromdatetime(moment).to(zone)


class Reference:
    """Renders by cookiecutter. Not for several threads: it changes the working directory."""

    def __init__(self, home):
        self.config = {
            "replay_dir": str(home / "replay"),
            "cookiecutters_dir": str(home / "cookiecutters"),
        }
        self.clock = Clock()
        extensions.arrow = self.clock
        jinja2_time.jinja2_time.arrow = self.clock

    def render(self, template, out, answers, instant):
        """Renders with the clock at `instant`, in seconds since 1970."""
        out.mkdir(parents=True)
        self.clock.instant, self.clock.asked = instant, False
        refusal = ""
        with same_modules(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                cookiecutter(
                    str(template),
                    no_input=True,
                    extra_context=dict(answers),
                    output_dir=str(out),
                    default_config=self.config,
                    accept_hooks=False,
                )
            # Whatever a template makes it raise is a refusal: many of them are no CookiecutterException.
            except Exception as error:
                refusal = f"{type(error).__name__}: {error}"
        return Outcome(refusal, seconds=(instant, instant), asked_time=self.clock.asked)


@contextmanager
def same_modules():
    """A template's own modules must not be there for the next one."""
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in set(sys.modules) - before:
            if not name.startswith(("jinja2", "cookiecutter", "arrow", "encodings", "slugify")):
                del sys.modules[name]
