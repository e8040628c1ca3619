// Which handler imports which of the ops that are no convolutions.
#include "GraphImporter.h"

namespace agc::import {

const std::map<std::string, GraphImporter::Handler> &GraphImporter::vectorHandlers() {
  static const std::map<std::string, Handler> table = [] {
    std::map<std::string, Handler> all = {
        {"AveragePool", &GraphImporter::importPool},
        {"Concat", &GraphImporter::importConcat},
        {"DepthToSpace", &GraphImporter::importDepthToSpace},
        {"Flatten", &GraphImporter::importFlatten},
        {"Gemm", &GraphImporter::importGemm},
        {"GlobalAveragePool", &GraphImporter::importGlobalPool},
        {"GlobalMaxPool", &GraphImporter::importGlobalPool},
        {"MatMul", &GraphImporter::importMatMul},
        {"MaxPool", &GraphImporter::importPool},
        {"Pad", &GraphImporter::importPad},
        {"Reshape", &GraphImporter::importReshape},
        {"Slice", &GraphImporter::importSlice},
        {"SpaceToDepth", &GraphImporter::importSpaceToDepth},
        {"Split", &GraphImporter::importSplit},
        {"Squeeze", &GraphImporter::importSqueeze},
        {"Transpose", &GraphImporter::importTranspose},
        {"Unsqueeze", &GraphImporter::importUnsqueeze},
    };
    for (const char *op : {"Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Celu", "Cos", "Cosh", "Elu", "Erf", "Exp", "Floor",
                           "Gelu", "HardSigmoid", "HardSwish", "LeakyRelu", "Log", "Mish", "Neg", "Reciprocal", "Round", "Selu", "Shrink", "Sigmoid",
                           "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Swish", "Tan", "Tanh", "ThresholdedRelu"})
      all[op] = &GraphImporter::importUnary;
    for (const char *op : {"Div", "Mul", "PRelu", "Pow", "Sub"})
      all[op] = &GraphImporter::importBinary;
    for (const char *op : {"Max", "Min", "Sum"})
      all[op] = &GraphImporter::importMaxMin;
    for (const char *op : {"ReduceMax", "ReduceMean", "ReduceSum"})
      all[op] = &GraphImporter::importReduce;
    return all;
  }();
  return table;
}

} // namespace agc::import
