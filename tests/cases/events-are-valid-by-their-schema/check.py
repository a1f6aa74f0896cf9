"""Checks lines of events by the schema in argv[1], which must know each of their members; prints what was seen."""
import json
import sys

import jsonschema

schema = json.load(open(sys.argv[1]))
for event in schema["oneOf"]:
    event["additionalProperties"] = False
validator = jsonschema.Draft202012Validator(schema)
validator.check_schema(schema)
seen = {}
order = {event["properties"]["event"]["const"]: list(event["properties"]) for event in schema["oneOf"]}
for line in sys.stdin:
    event = json.loads(line)
    for error in validator.iter_errors(event):
        print(line.strip(), error.message, sep="\n")
    if list(event) != [name for name in order[event["event"]] if name in event]:
        print(line.strip(), "its members stand in another order", sep="\n")
    seen.setdefault(event["event"], set()).update(event)
for event in schema["oneOf"]:
    name = event["properties"]["event"]["const"]
    print(name, "never seen:", sorted(set(event["properties"]) - seen.get(name, set())))
