"""What a document breaks for clients of the last released one: `python openapi/breaking.py [RELEASED NEW]`.

Requests may only be widened and answers only be narrowed: a client that was generated from the released document keeps
working. Without arguments the committed document is held against the newest one in `openapi/released`. A break that is
meant stands in `openapi/released/accepted.txt`, one line each, with its reason; a line that no longer applies fails too.
Exit status 1: something breaks. `--self-test` breaks the document in every known way and sees that each is told.
"""

import copy
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent
METHODS = ("get", "put", "post", "patch", "delete")
# Limits by whether a smaller number allows less.
UPPER = ("maxLength", "maxItems", "maximum", "exclusiveMaximum", "maxProperties")
LOWER = ("minLength", "minItems", "minimum", "exclusiveMinimum", "minProperties")


class Comparison:
    """The breaks between two documents."""

    def __init__(self, old, new):
        self.old, self.new = old, new
        self.breaks = []
        self.seen = set()

    def tell(self, place, what):
        self.breaks.append(f"{place}: {what}")

    @staticmethod
    def resolved(document, value):
        while isinstance(value, dict) and "$ref" in value:
            target = document
            for part in value["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            value = target
        return value or {}

    def run(self):
        for path, item in self.old["paths"].items():
            for method in METHODS:
                if method not in item:
                    continue
                place = f"{method.upper()} {path}"
                if method not in self.new["paths"].get(path, {}):
                    self.tell(place, "is gone")
                    continue
                self.operation(place, item[method], self.new["paths"][path][method])
        return self.breaks

    def operation(self, place, old, new):
        if old["operationId"] != new["operationId"]:
            self.tell(place, f"operationId {old['operationId']} is now {new['operationId']}")
        for role in sorted(set(old.get("x-roles", [])) - set(new.get("x-roles", []))):
            self.tell(place, f"role {role} may no longer call it")
        self.parameters(place, old, new)
        self.request(place, self.resolved(self.old, old.get("requestBody")), self.resolved(self.new, new.get("requestBody")))
        for status, answer in old["responses"].items():
            if not status.startswith(("2", "3")):
                # A refusal that is no longer given harms nobody; how refusals look is a schema like any other.
                continue
            if status not in new["responses"]:
                self.tell(place, f"no longer answers {status}")
                continue
            self.answer(f"{place} {status}", self.resolved(self.old, answer), self.resolved(self.new, new["responses"][status]))

    def parameters(self, place, old, new):
        def by_name(document, operation):
            known = (self.resolved(document, parameter) for parameter in operation.get("parameters", []))
            return {(parameter["in"], parameter["name"]): parameter for parameter in known}

        before, after = by_name(self.old, old), by_name(self.new, new)
        for (where, name), parameter in before.items():
            if (where, name) not in after:
                # Unknown query keys are refused, so one that goes breaks who sends it.
                self.tell(place, f"{where} parameter {name} is gone")
                continue
            now = after[where, name]
            if now.get("required") and not parameter.get("required"):
                self.tell(place, f"{where} parameter {name} is now required")
            self.schema(f"{place} {name}", parameter.get("schema"), now.get("schema"), is_request=True)
        for (where, name), parameter in after.items():
            if (where, name) not in before and parameter.get("required"):
                self.tell(place, f"{where} parameter {name} is new and required")

    def request(self, place, old, new):
        if new.get("required") and not old.get("required"):
            self.tell(place, "a body is now required")
        for kind, media in old.get("content", {}).items():
            if kind not in new.get("content", {}):
                self.tell(place, f"no longer takes {kind}")
                continue
            self.schema(f"{place} request", media.get("schema"), new["content"][kind].get("schema"), is_request=True)

    def answer(self, place, old, new):
        for name in old.get("headers", {}):
            if name not in new.get("headers", {}):
                self.tell(place, f"header {name} is gone")
        for kind, media in old.get("content", {}).items():
            if kind not in new.get("content", {}):
                self.tell(place, f"no longer answers {kind}")
                continue
            self.schema(place, media.get("schema"), new["content"][kind].get("schema"), is_request=False)

    def schema(self, place, old, new, is_request):
        old, new = old or {}, new or {}
        names = (old.get("$ref"), new.get("$ref"))
        if all(names):
            if (*names, is_request) in self.seen:
                return
            self.seen.add((*names, is_request))
            place = f"{names[0].rsplit('/', 1)[-1]} ({'request' if is_request else 'answer'})"
        old, new = self.resolved(self.old, old), self.resolved(self.new, new)
        self.kinds(place, old, new, is_request)
        self.limits(place, old, new, is_request)
        self.choices(place, old, new, is_request)
        self.members(place, old, new, is_request)
        if "items" in old or "items" in new:
            self.schema(f"{place}[]", old.get("items"), new.get("items"), is_request)

    def kinds(self, place, old, new, is_request):
        def kinds(schema):
            kind = schema.get("type")
            return set(kind if isinstance(kind, list) else [kind] if kind else [])

        before, after = kinds(old), kinds(new)
        lost, won = before - after, after - before
        # An integer is a number.
        if is_request and (lost - ({"integer"} if "number" in after else set()) or (won and not before)):
            self.tell(place, f"type {sorted(before)} is now {sorted(after)}")
        if not is_request and (won - ({"integer"} if "number" in before else set()) or (lost and not after)):
            self.tell(place, f"type {sorted(before)} is now {sorted(after)}")
        for word in ("pattern", "format", "contentEncoding"):
            if old.get(word) != new.get(word) and (new.get(word) if is_request else old.get(word)):
                self.tell(place, f"{word} {old.get(word)} is now {new.get(word)}")
        if "enum" in old or "enum" in new:
            self.enum(place, old.get("enum"), new.get("enum"), is_request)
        if old.get("const") != new.get("const"):
            self.tell(place, f"const {old.get('const')} is now {new.get('const')}")

    def enum(self, place, old, new, is_request):
        narrower, wider = (new, old) if is_request else (old, new)
        if narrower is None:
            return
        if wider is None or (is_request and set(old) - set(new)) or (not is_request and set(new) - set(old)):
            less, more = set(old or []) - set(new or []), set(new or []) - set(old or [])
            self.tell(place, f"the words of the enum changed: gone {sorted(less)}, new {sorted(more)}")

    def limits(self, place, old, new, is_request):
        for words, sign in ((UPPER, 1), (LOWER, -1)):
            for word in words:
                before, after = old.get(word), new.get(word)
                if before == after:
                    continue
                # Widths with the sign turned so that more is wider; a limit that is not there is the widest.
                wide = [float("inf") if limit is None else sign * limit for limit in (before, after)]
                if (wide[1] < wide[0]) if is_request else (wide[1] > wide[0]):
                    self.tell(place, f"{word} {before} is now {after}")

    def choices(self, place, old, new, is_request):
        for word in ("oneOf", "anyOf", "allOf"):
            before, after = old.get(word, []), new.get(word, [])
            added, removed = len(after) - len(before), len(before) - len(after)
            if (word != "allOf" and (removed if is_request else added) > 0) or (word == "allOf" and added):
                self.tell(place, f"{word} has {len(after)} choices, had {len(before)}")
            for number, (one, other) in enumerate(zip(before, after)):
                self.schema(f"{place} {word}[{number}]", one, other, is_request)

    def members(self, place, old, new, is_request):
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, schema in before.items():
            if name not in after:
                # Requests are closed, so a member that goes is refused from then on.
                self.tell(f"{place}.{name}", "is gone")
                continue
            self.schema(f"{place}.{name}", schema, after[name], is_request)
        required, now = set(old.get("required", [])), set(new.get("required", []))
        for name in sorted(now - required if is_request else (required - now) & set(after)):
            self.tell(f"{place}.{name}", "is now required" if is_request else "may now be missing")
        if is_request and old.get("additionalProperties") is not False and new.get("additionalProperties") is False:
            self.tell(place, "is now closed")


def breaks(old, new):
    return Comparison(old, new).run()


def self_test(document):
    """Each of these breaks a client; each is told, and nothing is told of what breaks none."""
    schemas = "components", "schemas"

    def at(changed, *path):
        for part in path:
            changed = changed[part]
        return changed

    def form(changed):
        return at(changed, *schemas, "NewCooperative")

    def view(changed):
        return at(changed, *schemas, "CooperativeView")

    def listing(changed):
        return at(changed, "paths", "/v1/cooperatives", "get")

    harmful = {
        "a path that goes": lambda d: d["paths"].pop("/v1/schemes"),
        "a method that goes": lambda d: d["paths"]["/v1/cooperatives/{id}"].pop("patch"),
        "another operationId": lambda d: listing(d).update(operationId="findCooperatives"),
        "a role that loses it": lambda d: listing(d)["x-roles"].remove("ministry"),
        "a new required member": lambda d: form(d)["required"].append("phone"),
        "a member of a request that goes": lambda d: form(d)["properties"].pop("phone"),
        "a lowered maximum": lambda d: form(d)["properties"]["name"].update(maxLength=10),
        "a raised minimum": lambda d: form(d)["properties"]["name"].update(minLength=10),
        "another pattern": lambda d: form(d)["properties"]["taxCode"].update(pattern="^[0-9]{10}$"),
        "a changed type": lambda d: form(d)["properties"]["name"].update(type="integer"),
        "a required query key": lambda d: listing(d)["parameters"].append({"in": "query", "name": "x", "required": True, "schema": {}}),
        "a query key that goes": lambda d: listing(d)["parameters"].pop(0),
        "a member of an answer that goes": lambda d: view(d)["properties"].pop("name"),
        "a member that may be missing": lambda d: view(d)["required"].remove("name"),
        "a raised limit of an answer": lambda d: view(d)["properties"]["name"].update(maxLength=9000),
        "null in an answer": lambda d: view(d)["properties"]["name"].update(type=["string", "null"]),
        "a new word of a closed list": lambda d: at(d, *schemas, "CooperativeStatus")["enum"].append("lost"),
        "a word that goes": lambda d: at(d, *schemas, "CooperativeStatus")["enum"].pop(),
        "a status that goes": lambda d: listing(d)["responses"].pop("200"),
        "a media type that goes": lambda d: listing(d)["responses"]["200"]["content"].pop("application/x-ndjson"),
        "a header that goes": lambda d: listing(d)["responses"]["200"]["headers"].pop("ETag"),
        "a form of another media type": lambda d: at(d, "paths", "/v1/cooperatives", "post", "requestBody", "content").pop("application/json"),
    }
    harmless = {
        "other words": lambda d: form(d).update(description="Other words."),
        "a new optional member": lambda d: form(d)["properties"].update(fax={"type": "string", "maxLength": 9}),
        "a member more in an answer": lambda d: (view(d)["properties"].update(fax={"type": "string"}), view(d)["required"].append("fax")),
        "a wider limit of a request": lambda d: form(d)["properties"]["name"].update(maxLength=9000),
        "an optional query key": lambda d: listing(d)["parameters"].append({"in": "query", "name": "x", "schema": {}}),
        "a role more": lambda d: listing(d)["x-roles"].append("auditor"),
        "a new path": lambda d: d["paths"].update({"/v1/x": d["paths"]["/v1/schemes"]}),
        "a refusal more": lambda d: listing(d)["responses"].update({"418": {"description": "A teapot."}}),
    }
    assert not breaks(document, document), "a document breaks itself"
    for changes, is_harmful in ((harmful, True), (harmless, False)):
        for name, change in changes.items():
            changed = copy.deepcopy(document)
            change(changed)
            told = breaks(document, changed)
            assert bool(told) == is_harmful, f"{name}: {told}"
    print(f"told all of {len(harmful)} breaks and none of {len(harmless)} harmless changes")


def read(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def newest_release():
    def version(path):
        return [int(part) for part in path.stem.split(".")]

    return max((FOLDER / "released").glob("*.json"), key=version)


def accepted():
    """The breaks that are meant, each with its reason after ` # `."""
    lines = (FOLDER / "released" / "accepted.txt").read_text(encoding="utf-8").splitlines()
    meant = [line.split(" # ") for line in lines if line.strip() and not line.startswith("#")]
    assert all(len(parts) == 2 and parts[1].strip() for parts in meant), "a break without a reason"
    return {what.strip() for what, _ in meant}


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test(read(FOLDER / "sarus.json"))
    if arguments:
        released, new, meant = *arguments, set()
    else:
        released, new, meant = newest_release(), FOLDER / "sarus.json", accepted()
    told = breaks(read(released), read(new))
    wrong = [line for line in told if line not in meant]
    stale = [f"{line}: is accepted and does not happen" for line in sorted(meant - set(told))]
    print("\n".join(wrong + stale))
    print(f"against {released}: {len(wrong)} breaks, {len(meant) - len(stale)} accepted, {len(stale)} stale")
    return 1 if wrong or stale else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
