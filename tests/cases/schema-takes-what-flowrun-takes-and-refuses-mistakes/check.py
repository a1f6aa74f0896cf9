"""Judges workflow files, files with a mistake each, and the examples of all keys by the schema."""
import glob
import json
import re

import jsonschema
import yaml

schema = json.load(open("schema.json"))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)


class Loader(yaml.SafeLoader):
    """YAML 1.2's core types: dates and times are text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith(("timestamp", "bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))

files = sorted(glob.glob("*.yaml"))
for name in files:
    for error in validator.iter_errors(yaml.load(open(name), Loader)):
        print(f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
print("enough files" if len(files) > 35 else f"only {len(files)} files")

STEP = {"id": "a", "run": "true"}
mistakes = {
    "unknown key of the file": {"steps": [STEP], "stepz": 1},
    "unknown key of a step": {"steps": [{**STEP, "retrys": 3}]},
    "unknown key of a type": {"types": [{"name": "t", "argvv": ["x"]}]},
    "unknown key of a parameter": {"params": [{"name": "p", "defualt": 1}], "steps": [STEP]},
    "unknown key of a limit": {"limits": [{"name": "l", "rat": "1/s"}], "steps": [STEP]},
    "unknown key of the budget": {"budget": {"costs": 1}, "steps": [STEP]},
    "unknown key inside of a group": {"steps": [{"type": "parallel_group", "steps": [{**STEP, "x": 1}]}]},
    "unknown key of a template": {"steps": [{"type": "batch_process", "step": {**STEP, "x": 1}}]},
    "key of another type of step": {"steps": [{"type": "http", "url": "http://x", "argv": ["x"]}]},
    "text for a number": {"steps": [{**STEP, "retries": "three"}]},
    "number out of range": {"steps": [{**STEP, "retry_jitter": 2}]},
    "one text for a list": {"steps": [{**STEP, "depends_on": "b"}]},
    "a list for a text": {"steps": [{"run": ["true"]}]},
    "an empty argv": {"steps": [{"argv": []}]},
    "text for a boolean": {"steps": [{**STEP, "enabled": "yes"}]},
    "a word that is none of the enum": {"mode": "dag", "steps": [STEP]},
    "another": {"steps": [{"type": "parallel_group", "merge_strategy": "all", "steps": [STEP]}]},
    "and another": {"steps": [{**STEP, "output": "xml"}]},
    "a reducer that is none": {"reducers": {"a": "sum"}, "steps": [STEP]},
    "no duration": {"steps": [{**STEP, "timeout": "soon"}]},
    "no rate": {"limits": [{"name": "l", "rate": "fast"}], "steps": [STEP]},
    "no id": {"steps": [{"id": "a b", "run": "true"}]},
    "what must be there": {"types": [{"argv": ["x"]}]},
    "what a type of step needs": {"steps": [{"type": "workflow"}]},
    "no steps at all": {"name": "empty"},
    "no mapping": ["steps"],
}
for what, document in mistakes.items():
    if validator.is_valid(document):
        print(f"taken: {what}")
print(f"{len(mistakes)} mistakes")

# Each key can be explained while one types: a description, an example that fits, a default that fits.
keys = 0
for place, part in [("file", schema), *schema["$defs"].items()]:
    for key, value in part.get("properties", {}).items():
        keys += 1
        if not value.get("description"):
            print(f"{place}.{key} has no description")
        if value.get("deprecated"):
            continue
        if not value.get("examples"):
            print(f"{place}.{key} has no example")
        own = jsonschema.Draft202012Validator({**value, "$defs": schema["$defs"]})
        for kind, sample in [("example", s) for s in value.get("examples", [])] + (
            [("default", value["default"])] if "default" in value else []
        ):
            for error in own.iter_errors(sample):
                print(f"{place}.{key}: the {kind} does not fit: {error.message[:200]}")
print("enough keys" if keys > 200 else f"only {keys} keys")
