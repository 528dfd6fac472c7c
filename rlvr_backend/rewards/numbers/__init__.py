"""How the reward `number` parses an answer, before math-verify and mostly instead of it.

    markup        Markdown, Unicode and LaTeX variants to one plain spelling
    literals      number literals, exact: 1,500 = 1.5e3 = 3000/2, 1 1/2
    units         units after a number: 5 km/h, 5 cm², $5, 5 apples
    formula       everything else as LaTeX that math-verify does not misread
    answer_types  the parts of an answer: lists, intervals, names ("x = 5"), chains of "=", ratios, words
    answer        split an answer into its parts
    compare       whether two answers agree, part by part

Nothing is evaluated here: powers, roots and factorials are text for the worker process, which has a budget.
"""
