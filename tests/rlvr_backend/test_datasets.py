"""The engine of the datasets: bad rows, places, formats, the cache, a user's own sets, and the command."""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from datasets import DatasetDict, Image, List, Value
from datasets.exceptions import DatasetGenerationError
from hypothesis import given, strategies as st

from rlvr_backend import __main__
from rlvr_backend.datasets import check_apart, check_rewards, check_sizes, load_rows, loader, prepare
from rlvr_backend.datasets.boxes import boxes_in, scaled, whole_scale
from rlvr_backend.datasets.custom import custom_dataset
from rlvr_backend.datasets.declaration import BadRow
from rlvr_backend.datasets.examples import FEATURES, REASON, references
from rlvr_backend.errors import RequestError
from rlvr_backend.evaluation.evaluator import messages
from rlvr_backend.rewards.truth import Truth
from tests.support.raw_datasets import OWN, TEXT, TEXTS, image, own_rows, picture, table


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "data"


def load(path, count, **declared):
    return load_rows("mine", "train", count, sources={"mine": {"path": str(path), **declared}})


def parquet(data, path):
    data.to_parquet(path)
    return path


BAD = {
    "row3": {"image": {"bytes": picture()[:200], "path": None}},
    "row50": {"image": {"bytes": b"", "path": None}},
    "row51": {"image": None},
    "row120": {"question": "  "},
    "row200": {"answer": None},
    "row201": {"answer": " "},
    "row399": {"image": image(width=400, height=2)},
}


def test_a_few_bad_rows_are_skipped_counted_and_named(tmp_path, caplog):
    path = parquet(own_rows(1000, **BAD), tmp_path / "rows.parquet")
    with caplog.at_level("INFO", "rlvr_backend"):
        rows = load(path, 993)
    assert len(rows) == 993 and rows[3]["solution"] == "a4"
    assert caplog.messages == [
        "mine (train): 993 examples of 1000 rows, 0 left out, 7 bad and skipped: corrupt image (row 3); "
        "no image (row 50, 51); no question (row 120); empty answer (row 200, 201); "
        "image 200 times longer than wide (row 399)"
    ]
    with pytest.raises(RequestError, match="'mine' has 993 examples for train, not 994: lower its size"):
        load(path, 994)


def test_too_many_bad_rows_stop_with_their_names(tmp_path):
    path = parquet(own_rows(400, **BAD), tmp_path / "rows.parquet")
    with pytest.raises(RequestError, match=r"more than 1% of the 400 rows .*no question \(row 120\); empty answer"):
        load(path, 10)
    assert not [entry for entry in os.listdir(tmp_path / "cache" / "data") if not entry.endswith(".lock")]


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"question": "asked"}, "lacks the column asked; it has image, question, answer"),
        ({"reward": "iou"}, "lacks the column boxes; it has"),
        ({"rewrad": "iou"}, "unknown key 'rewrad'; known are path, question"),
        ({"reward": "exactly"}, "exactly"),
        ({"answer": 3}, "'answer' must be text, not 3"),
        ({"path": "./nowhere.parquet"}, "nowhere.parquet: there is no such file or folder"),
    ],
)
def test_what_is_wrong_with_a_declaration_is_said(tmp_path, declared, said):
    path = parquet(own_rows(3), tmp_path / "rows.parquet")
    with pytest.raises(RequestError) as caught:
        load_rows("mine", "train", 1, sources={"mine": {"path": str(path), **declared}})
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.parquet", b"PAR1 and no more", "cannot be read as a dataset"),
        ("rows.jsonl", b'{"question": "wh', "cannot be read as a dataset"),
        ("rows.csv", b"question,answer", "holds no rows"),
        ("rows.xml", b"<question>", "must be a folder or one of .parquet, .jsonl, .json, .csv, .tsv, .arrow"),
        ("folder/nothing.here", b"", "cannot be read as a dataset"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path, name, content, said):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    with pytest.raises(RequestError) as caught:
        load(path.parent if "/" in name else path, 1)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_unknown_sets_say_what_is_known_and_how_to_declare_one():
    with pytest.raises(RequestError, match=r"domain 'cocoa' has no data here; known are coco, .*cocoa: {path: FOLDER}"):
        load_rows("cocoa", "train", 1)
    with pytest.raises(RequestError, match="test 'coco' has no data here; known are chart, chartqa"):
        check_sizes({"coco": 1}, "test")
    with pytest.raises(RequestError, match="scorer must be one of paper, field"):
        load_rows("chartqa", "test", 1, sources={"chartqa": "."}, scorer="mine")


def test_every_format_gives_the_same_examples(tmp_path):
    raw = own_rows(4)
    raw.to_parquet(tmp_path / "rows.parquet")
    (tmp_path / "hub" / "data").mkdir(parents=True)
    raw.to_parquet(tmp_path / "hub" / "data" / "train-00000-of-00001.parquet")
    raw.select([0]).to_parquet(tmp_path / "hub" / "data" / "test-00000-of-00001.parquet")
    raw.save_to_disk(tmp_path / "saved")
    DatasetDict({"train": raw, "val": raw.select([0])}).save_to_disk(tmp_path / "splits")
    (tmp_path / "json" / "pictures").mkdir(parents=True)
    (tmp_path / "json" / "pictures" / "0.png").write_bytes(picture())
    lines = [{"image": "pictures/0.png", "question": row["question"], "answer": row["answer"]} for row in raw]
    (tmp_path / "json" / "rows.jsonl").write_text("\n".join(map(json.dumps, lines)))
    arrow = next((tmp_path / "saved").glob("*.arrow"))
    places = ["rows.parquet", "hub", "saved", "splits", "json/rows.jsonl", "json", arrow.relative_to(tmp_path)]
    loaded = [list(load(tmp_path / place, 4)) for place in places]
    assert loaded[0][2]["prompt"] == [{"role": "user", "content": f"which 2?\n{REASON}"}]
    assert all(rows == loaded[0] for rows in loaded[1:])
    assert len(load(tmp_path / "splits", 1, split="val")) == 1
    with pytest.raises(RequestError, match="there is no split 'dev'; there are train, val"):
        load(tmp_path / "splits", 1, split="dev")


def test_data_is_prepared_once_and_again_when_a_file_changes(tmp_path, monkeypatch, cache):
    path = parquet(own_rows(5), tmp_path / "rows.parquet")
    calls = []
    original = prepare.prepare
    monkeypatch.setattr(prepare, "prepare", lambda *given: calls.append(given) or original(*given))
    with ThreadPoolExecutor(4) as trials:
        found = list(trials.map(lambda _: list(load(path, 5)), range(4)))
    assert len(calls) == 1 and all(rows == found[0] for rows in found)
    assert len([entry for entry in cache.iterdir() if entry.is_dir()]) == 1, "no scratch folder is left"
    parquet(own_rows(6), path)
    assert len(load(path, 6)) == 6 and len(calls) == 2
    load(path, 3, reward="relaxed")
    assert len(calls) == 3


def test_a_full_disk_is_one_line_and_leaves_nothing_half_done(tmp_path, monkeypatch, cache):
    path = parquet(own_rows(5), tmp_path / "rows.parquet")

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(prepare.ArrowWriter, "write", full)
        with pytest.raises(
            RequestError, match=r"mine: the disk has no room for .* No space left on device.*: free some space"
        ):
            load(path, 5)
    assert not [entry for entry in cache.iterdir() if entry.is_dir()]
    assert len(load(path, 5)) == 5


def test_a_disk_that_is_full_while_reading_is_no_fault_of_the_data(tmp_path, monkeypatch):
    path = parquet(own_rows(5), tmp_path / "rows.parquet")

    def full(*_, **__):
        raise DatasetGenerationError("An error occurred") from OSError(28, "No space left on device")

    monkeypatch.setattr(loader, "load_dataset", full)
    with pytest.raises(
        RequestError, match=r"disk has no room for prepared data in .*cache.data \(cannot unpack .*rows"
    ):
        load(path, 5)


def test_both_scorers_share_what_is_prepared(tmp_path, cache):
    path = parquet(own_rows(5), tmp_path / "rows.parquet")
    sources = {"chartqa": str(path)}
    paper, field = (load_rows("chartqa", "test", 5, sources=sources, scorer=scorer) for scorer in ("paper", "field"))
    assert (set(paper["reward"]), set(field["reward"])) == ({"accuracy"}, {"relaxed"})
    assert list(paper.features) == list(field.features) == list(FEATURES)
    assert len([entry for entry in cache.iterdir() if entry.is_dir()]) == 1


def test_a_domain_is_not_tested_on_the_rows_that_it_trains_on(tmp_path):
    file = str(parquet(own_rows(3), tmp_path / "rows.parquet"))
    hub, one, both = tmp_path / "hub", tmp_path / "one", tmp_path / "both"
    for split in ("train", "test"):
        (hub / "data").mkdir(parents=True, exist_ok=True)
        own_rows(3).to_parquet(hub / "data" / f"{split}-00000-of-00001.parquet")
    own_rows(3).save_to_disk(one)
    DatasetDict({"train": own_rows(3), "test": own_rows(2)}).save_to_disk(both)
    own, elsewhere = {"path": str(both), "split": "train"}, {"train": file, "test": str(both)}
    for name, source in {"mine": {"path": file}, "scienceqa": file, "lisa": str(both)}.items():
        with pytest.raises(RequestError, match=f"'{name}' is a domain and a test, and .* holds the same rows for both"):
            check_apart([name], [name], {name: source})
    for source in ({"path": str(one)}, own):
        with pytest.raises(RequestError, match=r"name two places: data: {mine: {train: PATH, test: PATH}}"):
            check_apart(["mine"], ["mine"], {"mine": source})
    for source in (str(hub), str(both), elsewhere):
        check_apart(["scienceqa"], ["scienceqa"], {"scienceqa": source})
    check_apart(["mine"], ["mine"], {"mine": {"train": own, "test": {**own, "split": "test"}}})
    check_apart(["mine", "coco", "detect"], ["other", "refer"], {"mine": {"path": file}, "other": {"path": file}})
    check_apart(["refer"], ["refer"])


def test_training_part_and_test_may_lie_in_two_places(tmp_path):
    places = {part: parquet(own_rows(size), tmp_path / f"{part}.parquet") for part, size in (("train", 5), ("test", 3))}
    sources = {"mine": {part: {"path": str(path)} for part, path in places.items()}}
    assert [len(load_rows("mine", part, size, sources=sources)) for part, size in (("train", 5), ("test", 3))] == [5, 3]
    with pytest.raises(RequestError, match="test 'mine' has no data here"):
        load_rows("mine", "test", 3, sources={"mine": {"train": {"path": str(places["train"])}}})


def test_wanted_rows_come_in_their_order(tmp_path):
    path = parquet(own_rows(9), tmp_path / "rows.parquet")
    rows = load_rows("mine", "train", 9, wanted=[7, 0, 7], sources={"mine": {"path": str(path)}})
    assert rows["solution"] == ["a7", "a0", "a7"]


def test_own_sets_may_have_several_images_several_answers_and_boxes(tmp_path):
    features = {"pictures": List(Image()), "text": TEXT, "right": TEXTS, "boxes": List(List(Value("float64")))}
    row = {"pictures": [image(seed=1), image(seed=2)], "text": "<image>\nTwo?", "right": ["2", "two"]}
    path = parquet(table(features, [{**row, "boxes": [[1, 2, 3.4, 1000]]}]), tmp_path / "rows.parquet")
    (found,) = load(path, 1, question="text", answer="right", image="pictures", reward="anls")
    assert (found["solution"], found["reward"], found["domain"]) == ('["2", "two"]', "anls", "mine")
    parts = messages(found)[0]["content"]
    assert [part["type"] for part in parts] == ["image", "image", "text"]
    assert parts[2]["text"] == f"Two?\n{REASON}"
    (found,) = load(path, 1, question="text", image="pictures", reward="iou")
    assert (found["boxes"], found["reward"]) == ([[1, 2, 3, 1000]], "iou")


def test_boxes_of_an_own_set_may_be_fractions_and_bad_ones_are_named(tmp_path):
    features = {"image": Image(), "question": TEXT, "boxes": List(List(Value("float64")))}
    row = {"image": image(), "question": "where?", "boxes": [[0.1, 0.25, 0.5, 1]]}
    path = parquet(table(features, [row]), tmp_path / "rows.parquet")
    assert load(path, 1, reward="iou")[0]["boxes"] == [[100, 250, 500, 1000]]
    for boxes, reason in (
        ([[0.1, 0.25, 0.5, 1.2]], "box outside the image"),
        ([[None] * 4], "box is not four numbers"),
    ):
        path = parquet(table(features, [{**row, "boxes": boxes}]), tmp_path / "rows.parquet")
        with pytest.raises(RequestError, match=rf"{reason} \(row 0\)"):
            load(path, 1, reward="iou")


def test_an_own_set_may_hold_numbers_as_answers(tmp_path):
    path = parquet(
        table({**OWN, "answer": Value("int64")}, [{"image": image(), "question": "?", "answer": 7}]),
        tmp_path / "rows.parquet",
    )
    assert load(path, 1)[0]["solution"] == "7"
    assert custom_dataset("mine", {"path": "p"}).parts["test"].split == "test"


@pytest.mark.parametrize(
    ("boxes", "reason"),
    [
        ([[0, 0, 1001, 5]], "box outside the image"),
        ([[-1, 0, 10, 5]], "box outside the image"),
        ([[5, 5, 5, 9]], "box without area"),
        ([[1, 2, 3]], "box is not four numbers"),
        ([[0, 0, float("nan"), 9]], "box is not four numbers"),
        ([[0, 0, float("inf"), 9]], "box is not four numbers"),
        ([[0, 0, None, 9]], "box is not four numbers"),
    ],
)
def test_boxes_that_are_none_are_named(boxes, reason):
    with pytest.raises(BadRow, match=reason):
        scaled(boxes)


@given(st.lists(st.integers(0, 1000), min_size=4, max_size=4))
def test_boxes_read_back_as_they_are_written(numbers):
    found = whole_scale(boxes_in(f"{{'Position': {numbers}, 'Confidence': 1}}"))
    assert found == ([numbers] if max(numbers) > 1 else [[1000 * number for number in numbers]])


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_references_are_read_by_the_rewards_as_they_are_written(answers):
    said = list(dict.fromkeys(answer.strip() for answer in answers if answer.strip()))
    if len(said) > 1:
        assert Truth(references(answers)).references == said


def command(monkeypatch, capsys, *argv):
    monkeypatch.setattr(sys, "argv", ["rlvr_backend", "datasets", *map(str, argv)])
    code = __main__.main()
    return code, capsys.readouterr()


def test_the_command_lists_every_set(monkeypatch, capsys):
    code, printed = command(monkeypatch, capsys)
    lines = printed.out.splitlines()
    assert code == 0 and lines.index("") == 1 + 9 + 9, "and then what the columns mean"
    assert "coco         object recognition      5997   -     iou " in printed.out
    assert "chartqa      charts                  -      2500  accuracy, relaxed  gpl-3.0" in printed.out


def test_the_command_checks_a_copy_and_shows_three_examples(monkeypatch, capsys, tmp_path, cache):
    path = parquet(own_rows(150, row5={"answer": ""}), tmp_path / "rows.parquet")
    code, printed = command(monkeypatch, capsys, "--check", path, "--own", "reward=relaxed")
    assert code == 0 and "mine (train): 149 examples of 150 rows, 0 left out, 1 bad and skipped" in printed.out
    assert printed.out.count("prompt: which") == 3 and printed.out.count("images: 32 x 24") == 3
    assert "answer: a2 (scored by relaxed)" in printed.out
    code, printed = command(monkeypatch, capsys, "--check", path, "--name", "chartqa")
    assert code == 0 and "chartqa (test): 149 examples" in printed.out
    assert not cache.exists(), "a check keeps nothing"


def test_the_command_prints_nothing_that_a_terminal_obeys(monkeypatch, capsys, tmp_path, cache):
    evil = "\x1b[2J\x1b]0;owned\x07\u202e"
    path = parquet(own_rows(3, row0={"question": evil, "answer": evil}), tmp_path / "rows.parquet")
    code, printed = command(monkeypatch, capsys, "--check", path, "--own", "reward=relaxed")
    assert code == 0 and r"prompt: \x1b[2J\x1b]0;owned\x07\u202e" in printed.out
    _, refused = command(monkeypatch, capsys, "--check", f"./{evil}")
    assert r"\x1b[2J" in refused.err and not set("\x1b\x07\u202e") & set(printed.out + refused.err)


@pytest.mark.parametrize("argv", [("--check", "./nowhere"), ("--check", ".", "--name", "detect")])
def test_the_command_says_what_is_wrong_in_one_line(monkeypatch, capsys, argv):
    code, printed = command(monkeypatch, capsys, *argv)
    assert code == 2 and len(printed.err.splitlines()) == 1


def test_a_domain_may_have_another_reward_than_its_sets(tmp_path):
    features = {"image": Image(), "question": TEXT, "boxes": List(List(Value("float64")))}
    path = parquet(
        table(features, [{"image": image(), "question": "where?", "boxes": [[1, 2, 3, 4]]}]), tmp_path / "r.parquet"
    )
    assert load(path, 1, reward="iou_greedy")[0]["reward"] == "iou_greedy"
    sources = {"mine": {"path": str(path), "reward": "iou"}}
    (usual,), (other,) = (load_rows("mine", "train", 1, sources=sources, reward=name) for name in (None, "iou_greedy"))
    assert (usual["reward"], other["reward"]) == ("iou", "iou_greedy")
    assert {**usual, "reward": "", "images": []} == {**other, "reward": "", "images": []}
    embedded = load_rows("detect", "train", 9, [3, 7], reward="iou_greedy")
    assert embedded.column_names == list(FEATURES) and embedded.features == FEATURES
    assert (
        embedded["reward"] == ["iou_greedy"] * 2
        and embedded["boxes"] == load_rows("detect", "train", 9, [3, 7])["boxes"]
    )


@pytest.mark.parametrize(
    ("rewards", "said"),
    [
        ({"detekt": "iou"}, "'detekt' is none of the domains detect, science"),
        ({"detect": "iou_gready"}, "reward 'iou_gready' is unknown; known are accuracy"),
        ({"detect": 3}, "detect: must be the name of a reward, not 3"),
        ({"detect": "choice"}, "'choice' cannot score 'detect', whose rows have boxes; choose one of iou, iou_greedy"),
        ({"science": "iou"}, "'iou' cannot score 'science', whose rows have answers; choose one of accuracy, anls"),
        ({"science": "nowhere_at_all:reward"}, "cannot be imported"),
    ],
)
def test_what_is_wrong_with_a_domains_reward_is_said(rewards, said):
    with pytest.raises(RequestError) as caught:
        check_rewards(rewards, ["detect", "science"])
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_rewards_that_fit_pass():
    check_rewards(
        {"detect": "iou_greedy", "lisa": "iou_greedy", "sat": "choice", "science": "os:getcwd"},
        ["detect", "lisa", "sat", "science"],
    )
