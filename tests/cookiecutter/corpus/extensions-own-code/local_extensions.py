"""A filter of the template's own."""

from jinja2.ext import Extension


class Shout(Extension):
    """Makes a text loud."""

    def __init__(self, environment):
        super().__init__(environment)
        environment.filters["shout"] = str.upper
