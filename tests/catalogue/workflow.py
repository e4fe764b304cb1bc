"""Runs the steps of a repository's own GitHub workflow that test it, as a runner would."""

import os
import re
import subprocess

import yaml

# Others install tools, or validate what cfn-lint looks at here.
STEPS = re.compile(r"(Format|Lint|Test)\b")
# How the runners of Python, Node.js and cargo tell how many tests passed.
PASSED = re.compile(r"^Ran (\d+) tests?|^\W*pass (\d+)$|^test result: ok\. (\d+) passed", re.MULTILINE)
SECONDS = 900


class Failure(Exception):
    """A step failed, or tested nothing."""


def run(tree, cache, toolchain):
    """Runs the steps and returns how many tests passed. `toolchain` is that of Rust, as rustup names it."""
    [workflow] = (tree / ".github/workflows").glob("*.yml")
    [job] = yaml.safe_load(workflow.read_text())["jobs"].values()
    directory = job.get("defaults", {}).get("run", {}).get("working-directory", ".")
    online = {
        **os.environ,
        "CARGO_TARGET_DIR": str(cache / "target"),
        "CARGO_TERM_COLOR": "never",
        "NO_COLOR": "1",
        "RUSTUP_TOOLCHAIN": toolchain,
    }
    for manifest in tree.rglob("Cargo.toml"):
        # The only packages that any of the tests need.
        fetch = ["cargo", "fetch", "--quiet", "--locked", "--manifest-path", manifest]
        subprocess.run(fetch, env=online, check=True, timeout=SECONDS)
    offline = {
        **online,
        "CARGO_NET_OFFLINE": "true",
        "npm_config_offline": "true",
        "npm_config_update_notifier": "false",
    }
    total = 0
    steps = [step for step in job["steps"] if "run" in step and STEPS.match(step.get("name", ""))]
    for step in steps:
        where = tree / step.get("working-directory", directory)
        # As GitHub starts bash.
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        ended = subprocess.run(command, cwd=where, env=offline, capture_output=True, text=True, timeout=SECONDS)
        output = ended.stdout + ended.stderr
        if ended.returncode:
            raise Failure(f"`{step['run']}` failed with {ended.returncode}\n{output[-5000:]}")
        passed = sum(int(number) for found in PASSED.findall(output) for number in found if number)
        if step["name"].startswith("Test") and not passed:
            raise Failure(f"`{step['run']}` ran no test\n{output[-5000:]}")
        total += passed
    if not total:
        raise Failure("no step of the workflow tests anything")
    return total
