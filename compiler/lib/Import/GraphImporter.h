// Imports one ONNX graph into `@main`. One file per group of ops implements the members named import*.
#pragma once

#include "Attributes.h"
#include "ConstTensor.h"
#include "ConvWeights.h"
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
  int rank = 4;          // of a value in the file: 3 is 1-D data N, C, L, which is height 1 here
  bool isUint8 = false;  // of a quantized value, the ONNX type
  bool isHost = false;   // a constant, or what would be one if an earlier problem had not made it unknown

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
  // The handler of `node`, or null. The operator-oriented ops (QLinearConv, ...) are in neither table: they have one handler.
  static Handler handlerOf(const onnx::NodeProto &node);
  // The operator-oriented ops whose inner op has a handler.
  static std::vector<std::string> qlinearOps();

private:
  // Borders and structure (GraphImporter.cpp).
  void readInitializers(onnx::GraphProto &graph);
  void readDeclaredShapes(const onnx::GraphProto &graph);
  void importInputs(const onnx::GraphProto &graph);
  void importInput(const onnx::ValueInfoProto &input, const onnx::GraphProto &graph);
  std::vector<int64_t> inputShape(const onnx::ValueInfoProto &input);
  bool checkBatch(llvm::ArrayRef<int64_t> shape);
  mlir::Type integerInputType(const onnx::ValueInfoProto &input, const onnx::GraphProto &graph, llvm::ArrayRef<int64_t> shape);
  void importNode(onnx::NodeProto &node);
  void runHandler(Handler handler, const onnx::NodeProto &node);
  void refuseOp(const onnx::NodeProto &node);
  bool checkResults(const onnx::NodeProto &node);
  void importOutputs(const onnx::GraphProto &graph);
  void finishFunction();

  // Ops.
  void importConstant(const onnx::NodeProto &node, Attributes &attributes);
  void importIdentity(const onnx::NodeProto &node, Attributes &attributes);
  void importBatchNormalization(const onnx::NodeProto &node, Attributes &attributes);
  void importDropout(const onnx::NodeProto &node, Attributes &attributes);
  void importCast(const onnx::NodeProto &node, Attributes &attributes);
  void importQLinear(const onnx::NodeProto &node, Attributes &attributes);
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

  // Arithmetic on constants and shapes (ImportFolded.cpp). False when `node` is none of it; otherwise its result is defined,
  // or its problem is reported.
  bool importFolded(const onnx::NodeProto &node);
  ConstTensor shapeConstant(const onnx::NodeProto &node, Attributes &attributes);
  // The shape of a feature map as the file sees it, and the one image of such a shape as the machine does, 1xCxHxW.
  static std::vector<int64_t> machineShape(llvm::ArrayRef<int64_t> shape);
  std::vector<int64_t> onnxShape(mlir::Type type, int rank) const;
  std::vector<int64_t> onnxShape(const Entry &entry) const { return onnxShape(entry.value.getType(), entry.rank); }

  // Parts of the operator-oriented ops (ImportQLinear.cpp). `dequantized` defines and names DequantizeLinear of input `index`.
  std::string freshName(const std::string &wanted);
  std::string dequantizedInput(const onnx::NodeProto &node, int index, int64_t axis);
  std::string accumulatorBias(const onnx::NodeProto &node, int index);

  // Parts of Conv; `spatial`: 2, or 1 for data N, C, L.
  std::optional<ConvWeights> convWeights(const onnx::NodeProto &node);
  std::optional<std::vector<float>> convBias(const onnx::NodeProto &node, int64_t channels);
  std::vector<int64_t> convPair(Attributes &attributes, const char *name, int64_t limit, size_t spatial);
  std::vector<int64_t> convPads(Attributes &attributes, mlir::Value input, llvm::ArrayRef<int64_t> kernel,
                                llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dilations, size_t spatial);
  bool checkKernelShape(Attributes &attributes, const ConvWeights &weights, size_t spatial);
  mlir::Value createConv(mlir::Location location, mlir::Value input, const ConvWeights &weights, const std::vector<float> &bias,
                         llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dilations, llvm::ArrayRef<int64_t> pads, int64_t macs);
  // Counts weights that the file does not have as such; false, with a report, when they become too many.
  bool spendWeights(int64_t count);
  // Splits weights beyond -127..127 and gives `input` the channels that they then read; null with a report where it can not.
  mlir::Value withCopies(mlir::Location location, mlir::Value input, ConvWeights &weights);
  // x * gain[c] + offset[c] as part of the convolution that makes x, or as one of its own (ImportNorm.cpp).
  void defineAffine(const onnx::NodeProto &node, const Entry &source, const std::vector<double> &gain, const std::vector<double> &offset);
  std::optional<std::vector<double>> channelConstant(const onnx::NodeProto &node, int index, int64_t channels);
  // Target height and width of a Resize, or nothing.
  std::optional<std::vector<int64_t>> resizeTarget(const onnx::NodeProto &node, Attributes &attributes, mlir::Value input);
  std::optional<float> clipBound(const onnx::NodeProto &node, Attributes &attributes, int index, const char *name, float otherwise);

  const ImportOptions &options;
  mlir::MLIRContext &context;
  std::vector<std::string> &problems;
  ExternalData external;
  mlir::OpBuilder builder;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp function;

  std::map<std::string, Entry> entries;
  std::map<std::string, std::vector<int64_t>> declared;  // -1: open
  int64_t batch = 0;  // images; values hold one, and the program runs once for each. 0: not known yet
  bool shapesReplaced = false;  // --shape changed a fixed dimension, so inner declarations mean nothing
  bool supportedListed = false;
  int64_t foldedElements = 0;  // of all constants that importFolded made: a small file must not fill the memory
  int64_t madeWeights = 0;     // by rewriting groups, large weights and normalizations, likewise
  int64_t freshNames = 0;
  std::set<std::string> read;  // names that a node or the graph's results read
  std::string current;  // label of the node at hand

  struct Result {
    std::string name;
    Entry entry;
  };
  std::vector<Result> results, intermediates;
};

} // namespace agc::import
