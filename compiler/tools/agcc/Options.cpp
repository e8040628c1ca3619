#include "Options.h"

#include <iostream>

#include <CLI/CLI.hpp>

#include "agcc/Import/OnnxImporter.h"
#include "agcc_version.h"

namespace agc {

std::optional<Options> parseOptions(int argc, char **argv, std::vector<std::string> &problems, int &exitCode) {
  Options options;
  std::vector<std::string> shapes;
  CLI::App app("Compiles a quantized ONNX model to a program for the overlay core.", "agcc");
  app.set_version_flag("--version", std::string("agcc ") + agccVersion);
  app.add_option("model", options.model, "ONNX file (quantized to 8 bits)")->type_name("MODEL.onnx")->required();
  app.add_option("-o,--output", options.output, "File to write; text goes to standard output without it");
  app.add_option("--core", options.core, "z7020, tiny, or a core file")->capture_default_str();
  app.add_option("--shape", shapes, "Dimensions of an input, NAME=NxCxHxW or NAME=NxCxL; may be repeated")->take_all()->allow_extra_args(false);
  app.add_option("--calibration", options.calibration, "Sample inputs (.npz); no op of this version needs them");
  app.add_option("--report", options.report, "Table of layers: FILE.txt, FILE.json, or - for standard output");
  app.add_flag("--strict", options.strict, "Refuse models of which a part would run on the host");
  const std::map<std::string, Options::Emit> stages = {
      {"qnn", Options::Emit::Qnn}, {"ovl", Options::Emit::Ovl}, {"asm", Options::Emit::Asm}, {"bin", Options::Emit::Bin}};
  std::string emit = "bin";
  app.add_option("--emit", emit, "qnn, ovl, asm (text) or bin")->capture_default_str();
  app.add_flag("--keep-intermediates", options.keepIntermediates, "Make every quantized tensor an output under its ONNX name");
  app.add_flag("--quiet", options.quiet, "Print errors only");
  exitCode = 1;
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success &success) {
    exitCode = app.exit(success);
    return std::nullopt;
  } catch (const CLI::ParseError &error) {
    problems.push_back(std::string(error.what()) + " (agcc --help lists the options)");
    return std::nullopt;
  }

  if (auto stage = stages.find(emit); stage != stages.end())
    options.emit = stage->second;
  else
    problems.push_back("--emit=" + emit + " is not known; it is qnn, ovl, asm or bin");
  for (const std::string &text : shapes) {
    // A name may hold '='; dimensions may not.
    const size_t split = text.rfind('=');
    std::vector<int64_t> dimensions;
    if (split != std::string::npos && split > 0) dimensions = parseShape(text.substr(split + 1));
    if (dimensions.empty())
      problems.push_back("--shape " + text + " is not NAME=DxDxDxD with dimensions above zero");
    else if (!options.shapes.emplace(text.substr(0, split), dimensions).second)
      problems.push_back("--shape gives input '" + text.substr(0, split) + "' twice");
  }
  if (options.emit == Options::Emit::Bin && options.output.empty())
    problems.push_back("no output file is given; say where the program goes with -o prog.bin");
  if (!options.report.empty() && options.report == options.output)
    problems.push_back("report and output are the same file, " + options.report);
  if (options.report == "-" && options.emit != Options::Emit::Bin && (options.output.empty() || options.output == "-"))
    problems.push_back("both the report and the text of --emit=" + emit + " would go to standard output; give -o a file");
  if (!problems.empty()) return std::nullopt;
  return options;
}

}  // namespace agc
