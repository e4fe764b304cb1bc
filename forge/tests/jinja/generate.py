"""Writes into every *.json beside it what cookiecutter's own engine prints.

    python -m venv v && v/bin/pip install cookiecutter==2.7.1 jinja2==3.1.6 markupsafe==3.0.4 \
        arrow==1.4.0 python-slugify==9.2.0 text-unidecode==1.3 tzdata==2026.6
    TZ=UTC v/bin/python generate.py

A case has a `template`, and perhaps `files` (what it can include) and `options` (keyword arguments of
jinja2.Environment). The script adds `expected`, or `fails` with the name of the exception. `reason` and
`ours` are written by hand, where this project's engine prints something else; they are kept.
"""

import copy
import json
import pathlib

import arrow
import cookiecutter.extensions
from cookiecutter.environment import StrictEnvironment
from jinja2 import FunctionLoader
from jinja2.loaders import split_template_path

# The instant every `now` tells: a leap day, with a fraction.
NOW = arrow.get("2024-02-29T13:05:07.012345+00:00")


class FrozenArrow:
    """Stands in for the module `arrow`."""

    @staticmethod
    def now(timezone):
        real = arrow.now(timezone)
        return NOW.to(real.tzinfo)


cookiecutter.extensions.arrow = FrozenArrow


def render(case, context):
    options = {"keep_trailing_newline": True} | case.get("options", {})
    environment = StrictEnvironment(
        context={"cookiecutter": {"_extensions": ["jinja2.ext.do", "jinja2.ext.loopcontrols"]}}, **options
    )
    # Names are read as cookiecutter's loader of files reads them.
    files = case.get("files", {})
    environment.loader = FunctionLoader(lambda name: files.get("/".join(split_template_path(name))))
    return environment.from_string(case["template"]).render(**copy.deepcopy(context))


def settle(case, context):
    for answer in ("expected", "fails"):
        case.pop(answer, None)
    try:
        case["expected"] = render(case, context)
    except Exception as error:
        case["fails"] = type(error).__name__
    order = ("template", "files", "options", "expected", "fails", "reason", "ours")
    return {key: case[key] for key in order if key in case}


def main():
    for path in sorted(pathlib.Path(__file__).parent.glob("*.json")):
        group = json.loads(path.read_text(encoding="utf-8"))
        cases = [json.dumps(settle(case, group["context"])) for case in group["cases"]]
        context = json.dumps(group["context"])
        text = '{"context": %s,\n"cases": [\n%s\n]}\n' % (context, ",\n".join(cases))
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
