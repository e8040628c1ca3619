"""Graphs of the canonical form at the edges of what the memories and fields hold, and forms that random ones seldom draw."""

from tests.compile_random.canonical_graph import Graph


def _single(seed, shape, *options, **named):
    graph = Graph(seed)
    graph.conv(graph.input((1, *shape)), *options, **named)
    return graph.finish()


def _pool(seed, shape, window, strides, pads=(0, 0, 0, 0), **named):
    return _single(seed, shape, group=1, shared=True, pool=window, strides=strides, pads=pads, **named)


def _tables_in_turn(seed):
    """A chain whose layers run tile by tile, each with its own table: they are set again in every tile."""
    graph = Graph(seed)
    value = graph.input((1, 8, 150, 160))
    for index in range(4):
        value = graph.conv(value, channels=8, kernel=(1, 1) if index % 2 else (3, 3), pads=(0,) * 4 if index % 2 else (1,) * 4, table=True)
    return graph.finish()


def _one_table(seed):
    """Two layers with one table and a third with none between."""
    graph = Graph(seed)
    value = graph.input((1, 16, 30, 30))
    state = graph.rng.bit_generator.state
    first = graph.conv(value, channels=16, table=True, zero=0)
    middle = graph.conv(first, channels=16, kernel=(3, 3), pads=(1,) * 4, zero=0)
    graph.rng.bit_generator.state = state
    graph.conv(middle, channels=16, table=True, zero=0)
    return graph.finish()


def batch(seed, images=3, shape=(24, 20, 30)):
    """Images of a batch through the same weights, assembled to a batch again."""
    graph = Graph(seed)
    batch = graph.input((images, *shape))
    parts = []
    state = graph.rng.bit_generator.state
    for image in range(images):
        graph.rng.bit_generator.state = state
        parts.append(graph.conv(graph.window(batch, (image, 0, 0, 0), (1, *shape)), channels=20, kernel=(3, 3), pads=(1,) * 4, zero=0, pad_value=3,
                                like=parts[0] if parts else None))
    graph.output(graph.assemble(parts, [(image, 0, 0, 0) for image in range(images)], (images, 20, *shape[1:])))
    return graph.finish()


def _dense_block(seed, growth=8, height=40, width=36):
    """Each layer reads all that came before it: windows that grow."""
    graph = Graph(seed)
    graph.rng.random()
    x = graph.input((1, 16, height, width))
    layers = [graph.conv(x, channels=growth, kernel=(3, 3), pads=(1,) * 4, zero=5)]
    for _ in range(3):
        previous = graph.conv(layers[-1], channels=growth, kernel=(3, 3), pads=(1,) * 4, zero=5, residual=layers[-1])
        layers.append(previous)
    whole = graph.assemble(layers, [(0, growth * i, 0, 0) for i in range(len(layers))], (1, growth * len(layers), height, width))
    graph.conv(whole, channels=12, kernel=(1, 1))
    graph.conv(graph.window(whole, (0, growth, 3, 5), (1, 2 * growth, height - 7, width - 6)), channels=12, kernel=(3, 3), strides=(2, 2))
    return graph.finish()


def _borders(seed, height=30, width=33):
    """A map made of nine boxes that different layers write, as a pool with its own factors at each border."""
    graph = Graph(seed)
    x = graph.input((1, 16, height, width))
    rows, columns = [(0, 1), (1, height - 1), (height - 1, height)], [(0, 2), (2, width - 1), (width - 1, width)]
    parts, offsets = [], []
    for y0, y1 in rows:
        for x0, x1 in columns:
            piece = graph.window(x, (0, 0, y0, x0), (1, 16, y1 - y0, x1 - x0))
            parts.append(graph.conv(piece, group=1, shared=True, zero=7))
            offsets.append((0, 0, y0, x0))
    whole = graph.assemble(parts, offsets, (1, 16, height, width))
    graph.conv(whole, channels=9, kernel=(3, 3), pads=(1,) * 4)
    graph.output(whole)
    return graph.finish()


def _squeeze_excite(seed, shape):
    graph = Graph(seed)
    x = graph.conv(graph.input((1, *shape)), channels=shape[0], kernel=(3, 3), pads=(1,) * 4)
    pooled = graph.conv(x, group=1, shared=True, kernel=shape[1:], channels=shape[0])
    hidden = graph.conv(pooled, channels=max(1, shape[0] // 4), table=True)
    gate = graph.conv(hidden, channels=shape[0], table=True)
    graph.conv(x, group=1, shared=True, identity=True, channels=shape[0], residual=gate, res_op="mul")
    return graph.finish()


def _folded_windows(seed):
    """Few channels, of which LOAD_FOLD reads a part of a map of two images."""
    graph = Graph(seed)
    batch = graph.input((2, 3, 70, 90))
    for image, y, x in ((0, 3, 1), (1, 10, 24)):
        part = graph.window(batch, (image, 0, y, x), (1, 3, 60, 66))
        graph.conv(part, channels=16, kernel=(7, 7), strides=(1 + image, 1 + image), pads=(3, 3, 2, 3), pad_value=11)
    return graph.finish()


def _read_and_written(seed):
    """A layer reads one part of a map and writes another one; a third part is an output as well."""
    graph = Graph(seed)
    x = graph.input((1, 8, 25, 27))
    a = graph.conv(x, channels=8, zero=0)
    b = graph.conv(a, channels=8, kernel=(3, 3), pads=(1,) * 4, zero=0)
    c = graph.conv(b, channels=5, kernel=(1, 1), zero=0, residual=None)
    whole = graph.assemble([a, b, c], [(0, 0, 0, 0), (0, 8, 0, 0), (0, 16, 0, 0)], (1, 21, 25, 27))
    graph.output(c)
    graph.output(whole)
    return graph.finish()


def _pools_in_a_row(seed):
    graph = Graph(seed)
    value = graph.input((1, 12, 120, 131))
    for _ in range(3):
        value = graph.conv(value, channels=12, kernel=(3, 3), pads=(1,) * 4)
        value = graph.conv(value, channels=12, group=1, shared=True, pool=(2, 2), strides=(2, 2))
    return graph.finish()


# Name: graph.
HARD = {
    "global average, 56x56": lambda: _single(1, (20, 56, 56), kernel=(56, 56), group=1, shared=True),
    "global average, 64x64": lambda: _single(2, (8, 64, 64), kernel=(64, 64), group=1, shared=True),
    "kernel 21x5 over many channels": lambda: _single(3, (30, 30, 20), channels=12, kernel=(21, 5), pads=(10, 2, 10, 2)),
    "kernel 17x31, strided, residual-free table": lambda: _single(4, (9, 50, 70), channels=10, kernel=(17, 31), strides=(2, 2), pads=(8, 15, 8, 15), table=True),
    "kernel 16x1 dilated by 7": lambda: _single(5, (6, 130, 9), channels=7, kernel=(16, 1), dilations=(7, 1), pads=(3, 0, 0, 0)),
    "kernel wider than the map": lambda: _single(6, (7, 5, 6), channels=8, kernel=(20, 22), pads=(10, 11, 10, 11)),
    "kernel parts through upsampling": lambda: _single(7, (7, 15, 16), channels=8, kernel=(19, 3), pads=(9, 1, 9, 1), upsample=True),
    "pool 2x2": lambda: _pool(8, (33, 40, 50), (2, 2), (2, 2)),
    "pool 3x3, padded": lambda: _pool(9, (16, 65, 63), (3, 3), (2, 2), (1, 1, 1, 1)),
    "pool 5x5 with stride 1 and a table": lambda: _pool(10, (20, 30, 31), (5, 5), (1, 1), (2, 2, 2, 2), table=True),
    "pool, dilated": lambda: _pool(11, (8, 60, 61), (3, 4), (3, 1), dilations=(15, 9)),
    "pool over the whole map": lambda: _pool(12, (40, 33, 17), (33, 17), (1, 1)),
    "pool 5x5 with stride 3, in two passes": lambda: _pool(32, (16, 40, 41), (5, 5), (3, 3), (2, 1, 2, 3)),
    "pool whose windows may lie in the padding": lambda: _pool(33, (8, 9, 4), (2, 3), (1, 1), (1, 4, 1, 4), dilations=(1, 5)),
    "pool of an upsampled map": lambda: _pool(13, (9, 20, 21), (3, 3), (1, 1), (1, 1, 1, 1), upsample=True),
    "pools between convolutions": lambda: _pools_in_a_row(14),
    "interleave 8x8": lambda: _single(15, (20, 6, 9), channels=3, interleave=(8, 8)),
    "interleave 2x2 of groups": lambda: _single(16, (4 * 24, 30, 50), group=1, shared=True, interleave=(2, 2)),
    "interleave 1x3, wide": lambda: _single(17, (16, 4, 900), channels=20, kernel=(3, 3), pads=(1, 1, 1, 1), interleave=(1, 3)),
    "interleave over many channels": lambda: _single(18, (600, 8, 9), channels=40, interleave=(2, 2)),
    "tables in turn": lambda: _tables_in_turn(19),
    "one table for two layers": lambda: _one_table(20),
    "batch": lambda: batch(21),
    "batch that is resident": lambda: batch(22, 4, (8, 9, 10)),
    "dense block": lambda: _dense_block(23),
    "dense block, large": lambda: _dense_block(24, 16, 90, 95),
    "nine boxes": lambda: _borders(25),
    "nine boxes, large": lambda: _borders(26, 90, 160),
    "squeeze and excite": lambda: _squeeze_excite(27, (40, 28, 30)),
    "squeeze and excite, large": lambda: _squeeze_excite(28, (64, 60, 62)),
    "a map is read and written": lambda: _read_and_written(29),
    "rows folded, with a table": lambda: _single(34, (24, 37, 50), channels=3, kernel=(5, 5), pads=(2, 2, 2, 2), table=True),
    "columns folded, of windows": lambda: _folded_windows(35),
    "shared weights, many channels": lambda: _single(30, (2000, 6, 7), group=1, shared=True),
    "groups of two blocks, three rows": lambda: _single(31, (96, 50, 40), group=2, kernel=(3, 1), pads=(1, 0, 1, 0)),
}
