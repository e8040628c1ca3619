"""The ISA and core files as Python objects, with the names that the emitters derive from them."""

import json

# CRC-32C, reflected: the one that iSCSI and the program container use.
_POLYNOMIAL = 0x82F63B78


class IsaError(Exception):
    """A mistake in a description file; the text is a sentence for its author."""


def load_json(path):
    """Reads a JSON file; refuses repeated keys, which `json` would swallow."""

    def unique(pairs):
        keys = [key for key, _ in pairs]
        for key in keys:
            if keys.count(key) > 1:
                raise IsaError(f"{path}: the key '{key}' appears twice in one object; keep one of them.")
        return dict(pairs)

    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file, object_pairs_hook=unique)
    except OSError as error:
        raise IsaError(f"{path}: cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:
        raise IsaError(f"{path}: is not JSON ({error}).") from error


def camel(name):
    """CONV_GEO -> ConvGeo, wait_cycles -> WaitCycles."""
    return "".join(part[:1].upper() + part[1:].lower() for part in name.split("_"))


def lower_camel(name):
    """SEG_BASE -> segBase."""
    text = camel(name)
    return text[0].lower() + text[1:]


def fields(instruction):
    """The fields of an instruction that carry a value."""
    return [field for field in instruction["fields"] if not field.get("reserved")]


def reserved(instruction):
    """The bits of an instruction that must be zero."""
    return [field for field in instruction["fields"] if field.get("reserved")]


def signed(field):
    return bool(field.get("signed"))


def minimum(field):
    """Smallest legal value of a field."""
    return field.get("min", -(1 << (field["width"] - 1)) if signed(field) else 0)


def maximum(field):
    """Largest legal value of a field."""
    return field["max"] if "max" in field else largest(field)


def largest(field):
    """Largest value that a field's bits hold."""
    return (1 << (field["width"] - (1 if signed(field) else 0))) - 1


def default(field):
    """Value of a field that nobody set."""
    return field.get("min", 0)


def semaphore_fields(isa, kind):
    """Header fields of the wait or the post list, in order."""
    return [field for field in isa["header"] if field.get("semaphore") == kind]


def takes_semaphores(instruction):
    """An instruction that lists the fault SEMAPHORE must have empty lists."""
    return "SEMAPHORE" not in instruction["faults"]


def version_word(isa):
    return isa["version"]["major"] << 16 | isa["version"]["minor"]


def canonical_core(core):
    """The text that a core's hash is taken of."""
    numbers = {key: value for key, value in core.items() if key != "description"}
    return json.dumps(numbers, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def core_hash(core):
    return crc32c(canonical_core(core).encode("utf-8"))
