// Structure of an ONNX graph before any op is looked at.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace onnx {
class GraphProto;
class NodeProto;
}

namespace agc::import {

// "Conv '/m/conv1'"; nodes without a name go by their first output.
std::string nodeLabel(const onnx::NodeProto &node);
std::string nodeTitle(const onnx::NodeProto &node);

// A name as it may be printed: control characters and bytes that are not ASCII-printable or UTF-8 leads are escaped.
std::string printable(const std::string &name);

// Nodes in an order in which each comes after those whose results it reads. `given`: names of inputs and initializers.
// Names that nobody makes, names made twice and cycles are problems; the nodes of a cycle are left out.
std::vector<int> orderNodes(const onnx::GraphProto &graph, const std::set<std::string> &given, std::vector<std::string> &problems);

} // namespace agc::import
