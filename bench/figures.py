"""What the benchmark scripts share: medians with their spread, and the sections of README.md that
they rewrite."""

import datetime
import os
import pathlib
import statistics

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = ROOT / "bench" / "README.md"
BUILD = ROOT / os.environ.get("BENCH_BUILD", "build/bench")


def program(name: str) -> pathlib.Path:
    """Where the build put it: in the folder of its target or, if all are gathered, at the top."""
    for folder in ("", "bench", "daemon"):
        path = BUILD / folder / name
        if path.exists():
            return path
    raise SystemExit(f"{BUILD}: has no {name}\nHINT: make bench builds what is missing")


class Sample:
    """Values of one figure, one a round."""

    def __init__(self, values):
        self.values = sorted(values)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def text(self, digits: int = 0) -> str:
        """`1 234 (1 200 to 1 300)`: the median and all that was seen."""
        low, high = self.values[0], self.values[-1]
        return f"{number(self.median, digits)} ({number(low, digits)} to {number(high, digits)})"


def number(value: float, digits: int = 0) -> str:
    return f"{value:,.{digits}f}".replace(",", " ")


def verdict(reached: bool) -> str:
    return "reached" if reached else "**missed**"


def table(head: list, rows: list) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def busy_ticks() -> int:
    """Clock ticks that all processors together have worked since boot (proc(5), /proc/stat)."""
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split()[1:9]]
    return sum(fields) - fields[3] - fields[4]


def machine() -> str:
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")),
                 "unknown processor")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} × {model}, {memory:.0f} GiB, Linux {os.uname().release.split('-')[0]}"


def stamp() -> str:
    """Machine, day and the load before the measuring, which tells whether others worked too."""
    day = datetime.date.today().isoformat()
    return f"{machine()}; {day}; load before the run {os.getloadavg()[0]:.1f}."


def replace_section(name: str, text: str) -> None:
    """Puts `text` between the markers `<!-- name -->` and `<!-- /name -->` of README.md."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, rest = README.read_text(encoding="utf-8").split(begin)
    after = rest.split(end)[1]
    README.write_text(f"{before}{begin}\n{text.strip()}\n{end}{after}", encoding="utf-8")
