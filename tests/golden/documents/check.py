"""Documents about a fleet whose names mean something (fleet.py), read by those who read them.

check.py FOLDER   the documents lie there: plan.html (of cmark-gfm), plan.md, plan.xml, ...
"""
import html.parser
import json
import os
import re
import sys
import xml.etree.ElementTree

import jsonschema
import markdown

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(__file__))
from fleet import NAMES, cluster_of  # noqa: E402

FOLDER = sys.argv[1]
HERE = os.path.dirname(__file__)
CODE = {"code", "pre"}
OURS = CODE | {"h3", "p", "table", "thead", "tbody", "tr", "th", "td", "details", "summary",
               "sub", "strong"}
# What GitHub, GitLab or Azure DevOps would make a link or a mention of, outside of code.
ALIVE = re.compile(r"@\w|[#!%&$^~]\w|\b[Gg][Hh]-\d|\b[A-Z]{2,}-\d|www\.|://|"
                   r"\b(?=\w*\d)[0-9a-f]{7,40}\b|:\w+:")
failed = 0
count = 0


def ok(what, problems):
    global failed, count
    count += 1
    failed += bool(problems)
    print(f"{'not ok' if problems else 'ok'} {count} - {what}")
    for p in problems[:5]:
        print(f"# {p}")


def read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8", newline="") as f:
        return f.read()


class Page(html.parser.HTMLParser):
    """Elements, cells as text, texts outside of code, and what stands in blocks of code."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.rows, self.plain = [], set(), [], []
        self.cells, self.blocks, self.titles = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag not in {"img", "br", "hr"}:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append(0)
        if tag in {"td", "th"}:
            self.cells.append("")
            self.rows[-1] += 1
        if tag == "table":
            self.rows.append(None)
        if tag == "pre":
            self.blocks.append("")
        if tag == "summary":
            self.titles.append("")

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        if "td" in self.open:
            self.cells[-1] += data
        if "summary" in self.open:
            self.titles[-1] += data
        if "pre" in self.open:
            self.blocks[-1] += data
        if not CODE & set(self.open):
            self.plain.append(data)


def uneven(rows):
    width, bad = 0, []
    for n in rows:
        if n is None:
            width = 0
        elif not width:
            width = n
        elif n != width:
            bad.append(f"a row of {n} cells under {width}")
    return bad


def check_markdown():
    page = Page(read("plan.html"))
    blocks = "\n".join(page.blocks)
    ok("markdown: no element that is not ours", sorted(page.tags - OURS))
    ok("markdown: each name is the text of its cell, beside the GPU that waits for the same",
       [n for n in NAMES if f"vm {n}, gpu hv-1/gpu0 partitions 16 \u2192 4" not in page.cells])
    ok("markdown: each cluster is the text of its cell",
       [n for n in map(cluster_of, range(len(NAMES))) if n not in page.cells])
    ok("markdown: each cluster is in the title of its part",
       [n for n in map(cluster_of, range(len(NAMES))) if f"What happens in {n}" not in page.titles])
    ok("markdown: each name stands in a block as it is",
       [n for n in NAMES if f"stop {n} " not in blocks])
    ok("markdown: nothing outside of code that a platform would look up",
       [t for t in page.plain if ALIVE.search(t)])
    ok("markdown: no cell is broken", uneven(page.rows))
    ok("markdown: one marker, first of all",
       [] if re.fullmatch(r"<!-- hvgpu:plan key=[A-Za-z0-9._/-]+ -->",
                          read("plan.md").split("\n")[0]) else ["another first line"])
    other = Page(markdown.markdown(read("plan.md"), extensions=["tables", "fenced_code"]))
    ok("markdown: a renderer that reads no Markdown inside of HTML makes nothing of it either",
       sorted(other.tags & {"a", "script", "img", "b"}))


def check_junit():
    root = xml.etree.ElementTree.fromstring(read("plan.xml"))
    cases = {(c.get("classname"), c.get("name")): c for c in root.iter("testcase")}
    wrong = []
    for key, tag in (("failures", "failure"), ("errors", "error"), ("tests", "testcase")):
        if int(root.get(key)) != len(list(root.iter(tag))):
            wrong.append(f"{key} of all")
        for suite in root.iter("testsuite"):
            if int(suite.get(key)) != len(list(suite.iter(tag))):
                wrong.append(f"{key} of {suite.get('name')}")
    ok("junit: the counts are those of what is there", wrong)
    ok("junit: what is blocked is skipped, under its name, with why and release",
       [n for i, n in enumerate(NAMES)
        if "released by: " not in (cases[cluster_of(i), f"vm/{n}"].findtext("skipped") or "")])


def check_sarif():
    doc = json.loads(read("plan.sarif"))
    schemas = [os.path.join(HERE, "sarif.schema.json")]
    if os.environ.get("HVGPU_SCHEMAS"):  # the published one, where somebody has it
        schemas.append(os.path.join(os.environ["HVGPU_SCHEMAS"], "sarif-schema-2.1.0.json"))
    for path in schemas:
        with open(path, encoding="utf-8") as f:
            schema = json.load(f)
        validator = jsonschema.validators.validator_for(schema)(schema)
        ok(f"sarif: as {os.path.basename(path)} says",
           [e.message for e in validator.iter_errors(doc)])
    run = doc["runs"][0]
    rules = [r["id"] for r in run["tool"]["driver"]["rules"]]
    ok("sarif: each result is of its rule",
       [r["ruleId"] for r in run["results"] if rules[r["ruleIndex"]] != r["ruleId"]])
    prints = [json.dumps(r["partialFingerprints"], sort_keys=True) for r in run["results"]]
    ok("sarif: no two results are taken for one", [p for p in prints if prints.count(p) > 1])
    wrong = []
    for r in run["results"]:
        where = r["locations"][0]["physicalLocation"]
        lines = read(where["artifactLocation"]["uri"]).count("\n")
        if not 1 <= where["region"]["startLine"] <= lines:
            wrong.append(str(where))
    ok("sarif: each place is a line of a file below the top", wrong)
    ok("sarif: no message has a link in it",
       [r["message"]["text"] for r in run["results"]
        if re.search(r"(?<!\\)(\\\\)*\]\(", r["message"]["text"])])
    ok("sarif: no message has a placeholder in it",
       [r["message"]["text"] for r in run["results"]
        if re.search(r"[{}]", re.sub(r"\{\{|\}\}", "", r["message"]["text"]))])


def check_dot():
    graph = json.loads(read("plan.dot.json"))
    labels = [re.sub(r"\\(.)", r"\1", o.get("label", "")) for o in graph["objects"]]
    ok("dot: each name is in the label of its step",
       [n for n in NAMES if not any(t.startswith(f"stop {n} ") for t in labels)])
    ok("dot: each cluster is the label of a box",
       [n for n in map(cluster_of, range(len(NAMES))) if n not in labels])


TEXT = r'"(?:[A-Za-z0-9 .,/:?-]|[^\x00-\x7f]|#[0-9]+;)*"'
LINE = re.compile(rf'graph TD|  classDef waits stroke-dasharray: 5 5|'
                  rf' +subgraph [a-z0-9]+\[{TEXT}\]|( +)end|'
                  rf' +[a-z0-9]+\[{TEXT}\](:::waits)?|'
                  rf' +[a-z0-9]+ (-->|-\.->) [a-z0-9]+')


def check_mermaid():
    lines = read("plan.mermaid").split("\n")
    ok("mermaid: every line is of the grammar",
       [line for line in lines[:-1] if not LINE.fullmatch(line)] + lines[-1:][1:])
    said = re.sub(r"#([0-9]+);", lambda m: chr(int(m.group(1))), read("plan.mermaid"))
    ok("mermaid: each name is in the text of its step",
       [n for n in NAMES if f'"stop {n} ' not in said])
    opened = sum(line.lstrip().startswith("subgraph ") for line in lines)
    ok("mermaid: each box is closed",
       [] if opened == sum(line.strip() == "end" for line in lines) else ["they are not"])


check_markdown()
check_junit()
check_sarif()
check_dot()
check_mermaid()
print(f"1..{count}")
sys.exit(failed > 0)
