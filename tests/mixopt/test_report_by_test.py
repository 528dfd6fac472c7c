"""Figures 4 and 5 by test: the numbers of each mixture, what is beyond noise, and what is left out with a reason."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from matplotlib.colors import to_rgba

from mixopt.io.manual import ask_manual, tell_manual
from mixopt.reporting.plots.style import LESS, MORE
from mixopt.reporting.report import of_designs
from mixopt.reporting.report.facts import Facts
from mixopt.reporting.report.sections import sections
from mixopt.study.study import Study
from tests.support import modomodo
from tests.support.simulated_study import simulated_study
from tests.support.toy_study import bare_study

PAPER = Path(__file__).parents[2] / "studies" / "modomodo.yaml"
COLUMNS = [*modomodo.IN_TESTS, *modomodo.OUT_TESTS, "in-score", "out-score"]


def shown(study):
    """Key -> section of the two."""
    return {section.key: section for section in sections(Facts.of(study)) if section.key in ("alone", "without")}


def cells(figure):
    """(row, column) -> what stands there; row 0 is that of all domains."""
    return {(round(text.get_position()[1]), round(text.get_position()[0])): text for text in figure.axes[0].texts}


def shades(figure):
    """(row, column) -> colour and opacity of a cell."""
    return {
        (round(box.get_y() + 0.5), round(box.get_x() + 0.5)): (box.get_facecolor()[:3], box.get_alpha())
        for box in figure.axes[0].patches
    }


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    """The paper's study with the seed runs as Table 2 has them, told by hand; of 2345 only the out-score is legible."""
    folder = tmp_path_factory.mktemp("paper")
    data = yaml.safe_load(PAPER.read_text())
    del data["backend"]
    (folder / "paper.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    study, tests = Study.create(folder / "paper.yaml", folder / "study"), modomodo.seed_tests()
    for row in (row for row in modomodo.rows() if row["group"] == "seed"):
        asked, scores = ask_manual(study), tests[row["experiment"]]
        legible = all(np.isfinite(score) for score in scores.values())
        tell_manual(study, asked.number, scores if legible else {"out_score": float(row["out_score"])})
    return study


def test_the_numbers_of_table_2_stand_where_they_belong(paper):
    tests = modomodo.seed_tests()
    for key, mixtures in (
        ("alone", ["12345", "1", "2", "3", "4", "5"]),
        ("without", ["12345", "2345", "1345", "1245", "1235", "1234"]),
    ):
        figure = shown(paper)[key].figure
        assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == COLUMNS
        rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
        assert rows == ["all domains evenly", *(name.lower() for name in modomodo.DOMAINS)]
        numbers, colours = cells(figure), shades(figure)
        for row, digits in enumerate(mixtures):
            for column, test in enumerate(COLUMNS[:7]):
                score, of_all = tests[digits][test], tests["12345"][test]
                if np.isnan(score):
                    assert (row, column) not in numbers and (row, column) not in colours
                    continue
                assert numbers[row, column].get_text() == f"{score:.3f}".lstrip("0")
                if row and score != of_all:
                    assert colours[row, column][0] == to_rgba(MORE if score > of_all else LESS)[:3]
    assert cells(shown(paper)["without"].figure)[1, 8].get_text() == ".515", "2345 was told its out-score alone"


def test_the_words_are_about_table_2(paper):
    alone, without = (section.words for section in shown(paper).values())
    assert (
        "On 5 of 7 tests, at least one run on a domain alone scores higher than the run on all domains evenly" in alone
    )
    assert "The largest gain is +0.084 (scienceqa alone, on scienceqa). The largest loss is -0.674 (lisa " in alone
    assert "The largest gain is +0.079 (lisa left out, on infovqa)." in without
    assert "In the out-score 2 of 5 are above it." in alone and "In the out-score 5 of 5 are above it." in without


def test_the_claims_of_figures_4_and_5_hold_of_table_2_but_one():
    claims = modomodo.figures_4_and_5_claims()
    assert [words for words, _, held in claims if not held] == ["without ScienceQA chartqa falls"]
    assert len(claims) == 9


def test_the_largest_difference_of_a_test_has_the_strongest_shade(tmp_path):
    figure = shown(simulated_study(tmp_path, domains=4, trials=24))["alone"].figure
    by_column = {}
    for (_, column), (_, opacity) in shades(figure).items():
        by_column.setdefault(column, []).append(opacity)
    assert len(by_column) == 9 and all(max(column) == pytest.approx(0.6) for column in by_column.values())


def test_bold_is_what_noise_does_not_explain(tmp_path):
    study = simulated_study(tmp_path, domains=4, trials=40)
    by_test = of_designs.ByTest(Facts.of(study))
    assert ((by_test.bands[:7] > 0.01) & (by_test.bands[:7] < 0.06)).all(), "1.645 sqrt(2) x .01 is .023"
    figure, words = of_designs.without(by_test)
    bold = {place for place, text in cells(figure).items() if text.get_fontweight() == "bold"}
    gains = np.array([by_test.of(f"exclude:domain_{i}") for i in range(4)]) - by_test.of("all")
    assert bold == {(row + 1, column) for row, column in zip(*np.nonzero(np.abs(gains) > by_test.bands))}
    assert f"Bold: {len(bold)} of 36 scores" in words and 0 < len(bold) < 36


def test_a_deterministic_study_has_no_noise_to_be_told_from(tmp_path):
    score = {"maximize": "out_score", "steps": [2, 4], "deterministic": True}
    study = simulated_study(tmp_path, domains=3, trials=12, score=score)
    assert "Bold" not in shown(study)["alone"].words


@pytest.mark.parametrize(
    ("designs", "alone", "without"),
    [
        (["single"], "No run has trained on all domains evenly", "No run has trained on all domains evenly"),
        (["all"], "No run on a domain alone has scores by test.", "No run on all domains but one has"),
        (["single", "all"], "", "No run on all domains but one has scores by test."),
    ],
)
def test_a_design_that_was_not_trained_is_left_out_with_the_reason(tmp_path, designs, alone, without):
    study = bare_study(tmp_path, strategy=[{"seed": designs}])
    while len(study.runs()) < study.sampler().planned:
        asked = ask_manual(study)
        tell_manual(study, asked.number, {"a_test": 0.3, "x": asked.request.weights["a"], "y": 0.5})
    found = shown(study)
    assert all((found[key].figure is None) == bool(why) for key, why in (("alone", alone), ("without", without)))
    assert found["alone"].words.startswith(alone) and found["without"].words.startswith(without)


def test_tests_that_were_not_told_have_no_numbers(tmp_path):
    study = bare_study(
        tmp_path, strategy=[{"seed": ["single", "all"]}], tests={"out": {"x": 9}, "in": {"u": 1, "v": 2}}
    )
    for _ in range(4):
        tell_manual(study, ask_manual(study).number, {"x": 0.4})
    section = shown(study)["alone"]
    assert section.figure is not None, "x is a test and known"
    assert {column for _, column in cells(section.figure)} == {2}, "u, v and the in-score are not"


def test_many_tests_leave_no_room_for_numbers(tmp_path):
    tests = {"out": {f"test_{i}": 10 for i in range(14)}}
    study = bare_study(tmp_path, strategy=[{"seed": ["single", "all"]}], tests=tests)
    for _ in range(4):
        asked = ask_manual(study)
        tell_manual(study, asked.number, {name: 0.5 + 0.1 * asked.request.weights["a"] for name in tests["out"]})
    figure = shown(study)["alone"].figure
    assert cells(figure) == {} and len(shades(figure)) == 3 * 15


def test_scores_that_are_not_shares_are_short_too(tmp_path):
    study = bare_study(tmp_path, score={"steps": [4], "range": [-100, 1000]}, strategy=[{"seed": ["single", "all"]}])
    for _ in range(4):
        tell_manual(study, ask_manual(study).number, {"a_test": -12.345, "x": 123.4, "y": -0.5})
    texts = {text.get_text() for text in cells(shown(study)["alone"].figure).values()}
    assert {"-12.3", "123", "-.500"} <= texts and all(re.fullmatch(r"-?[\d.]{1,5}", text) for text in texts)
