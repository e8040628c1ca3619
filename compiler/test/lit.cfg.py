import os

import lit.formats

config.name = "agcc compiler"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = config.agc_output
config.excludes = ["onnx", "Inputs"]
config.environment["PATH"] = os.pathsep.join([config.agc_tools, config.llvm_tools, os.environ["PATH"]])
config.substitutions.append(("%python", config.agc_python))
# A tool that is not built is skipped by its tests, not failed: the parts of the compiler build on their own.
for tool in ("agc-opt", "agc-import", "agcc"):
    if os.path.exists(os.path.join(config.agc_tools, tool)):
        config.available_features.add(tool)
