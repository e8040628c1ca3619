// Imports one ONNX graph into `@main`. One file per group of ops implements the members named import*.
#pragma once

#include "Attributes.h"
#include "ConstTensor.h"
#include "agcc/Dialect/Qnn/QnnUtils.h"
#include "agcc/Import/OnnxImporter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

#include <map>
#include <memory>
#include <set>

namespace onnx {
class GraphProto;
class NodeProto;
class ValueInfoProto;
}

namespace agc::import {

// What an ONNX tensor name stands for. None of the three when an earlier problem made it unknown: what reads it checks
// what it can and stays silent about the rest.
struct Entry {
  mlir::Value value;
  std::shared_ptr<const ConstTensor> constant;
  std::shared_ptr<const DequantizedConst> dequantized;
  bool isUint8 = false;  // of a quantized value, the ONNX type

  bool unknown() const { return !value && !constant && !dequantized; }
  bool isConstant() const { return constant || dequantized; }
};

class GraphImporter {
public:
  GraphImporter(const ImportOptions &options, mlir::MLIRContext &context, std::vector<std::string> &problems);
  // Takes the data of the initializers out of `graph`.
  mlir::OwningOpRef<mlir::ModuleOp> run(onnx::GraphProto &graph);

  using Handler = void (GraphImporter::*)(const onnx::NodeProto &, Attributes &);
  // By op type; the domain is "" or "ai.onnx" (QuantizeLinear and DequantizeLinear: also com.microsoft).
  static const std::map<std::string, Handler> &handlers();

private:
  // Borders and structure (GraphImporter.cpp).
  void readInitializers(onnx::GraphProto &graph);
  void readDeclaredShapes(const onnx::GraphProto &graph);
  void importInputs(const onnx::GraphProto &graph);
  void importInput(const onnx::ValueInfoProto &input, const onnx::GraphProto &graph);
  std::vector<int64_t> inputShape(const onnx::ValueInfoProto &input);
  mlir::Type integerInputType(const onnx::ValueInfoProto &input, const onnx::GraphProto &graph, llvm::ArrayRef<int64_t> shape);
  void importNode(onnx::NodeProto &node);
  void importOutputs(const onnx::GraphProto &graph);
  void finishFunction();

  // Ops.
  void importConstant(const onnx::NodeProto &node, Attributes &attributes);
  void importIdentity(const onnx::NodeProto &node, Attributes &attributes);
  void importQuantize(const onnx::NodeProto &node, Attributes &attributes);
  void importDequantize(const onnx::NodeProto &node, Attributes &attributes);
  void importConv(const onnx::NodeProto &node, Attributes &attributes);
  void importRelu(const onnx::NodeProto &node, Attributes &attributes);
  void importClip(const onnx::NodeProto &node, Attributes &attributes);
  void importAdd(const onnx::NodeProto &node, Attributes &attributes);
  void importResize(const onnx::NodeProto &node, Attributes &attributes);

  // Helpers of the ops (GraphImporterHelpers.cpp). `problem` is about the node at hand and puts its name in front.
  void problem(const std::string &sentence);
  // The entry of input `index`; null when the node has none there.
  const Entry *input(const onnx::NodeProto &node, int index);
  // The same for a feature map: an unknown value is null without a report, a missing or constant one with.
  mlir::Value map(const onnx::NodeProto &node, int index);
  // A float feature map; a quantized one is a problem.
  mlir::Value floatMap(const onnx::NodeProto &node, int index);
  void define(const onnx::NodeProto &node, Entry entry);
  mlir::Type mapType(llvm::ArrayRef<int64_t> shape, mlir::Type element);
  bool checkInputs(const onnx::NodeProto &node, int least, int most);

  // Scale and zero point of a QuantizeLinear or DequantizeLinear, whose zero point has type `type` (0: not known yet).
  struct Scale {
    std::vector<float> scales;
    std::vector<int64_t> zeros;
    int type = 0;
    int64_t axis = 1;
  };
  std::optional<Scale> scaleOf(const onnx::NodeProto &node, Attributes &attributes, int type);
  mlir::Type quantizedElement(const Scale &scale);

  // Parts of Conv.
  std::shared_ptr<const DequantizedConst> convWeights(const onnx::NodeProto &node);
  std::optional<std::vector<float>> convBias(const onnx::NodeProto &node, int64_t channels);
  std::vector<int64_t> convPads(Attributes &attributes, mlir::Value input, llvm::ArrayRef<int64_t> kernel,
                                llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dilations);
  // Target height and width of a Resize, or nothing.
  std::optional<std::vector<int64_t>> resizeTarget(const onnx::NodeProto &node, Attributes &attributes, mlir::Value input);
  std::optional<float> clipBound(const onnx::NodeProto &node, Attributes &attributes, int index, const char *name, float otherwise);

  const ImportOptions &options;
  mlir::MLIRContext &context;
  std::vector<std::string> &problems;
  mlir::OpBuilder builder;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp function;

  std::map<std::string, Entry> entries;
  std::map<std::string, std::vector<int64_t>> declared;  // -1: open
  bool shapesReplaced = false;  // --shape changed a fixed dimension, so inner declarations mean nothing
  bool supportedListed = false;
  std::string current;  // label of the node at hand

  struct Result {
    std::string name;
    mlir::Value value;
    bool isUint8;
  };
  std::vector<Result> results, intermediates;
};

} // namespace agc::import
