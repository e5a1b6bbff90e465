"""Draws panels as SVG, in the manner of Grafana's light theme."""

import datetime
import math
from xml.sax.saxutils import escape

from . import panels

COLUMN = 60
ROW = 38
GAP = 8
TITLE = 30
GREY = "#6e6e78"
INK = "#24292e"
CHARACTER = 7.3


def text(x: float, y: float, words: str, size: float = 12, color: str = INK, anchor: str = "start",
         weight: str = "normal") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:.1f}" fill="{color}" '
            f'text-anchor="{anchor}" font-weight="{weight}">{escape(words)}</text>')


def box(x: float, y: float, width: float, height: float, color: str, extra: str = "") -> str:
    return (f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
            f'height="{max(height, 0):.1f}" fill="{color}" {extra}/>')


def cut(words: str, width: float) -> str:
    most = max(3, int(width / CHARACTER))
    return words if len(words) <= most else words[: most - 1] + "…"


def duration(seconds: float, decimals: int) -> str:
    sign = "-" if seconds < 0 else ""
    seconds = abs(seconds)
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "mins"), (1, "s"), (1e-3, "ms")):
        if seconds >= size or size == 1e-3:
            amount = f"{seconds / size:.{decimals}f}"
            if "." in amount:
                amount = amount.rstrip("0").rstrip(".")
            return f"{sign}{amount} {unit}" if seconds else "0 s"
    return "0 s"


def number(value: float, decimals) -> str:
    if decimals is not None:
        return f"{value:.{decimals}f}"
    if abs(value) >= 10 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def shown(value, unit: str, decimals=None, absent: str = "–") -> str:
    """A value in its unit, as Grafana prints it."""
    if value is None:
        return absent
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "NaN"
    if unit == "s":
        return duration(value, 1 if decimals is None else decimals)
    if unit == "percentunit":
        return number(value * 100, 1 if decimals is None else decimals) + "%"
    if unit == "dateTimeAsIso":
        moment = datetime.datetime.fromtimestamp(value / 1000, datetime.timezone.utc)
        return moment.strftime("%Y-%m-%d %H:%M:%S")
    suffix = {"reqps": " req/s", "cps": " c/s"}.get(unit, "")
    return number(value, decimals) + suffix


class Area:
    """Where a panel may draw."""

    def __init__(self, place: dict, top: float):
        self.x = place["x"] * COLUMN + GAP / 2
        self.y = place["y"] * ROW + GAP / 2 + top
        self.width = place["w"] * COLUMN - GAP
        self.height = place["h"] * ROW - GAP

    def frame(self, title: str) -> list:
        return [box(self.x, self.y, self.width, self.height, "#ffffff",
                    'stroke="#d8d9da" rx="3"'),
                text(self.x + 10, self.y + 20, cut(title, self.width - 10), 13, weight="600")]


def nothing(area: Area) -> list:
    return [text(area.x + area.width / 2, area.y + area.height / 2 + 10, "No data", 16, GREY,
                 "middle")]


def draw_stat(panel: dict, area: Area, values: list) -> list:
    if not values:
        return nothing(area)
    name, value = values[0]
    field = panel["fieldConfig"]["defaults"]
    words, color = panels.mapped(value, field["mappings"])
    color = color or panels.threshold_color(value, field["thresholds"])
    words = words or shown(value, field["unit"], field.get("decimals"))
    if panel["options"]["textMode"] == "name":
        words = name
    paint = panels.COLORS.get(color, INK)
    size = min(34.0, (area.width - 20) / max(len(words), 1) / 0.66)
    background = panel["options"]["colorMode"] == "background"
    drawn = []
    if background:
        drawn.append(box(area.x, area.y, area.width, area.height, paint, 'rx="3"'))
        drawn.append(text(area.x + 10, area.y + 20, cut(panel["title"], area.width - 10), 13,
                          "#ffffff", weight="600"))
    drawn.append(text(area.x + area.width / 2, area.y + area.height / 2 + 12 + size / 3, words,
                      size, "#ffffff" if background else paint, "middle", "600"))
    return drawn


def axis_steps(low: float, high: float, unit: str) -> list:
    """Some five round numbers between both."""
    span = high - low or 1.0
    if unit == "s":
        candidates = [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5,
                      10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400,
                      172800, 432000, 864000, 1728000, 4320000]
    else:
        power = 10.0 ** math.floor(math.log10(span))
        candidates = [power * factor for factor in (0.1, 0.2, 0.5, 1, 2, 5)]
        if unit == "short":
            candidates = [step for step in candidates if step >= 1] or [1]
    step = next((step for step in candidates if span / step <= 5), candidates[-1])
    first = math.ceil(low / step - 1e-9)
    return [index * step for index in range(first, int(math.floor(high / step + 1e-9)) + 1)]


class Plot:
    """Axes of a panel: time to the right, values upwards."""

    def __init__(self, panel: dict, area: Area, lines: list, span: tuple, legend: float):
        self.field = panel["fieldConfig"]["defaults"]
        self.unit = self.field["unit"]
        self.stacked = self.field["custom"].get("stacking", {}).get("mode") == "normal"
        self.left = area.x + 64
        self.right = area.x + area.width - legend - 14
        self.top = area.y + TITLE + 8
        self.bottom = area.y + area.height - 26
        self.start, self.end = span
        values = [value for _, _, points in lines for _, value in points if not math.isnan(value)]
        if self.stacked:
            sums = {}
            for _, _, points in lines:
                for at, value in points:
                    sums[at] = sums.get(at, 0) + (0 if math.isnan(value) else value)
            values = list(sums.values()) or values
        low = min(values, default=0)
        high = max(values, default=1)
        minimum = self.field.get("min")
        self.low = minimum if minimum is not None else low - (high - low) * 0.05
        self.high = max(high, self.low + (1 if self.unit == "short" else 1e-3))
        if self.field.get("max") is not None:
            self.high = self.field["max"]
        self.high += (self.high - self.low) * 0.08

    def x(self, at: float) -> float:
        return self.left + (at - self.start) / (self.end - self.start) * (self.right - self.left)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.bottom - min(max(share, 0), 1) * (self.bottom - self.top)

    def axes(self) -> list:
        drawn = []
        for value in axis_steps(self.low, self.high, self.unit):
            y = self.y(value)
            drawn.append(box(self.left, y, self.right - self.left, 0.7, "#e4e5e6"))
            drawn.append(text(self.left - 6, y + 4, shown(value, self.unit), 10.5, GREY, "end"))
        form = "%H:%M:%S" if self.end - self.start < 3600 else "%m-%d %H:%M"
        last = max(1, min(4, int((self.right - self.left) / 90)))
        for index in range(last + 1):
            at = self.start + (self.end - self.start) * index / last
            moment = datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
            anchor = "start" if index == 0 else "end" if index == last else "middle"
            drawn.append(text(self.x(at), self.bottom + 16, moment.strftime(form), 10.5, GREY,
                              anchor))
        return drawn


def draw_lines(panel: dict, area: Area, lines: list, span: tuple) -> list:
    lines = [line for line in lines if line[2]]
    if not lines:
        return nothing(area)
    legend = min(area.width * 0.42, 60 + CHARACTER * max(len(line[0]) for line in lines) + 70)
    plot = Plot(panel, area, lines, span, legend)
    opacity = plot.field["custom"]["fillOpacity"] / 100
    drawn = plot.axes()
    below = {}
    for name, color, points in lines:
        upper, lower = [], []
        for at, value in points:
            if math.isnan(value):
                continue
            base = below.get(at, 0.0) if plot.stacked else max(plot.low, 0.0)
            top = value + base if plot.stacked else value
            if plot.stacked:
                below[at] = top
            upper.append((plot.x(at), plot.y(top)))
            lower.append((plot.x(at), plot.y(base)))
        if opacity and upper:
            shape = " ".join(f"{x:.1f},{y:.1f}" for x, y in upper + lower[::-1])
            drawn.append(f'<polygon points="{shape}" fill="{color}" fill-opacity="{opacity}"/>')
        shape = " ".join(f"{x:.1f},{y:.1f}" for x, y in upper)
        drawn.append(f'<polyline points="{shape}" fill="none" stroke="{color}" '
                     'stroke-width="1.6"/>')
    return drawn + draw_legend(area, lines, legend, plot.field)


def draw_legend(area: Area, lines: list, width: float, field: dict) -> list:
    x = area.x + area.width - width + 4
    y = area.y + TITLE + 16
    room = int((area.height - TITLE - 10) / 18)
    drawn = []
    for index, (name, color, points) in enumerate(lines):
        if index == room - 1 and len(lines) > room:
            drawn.append(text(x + 16, y, f"and {len(lines) - index} more", 11, GREY))
            break
        last = shown(points[-1][1], field["unit"], field.get("decimals"))
        drawn.append(box(x, y - 6, 11, 4, color))
        drawn.append(text(x + 16, y, cut(name, width - 30 - CHARACTER * (len(last) + 1)), 11.5))
        drawn.append(text(area.x + area.width - 10, y, last, 11.5, GREY, "end"))
        y += 18
    return drawn


def stretches(points: list) -> list:
    """Begin, end and value of each time in which the value stayed the same."""
    step = min((after[0] - before[0] for before, after in zip(points, points[1:])), default=1.0)
    found = []
    for at, value in points:
        if found and found[-1][2] == value and at - found[-1][1] < step * 0.5:
            found[-1][1] = at + step
        else:
            found.append([at, at + step, value])
    return found


def draw_timeline(panel: dict, area: Area, lines: list, span: tuple) -> list:
    lines = [line for line in lines if line[2]]
    if not lines:
        return nothing(area)
    field = panel["fieldConfig"]["defaults"]
    left = area.x + 20 + CHARACTER * max(len(line[0]) for line in lines)
    right = area.x + area.width - 14
    height = min(46, (area.height - TITLE - 40) / len(lines))
    y = area.y + TITLE + 6
    start, end = span
    drawn = []
    for name, _, points in lines:
        drawn.append(text(left - 8, y + height / 2 + 3, name, 11.5, anchor="end"))
        for began, ended, value in stretches(points):
            words, color = panels.mapped(value, field["mappings"])
            color = color or panels.threshold_color(value, field["thresholds"])
            x = left + (began - start) / (end - start) * (right - left)
            width = (ended - began) / (end - start) * (right - left)
            drawn.append(box(x, y, min(width, right - x), height - 5,
                             panels.COLORS.get(color, GREY), 'fill-opacity="0.85"'))
            if field["mappings"] and panel["options"]["showValue"] != "never":
                drawn.append(text(x + 8, y + height / 2 + 2, cut(words, width - 12), 11.5,
                                  "#ffffff") if width > 40 else "")
        y += height
    x = left
    for mapping in field["mappings"]:
        for option in mapping["options"].values():
            drawn.append(box(x, area.y + area.height - 20, 11, 4, panels.COLORS[option["color"]]))
            drawn.append(text(x + 16, area.y + area.height - 14, option["text"], 11.5))
            x += 40 + CHARACTER * len(option["text"])
    return drawn


def draw_bars(panel: dict, area: Area, values: list) -> list:
    """`values`: pairs of the name on the axis and the number."""
    if not values:
        return nothing(area)
    field = panel["fieldConfig"]["defaults"]
    values = sorted(values)
    left, right = area.x + 44, area.x + area.width - 14
    top, bottom = area.y + TITLE + 18, area.y + area.height - 26
    high = max(1.0, max(value for _, value in values))
    width = (right - left) / len(values)
    drawn = []
    for step in axis_steps(0, high, "short"):
        y = bottom - step / high * (bottom - top)
        drawn.append(box(left, y, right - left, 0.7, "#e4e5e6"))
        drawn.append(text(left - 6, y + 4, number(step, 0), 10.5, GREY, "end"))
    for index, (name, value) in enumerate(values):
        x = left + index * width
        bar = value / high * (bottom - top)
        color = panels.COLORS[panels.threshold_color(value, field["thresholds"])]
        drawn.append(box(x + width * 0.08, bottom - bar, width * 0.84, bar, color))
        if value:
            drawn.append(text(x + width / 2, bottom - bar - 4, number(value, 0), 11, INK, "middle"))
        drawn.append(text(x + width / 2, bottom + 16, name, 10.5, GREY, "middle"))
    return drawn


def draw_table(panel: dict, area: Area, columns: list, rows: list) -> list:
    if not rows:
        return nothing(area)
    cells = []
    for row in rows:
        line = []
        for column, value in zip(columns, row):
            field = panels.properties_of(panel, column)
            words = shown(value, field["unit"], field.get("decimals"), field.get("noValue", "–"))
            color = INK
            if isinstance(value, float) and "custom.cellOptions" in field:
                color = panels.COLORS[panels.threshold_color(value, field["thresholds"])]
            line.append((words, color, "links" in field))
        cells.append(line)
    room = int((area.height - TITLE - 30) / 22)
    wanted = [max([len(column) + 1] + [len(line[at][0]) for line in cells[:room]]) + 2
              for at, column in enumerate(columns)]
    # Long texts, the digests, give way where the panel is too narrow for all.
    spare = max(0.0, sum(wanted) - (area.width - 20) / CHARACTER)
    wanted[wanted.index(max(wanted))] -= min(spare, max(wanted) - 12)
    scale = (area.width - 20) / sum(wanted)
    widths = [scale * share for share in wanted]
    drawn = [box(area.x + 4, area.y + TITLE + 20, area.width - 8, 0.7, "#d8d9da")]
    x = area.x + 10
    for column, width in zip(columns, widths):
        drawn.append(text(x, area.y + TITLE + 14, cut(column, width - 4), 12, "#1f60c4",
                          weight="600"))
        x += width
    y = area.y + TITLE + 38
    for line in cells[:room]:
        x = area.x + 10
        for (words, color, linked), width in zip(line, widths):
            paint = "#1f60c4" if linked else color
            drawn.append(text(x, y, cut(words, width - 4), 12, paint))
            x += width
        y += 22
    if len(cells) > room:
        drawn.append(text(area.x + area.width - 12, area.y + 20, f"{room} of {len(cells)} shown",
                          11, GREY, "end"))
    return drawn


def draw_panel(panel: dict, area: Area, prometheus, variables: dict, interval: str) -> list:
    drawn = area.frame(panel["title"])
    kind = panel["type"]
    target = panel["targets"][0]
    if kind in ("stat", "barchart"):
        found = prometheus.instant(panels.resolve(target["expr"], variables, interval))
        if kind == "stat":
            named = [(panels.legend_of(target, labels, panel), value) for labels, value in found]
            return drawn + draw_stat(panel, area, named)
        axis = panel["options"]["xField"]
        return drawn + draw_bars(panel, area, [(labels[axis], value) for labels, value in found])
    if kind == "table":
        columns, rows = panels.table_of(panel, prometheus, variables, interval)
        return drawn + draw_table(panel, area, columns, rows)
    lines = panels.series_of(panel, prometheus, variables, interval)
    draw = draw_timeline if kind == "state-timeline" else draw_lines
    return drawn + draw(panel, area, lines, (prometheus.start, prometheus.end))


def draw_dashboard(dashboard: dict, prometheus, variables: dict, interval: str) -> str:
    """The whole dashboard as one SVG document."""
    top = 44
    places = [panel["gridPos"] for panel in dashboard["panels"]]
    height = max(place["y"] + place["h"] for place in places) * ROW + top + GAP
    width = 24 * COLUMN
    body = [box(0, 0, width, height, "#f4f5f5"), text(12, 29, dashboard["title"], 19, weight="600")]
    shown_variables = [f"{name}: {'All' if value.startswith('.') else value}"
                       for name, value in variables.items()]
    body.append(text(width - 12, 28, "   ".join(shown_variables), 12, GREY, "end"))
    for panel in dashboard["panels"]:
        area = Area(panel["gridPos"], top)
        if panel["type"] == "row":
            body.append(text(area.x + 4, area.y + 22, "▾ " + panel["title"], 15, weight="600"))
        else:
            body += draw_panel(panel, area, prometheus, variables, interval)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" '
            'font-family="Inter, Helvetica, Arial, sans-serif">\n' + "\n".join(body) + "\n</svg>\n")
