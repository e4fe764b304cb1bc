package {{ cookiecutter.path|replace('/', '.') }};
