"""What the panels of a Grafana dashboard show, asked from a Prometheus without Grafana."""

import json
import pathlib
import re
import urllib.error
import urllib.parse
import urllib.request

POINTS_MAX = 150
COLORS = {
    "green": "#56a64b", "yellow": "#e0b400", "orange": "#ff780a", "red": "#e02f44",
    "dark-red": "#8b1224", "blue": "#3274d9", "purple": "#a352cc", "dark-purple": "#7c2ea3",
    "text": "#24292e",
}
PALETTE = ["#56a64b", "#e0b400", "#3274d9", "#ff780a", "#a352cc", "#e02f44", "#37872d", "#5794f2",
           "#fade2a", "#8f3bb8", "#c4162a", "#1f60c4", "#fa6400", "#96d98d"]


class PanelError(Exception):
    """A query that Prometheus refuses; the text says which and why."""


class Prometheus:
    def __init__(self, url: str, start: float, end: float):
        self.url = url.rstrip("/")
        self.start = start
        self.end = end
        self.step = max(1.0, (end - start) / POINTS_MAX)

    def ask(self, path: str, **parameters) -> list:
        body = urllib.parse.urlencode(parameters).encode()
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}", body, timeout=30) as answer:
                return json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as error:
            problem = json.load(error).get("error", error.reason)
            raise PanelError(f"{problem}\n  {parameters.get('query', '')}") from error

    def instant(self, expression: str) -> list:
        """Pairs of labels and value."""
        result = self.ask("query", query=expression, time=self.end)
        return [(item["metric"], float(item["value"][1])) for item in result]

    def range(self, expression: str) -> list:
        """Pairs of labels and points (time, value)."""
        result = self.ask("query_range", query=expression, start=self.start, end=self.end,
                          step=self.step)
        return [(item["metric"], [(at, float(value)) for at, value in item["values"]])
                for item in result]


def read_dashboard(path: pathlib.Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def resolve(expression: str, variables: dict, interval: str) -> str:
    """The expression as Grafana would send it."""
    expression = expression.replace("$__rate_interval", interval)
    return re.sub(r"\$(\w+)", lambda found: variables.get(found[1], found[0]), expression)


def legend_of(target: dict, labels: dict, panel: dict) -> str:
    template = target.get("legendFormat") or "__auto"
    if template != "__auto":
        return re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found[1], ""), template)
    return ", ".join(f"{key}={value}" for key, value in labels.items()) or panel["title"]


def mapped(value: float, mappings: list):
    """Text and colour that the value is shown as instead of itself, where there is such a one."""
    for mapping in mappings:
        option = mapping.get("options", {}).get(f"{value:g}")
        if option:
            return option["text"], option.get("color")
    return None, None


def threshold_color(value: float, thresholds: dict) -> str:
    color = "text"
    for step in thresholds.get("steps", []):
        if step["value"] is None or value >= step["value"]:
            color = step["color"]
    return color


def properties_of(panel: dict, column: str) -> dict:
    """The field's settings with what is overridden for the column."""
    settings = dict(panel["fieldConfig"]["defaults"])
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"]["options"] == column:
            settings |= {entry["id"]: entry["value"] for entry in override["properties"]}
    return settings


def table_of(panel: dict, prometheus: Prometheus, variables: dict, interval: str) -> tuple:
    """Columns and rows as Grafana's table makes them of instant queries: merged by their labels,
    then organised."""
    targets = panel["targets"]
    rows = {}
    for target in targets:
        value_column = "Value" if len(targets) == 1 else f"Value #{target['refId']}"
        for labels, value in prometheus.instant(resolve(target["expr"], variables, interval)):
            key = tuple(sorted(labels.items()))
            rows.setdefault(key, dict(labels))[value_column] = value
    organise = next(item["options"] for item in panel["transformations"]
                    if item["id"] == "organize")
    hidden = {name for name, excluded in organise["excludeByName"].items() if excluded}
    names = sorted({name for row in rows.values() for name in row} - hidden,
                   key=lambda name: organise["indexByName"].get(name, 99))
    columns = [organise["renameByName"].get(name, name) for name in names]
    table = [[row.get(name) for name in names] for row in rows.values()]
    for sort in panel["options"].get("sortBy", []):
        if sort["displayName"] in columns:
            at = columns.index(sort["displayName"])
            table.sort(key=lambda row: (row[at] is None, row[at]), reverse=sort["desc"])
    return columns, table


def series_of(panel: dict, prometheus: Prometheus, variables: dict, interval: str) -> list:
    """Name, colour and points of every line."""
    lines = []
    for target in panel["targets"]:
        found = prometheus.range(resolve(target["expr"], variables, interval))
        for labels, points in found:
            lines.append([legend_of(target, labels, panel), None, points])
    for index, line in enumerate(lines):
        fixed = properties_of(panel, line[0]).get("color", {}).get("fixedColor")
        line[1] = COLORS.get(fixed, PALETTE[index % len(PALETTE)])
    return lines
