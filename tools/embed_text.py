#!/usr/bin/env python3
"""Writes a C++ source that holds the given text files as string literals."""

import argparse
import pathlib

# GCC and clang accept far longer literals, but the standard only promises 65536 characters.
LITERAL_CHARACTERS_MAX = 16000
DELIMITER = "scanclock_text"


def literal(text: str) -> str:
    if f"){DELIMITER}\"" in text:
        raise SystemExit(f"a file contains the raw string delimiter {DELIMITER}")
    pieces = [
        text[start : start + LITERAL_CHARACTERS_MAX]
        for start in range(0, len(text), LITERAL_CHARACTERS_MAX)
    ] or [""]
    return "\n".join(f'R"{DELIMITER}({piece}){DELIMITER}"' for piece in pieces)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbol", required=True)
    parser.add_argument("--header", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()

    lines = [
        f'#include "{arguments.header}"',
        "",
        "#include <array>",
        "",
        "namespace scanclock {",
        "",
        f"std::span<const EmbeddedFile> {arguments.symbol}() {{",
        f"  static constexpr std::array<EmbeddedFile, {len(arguments.files)}> files{{{{",
    ]
    for name in sorted(arguments.files, key=lambda path: pathlib.Path(path).name):
        path = pathlib.Path(name)
        lines.append(f'      {{"{path.name}", {literal(path.read_text(encoding="utf-8"))}}},')
    lines += ["  }};", "  return files;", "}", "", "}  // namespace scanclock", ""]
    pathlib.Path(arguments.output).write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
