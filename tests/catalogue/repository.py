"""From a template to the work tree of the repository it makes."""

import os
import subprocess


def renderer(root):
    """Builds what renders, once, and returns `render(template, project, tree, values)`, which returns the tree."""
    build = ["cargo", "build", "--quiet", "--locked", "--package", "skafu-forge", "--example", "render"]
    subprocess.run(build, cwd=root, check=True, timeout=1200)
    target = root / os.environ.get("CARGO_TARGET_DIR", "target")

    def render(template, project, tree, values):
        bare = tree.parent / f"{tree.name}.git"
        tree.parent.mkdir(parents=True, exist_ok=True)
        given = [f"{name}={value}" for name, value in values.items()]
        command = [target / "debug/examples/render", template, project, bare, *given]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60)
        subprocess.run(["git", "clone", "--quiet", bare, tree], check=True, timeout=60)
        return tree

    return render
