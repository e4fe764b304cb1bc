"""What cfn-lint finds in the rendered stacks, and which of it is expected."""

import json
import subprocess

# A runtime that AWS no longer supports: a warning first, an error once no function can be made with it.
ENDED = {"W2531", "E2531"}


def stack_in(tree):
    """The stack a repository describes."""
    [stack] = [path for path in tree.rglob("template.yaml") if ".git" not in path.parts]
    return stack


def check(stacks):
    """The problems of pairs of a stack and the runtime it was rendered for, as sentences."""
    by_stack = {str(stack): [] for stack, _ in stacks}
    for finding in findings(list(by_stack)):
        by_stack[finding["Filename"]].append(finding)
    return [problem for stack, runtime in stacks for problem in problems(stack, runtime, by_stack[str(stack)])]


def findings(stacks):
    command = ["cfn-lint", "--format", "json", "--", *stacks]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600)
    # The lowest bit tells of a failure of the tool; the others of errors, warnings and notes in the stacks.
    if ended.returncode & 1 or not ended.stdout.strip():
        raise RuntimeError(f"cfn-lint failed with {ended.returncode}: {ended.stderr}")
    return json.loads(ended.stdout)


def problems(stack, runtime, found):
    ended = [finding for finding in found if finding["Rule"]["Id"] in ENDED]
    is_listed = runtime["status"] == "deprecated"
    if ended and not is_listed:
        yield f"{runtime['id']} is supported in forge/runtimes.json, but: {ended[0]['Message']}"
    if is_listed and not ended:
        yield f"{runtime['id']} is deprecated in forge/runtimes.json, but cfn-lint has nothing against it"
    for finding in found:
        if finding not in ended:
            line = finding["Location"]["Start"]["LineNumber"]
            yield f"{stack}:{line}: {finding['Rule']['Id']} {finding['Message']}"
