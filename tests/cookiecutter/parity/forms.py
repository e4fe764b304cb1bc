"""The same template as an archive and as a git bundle."""

import os
import stat
import subprocess
import zipfile

IDENTITY = ["-c", "user.name=parity", "-c", "user.email=parity@example.org"]


def as_zip(template, place):
    """A zip file with one folder at its top, as a forge's download has it."""
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{template.name}/", b"")
        for folder, directories, files in os.walk(template):
            for name in sorted(directories + files):
                add(archive, template, os.path.join(folder, name))
    return place


def add(archive, template, path):
    status = os.lstat(path)
    name = f"{template.name}/{os.path.relpath(path, template)}"
    if stat.S_ISDIR(status.st_mode):
        name += "/"
    record = zipfile.ZipInfo(name)
    record.external_attr = status.st_mode << 16
    record.compress_type = zipfile.ZIP_DEFLATED
    content = b""
    if stat.S_ISLNK(status.st_mode):
        content = os.fsencode(os.readlink(path))
    elif stat.S_ISREG(status.st_mode):
        with open(path, "rb") as file:
            content = file.read()
    archive.writestr(record, content)


def as_bundle(template, place):
    """A bundle of one commit. The repository stands beside the bundle, not in the template."""
    repository = place.with_suffix(".git")

    def git(*arguments):
        subprocess.run(
            ["git", f"--git-dir={repository}", f"--work-tree={template}", *IDENTITY, *arguments],
            check=True,
            capture_output=True,
        )

    git("init", "--quiet", "--initial-branch=main")
    # Line ends and ignored files stay as they are.
    git("-c", "core.autocrlf=false", "add", "--all", "--force")
    git("commit", "--quiet", "--message=The template")
    git("bundle", "create", "--quiet", str(place), "HEAD", "main")
    return place


FORMS = {"zip": as_zip, "bundle": as_bundle}
