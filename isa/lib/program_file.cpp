#include "agc/isa/program_file.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "agc/isa/crc32c.h"
#include "agc/isa/error.h"

namespace agc::isa {
namespace {

constexpr char magic[8] = {'A', 'G', 'C', 'P', 'R', 'O', 'G', '\0'};
constexpr uint16_t containerVersion = 1;
constexpr size_t headerBytes = 32;
constexpr size_t entryBytes = 24;
constexpr size_t sectionAlignment = 64;

// Byte offsets in the header and in an entry of the section table.
/// Before 1.2 the second stage of the epilogue subtracted CONV_EPI.z1, since then CONV_EPI.zq, which is 0 in older programs.
constexpr uint64_t oldestMinor = 2;

constexpr size_t atVersion = 8, atIsaMajor = 10, atIsaMinor = 12, atSectionCount = 14, atCoreHash = 16, atFileSize = 20,
                 atZero = 24, atHeaderCrc = 28;
constexpr size_t atType = 0, atCrc = 4, atOffset = 8, atSize = 16;

/// Section types in the order in which they are written.
struct SectionType {
  char name[5];
  bool required;
  size_t unit;  ///< the size is a multiple of it
};
constexpr SectionType sectionTypes[] = {
    {"MNFT", true, 1}, {"CODE", true, instructionBytes}, {"CNST", false, 64}, {"DBUG", false, 1}};
constexpr size_t sectionTypeCount = sizeof(sectionTypes) / sizeof(sectionTypes[0]);

uint64_t get(const uint8_t* data, size_t bytes) {
  uint64_t value = 0;
  for (size_t n = 0; n < bytes; ++n) value |= uint64_t{data[n]} << 8 * n;
  return value;
}

void put(uint8_t* data, size_t bytes, uint64_t value) {
  for (size_t n = 0; n < bytes; ++n) data[n] = static_cast<uint8_t>(value >> 8 * n);
}

struct Span {
  const uint8_t* data = nullptr;
  size_t size = 0;
};

/// The CRC of header and table, with the CRC's own field as zero.
uint32_t headerCrc(const uint8_t* file, size_t tableEnd) {
  const uint8_t zeros[4] = {};
  uint32_t crc = crc32c(file, atHeaderCrc);
  crc = crc32c(zeros, sizeof zeros, crc);
  return crc32c(file + headerBytes, tableEnd - headerBytes, crc);
}

[[noreturn]] void refuse(const std::string& sentence) { throw Error("The program file " + sentence); }

std::string version(uint64_t major, uint64_t minor) { return std::to_string(major) + "." + std::to_string(minor); }

/// Magic, versions, size; returns the end of the section table.
size_t checkHeader(const uint8_t* data, size_t size) {
  if (size < sizeof magic || std::memcmp(data, magic, sizeof magic) != 0)
    refuse("is not a program of agcc: it does not begin with AGCPROG.");
  if (size < headerBytes) refuse("is cut short: it has " + std::to_string(size) + " bytes, less than its header.");
  uint64_t container = get(data + atVersion, 2);
  if (container != containerVersion)
    refuse("has container version " + std::to_string(container) + ", this reader knows " +
           std::to_string(containerVersion) + "; compile the model again with this release.");
  uint64_t major = get(data + atIsaMajor, 2), minor = get(data + atIsaMinor, 2);
  if (major != versionMajor || minor < oldestMinor || minor > versionMinor)
    refuse("is for instruction set " + version(major, minor) + ", this release has " +
           version(versionMajor, versionMinor) + "; compile the model again with this release.");
  uint64_t fileSize = get(data + atFileSize, 4);
  if (size < fileSize)
    refuse("is cut short: it has " + std::to_string(size) + " of " + std::to_string(fileSize) + " bytes.");
  if (size > fileSize)
    refuse("has " + std::to_string(size) + " bytes, more than the " + std::to_string(fileSize) + " of its header.");
  size_t count = get(data + atSectionCount, 2);
  size_t tableEnd = headerBytes + count * entryBytes;
  if (tableEnd > size) refuse("is damaged: its " + std::to_string(count) + " sections do not fit into it.");
  if (headerCrc(data, tableEnd) != get(data + atHeaderCrc, 4))
    refuse("is damaged: the checksum of its header does not match; copy or compile it again.");
  if (get(data + atZero, 4) != 0) refuse("is not valid: a reserved word of its header is not zero.");
  return tableEnd;
}

/// Sections by type. Every byte behind the table is in a section or zero.
std::map<std::string, Span> findSections(const uint8_t* data, size_t size, size_t tableEnd) {
  std::map<std::string, Span> sections;
  size_t end = tableEnd;
  auto checkGap = [&](size_t to) {
    if (std::any_of(data + end, data + to, [](uint8_t byte) { return byte != 0; }))
      refuse("is damaged: the filling between its sections is not zero; copy or compile it again.");
  };
  for (size_t at = headerBytes; at < tableEnd; at += entryBytes) {
    const uint8_t* entry = data + at;
    std::string type(reinterpret_cast<const char*>(entry + atType), 4);
    const SectionType* known = std::find_if(std::begin(sectionTypes), std::end(sectionTypes),
                                            [&](const SectionType& candidate) { return type == candidate.name; });
    if (known == std::end(sectionTypes)) refuse("has a section of a type that this release does not know; compile the model again.");
    uint64_t offset = get(entry + atOffset, 8), length = get(entry + atSize, 8);
    if (offset % sectionAlignment || offset < end || offset > size || length > size - offset)
      refuse("is not valid: its section " + type + " is misplaced or larger than the file.");
    if (length == 0 || length % known->unit)
      refuse("is not valid: its section " + type + " has " + std::to_string(length) + " bytes, which is empty or no multiple of " +
             std::to_string(known->unit) + ".");
    checkGap(offset);
    if (crc32c(data + offset, length) != get(entry + atCrc, 4))
      refuse("is damaged: the checksum of its section " + type + " does not match; copy or compile it again.");
    if (!sections.emplace(type, Span{data + offset, static_cast<size_t>(length)}).second)
      refuse("is not valid: it has the section " + type + " twice.");
    end = offset + length;
  }
  checkGap(size);
  for (const SectionType& type : sectionTypes)
    if (type.required && !sections.count(type.name)) refuse("is not valid: it lacks the section " + std::string(type.name) + ".");
  return sections;
}

size_t align(size_t value) { return (value + sectionAlignment - 1) / sectionAlignment * sectionAlignment; }

}  // namespace

std::vector<uint8_t> write(const ProgramFile& program) {
  if (program.code.empty()) refuse("would have no instructions; a program has at least END.");
  if (program.manifestJson.empty()) refuse("would have no manifest.");
  if (program.constants.size() % 64) refuse("would have constants that are no multiple of 64 bytes.");
  const Span contents[sectionTypeCount] = {
      {reinterpret_cast<const uint8_t*>(program.manifestJson.data()), program.manifestJson.size()},
      {program.code.front().data(), program.code.size() * sizeof(Word)},
      {program.constants.data(), program.constants.size()},
      {reinterpret_cast<const uint8_t*>(program.debugJson.data()), program.debugJson.size()}};

  size_t count = static_cast<size_t>(
      std::count_if(std::begin(contents), std::end(contents), [](const Span& content) { return content.size != 0; }));
  size_t tableEnd = headerBytes + count * entryBytes, fileSize = tableEnd;
  for (const Span& content : contents)
    if (content.size) fileSize = align(fileSize) + content.size;
  if (fileSize > UINT32_MAX) refuse("would exceed 4 GiB.");

  std::vector<uint8_t> file(fileSize);
  std::memcpy(file.data(), magic, sizeof magic);
  put(&file[atVersion], 2, containerVersion);
  put(&file[atIsaMajor], 2, versionMajor);
  put(&file[atIsaMinor], 2, versionMinor);
  put(&file[atSectionCount], 2, count);
  put(&file[atCoreHash], 4, program.coreHash);
  put(&file[atFileSize], 4, fileSize);
  size_t at = headerBytes, end = tableEnd;
  for (size_t n = 0; n < sectionTypeCount; ++n) {
    const Span& content = contents[n];
    if (!content.size) continue;
    size_t offset = align(end);
    std::memcpy(&file[at + atType], sectionTypes[n].name, 4);
    put(&file[at + atCrc], 4, crc32c(content.data, content.size));
    put(&file[at + atOffset], 8, offset);
    put(&file[at + atSize], 8, content.size);
    std::memcpy(&file[offset], content.data, content.size);
    at += entryBytes;
    end = offset + content.size;
  }
  put(&file[atHeaderCrc], 4, headerCrc(file.data(), tableEnd));
  return file;
}

ProgramFile read(const uint8_t* data, size_t size) {
  size_t tableEnd = checkHeader(data, size);
  std::map<std::string, Span> sections = findSections(data, size, tableEnd);
  ProgramFile program;
  program.coreHash = static_cast<uint32_t>(get(data + atCoreHash, 4));
  auto text = [&](const char* type) {
    Span section = sections[type];
    return std::string(reinterpret_cast<const char*>(section.data), section.size);
  };
  program.manifestJson = text("MNFT");
  if (sections.count("DBUG")) program.debugJson = text("DBUG");
  Span code = sections["CODE"];
  program.code.resize(code.size / sizeof(Word));
  std::memcpy(program.code.data(), code.data, code.size);
  if (sections.count("CNST")) {
    Span constants = sections["CNST"];
    program.constants.assign(constants.data, constants.data + constants.size);
  }
  return program;
}

}  // namespace agc::isa
