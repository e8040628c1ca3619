"""Finds agc-import (environment AGC_IMPORT, set by ctest) and gives the tests a way to run it."""
import os
import subprocess

import pytest

import canonical


class Importer:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def run(self, model, *arguments):
        """`model`: bytes, an onnx.ModelProto or a path. Returns exit code, standard output, lines of standard error."""
        path = model
        if not isinstance(model, str):
            path = str(self.folder / "model.onnx")
            with open(path, "wb") as file:
                file.write(model if isinstance(model, bytes) else model.SerializeToString())
        done = subprocess.run([self.program, path, *arguments], capture_output=True, timeout=120)
        return done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace").splitlines()

    def graph(self, model, *arguments):
        code, text, errors = self.run(model, "--canonical", *arguments)
        assert code == 0, errors
        return canonical.Graph(text)

    def problems(self, model, *arguments):
        code, text, errors = self.run(model, "--canonical", *arguments)
        assert code == 1 and text == "" and errors, (code, errors)
        assert all(line.startswith("error: ") for line in errors), errors
        return [line.removeprefix("error: ") for line in errors]


@pytest.fixture
def importer(tmp_path):
    return Importer(os.environ["AGC_IMPORT"], tmp_path)
