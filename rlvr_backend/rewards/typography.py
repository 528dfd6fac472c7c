r"""Remove the typography of an answer: full-width forms, dashes, quotes, Markdown and LaTeX without meaning.

Only signs with the same meaning are changed: superscripts stay ("10²" is not "102"), and so do letters of other
alphabets that look Latin (a Greek "Α" is not option A).
"""

import re
import unicodedata

LIKE_ASCII = (
    range(0xFF01, 0xFF5F),  # full-width forms
    range(0x1D400, 0x1D800),  # mathematical letters and digits
    range(0x24B6, 0x24EA),  # circled letters
    range(0x249C, 0x24B6),  # letters in brackets, "⒜"
)
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
EQUIVALENT = {
    **{code: unicodedata.normalize("NFKC", chr(code)) for codes in LIKE_ASCII for code in codes},
    **dict.fromkeys(map(ord, INVISIBLE), None),
    **dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-"),
    **dict.fromkeys(map(ord, "‘’‚‛`´＇"), "'"),
    **dict.fromkeys(map(ord, "“”„‟«»「」『』《》＂"), '"'),
    **dict.fromkeys(map(ord, "【〔［"), "["),
    **dict.fromkeys(map(ord, "】〕］"), "]"),
    ord("。"): ".",
    ord("⁄"): "/",
}
SPACE = re.compile(r"[^\S\n]+")
MARKED = re.compile(r"(?<![\w*])(\*{1,3}|_{1,2}|'{3}|')(?=\S)([^*\n]{1,100}?)(?<=\S)\1(?![\w*])")
STRUCK = re.compile(r"~~[^~\n]*~~")
LINE_MARK = re.compile(r"^[ \t]*(?:#{1,6}|>|[*•-](?![ \t]+[\d.]))[ \t]+", re.MULTILINE)
TAG = re.compile(r"</?(?:b|i|u|em|strong|br|p|span)\s*/?>", re.IGNORECASE)
COMMAND = re.compile(
    r"\\(?:boxed|fbox|mbox|text[a-z]*|math[a-z]+|emph|displaystyle|left|right|bf|rm|it)(?![A-Za-z])"
    r"|\\[()\[\],;:! ]|\\quad|\\ensuremath"
)
INTRODUCTION = re.compile(r"\A(?:the |my |final |correct |right )*answer(?:\s*:| is:?)\s+", re.IGNORECASE)
DOLLARS = re.compile(r"(\$\$?)([^$]+)\1")


def without_markup(text: str) -> str:
    """Return the text with ASCII signs and single spaces, without Markdown and LaTeX markup. Lines stay lines."""
    text = STRUCK.sub("", text.translate(EQUIVALENT))
    # "<b>A</b>" is markup, "<B>" is a letter in brackets
    text = LINE_MARK.sub("", TAG.sub("", text) if "</" in text else text)
    for _ in range(2):  # "***A***", "**`A`**"
        text = MARKED.sub(r"\2", text)
    if whole := DOLLARS.fullmatch(text.strip()):
        text = whole[2]
    if "\\" in text:
        text = DOLLARS.sub(r"\2", text) if COMMAND.search(text) else text
        text = COMMAND.sub(" ", text).replace(r"\$", "$").replace(r"\%", "%").replace("{", " ").replace("}", " ")
    return SPACE.sub(" ", text).strip()


def bare_answer(answer: str) -> str:
    """Return a short answer on one line, without quotes, final full stop or "the answer is"."""
    text = INTRODUCTION.sub("", " ".join(without_markup(unicodedata.normalize("NFC", answer)).split()))
    return text.strip(" \"'").rstrip(".!").rstrip(" \"'") or text
