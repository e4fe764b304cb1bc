"""How long both take for the same template, as whole processes. Nothing is asserted."""

import shutil
import statistics
import subprocess
import time
from pathlib import Path


def table(templates, reference_command, candidate, work, runs):
    """A table in Markdown: the median of `runs` runs of each, in milliseconds, and the ratio."""
    yield "| template | files | cookiecutter, ms | Skafu, ms | ratio |"
    yield "|---|---|---|---|---|"
    for template in templates:
        given = template.base

        def cookiecutter(out):
            answers = [f"{name}={value}" for name, value in given.items()]
            call([reference_command, "--no-input", "--accept-hooks=no", "--output-dir", out,
                  str(template.path), *answers], candidate)

        def skafu(out):
            call([candidate.binary, "template", "render",
                  *candidate.arguments(template.path, out, given)], candidate)

        try:
            theirs, files = median(cookiecutter, work, runs)
            ours, _ = median(skafu, work, runs)
        except subprocess.CalledProcessError as error:
            yield f"| {template.name} | | | | {Path(error.cmd[0]).name} refuses it |"
            continue
        yield f"| {template.name} | {files} | {theirs:.0f} | {ours:.1f} | {theirs / ours:.0f} |"


def call(command, candidate):
    subprocess.run(
        command, check=True, capture_output=True, cwd=candidate.home, env=candidate.environment
    )


def median(render, work, runs):
    """The median after one run that warms the caches, and the number of files made."""
    times = []
    for turn in range(runs + 1):
        out = work / "measured"
        out.mkdir()
        began = time.perf_counter()
        try:
            render(str(out))
            if turn:
                times.append((time.perf_counter() - began) * 1000)
            files = sum(path.is_file() for path in out.rglob("*"))
        finally:
            shutil.rmtree(out, ignore_errors=True)
    return statistics.median(times), files
