"""Writes a file for each key and value, and compares the schema's verdict with that of `flowrun validate`."""
import collections
import json
import os
import re
import subprocess

import jsonschema

schema = json.load(open("schema.json"))
parts = schema["$defs"]
validator = jsonschema.Draft202012Validator(schema)

# The files are JSON, which YAML reads alike: no two opinions about what a value is.
VALUES = [None, True, False, 0, 1, 3, -1, 1.5, 2.0, 300.0, 7000000, "", " ", "a", "2", "0", "true", "${{ .input }}", "30s", "0h", "soon",
          "auto", "10/s", [], [1], ["a"], [None], [""], [[]], [{}], ["200"], ["timeout"], [{"when": "true", "goto": ["b"]}],
          [{"id": "z", "run": "true"}], [{"name": "q", "rate": "1/s"}], {}, {"a": 1}, {"a": None}, {"a": {}}, {"a": [1]},
          {"a": []}, {"a-b": "x"}, {"a": "set"}, {"run": "true"}, {"cost": 1}, {"cost": "1"}, {"group": "g"}, {"retries": 1},
          {"include": [{"a": 1}]}]  # fmt: skip

STEP = {"id": "a", "run": "true"}
PAIR = [{"id": "i", "run": "true"}, {"id": "j", "run": "true"}]
STEPS = {
    "command": {"run": "true"},
    "http": {"type": "http", "url": "http://127.0.0.1/"},
    "transform": {"type": "transform", "expr": "1"},
    "wait": {"type": "wait", "duration": "1s"},
    "human": {"type": "human"},
    "route": {"type": "route", "routes": [{"when": "true", "goto": ["b"]}]},
    "split_input": {"type": "split_input", "strategy": "duplicate", "parts": 2},
    "merge_results": {"type": "merge_results", "from": ["first"]},
    "parallel_group": {"type": "parallel_group", "steps": PAIR},
    "race": {"type": "race", "steps": PAIR},
    "chain": {"steps": PAIR},
    "batch_process": {"type": "batch_process", "step": {"run": "true"}},
    "loop": {"type": "loop", "steps": PAIR},
    "workflow": {"type": "workflow", "path": "sub.yaml"},
}
PARTS = {
    "defaults": ({}, lambda part: {"defaults": part, "steps": [STEP]}),
    "type": ({"name": "t", "run": "true"}, lambda part: {"types": [part], "steps": [STEP]}),
    "model": ({"name": "m"}, lambda part: {"types": [{"name": "t", "run": "true", "models": [part]}], "steps": [STEP]}),
    "parameter": ({"name": "p"}, lambda part: {"params": [part], "steps": [STEP]}),
    "limit": ({"name": "l", "rate": "1/s"}, lambda part: {"limits": [part], "steps": [STEP]}),
    "budget": ({"cost": 1}, lambda part: {"budget": part, "steps": [STEP]}),
    "concurrency": ({"group": "g"}, lambda part: {"concurrency": part, "steps": [STEP]}),
    "route": ({"when": "true", "goto": ["b"]}, lambda part: around({"type": "route", "routes": [part]})),
}
FIELDS = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "array": {"type": "array"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "integers": {"items": {"type": "integer"}},
    "numbers": {"items": {"type": "number"}},
    "booleans": {"items": {"type": "boolean"}},
    "nothing": {},
    "no type": {"type": "int"},
}


def around(step):
    return {"steps": [{"id": "first", "run": "true"}, {"id": "s", **step}, STEP, {"id": "b", "run": "true"}]}


documents = []
for key, row in schema["properties"].items():
    if not row.get("deprecated"):
        documents += [(f"file: {key}", {"steps": [STEP], key: value}) for value in VALUES]
for key, row in parts["step"]["properties"].items():
    if row.get("deprecated"):
        continue
    whole = False
    for kind, base in STEPS.items():
        example = around({**base, key: row["examples"][0]})
        documents.append((f"{kind}: {key}", example))
        if not whole and validator.is_valid(example):  # the value is judged alike wherever the key may stand
            whole = True
            documents += [(f"{kind}: {key}", around({**base, key: value})) for value in VALUES]
for kind, base in STEPS.items():
    documents += [(f"{kind} without {key}", around({k: v for k, v in base.items() if k != key})) for key in base]
documents.append(("run and argv", around({"run": "true", "argv": ["true"]})))
documents.append(("expr and parts", around({**STEPS["split_input"], "expr": "[1]"})))
for name, (base, make) in PARTS.items():
    documents += [(f"{name}", make(value)) for value in VALUES]
    documents += [(f"{name} without {key}", make({k: v for k, v in base.items() if k != key})) for key in base]
    for key in parts[name]["properties"]:
        known = key in parts["step"]["properties"]
        documents += [(f"{name}: {key}", make({**base, key: value})) for value in VALUES[:: 5 if known else 1]]

FORM = [*VALUES, "n", ["n"], {"f": 1}, {"f": {"type": "int"}}, {"type": {}}, {"required": {}}, {"required": ["f"]},
        {"required": True}, {"type": "object"}, {"properties": {}}, {"type": "object", "properties": {"f": {"required": "yes"}}},
        {"properties": {"f": {}}, "required": "f"}, {"properties": {"f": {}}, "required": ["f"]},
        {"properties": {"f": {}}, "required": [["f"]]}, {"properties": {"f": {}}, "title": "t"},
        {"type": "array", "properties": {}}, {"properties": []}, {"properties": {"f": None}}]  # fmt: skip
documents += [("form_schema", around({"type": "human", "form_schema": form})) for form in FORM]
MORE = [*VALUES, [2], [2.0], [2.5], [True], [1, "a"], ["a", "a"], "object", "string", {"type": "array"}, {"type": "int"}, {"items": {}},
        {"default": 1}, {"type": "integer", "enum": [1, 2]}, {"type": "integer", "enum": ["1"]}, {"type": "boolean", "minimum": 1},
        {"minLength": -1}, {"minimum": 1}, {"type": "number", "minimum": 1, "exclusiveMinimum": 1}]  # fmt: skip
for name, field in FIELDS.items():
    documents.append((f"{name}: field", around({"type": "human", "form_schema": {"f": field}})))
    for key in [*parts["field"]["properties"], "format", "Enum"]:
        for value in MORE:
            form = {"f": {**field, key: value}}
            documents.append((f"{name}: {key} of a field", around({"type": "human", "form_schema": form})))
for low in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
    for high in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        form = {"f": {"type": "number", low: 1, high: 1}}
        documents.append((f"{low} and {high}", around({"type": "human", "form_schema": form})))

# What the parts of a file have to do with each other, with other files, and what is inside of texts is not the schema's;
# nor are `params` and `model` of groups, which held the group's keys in older files.
ELSEWHERE = ("bad-path cycle duplicate-entry duplicate-id group-rule jq-syntax missing-file nothing-to-run "
             "unknown-limit unknown-model unknown-name unknown-param unknown-state unknown-step unknown-type").split()  # fmt: skip
ELSEWHERE_TEXTS = ["no expression can stand here: the group", "would never warn", "as a command's name", "`timeout: auto` is for",
                   "has `on_timeout`, but no `timeout`", "'model' is a key of command steps", "has no key 'voice'", "the form has no field", "no answer could fit field", "the pattern of field",
                   "must have at ", "must be at ", "must be less than", "must be more than", "must be one of", "must match the pattern"]  # fmt: skip

os.chdir("files")
for i, (_, document) in enumerate(documents):
    json.dump(document, open(f"f{i}.yaml", "w"))
names = [f"f{i}.yaml" for i in range(len(documents))]
said = collections.defaultdict(list)
for at in range(0, len(names), 500):
    run = subprocess.run(["flowrun", "validate", *names[at : at + 500]], capture_output=True, text=True)
    for line in (run.stdout + run.stderr).splitlines():
        match = re.match(r"f(\d+)\.yaml:\d+:\d+: error\[([a-z-]+)\]: (.*)", line)
        if match:
            said[int(match[1])].append((match[2], match[3]))

differences, refused = 0, 0
for i, (what, document) in enumerate(documents):
    takes = validator.is_valid(document)
    refused += bool(said[i])
    if takes != bool(said[i]):
        continue
    elsewhere = all(code in ELSEWHERE or any(t in text for t in ELSEWHERE_TEXTS) for code, text in said[i])
    if takes and elsewhere:
        continue
    differences += 1
    if differences <= 40:
        why = said[i][0] if said[i] else next(validator.iter_errors(document)).message[:120]
        print(f"{what}: the schema {'takes' if takes else 'refuses'} {json.dumps(document)[:200]}: {why}")
print("enough files" if len(documents) > 12000 and refused > 8000 else f"{len(documents)} files, {refused} refused")
print(f"{differences} differences")
