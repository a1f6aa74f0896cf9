"""Checks workflow files by the schema in argv[1]; prints what is wrong with them."""
import json
import os
import sys

import jsonschema
import yaml

schema = json.load(open(sys.argv[1]))
validator = jsonschema.Draft202012Validator(schema)
validator.check_schema(schema)
for path in sys.argv[2:]:
    with open(path) as file:
        errors = sorted(validator.iter_errors(yaml.safe_load(file)), key=lambda error: list(error.path))
    if errors:
        print(os.path.basename(path), "/".join(map(str, errors[0].path)), errors[0].message)
