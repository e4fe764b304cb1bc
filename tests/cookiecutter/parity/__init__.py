"""Renders templates by cookiecutter and by Skafu, and compares what they make."""
