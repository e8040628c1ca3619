"""Every node test of the ONNX project of the ops that docs/ops.md lists passes, or is refused in a sentence."""
import os

import pytest

import node_cases

CASES = list(node_cases.cases())
# At least this many of them pass: a compiler that refuses everything would keep the contract as well.
MANY = 130


@pytest.fixture(scope="module")
def outcomes():
    program = os.environ["AGC_IMPORT"]
    return {case.name: node_cases.run(case, program) for case in CASES}


def test_none_fails(outcomes):
    assert not {name: outcome for name, outcome in outcomes.items() if outcome[0] == "failed"}


def test_refusals_are_sentences(outcomes):
    for name, (outcome, detail) in outcomes.items():
        if outcome == "refused":
            assert len(detail) > 40 and detail[0] != " ", (name, detail)


def test_many_pass(outcomes):
    assert sum(outcome == "passed" for outcome, _ in outcomes.values()) >= MANY
