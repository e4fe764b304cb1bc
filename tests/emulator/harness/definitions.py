"""Takes definitions of state machines in YAML, as AWS does; ministack reads JSON alone."""

import json

import yaml
from ministack.services.cloudformation import provisioners
from replaced import present

present(provisioners, "_sfn_definition")


def repair():
    """Puts the reading of YAML, of which JSON is a part, behind the fetching of definitions."""
    fetch = provisioners._sfn_definition
    provisioners._sfn_definition = lambda properties: json.dumps(yaml.safe_load(fetch(properties)))
