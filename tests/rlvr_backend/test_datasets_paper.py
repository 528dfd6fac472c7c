"""The paper's sets: from raw rows as they are published to prompts, answers and boxes."""

import json

import pytest
from datasets import Image, List, Value

from rlvr_backend.datasets import load_rows
from rlvr_backend.datasets.examples import POSITIONS, REASON
from rlvr_backend.errors import RequestError
from rlvr_backend.rewards.boxes import boxes_of
from tests.support.raw_datasets import R1V, SCIENCE, SUBJECT, TEXT, TEXTS, VISTA, image, picture, table

ASKED = "Detect the cats.\nOutput the thinking process in <think> </think> ... strictly follow the format."
BOX = "<answer>[{'Position': [100, 200, 300, 400], 'Confidence': 1}, {'Position': [0, 0, 1000, 9], 'Confidence': 1}]"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def load(tmp_path):
    def load(name, split, raw, count, **options):
        raw.to_parquet(tmp_path / f"{name}.parquet")
        return list(load_rows(name, split, count, sources={name: str(tmp_path / f"{name}.parquet")}, **options))

    return load


def asked(row):
    return row["prompt"][0]["content"]


def test_coco_has_boxes_and_leaves_out_what_is_not_in_the_image(load):
    rows = [
        {"image": image(mode="RGBA"), "problem": ASKED, "solution": BOX + "</answer>"},
        {"image": image(), "problem": ASKED, "solution": "<answer>No Objects</answer>"},
        {"image": image(), "problem": "Find dogs.", "solution": "<answer>[1, 2, 3, 4]</answer>"},
    ]
    first, second = load("coco", "train", table(R1V, rows), 2)
    assert asked(first) == f"Detect the cats.\n{REASON} {POSITIONS}"
    assert (first["boxes"], first["reward"]) == ([[100, 200, 300, 400], [0, 0, 1000, 9]], "iou")
    assert boxes_of(first["solution"]) == [tuple(box) for box in first["boxes"]]
    assert first["images"][0].mode == "RGB" and second["boxes"] == [[1, 2, 3, 4]]


def test_lisa_takes_fractions_as_boxes(load):
    rows = [{"image": image(), "problem": "Where?", "solution": "<answer>[0.1, 0.25, 0.5, 1]</answer>"}]
    assert load("lisa", "test", table(R1V, rows), 1)[0]["boxes"] == [[100, 250, 500, 1000]]


def test_lisa_as_annotated_is_one_example_a_question_shuffled_and_resized(tmp_path):
    annotated = []
    for number in range(12):
        (tmp_path / f"{number}.jpg").write_bytes(picture(800, 400, form="JPEG", seed=number))
        questions = [f"what is {number} {kind}?" for kind in "abc"]
        annotated.append({"image_path": f"{number}.jpg", "instruction": questions, "boxes": [[80, 40, 400, 399.6]]})
    (tmp_path / "lisa_train.json").write_text(json.dumps(annotated))
    rows = list(load_rows("lisa", "train", 36, sources={"lisa": str(tmp_path / "lisa_train.json")}))
    numbers = [asked(row).split("what is ")[1].split("?")[0] for row in rows]
    assert sorted(numbers) == sorted(f"{number} {kind}" for number in range(12) for kind in "abc")
    assert numbers != sorted(numbers, key=lambda text: int(text[:-2])), "questions of an image do not stay together"
    assert all(row["boxes"] == [[100, 100, 500, 999]] and row["images"][0].size == (640, 320) for row in rows)
    again = load_rows("lisa", "train", 2, wanted=[1, 0], sources={"lisa": str(tmp_path / "lisa_train.json")})
    assert [asked(row) for row in again] == [asked(rows[1]), asked(rows[0])]


def test_geoqav_keeps_answers_that_are_options(load):
    answers = ["B", "(C)", "D. 40", "145", "Because", "A: 3"]
    rows = [{"image": image(width=700), "problem": "Angle?", "solution": f"<answer> {a} </answer>"} for a in answers]
    found = load("geoqav", "train", table(R1V, rows), 4)
    assert [row["solution"] for row in found] == ["B", "C", "D", "A"]
    assert {row["images"][0].width for row in found} == {640}
    assert asked(found[0]) == f"Angle?\n{REASON}"


@pytest.mark.parametrize("split", ["train", "test"])
def test_sat_shows_several_images_and_options_in_an_order_that_says_nothing(load, split):
    features = {"image_bytes": List(Image()), "question": TEXT, "answers": TEXTS, "correct_answer": TEXT}
    row = {"question": "Which way?", "answers": ["right", "left"], "correct_answer": "right"}
    rows = [{**row, "image_bytes": [image(seed=1), image(seed=2)]}, {**row, "image_bytes": [image()]}]
    found = load("sat", split, table(features, rows), 2)
    assert sorted(len(row["images"]) for row in found) == [1, 2]
    assert {asked(row) for row in found} == {f"Which way?\nOptions: left; right\n{REASON}"}
    assert found[0]["solution"] == "right"


def test_scienceqa_needs_an_image_and_answers_with_a_letter(load):
    row = {"question": "Which?", "choices": ["iron", "gold"], "answer": 1, "hint": "shiny"}
    raw = table(SCIENCE, [row, {**row, "image": image()}])
    (found,) = load("scienceqa", "test", raw, 1)
    assert asked(found) == f"Which?\nA. iron\nB. gold\n{REASON}"
    assert (found["solution"], found["reward"], found["boxes"]) == ("B", "accuracy", [])


def test_chartqa_is_read_in_both_of_its_layouts(load):
    raw = table(
        {"image": Image(), "question": TEXT, "answer": TEXT},
        [{"image": image(), "question": "How many?", "answer": "11"}],
    )
    other = table(
        {"image": Image(), "query": TEXT, "label": TEXTS}, [{"image": image(), "query": "How many?", "label": ["11"]}]
    )
    first, second = (load("chartqa", "test", data, 1, scorer="field")[0] for data in (raw, other))
    assert {**first, "images": None} == {**second, "images": None}
    assert (first["solution"], first["reward"]) == ("11", "relaxed")


def test_infovqa_has_several_right_answers(load):
    features = {"image": Image(), "question": TEXT, "answers": TEXTS}
    rows = [
        {"image": image(), "question": "Who?", "answers": answers} for answers in (["Ann", "Ann ", "Anna"], ["Bob"])
    ]
    found = load("infovqa", "test", table(features, rows), 2)
    assert [row["solution"] for row in found] == ['["Ann", "Anna"]', "Bob"]


def test_mathvista_asks_for_the_letter_where_there_are_options(load):
    rows = [
        {"query": "Choose.", "choices": ["1", "2"], "answer": "2", "question_type": "multi_choice"},
        {"query": "Count.", "answer": "3.5", "question_type": "free_form"},
    ]
    found = load(
        "mathvista", "test", table(VISTA, [{**row, "decoded_image": image()} for row in rows]), 2, scorer="field"
    )
    assert [(row["solution"], row["reward"]) for row in found] == [("B", "choice"), ("3.5", "number")]


def test_mmmu_is_read_subject_by_subject_with_all_images(tmp_path):
    row = {"question": "Compare <image 1> to <image 2>.", "options": "['a', \"it's b\"]", "answer": "B"}
    row |= {"question_type": "multiple-choice", "image_1": image(seed=1), "image_2": image(seed=2)}
    open_row = {**row, "question_type": "open", "options": "[]", "answer": "['0.5', '1/2']", "image_2": None}
    subjects = {"Art": row, "Music": open_row}
    for subject, rows in subjects.items():
        (tmp_path / subject).mkdir()
        table(SUBJECT, [rows]).to_parquet(tmp_path / subject / "validation-00000-of-00001.parquet")
        table(SUBJECT, [rows] * 3).to_parquet(tmp_path / subject / "test-00000-of-00001.parquet")
    entries = "".join(
        f"- config_name: {subject}\n  data_files:\n"
        + "".join(f"  - split: {split}\n    path: {subject}/{split}-*\n" for split in ("validation", "test"))
        for subject in subjects
    )
    (tmp_path / "README.md").write_text(f"---\nconfigs:\n{entries}---\n")
    choice, free = load_rows("mmmu", "test", 2, sources={"mmmu": str(tmp_path)}, scorer="field")
    assert asked(choice) == f"Compare <image 1> to <image 2>.\nA. a\nB. it's b\n{REASON}"
    assert (choice["solution"], choice["reward"], len(choice["images"])) == ("B", "choice", 2)
    assert (free["solution"], free["reward"], len(free["images"])) == ('["0.5", "1/2"]', "accuracy", 1)


@pytest.mark.parametrize(
    ("name", "features", "row", "reason"),
    [
        ("coco", R1V, {"problem": ASKED, "solution": "<answer>[0, 0, 1001, 5]</answer>"}, "box outside the image"),
        ("coco", R1V, {"problem": ASKED, "solution": "<answer>none</answer>"}, "empty answer"),
        ("scienceqa", SCIENCE, {"question": "?", "choices": ["a"], "answer": 1}, "answer is none of the options"),
        ("scienceqa", SCIENCE, {"question": " ", "choices": ["a"], "answer": 0}, "no question"),
        ("geoqav", R1V, {"problem": None, "solution": "<answer>B</answer>"}, "no question"),
    ],
)
def test_a_bad_row_is_named_with_its_reason(load, name, features, row, reason):
    with pytest.raises(RequestError, match=rf"{name}: more than 1% .* are bad: {reason} \(row 0\).*; fix or remove"):
        load(name, "train", table(features, [{**row, "image": image()}]), 1)


def test_mathvista_and_mmmu_and_lisa_name_bad_rows_too(load, tmp_path):
    vista = {"query": "?", "decoded_image": image(), "choices": ["1"], "answer": "2", "question_type": "multi_choice"}
    with pytest.raises(RequestError, match="answer is none of the options"):
        load("mathvista", "test", table(VISTA, [vista]), 1)
    subject = {"question": "?", "options": "[a, b", "answer": "[A", "question_type": "open", "image_1": image()}
    with pytest.raises(RequestError, match=r"list .* cannot be read"):
        load("mmmu", "test", table(SUBJECT, [{**subject, "answer": "[A b]"}]), 1)
    features = {"image_path": TEXT, "instruction": TEXTS, "boxes": List(List(Value("float64")))}
    (tmp_path / "0.png").write_bytes(picture())
    lisa = {"image_path": "0.png", "instruction": ["where?"], "boxes": [[-9.0, 0, 9, 9]]}
    with pytest.raises(RequestError, match="box outside the image"):
        load("lisa", "train", table(features, [lisa]), 1)
