"""Checks of isa.json and of core files. Every mistake becomes one sentence; all of them are reported at once."""

import re

from . import model

INSTRUCTION_BITS = 256
HEADER_BITS = 64
PARAMETER_BITS = 64
REGISTER_SPACE = 4096
REGISTER_BITS = 32

# A field becomes a member of a C++ struct and part of a SystemVerilog name; `h` is the header's member.
_FORBIDDEN_NAMES = set(
    "h alignas and asm auto bitand bitor bool break case catch char class compl const continue default delete do double"
    " else enum explicit export extern false float for friend goto if inline int long mutable namespace new noexcept not"
    " operator or private protected public register return short signed sizeof static struct switch template this throw"
    " true try typedef typename union unsigned using virtual void volatile while xor wait post layer".split()
)
_KEYS = {
    "isa": ({"name", "version", "instruction_bytes", "word_bytes", "semaphores", "semaphore_max", "segments", "engines",
             "faults", "header", "parameter", "instructions", "registers"}, set()),
    "engine": ({"name", "id", "doc"}, set()),
    "fault": ({"name", "code", "doc"}, set()),
    "header field": ({"name", "lsb", "width", "doc"}, {"semaphore"}),
    "field": ({"name", "lsb", "width", "doc"}, {"signed", "min", "max", "reserved", "label"}),
    "instruction": ({"mnemonic", "opcode", "engine", "synopsis", "doc", "faults", "fields"}, set()),
    "register": ({"name", "offset", "access", "reset", "doc"}, {"fields", "count", "stride"}),
    "register field": ({"name", "lsb", "width", "doc"}, set()),
}
CORE_NUMBERS = ("pixels", "input_channels", "output_channels", "dsp_pixels", "banks", "bank_words", "weight_words",
                "queue_depth", "axi_ports", "axi_data_bits", "axi_burst_beats", "axi_outstanding", "clock_mhz")


class Checker:
    """Collects the problems of one description."""

    def __init__(self):
        self.problems = []

    def say(self, text):
        self.problems.append(text)

    def keys(self, kind, where, item):
        """False when the object cannot be looked at any further."""
        required, optional = _KEYS[kind]
        if not isinstance(item, dict):
            self.say(f"{where}: must be an object.")
            return False
        missing = sorted(required - item.keys())
        unknown = sorted(item.keys() - required - optional)
        if missing:
            self.say(f"{where}: lacks {', '.join(missing)}.")
        if unknown:
            self.say(f"{where}: has the unknown key {', '.join(unknown)}.")
        return not missing

    def whole(self, where, key, value, low, high):
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.say(f"{where}: {key} must be a whole number from {low} to {high}, not {value!r}.")
            return False
        return True

    def identifier(self, where, name, pattern):
        if not isinstance(name, str) or not re.fullmatch(pattern, name):
            self.say(f"{where}: the name {name!r} must match {pattern}.")

    def unique(self, what, pairs):
        """Each (key, owner) pair must have a key of its own."""
        seen = {}
        for key, owner in pairs:
            if key in seen:
                self.say(f"{what} {key} is used by both {seen[key]} and {owner}; give one of them another.")
            else:
                seen[key] = owner

    def cover(self, where, fields, low, high, complete):
        """Fields lie inside [low, high), do not overlap and, if `complete`, leave no bit out."""
        owner = {}
        for field in fields:
            first, last = field["lsb"], field["lsb"] + field["width"]
            if first < low or last > high:
                self.say(f"{where}: the field {field['name']} takes bits {last - 1}:{first}, outside of {high - 1}:{low}.")
            for bit in range(max(first, low), min(last, high)):
                if bit in owner:
                    self.say(f"{where}: the fields {owner[bit]} and {field['name']} overlap at bit {bit}.")
                    break
                owner[bit] = field["name"]
        if complete:
            gaps = [bit for bit in range(low, high) if bit not in owner]
            if gaps:
                self.say(f"{where}: bit {gaps[0]} belongs to no field ({len(gaps)} such bits); add a reserved field.")

    def bits(self, kind, where, fields):
        """Shape of a list of fields; returns those whose position is usable."""
        usable = []
        for field in fields if isinstance(fields, list) else []:
            name = field.get("name", "?") if isinstance(field, dict) else "?"
            here = f"{where}, field {name}"
            if not self.keys(kind, here, field):
                continue
            self.identifier(here, name, "[a-z][a-z0-9_]*")
            if not isinstance(field["doc"], str) or not field["doc"]:
                self.say(f"{here}: doc must be a sentence.")
            width = INSTRUCTION_BITS if field.get("reserved") else REGISTER_BITS
            if self.whole(here, "lsb", field["lsb"], 0, INSTRUCTION_BITS - 1) and \
                    self.whole(here, "width", field["width"], 1, width):
                usable.append(field)
        self.unique(f"{where}: the field name", [(field["name"], f"bit {field['lsb']}") for field in usable])
        return usable


def _check_names(check, isa):
    """Engines and faults: distinct names and numbers."""
    for kind, number, key in (("engine", "id", "engines"), ("fault", "code", "faults")):
        good = [item for item in isa[key] if check.keys(kind, f"{kind} {item.get('name', '?')}", item)]
        for item in good:
            check.identifier(f"{kind} {item['name']}", item["name"], "[A-Z][A-Z0-9_]*")
            check.whole(f"{kind} {item['name']}", number, item[number], 0, 15 if kind == "engine" else 255)
        check.unique(f"the {kind} name", [(item["name"], f"number {item[number]}") for item in good])
        check.unique(f"the {kind} number", [(item[number], item["name"]) for item in good])
    for name in ("NONE", "BAD_OPCODE", "BAD_FIELD", "SEMAPHORE"):
        if all(fault.get("name") != name for fault in isa["faults"]):
            check.say(f"faults: the decoder needs a fault named {name}.")


def _check_parameter(check, isa):
    fields = check.bits("field", "parameter", isa["parameter"])
    check.cover("parameter", fields, 0, PARAMETER_BITS, complete=True)
    for name in ("bias", "m", "sh"):
        if not any(field.get("name") == name for field in isa["parameter"]):
            check.say(f"parameter: lacks the field {name}.")


def _check_header(check, isa):
    fields = check.bits("header field", "header", isa["header"])
    check.cover("header", fields, 0, HEADER_BITS, complete=True)
    by_name = {field["name"]: field for field in fields}
    for name, lsb, width in (("opcode", 0, 8), ("layer", None, 16)):
        field = by_name.get(name)
        if field is None or field["width"] != width or lsb not in (None, field["lsb"]):
            check.say(f"header: needs the field {name} of {width} bits{'' if lsb is None else f' at bit {lsb}'}.")
    for field in fields:
        kind = field.get("semaphore")
        if kind is None and field["name"] not in ("opcode", "layer"):
            check.say(f"header: the field {field['name']} is neither opcode nor layer nor a semaphore.")
        elif kind not in (None, "wait", "post"):
            check.say(f"header, field {field['name']}: semaphore must be \"wait\" or \"post\", not {kind!r}.")
        elif kind and 1 << field["width"] != isa["semaphores"]:
            check.say(f"header, field {field['name']}: {field['width']} bits do not number {isa['semaphores']} semaphores.")
    for kind in ("wait", "post"):
        slots = sorted((field for field in fields if field.get("semaphore") == kind), key=lambda field: field["lsb"])
        if [field["name"] for field in slots] != [f"{kind}{n}" for n in range(4)]:
            check.say(f"header: needs the four fields {kind}0 to {kind}3, in this order.")
        elif any(b["lsb"] != a["lsb"] + a["width"] for a, b in zip(slots, slots[1:])):
            check.say(f"header: the fields {kind}0 to {kind}3 must lie side by side.")


def _check_instructions(check, isa):
    engines = {engine.get("name") for engine in isa["engines"]}
    faults = {fault.get("name") for fault in isa["faults"]}
    good = []
    for item in isa["instructions"]:
        where = f"instruction {item.get('mnemonic', '?') if isinstance(item, dict) else '?'}"
        if not check.keys("instruction", where, item):
            continue
        good.append(item)
        check.identifier(where, item["mnemonic"], "[A-Z][A-Z0-9_]*")
        check.whole(where, "opcode", item["opcode"], 1, 255)
        if item["engine"] not in engines:
            check.say(f"{where}: there is no engine {item['engine']!r}; engines are {', '.join(sorted(map(str, engines)))}.")
        for fault in item["faults"]:
            if fault not in faults:
                check.say(f"{where}: there is no fault {fault!r}; see the list of faults.")
        fields = check.bits("field", where, item["fields"])
        check.cover(where, fields, HEADER_BITS, INSTRUCTION_BITS, complete=True)
        for field in fields:
            if field.get("reserved"):
                continue
            if field["name"] in _FORBIDDEN_NAMES:
                check.say(f"{where}: a field cannot be called {field['name']}; it is a keyword or taken by the header.")
            if "label" in field and (field["label"] is not True or model.signed(field)):
                check.say(f"{where}, field {field['name']}: label must be true or absent, and such a field counts instructions, so it has no sign.")
            if "max" in field:
                check.whole(f"{where}, field {field['name']}", "max", field["max"], 1, model.largest(field))
                if model.signed(field):
                    check.say(f"{where}, field {field['name']}: a signed field cannot have a max; the checker compares without sign.")
            if "min" in field:
                check.whole(f"{where}, field {field['name']}", "min", field["min"], 0, model.largest(field))
                if field.get("max", field["min"]) < field["min"]:
                    check.say(f"{where}, field {field['name']}: max {field['max']} is below min {field['min']}.")
    check.unique("the mnemonic", [(item["mnemonic"], f"opcode {item['opcode']}") for item in good])
    check.unique("the opcode", [(item["opcode"], item["mnemonic"]) for item in good])


def _check_registers(check, isa):
    addresses, names = [], []
    for item in isa["registers"]:
        where = f"register {item.get('name', '?') if isinstance(item, dict) else '?'}"
        if not check.keys("register", where, item):
            continue
        names.append((item["name"], f"offset {item['offset']}"))
        check.identifier(where, item["name"], "[A-Z][A-Z0-9_]*")
        if item["access"] not in ("ro", "rw", "wo", "w1c"):
            check.say(f"{where}: access must be ro, rw, wo or w1c, not {item['access']!r}.")
        if item["reset"] not in ("isa_version", "core_hash"):
            check.whole(where, "reset", item["reset"], 0, (1 << REGISTER_BITS) - 1)
        if ("count" in item) != ("stride" in item):
            check.say(f"{where}: count and stride come together.")
        count, stride = item.get("count", 1), item.get("stride", 4)
        if check.whole(where, "offset", item["offset"], 0, REGISTER_SPACE - 4) and \
                check.whole(where, "count", count, 1, REGISTER_SPACE // 4) and \
                check.whole(where, "stride", stride, 4, REGISTER_SPACE):
            if item["offset"] % 4 or stride % 4:
                check.say(f"{where}: offset and stride must be multiples of 4.")
            if item["offset"] + (count - 1) * stride >= REGISTER_SPACE:
                check.say(f"{where}: its last element is beyond the {REGISTER_SPACE} bytes of the register space.")
            addresses += [(item["offset"] + n * stride, f"{item['name']}[{n}]" if count > 1 else item["name"])
                          for n in range(count)]
        check.cover(where, check.bits("register field", where, item.get("fields", [])), 0, REGISTER_BITS, complete=False)
    check.unique("the register name", names)
    check.unique("the register address", addresses)


def check_isa(isa):
    """All problems of an ISA description, as sentences; an empty list means that the emitters can trust it."""
    check = Checker()
    if not check.keys("isa", "isa", isa):
        return check.problems
    for key in ("engines", "faults", "header", "parameter", "instructions", "registers"):
        if not isinstance(isa[key], list) or not all(isinstance(item, dict) for item in isa[key]):
            check.say(f"isa: {key} must be a list of objects.")
    version = isa["version"]
    if not isinstance(version, dict) or version.keys() != {"major", "minor"}:
        check.say("isa: version must be {\"major\": ..., \"minor\": ...}.")
    else:
        for key, value in version.items():
            check.whole("isa version", key, value, 0, 65535)
    for key, low, high in (("instruction_bytes", 32, 32), ("word_bytes", 8, 8), ("semaphores", 2, 32),
                           ("semaphore_max", 1, 255), ("segments", 1, 8)):
        check.whole("isa", key, isa[key], low, high)
    if not check.problems:
        _check_names(check, isa)
        _check_header(check, isa)
        _check_parameter(check, isa)
        _check_instructions(check, isa)
        _check_registers(check, isa)
    return check.problems


def check_core(where, core):
    """All problems of a core file that the generator itself would trip over; ranges are CoreConfig's business."""
    check = Checker()
    if not isinstance(core, dict):
        return [f"{where}: must be an object."]
    expected = {"name", *CORE_NUMBERS}
    missing, unknown = sorted(expected - core.keys()), sorted(core.keys() - expected - {"description"})
    if missing:
        check.say(f"{where}: lacks {', '.join(missing)}.")
    if unknown:
        check.say(f"{where}: has the unknown key {', '.join(unknown)}.")
    check.identifier(where, core.get("name"), "[a-z][a-z0-9_]*")
    for key in CORE_NUMBERS:
        if key in core:
            check.whole(where, key, core[key], 1, (1 << 20))
    return check.problems
