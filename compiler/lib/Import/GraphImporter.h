// Imports one ONNX graph into `@main`. One file per group of ops implements the members named import*.
#pragma once

#include "Attributes.h"
#include "ConstTensor.h"
#include "View.h"
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
  // Of a value in the file, without a view: 3 is 1-D data N, C, L, which is height 1 here, 2 is N, C with one pixel.
  int rank = 4;
  bool isUint8 = false;  // of a quantized value, the ONNX type
  // Of a value: where the elements of the ONNX tensor lie in it; null: it is the value as it is.
  std::shared_ptr<const View> view;
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
  // Those of the ops without weights, and of MatMul and Gemm (VectorHandlers.cpp).
  static const std::map<std::string, Handler> &vectorHandlers();
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
  void addResult(const std::string &name, const Entry &entry);
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

  void importUnary(const onnx::NodeProto &node, Attributes &attributes);
  void importBinary(const onnx::NodeProto &node, Attributes &attributes);
  void importMaxMin(const onnx::NodeProto &node, Attributes &attributes);
  void importPool(const onnx::NodeProto &node, Attributes &attributes);
  void importGlobalPool(const onnx::NodeProto &node, Attributes &attributes);
  void importReduce(const onnx::NodeProto &node, Attributes &attributes);
  void importReshape(const onnx::NodeProto &node, Attributes &attributes);
  void importFlatten(const onnx::NodeProto &node, Attributes &attributes);
  void importSqueeze(const onnx::NodeProto &node, Attributes &attributes);
  void importUnsqueeze(const onnx::NodeProto &node, Attributes &attributes);
  void importTranspose(const onnx::NodeProto &node, Attributes &attributes);
  void importSlice(const onnx::NodeProto &node, Attributes &attributes);
  void importSplit(const onnx::NodeProto &node, Attributes &attributes);
  void importDepthToSpace(const onnx::NodeProto &node, Attributes &attributes);
  void importSpaceToDepth(const onnx::NodeProto &node, Attributes &attributes);
  void importConcat(const onnx::NodeProto &node, Attributes &attributes);
  void importPad(const onnx::NodeProto &node, Attributes &attributes);
  void importGemm(const onnx::NodeProto &node, Attributes &attributes);
  void importMatMul(const onnx::NodeProto &node, Attributes &attributes);

  // Views (ImportView.cpp). They are of one image: where the file has the batch, they have a 1. Shape of a feature map, and how
  // it lies in its value.
  std::vector<int64_t> imageShape(const Entry &entry) const;
  View viewOf(const Entry &entry) const;
  // 1xCxHxW of an ONNX shape of rank 2 to 4: NxC is NxCx1x1, NxCxL is NxCx1xL. Empty, with a report, for others.
  std::vector<int64_t> mapShape(llvm::ArrayRef<int64_t> shape);
  // `entry` as a map of mapShape; null, with a report, when no convolution moves its elements there.
  mlir::Value materialize(const Entry &entry);
  // The entry of a feature map that is read for its elements only, in whatever order; null, with or without a report, for others.
  const Entry *elements(const onnx::NodeProto &node, int index, bool floatOnly);
  // `value`, a map of mapShape(shape), as the ONNX tensor.
  Entry tensorOf(mlir::Value value, llvm::ArrayRef<int64_t> shape, bool isUint8 = false);
  void setView(Entry &entry, const View &view);
  void defineView(const onnx::NodeProto &node, int result, const Entry &source, const View &view);
  void defineResult(const onnx::NodeProto &node, int result, Entry entry);
  // Integers that are a constant input, or an attribute of older opsets. Nothing when they are missing (then `problems` is as
  // before) or no constant (then there is a report).
  std::optional<std::vector<int64_t>> integersOf(const onnx::NodeProto &node, Attributes &attributes, int index, const char *name);
  // True, with a report, when an op that works along `axis` would mix the images of a batch.
  bool mixesImages(int64_t axis);
  // A dimension counted from the end when negative; nothing, with a report, when it does not exist.
  std::optional<int64_t> axisOf(int64_t axis, int64_t rank);
  mlir::Location location(const onnx::NodeProto &node);

  // Parts of the elementwise ops (ImportBinary.cpp).
  struct Operand {
    mlir::Value value;
    bool isConstant = false;
  };
  std::optional<std::vector<float>> constantReals(const Entry &entry);
  std::optional<Operand> operandOf(const onnx::NodeProto &node, int index, size_t rank, bool anyType);
  mlir::Value combine(const onnx::NodeProto &node, llvm::StringRef kind, Operand left, Operand right);
  void defineElementwise(const onnx::NodeProto &node, llvm::StringRef kind, bool anyType);
  // Parts of the pools (ImportPool.cpp).
  struct PoolGeometry {
    std::vector<int64_t> kernel, strides, dilations, pads, counted, size;
  };
  std::optional<PoolGeometry> poolGeometry(const onnx::NodeProto &node, Attributes &attributes, llvm::ArrayRef<int64_t> shape);
  void definePool(const onnx::NodeProto &node, llvm::StringRef kind, mlir::Value value, const PoolGeometry &geometry,
                  llvm::ArrayRef<int64_t> shape, bool isUint8);
  void definePieces(const onnx::NodeProto &node, const Entry &entry);
  std::shared_ptr<const DequantizedConst> matrixOf(const onnx::NodeProto &node, int64_t outputAxis);
  void productOfRows(const onnx::NodeProto &node, const Entry &source, const View &view, const DequantizedConst &weights, bool outputFirst,
                     std::vector<float> bias, float factor);
  // A convolution of `value` with weights [O, K] (`outputFirst`) or [K, O], where each pixel holds K channels; null, with a report,
  // when its result is too large.
  mlir::Value product(const onnx::NodeProto &node, mlir::Value value, const DequantizedConst &weights, bool outputFirst,
                      llvm::ArrayRef<float> bias, float factor);

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
  std::vector<int64_t> onnxShape(const Entry &entry) const;

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
  std::string current;      // label of the node at hand
  std::string currentName;  // its name alone

  struct Result {
    std::string name;
    Entry entry;
  };
  std::vector<Result> results, intermediates;
};

} // namespace agc::import
