#include "agc/isa/core_config.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "agc/isa/crc32c.h"
#include "agc/isa/error.h"
#include "builtin_cores.h"

namespace agc::isa {
namespace {

using Json = nlohmann::json;

/// A number of the core file. Ranges are those of the encoding (20-bit scratchpad addresses, 16-bit weight-buffer
/// addresses, AXI3 bursts) and of docs/machine.md (8 x 8 channels, ports 0 and 1).
struct Parameter {
  const char* key;
  uint32_t CoreConfig::*member;
  uint32_t min;
  uint32_t max;
};

constexpr Parameter parameters[] = {
    {"pixels", &CoreConfig::pixels, 1, 64},
    {"input_channels", &CoreConfig::inputChannels, 8, 8},
    {"output_channels", &CoreConfig::outputChannels, 8, 8},
    {"dsp_pixels", &CoreConfig::dspPixels, 1, 64},
    {"banks", &CoreConfig::banks, 4, 64},
    {"bank_words", &CoreConfig::bankWords, 64, 1 << 18},
    {"weight_words", &CoreConfig::weightWords, 16, 1 << 16},
    {"queue_depth", &CoreConfig::queueDepth, 2, 64},
    {"axi_ports", &CoreConfig::axiPorts, 2, 4},
    {"axi_data_bits", &CoreConfig::axiDataBits, 64, 64},
    {"axi_burst_beats", &CoreConfig::axiBurstBeats, 2, 16},
    {"axi_outstanding", &CoreConfig::axiOutstanding, 1, 64},
    {"clock_mhz", &CoreConfig::clockMhz, 1, 2000},
};

constexpr uint32_t scratchpadLimit = 1 << 20;
constexpr size_t fileLimit = 1 << 20;

bool powerOfTwo(uint32_t value) { return value && !(value & (value - 1)); }

bool validName(const std::string& name) {
  if (name.empty() || name.size() > 64 || name[0] < 'a' || name[0] > 'z') return false;
  for (char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
  return true;
}

/// Collects everything that is wrong with a core file.
class Reader {
 public:
  Reader(const std::string& source, CoreConfig& config) : source_(source), config_(config) {}

  void readObject(const Json& json) {
    if (!json.is_object()) return say("must be a JSON object.");
    std::set<std::string> known{"name", "description"};
    for (const Parameter& parameter : parameters) {
      known.insert(parameter.key);
      readNumber(json, parameter);
    }
    for (const auto& item : json.items())
      if (!known.count(item.key())) say("the key " + Json(item.key()).dump(-1, ' ', true, Json::error_handler_t::replace) + " does not exist; remove it.");
    auto name = json.find("name");
    if (name == json.end()) say("the key \"name\" is missing.");
    else if (!name->is_string() || !validName(name->get<std::string>()))
      say("\"name\" must be a lower-case identifier of at most 64 characters.");
    else config_.name = name->get<std::string>();
    if (json.contains("description") && !json["description"].is_string()) say("\"description\" must be a text.");
    if (problems_.empty()) readRelations();
  }

  const std::string& problems() const { return problems_; }

 private:
  void say(const std::string& sentence) {
    if (!problems_.empty()) problems_ += "\n";
    problems_ += source_ + ": " + sentence;
  }

  void readNumber(const Json& json, const Parameter& parameter) {
    std::string key = std::string("\"") + parameter.key + "\"";
    auto value = json.find(parameter.key);
    if (value == json.end()) return say("the key " + key + " is missing.");
    bool fits = value->is_number_unsigned() && value->get<uint64_t>() >= parameter.min &&
                value->get<uint64_t>() <= parameter.max;
    if (fits) config_.*parameter.member = static_cast<uint32_t>(value->get<uint64_t>());
    else if (parameter.min == parameter.max) say(key + " must be " + std::to_string(parameter.min) + ".");
    else
      say(key + " must be a whole number from " + std::to_string(parameter.min) + " to " +
          std::to_string(parameter.max) + ".");
  }

  void readRelations() {
    if (!powerOfTwo(config_.banks)) say("\"banks\" must be a power of two.");
    if (!powerOfTwo(config_.axiBurstBeats)) say("\"axi_burst_beats\" must be a power of two.");
    if (uint64_t{config_.banks} * config_.bankWords > scratchpadLimit)
      say("banks * bank_words must not exceed " + std::to_string(scratchpadLimit) + ", the reach of an address.");
    if (config_.dspPixels > config_.pixels) say("\"dsp_pixels\" must not exceed \"pixels\".");
  }

  const std::string& source_;
  CoreConfig& config_;
  std::string problems_;
};

/// Parses strictly: nlohmann would keep the last of two equal keys. Nesting is cut at two levels, deeper ones cannot
/// be a core file and would only cost stack.
Json parseStrictly(std::string_view text, const std::string& source) {
  if (text.size() > fileLimit) throw Error(source + ": " + std::to_string(text.size()) + " bytes are too many for a core file.");
  std::set<std::string> keys;
  std::string problem;
  auto callback = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::key && depth == 1 && !keys.insert(parsed.get<std::string>()).second)
      problem = "a key appears twice: " + parsed.get<std::string>() + ".";
    if ((event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start) && depth > 0)
      problem = "all values must be numbers or texts.";
    return true;
  };
  Json json;
  try {
    json = Json::parse(text.begin(), text.end(), callback);
  } catch (const Json::exception&) {
    throw Error(source + ": is not JSON; see isa/cores for examples of core files.");
  }
  if (!problem.empty()) throw Error(source + ": " + problem);
  return json;
}

}  // namespace

CoreConfig CoreConfig::fromJson(std::string_view text, const std::string& source) {
  Json json = parseStrictly(text, source);
  CoreConfig config;
  Reader reader(source, config);
  reader.readObject(json);
  if (!reader.problems().empty()) throw Error(reader.problems());
  json.erase("description");
  config.json = json.dump();
  config.hash = crc32c(config.json.data(), config.json.size());
  return config;
}

CoreConfig CoreConfig::fromFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  // One byte more than a core file may have shows that a file is too long without reading all of it.
  std::string text(fileLimit + 1, '\0');
  if (!file.is_open() || (!file.read(text.data(), static_cast<std::streamsize>(text.size())) && !file.eof()))
    throw Error(path + ": the core file cannot be read; give a file or one of the names of the built-in cores.");
  text.resize(static_cast<size_t>(file.gcount()));
  return fromJson(text, path);
}

CoreConfig CoreConfig::builtin(const std::string& name) {
  for (size_t n = 0; n < builtinCoreCount(); ++n)
    if (name == builtinCores()[n].name) return fromJson(builtinCores()[n].json, "core " + name);
  std::string names;
  for (const std::string& known : builtinNames()) names += (names.empty() ? "" : ", ") + known;
  throw Error("There is no built-in core '" + name + "'; there are " + names + ", or give the path of a core file.");
}

CoreConfig CoreConfig::load(const std::string& nameOrPath) {
  return nameOrPath.find_first_of("./") == std::string::npos ? builtin(nameOrPath) : fromFile(nameOrPath);
}

std::vector<std::string> CoreConfig::builtinNames() {
  std::vector<std::string> names;
  for (size_t n = 0; n < builtinCoreCount(); ++n) names.emplace_back(builtinCores()[n].name);
  return names;
}

}  // namespace agc::isa
