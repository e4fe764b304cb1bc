"""Sets of answers, chosen from the template's own variables."""

# Each a text a person might type where a name is asked for, and a careless template might break on.
AWKWARD = (
    "Zoë's \"Blue\" Box",
    "Søren & Co <dev@example.org>",
    "  two  spaces  ",
    "日本語 100% $HOME #1",
    "UPPER-case_and.dots",
)


def sets(template):
    """Named sets of answers: the defaults, other choices, and names that are hard to take."""
    manifest = template.manifest()
    chosen = {"default": {}}
    if template.derived:
        chosen["second"] = second(manifest)
        chosen["awkward"] = awkward(manifest)
    chosen |= template.answers
    named = {name: template.base | {k: v for k, v in given.items() if k not in template.base}
             for name, given in chosen.items()}
    if template.base:
        named["bare"] = {}
    distinct = {}
    for name, given in named.items():
        if given not in distinct.values():
            distinct[name] = given
    return distinct


def second(manifest):
    """The second of each list of choices, and each boolean turned."""
    return choices(manifest, 1) | {
        name: "no" if value else "yes" for name, value in asked(manifest) if isinstance(value, bool)
    }


def awkward(manifest):
    """The last of each list of choices, and hard names for all that is plain text."""
    plain = [
        name
        for name, value in asked(manifest)
        if isinstance(value, str) and "{{" not in value and "{%" not in value
    ]
    return choices(manifest, -1) | {
        name: AWKWARD[at % len(AWKWARD)] for at, name in enumerate(plain)
    }


def choices(manifest, at):
    return {
        name: value[at]
        for name, value in asked(manifest)
        if isinstance(value, list) and len(value) > 1 and isinstance(value[at], str)
    }


def asked(manifest):
    """The variables a person is asked for."""
    return [
        (name, value)
        for name, value in manifest.items()
        if not name.startswith("_") and name not in ("template", "templates")
    ]
