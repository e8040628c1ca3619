// Arithmetic of ONNX on constants: what exporters leave behind of shapes and of weights that are moved about.
#pragma once

#include "Attributes.h"
#include "ConstTensor.h"

namespace agc::import {

// Whether the op is one of them.
bool isFoldable(const std::string &opType);

// Inputs of one node; null where the node has none.
using ConstInputs = std::vector<const ConstTensor *>;

// The result of `opType` on `inputs`, of at most `limit` elements. Nothing, with the reason in `why`, when it can not be
// computed; `why` is the rest of a sentence that begins with the node's name.
std::optional<ConstTensor> foldConstants(const std::string &opType, const ConstInputs &inputs, Attributes &attributes,
                                         ExternalData &external, int64_t limit, std::string &why);

} // namespace agc::import
