"""The machine's integer arithmetic in numpy, held against ONNX Runtime (see docs/numerics.md)."""
