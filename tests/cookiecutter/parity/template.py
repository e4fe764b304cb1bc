"""The templates that are rendered: those of downloaded packages, and the corpus written by hand."""

import json
import shutil
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

MANIFEST = "cookiecutter.json"
# Beside a template of the corpus: what cookiecutter.json has no place for.
NOTES = "parity.toml"
# Extensions that come with cookiecutter, Jinja2 or jinja2_time. Any other is code of the template's own.
KNOWN_EXTENSIONS = ("cookiecutter.extensions.", "jinja2.ext.", "jinja2_time.")


@dataclass(frozen=True)
class Template:
    """A folder with a cookiecutter.json."""

    name: str
    path: Path
    # Given in every rendering, where the template cannot do without them.
    base: dict = field(default_factory=dict)
    # Further sets of answers by name, beside those chosen from the template itself.
    answers: dict = field(default_factory=dict)
    # Whether sets of answers are chosen from the template.
    derived: bool = True
    # Files with random content, by glob, and the pattern they must match on both sides.
    random: dict = field(default_factory=dict)
    # The sets of answers, by glob, with which cookiecutter refuses the template; nothing where that is not known.
    refuses: tuple | None = ()

    def manifest(self):
        """The variables, or nothing where the file is no JSON object."""
        try:
            fields = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        except ValueError:
            return {}
        return fields if isinstance(fields, dict) else {}

    def code(self):
        """The first extension that would have to be imported from the template itself."""
        for extension in self.manifest().get("_extensions", []):
            module = str(extension).split(".")[0]
            own = (self.path / f"{module}.py").exists() or (self.path / module).is_dir()
            if own and not str(extension).startswith(KNOWN_EXTENSIONS):
                return extension
        return None


def packaged(packages, settings, copy):
    """Every template of the unpacked packages, by package and path."""
    found = []
    for manifest in sorted(packages.rglob(MANIFEST)):
        place = manifest.parent.relative_to(packages)
        # A manifest below a templated name is something a template makes.
        if "{{" in str(place):
            continue
        name = place.as_posix()
        base, refuses, path = {}, (), manifest.parent
        for entry in settings["template"]:
            if fnmatchcase(name, entry["match"]):
                base |= entry.get("answers", {})
                refuses += tuple(entry.get("refuses", ()))
                path = completed(path, copy / name.replace("/", "."), entry.get("with", {}))
        found.append(Template(name, path, base, refuses=refuses))
    return found


def completed(path, copy, folders):
    """A copy with the folders a package's own command puts there, by their place; the template if there are none."""
    if not folders:
        return path
    shutil.copytree(path, copy, symlinks=True)
    for place, folder in folders.items():
        shutil.copytree(path / folder, copy / place)
    return copy


def corpus(source, copy):
    """The hand-written templates, copied, with the empty directories git cannot hold."""
    found = []
    for folder in sorted(path for path in source.iterdir() if path.is_dir()):
        place = copy / folder.name
        shutil.copytree(folder, place, symlinks=True)
        found.append(noted(f"corpus/{folder.name}", place))
    return found


def noted(name, place):
    """A template with the notes that stand beside it, which are taken away."""
    notes = {}
    if (place / NOTES).exists():
        notes = tomllib.loads((place / NOTES).read_text(encoding="utf-8"))
        (place / NOTES).unlink()
    for directory in notes.get("empty", []):
        (place / directory).mkdir(parents=True)
    return Template(
        name,
        place,
        answers=notes.get("answers", {}),
        derived=notes.get("derived", True),
        random=notes.get("random", {}),
        refuses=tuple(notes.get("refuses", ())),
    )
