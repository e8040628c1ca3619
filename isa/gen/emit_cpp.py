"""C++ of the instruction set: enumerations, one struct per instruction, descriptor tables, register offsets."""

import json

from .model import (camel, core_hash, default, fields, lower_camel, maximum, minimum, reserved, signed,
                    takes_semaphores, version_word)

_BANNER = "// Generated from isa/isa.json by isa/gen/isagen.py; do not edit.\n"


def _text(value):
    """A C++ string literal."""
    return json.dumps(value, ensure_ascii=True)


def _enum(name, doc, base, entries):
    lines = [f"/// {doc}", f"enum class {name} : {base} {{"]
    lines += [f"  {camel(key)} = {value},  ///< {text}" for key, value, text in entries]
    return lines + ["};", ""]


def _constants(isa):
    values = [
        ("versionMajor", isa["version"]["major"], "ISA version; another major version is another encoding."),
        ("versionMinor", isa["version"]["minor"], "A program needs a core of at least its minor version."),
        ("isaVersion", version_word(isa), "Content of the register ISA_VERSION."),
        ("instructionBytes", isa["instruction_bytes"], "Size of an instruction in memory."),
        ("wordBytes", isa["word_bytes"], "Bytes of a scratchpad word."),
        ("semaphoreCount", isa["semaphores"], "Semaphore numbers; number 0 means none."),
        ("semaphoreMax", isa["semaphore_max"], "Largest count of a semaphore."),
        ("segmentCount", isa["segments"], "DRAM segments."),
        ("engineCount", len(isa["engines"]), "Engines, CTRL included."),
    ]
    for field in isa["parameter"]:
        if not field.get("reserved"):
            name = "parameter" + camel(field["name"])
            values += [(name + "Lsb", field["lsb"], "Lane of a parameter word: " + field["doc"]), (name + "Width", field["width"], "Its bits.")]
    return [f"constexpr uint32_t {name} = {value};  ///< {doc}" for name, value, doc in values] + [""]


def _struct(instruction):
    lines = [f"/// {instruction['synopsis']}. {instruction['doc']}", f"struct {camel(instruction['mnemonic'])} {{"]
    lines.append("  Header h;")
    for field in fields(instruction):
        kind = "int32_t" if signed(field) else "uint32_t"
        lines.append(f"  {kind} {field['name']} = {default(field)};  ///< {field['doc']}")
    return lines + ["};", ""]


def _registers(isa):
    lines = ["/// Byte offsets of the core's registers, masks and readers of their fields.", "namespace reg {"]
    for register in isa["registers"]:
        name = camel(register["name"])
        lines.append(f"constexpr uint32_t {name} = 0x{register['offset']:03x};  ///< {register['access']}. {register['doc']}")
        if "count" in register:
            lines.append(f"constexpr uint32_t {name}Count = {register['count']};")
            lines.append(f"constexpr uint32_t {lower_camel(register['name'])}(uint32_t index) "
                         f"{{ return 0x{register['offset']:03x} + {register['stride']} * index; }}")
        for field in register.get("fields", []):
            mask = (1 << field["width"]) - 1
            member = camel(register["name"] + "_" + field["name"])
            lines.append(f"constexpr uint32_t {member}Mask = 0x{mask << field['lsb']:x};  ///< {field['doc']}")
            lines.append(f"constexpr uint32_t {member[0].lower() + member[1:]}(uint32_t value) "
                         f"{{ return value >> {field['lsb']} & 0x{mask:x}; }}")
    return lines + ["}  // namespace reg", ""]


def header(isa):
    """Text of agc/isa/isa_gen.h."""
    instructions = isa["instructions"]
    names = [camel(item["mnemonic"]) for item in instructions]
    lines = [_BANNER, "#pragma once", "", "#include <array>", "#include <cstdint>", "#include <variant>", "",
             "namespace agc::isa {", ""]
    lines += _constants(isa)
    lines += _enum("Engine", "A unit that executes instructions in order.", "uint8_t",
                   [(item["name"], item["id"], item["doc"]) for item in isa["engines"]])
    lines += _enum("Opcode", "Operation of an instruction.", "uint8_t",
                   [(item["mnemonic"], item["opcode"], item["synopsis"]) for item in instructions])
    lines += _enum("Fault", "Why a core stopped.", "uint8_t",
                   [(item["name"], item["code"], item["doc"]) for item in isa["faults"]])
    lines += ["/// What all instructions have: semaphores to wait for and to post (0 = none), layer number for statistics.",
              "struct Header {", "  std::array<uint8_t, 4> wait{};", "  std::array<uint8_t, 4> post{};",
              "  uint16_t layer = 0;", "};", ""]
    for item in instructions:
        lines += _struct(item)
    lines += ["using Instruction = std::variant<" + ", ".join(names) + ">;", ""]
    lines += ["bool operator==(const Header& a, const Header& b);"]
    lines += [f"bool operator==(const {name}& a, const {name}& b);" for name in names]
    lines += ["inline bool operator!=(const Header& a, const Header& b) { return !(a == b); }"]
    lines += [f"inline bool operator!=(const {name}& a, const {name}& b) {{ return !(a == b); }}" for name in names]
    lines += [""] + _registers(isa) + ["}  // namespace agc::isa", ""]
    return "\n".join(lines)


def _field_rows(table, items):
    lines = [f"constexpr FieldInfo {table}[] = {{"]
    for field in items:
        lines.append(f"    {{{_text(field['name'])}, {field['lsb']}, {field['width']}, {str(signed(field)).lower()}, "
                     f"{minimum(field)}, {maximum(field)}, {str(bool(field.get('label'))).lower()}, {_text(field['doc'])}}},")
    return lines + ["};"]


def _reserved_rows(table, items):
    return [f"constexpr BitRange {table}[] = {{"] + [f"    {{{item['lsb']}, {item['width']}}}," for item in items] + ["};"]


def _list(table, items):
    """A view of a table, or of nothing: arrays of length zero do not exist in C++."""
    return f"{{{table}, {len(items)}}}" if items else "{nullptr, 0}"


def _access(instruction):
    """Reading and writing a member by the position of its descriptor."""
    name, items = camel(instruction["mnemonic"]), fields(instruction)
    argument = "" if items else "[[maybe_unused]] "
    lines = [f"int64_t get({argument}const {name}& i, {argument}size_t field) {{"]
    if items:
        lines.append("  switch (field) {")
        lines += [f"    case {n}: return i.{field['name']};" for n, field in enumerate(items)]
        lines.append("  }")
    lines += ["  return 0;", "}", "", f"void set({argument}{name}& i, {argument}size_t field, {argument}int64_t value) {{"]
    if items:
        lines.append("  switch (field) {")
        for n, field in enumerate(items):
            kind = "int32_t" if signed(field) else "uint32_t"
            lines.append(f"    case {n}: i.{field['name']} = static_cast<{kind}>(value); break;")
        lines.append("  }")
    return lines + ["}", ""]


def _tables(isa):
    lines = []
    for item in isa["instructions"]:
        name = lower_camel(item["mnemonic"])
        if fields(item):
            lines += _field_rows(f"{name}Fields", fields(item))
        if reserved(item):
            lines += _reserved_rows(f"{name}Reserved", reserved(item))
    lines += _field_rows("headerFieldTable", isa["header"])
    lines.append("constexpr InstructionInfo instructionTable[] = {")
    for item in isa["instructions"]:
        name = lower_camel(item["mnemonic"])
        lines.append(f"    {{Opcode::{camel(item['mnemonic'])}, Engine::{camel(item['engine'])}, {_text(item['mnemonic'])}, "
                     f"{_text(item['synopsis'])}, {_text(item['doc'])},")
        lines.append(f"     {str(takes_semaphores(item)).lower()}, {_list(name + 'Fields', fields(item))}, "
                     f"{_list(name + 'Reserved', reserved(item))}}},")
    lines += ["};", "constexpr NameInfo engineTable[] = {"]
    lines += [f"    {{{item['id']}, {_text(item['name'])}, {_text(item['doc'])}}}," for item in isa["engines"]]
    lines += ["};", "constexpr NameInfo faultTable[] = {"]
    lines += [f"    {{{item['code']}, {_text(item['name'])}, {_text(item['doc'])}}}," for item in isa["faults"]]
    lines += ["};", "constexpr RegisterInfo registerTable[] = {"]
    for item in isa["registers"]:
        lines.append(f"    {{{_text(item['name'])}, 0x{item['offset']:03x}, {_text(item['access'])}, {item.get('count', 1)}, "
                     f"{item.get('stride', 4)}, {_text(item['doc'])}}},")
    return lines + ["};", ""]


def source(isa):
    """Text of isa_gen.cpp: the tables behind agc/isa/info.h and member access for the generic codec."""
    lines = [_BANNER, '#include "agc/isa/info.h"', '#include "agc/isa/instruction.h"', "", "namespace agc::isa {", "namespace {", ""]
    lines += _tables(isa)
    for item in isa["instructions"]:
        lines += _access(item)
    count = len(isa["instructions"])
    lines += ["}  // namespace", "",
              f"List<InstructionInfo> instructions() {{ return {{instructionTable, {count}}}; }}",
              f"List<FieldInfo> headerFields() {{ return {{headerFieldTable, {len(isa['header'])}}}; }}",
              f"List<NameInfo> engines() {{ return {{engineTable, {len(isa['engines'])}}}; }}",
              f"List<NameInfo> faults() {{ return {{faultTable, {len(isa['faults'])}}}; }}",
              f"List<RegisterInfo> registers() {{ return {{registerTable, {len(isa['registers'])}}}; }}", "",
              "Instruction makeInstruction(size_t index) {", "  switch (index) {"]
    lines += [f"    case {n}: return {camel(item['mnemonic'])}{{}};" for n, item in enumerate(isa["instructions"])]
    lines += ["  }", f"  return {camel(isa['instructions'][0]['mnemonic'])}{{}};", "}", "",
              "int64_t getField(const Instruction& instruction, size_t field) {",
              "  return std::visit([field](const auto& i) { return get(i, field); }, instruction);", "}", "",
              "void setField(Instruction& instruction, size_t field, int64_t value) {",
              "  std::visit([field, value](auto& i) { set(i, field, value); }, instruction);", "}", "",
              "bool operator==(const Header& a, const Header& b) {",
              "  return a.wait == b.wait && a.post == b.post && a.layer == b.layer;", "}", ""]
    for item in isa["instructions"]:
        terms = ["a.h == b.h"] + [f"a.{field['name']} == b.{field['name']}" for field in fields(item)]
        lines += [f"bool operator==(const {camel(item['mnemonic'])}& a, const {camel(item['mnemonic'])}& b) {{",
                  "  return " + " && ".join(terms) + ";", "}", ""]
    return "\n".join(lines + ["}  // namespace agc::isa", ""])


def cores(items):
    """Text of cores_gen.cpp: the core files that every build knows by name."""
    lines = [_BANNER, '#include "builtin_cores.h"', "", "namespace agc::isa {", "namespace {", "",
             "constexpr BuiltinCore table[] = {"]
    for core in items:
        lines.append(f"    {{{_text(core['name'])}, 0x{core_hash(core):08x}u,")
        lines.append(f"     {_text(json.dumps(core, ensure_ascii=False))}}},")
    lines.append(f"    {{nullptr, 0, nullptr}},")
    return "\n".join(lines + ["};", "", "}  // namespace", "",
                              "const BuiltinCore* builtinCores() { return table; }",
                              f"size_t builtinCoreCount() {{ return {len(items)}; }}", "",
                              "}  // namespace agc::isa", ""])
