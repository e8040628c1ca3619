// The file as a whole: is it an ONNX model, of a version that is known, and quantized?
#include "agcc/Import/OnnxImporter.h"

#include "FoldConstants.h"
#include "GraphImporter.h"
#include "GraphOrder.h"
#include "agcc/Dialect/Qnn/Sentences.h"
#include "onnx/onnx.pb.h"

#include "llvm/ADT/ScopeExit.h"

#include <algorithm>
#include <limits>
#include <set>

namespace agc {

static constexpr int64_t kFirstOpset = 13, kLastOpset = 23;

std::vector<std::string> supportedOnnxOps() {
  std::vector<std::string> names;
  for (const auto &handler : import::GraphImporter::handlers())
    names.push_back(handler.first);
  std::vector<std::string> fused = import::GraphImporter::qlinearOps();
  names.insert(names.end(), fused.begin(), fused.end());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<int64_t> parseShape(llvm::StringRef text) {
  std::vector<int64_t> shape;
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, 'x');
  for (llvm::StringRef part : parts) {
    int64_t value = 0;
    if (part.getAsInteger(10, value) || value < 1)
      return {};
    shape.push_back(value);
  }
  return shape;
}

// True when the graph may be looked at node by node.
static bool checkModel(const onnx::ModelProto &model, std::vector<std::string> &problems) {
  if (!model.has_graph() || model.graph().node_size() == 0) {
    problems.push_back("the file holds no ONNX graph with nodes; is it an ONNX model?");
    return false;
  }
  int64_t opset = 0;
  for (const onnx::OperatorSetIdProto &import : model.opset_import())
    if (import.domain().empty() || import.domain() == "ai.onnx")
      opset = import.version();
  if (opset == 0)
    problems.push_back("the model names no version of the ONNX operator set; save it again with a current onnx package");
  else if (opset < kFirstOpset || opset > kLastOpset)
    problems.push_back("the model uses ONNX operator set " + std::to_string(opset) + "; supported are " + std::to_string(kFirstOpset) +
                       " to " + std::to_string(kLastOpset) + ": convert it with onnx.version_converter");
  bool quantized = false;
  for (const onnx::NodeProto &node : model.graph().node())
    quantized |= node.op_type() == "QuantizeLinear" || node.op_type() == "DequantizeLinear" || node.op_type().rfind("QLinear", 0) == 0 ||
                 node.op_type() == "QGemm" || node.op_type() == "ConvInteger" || node.op_type() == "MatMulInteger" ||
                 node.op_type() == "DynamicQuantizeLinear";
  if (quantized)
    return true;
  problems.push_back("the model is not quantized, it has no QuantizeLinear and DequantizeLinear: quantize it to int8 in the QDQ format, with "
                     "onnxruntime.quantization.quantize_static(model, out, calibration_data_reader, quant_format=QuantFormat.QDQ, "
                     "activation_type=QuantType.QInt8, weight_type=QuantType.QInt8, per_channel=True), after "
                     "python -m onnxruntime.quantization.preprocess --input model.onnx --output prepared.onnx");
  // What would still be in the way then.
  std::set<std::string> unknown;
  for (const onnx::NodeProto &node : model.graph().node())
    if (!import::GraphImporter::handlerOf(node) && !import::isFoldable(node.op_type()))
      unknown.insert(import::printable(node.op_type()));
  for (const std::string &op : unknown)
    problems.push_back("the model uses " + op + ", which is not supported in this version");
  return false;
}

mlir::OwningOpRef<mlir::ModuleOp> importOnnx(llvm::StringRef bytes, const ImportOptions &options, mlir::MLIRContext &context,
                                             std::vector<std::string> &problems) {
  context.loadDialect<qnn::QnnDialect, mlir::quant::QuantizationDialect, mlir::func::FuncDialect>();
  auto tidy = llvm::make_scope_exit([&problems, first = problems.size()] { qnn::keepOnOneLine(problems, first); });
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    problems.push_back("the file is larger than 2 GB, the limit of the format");
    return nullptr;
  }
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    problems.push_back("the file is no ONNX model, or it is truncated or damaged");
    return nullptr;
  }
  size_t before = problems.size();
  bool goOn = checkModel(model, problems);
  if (!goOn)
    return nullptr;
  import::GraphImporter importer(options, context, problems);
  mlir::OwningOpRef<mlir::ModuleOp> module = importer.run(*model.mutable_graph());
  if (problems.size() != before)
    return nullptr;
  return module;
}

} // namespace agc
