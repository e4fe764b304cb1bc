"""Compares Skafu with cookiecutter over many templates. See ../run and docs/cookiecutter.md."""

import argparse
import shutil
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path

from . import answers, forms, measure
from .candidate import Candidate, Missing
from .expected import Expectations
from .reference import Reference
from .rendering import Job, judge
from .template import Template, corpus, packaged

HERE = Path(__file__).resolve().parent.parent
DOCUMENT = HERE.parent.parent / "docs" / "cookiecutter.md"
AHEAD = 2


def main():
    arguments = parse()
    with tempfile.TemporaryDirectory(prefix="skafu-parity-") as work:
        return compared(arguments, Path(work).resolve())


def parse():
    parser = argparse.ArgumentParser(prog="tests/cookiecutter/run", description=__doc__)
    parser.add_argument("--packages", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--skafu", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--only", metavar="GLOB", help="templates by name, such as 'corpus/*'")
    parser.add_argument("--template", type=Path, metavar="DIR", help="a template of your own instead")
    parser.add_argument("--set", action="append", default=[], metavar="K=V", help="an answer for it")
    parser.add_argument("--measure", type=int, metavar="RUNS", help="print times, and compare nothing")
    parser.add_argument("--verbose", action="store_true", help="print every rendering")
    return parser.parse_args()


def compared(arguments, work):
    settings = tomllib.loads((HERE / "settings.toml").read_text(encoding="utf-8"))
    home = work / "home"
    home.mkdir()
    try:
        candidate = Candidate(arguments.skafu, home)
    except Missing as error:
        print(f"FAIL: {error}")
        return 2
    whole = not (arguments.only or arguments.template)
    templates = chosen(arguments, settings, work)
    if arguments.measure:
        named = [t for t in templates if not whole or t.name in settings["measured"]]
        command = str(Path(sys.executable).with_name("cookiecutter"))
        for line in measure.table(named, command, candidate, work, arguments.measure):
            print(line, flush=True)
        return 0
    jobs = planned(templates, settings, work)
    expectations = Expectations.read(HERE / "expected.toml")
    tally = rendered(jobs, candidate, Reference(home), expectations, arguments.verbose)
    faults = tally["differences"]
    if whole:
        faults += settled(expectations) + unmatched(settings, templates)
    print(
        f"{'FAIL' if faults else 'ok'}: {len(templates)} templates, "
        f"{len(jobs)} renderings ({tally['refused']} refused by both), {tally['compared']} files compared, "
        f"{tally['differences']} differences, {expectations.count()} expected"
    )
    return 1 if faults else 0


def chosen(arguments, settings, work):
    if arguments.template:
        base = dict(pair.split("=", 1) for pair in arguments.set)
        place = arguments.template.resolve()
        return [Template(place.name, place, base, refuses=None)]
    templates = packaged(arguments.packages, settings, work / "completed") + corpus(HERE / "corpus", work / "corpus")
    return [t for t in templates if fnmatchcase(t.name, arguments.only or "*")]


def planned(templates, settings, work):
    jobs = []

    def plan(template, name, given, source):
        number = len(jobs)
        jobs.append(Job(template, name, given, source, work / "out" / f"{number}", work / "kept" / f"{number}"))

    for template in templates:
        for name, given in answers.sets(template).items():
            plan(template, name, given, template.path)
        for form, make in forms.FORMS.items():
            if template.name in settings[form]:
                place = work / f"{len(jobs)}.{form}"
                plan(template, form, template.base, make(template.path, place))
    for folder in ("out", "kept"):
        (work / folder).mkdir(exist_ok=True)
    return jobs


def rendered(jobs, candidate, reference, expectations, verbose):
    tally = {"differences": 0, "refused": 0, "compared": 0}
    with ThreadPoolExecutor(AHEAD) as pool:
        outcomes = pool.map(lambda j: candidate.render(j.source, j.out, j.answers, j.kept), jobs)
        for job, outcome in zip(jobs, outcomes):
            result = judge(job, reference, outcome)
            shutil.rmtree(job.kept, ignore_errors=True)
            tally["compared"] += result.compared
            tally["refused"] += bool(result.refused)
            label = f"{job.template.name} [{job.answers_name}]"
            if verbose:
                print(f"{label}: {result.refused or f'{result.compared} compared'}", flush=True)
            for difference in result.differences:
                if expectations.take(job.template.name, job.answers_name, difference):
                    continue
                tally["differences"] += 1
                print(f"{label}: {difference.file} {difference.what}: {difference.detail}", flush=True)
    return tally


def settled(expectations):
    """Faults of the expectations themselves, printed and counted."""
    gone, unsaid = expectations.gone(), expectations.undocumented(DOCUMENT.read_text(encoding="utf-8"))
    for entry in gone:
        print(f"expected.toml: `{entry.id}` no longer occurs: take it out")
    for entry in unsaid:
        print(f"docs/cookiecutter.md: `{entry.id}` is not described")
    return len(gone) + len(unsaid)


def unmatched(settings, templates):
    """Names in the settings that are no template's: what was meant by them is not done."""
    globs = [entry["match"] for entry in settings["template"]]
    globs += settings["zip"] + settings["bundle"] + settings["measured"]
    lost = [glob for glob in globs if not any(fnmatchcase(t.name, glob) for t in templates)]
    for glob in lost:
        print(f"settings.toml: no template is named {glob}")
    return len(lost)


if __name__ == "__main__":
    sys.exit(main())
