"""docs/isa.md: the reference of instructions, semaphores, faults and registers."""

from .model import core_hash, maximum, minimum, signed, takes_semaphores


def _prose(text):
    """A sentence of the description, with what Markdown would take for emphasis or a tag escaped outside of `code`."""
    parts = text.split("`")
    parts[::2] = [part.replace("*", "\\*").replace("<", "\\<") for part in parts[::2]]
    return "`".join(parts)


def _table(titles, rows):
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    return lines + ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows] + [""]


def _bits(field):
    last = field["lsb"] + field["width"] - 1
    return f"{last}:{field['lsb']}" if field["width"] > 1 else str(last)


def _range(field):
    if field.get("reserved"):
        return "0"
    return f"{minimum(field)} to {maximum(field)}"


def _field_rows(items):
    return [(_bits(field), f"`{field['name']}`", ("s" if signed(field) else "u") + str(field["width"]), _range(field),
             _prose(field["doc"])) for field in items]


def _instruction(isa, item):
    lines = [f"### {item['mnemonic']}", "", f"{item['synopsis']}. Opcode 0x{item['opcode']:02x}, engine {item['engine']}, "
             f"faults {', '.join(item['faults'])}{'' if takes_semaphores(item) else '; both semaphore lists must be empty'}.",
             "", _prose(item["doc"]), ""]
    return lines + _table(("bits", "field", "type", "range", "meaning"), _field_rows(item["fields"]))


def _registers(isa):
    rows = []
    for item in isa["registers"]:
        place = f"0x{item['offset']:03x}"
        if "count" in item:
            place += f" + {item['stride']}n, n \\< {item['count']}"
        reset = {"isa_version": "ISA version", "core_hash": "core hash"}.get(item["reset"], item["reset"])
        rows.append((place, item["name"], item["access"], reset, _prose(item["doc"])))
        rows += [(f"bit{'s' if field['width'] > 1 else ''} {_bits(field)}", f"`{field['name']}`", "", "", _prose(field["doc"])) for field in item.get("fields", [])]
    return _table(("offset", "register", "access", "reset", "meaning"), rows)


def reference(isa, cores):
    """Text of the page."""
    version = f"{isa['version']['major']}.{isa['version']['minor']}"
    lines = ["# Instruction set reference", "",
             "<!-- Generated from isa/isa.json and isa/cores by isa/gen/isagen.py; do not edit. -->", "",
             f"Version {version}. What the instructions do together is on the page [The machine](machine.md); this page has every bit. "
             f"An instruction has {isa['instruction_bytes']} bytes, little endian; bit 0 is bit 0 of byte 0. Words are scratchpad words "
             f"of {isa['word_bytes']} bytes unless a line says otherwise.", "",
             "## Instructions", ""]
    lines += _table(("opcode", "instruction", "engine", "purpose"),
                    [(f"0x{item['opcode']:02x}", f"[{item['mnemonic']}](#{item['mnemonic'].lower()})", item["engine"],
                      item["synopsis"]) for item in isa["instructions"]])
    lines += ["### Header", "", "The low 64 bits of every instruction.", ""]
    lines += _table(("bits", "field", "type", "range", "meaning"), _field_rows(isa["header"]))
    lines += ["### Parameter word", "", "Eight lanes of 64 bits, one for each output channel of a block, in front of the block's weights.", ""]
    lines += _table(("bits", "field", "type", "range", "meaning"), _field_rows([f for f in isa["parameter"] if not f.get("reserved")]))
    for item in isa["instructions"]:
        lines += _instruction(isa, item)
    labels = ", ".join(f"`{field['name']}` of {item['mnemonic']}" for item in isa["instructions"] for field in item["fields"]
                       if field.get("label"))
    lines += ["## Text form", "",
              "One instruction a line: the mnemonic, then `name=value` in any order, decimal or `0x` hexadecimal. Fields left out have their "
              "smallest legal count or 0. `wait=1,2` and `post=3` are the semaphore lists, `layer=4` the layer number. `#` starts a comment, "
              "blank lines are nothing. `name:` in front of an instruction, or on a line of its own, is a label; a field that counts "
              f"instructions ({labels}) may name one that lies behind it. [tools.md](tools.md) says how programs become text and "
              "text programs.",
              "", "    LOAD seg=3 dram=128 n0=16 n1=4 n2=2 d1=16 d2=256 s1=16 s2=64 wait=2 post=1 layer=1", "",
              "## Engines", ""]
    lines += _table(("number", "engine", "purpose"), [(item["id"], item["name"], _prose(item["doc"])) for item in isa["engines"]])
    lines += ["## Semaphores and segments", "",
              f"{isa['semaphores'] - 1} semaphores, numbers 1 to {isa['semaphores'] - 1}, counts 0 to {isa['semaphore_max']}; number 0 means "
              f"none. {isa['segments']} DRAM segments.", "", "## Faults", ""]
    lines += _table(("code", "fault", "meaning"), [(item["code"], item["name"], _prose(item["doc"])) for item in isa["faults"]])
    lines += ["## Registers", "", "AXI4-Lite, 32 bits. Access: ro read only, rw read and write, wo write only, w1c write 1 to clear. "
              "Bits without a name read as zero.", ""]
    lines += _registers(isa)
    lines += ["## Cores", "", "The core files of `isa/cores`. The hash is the CRC-32C that programs and the register CORE_HASH carry.", ""]
    keys = [key for key in (cores[0] if cores else {}) if key not in ("name", "description")]
    lines += _table(("", *(core["name"] for core in cores)),
                    [("hash", *(f"0x{core_hash(core):08x}" for core in cores))] +
                    [(f"`{key}`", *(core[key] for core in cores)) for key in keys])
    return "\n".join(lines).rstrip("\n") + "\n"
