#include "GraphOrder.h"

#include "onnx/onnx.pb.h"

#include <cstdio>
#include <functional>
#include <map>
#include <queue>

namespace agc::import {

std::string printable(const std::string &name) {
  std::string text;
  for (unsigned char c : name) {
    if (c >= 0x20 && c != 0x7f && c < 0xf8) {
      text += static_cast<char>(c);
    } else {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", c);
      text += escape;
    }
    if (text.size() > 200)
      return text + "...";
  }
  return text;
}

std::string nodeTitle(const onnx::NodeProto &node) {
  if (!node.name().empty())
    return node.name();
  return node.output_size() > 0 ? node.output(0) : std::string();
}

std::string nodeLabel(const onnx::NodeProto &node) { return printable(node.op_type()) + " '" + printable(nodeTitle(node)) + "'"; }

std::vector<int> orderNodes(const onnx::GraphProto &graph, const std::set<std::string> &given, std::vector<std::string> &problems) {
  std::map<std::string, int> producer;
  for (int index = 0; index < graph.node_size(); ++index) {
    for (const std::string &output : graph.node(index).output()) {
      if (output.empty())
        continue;
      if (given.count(output))
        problems.push_back(nodeLabel(graph.node(index)) + " makes '" + printable(output) +
                           "', which is a graph input or an initializer; give its result another name");
      else if (auto [place, fresh] = producer.emplace(output, index); !fresh)
        problems.push_back("tensor '" + printable(output) + "' is made twice, by " + nodeLabel(graph.node(place->second)) + " and by " +
                           nodeLabel(graph.node(index)) + "; give one of them another name");
    }
  }
  std::vector<int> missing(graph.node_size(), 0);
  std::vector<std::vector<int>> readers(graph.node_size());
  for (int index = 0; index < graph.node_size(); ++index) {
    for (const std::string &input : graph.node(index).input()) {
      if (input.empty() || given.count(input))
        continue;
      auto made = producer.find(input);
      if (made == producer.end()) {
        problems.push_back(nodeLabel(graph.node(index)) + " reads '" + printable(input) +
                           "', which no node, input or initializer provides; the graph is damaged or cut");
        continue;
      }
      ++missing[index];
      readers[made->second].push_back(index);
    }
  }
  std::priority_queue<int, std::vector<int>, std::greater<int>> ready;  // keeps the file's order where that is possible
  for (int index = 0; index < graph.node_size(); ++index)
    if (missing[index] == 0)
      ready.push(index);
  std::vector<int> order;
  while (!ready.empty()) {
    int index = ready.top();
    ready.pop();
    order.push_back(index);
    for (int reader : readers[index])
      if (--missing[reader] == 0)
        ready.push(reader);
  }
  if (static_cast<int>(order.size()) == graph.node_size())
    return order;
  // Walk backwards among the nodes that never became ready until one comes again: that is a cycle.
  std::set<int> done(order.begin(), order.end());
  auto waitsFor = [&](int index) {
    for (const std::string &input : graph.node(index).input())
      if (auto made = producer.find(input); made != producer.end() && !given.count(input) && !done.count(made->second))
        return made->second;
    return index;
  };
  int start = 0;
  while (done.count(start))
    ++start;
  std::vector<int> path;
  std::set<int> seen;
  for (int at = start; seen.insert(at).second; at = waitsFor(at))
    path.push_back(at);
  int again = waitsFor(path.back());
  std::string cycle;
  bool inside = false;
  for (auto at = path.rbegin(); at != path.rend() && !inside; ++at) {
    cycle += nodeLabel(graph.node(*at)) + ", ";
    inside = *at == again;
  }
  problems.push_back("the graph has a cycle: " + cycle.substr(0, cycle.size() - 2) + "; ONNX graphs have none, the file is damaged");
  return order;
}

} // namespace agc::import
