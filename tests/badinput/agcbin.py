"""Files for bad-input tests, made with the standard library only: program containers, .npy arrays, .png pictures."""

import struct
import zlib

HEADER_BYTES = 32
SECTION_BYTES = 24


def crc32c(data):
    """CRC-32C (Castagnoli), bit by bit: the files are small."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


class Container:
    """A prog.bin (docs/machine.md) taken apart; `pack` puts it together again with correct checksums."""

    def __init__(self, data):
        (self.magic, self.container, self.isa_major, self.isa_minor, count, self.core_hash, _, self.zero, _) = struct.unpack_from("<8sHHHHIIII", data)
        self.sections = []
        for i in range(count):
            kind, _, offset, size = struct.unpack_from("<4sIQQ", data, HEADER_BYTES + SECTION_BYTES * i)
            self.sections.append([kind, data[offset:offset + size]])

    def section(self, kind):
        return next(s for s in self.sections if s[0] == kind)

    def pack(self):
        table, body = b"", b""
        start = HEADER_BYTES + SECTION_BYTES * len(self.sections)
        for kind, content in self.sections:
            offset = (start + len(body) + 63) // 64 * 64
            body += bytes(offset - start - len(body)) + content
            table += struct.pack("<4sIQQ", kind, crc32c(content), offset, len(content))

        def header(crc):
            return struct.pack("<8sHHHHIIII", self.magic, self.container, self.isa_major, self.isa_minor, len(self.sections), self.core_hash,
                               start + len(body), self.zero, crc)

        return header(crc32c(header(0) + table)) + table + body


def npy(descr, shape, data, fortran=False):
    """An .npy file, version 1."""
    shape_text = "(" + "".join(f"{n}, " for n in shape) + ")"
    text = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape_text}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def png(width, height, colour=2, depth=8, extra=b""):
    """A PNG of arbitrary pixels. `colour`: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha; `extra`: chunks before the pixels."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row_bytes = (width * channels * depth + 7) // 8
    rows = b"".join(b"\0" + bytes((7 * (y * row_bytes + x)) & 255 if colour != 3 else 0 for x in range(row_bytes)) for y in range(height))
    palette = chunk(b"PLTE", bytes(6)) if colour == 3 else b""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)) + palette + extra
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
