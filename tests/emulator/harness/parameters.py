"""Gives SAM's transform the values of the parameters, as CloudFormation does; ministack leaves it with their defaults."""

import threading

from ministack.services.cloudformation import changesets, engine, handlers
from replaced import present
from samtranslator.translator import transform as sam

present(engine, "_apply_transforms", "_transform_parameters")
present(changesets, "_apply_transforms")
present(handlers, "_apply_transforms")
present(sam, "transform")

_apply, _transform = engine._apply_transforms, sam.transform
_given = threading.local()


def _applied(template, provided=None, previous=None):
    _given.values = engine._transform_parameters(template, provided, previous)
    try:
        return _apply(template, provided, previous)
    finally:
        del _given.values


def _transformed(template, parameters, *args, **kwargs):
    return _transform(template, getattr(_given, "values", parameters), *args, **kwargs)


def repair():
    """Puts both behind whatever applies transforms."""
    sam.transform = _transformed
    changesets._apply_transforms = handlers._apply_transforms = _applied
