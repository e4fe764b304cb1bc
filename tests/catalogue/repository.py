"""From a template to the work tree of the repository it makes."""

import os
import subprocess


def renderer(root):
    """Finds or builds what renders, once, and returns `render(template, project, tree, values)`, which returns the tree."""
    skafu = os.environ.get("SKAFU") or _built(root)

    def render(template, project, tree, values):
        out = tree.parent / f"{tree.name}.out"
        given = [f"--set={name}={value}" for name, value in {"project_name": project, **values}.items()]
        command = [skafu, "template", "render", template, "--out", out, *given]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60)
        [made] = out.iterdir()
        made.rename(tree)
        out.rmdir()
        return tree

    return render


def _built(root):
    build = ["cargo", "build", "--quiet", "--locked", "--workspace", "--bin", "skafu"]
    subprocess.run(build, cwd=root, check=True, timeout=1800)
    return root / os.environ.get("CARGO_TARGET_DIR", "target") / "debug" / "skafu"
