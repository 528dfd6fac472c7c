"""Rows of published sets with columns that hold something else than published, and what they become.

A row is (set, what is different from ROWS, expected): expected is (solution, what stands under the question), the
reason of a bad row, or LEFT_OUT.
"""

from tests.support.raw_datasets import image, picture

PICTURE = image()
CHARTQA = {"image": PICTURE, "query": "q", "label": ["12"]}
PLAIN_CHARTQA = {"image": PICTURE, "question": "q", "answer": "12"}
INFOVQA = {"image": PICTURE, "question": "q", "answers": ["a", "A"]}
SAT = {"image_bytes": [picture()], "question": "q", "answers": ["right", "left"], "correct_answer": "left"}
SCIENCEQA = {"image": PICTURE, "question": "q", "choices": ["x", "y"], "answer": 1}
R1V = {"image": PICTURE, "problem": "q", "solution": "<answer> B </answer>"}
MATHVISTA = {
    "decoded_image": PICTURE,
    "query": "q",
    "choices": ["145°", "150°"],
    "answer": "145°",
    "question_type": "multi_choice",
}
MMMU = {"question": "q", "options": "['a', 'b']", "answer": "A", "question_type": "multiple-choice", "image_1": PICTURE}
MMMU |= {f"image_{number}": None for number in range(2, 8)}
OPEN = {"question_type": "open", "options": "[]"}
FREE = {"question_type": "free_form", "choices": None}
LISA = {"image_path": "p.png", "instruction": ["q"], "boxes": [[0, 0, 16, 12]]}

LEFT_OUT = "left out"
NONE, TWICE = "answer is none of the options", "answer is several of the options"
UNREAD, SLASHES = "list of options or answers cannot be read", "list of options or answers with single backslashes"
EMPTY, TYPE, PLACE = "empty answer", "question_type is unknown", "answer is not an option's index"
NO_LETTER = "answer is not an option's letter"
NULL = "options with null in place of text"
LETTERED = "A. x\nB. y"
SIDES = "Options: left; right"

PUBLISHED = [
    ("chartqa", CHARTQA, {}, ("12", "")),
    ("chartqa", CHARTQA, {"label": "12"}, ("12", "")),
    ("chartqa", CHARTQA, {"label": "['12']"}, ("12", "")),
    ("chartqa", CHARTQA, {"label": '["12", "13"]'}, ('["12", "13"]', "")),
    ("chartqa", CHARTQA, {"label": ["12", "13"]}, ('["12", "13"]', "")),
    ("chartqa", CHARTQA, {"label": [12]}, ("12", "")),
    ("chartqa", CHARTQA, {"label": 12}, ("12", "")),
    ("chartqa", CHARTQA, {"label": "[12.50]"}, ("12.50", "")),
    ("chartqa", CHARTQA, {"label": "[12, 13)]"}, UNREAD),
    ("chartqa", CHARTQA, {"label": [None]}, "label with null in place of text"),
    ("chartqa", CHARTQA, {"label": None}, EMPTY),
    ("chartqa", CHARTQA, {"label": []}, EMPTY),
    ("chartqa", PLAIN_CHARTQA, {}, ("12", "")),
    ("chartqa", PLAIN_CHARTQA, {"answer": 12.0}, ("12", "")),
    ("chartqa", PLAIN_CHARTQA, {"answer": "[3, 4]"}, ("[3, 4]", "")),
    ("infovqa", INFOVQA, {}, ('["a", "A"]', "")),
    ("infovqa", INFOVQA, {"answers": "cat"}, ("cat", "")),
    ("infovqa", INFOVQA, {"answers": "['cat', 'dog']"}, ('["cat", "dog"]', "")),
    ("infovqa", INFOVQA, {"answers": None}, EMPTY),
    ("sat", SAT, {}, ("left", SIDES)),
    ("sat", SAT, {"correct_answer": "Left"}, ("left", SIDES)),
    ("sat", SAT, {"correct_answer": " left "}, ("left", SIDES)),
    ("sat", SAT, {"correct_answer": "up"}, NONE),
    ("sat", SAT, {"correct_answer": "lef"}, NONE),
    ("sat", SAT, {"correct_answer": None}, EMPTY),
    ("sat", SAT, {"answers": ["left", "LEFT"]}, ("left", "Options: LEFT; left")),
    ("sat", SAT, {"answers": ["Left", "LEFT"]}, TWICE),
    ("sat", SAT, {"answers": ["left", "left"]}, TWICE),
    ("sat", SAT, {"answers": "left"}, "answers are one text, not a list"),
    ("sat", SAT, {"answers": "['right', 'left']"}, ("left", SIDES)),
    ("sat", SAT, {"answers": None}, NONE),
    ("sat", SAT, {"image_bytes": picture()}, ("left", SIDES)),
    ("sat", SAT, {"image_bytes": []}, "no image"),
    ("sat", R1V, {"solution": "<answer> left </answer>"}, ("left", "")),
    ("sat", R1V, {"solution": "left"}, ("left", "")),
    ("sat", R1V, {"solution": "<answer></answer>"}, EMPTY),
    ("scienceqa", SCIENCEQA, {}, ("B", LETTERED)),
    ("scienceqa", SCIENCEQA, {"answer": 1.0}, ("B", LETTERED)),
    ("scienceqa", SCIENCEQA, {"answer": "1"}, PLACE),
    ("scienceqa", SCIENCEQA, {"answer": "B"}, PLACE),
    ("scienceqa", SCIENCEQA, {"answer": True}, PLACE),
    ("scienceqa", SCIENCEQA, {"answer": 0.5}, PLACE),
    ("scienceqa", SCIENCEQA, {"answer": float("nan")}, PLACE),
    ("scienceqa", SCIENCEQA, {"answer": None}, PLACE),
    ("scienceqa", SCIENCEQA, {"answer": -1}, NONE),
    ("scienceqa", SCIENCEQA, {"answer": 2}, NONE),
    ("scienceqa", SCIENCEQA, {"choices": "xy"}, "choices are one text, not a list"),
    ("scienceqa", SCIENCEQA, {"choices": "['x', 'y']"}, ("B", LETTERED)),
    ("scienceqa", SCIENCEQA, {"choices": [1, 2.5]}, ("B", "A. 1\nB. 2.5")),
    ("scienceqa", SCIENCEQA, {"choices": [str(n) for n in range(27)]}, "more than 26 choices"),
    ("scienceqa", SCIENCEQA, {"image": None}, LEFT_OUT),
    ("scienceqa", R1V, {}, ("B", "")),
    ("scienceqa", R1V, {"solution": "<answer>(B)</answer>"}, ("B", "")),
    ("scienceqa", R1V, {"solution": "<answer>gold</answer>"}, NO_LETTER),
    ("scienceqa", R1V, {"problem": "q\nA. x\nB. y", "solution": "<answer>C</answer>"}, NONE),
    ("scienceqa", R1V, {"problem": "q (A) x (B) y", "solution": "<answer>C</answer>"}, NONE),
    ("scienceqa", R1V, {"problem": "q (A) x (B) y (C) z", "solution": "<answer>C</answer>"}, ("C", "")),
    ("geoqav", R1V, {}, ("B", "")),
    ("geoqav", R1V, {"solution": "<answer>B. 40°</answer>"}, ("B", "")),
    ("geoqav", R1V, {"solution": "<answer>b</answer>"}, LEFT_OUT),
    ("geoqav", R1V, {"solution": "<answer>Bob</answer>"}, LEFT_OUT),
    ("geoqav", R1V, {"solution": "<answer>145°</answer>"}, LEFT_OUT),
    ("geoqav", R1V, {"problem": "Choices: (A) 30 (B) 40", "solution": "<answer>E</answer>"}, NONE),
    ("geoqav", R1V, {"problem": "AB meets the line at A. and C.", "solution": "<answer>B</answer>"}, ("B", "")),
    ("mathvista", MATHVISTA, {}, ("A", "")),
    ("mathvista", MATHVISTA, {"answer": "150° "}, ("B", "")),
    ("mathvista", MATHVISTA, {"choices": "['145°', '150°']"}, ("A", "")),
    ("mathvista", MATHVISTA, {"choices": "145°"}, "choices are one text, not a list"),
    ("mathvista", MATHVISTA, {"choices": ["145°", "145°"]}, TWICE),
    ("mathvista", MATHVISTA, {"choices": ["(A) 3", "(B) 4"], "answer": "B"}, NONE),
    ("mathvista", MATHVISTA, {"choices": ["3.0", "4.0"], "answer": "4"}, NONE),
    ("mathvista", MATHVISTA, {"choices": None}, NONE),
    ("mathvista", MATHVISTA, {"question_type": "multiple-choice"}, TYPE),
    ("mathvista", MATHVISTA, FREE | {"answer": "1.4"}, ("1.4", "")),
    ("mathvista", MATHVISTA, FREE | {"answer": "[0, 2, 8]"}, ("[0, 2, 8]", "")),
    ("mathvista", MATHVISTA, FREE | {"answer": 14.0}, ("14", "")),
    ("mathvista", MATHVISTA, FREE | {"answer": None}, EMPTY),
    ("mmmu", MMMU, {}, ("A", "A. a\nB. b")),
    ("mmmu", MMMU, {"options": ["a", "b"]}, ("A", "A. a\nB. b")),
    ("mmmu", MMMU, {"options": '["a", "b"]'}, ("A", "A. a\nB. b")),
    ("mmmu", MMMU, {"options": '["a", "b", null]'}, NULL),
    ("mmmu", MMMU, {"options": "['<image 2>', '$\\\\frac{1}{2}$']"}, ("A", "A. <image 2>\nB. $\\frac{1}{2}$")),
    ("mmmu", MMMU, {"options": "['a', '$\\frac{1}{2}$']"}, SLASHES),
    ("mmmu", MMMU, {"options": "['a', '$2 \\times 3$']"}, SLASHES),
    ("mmmu", MMMU, {"options": "['a', '$\\sqrt{2}$']"}, ("A", "A. a\nB. $\\sqrt{2}$")),
    ("mmmu", MMMU, {"options": "[0.50, 1]"}, ("A", "A. 0.50\nB. 1")),
    ("mmmu", MMMU, {"options": "a or b"}, "options are one text, not a list"),
    ("mmmu", MMMU, {"options": "[a, b]"}, UNREAD),
    ("mmmu", MMMU, {"options": "[]"}, NONE),
    ("mmmu", MMMU, {"answer": "E"}, NONE),
    ("mmmu", MMMU, {"answer": "?"}, NONE),
    ("mmmu", MMMU, {"answer": "['A', 'E']"}, NONE),
    ("mmmu", MMMU, {"answer": "['A', 'B']"}, ('["A", "B"]', "A. a\nB. b")),
    ("mmmu", MMMU, {"answer": None}, EMPTY),
    ("mmmu", MMMU, {"question_type": "multiple choice"}, TYPE),
    ("mmmu", MMMU, OPEN | {"answer": "['1/2', '0.5']"}, ('["1/2", "0.5"]', "")),
    ("mmmu", MMMU, OPEN | {"answer": "[5, 10]"}, ('["5", "10"]', "")),
    ("mmmu", MMMU, OPEN | {"answer": "[0, 1) U (2, 3]"}, UNREAD),
    ("mmmu", MMMU, OPEN | {"answer": "E"}, ("E", "")),
    ("lisa", LISA, {}, ("[[0, 0, 500, 500]]", "")),
    ("lisa", LISA, {"instruction": "q"}, ("[[0, 0, 500, 500]]", "")),
    ("lisa", LISA, {"instruction": []}, "no question"),
    ("lisa", LISA, {"instruction": [None]}, "instruction with null in place of text"),
    ("lisa", LISA, {"boxes": [0, 0, 16, 12]}, "boxes are not a list of boxes"),
    ("lisa", LISA, {"boxes": "[[0, 0, 16, 12]]"}, ("[[0, 0, 500, 500]]", "")),
    ("lisa", LISA, {"boxes": None}, EMPTY),
    ("lisa", R1V, {"solution": "<answer>[1e-3, 0.2, 0.5, 0.9]</answer>"}, ("[[1, 200, 500, 900]]", "")),
    ("lisa", R1V, {"solution": "<answer>(10, 20, 60, 44)</answer>"}, ("[[10, 20, 60, 44]]", "")),
    ("lisa", R1V, {"solution": "<answer>[-0.001, 0.20, 0.5, 0.90]</answer>"}, "box outside the image"),
    ("coco", R1V, {"solution": "<answer>No Objects</answer>"}, LEFT_OUT),
    ("coco", R1V, {"solution": "<answer>none</answer>"}, EMPTY),
    ("coco", R1V, {"solution": None}, EMPTY),
    (
        "coco",
        R1V,
        {"solution": "<answer>[{'Position': [60, 44, 10, 20], 'Confidence': 1}]</answer>"},
        "box ends before it starts",
    ),
]
