"""Merge keys of YAML 1.1 in study files: `<<: *base` stands for the keys of another mapping."""

import pytest
import yaml

from mixopt.errors import StudyFileError
from mixopt.study.plan import request_of
from mixopt.study.spec import StudySpec, read_spec
from tests.support.toy_study import toy_data

REST = yaml.safe_dump({key: value for key, value in toy_data().items() if key != "domains"}, sort_keys=False)


def spec_with(folder, domains: str, rest: str = REST) -> StudySpec:
    (folder / "toy.yaml").write_text(f"{rest}domains:\n{domains}")
    return read_spec(folder / "toy.yaml")


def test_a_mapping_takes_the_keys_of_another_that_it_does_not_say(tmp_path):
    domains = spec_with(
        tmp_path,
        "  a: &base {size: 30, lower: 0.1, upper: 0.7}\n  b: {<<: *base}\n  c: {upper: 0.5, <<: *base, lower: 0}\n",
    ).domains
    assert domains["b"] == domains["a"]
    assert (domains["c"].size, domains["c"].lower, domains["c"].upper) == (30, 0.0, 0.5)


def test_of_several_the_first_counts(tmp_path):
    domains = spec_with(
        tmp_path, "  a: &a {size: 30, upper: 0.7}\n  b: &b {size: 50, lower: 0.1}\n  c: {<<: [*a, *b]}\n"
    ).domains
    assert (domains["c"].size, domains["c"].lower, domains["c"].upper) == (30, 0.1, 0.7)


def test_one_that_merges_is_merged_whatever_is_read_first(tmp_path):
    rest = REST.replace("backend:\n  command:\n", "backend:\n  command:\n    options: OPTIONS\n", 1)
    assert "OPTIONS" in rest
    rest = rest.replace("OPTIONS", "{deep: {deeper: &mid {<<: &low {x: 1, y: 1}, y: 2}}, top: {<<: *mid, z: 3}}")
    spec = spec_with(tmp_path, "  a: {size: 3}\n  b: {size: 3}\n  c: {size: 3}\n", rest)
    options = spec.backend.command.options
    assert options == {"deep": {"deeper": {"x": 1, "y": 2}}, "top": {"x": 1, "y": 2, "z": 3}}


def test_a_key_that_is_said_twice_is_refused_beside_a_merge(tmp_path):
    with pytest.raises(StudyFileError, match=r"key 'size' appears twice"):
        spec_with(tmp_path, "  a: &a {size: 3}\n  b: {<<: *a, size: 4, size: 5}\n")


def test_an_unknown_key_is_refused_where_it_is_merged(tmp_path):
    with pytest.raises(StudyFileError, match=r"domains\.b\.weight: unknown key|domains\.a\.weight: unknown key"):
        spec_with(tmp_path, "  a: &a {size: 3, weight: 1}\n  b: {<<: *a}\n")


def test_merges_of_merges_count_as_what_they_stand_for(tmp_path):
    layers = ["x0: &x0 {" + ", ".join(f"k{i}: 0" for i in range(9)) + "}"]
    layers += [f"x{i}: &x{i} {{<<: [{', '.join([f'*x{i - 1}'] * 9)}]}}" for i in range(1, 9)]
    with pytest.raises(StudyFileError, match="its aliases hold themselves, or too much"):
        spec_with(tmp_path, "  a: {size: 3}\n", REST + "\n".join(layers) + "\n")


def test_one_that_merges_itself_is_refused(tmp_path):
    with pytest.raises(StudyFileError, match="its aliases hold themselves"):
        spec_with(tmp_path, "  a: &a {<<: *a}\n")


def test_paths_in_merged_options_start_from_the_file(tmp_path):
    (tmp_path / "train.jsonl").write_text("{}\n")
    (tmp_path / "toy.yaml").write_text(
        """
study: toy
domains: {a: {size: 3}, b: {size: 3}}
tests: {in: {a: 3}, out: {x: 3}}
score: {steps: [2]}
strategy: [{seed: [all]}]
backend:
  rlvr:
    data:
      a: &set {path: ./train.jsonl, question: q, answer: ./train.jsonl}
      b: {<<: *set, question: other}
"""
    )
    options = request_of(read_spec(tmp_path / "toy.yaml"), 0, {"a": 0.5, "b": 0.5}, 42).options["data"]
    assert options["b"]["path"] == options["a"]["path"] == str(tmp_path / "train.jsonl")
    assert options["b"]["question"] == "other" and options["b"]["answer"] == "./train.jsonl"
