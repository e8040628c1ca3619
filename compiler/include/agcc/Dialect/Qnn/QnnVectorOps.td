//===- QnnVectorOps.td - ops without weights of their own ------------------===//
// Everything that is neither a convolution nor canonical. Included by QnnOps.td.

def Qnn_ConstantOp : Qnn_Op<"constant"> {
  let summary = "Real numbers 1x1x1x1 or 1xCx1x1, operands of qnn.binary";
  let arguments = (ins DenseF32ArrayAttr:$values);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "attr-dict `:` type($output)";
  let hasVerifier = 1;
}

def Qnn_UnaryOp : Qnn_Op<"unary"> {
  let summary = "An ONNX op on each element by itself: `kind` is its name, `parameters` its attributes in the order of the standard";
  let arguments = (ins Qnn_Tensor:$input, StrAttr:$kind, DenseF32ArrayAttr:$parameters);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$kind $input attr-dict `:` functional-type($input, $output)";
  let hasVerifier = 1;
}

def Qnn_BinaryOp : Qnn_Op<"binary"> {
  let summary = "ONNX Add, Sub, Mul, Div, Max, Min, Pow or PRelu (`kind`), with broadcast of dimensions of size 1";
  let arguments = (ins Qnn_Tensor:$lhs, Qnn_Tensor:$rhs, StrAttr:$kind);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$kind $lhs `,` $rhs attr-dict `:` functional-type(operands, $output)";
  let hasVerifier = 1;
}

def Qnn_TableOp : Qnn_Op<"table"> {
  let summary = "A function of one 8-bit tensor: value q becomes table[q + 128]";
  let description = [{`ops` and `names` are the ONNX op types and node names that it stands for.}];
  let arguments = (ins Qnn_Tensor:$input, DenseI8ArrayAttr:$table, StrArrayAttr:$ops, StrArrayAttr:$names);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type($input, $output)";
  let hasVerifier = 1;
}

def Qnn_AffineOp : Qnn_Op<"affine"> {
  let summary = "Channel c of the result is the quantized value of x * factors[c] + offsets[c], x the real value of the input";
  let arguments = (ins Qnn_Tensor:$input, DenseF64ArrayAttr:$factors, DenseF64ArrayAttr:$offsets, StrArrayAttr:$ops, StrArrayAttr:$names);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type($input, $output)";
  let hasVerifier = 1;
}

def Qnn_PReluOp : Qnn_Op<"prelu"> {
  let summary = "ONNX PRelu on quantized tensors with one slope per channel";
  let arguments = (ins Qnn_Tensor:$input, DenseF32ArrayAttr:$slopes);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type($input, $output)";
  let hasVerifier = 1;
}

def Qnn_PoolOp : Qnn_Op<"pool"> {
  let summary = "ONNX MaxPool, AveragePool and the reductions over height and width (`kind`: max, average, sum)";
  let description = [{
    `kernel`, `strides`, `dilations`: [y, x]. `pads` [top, left, bottom, right] are those that give the result its size; what
    they add is never the maximum and adds nothing to a sum. An average is divided by the number of the window's positions
    inside the input and its first `counted_pads`.
  }];
  let arguments = (ins Qnn_Tensor:$input, StrAttr:$kind, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$counted_pads);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$kind $input attr-dict `:` functional-type($input, $output)";
  let hasVerifier = 1;
}

def Qnn_SelectOp : Qnn_Op<"select"> {
  let summary = "Moves channels and pixels: Slice, DepthToSpace, SpaceToDepth, channel shuffles, Flatten";
  let description = [{
    Channel o of pixel (y*phases[0] + i, x*phases[1] + j) of the result is channel channels[k] of pixel (y*strides[0] + rows[k],
    x*strides[1] + columns[k]) of the input, k = (i*phases[1] + j)*O + o.
  }];
  let arguments = (ins Qnn_Tensor:$input, DenseI64ArrayAttr:$channels, DenseI64ArrayAttr:$rows, DenseI64ArrayAttr:$columns,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$phases);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type($input, $output)";
  let hasVerifier = 1;
}

def Qnn_PadOp : Qnn_Op<"pad"> {
  let summary = "ONNX Pad of height and width with a constant; pads: [top, left, bottom, right]";
  let arguments = (ins Qnn_Tensor:$input, DenseI64ArrayAttr:$pads, F32Attr:$value);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type($input, $output)";
  let hasVerifier = 1;
}

def Qnn_ConcatOp : Qnn_Op<"concat"> {
  let summary = "ONNX Concat along axis 1, 2 or 3";
  let arguments = (ins Variadic<Qnn_Tensor>:$inputs, Qnn_IntAttr:$axis);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$inputs attr-dict `:` functional-type($inputs, $output)";
  let hasVerifier = 1;
}
