"""The study file: what is right is read whole; what is wrong is one line with file, key and mend."""

from pathlib import Path

import pytest

from mixopt.errors import StudyFileError
from mixopt.space.data_caps import data_caps
from mixopt.study.plan import checked_spec, phased_sampler
from mixopt.study.spec import read_spec
from tests.support.toy_study import toy_data, toy_file

SHAPES = Path(__file__).parents[2] / "studies" / "shapes.yaml"


def test_the_shapes_study_says_what_the_paper_does():
    spec = read_spec(SHAPES)
    assert list(spec.domains) == ["detect", "refer", "geometry", "spatial", "science"]
    assert [domain.size for domain in spec.domains.values()] == [960, 212, 315, 2400, 995]
    assert spec.train_seed == 42
    sampler = phased_sampler(spec)
    assert [sampler.size(phase) for phase in range(5)] == [11, 5, 5, 5, 4]
    assert checked_spec(SHAPES) == spec


MIXTURE = {"name": "mine", "weights": {"a": 0.5, "b": 0.3, "c": 0.2}}
BAD = [
    ({"trian_seed": 1}, "trian_seed: unknown key"),
    ({"domains": None}, "domains: is missing"),
    ({"domains": {"a": {"size": 5}}}, "at least 2 domains"),
    ({"domains": {"a": {"sise": 5}, "b": {"size": 5}}}, "domains.a.sise: unknown key"),
    ({"domains": {"a": {"size": 0}, "b": {"size": 5}}}, "domains.a.size: must be at least 1"),
    ({"domains": {"a": {"size": 5, "lower": 0.7}, "b": {"size": 5, "lower": 0.5}}}, "lower bounds sum to 1.2"),
    ({"domains": {"a": {"size": 5, "upper": 0.3}, "b": {"size": 5, "upper": 0.5}}}, "upper bounds sum to 0.8"),
    ({"domains": {"a": {"size": 5, "lower": 1.5}, "b": {"size": 5}}}, "domains.a.lower: must be at most 1"),
    ({"strategy": [{"bayes": {"trials": -4}}]}, "strategy.0.bayes.trials: must be at least 1"),
    ({"strategy": [{"bayes": {"trials": 2.5}}]}, "strategy.0.bayes.trials"),
    ({"strategy": []}, "strategy"),
    (
        {"strategy": [{"bays": {"trials": 4}}]},
        "strategy.0: must be one of seed, heuristic, quadratic, bayes, regression or optuna",
    ),
    ({"strategy": [{"seed": ["sinlge"]}]}, "seed.designs.0: must be 'single', 'exclude_one', 'all', 'lattice'"),
    ({"strategy": [{"seed": [{"latice": 3}]}]}, "must be 'lattice', 'space_filling' or 'd_optimal'"),
    ({"strategy": [{"seed": [{"space_filling": 0}]}]}, "seed.designs.0.space_filling: must be at least 1"),
    ({"strategy": [{"seed": [{"lattice": 2}, "lattice"]}]}, "'lattice' is named twice"),
    ({"strategy": [{"seed": {"designs": ["all"], "budget": 0}}]}, "seed.budget: must be at least 1"),
    ({"strategy": [{"seed": {"design": ["all"]}}]}, "seed.design: unknown key"),
    ({"strategy": [{"seed": [{"name": "mine"}]}]}, "seed.designs.0.weights: is missing"),
    ({"constraints": ["a + b <= 0.5", "a + e <= 0.5"]}, "constraint 'a + e <= 0.5' cannot be read at '+ e'"),
    ({"constraints": {"a": 0.5}}, "constraints: must be a list (given: a mapping)"),
    ({"constraints": ["a >= 0.6", "b >= 0.6"]}, "no mixture within the bounds satisfies 'a >= 0.6' and 'b >= 0.6'"),
    ({"at_least": {"steps": 400, "prompts": 8}}, "(at_least caps a 0.0264, b 0.0556, c 0.0854: fewer steps raise"),
    ({"at_least": {"steps": 4}}, "at_least.prompts: is missing"),
    ({"candidates": [[0.5, 0.5, 0], [0.5, 0.5, 0.1]]}, "candidate 2: the weights of a, b, c sum to 1.1"),
    ({"candidates": [[0.5, 0.5, 0], [0.5, 1.5, 0]]}, "candidates.1.1: must be at most 1"),
    ({"strategy": [{"seed": [{**MIXTURE, "weights": {"a": 0.5, "b": 0.2, "c": 0.1}}]}]}, "sum to 0.8"),
    ({"strategy": [{"seed": [{**MIXTURE, "weights": {"a": 0.5, "b": 0.5}}]}]}, "'c' has no weight"),
    ({"strategy": [{"seed": [{**MIXTURE, "weights": {"a": 1.5, "b": 0, "c": 0}}]}]}, "at most 1"),
    ({"strategy": [{"heuristic": ["alpha"]}]}, "'alpha_in', 'alpha_out'"),
    ({"tests": {"in": {}, "out": {}}}, "tests"),
    ({"tests": {"in": {"x": 5}, "out": {"x": 5}}}, "both an in-test and an out-test"),
    ({"tests": {"out": {"x": -5}}}, "tests.out.x: must be at least 1"),
    ({"score": {"maximize": "oot_score", "steps": [2]}}, "'oot_score'"),
    ({"score": {"maximize": {"blend": 2}, "steps": [2]}}, "blend: must be at most 1"),
    ({"score": {"steps": [4, 2]}}, "rising whole numbers"),
    ({"score": {"steps": []}}, "score.steps"),
    ({"score": {"steps": [2], "use": "best"}}, "must be 'last' or 'mean'"),
    ({"backend": {"rvlr": {}}}, "backend: must be one of rlvr or command"),
    ({"backend": {"command": {"argv": []}}}, "backend.command.argv"),
    ({"Sampler": 3}, "Sampler: unknown key"),
    ({"domains": {"COCO": {"size": -1}, "b": {"size": 5}}}, "domains.COCO.size: must be at least 1"),
    ({"strategy": [{"seed": ["all"]}, {"heuristic": ["alpha_in", "alpha_in"]}]}, "'alpha_in' is named twice"),
    ({"strategy": [{"heuristic": ["alpha_in"]}]}, "put a seed phase before it"),
    ({"strategy": [{"seed": [MIXTURE, MIXTURE]}]}, "'mine' is named twice"),
    ({"train_seed": 2**40}, "train_seed"),
    ({"study": "../evil"}, "study: must be letters"),
    ({"train_seed": -1}, "train_seed: must be at least 0"),
]


@pytest.mark.parametrize(("changes", "said"), BAD, ids=[said for _, said in BAD])
def test_what_is_wrong_is_said_in_one_line(tmp_path, changes, said):
    file = toy_file(tmp_path, **changes)
    with pytest.raises(StudyFileError) as caught:
        read_spec(file)
    message = str(caught.value)
    assert message.startswith(f"{file}: ") and said in message and "\n" not in message


@pytest.mark.parametrize(
    "text", ["", "study: [", "- a\n- b\n", "just words", "\x00", "study: !!python/object:os.x {}", "a: 1\na: 2\n"]
)
def test_what_is_no_study_file_is_said_in_one_line(tmp_path, text):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(StudyFileError) as caught:
        read_spec(file)
    assert str(caught.value).startswith(f"{file}: ") and "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(StudyFileError, match="cannot be read"):
        read_spec(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"modle": "shapes"}, "'modle' is unknown"),
        ({"learning_rate": "fast"}, "'learning_rate' must be a valid number, not 'fast'"),
        ({"prompts": True}, "'prompts' must be a valid integer, not True"),
        ({"generations": 1}, "'generations' must be greater than or equal to 2, not 1"),
        ({"temperature": 0}, "'temperature' must be greater than or equal to 0.001, not 0"),
        ({"prompts": 3, "generations": 5, "samples": 2}, "must be a multiple"),
    ],
)
def test_the_trainer_checks_its_own_options(tmp_path, options, said):
    data = {"domains": {"detect": {"size": 9}, "refer": {"size": 9}}, "tests": {"out": {"chart": 9}}}
    with pytest.raises(StudyFileError, match=said):
        checked_spec(toy_file(tmp_path, **data, backend={"rlvr": options}))


def test_the_trainer_knows_which_domains_it_has(tmp_path):
    with pytest.raises(StudyFileError, match="domain 'a' has no data here; known are coco, detect"):
        checked_spec(toy_file(tmp_path, backend={"rlvr": {}}))


def test_a_size_beyond_what_there_is_is_refused(tmp_path):
    data = {"domains": {"detect": {"size": 9}, "geometry": {"size": 500}}, "tests": {"out": {"chart": 9}}}
    with pytest.raises(StudyFileError, match="'geometry' has 315 examples for train, not 500"):
        checked_spec(toy_file(tmp_path, **data, backend={"rlvr": {}}))


def test_a_number_such_as_1e_6_is_a_number(tmp_path):
    file = toy_file(tmp_path, backend={"rlvr": {"learning_rate": "VALUE"}})
    file.write_text(file.read_text().replace("VALUE", "1e-6"))
    assert read_spec(file).backend.rlvr["learning_rate"] == 1e-6


def test_blend_and_single_tests_are_goals(tmp_path):
    blended = read_spec(toy_file(tmp_path, score={"maximize": {"blend": 0.25}, "steps": [2], "use": "mean"}))
    assert blended.scoring.value({2: {"a_test": 1.0, "x": 0.0, "y": 0.0}}) == pytest.approx(0.25)
    single = read_spec(toy_file(tmp_path, score={"maximize": "y", "steps": [2]}))
    assert single.scoring.value({2: {"a_test": 1.0, "x": 0.0, "y": 0.75}}) == 0.75
    assert toy_data()["study"] == "toy"


def test_the_space_has_constraints_data_caps_and_candidates(tmp_path):
    constrained = read_spec(toy_file(tmp_path, constraints=["a <= b"])).space
    assert constrained.constraints == ("a <= b",)
    capped = read_spec(toy_file(tmp_path, at_least={"steps": 40, "prompts": 8})).space  # 320 prompts
    assert capped.upper.tolist() == pytest.approx([data_caps({"x": n}, 40, 8)["x"] for n in (100, 200, 300)])
    rows = [[0.5, 0.5, 0.0], {"a": 0.0, "b": 1.0, "c": 0.0}]
    assert read_spec(toy_file(tmp_path, candidates=rows)).space.candidates.tolist() == [[0.5, 0.5, 0], [0, 1, 0]]


def test_seed_designs_with_numbers_and_a_budget(tmp_path):
    def planned(seed):
        return phased_sampler(read_spec(toy_file(tmp_path, strategy=[{"seed": seed}]))).size(0)

    assert planned(["single", {"space_filling": 4}, {"d_optimal": 5}, MIXTURE]) == 3 + 4 + 5 + 1
    assert planned(["lattice", "proportional", "tempered"]) == 6 + 2 == planned([{"lattice": 2}, "tempered"]) + 1
    assert planned({"designs": ["single", "exclude_one", "all", MIXTURE], "budget": 6}) == 6
