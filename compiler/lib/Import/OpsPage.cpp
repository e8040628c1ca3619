// What the compiler takes, op by op: the source of docs/ops.md.
#include "agcc/Import/OpsPage.h"

#include "GraphImporter.h"
#include "agcc/Import/OnnxImporter.h"

#include <algorithm>

namespace agc {

namespace {

struct OpRow {
  const char *ops;  // op types with equal rows, separated by spaces
  const char *attributes, *engine, *exactness, *refused;
};

// Engines.
constexpr const char *kArray = "array", *kTable = "table", *kEpilogue = "epilogue", *kHost = "none (folded)",
                     *kMove = "none, or array where elements move";
// How near the result is to ONNX Runtime with graph optimisation disabled.
constexpr const char *kExact = "exact", *kRounded = "99.9%", *kFunction = "exact but for the last bit of a float function";

const OpRow kRows[] = {
    {"Conv", "all; kernels up to 15x15, strides up to 7, dilations up to 15, pads up to 127, groups, auto_pad; 1-D and 2-D", kArray, kRounded,
     "weights that are no constants; 3-D; sums that may leave 32 bits"},
    {"BatchNormalization", "constant parameters, inference", kArray, kRounded, "training mode"},
    {"Gemm", "transA, transB, alpha above 0, beta; Flatten in front becomes the kernel", kArray, kRounded, "weights or bias that are no constants, a bias per row"},
    {"MatMul", "constant second operand of rank 2; rows are pixels", kArray, kRounded, "two feature maps; constants of other ranks; kernels beyond 64x64 after a Flatten"},
    {"ReduceMean ReduceSum", "axes, keepdims, noop_with_empty_axes", "array", kRounded,
     "the batch axis; results whose order is a transposition; maps above 64x64"},
    {"ReduceMax", "axes among height and width, keepdims", kEpilogue, kExact, "channels, the batch axis; maps above 64x64"},
    {"Relu Clip", "min, max constant", kEpilogue, kExact, "bounds that are no constants"},
    {"Abs Ceil Floor LeakyRelu Neg Round Sign Shrink ThresholdedRelu HardSigmoid HardSwish Reciprocal", "all", kTable, kExact,
     "an input that the file leaves in float (but LeakyRelu behind Conv: two convolutions)"},
    {"Acos Acosh Asin Asinh Atan Atanh Celu Cos Cosh Elu Erf Exp Gelu Log Mish Selu Sigmoid Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh", "all",
     kTable, kFunction, "an input that the file leaves in float"},
    {"PRelu", "one slope, or one per channel", "table, or array and epilogue", kRounded, "slopes that are no constants; slopes below 0 beside slopes above 1"},
    {"Pow", "constant exponent", kTable, kFunction, "exponents that are no constants, or one per channel"},
    {"Add Sub Mul", "broadcast; constants: one number or one per channel", "epilogue; table with a number; array with constants per channel", kRounded,
     "constants of other shapes; chains of two tensors without QuantizeLinear between"},
    {"Sum", "one or two inputs", kEpilogue, kRounded, "more inputs"},
    {"Div", "constant divisor, or a number divided by a map", "table, or array per channel", kRounded, "two feature maps"},
    {"Max Min", "any number of inputs, broadcast", kEpilogue, kExact, "constants per channel"},
    {"MaxPool", "kernel_shape up to 64x64, strides up to 7, dilations up to 15, pads, auto_pad, ceil_mode; 1-D and 2-D", kEpilogue, kExact, "Indices; 3-D"},
    {"AveragePool", "as MaxPool, and count_include_pad", kArray, kRounded, "3-D; windows in the padding altogether"},
    {"GlobalAveragePool", "maps up to 64x64", kArray, kRounded, "larger maps"},
    {"GlobalMaxPool", "maps up to 64x64", kEpilogue, kExact, "larger maps"},
    {"Concat", "any axis but the batch; any channel counts", "none where channels begin at a block of eight, else array", kExact, "the batch axis"},
    {"Split Slice", "constant sizes, steps of at least 1", kMove, kExact, "negative steps, steps above 7 in height and width, the batch axis"},
    {"Pad", "constant, reflect, edge, wrap; negative pads; a zero Pad goes into the Conv or pool behind it", "epilogue, none when it is taken in", kExact,
     "constants in channels or batch, pads above 127, more than 64 repeated rows"},
    {"DepthToSpace", "DCR, CRD; blocks up to 8", kArray, kExact, "larger blocks"},
    {"SpaceToDepth", "blocks up to 7", kArray, kExact, "larger blocks"},
    {"Transpose Reshape", "any chain that amounts to a view, a channel shuffle, or a move between channels and blocks of pixels", kMove, kExact,
     "other transpositions, mixing the images of a batch"},
    {"Flatten Squeeze Unsqueeze", "all", kMove, kExact, "mixing the images of a batch"},
    {"Resize", "nearest by two in height and width", "none where a convolution reads it, else epilogue", kExact, "other factors and modes"},
    {"QuantizeLinear DequantizeLinear", "one scale per feature map; weights per channel too; axis, output_dtype, precision as in opset 23", kEpilogue, kRounded,
     "int16, int4, float8; block_size; scales that are no constants"},
    {"Cast Dropout Identity", "where they change nothing", kHost, kExact, "other types; training mode"},
    {"Constant", "numbers", kHost, kExact, "strings, sparse tensors"},
};

std::vector<std::string> words(const std::string &text) {
  std::vector<std::string> result;
  for (size_t start = 0; start < text.size();) {
    size_t end = std::min(text.find(' ', start), text.size());
    result.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return result;
}

} // namespace

std::string opsPage(std::vector<std::string> &missing) {
  std::vector<std::pair<std::string, const OpRow *>> rows;
  for (const OpRow &row : kRows)
    for (const std::string &op : words(row.ops))
      rows.emplace_back(op, &row);
  std::sort(rows.begin(), rows.end());
  const auto &handlers = import::GraphImporter::handlers();
  for (const auto &[op, handler] : handlers)
    if (std::none_of(rows.begin(), rows.end(), [&, name = op](const auto &row) { return row.first == name; }))
      missing.push_back(op);
  for (const auto &[op, row] : rows)
    if (!handlers.count(op))
      missing.push_back(op);
  std::string page =
      "# ONNX operators\n\n"
      "Generated by `agc-import --ops-page` from compiler/lib/Import/OpsPage.cpp; a test holds the two together.\n\n"
      "Each op stands between DequantizeLinear and QuantizeLinear on 8-bit feature maps, or in the operator-oriented form (QLinearConv, ...). A chain of\n"
      "elementwise ops on one feature map, constants and products of the map with its own functions among them, needs no quantization inside and\n"
      "becomes one table of 256 entries, computed in float32 at compile time; it is applied where the map is made, at no cost. Elsewhere an op whose\n"
      "neighbours the file leaves in float is refused by name, with the place where QuantizeLinear and DequantizeLinear are missing.\n\n"
      "* **Engine**: *array*: multiplications; *epilogue*: behind the array, a word of eight channels a cycle; *table*: in the epilogue of what makes the\n"
      "  input; *none*: no instruction.\n"
      "* **Exactness**: against ONNX Runtime with graph optimisation disabled, for each op by itself: never more than one step apart, and *exact* or\n"
      "  equal in at least 99.9% of the outputs that do not lie on a rounding tie.\n\n"
      "| Op | Attributes and forms | Engine | Exactness | Refused |\n|---|---|---|---|---|\n";
  for (const auto &[op, row] : rows)
    page += "| " + op + " | " + row->attributes + " | " + row->engine + " | " + row->exactness + " | " + row->refused + " |\n";
  page += "\nFeature maps have two to four dimensions where they are computed (NxC, NxCxL, NxCxHxW); tensors of more may stand between ops that only rename or\n"
          "move elements. Every op that is not listed is refused by name.\n";
  return page;
}

} // namespace agc
