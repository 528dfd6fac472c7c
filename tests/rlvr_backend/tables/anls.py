"""(answer, truth, score), worked out by hand: 1 - edits / longer length, and 0 below a half."""

# fmt: off
SAME = [
    ("Coca Cola", "coca cola", 1), ("coca  cola", "coca cola", 1), ("COCA COLA", "coca\ncola", 1),
    ("  cat ", "cat", 1), ("12%", "12%", 1), ("12 %", "12 %", 1), ("ÉCOLE", "école", 1), ("cafe\u0301", "café", 1),
    ("café", "cafe\u0301", 1), ("$5", "$5", 1), ("“cat”", "“CAT”", 1), ("cat", '["dog", "cat"]', 1),
    ("dog", '["dog", "cat"]', 1), ("猫", "猫", 1), ("a", '["", "a"]', 1),
]
NEAR = [
    ("coca cole", "coca cola", 8 / 9), ("cats", "cat", 3 / 4), ("cat.", "cat", 3 / 4),
    ("cat", '["dog", "cats", "bat"]', 3 / 4), ("ab", "ax", 1 / 2), ("12", "13", 1 / 2), ("100%", "100 %", 4 / 5),
    ("$5", "5", 1 / 2), ('"cat"', "cat", 3 / 5), ("1,200", "1200", 4 / 5), ("1999", "1998", 3 / 4),
    ("cafe", "café", 3 / 4), ("hello world", "hello word", 10 / 11), ("the cat", "cat", 0),
    ("12 million", "12 millions", 10 / 11), ("İ", "i", 1 / 2), ("25", "25%", 2 / 3),
    ("New York", "New  York City", 8 / 13), ("straße", "strasse", 5 / 7), ("colour", "color", 5 / 6),
    ("2008", "2009", 3 / 4),
]
OTHER = [
    ("abc", "axx", 0), ("5", "6", 0), ("1999", "2000", 0), ("", "x", 0), ("", '["a", "b"]', 0), ("", "", 0),
    ("", '["", "a"]', 0), ("x", "", 0), ("x", '["", ""]', 0), ("answer: cat", "cat", 0),
    ("the answer is cat", "cat", 0), ("dog", "cat", 0), ("ß", "ss", 0), ("cat", '["dog", "horse"]', 0),
    ("yes", "no", 0), ("a          b", "xyz", 0), ("c                    x", "cat", 0), ("ＣＡＴ", "cat", 0),
    ("north", "southern", 0), ("猫", "犬", 0),
]
ROWS = [*SAME, *NEAR, *OTHER]
