"""(answer, truth, right): what a careful reader says of an answer to a question of choice."""

# fmt: off
LETTERS = [
    ("A", "A", 1), ("A.", "A", 1), ("(A)", "A", 1), ("a", "A", 1), ("A;", "A", 1), ("'A'", "A", 1), ("“A”", "A", 1),
    ("<A>", "A", 1), ("[A]", "A", 1), ("A!", "A", 1), ("C", "(C)", 1), ("c", "C.", 1), ("I", "I", 1), ("E", "E", 1),
    ("B", "A", 0), ("", "A", 0), ("none", "A", 0), ("AB", "A", 0), ("apple", "A", 0), ("1", "A", 0), ("?", "A", 0),
    ("Α", "A", 0),  # a Greek capital
    ("В", "B", 0),  # a Cyrillic one
    ("C++", "C", 0), ("A+", "A", 0), ("A-", "A", 0), ("C#", "C", 0), ("-B", "B", 0), ("°C", "C", 0),
]
DRESSED = [
    (r"\boxed{A}", "A", 1), (r"$\boxed{\text{A}}$", "A", 1), (r"\text{A}", "A", 1), (r"\(\mathrm{B}\)", "B", 1),
    (r"$\textbf{(C)}$", "C", 1), (r"The answer is \boxed{D}.", "D", 1), (r"\boxed{B. 12}", "B", 1),
    ("**A**", "A", 1), ("**A.** 5", "A", 1), ("*B*", "B", 1), ("`C`", "C", 1), ("# B", "B", 1), ("- B", "B", 1),
    ("**Answer:** B", "B", 1), ("***D***", "D", 1), ("<b>A</b>", "A", 1), ("<B>", "B", 1), ("~~A~~ B", "B", 1),
    ("~~A~~ B", "A", 0), ('{"answer": "B"}', "B", 1), ('{"answer": "B"}', "A", 0), ("{'choice': 'C'}", "C", 1),
    ("Ａ", "A", 1), ("（A）", "A", 1), ("A、5", "A", 1), ("A．5", "A", 1), ("A：5", "A", 1), ("Ⓑ", "B", 1),
    ("𝐁", "B", 1), ("答案是A", "A", 1), ("答案：A", "A", 1), ("选B", "B", 1), ("故选：C", "C", 1), ("正确答案为D。", "D", 1),
    ("不是A", "A", 0), ("A不对", "A", 0), ("A和B", "A", 0), ("A或B", "A", 0), (r"\boxed{A}", "B", 0),
    (r"\boxed{A, B}", "A", 0), ("【B】", "B", 1), ("B\u200b", "B", 1),
]
LEADING = [
    ("A) cat", "A", 1), ("(a) 5", "A", 1), ("A: 5", "A", 1), ("A - 5", "A", 1), ("A – 5", "A", 1), ("A 5", "A", 1),
    ("A.5", "A", 1), ("A -> 3", "A", 1), ("A = 3 cm", "A", 1), ("A (3 cm)", "A", 1), ("A, 3 cm", "A", 1),
    ("A\ncat", "A", 1), ("A\nThe cat sat", "A", 1), ("B\nThe cat sat", "B", 1), ("A\n12 cm", "A", 1),
    ("a\nthe cat", "A", 1), ("I\nnone of them", "I", 1), ("C\n\nBecause it is red", "C", 1), ("I. 5", "I", 1),
    ("A because the sum is 5", "A", 1), ("B because C is wrong", "B", 1), ("A, because B is too small", "A", 1),
    ("A. B is too small", "A", 1), ("A is correct", "A", 1), ("A is right", "A", 1), ("A. pretty girl", "A", 1),
    ("C. A pretty girl", "C", 1), ("(C) A pretty girl", "C", 1), ("C A pretty girl", "C", 1), ("C) I and II", "C", 1),
    ("D. A and C", "D", 1), ("D) Both A and C", "D", 1), ("(D) Both A and C", "D", 1), ("D Both A and C", "D", 1),
    ("D: Both (A) and (C)", "D", 1), ("D. Both (A) and (B)", "D", 1), ("D) (A) and (B)", "D", 1),
    ("(D) (A) and (B)", "D", 1), ("D\nBoth A and B", "D", 1), ("E. None of A, B, C, D", "E", 1),
    ("D. Neither A nor B", "D", 1), ("C. A or B", "C", 1), ("D. All of A, B and C", "D", 1),
    ("A. f(x)", "A", 1), ("A. (a), (b)", "A", 1), ("B. (a) and (c)", "B", 1), ("C. Fig. (b)", "C", 1),
    ("C. h(x)=f(x)+(c)", "C", 1), ("C. 5 A", "C", 1), ("B. Vitamin C", "B", 1), ("C. Plan B", "C", 1),
    ("B. U.S. A. Corp", "B", 1), ("B. J. S. Bach", "B", 1), ("A. C. G. Jung", "A", 1), ("C. John F. Kennedy", "C", 1),
    ("B. False", "B", 1), ("A. No", "A", 1), ("A: Incorrect", "A", 1), ("B) Wrong", "B", 1), ("A. Not enough", "A", 1),
    ("Answer: A\nA cat", "A", 1), ("Choice B) 5", "B", 1), ("the answer is: A. 5", "A", 1), ("B - Saturn", "B", 1),
    ("Option A shows a cat", "A", 1), ("option a because it fits", "A", 1), ("A so it is", "A", 1),
    ("D. Both (A) and (B)", "A", 0), ("D. Both (A) and (B)", "B", 0), ("A\nThe cat sat", "B", 0),
    ("B because C is wrong", "C", 0), ("B. Vitamin C", "C", 0), ("C. A pretty girl", "A", 0), ("C. 5 A", "A", 0),
    ("D. A and C", "A", 0), ("A. B is too small", "B", 0), ("B. J. S. Bach", "J", 0), ("U.S. law", "U", 0),
    ("A cat", "A", 0), ("A cat sits there", "A", 0), ("a cat", "A", 0), ("A pretty girl", "A", 0), ("I think so", "I", 0),
    ("A 12-year-old boy", "A", 0), ("a = 3 cm", "A", 0), ("T-shirt", "T", 0), ("e.g. a cat", "E", 0), ("f(x)", "X", 0),
    ("A few of them", "A", 0), ("I would say so", "I", 0),
]
INTRODUCED = [
    ("Option A", "A", 1), ("Answer: (A)", "A", 1), ("The answer is A.", "A", 1), ("The correct option is B", "B", 1),
    ("I think it is C", "C", 1), ("It's C", "C", 1), ("Answer is option (B).", "B", 1), ("Answer B", "B", 1),
    ("answer: b", "B", 1), ("final answer: **C**", "C", 1), ("The figure shows a cat, so B", "B", 1),
    ("It is red; therefore, the answer is (d).", "D", 1), ("I'd go with C", "C", 1), ("I choose B.", "B", 1),
    ("The red one (B)", "B", 1), ("The sum is 12, so C) 12", "C", 1), ("Since it is hot, the correct choice is D", "D", 1),
    ("The answer is B because A is too small", "B", 1), ("Only B", "B", 1), ("Both show cats, so the answer is A", "A", 1),
    ("No doubt, it is B", "B", 1), ("It is C without a doubt", "C", 1), ("Nothing but B", "B", 1), ("Probably A", "A", 1),
    ("The answer is a dog", "A", 0), ("vitamin C", "C", 0), ("Plan B", "B", 0), ("Figure A", "A", 0), ("5 A", "A", 0),
    ("20 C", "C", 0), ("Solution A", "A", 0), ("The answer is B", "A", 0), ("from A to C", "C", 0), ("type B blood", "B", 0),
    ("Hepatitis B", "B", 0), ("The answer is B because A is too small", "A", 0),
]
DENIED = [
    ("not A", "A", 0), ("Not A.", "A", 0), ("It isn't A", "A", 0), ("it is not A", "A", 0), ("A is wrong", "A", 0),
    ("A is not correct", "A", 0), ("A isn't right", "A", 0), ("A is incorrect", "A", 0), ("A? No", "A", 0),
    ("A (wrong)", "A", 0), ("neither A nor B", "A", 0), ("neither A nor B", "B", 0), ("none of A, B", "A", 0),
    ("none of A, B", "B", 0), ("all but A", "A", 0), ("All of them but A", "A", 0), ("anything but A", "A", 0),
    ("everything except A", "A", 0), ("any option other than B", "B", 0), ("The answer is not A", "A", 0),
    ("The answer can't be A", "A", 0), ("I don't think it is A", "A", 0), ("I doubt it is A", "A", 0), ("≠ A", "A", 0),
    ("!A", "A", 0), ("A ✗", "A", 0), ("A cannot be true", "A", 0), ("A is ruled out", "A", 0), ("Never A", "A", 0),
    ("Anything except (C)", "C", 0), ("A is false", "A", 0), ("not D", "D", 0), ("without B", "B", 0),
    ("not A but B", "B", 1), ("not A but B", "A", 0), ("B, not A", "B", 1), ("B, not A", "A", 0), ("B not C", "B", 1),
    ("C is correct, not D", "C", 1), ("C is correct, not D", "D", 0), ("The answer is B, not A", "B", 1),
    ("The answer is not A but B", "B", 1), ("C rather than D", "C", 1), ("C rather than D", "D", 0), ("B instead of A", "A", 0),
    ("A is wrong, so the answer is B", "B", 1), ("A is wrong, so the answer is B", "A", 0), ("A is not wrong", "A", 1),
    ("A is wrong, B is right", "B", 1), ("It isn't A, it's B", "B", 1), ("It isn't A, it's B", "A", 0),
]
HEDGED = [
    ("A or B", "A", 0), ("A or B", "B", 0), ("A and B", "A", 0), ("A, B", "A", 0), ("A/B", "A", 0), ("[A, B]", "A", 0),
    ("A B C D", "A", 0), ("(A) (B)", "A", 0), ("(A) and (B)", "B", 0), ("A\nB", "A", 0), ("A & B", "B", 0),
    ("B) 12 or C) 13", "B", 0), ("A. cat B. dog", "A", 0), ("A: 5, B: 6", "A", 0), ("(A) 5 (B) 6", "A", 0),
    ("Option A or option B", "A", 0), ("Answer: B or C", "B", 0), ("The answer is A. Or B.", "A", 0),
    ("A, or maybe B", "A", 0), ("A (or B)", "A", 0), ("A. No wait, B", "A", 0), ("A. Actually, B", "A", 0),
    ("A\nThe answer is B", "A", 0), ("It is between A and B", "A", 0), ("either A or B", "B", 0), ("A, B, C or D", "C", 0),
    ("A|B|C|D", "D", 0), ("A and A", "A", 1), ("A. A", "A", 1), ("B; (B) it is", "B", 1), ("A vs B", "A", 0),
    ("The answer is A. The answer is B.", "A", 0), ("Answer: A\nAnswer: B", "B", 0), ("A+B", "A", 0),
]
YES_NO = [
    ("Yes", "yes", 1), ("NO", "No", 1), ("yes.", "Yes", 1), ("**Yes**", "yes", 1), (r"\boxed{\text{No}}", "no", 1),
    ("yes, it is", "yes", 1), ("Yes, no doubt", "yes", 1), ("Yes, there is no doubt", "yes", 1), ("No, it is not", "no", 1),
    ("No, there is no cat", "no", 1), ("Yes - there is no cat", "yes", 1), ("The answer is no.", "no", 1),
    ("Answer: Yes", "yes", 1), ("It is red, so yes", "yes", 1), ("Y", "yes", 1), ("n", "no", 1), ("true", "yes", 1),
    ("False", "no", 1), ("True.", "True", 1), ("The statement is false.", "False", 1), ("Yes\nIt is red.", "yes", 1),
    ("No because it is red", "no", 1), ("Yep", "yes", 1), ("I think yes", "yes", 1), ("ＹＥＳ", "yes", 1),
    ("yes", "no", 0), ("No", "yes", 0), ("yes and no", "yes", 0), ("yes or no", "no", 0), ("Yes/No", "yes", 0),
    ("Yes. No.", "yes", 0), ("No, yes", "no", 0), ("No, yes", "yes", 0), ("yes no yes no", "yes", 0), ("Not yes", "yes", 0),
    ("There is no cat", "no", 0), ("No idea", "no", 0), ("No one knows", "no", 0), ("No. 5", "no", 0), ("maybe", "yes", 0),
    ("nothing", "no", 0), ("know", "no", 0), ("yesterday", "yes", 0), ("It is not true", "True", 0), ("true", "no", 0),
    ("The answer is not yes", "yes", 0), ("", "yes", 0), ("Yes, but actually no", "yes", 0), ("Y", "no", 0),
]
SEVERAL = [
    ("AB", "AB", 1), ("BA", "AB", 1), ("A,B", "A,B", 1), ("A, B", "A,B", 1), ("A and B", "AB", 1), ("AB", "A, B", 1),
    ("(A), (B)", "AB", 1), ("B, A", "A;B", 1), ("A B D", "ABD", 1), ("The answer is A and C", "AC", 1), ("A、C", "AC", 1),
    (r"\boxed{A, C}", "AC", 1), ("B", '["A", "B"]', 1), ("A, B and C", "ABC", 1), ("**ACD**", "A, C, D", 1),
    ("A", "AB", 0), ("A, B, C", "AB", 0), ("A or B", "AB", 0), ("A/B", "AB", 0), ("AC", "AB", 0), ("not A, B", "AB", 0),
    ("C", '["A", "B"]', 0), ("A, B", '["A", "B"]', 0), ("ABCD", "AB", 0), ("", "AB", 0), ("DAB", "BAD", 0),
]
TEXTS = [
    ("The Red One", "the red one", 1), ("the red one.", "The red one", 1), ('"left"', "left", 1), ("**left**", "left", 1),
    ("The answer is left", "left", 1), (r"\text{north}", "north", 1), ("moved  left", "moved left", 1), ("bad", "BAD", 1),
    ("right", "left", 0), ("left or right", "left", 0), ("not left", "left", 0), ("lefty", "left", 0), ("10²", "102", 0),
    ("the left one", "left", 0),
]
ROWS = [*LETTERS, *DRESSED, *LEADING, *INTRODUCED, *DENIED, *HEDGED, *YES_NO, *SEVERAL, *TEXTS]
