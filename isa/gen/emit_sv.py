"""SystemVerilog of the instruction set: constants as plain integers, and the decoder of faulty instructions.

Neither functions nor structs: the packages must be taken by Verilator, Yosys and Vivado alike.
"""

from .model import camel, core_hash, fields, largest, maximum, minimum, reserved, takes_semaphores, version_word

_BANNER = "// Generated from isa/isa.json and isa/cores by isa/gen/isagen.py; do not edit.\n"
_LINT_OFF = "  // A package offers more than each of its users takes.\n  // verilator lint_off UNUSED\n"


def _package(name, doc, lines):
    return "\n".join([_BANNER + f"\n// {doc}\npackage {name};\n{_LINT_OFF}"] + ["  " + line if line else "" for line in lines] +
                     ["\n  // verilator lint_on UNUSED\nendpackage\n"])


def _integer(name, value):
    return f"localparam int unsigned {name} = {value};"


def _literal(name, width, value, doc=None):
    digits = (width + 3) // 4
    text = f"localparam logic [{width - 1}:0] {name} = {width}'h{value:0{digits}x};"
    return f"{text}  // {doc}" if doc else text


def isa_package(isa):
    """Text of agc_isa_pkg.sv."""
    lines = [_literal("ISA_VERSION", 32, version_word(isa)),
             _integer("INSTR_W", 8 * isa["instruction_bytes"]), _integer("WORD_W", 8 * isa["word_bytes"]),
             _integer("SEM_COUNT", isa["semaphores"]), _integer("SEM_W", (isa["semaphores"] - 1).bit_length()),
             _integer("SEM_MAX", isa["semaphore_max"]), _integer("SEM_SLOTS", 4),
             _integer("SEG_COUNT", isa["segments"]), _integer("ENG_COUNT", len(isa["engines"])), "", "// Engines"]
    lines += [_literal("ENG_" + item["name"], 4, item["id"], item["doc"]) for item in isa["engines"]]
    lines += ["", "// Operations"]
    lines += [_literal("OP_" + item["mnemonic"], 8, item["opcode"], item["synopsis"]) for item in isa["instructions"]]
    lines += ["", "// Faults"]
    lines += [_literal("FAULT_" + item["name"], 8, item["code"], item["doc"]) for item in isa["faults"]]
    lines += ["", "// Header fields: lowest bit and width. The four slots of a list lie side by side."]
    by_name = {field["name"]: field for field in isa["header"]}
    for field in isa["header"]:
        lines += _position("HDR_" + field["name"].upper(), field)
    lines += [_integer("HDR_WAIT_LSB", by_name["wait0"]["lsb"]), _integer("HDR_POST_LSB", by_name["post0"]["lsb"])]
    lines += ["", "// Fields of a lane of a parameter word"]
    for field in isa["parameter"]:
        if not field.get("reserved"):
            lines += _position("PAR_" + field["name"].upper(), field)
    for item in isa["instructions"]:
        if fields(item):
            lines += ["", f"// Fields of {item['mnemonic']}"]
        for field in fields(item):
            lines += _position(f"{item['mnemonic']}_{field['name'].upper()}", field)
    lines += ["", "// Registers: byte addresses, and positions of their fields"]
    for item in isa["registers"]:
        name = "REG_" + item["name"]
        lines.append(_literal(name, 12, item["offset"]))
        if isinstance(item["reset"], int) and item["reset"]:
            lines.append(_literal(name + "_RESET", 32, item["reset"]))
        if "count" in item:
            lines += [_integer(name + "_COUNT", item["count"]), _integer(name + "_STRIDE", item["stride"])]
        for field in item.get("fields", []):
            lines += _position(f"{name}_{field['name'].upper()}", field)
    return _package("agc_isa_pkg", "Instruction set: numbers, bit positions, register addresses.", lines)


def _position(name, field):
    return [_integer(name + "_LSB", field["lsb"]), _integer(name + "_W", field["width"])]


def core_package(isa, core):
    """Text of <core>/agc_cfg_pkg.sv; every core has a package of the same name."""
    lines = [_integer(camel(key), value) for key, value in core.items() if key not in ("name", "description")]
    lines += [_integer("ScratchpadWords", core["banks"] * core["bank_words"]),
              _literal("CoreHash", 32, core_hash(core)), _literal("IsaVersion", 32, version_word(isa))]
    return _package("agc_cfg_pkg", f"Configuration of the core {core['name']}.", lines)


def _slice(field):
    if field["width"] == 1:
        return f"instr_i[{field['lsb']}]"
    return f"instr_i[{field['lsb'] + field['width'] - 1}:{field['lsb']}]"


def _bad_terms(item):
    """Conditions under which an instruction is BAD_FIELD."""
    terms = [f"(|{_slice(field)})" if field["width"] > 1 else _slice(field) for field in reserved(item)]
    for field in fields(item):
        low = minimum(field)
        if low == 1:
            terms.append(f"!(|{_slice(field)})" if field["width"] > 1 else f"!{_slice(field)}")
        elif low > 1 and low <= maximum(field):
            terms.append(f"({_slice(field)} < {field['width']}'d{low})")
        if maximum(field) < largest(field):
            terms.append(f"({_slice(field)} > {field['width']}'d{maximum(field)})")
    return terms or ["1'b0"]


def field_checker(isa):
    """Text of agc_isa_check.sv: what the fetch unit asks about an instruction before it queues it."""
    slots = [field for field in isa["header"] if field.get("semaphore")]
    first = min(field["lsb"] for field in slots)
    last = max(field["lsb"] + field["width"] for field in slots) - 1
    opcode = next(field for field in isa["header"] if field["name"] == "opcode")
    lines = [_BANNER, "// Engine of an instruction, and whether it is well formed. Combinational.",
             "//   cause_o: FAULT_NONE, FAULT_BAD_OPCODE, FAULT_BAD_FIELD (reserved bit set, field outside of its range) or",
             "//            FAULT_SEMAPHORE (an instruction without semaphores has some).",
             "// Names carry their package, because Yosys knows no import.",
             "module agc_isa_check (", "  input  logic [255:0] instr_i,", "  output logic [3:0]   engine_o,",
             "  output logic [7:0]   cause_o", ");", "",
             "  logic known, bad_field, bad_semaphore;", "", "  always_comb begin",
             "    known         = 1'b1;", "    bad_field     = 1'b0;", "    bad_semaphore = 1'b0;", "    engine_o      = agc_isa_pkg::ENG_CTRL;",
             f"    unique case ({_slice(opcode)})"]
    for item in isa["instructions"]:
        terms = _bad_terms(item)
        lines += [f"      agc_isa_pkg::OP_{item['mnemonic']}: begin", f"        engine_o  = agc_isa_pkg::ENG_{item['engine']};"]
        lines += [f"        bad_field = {terms[0]}"] + [f"                  | {term}" for term in terms[1:]]
        lines[-1] += ";"
        if not takes_semaphores(item):
            lines.append(f"        bad_semaphore = |instr_i[{last}:{first}];")
        lines.append("      end")
    lines += ["      default: known = 1'b0;", "    endcase", "",
              "    if (!known) cause_o = agc_isa_pkg::FAULT_BAD_OPCODE;", "    else if (bad_field) cause_o = agc_isa_pkg::FAULT_BAD_FIELD;",
              "    else if (bad_semaphore) cause_o = agc_isa_pkg::FAULT_SEMAPHORE;", "    else cause_o = agc_isa_pkg::FAULT_NONE;", "  end", "",
              "  // Fields without a rule of their own are not looked at.",
              "  logic unused_instr;", "  assign unused_instr = ^instr_i;", "", "endmodule", ""]
    return "\n".join(lines)
