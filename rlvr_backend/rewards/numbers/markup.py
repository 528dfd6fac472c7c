r"""Normalise Markdown, Unicode and LaTeX to one spelling: "**½**", "$\dfrac12$" and "\boxed{1/2}"."""

import re
import unicodedata

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ", "0123456789+-()n")
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
DOLLAR = "¤"  # a dollar sign that means money, not a LaTeX delimiter
CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("−–—‒﹣", "-"),
        **dict.fromkeys("⋅·∙•", r" \cdot "),
        **dict.fromkeys("º˚", "°"),
        **dict.fromkeys("⁄∕÷", "/"),
        **dict.fromkeys("’‘′´", "'"),
        **dict.fromkeys("“”″", '"'),
        **{"×": r" \times ", "∗": "*", "∞": r"\infty ", "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "≈": r"\approx "},
        **{"±": r"\pm ", "∠": r"\angle ", "△": r"\triangle ", "∪": r"\cup ", "∩": r"\cap ", "∈": r"\in "},
        **{"∅": r"\emptyset ", "∼": r"\sim ", "⊥": r"\perp ", "∥": r"\parallel ", "≅": r"\cong ", "。": ".", "、": ","},
        **{"⟨": "(", "⟩": ")"},
    }
)
GREEK = dict(zip("αβγδεζηθκλνξπρστφχψωΓΔΘΛΠΣΦΨ", (
    "alpha beta gamma delta epsilon zeta eta theta kappa lambda nu xi pi rho sigma tau phi chi psi omega "
    "Gamma Delta Theta Lambda Pi Sigma Phi Psi"
).split()))  # fmt: skip
SPACE = re.compile(r"\\\\|\\[,;:> ]|\\(?:q?quad|thinspace|enspace|nobreakspace)(?![a-zA-Z])|(?<!~)~(?!~)")
SIZES = re.compile(r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|textstyle|limits)(?![a-zA-Z])")
TEXT = re.compile(r"\\(?:text(?:bf|it|rm|normal|sf)?|math(?:rm|bf|it|sf|normal)|mbox|operatorname\*?|rm)\s*\{")
SAME = {  # LaTeX commands with the same meaning
    **dict.fromkeys(("dfrac", "tfrac", "cfrac"), "frac"),
    **{"leq": "le", "leqslant": "le", "geq": "ge", "geqslant": "ge", "neq": "ne", "ast": "cdot", "lvert": "vert"},
    **{"rvert": "vert", "fbox": "boxed", "lbrace": "{", "rbrace": "}", "langle": "(", "rangle": ")"},
    **{
        "varnothing": "emptyset",
        "simeq": "approx",
        "lt": "<",
        "gt": ">",
        "dots": "...",
        "ldots": "...",
        "cdots": "...",
    },
}
COMMAND = re.compile(r"\\([a-zA-Z]+)")
FUNCTIONS = "arcsin|arccos|arctan|sinh|cosh|tanh|sin|cos|tan|cot|sec|csc|log|ln|exp"
WORDS = (  # names of constants and functions, written as words
    (re.compile(r"(?<![a-zA-Z\\])pi(?![a-zA-Z])"), r"\\pi "),
    (re.compile(r"(?<![a-zA-Z\\])(?:infinity|inf)(?![a-zA-Z])", re.IGNORECASE), r"\\infty "),
    (re.compile(rf"(?<![a-zA-Z\\])({FUNCTIONS})(?=[\s(\\]*[\da-zA-Z(\\])(?![a-zA-Z])"), r"\\\1 "),
)
WRAPPERS = (("$$", "$$"), ("$", "$"), ("```", "```"), ("`", "`"), ("**", "**"), ("__", "__"), ("*", "*"), ("_", "_"),
            (r"\(", r"\)"), (r"\[", r"\]"), ('"', '"'))  # fmt: skip
# a double star between operands is a power, not bold text
BOLD = re.compile(r"(?<![\w*)}])\*\*(?=[^\s*])([^*]*[^\s*])\*\*(?![\w*({])")
CODE = re.compile(r"`([^`]*)`")
NEGATION = re.compile(r"\b(?:not?|never|neither|nor|wrong|except|without|isn't|cannot|incorrect|false)\b|n't", re.I)


def one_spelling(text: str) -> str:
    """Return the text with ASCII digits and LaTeX commands for signs, without delimiters and spacing commands."""
    text = _unicode(text.strip())
    text = _unwrapped(CODE.sub(r"\1", BOLD.sub(r"\1", text)))
    text = re.sub(r"^(?:#{1,6}\s+|(?i:(?:the )?(?:final )?(?:answer|ans)\s*:)\s*)+", "", text)
    text = re.sub(r"<su[bp]>(-?\w+)</su[bp]>", lambda m: "^_"["<sub" in m[0]] + f"{{{m[1]}}}", text)
    text = _latex(_lines(_money(_unwrapped(text))))
    text = _boxes(text)
    for pattern, command in WORDS:
        text = pattern.sub(command, text)
    text = _powers(_roots(text))
    text = re.sub(r"\s+", " ", text).strip()
    while text.startswith("{}") or text.endswith("{}"):
        text = text.removeprefix("{}").removesuffix("{}").strip()
    if text.startswith("{") and closing(text, 0) == len(text) - 1 and "," not in text:
        text = text[1:-1].strip()
    return re.sub(r"(?<!\.)[.,;]$", "", text).strip()


def closing(text: str, opening: int) -> int:
    """Return where the bracket opened at `opening` closes, or -1 if it does not. All kinds of bracket count as one."""
    depth = 0
    for i in range(opening, len(text)):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
            if depth == 0:
                return i
    return -1


def _unicode(text: str) -> str:
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")  # zero-width and directional marks
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ]+", lambda m: f"^{{{m[0].translate(SUPERSCRIPTS)}}}", text)
    text = re.sub("[₀-₉]+", lambda m: f"_{{{m[0].translate(SUBSCRIPTS)}}}", text)
    text = "".join(_fraction(c) if unicodedata.category(c) == "No" else c for c in text)
    text = unicodedata.normalize("NFKC", text.translate(CHARACTERS)).translate(CHARACTERS)
    return "".join(f"\\{GREEK[c]} " if c in GREEK else c for c in text)


def _fraction(character: str) -> str:
    """A character such as "½" as LaTeX. Other characters of its Unicode class stay."""
    above, slash, below = unicodedata.normalize("NFKC", character).partition("⁄")
    return rf"\frac{{{above}}}{{{below}}}" if slash and below else character


def _unwrapped(text: str) -> str:
    """The text without the Markdown, quotes or delimiters around all of it."""
    text = text.strip()
    for begin, end in WRAPPERS:
        if len(text) > len(begin + end) and text.startswith(begin) and text.endswith(end):
            inner = text[len(begin) : -len(end)]
            if (begin if begin[0] == "\\" else begin[0]) not in inner:
                return _unwrapped(inner)
    return text


def _money(text: str) -> str:
    """Replace dollar signs of money by DOLLAR, and delimiters by an empty group, which keeps neighbours apart."""
    text = text.replace(r"\$", DOLLAR)
    money = re.compile(r"(?<![\w}])\$(?=\s?-?[\d.])|(?<=\d)\s?\$(?=\s*$|\s*/)")
    if text.count("$") % 2 or len(money.findall(text)) == text.count("$"):
        text = money.sub(DOLLAR, text)
    return re.sub(r"\$\$?|\\[()\[\]]", "{}", text) if text.count("$") % 2 == 0 else text


def _lines(text: str) -> str:
    """Turn lines into items of a list, so that numbers on two lines stay two."""
    if r"\begin" in text:
        return text.replace("\n", " ")
    return re.sub(r"\s*\n\s*", " ; ", re.sub(r"(?<=[=+\-*/,;:({\[])\s*\n\s*", " ", text.strip()))


def _latex(text: str) -> str:
    text = text.replace("{,}", ",").replace(r"\!", "").replace(r"\%", "%").replace(r"\&", "&")
    text = text.replace(">=", r"\ge ").replace("<=", r"\le ").replace("!=", r"\ne ")
    text = re.sub(r"^\s*~(?!~)\s*(?=[\d.\-\\])|(?<==)\s*~(?!~)", r"\\approx ", text)
    text = SPACE.sub(lambda m: m[0] if m[0] == "\\\\" else " ", SIZES.sub("", text))
    text = COMMAND.sub(lambda m: _same(m[1]), text)
    text = re.sub(r"(?:\{\})?\^\s*\{?\s*\\circ\s*\}?|\\degrees?(?![a-zA-Z])", "°", text)
    text = re.sub(r"\^\s*\{?\s*\\prime\s*\}?", "'", text)
    text = re.sub(r"\\Omega(?![a-zA-Z])\s*", "Ω", re.sub(r"\\mu(?![a-zA-Z])\s*", "μ", text))
    text = TEXT.sub(r"\\text{", text)
    text = re.sub(r"\\text\{\s*([\d.,]*)\s*\}|^\s*\\text\{([^{}]*)\}\s*$", r"\1\2", text)
    text = re.sub(r",?\s*\\text\{\s*,?\s*(and|or)\s*\}", r" \1 ", text)
    text = re.sub(r"\\frac\s*(\d)\s*(\d)", r"\\frac{\1}{\2}", text)
    text = re.sub(r"\\frac\s*(\d)\s*\{", r"\\frac{\1}{", text)
    return re.sub(r"(\\frac\s*\{[^{}]*\})\s*(\d)", r"\1{\2}", text)


def _same(command: str) -> str:
    name = SAME.get(command, command)
    return name if name in ("<", ">", "(", ")", "...") else f"\\{name}"


def _boxes(text: str) -> str:
    r"""Turn \boxed{...} into a group inside mathematics, or take the box alone after words."""
    if (at := text.find(r"\boxed")) < 0:
        return text
    before, opening = text[:at].rstrip(), text.find("{", at)
    end = closing(text, opening) if opening >= 0 else -1
    if end < 0:
        return text
    prose = (
        re.search(r"[a-zA-Z]{2,}\s*:?$", before) and not re.search(r"\\\w+$", before) and not NEGATION.search(before)
    )
    if prose and text[end + 1 :].strip(" .{}") == "":
        return text[opening + 1 : end]
    if re.search(r"[\w)}^]$", before) or re.match(r"\s*[\w(^]*\d", text[end + 1 :]):
        return text  # "6 \boxed{5}" is not a product
    inside, after = text[opening + 1 : end], text[end + 1 :]
    if re.match(r"\s*\\boxed", after):
        after = ";" + after
    return f"{before} {inside if not before.strip('={} ') else '{' + inside + '}'} {_boxes(after.strip())}".strip()


def _roots(text: str) -> str:
    r"""Write √2, √(x+1), sqrt(2) and \sqrt2 as \sqrt{...}."""
    text = text.replace("∛", r"\sqrt[3]√")
    text = re.sub(r"(?<![a-zA-Z\\])sqrt(?![a-zA-Z])", "√", text).replace(r"\sqrt[3]√", "\0")
    text = re.sub(r"\\sqrt\s*(?=[\d(a-zA-Z])", "√", text)
    parts = re.split("([√\0])", text)
    done = parts.pop()
    while parts:  # from the right, so that √√2 nests
        sign, before = (r"\sqrt" if parts[-1] == "√" else r"\sqrt[3]"), parts[-2]
        parts = parts[:-2]
        rest = done.lstrip()
        if rest.startswith(("(", "{")) and (end := closing(rest, 0)) > 0:
            done = f"{before}{sign}{{{rest[1:end]}}}{rest[end + 1 :]}"
        elif argument := re.match(r"\d+(?:\.\d+)?|[a-zA-Z]|\\pi ?|\\sqrt(?:\[3\])?\{[^{}]*\}", rest):
            done = f"{before}{sign}{{{argument[0]}}}{rest[argument.end() :]}"
        else:
            done = f"{before}{sign} {rest}"
    return done


def _powers(text: str) -> str:
    text = re.sub(r"\^\s*([+-]?(?:\d+(?:\.\d+)?|\.\d+)|[a-zA-Z])", r"^{\1}", text.replace("**", "^"))
    text = re.sub(r"_\s*([a-zA-Z]|\d+)", r"_{\1}", text)
    while match := re.search(r"\^\s*\(", text):
        if (end := closing(text, match.end() - 1)) < 0:
            break
        text = f"{text[: match.start()]}^{{{text[match.end() : end]}}}{text[end + 1 :]}"
    text = re.sub(r"(?<=\d)\s*[xX*]\s*(?=10\s*\^)|(?<=\d) x (?=\d)", r" \\times ", text)
    return text.replace("*", r" \cdot ")
