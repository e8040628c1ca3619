// The borders of the graph and the walk over its nodes.
#include "GraphImporter.h"

#include "GraphOrder.h"
#include "QLinear.h"
#include "onnx/onnx.pb.h"

namespace agc::import {

GraphImporter::GraphImporter(const ImportOptions &options, mlir::MLIRContext &context, std::vector<std::string> &problems)
    : options(options), context(context), problems(problems), external(options.folder), builder(&context) {}

const std::map<std::string, GraphImporter::Handler> &GraphImporter::handlers() {
  static const std::map<std::string, Handler> table = [] {
    std::map<std::string, Handler> all = {
      {"Add", &GraphImporter::importAdd},
      {"BatchNormalization", &GraphImporter::importBatchNormalization},
      {"Cast", &GraphImporter::importCast},
      {"Clip", &GraphImporter::importClip},
      {"Constant", &GraphImporter::importConstant},
      {"Conv", &GraphImporter::importConv},
      {"DequantizeLinear", &GraphImporter::importDequantize},
      {"Dropout", &GraphImporter::importDropout},
      {"Identity", &GraphImporter::importIdentity},
      {"QuantizeLinear", &GraphImporter::importQuantize},
      {"Relu", &GraphImporter::importRelu},
      {"Resize", &GraphImporter::importResize},
    };
    all.insert(vectorHandlers().begin(), vectorHandlers().end());
    return all;
  }();
  return table;
}

mlir::OwningOpRef<mlir::ModuleOp> GraphImporter::run(onnx::GraphProto &graph) {
  size_t before = problems.size();
  mlir::Location unknown = builder.getUnknownLoc();
  module = mlir::ModuleOp::create(unknown);
  builder.setInsertionPointToEnd(module->getBody());
  function = builder.create<mlir::func::FuncOp>(unknown, "main", builder.getFunctionType({}, {}));
  builder.setInsertionPointToStart(function.addEntryBlock());

  readInitializers(graph);
  readDeclaredShapes(graph);
  importInputs(graph);
  for (const onnx::NodeProto &node : graph.node())
    read.insert(node.input().begin(), node.input().end());
  for (const onnx::ValueInfoProto &output : graph.output())
    read.insert(output.name());
  std::set<std::string> given;
  for (const auto &entry : entries)
    given.insert(entry.first);
  for (int index : orderNodes(graph, given, problems))
    importNode(*graph.mutable_node(index));
  importOutputs(graph);
  if (problems.size() != before)
    return nullptr;
  finishFunction();
  return std::move(module);
}

void GraphImporter::readInitializers(onnx::GraphProto &graph) {
  for (onnx::TensorProto &proto : *graph.mutable_initializer()) {
    std::string name = proto.name(), why;
    std::string label = "initializer '" + printable(name) + "' ";
    Entry entry;
    if (std::optional<ConstTensor> tensor = readTensor(proto, external, why))
      entry.constant = std::make_shared<ConstTensor>(std::move(*tensor));
    else
      problems.push_back(label + why);
    if (!entries.emplace(name, entry).second)
      problems.push_back(label + "is there twice; the graph is damaged");
  }
  for (const onnx::SparseTensorProto &sparse : graph.sparse_initializer()) {
    problems.push_back("initializer '" + printable(sparse.values().name()) + "' is sparse, which is not supported; store it densely");
    entries.emplace(sparse.values().name(), Entry());
  }
}

// Dimensions of a tensor type; -1 where they are open. Nothing for other types and for unknown rank.
static std::optional<std::vector<int64_t>> declaredShape(const onnx::ValueInfoProto &info) {
  if (!info.type().has_tensor_type() || !info.type().tensor_type().has_shape())
    return std::nullopt;
  std::vector<int64_t> shape;
  for (const onnx::TensorShapeProto::Dimension &dim : info.type().tensor_type().shape().dim())
    shape.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
  return shape;
}

void GraphImporter::readDeclaredShapes(const onnx::GraphProto &graph) {
  for (const onnx::ValueInfoProto &info : graph.value_info())
    if (auto shape = declaredShape(info))
      declared[info.name()] = *shape;
  for (const onnx::ValueInfoProto &info : graph.output())
    if (auto shape = declaredShape(info))
      declared[info.name()] = *shape;
}

void GraphImporter::importInputs(const onnx::GraphProto &graph) {
  std::set<std::string> names;
  for (const onnx::ValueInfoProto &input : graph.input()) {
    if (entries.count(input.name()) && !names.count(input.name()))
      continue;  // before IR version 4 initializers are listed as inputs too
    current = "graph input '" + printable(input.name()) + "'";
    if (!names.insert(input.name()).second)
      problem("is there twice");
    else
      importInput(input, graph);
  }
  if (names.empty())
    problems.push_back("the graph has no inputs, so there is nothing to compile");
  for (const auto &shape : options.shapes)
    if (!names.count(shape.first)) {
      std::string known;
      for (const std::string &name : names)
        known += (known.empty() ? "'" : ", '") + printable(name) + "'";
      problems.push_back("--shape names '" + printable(shape.first) + "', which is no graph input; the inputs are " + known);
    }
}

// The shape of an input after --shape; empty, with a report, when it is open or none of NxCxHxW, NxCxL and NxC.
std::vector<int64_t> GraphImporter::inputShape(const onnx::ValueInfoProto &input) {
  std::optional<std::vector<int64_t>> shape = declaredShape(input);
  auto given = options.shapes.find(input.name());
  std::string option = " --shape " + printable(input.name()) + "=" + (shape && shape->size() == 3 ? "1xCxL" : shape && shape->size() == 2 ? "1xC" : "1xCxHxW");
  if (given != options.shapes.end()) {
    if (shape && shape->size() != given->second.size()) {
      problem("has shape " + shapeText(*shape) + " and --shape gives it " + shapeText(given->second));
      return {};
    }
    for (size_t dim = 0; shape && dim < shape->size(); ++dim)
      shapesReplaced |= (*shape)[dim] >= 0 && (*shape)[dim] != given->second[dim];
    shape = given->second;
  }
  if (!shape) {
    problem("has no shape; give it one with" + option);
    return {};
  }
  if (shape->size() < 2 || shape->size() > 4) {
    problem("has " + std::to_string(shape->size()) + " dimensions (" + shapeText(*shape) + "); a feature map has four, NxCxHxW, three, NxCxL, or two, NxC");
    return {};
  }
  if (llvm::is_contained(*shape, -1)) {
    problem("has dynamic dimensions, " + shapeText(*shape) + "; give them with" + option);
    return {};
  }
  return checkBatch(*shape) ? *shape : std::vector<int64_t>();
}

// The program computes one image after the other, so all inputs have equally many.
bool GraphImporter::checkBatch(llvm::ArrayRef<int64_t> shape) {
  if (shape[0] < 1 || shape[0] > qnn::kMaxDim) {
    problem("has shape " + shapeText(shape) + "; each dimension must be in 1.." + std::to_string(qnn::kMaxDim));
    return false;
  }
  if (batch != 0 && shape[0] != batch) {
    problem("has a batch of " + std::to_string(shape[0]) + " and an input before it one of " + std::to_string(batch) +
            "; all inputs must have the same, give it with --shape");
    return false;
  }
  batch = shape[0];
  return true;
}

// int8 or uint8 inputs have the scale with which they are dequantized, by the first that reads them or what only moves their
// values.
mlir::Type GraphImporter::integerInputType(const onnx::ValueInfoProto &input, const onnx::GraphProto &graph,
                                           llvm::ArrayRef<int64_t> shape) {
  bool isUint8 = input.type().tensor_type().elem_type() == static_cast<int>(DataType::Uint8);
  std::set<std::string> names = {input.name()};
  for (bool grows = true; grows;) {  // in whatever order the nodes are
    grows = false;
    for (const onnx::NodeProto &node : graph.node()) {
      for (const QuantizedOperand &operand : quantizedOperands(node)) {
        if (operand.zero >= node.input_size() + 1 || operand.scale >= node.input_size() || !names.count(node.input(operand.data)))
          continue;
        auto constant = [&](int index) -> const ConstTensor * {
          auto found = index < node.input_size() ? entries.find(node.input(index)) : entries.end();
          return found == entries.end() ? nullptr : found->second.constant.get();
        };
        const ConstTensor *scale = constant(operand.scale), *zero = constant(operand.zero);
        int64_t zeroPoint = zero && zero->isInteger() && zero->count() == 1 ? zero->integer(0) : 0;
        if (!scale || !scale->is(DataType::Float) || scale->count() != 1 || !(scale->floats[0] > 0) || scale->floats[0] > 1e30f)
          return nullptr;  // the node itself is reported
        zeroPoint -= isUint8 ? 128 : 0;
        if (zeroPoint < -128 || zeroPoint > 127)
          return nullptr;
        return mapType(shape, qnn::int8Type(&context, scale->floats[0], zeroPoint));
      }
      static const std::set<std::string> movers = {"Cast", "DepthToSpace", "Dropout", "Flatten", "Identity", "MaxPool", "Reshape", "Resize", "Slice",
                                                  "SpaceToDepth", "Split", "Squeeze", "Transpose", "Unsqueeze"};
      if (movers.count(node.op_type()) && node.input_size() > 0 && node.output_size() > 0 && names.count(node.input(0)))
        grows |= names.insert(node.output(0)).second;
    }
  }
  problem("is " + dataTypeName(input.type().tensor_type().elem_type()) +
          " and no DequantizeLinear reads it, so its scale is not known; put one behind it");
  return nullptr;
}

void GraphImporter::importInput(const onnx::ValueInfoProto &input, const onnx::GraphProto &graph) {
  Entry &entry = entries[input.name()];
  if (!input.type().has_tensor_type())
    return problem("is no tensor");
  int type = input.type().tensor_type().elem_type();
  bool isFloat = type == static_cast<int>(DataType::Float);
  entry.isUint8 = type == static_cast<int>(DataType::Uint8);
  if (!isFloat && !entry.isUint8 && type != static_cast<int>(DataType::Int8))
    return problem("has type " + dataTypeName(type) + "; supported are float32, int8 and uint8");
  std::vector<int64_t> shape = inputShape(input);
  if (shape.empty())
    return;
  entry.rank = static_cast<int>(shape.size());
  shape = machineShape(shape);
  mlir::Type mlirType = isFloat ? mapType(shape, builder.getF32Type()) : integerInputType(input, graph, shape);
  if (!mlirType)
    return;
  unsigned index = function.getNumArguments();
  mlir::NamedAttrList attributes;
  attributes.set(qnn::QnnDialect::kNameAttr, builder.getStringAttr(input.name()));
  attributes.set(qnn::QnnDialect::kBorderAttr, builder.getStringAttr(dataTypeName(type)));
  if (batch != 1 || entry.rank != 4)
    attributes.set(qnn::QnnDialect::kShapeAttr, builder.getDenseI64ArrayAttr(onnxShape(mlirType, entry.rank)));
  function.insertArgument(index, mlirType, attributes.getDictionary(&context),
                          mlir::NameLoc::get(builder.getStringAttr(input.name())));
  entry.value = function.getArgument(index);
}

GraphImporter::Handler GraphImporter::handlerOf(const onnx::NodeProto &node) {
  bool standard = node.domain().empty() || node.domain() == "ai.onnx", microsoft = node.domain() == "com.microsoft";
  if (isQLinear(node.op_type()) && (standard || microsoft))
    return &GraphImporter::importQLinear;
  auto handler = handlers().find(node.op_type());
  bool quantizer = node.op_type() == "QuantizeLinear" || node.op_type() == "DequantizeLinear";
  return handler != handlers().end() && (standard || (quantizer && microsoft)) ? handler->second : nullptr;
}

void GraphImporter::importNode(onnx::NodeProto &node) {
  current = nodeLabel(node);
  currentName = nodeTitle(node);
  for (const std::string &output : node.output())
    if (!output.empty())
      entries.emplace(output, Entry());  // unknown until the handler defines it
  builder.setInsertionPointToEnd(&function.getBody().front());
  if (importFolded(node))
    return;
  Handler handler = handlerOf(node);
  if (!handler)
    return refuseOp(node);
  if (checkResults(node))
    runHandler(handler, node);
}

void GraphImporter::runHandler(Handler handler, const onnx::NodeProto &node) {
  Attributes attributes(node, [this](const std::string &sentence) { problem(sentence); });
  (this->*handler)(node, attributes);
  attributes.finish();
}

// One result that has a name, apart from the mask of Dropout and the statistics of a training BatchNormalization, which
// nobody may read.
bool GraphImporter::checkResults(const onnx::NodeProto &node) {
  if (node.output_size() < 1 || node.output(0).empty()) {
    problem("has no result; remove it");
    return false;
  }
  for (int index = 1; index < node.output_size(); ++index)
    if (!node.output(index).empty() && node.op_type() != "Split" && (node.op_type() != "Dropout" || read.count(node.output(index)))) {
      problem(node.op_type() == "Dropout" ? "has a mask '" + printable(node.output(index)) + "' that is read, which inference has not; remove its readers"
                                          : "has " + std::to_string(node.output_size()) + " results; " + node.op_type() + " has one");
      return false;
    }
  return true;
}

void GraphImporter::refuseOp(const onnx::NodeProto &node) {
  static const std::set<std::string> dynamic = {"DynamicQuantizeLinear", "ConvInteger", "MatMulInteger", "DynamicQuantizeMatMul",
                                                "MatMulIntegerToFloat", "DynamicQuantizeLSTM"};
  std::string cure = " in this version; export the model without it, or cut the graph there and run that part elsewhere";
  if (dynamic.count(node.op_type()))
    cure = ", it belongs to dynamic quantization, whose scales are not known before the run: quantize statically, with "
           "onnxruntime.quantization.quantize_static and a calibration_data_reader";
  if (!supportedListed) {  // once is enough
    cure += "; supported are ";
    for (const std::string &op : supportedOnnxOps())
      cure += op + ", ";
    cure.resize(cure.size() - 2);
    supportedListed = true;
  }
  std::string domain = node.domain() == "ai.onnx" ? "" : node.domain();
  problem((domain.empty() ? "" : "of domain '" + printable(domain) + "' ") + std::string("is not supported") + cure);
}

// A result is handed over as a map; of a tensor of another rank its shape is kept beside it.
void GraphImporter::addResult(const std::string &name, const Entry &entry) {
  builder.setInsertionPointToEnd(&function.getBody().front());
  currentName = name;
  mlir::Value value = materialize(entry);
  if (!value)
    return;
  Entry map = entry;
  map.value = value;
  map.rank = static_cast<int>(imageShape(entry).size());
  map.view = nullptr;
  results.push_back({name, map});
}

void GraphImporter::importOutputs(const onnx::GraphProto &graph) {
  std::set<std::string> names;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    current = "graph output '" + printable(output.name()) + "'";
    auto found = entries.find(output.name());
    if (!names.insert(output.name()).second)
      problem("is there twice");
    else if (found == entries.end())
      problem("is made by no node; the graph is damaged or cut");
    else if (found->second.isConstant())
      problem("is a constant; remove it from the outputs");
    else if (found->second.value) {
      const Entry &entry = found->second;
      bool isFloat = qnn::isFloatTensor(entry.value.getType());
      int type = output.type().has_tensor_type() ? output.type().tensor_type().elem_type() : 0;
      DataType made = isFloat ? DataType::Float : entry.isUint8 ? DataType::Uint8 : DataType::Int8;
      if (type != 0 && type != static_cast<int>(made))
        problem("is declared as " + dataTypeName(type) + " and is " + dataTypeName(static_cast<int>(made)));
      else
        addResult(output.name(), entry);
    }
  }
  if (names.empty())
    problems.push_back("the graph has no outputs, so there is nothing to compile");
  for (Result &result : intermediates)
    if (names.insert(result.name).second)
      results.push_back(result);
}

void GraphImporter::finishFunction() {
  builder.setInsertionPointToEnd(&function.getBody().front());
  llvm::SmallVector<mlir::Value> values;
  llvm::SmallVector<mlir::Type> types;
  for (const Result &result : results) {
    values.push_back(result.entry.value);
    types.push_back(result.entry.value.getType());
  }
  builder.create<mlir::func::ReturnOp>(builder.getUnknownLoc(), values);
  function.setFunctionType(builder.getFunctionType(function.getBody().getArgumentTypes(), types));
  for (auto [index, result] : llvm::enumerate(results)) {
    const char *border = qnn::isFloatTensor(types[index]) ? "float32" : result.entry.isUint8 ? "uint8" : "int8";
    function.setResultAttr(index, qnn::QnnDialect::kNameAttr, builder.getStringAttr(result.name));
    function.setResultAttr(index, qnn::QnnDialect::kBorderAttr, builder.getStringAttr(border));
    if (batch != 1 || result.entry.rank != 4)
      function.setResultAttr(index, qnn::QnnDialect::kShapeAttr, builder.getDenseI64ArrayAttr(onnxShape(result.entry)));
  }
}

} // namespace agc::import
