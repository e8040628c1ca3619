"""One convolution as an NNgen circuit; runs in an interpreter that has NNgen (tests/perf/nngen_compare.py starts it).

    python nngen_layer.py FOLDER KH KW STRIDE IN OUT H W RELU PARALLEL DATA_BITS

int8 input, weights, output and int32 sums, input and output channels PARALLEL at a time, one AXI master of DATA_BITS. Writes into FOLDER the circuit NngenTop.v, its
DRAM memory.bin before and expected.bin after the run by NNgen's own evaluation, and layer.json with the bytes that count: `output` [address, size].
"""

import json
import sys
from pathlib import Path

import nngen as ng
import numpy as np


def main():
    folder = Path(sys.argv[1])
    kh, kw, stride, inputs, outputs, height, width, relu, parallel, bits = map(int, sys.argv[2:])
    rng = np.random.default_rng(1)
    x = ng.placeholder(ng.int8, shape=(1, height, width, inputs), name="x")
    weights = ng.variable(ng.int8, shape=(outputs, kh, kw, inputs), name="w")
    bias = ng.variable(ng.int32, shape=(outputs,), name="b")
    scale = ng.variable(ng.int8, shape=(outputs,), name="s")
    weights.set_value(rng.integers(-127, 128, weights.shape))
    bias.set_value(rng.integers(-1000, 1001, outputs))
    scale.set_value(np.ones(outputs, np.int64))
    y = ng.conv2d(x, weights, strides=(1, stride, stride, 1), bias=bias, scale=scale, act_func=ng.relu if relu else None, dtype=ng.int8,
                  sum_dtype=ng.int32, par_ich=parallel, par_och=parallel, name="y")
    # A shift that leaves values of normal size: the sum's spread is 73 * 73 * sqrt(taps).
    y.attribute(cshamt_out=int(np.log2(73 * 73 * (kh * kw * inputs) ** 0.5 / 40)))
    text = ng.to_verilog([y], "NngenTop", silent=True, config={"maxi_datawidth": bits})
    (folder / "NngenTop.v").write_text(text)

    values = rng.integers(-128, 128, x.shape)
    parameters = ng.export_ndarray([y], 64).astype(np.int8)
    first = min(v.addr for v in (weights, bias, scale))
    memory = np.zeros((first + len(parameters) + 8191) // 4096 * 4096, np.int8)
    memory[x.addr:x.addr + values.size] = values.reshape(-1)
    memory[first:first + len(parameters)] = parameters
    memory.tofile(folder / "memory.bin")
    result = ng.eval([y], x=values)[0].astype(np.int8).reshape(-1)
    memory[y.addr:y.addr + result.size] = result
    memory.tofile(folder / "expected.bin")
    (folder / "layer.json").write_text(json.dumps({"output": [int(y.addr), int(result.size)], "verilog_bytes": len(text)}))


if __name__ == "__main__":
    main()
