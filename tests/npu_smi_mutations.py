# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to an answer of npu-smi on its way: what keeps its grammar, and what damages it.

Each mutation takes a text and a source of chance and returns another text. What cannot be told from a true
answer is left out: a digit that is another one or is missing, a minus, a whole block that is missing.
"""

from __future__ import annotations

from random import Random

GARBAGE = "qzQZ#?!;%~\u00e9\u4e2d$&@|"
NOISE = (
    "DrvMngGetConsoleLogLevel failed. (ret=4)\n",
    "call drvMngGetConsoleLogLevel failed , g_conLogLevel = 3\n",
)
COLOURS = ("\x1b[0m", "\x1b[1;31m", "\x1b[32m", "\x1b[K")


def carriage_returns(text: str, random: Random) -> str:
    return text.replace("\n", "\r\n")


def blank_lines(text: str, random: Random) -> str:
    lines = text.splitlines(keepends=True)
    for _turn in range(random.randint(1, 6)):
        lines.insert(random.randint(0, len(lines)), random.choice(["\n", "  \n", "\t\n"]))
    return "".join(lines)


def colours(text: str, random: Random) -> str:
    for _turn in range(random.randint(1, 8)):
        place = random.randint(0, len(text))
        before = text[:place].rfind("\x1b")  # none within another one
        if before < 0 or text[before:place].endswith(COLOURS) or "\n" in text[before:place]:
            text = text[:place] + random.choice(COLOURS) + text[place:]
    return text


def indented(text: str, random: Random) -> str:
    blanks = random.choice(["\t", "    ", "        "])
    return "".join(f"{blanks}{line}" for line in text.splitlines(keepends=True))


def trailing_blanks(text: str, random: Random) -> str:
    return text.replace("\n", random.choice([" \n", "   \n", "\t\n"]))


def tabs(text: str, random: Random) -> str:
    """Put tabs for blanks, as C(unexpand --all) does."""
    return "".join(_unexpanded(line) for line in text.expandtabs().splitlines(keepends=True))


def _unexpanded(line: str) -> str:
    pieces = [line[start : start + 8] for start in range(0, len(line), 8)]
    return "".join(
        f"{piece.rstrip(' ')}\t" if len(piece) == 8 and piece.endswith("  ") else piece for piece in pieces
    )


def noise(text: str, random: Random) -> str:
    """Put the library's complaint before the answer, or where standard error got in between."""
    lines = text.splitlines(keepends=True)
    for _turn in range(random.randint(1, 3)):
        lines.insert(random.choice([0, 0, random.randint(0, len(lines))]), random.choice(NOISE))
    return "".join(lines)


KEEPING = (carriage_returns, blank_lines, colours, indented, trailing_blanks, tabs, noise)


def truncated(text: str, random: Random) -> str:
    return text[: random.randint(0, len(text) - 1)]


def wrapped(text: str, random: Random) -> str:
    """Break long lines as a narrow terminal or a mail does."""
    width = random.randint(20, 110)
    lines = text.expandtabs().splitlines()
    pieces = [line[start : start + width] for line in lines for start in range(0, len(line) or 1, width)]
    return "\n".join([*pieces, ""])


def one_line_wrapped(text: str, random: Random) -> str:
    place = random.randint(1, len(text) - 1)
    return f"{text[:place]}\n{text[place:]}"


def one_line_lost(text: str, random: Random) -> str:
    lines = text.splitlines(keepends=True)
    del lines[random.randrange(len(lines))]
    return "".join(lines)


def one_line_twice(text: str, random: Random) -> str:
    lines = text.splitlines(keepends=True)
    place = random.randrange(len(lines))
    return "".join([*lines[: place + 1], *lines[place:]])


def two_lines_swapped(text: str, random: Random) -> str:
    lines = text.splitlines(keepends=True)
    place = random.randrange(len(lines) - 1)
    lines[place : place + 2] = reversed(lines[place : place + 2])
    return "".join(lines)


def garbage_put_in(text: str, random: Random) -> str:
    place = random.randint(0, len(text))
    return text[:place] + random.choice(GARBAGE) + text[place:]


def garbage_put_over(text: str, random: Random) -> str:
    place = random.randrange(len(text))
    return text[:place] + random.choice(GARBAGE) + text[place + 1 :]


def blank_put_in(text: str, random: Random) -> str:
    place = random.randint(0, len(text))
    return f"{text[:place]} {text[place:]}"


def masked(text: str, random: Random) -> str:
    """Make a word with a digit unreadable, as people do before they publish something."""
    starts = [place for place in range(1, len(text)) if text[place].isdigit() and text[place - 1] in " /"]
    if not starts:
        return text
    start = random.choice(starts)
    end = start
    while end < len(text) and text[end] not in " /\n":
        end += 1
    return text[:start] + random.choice("xX*") * (end - start) + text[end:]


def interleaved(text: str, other: str, random: Random) -> str:
    """Mix the lines of two answers, each in its order."""
    first, second = text.splitlines(keepends=True), other.splitlines(keepends=True)
    mixed: list[str] = []
    while first or second:
        mixed.append((first if first and (not second or random.random() < 0.5) else second).pop(0))
    return "".join(mixed)


DAMAGING = (
    truncated,
    wrapped,
    one_line_wrapped,
    one_line_lost,
    one_line_twice,
    two_lines_swapped,
    garbage_put_in,
    garbage_put_over,
    blank_put_in,
    masked,
)
