"""How the reward `number` reads an answer before math-verify sees it (and mostly in its place).

    markup   Markdown, Unicode and LaTeX's cosmetics to one plain spelling
    plain    numbers as they are written, exact: 1,500 = 1.5e3 = 3000/2, 1 1/2
    units    what stands behind a number: 5 km/h, 5 cm², $5, 5 apples
    formula  what is left for math-verify, in a spelling that it does not misread
    parts    what an answer may be made of: lists, intervals, names ("x = 5"), chains of "=", ratios, words
    answer   taking an answer apart
    compare  whether two answers agree, part by part

Nothing here evaluates: powers, roots and factorials are text for math-verify's process, which has a budget.
"""
