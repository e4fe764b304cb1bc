"""What the harness replaces or calls of the emulator must be there: another release would silently go unrepaired."""


def present(module, *names):
    """Fails if the module lacks one of these."""
    missing = [name for name in names if not hasattr(module, name)]
    assert not missing, f"{module.__name__} of this release has no {', '.join(missing)}"
