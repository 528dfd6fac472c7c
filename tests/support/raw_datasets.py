"""Small copies of published datasets, in the columns that they have on the hub."""

import io

import numpy as np
from datasets import Dataset, Features, Image, List, Value
from PIL import Image as Pictures

TEXT, TEXTS = Value("string"), List(Value("string"))
R1V = {"image": Image(), "problem": TEXT, "solution": TEXT}
SCIENCE = {"image": Image(), "question": TEXT, "choices": TEXTS, "answer": Value("int8"), "hint": TEXT}
VISTA = {"query": TEXT, "decoded_image": Image(), "choices": TEXTS, "answer": TEXT, "question_type": TEXT}
SUBJECT = {"question": TEXT, "options": TEXT, "answer": TEXT, "question_type": TEXT}
SUBJECT |= {f"image_{number}": Image() for number in range(1, 8)}
OWN = {"image": Image(), "question": TEXT, "answer": TEXT}


def picture(width=32, height=24, mode="RGB", form="PNG", seed=0):
    """The bytes of a picture of noise."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    buffer = io.BytesIO()
    Pictures.fromarray(noise).convert(mode).save(buffer, format=form)
    return buffer.getvalue()


def image(**how):
    return {"bytes": picture(**how), "path": None}


def table(features, rows):
    """A dataset of rows; columns that a row does not name are empty."""
    rows = [{name: row.get(name) for name in features} for row in rows]
    return Dataset.from_list(rows, features=Features(features))


def own_rows(count, **bad):
    """`count` rows of a user's own set; `bad` maps "rowNUMBER" to what is different there."""
    rows = [{"image": image(), "question": f"which {number}?", "answer": f"a{number}"} for number in range(count)]
    for place, changes in bad.items():
        rows[int(place.removeprefix("row"))].update(changes)
    return table(OWN, rows)
