"""Skafu, one process a rendering."""

import json
import os
import shutil
import subprocess
import time

from .outcome import Outcome

LIMIT = 60
# The answers to a template. With any other it is Skafu that failed.
REFUSALS = ("TEMPLATE_FAILED", "TEMPLATE_INVALID", "TEMPLATE_UNREADABLE")
# What it says where the renderer died, or was ended for taking too much.
STOPPED = "the rendering was stopped"


class Missing(Exception):
    """The binary has no command that renders templates."""


class Candidate:
    """Renders by `skafu template render`."""

    def __init__(self, binary, home):
        self.binary = binary
        self.home = home
        self.environment = os.environ | {"HOME": str(home)}
        probe = self.run(["--help"])
        if probe.returncode != 0:
            raise Missing(f"{binary} template render --help: {probe.stderr.strip()}")

    def run(self, arguments):
        return subprocess.run(
            [self.binary, "template", "render", *arguments],
            capture_output=True,
            check=False,
            cwd=self.home,
            encoding="utf-8",
            env=self.environment,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=LIMIT,
        )

    def arguments(self, template, out, answers):
        given = [part for name, value in answers.items() for part in ("--set", f"{name}={value}")]
        return [str(template), "--out", str(out), "--json", *given]

    def render(self, template, out, answers, keep):
        """Renders into `out`, so that paths a template prints are the same, and moves it to `keep`."""
        began = int(time.time())
        try:
            process = self.run(self.arguments(template, out, answers))
        except subprocess.TimeoutExpired:
            return Outcome(f"not done after {LIMIT} s", crashed=True, seconds=(began, int(time.time())))
        seconds = (began, int(time.time()))
        if out.exists():
            shutil.move(out, keep)
        if process.returncode == 0:
            return Outcome(seconds=seconds)
        code, refusal = reason(process)
        return Outcome(refusal, code not in REFUSALS or STOPPED in refusal, seconds)


def reason(process):
    """The code of a failure, and all it says."""
    try:
        error = json.loads(process.stdout)["error"]
    except (KeyError, TypeError, ValueError):
        said = process.stderr.strip() or process.stdout.strip()
        return None, f"status {process.returncode}: {said}"
    findings = [f"{found['field']}: {found['message']}" for found in error["violations"]]
    return error["code"], "; ".join(findings or [error["message"]])
