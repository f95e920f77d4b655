"""The frame of a client's program: one operation for each line of the standard input, one JSON object for each answer."""
import json
import sys

GATEWAY = sys.argv[1]

CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}


def user(text):
    return {"role": "user", "content": text}


def serve(operations):
    """Calls the operation that each line names with what was asked and a dictionary for what is seen."""
    for line in sys.stdin:
        asked, seen = json.loads(line), {}
        operation = operations.get(asked["do"])
        if operation is None:
            seen["offered"] = False
        else:
            try:
                operation(asked, seen)
            except Exception as e:  # Whatever a client raises is what was seen.
                seen["error"] = f"{type(e).__name__}: {e}"[:500]
        print(json.dumps(seen), flush=True)
