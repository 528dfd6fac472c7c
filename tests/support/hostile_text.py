"""Text with control characters, escape sequences and markup, none of which a terminal, a table or a page may obey."""

CONTROL = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
DIRECTION = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
ESCAPES = "\x1b[2J\x1b[31mred\x1b]0;owned\x07\x1b]8;;http://evil.invalid\x1b\\click\x9b1A\r\x08"
MARKUP = "[red]r[/red] [link=http://evil.invalid]l[/link] [/] :skull:"
LABEL = f"a{ESCAPES}{DIRECTION}{MARKUP}\n# not a line of its own\tb"


def obeyed(text: str, lines: bool = True) -> set[str]:
    """The characters in a text that a terminal would obey; with `lines`, ends of lines are allowed."""
    return set(text) & (set(CONTROL + DIRECTION) - set("\n" if lines else ""))
