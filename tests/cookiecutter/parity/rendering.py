"""One rendering: a template, a set of answers, both sides, and how they differ."""

import shutil
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from .template import Template
from .tree import Difference, compare, snapshot


@dataclass
class Job:
    """One rendering to be made by both sides."""

    template: Template
    answers_name: str
    answers: dict
    # Where Skafu reads the template: its folder, or a file made of it.
    source: Path
    # Both sides render into this directory, one after the other.
    out: Path
    # Where Skafu's rendering is kept.
    kept: Path


@dataclass
class Result:
    """What came of a job."""

    differences: list = field(default_factory=list)
    # Files, directories and links compared.
    compared: int = 0
    # Why neither side renders it.
    refused: str = ""


def judge(job, reference, candidate_outcome):
    """Renders by cookiecutter, and compares. `candidate_outcome` is of Skafu's rendering of the same job."""
    code = job.template.code()
    if candidate_outcome.crashed:
        return Result([Difference("", "crashed", brief(candidate_outcome.refusal))])
    if code:
        return Result([needs_code(code, candidate_outcome)])
    result = None
    # Skafu read the time somewhere between its beginning and its end.
    begin, end = candidate_outcome.seconds
    for instant in range(begin, end + 1):
        outcome = reference.render(job.template.path, job.out, job.answers, instant)
        attempt = weigh(job, outcome, candidate_outcome)
        shutil.rmtree(job.out)
        if result is None or len(attempt.differences) < len(result.differences):
            result = attempt
        if not result.differences or not outcome.asked_time:
            break
    return result


def weigh(job, outcome, candidate_outcome):
    # Else a mistake in a template of the corpus would pass as agreement.
    refuses = job.template.refuses
    meant = any(fnmatchcase(job.answers_name, glob) for glob in refuses or ())
    if refuses is not None and meant != bool(outcome.refusal):
        said = "to be refused, and is not" if meant else f"refused by cookiecutter: {brief(outcome.refusal)}"
        return Result([Difference("", "unforeseen", said)])
    if outcome.refusal and candidate_outcome.refusal:
        return Result(refused=f"{brief(outcome.refusal)} | {brief(candidate_outcome.refusal)}")
    if candidate_outcome.refusal:
        return Result([Difference("", "refused", f"only Skafu refuses: {brief(candidate_outcome.refusal)}")])
    if outcome.refusal:
        return Result([Difference("", "rendered", f"only cookiecutter refuses: {brief(outcome.refusal)}")])
    expected, found = snapshot(job.out), snapshot(job.kept) if job.kept.exists() else {}
    return Result(compare(expected, found, job.template.random), len(expected))


def needs_code(extension, candidate_outcome):
    """Code of the template's own is run by neither: Skafu has to refuse, and to say for what."""
    if not candidate_outcome.refusal:
        return Difference("", "rendered", f"rendered without its own extension {extension}")
    if extension not in candidate_outcome.refusal:
        return Difference("", "unnamed", f"{extension} is not named: {brief(candidate_outcome.refusal)}")
    return Difference("", "code", f"{extension} is code of its own")


def brief(text):
    """One line of it."""
    line = " ".join(text.split())
    return line if len(line) <= 300 else f"{line[:300]}…"
