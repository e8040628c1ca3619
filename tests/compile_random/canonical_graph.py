"""Graphs of the canonical form, drawn at random, as MLIR text and evaluated with the integers of docs/machine.md.

What no ONNX file says directly is reached this way: any factor, zero point, table, window and place."""

import numpy as np

SCALE = 0.5


def round_half_even(value, shift):
    value, shift = np.broadcast_arrays(np.asarray(value, np.int64), np.asarray(shift, np.int64))
    half = np.where(shift > 0, np.int64(1) << np.maximum(shift - 1, 0), 0)
    floor = value >> shift
    rest = value - (floor << shift)
    return floor + ((rest > half) | ((rest == half) & (shift > 0) & (floor & 1 == 1)))


def accumulate(data, weights, grouped, strides, dilations, pads, pad_value, size):
    """data [C][H][W], weights [O][Ig][KH][KW]; grouped: output block j reads its Ig channels from j*Ig on."""
    top, left, bottom, right = pads
    padded = np.pad(data, ((0, 0), (top, bottom), (left, right)), constant_values=pad_value).astype(np.float64)
    out, width, kh, kw = weights.shape
    blocks = -(-out // 8)
    acc = np.zeros((out, *size))
    for ky in range(kh):
        for kx in range(kw):
            y, x = ky * dilations[0], kx * dilations[1]
            view = padded[:, y:y + (size[0] - 1) * strides[0] + 1:strides[0], x:x + (size[1] - 1) * strides[1] + 1:strides[1]]
            taps = weights[:, :, ky, kx].astype(np.float64)
            if not grouped:
                acc += np.tensordot(taps, view, 1)
                continue
            for j in range(blocks):
                part = view[j * width:(j + 1) * width]
                acc[8 * j:8 * j + 8] += np.tensordot(taps[8 * j:8 * j + 8, :part.shape[0]], part, 1)
    return acc.astype(np.int64)


class Value:
    def __init__(self, name, data, zero, kind):
        self.name, self.data, self.zero, self.kind, self.read, self.placed = name, data, zero, kind, False, False

    @property
    def shape(self):
        return self.data.shape

    @property
    def type(self):
        return f"tensor<{'x'.join(map(str, self.shape))}x!quant.uniform<i8:f32, {SCALE}{':' + str(self.zero) if self.zero else ''}>>"


class Graph:
    def __init__(self, seed):
        self.rng = np.random.default_rng([11, seed])
        self.lines, self.values, self.inputs, self.outputs, self.count = [], [], [], [], 0

    def _name(self):
        self.count += 1
        return f"%v{self.count}"

    def _add(self, value):
        self.values.append(value)
        return value

    def zero(self):
        return int(self.rng.choice([0, 0, -128, int(self.rng.integers(-60, 61))]))

    def input(self, shape):
        zero = self.zero()
        data = np.clip(np.rint(self.rng.normal(zero, 50, shape)), -128, 127).astype(np.int8)
        value = self._add(Value(f"%in{len(self.inputs)}", data, zero, "input"))
        self.inputs.append(value)
        return value

    def window(self, value, offsets, shape):
        n, c, y, x = offsets
        data = value.data[n:n + 1, c:c + shape[1], y:y + shape[2], x:x + shape[3]]
        result = Value(self._name(), data, value.zero, "window")
        value.read = True
        self.lines.append(f"  {result.name} = qnn.window {value.name} {{offsets = array<i64: {n}, {c}, {y}, {x}>}} : ({value.type}) -> {result.type}")
        return self._add(result)

    def assemble(self, parts, offsets, shape):
        data = np.zeros(shape, np.int8)
        for part, (n, c, y, x) in zip(parts, offsets):
            _, channels, height, width = part.shape
            data[n:n + 1, c:c + channels, y:y + height, x:x + width] = part.data
            part.placed = part.read = True
        result = Value(self._name(), data, parts[0].zero, "assemble")
        places = ", ".join(str(v) for offset in offsets for v in offset)
        self.lines.append(f"  {result.name} = qnn.assemble {', '.join(p.name for p in parts)} {{offsets = array<i64: {places}>}} : "
                          f"({', '.join(p.type for p in parts)}) -> {result.type}")
        return self._add(result)

    def conv(self, value, channels=None, kernel=(1, 1), strides=(1, 1), dilations=(1, 1), pads=(0, 0, 0, 0), upsample=False, group=0,
             shared=False, residual=None, res_op="add", table=False, table_first=False, pool=None, interleave=None, zero=None,
             pad_value=None, identity=False, like=None):
        """One fused_conv. `group`: input blocks of one output block, for block-grouped ones. `pool`: max_window.
        `like`: a result whose bias and factors these are."""
        rng, data = self.rng, value.data[0].astype(np.int64)
        py, px = interleave or (1, 1)
        inputs = data.shape[0]
        blocks = -(-inputs // 8)
        if group:
            out_blocks = blocks // group
            assert blocks % group == 0 and out_blocks % (py * px) == 0
            phase_blocks = out_blocks // (py * px)
            # Shared weights read lanes that no channel has, where the last block is not full.
            most = phase_blocks * 8 - (blocks * 8 - inputs if shared else 0)
            channels = min(channels or most, most)
            assert -(-channels // 8) == phase_blocks
        phase_channels = -(-channels // 8) * 8 if py * px > 1 else channels
        width = group * 8 if group else inputs
        lanes = 8 if shared else py * px * phase_channels
        kh, kw = kernel
        weights = rng.integers(-127, 128, (lanes, width, kh, kw)).astype(np.int64)
        if kh * kw > 200:
            weights = np.where(rng.random(weights.shape) < 0.5, weights, 1)
        if group and (shared or identity):
            # Lanes that do not exist may hold anything: each lane keeps to itself.
            keep = np.tile(np.eye(8, dtype=np.int64)[np.arange(lanes) % 8], (1, group))[:, :, None, None]
            weights = keep * np.ones((kh, kw), np.int64) if pool or identity else weights * keep
        elif group:
            # Channels beyond the last one.
            for o in range(lanes):
                first = o // 8 * width
                weights[o, max(0, inputs - first):] = 0
        if not shared and py * px > 1:
            weights[np.arange(lanes) % phase_channels >= channels] = 0
        if pool:
            pad_value = -128
        elif pad_value is None:
            pad_value = value.zero if rng.random() < 0.6 else int(rng.integers(-128, 128))
        mapped = data.repeat(2, axis=1).repeat(2, axis=2) if upsample else data
        wh, ww = pool or kernel
        size = [(mapped.shape[1 + i] + pads[i] + pads[i + 2] - dilations[i] * ((wh, ww)[i] - 1) - 1) // strides[i] + 1 for i in (0, 1)]
        assert min(size) > 0
        full = np.concatenate([weights] * (blocks // group))[:py * px * phase_channels if py * px > 1 else channels] if shared else weights
        repeats = -(-full.shape[0] // lanes)
        spread = lambda v: np.tile(v, repeats)[:full.shape[0]].reshape(-1, 1, 1)  # noqa: E731

        def positions():
            if not pool:
                yield accumulate(mapped, full, bool(group), strides, dilations, pads, pad_value, size)
                return
            for ky in range(wh):
                for kx in range(ww):
                    top, left = ky * dilations[0], kx * dilations[1]
                    padded = np.pad(mapped, ((0, 0), (pads[0], pads[2]), (pads[1], pads[3])), constant_values=-128)
                    moved = padded[:, top:top + (size[0] - 1) * strides[0] + 1, left:left + (size[1] - 1) * strides[1] + 1]
                    yield accumulate(moved, full, True, strides, (1, 1), (0, 0, 0, 0), -128, size)

        accs = list(positions())
        bias = np.full(lanes, -value.zero) if pool or identity else np.rint(rng.normal(-np.mean(accs[0]), np.std(accs[0]) / 2, lanes)).astype(np.int64)
        factor = 42 / max(1.0, float(np.std(accs[0]))) if not (pool or identity) else 1.0
        exponent = np.floor(np.log2(factor))
        scale = rng.uniform(0.7, 1.4, lanes) if not (pool or identity) else np.ones(lanes)
        shift = np.full(lanes, int(23 - exponent))
        multiplier = np.clip(np.rint(factor * scale * 2.0 ** shift), 1 << 23, (1 << 24) - 1).astype(np.int64)
        if like is not None:
            bias, multiplier, shift = like.parameters
        wanted = self.zero() if zero is None else zero
        z1 = value.zero if pool or identity else self.zero() if residual is not None else wanted
        lo1, hi1 = (-128, 127) if rng.random() < 0.7 else sorted(int(v) for v in rng.integers(-100, 101, 2))
        if lo1 > hi1 - 20:
            lo1, hi1 = -128, 127
        first = np.stack([round_half_even((acc + spread(bias)) * spread(multiplier), spread(shift)) + z1 for acc in accs]).clip(lo1, hi1)
        q = first.max(axis=0)
        entries = None
        text = ""
        if table:
            entries = np.clip(np.rint(np.cumsum(rng.normal(0, 9, 256))), -128, 127).astype(np.int64)
            if rng.random() < 0.3:
                entries = rng.integers(-128, 128, 256)
            text += f"table = array<i8: {', '.join(map(str, entries))}>, "
        if table and table_first:
            q = entries[q + 128]
            text += "table_first, "
        result_zero = z1
        if residual is not None:
            r = residual.data[0].astype(np.int64)
            zq = int(rng.integers(-60, 61)) if table_first else z1
            zo = wanted
            a, b = int(rng.integers(1 << 20, 1 << 21)), int(rng.integers(-(1 << 21), 1 << 21))
            if res_op == "mul":
                b, sh2 = 0, 26
                v = (q - zq) * (r - residual.zero) * a
            else:
                sh2 = int(rng.integers(20, 22))
                first, second = (q - zq) * a, (r - residual.zero) * b
                v = {"add": np.add, "max": np.maximum, "min": np.minimum}[res_op](first, second)
            q = (round_half_even(v, sh2) + zo).clip(-128, 120)
            result_zero = zo
            text += (f'res_op = "{res_op}", zq = {zq} : i64, zr = {residual.zero} : i64, a = {a} : i64, b = {b} : i64, sh2 = {sh2} : i64, '
                     f"zo = {zo} : i64, lo = -128 : i64, hi = 120 : i64, ")
            residual.read = True
        if table and not table_first:
            q = entries[q + 128]
            result_zero = wanted
        if py * px > 1:
            phases = q.reshape(py, px, phase_channels, *size)[:, :, :channels]
            q = phases.transpose(2, 3, 0, 4, 1).reshape(channels, size[0] * py, size[1] * px)
            text += f"interleave = array<i64: {py}, {px}>, "
        if pool:
            text += f"max_window = array<i64: {wh}, {ww}>, "
        text += "".join(f"{name}, " for name, on in (("upsample", upsample), ("block_grouped", group), ("shared", shared)) if on)
        result = Value(self._name(), q[None].astype(np.int8), result_zero, "conv")
        result.parameters = bias, multiplier, shift
        value.read = True
        numbers = lambda v: ", ".join(str(int(n)) for n in v)  # noqa: E731
        dims = "x".join(map(str, weights.shape))
        operands = value.name + (f" residual {residual.name}" if residual is not None else "")
        types = ", ".join(v.type for v in (value, residual) if v is not None)
        self.lines.append(
            f'  {result.name} = qnn.fused_conv {operands} {{weights = dense<"0x{weights.astype(np.int8).tobytes().hex().upper()}"> : tensor<{dims}xi8>, '
            f"bias = array<i32: {numbers(bias)}>, multiplier = array<i32: {numbers(multiplier)}>, shift = array<i32: {numbers(shift)}>, "
            f"strides = array<i64: {numbers(strides)}>, dilations = array<i64: {numbers(dilations)}>, pads = array<i64: {numbers(pads)}>, "
            f"pad_value = {pad_value} : i64, z1 = {z1} : i64, lo1 = {lo1} : i64, hi1 = {hi1} : i64, {text}"
            f'ops = ["Conv"], names = ["/{result.name[1:]}"], macs = 0 : i64}} : ({types}) -> {result.type}')
        return self._add(result)

    def output(self, value):
        self.outputs.append(value)

    def finish(self):
        """Whatever nothing reads becomes an output; windows and inputs through a copy."""
        for value in list(self.values):
            if value.read or value in self.outputs:
                continue
            if value.kind in ("input", "window"):
                for image in range(value.shape[0]):
                    part = value
                    if value.shape[0] > 1:
                        part = self.window(value, (image, 0, 0, 0), (1, *value.shape[1:]))
                    self.output(self.conv(part, group=1, shared=True, identity=True, channels=value.shape[1]))
            else:
                self.output(value)
        return self

    def text(self):
        border = lambda v, i, kind: f'{{qnn.name = "{kind}{i}", qnn.border = "int8"}}'  # noqa: E731
        arguments = ", ".join(f"{v.name}: {v.type} {border(v, i, 'in')}" for i, v in enumerate(self.inputs))
        results = ", ".join(f"{v.type} {border(v, i, 'out')}" for i, v in enumerate(self.outputs))
        return (f"func.func @main({arguments}) -> ({results}) {{\n" + "\n".join(self.lines) +
                f"\n  return {', '.join(v.name for v in self.outputs)} : {', '.join(v.type for v in self.outputs)}\n}}\n")


def _pixels(value):
    return value.shape[2] * value.shape[3]


def random_graph(seed, scale=1):
    graph = Graph(seed)
    rng = graph.rng
    pick = lambda *choices: choices[int(rng.integers(len(choices)))]  # noqa: E731
    shape = (1, int(rng.integers(1, 50)), int(rng.integers(1, 20 * scale)), int(rng.integers(1, 26 * scale)))
    usable = [graph.input(shape)]
    if rng.random() < 0.4:
        batch = graph.input((int(rng.integers(2, 4)), *shape[1:]))
        for image in range(batch.shape[0]):
            usable.append(graph.window(batch, (image, 0, 0, 0), (1, *shape[1:])))
    for _ in range(int(rng.integers(2, 9))):
        value = usable[int(rng.integers(max(0, len(usable) - 3), len(usable)))]
        _, channels, height, width = value.shape
        blocks = -(-channels // 8)
        kind = pick("conv", "conv", "residual", "broadcast", "table", "pool", "interleave", "window", "window", "assemble", "assemble", "average", "group")
        if kind in ("conv", "residual", "table", "group"):
            kernel = (pick(1, 1, 3, 5), pick(1, 1, 3, 5))
            strides = (1, 1) if kind == "residual" else (pick(1, 1, 2, 3), pick(1, 1, 2, 3))
            pads = [kernel[0] // 2, kernel[1] // 2] * 2
            options = dict(kernel=kernel, strides=strides, pads=pads)
            out = int(rng.integers(1, 60))
            if kind == "group":
                group = pick(*[g for g in range(1, blocks + 1) if blocks % g == 0])
                options.update(group=group, shared=bool(rng.random() < 0.5), channels=None)
                if not options["shared"] and rng.random() < 0.5:
                    options["channels"] = blocks // group * 8 - int(rng.integers(0, 8))
            else:
                options["channels"] = out
            if kind == "residual":
                same = [v for v in usable if v.shape[2:] == value.shape[2:] and v.shape[0] == 1] or [value]
                residual = same[int(rng.integers(len(same)))]
                options.update(channels=residual.shape[1], residual=residual, res_op=pick("add", "mul", "max", "min"), table=bool(rng.random() < 0.4))
                options["table_first"] = options["table"] and bool(rng.random() < 0.5)
            if kind == "table":
                options["table"] = True
            if rng.random() < 0.15 and height * width < 600 * scale and kind != "residual":
                options.update(upsample=True, strides=(1, 1))
            usable.append(graph.conv(value, **options))
        elif kind == "broadcast":
            rows, columns = pick((1, 1), (1, 0), (0, 1))
            small = graph.conv(value, channels=channels, kernel=(1, 1), strides=(min(7, height) if rows else 1, min(7, width) if columns else 1))
            small = graph.window(small, (0, 0, int(rng.integers(0, small.shape[2])) if rows else 0, int(rng.integers(0, small.shape[3])) if columns else 0),
                                 (1, channels, 1 if rows else height, 1 if columns else width))
            usable.append(graph.conv(value, channels=channels, residual=small, res_op=pick("add", "mul", "max", "min")))
        elif kind == "pool":
            window = (min(pick(2, 2, 3, 4), height), min(pick(2, 3, 3, 1), width))
            pads = [int(rng.integers(0, (window[i % 2] + 1) // 2)) for i in range(4)]
            usable.append(graph.conv(value, channels=channels, group=1, shared=True, pool=window, strides=(pick(1, 2, 2), pick(1, 2, 2, 3)), pads=pads,
                                     table=bool(rng.random() < 0.3)))
        elif kind == "average":
            kernel = (height, width) if height <= 64 and width <= 64 and rng.random() < 0.5 else (min(height, pick(2, 3, 17)), min(width, pick(2, 3, 16)))
            usable.append(graph.conv(value, channels=channels, group=1, shared=True, kernel=kernel, strides=(pick(1, 2), pick(1, 2))))
        elif kind == "interleave" and height * width < 500 * scale:
            factors = pick((2, 2), (2, 1), (1, 2), (3, 2), (1, 8))
            if blocks % (factors[0] * factors[1]) == 0 and rng.random() < 0.7:
                usable.append(graph.conv(value, group=1, shared=bool(rng.random() < 0.5), interleave=factors))
            else:
                kernel = (pick(1, 3), pick(1, 2))
                usable.append(graph.conv(value, channels=int(rng.integers(1, 30)), kernel=kernel, pads=(kernel[0] // 2, kernel[1] // 2) * 2, interleave=factors,
                                         table=bool(rng.random() < 0.3)))
        elif kind == "window" and value.kind != "window":
            first = 8 * int(rng.integers(0, blocks))
            size = (1, int(rng.integers(1, channels - first + 1)), int(rng.integers(1, height + 1)), int(rng.integers(1, width + 1)))
            usable.append(graph.window(value, (0, first, int(rng.integers(0, height - size[2] + 1)), int(rng.integers(0, width - size[3] + 1))), size))
        elif kind == "assemble":
            usable += random_assembly(graph, value, pick)
    return graph.finish()


def random_assembly(graph, value, pick):
    """Parts along one axis, made by different layers from one map; perhaps one of them is read by itself as well."""
    rng = graph.rng
    axis, count, zero = pick(0, 1, 1, 2, 3), pick(2, 2, 3), graph.zero()
    channels = int(rng.integers(1, 40))
    parts, offsets, at = [], [], 0
    for index in range(count):
        out = channels
        if axis == 1:
            out = int(rng.integers(1, 5)) * 8 if index + 1 < count else channels
        kernel = (pick(1, 3), pick(1, 3))
        source = value if rng.random() < 0.7 or not parts or parts[-1].shape[2:] != value.shape[2:] else parts[-1]
        parts.append(graph.conv(source, channels=out, kernel=kernel, pads=(kernel[0] // 2, kernel[1] // 2) * 2, zero=zero, table=bool(rng.random() < 0.2)))
        offsets.append([at if a == axis else 0 for a in range(4)])
        at += 1 if axis == 0 else out if axis == 1 else parts[-1].shape[axis]
    shape = [1, channels, *value.shape[2:]]
    shape[axis] = at
    whole = graph.assemble(parts, offsets, tuple(shape))
    readable = [parts[0]] if rng.random() < 0.3 else []
    if axis == 0:
        return readable + [graph.window(whole, (image, 0, 0, 0), (1, *shape[1:])) for image in range(count)]
    return readable + [whole]
