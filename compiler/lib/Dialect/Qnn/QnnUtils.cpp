#include "agcc/Dialect/Qnn/QnnUtils.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/TypeSwitch.h"

namespace agc::qnn {

mlir::quant::UniformQuantizedType quantTypeOf(mlir::Type tensor) {
  auto shaped = llvm::dyn_cast<mlir::RankedTensorType>(tensor);
  return shaped ? llvm::dyn_cast<mlir::quant::UniformQuantizedType>(shaped.getElementType()) : nullptr;
}

bool isFloatTensor(mlir::Type tensor) {
  auto shaped = llvm::dyn_cast<mlir::RankedTensorType>(tensor);
  return shaped && shaped.getElementType().isF32();
}

mlir::quant::UniformQuantizedType int8Type(mlir::MLIRContext *context, double scale, int64_t zeroPoint) {
  mlir::Builder builder(context);
  return mlir::quant::UniformQuantizedType::get(mlir::quant::QuantizationFlags::Signed, builder.getI8Type(),
                                                builder.getF32Type(), scale, zeroPoint, -128, 127);
}

mlir::RankedTensorType withElement(mlir::Type tensor, mlir::Type element) {
  return mlir::RankedTensorType::get(llvm::cast<mlir::RankedTensorType>(tensor).getShape(), element);
}

std::string nodeName(mlir::Location loc) {
  if (auto named = llvm::dyn_cast<mlir::NameLoc>(loc))
    return named.getName().str();
  if (auto fused = llvm::dyn_cast<mlir::FusedLoc>(loc)) {
    for (mlir::Location inner : fused.getLocations())
      if (std::string name = nodeName(inner); !name.empty())
        return name;
  }
  return {};
}

llvm::StringRef onnxOpType(mlir::Operation *op) {
  return llvm::TypeSwitch<mlir::Operation *, llvm::StringRef>(op)
      .Case<QuantizeOp>([](auto) { return "QuantizeLinear"; })
      .Case<DequantizeOp>([](auto) { return "DequantizeLinear"; })
      .Case<RequantizeOp>([](auto) { return "Requantize"; })
      .Case<ConvOp>([](ConvOp conv) { return conv.getOnnxOp().value_or("Conv"); })
      .Case<FusedConvOp>([](auto) { return "Conv"; })
      .Case<ReluOp>([](auto) { return "Relu"; })
      .Case<ClipOp>([](auto) { return "Clip"; })
      .Case<AddOp>([](auto) { return "Add"; })
      .Case<ResizeOp>([](auto) { return "Resize"; })
      .Case<UnaryOp, BinaryOp>([](auto operation) { return operation.getKind(); })
      .Case<TableOp, AffineOp>([](auto operation) {
        return operation.getOps().empty() ? "Table" : llvm::cast<mlir::StringAttr>(operation.getOps()[0]).getValue();
      })
      .Case<PReluOp>([](auto) { return "PRelu"; })
      .Case<PoolOp>([](PoolOp pool) { return pool.getKind() == "max" ? "MaxPool" : "AveragePool"; })
      .Case<SelectOp>([](auto) { return "Select"; })
      .Case<PadOp>([](auto) { return "Pad"; })
      .Case<ConcatOp>([](auto) { return "Concat"; })
      .Default([](mlir::Operation *other) { return other->getName().getStringRef(); });
}

std::string describe(mlir::Operation *op) {
  std::string name = nodeName(op->getLoc());
  if (name.empty())
    return op->getName().getStringRef().str();
  return onnxOpType(op).str() + " '" + name + "'";
}

std::vector<int8_t> int8Values(mlir::ElementsAttr attr) {
  std::vector<int8_t> values;
  int64_t count = attr.getNumElements();
  if (auto dense = llvm::dyn_cast<mlir::DenseElementsAttr>(attr)) {
    if (!dense.getElementType().isInteger(8))
      return values;
    llvm::ArrayRef<char> raw = dense.getRawData();
    if (dense.isSplat())
      values.assign(count, static_cast<int8_t>(raw[0]));
    else
      values.assign(raw.begin(), raw.end());
  } else if (auto resource = llvm::dyn_cast<mlir::DenseResourceElementsAttr>(attr)) {
    mlir::AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (blob && attr.getElementType().isInteger(8) && static_cast<int64_t>(blob->getData().size()) == count)
      values.assign(blob->getData().begin(), blob->getData().end());
  }
  return values;
}

int64_t convOutputSize(int64_t input, int64_t kernel, int64_t stride, int64_t dilation, int64_t padBefore, int64_t padAfter) {
  int64_t room = input + padBefore + padAfter - (dilation * (kernel - 1) + 1);
  return room < 0 ? 0 : room / stride + 1;
}

} // namespace agc::qnn
