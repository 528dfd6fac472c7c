"""How files write numbers: thousands and decimals are told apart, or asked about, whatever separates the cells."""

import pytest

from mixopt.errors import TableError
from mixopt.tables.run_files import read_old_runs
from tests.support.command_line import mixopt, refusal

WEIGHTS = [[0.6, 0.04, 0.36], [0.25, 0.5, 0.25], [0.045, 0.045, 0.91]]
COUNTS = [("12{0}000", "800", "7{0}200"), ("5{0}000", "10{0}000", "5{0}000"), ("900", "900", "18{0}200")]


def counts(path, mark, separator, scores):
    rows = [[*(cell.format(mark) for cell in row), score] for row, score in zip(COUNTS, scores, strict=True)]
    quoted = [[f'"{cell}"' if separator in cell else cell for cell in row] for row in rows]
    path.write_text("\n".join(separator.join(row) for row in [["code", "math", "web", "score"], *quoted]) + "\n")
    return path


def read(path, **options):
    return read_old_runs([path], "score", ["code", "math", "web"], normalize=True, **options)


@pytest.mark.parametrize(
    ("mark", "separator", "scores"),
    [
        (" ", ";", ("0,41", "0,52", "0,33")),
        ("\u202f", ";", ("0,41", "0,52", "0,33")),
        ("\u00a0", ",", ("0.41", "0.52", "0.33")),
        ("'", ";", ("0.41", "0.52", "0.33")),
        ("’", "\t", ("0.41", "0.52", "0.33")),
        ("_", ",", ("0.41", "0.52", "0.33")),
        (".", ";", ("0,41", "0,52", "0,33")),
        (".", "\t", ("41,5 %", "52 %", "33 %")),
        (",", ",", ("0.41", "0.52", "0.33")),
    ],
)
def test_thousands_that_the_file_shows_to_be_such(tmp_path, mark, separator, scores):
    old = read(counts(tmp_path / "c.csv", mark, separator, scores))
    for run, weights in zip(old.runs, WEIGHTS, strict=True):
        assert list(run.weights.values()) == pytest.approx(weights)
    assert old.runs[1].scores["score"] == pytest.approx(0.52)


@pytest.mark.parametrize("separator", [";", "\t", ","])
@pytest.mark.parametrize("mark", [".", ","])
@pytest.mark.parametrize("scores", [("41", "52", "33"), ("0{0}41", "0{0}52", "0{0}33")])
def test_thousands_that_may_be_decimals_are_asked_about(tmp_path, mark, separator, scores):
    file = counts(tmp_path / "c.csv", mark, separator, [score.format(mark) for score in scores])
    with pytest.raises(
        TableError, match=rf"c\.csv line 2: code is '12\{mark}000', .*: write 12000 or 12, whichever it is"
    ):
        read(file)


def test_the_question_is_one_line_and_nothing_is_written(tmp_path, home, capfd, monkeypatch):
    file = counts(tmp_path / "c.csv", ",", ";", ("41", "52", "33"))
    arguments = ["--value", "score", "--domains", "code,math,web", "--normalize"]
    assert "write 12000 or 12" in refusal(capfd, monkeypatch, "study", "import", "mine", file, *arguments)
    assert not (home / "mine").exists()
    assert "write 12000 or 12" in refusal(capfd, monkeypatch, "surrogate", "compare", "--csv", file, *arguments)


@pytest.mark.parametrize(
    ("cells", "weights", "score"),
    [
        ("0,5;0,5;0,41", [0.5, 0.5], 0.41),
        ("0,250;0,750;41,125", [0.25, 0.75], 41.125),
        ("1,000;0,000;0,500", [1, 0], 0.5),
        ("0.250;0.750;41.125", [0.25, 0.75], 41.125),
        ("1;0;1,25e2", [1, 0], 125),
        ("0,25;0,75;1.234.567", [0.25, 0.75], 1234567),
        ("0,25;0,75;1.234,5", [0.25, 0.75], 1234.5),
        ("0.25;0.75;1,234.5", [0.25, 0.75], 1234.5),
        ("25 %;75 %;39,5%", [0.25, 0.75], 0.395),
        (",25;,75;1 234 567,5", [0.25, 0.75], 1234567.5),
    ],
)
def test_numbers_that_the_file_explains(tmp_path, cells, weights, score):
    (tmp_path / "r.csv").write_text(f"a;b;y\n{cells}\n")
    [run] = read_old_runs([tmp_path / "r.csv"], "y", ["a", "b"]).runs
    assert list(run.weights.values()) == pytest.approx(weights) and run.scores["y"] == pytest.approx(score)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("0.5;0.5;1,500", "y is '1,500', not a finite number: write 1500 or 1.500, or drop the row"),
        ("0,5;0.5;1", "a is '0,5', not a finite number"),
        ("0,5;0,5;1,234,567", "y is '1,234,567', not a finite number"),
        ("0,5;0,5;12 00", "y is '12 00', not a finite number"),
        ("0,5;0,5;1.2.3", "y is '1.2.3', not a finite number"),
        ("0.5;0.5;inf", "y is 'inf', not a finite number"),
        ("0.5;0.5;1e400", "y is '1e400', not a finite number"),
    ],
)
def test_numbers_that_nobody_can_read_are_refused(tmp_path, cells, said):
    (tmp_path / "r.csv").write_text(f"a;b;y\n{cells}\n")
    with pytest.raises(TableError, match=said):
        read_old_runs([tmp_path / "r.csv"], "y", ["a", "b"])


@pytest.mark.parametrize(
    "text",
    [
        "a;b;y\n0,25;0,75;-1.234\n0,5;0,5;-2.345\n",
        'a,b,y\n0.25,0.75,"-1,234"\n0.5,0.5,"-2,345"\n',
        "a;b;y\n12,000;7.200;1\n5,000;1.000;2\n",
    ],
)
def test_scores_with_the_other_mark_and_nothing_beside_them_are_asked_about(tmp_path, text):
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(
        TableError, match=r"line 2: . is '.*', which may have thousands or decimals: write -?12?.* or -?1"
    ):
        read_old_runs([tmp_path / "r.csv"], "y", ["a", "b"], normalize=True)


def test_scores_with_thousands_beside_whole_numbers(tmp_path):
    (tmp_path / "r.csv").write_text("a;b;y\n0,25;0,75;1.234\n0,5;0,5;900\n")
    assert [run.scores["y"] for run in read_old_runs([tmp_path / "r.csv"], "y").runs] == [1234, 900]


def test_losses_with_three_decimals_are_decimals(tmp_path):
    (tmp_path / "r.csv").write_text("a,b,nll\n50,50,2.345\n20,80,1.987\n80,20,3.012\n")
    old = read_old_runs([tmp_path / "r.csv"], "nll", ["a", "b"], minimize=True, normalize=True)
    assert [run.scores["minus_nll"] for run in old.runs] == [-2.345, -1.987, -3.012]


def test_a_column_that_does_not_count_is_not_asked_about(tmp_path):
    (tmp_path / "r.csv").write_text("w:a,w:b,tokens,y\n.5,.5,1.000,1.5\n.2,.8,900,2\n")
    said = mixopt("study", "import", "mine", tmp_path / "r.csv", "--value", "y")
    assert "2 runs imported" in said and "are not used: tokens" in said


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_first_line_that_names_the_separator(tmp_path, separator):
    cells = [["a", "b", "y"], ["0.5", "0.5", "0.4"], ["0.2", "0.7", "0.5"]]
    (tmp_path / "r.csv").write_text(f"sep={separator}\n" + "\n".join(map(separator.join, cells)) + "\n")
    with pytest.raises(TableError, match=r"line 4: the weights of a, b sum to 0\.9"):
        read_old_runs([tmp_path / "r.csv"], "y")


def test_a_number_of_thousands_of_digits_is_named_in_short(tmp_path):
    (tmp_path / "old.csv").write_text(f"a,b,out_score\n.5,.5,{'9' * 5000}\n.25,.75,.5\n")
    with pytest.raises(TableError, match=r"line 2: out_score is '999") as caught:
        mixopt("study", "import", "new", tmp_path / "old.csv", "--value", "out_score", "--folder", tmp_path / "new")
    assert len(str(caught.value).replace(str(tmp_path), "")) < 300
