"""Renders the built-in templates and checks what comes out; `run` calls it with its tools on the path."""

import argparse
import json
import pathlib
import sys
import time
import tomllib

import lint
import repository
import workflow

# What a template must be able to write down wherever it does.
PROJECT = """"Tea" & <Coffee>'s #1: {drinks}"""


def main():
    options = read_options()
    runtimes = {
        name: runtime
        for runtime in json.loads((options.root / "forge/runtimes.json").read_text())
        for name in [runtime["id"], *runtime.get("aliases", [])]
    }
    templates = sorted(path.parent for path in (options.root / "forge/templates").glob("*/template.json"))
    templates = [path for path in templates if options.only in (None, path.name)]
    if not templates:
        sys.exit(f"FAIL: there is no template {options.only or ''}".rstrip())

    begun = time.monotonic()
    render = repository.renderer(options.root)
    rendered = [
        (name, render(template, PROJECT, options.work / template.name / name, {"runtime": name}))
        for template in templates
        for name in offered(template)
    ]
    print(f"rendered {len(rendered)} repositories: {time.monotonic() - begun:.1f} s")

    begun = time.monotonic()
    stacks = [(lint.stack_in(tree), runtimes[name]) for name, tree in rendered]
    problems = lint.check(stacks)
    print(f"linted {len(stacks)} stacks: {time.monotonic() - begun:.1f} s")

    toolchain = tomllib.loads((options.root / "rust-toolchain.toml").read_text())["toolchain"]["channel"]
    ran = 0
    for tree in first_of_each_language(rendered, runtimes):
        begun = time.monotonic()
        about = f"{tree.parent.name} on {tree.name}"
        try:
            count = workflow.run(tree, options.cache, toolchain)
        except workflow.Failure as failure:
            problems.append(f"{about}: {failure}")
            continue
        ran += count
        print(f"{about}: {count} tests passed: {time.monotonic() - begun:.1f} s")

    for problem in problems:
        print(f"FAIL: {problem}", file=sys.stderr)
    if problems:
        sys.exit(f"FAIL: {len(problems)} problems in {len(rendered)} repositories of {len(templates)} templates")
    print(f"ok: {len(templates)} templates, {len(rendered)} repositories, {ran} tests passed")


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("root", "cache", "work"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--only", metavar="ID", help="look at one template")
    return parser.parse_args()


def offered(template):
    """The runtimes among which a template lets choose."""
    parameters = json.loads((template / "template.json").read_text())["parameters"]
    [runtime] = [parameter for parameter in parameters if parameter["name"] == "runtime"]
    return runtime["choices"]


def first_of_each_language(rendered, runtimes):
    """One tree for each template and language: that of the first runtime, which is a supported one."""
    seen = set()
    for name, tree in rendered:
        kind = (tree.parent.name, runtimes[name]["language"])
        if kind not in seen:
            seen.add(kind)
            yield tree


main()
