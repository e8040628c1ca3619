"""Draws a trace of `agc-run --timeline` as a picture.

    agc-run prog.bin --input ... --timeline t.json
    python tests/perf/timeline_png.py t.json -o t.png [--begin CYCLE] [--end CYCLE] [--width 1400]

A row for each engine: its instructions, a colour for each layer; below it what the engine lost, a colour for each cause. The lowest row has the
DRAM bytes a cycle, read and written. At the right the engine's useful cycles as a share of those shown, and the largest causes of loss.
"""

import argparse
import colorsys
import json
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

LEFT, RIGHT, TOP = 64, 232, 34
ROW, STALLS, GAP, TRAFFIC = 30, 14, 12, 60
INK, GRID, PAPER = (30, 30, 30), (222, 222, 222), (255, 255, 255)
CAUSES = {"starved": (150, 150, 150), "drain": (214, 94, 0), "registers": (240, 164, 80), "reads": (196, 176, 0), "DRAM": (200, 30, 60),
          "waits for LOAD": (0, 114, 178), "waits for WLOAD": (0, 158, 115), "waits for CONV": (204, 121, 167), "waits for STORE": (120, 90, 160)}
READ, WRITTEN = (0, 114, 178), (213, 94, 0)


def _layer_colours(names) -> dict:
    """Neighbouring layers get hues far apart."""
    return {name: tuple(int(255 * c) for c in colorsys.hsv_to_rgb(k * 0.381966 % 1, 0.35 + 0.15 * (k % 3), 0.92)) for k, name in enumerate(names)}


def _ticks(begin: int, end: int) -> range:
    """Multiples of 1, 2 or 5 times a power of ten, at most ten of them."""
    step = next(m * 10**e for e in range(20) for m in (1, 2, 5) if (end - begin) / (m * 10**e) <= 9)
    return range(-(-begin // step) * step, end + 1, step)


def _strip(pen: ImageDraw.ImageDraw, top: int, bottom: int, slices):
    """Slices (left, right, colour) in pixels; a column of pixels gets the mean of what it covers, so that a short slice stays faint."""
    columns = {}
    for left, right, colour in slices:
        for x in range(int(left), int(right) + 1):
            cover = min(right, x + 1) - max(left, x)
            if cover > 0:
                columns.setdefault(x, []).append((cover, colour))
    for x, parts in columns.items():
        bare = max(0.0, 1 - sum(cover for cover, _ in parts))
        pen.line([(x, top), (x, bottom)], fill=tuple(int(bare * PAPER[i] + sum(cover * colour[i] for cover, colour in parts)) for i in range(3)))


def draw(trace: dict, begin: int = 0, end: int | None = None, width: int = 1400) -> Image.Image:
    """The cycles begin to end of a trace (default: all). Throws ValueError."""
    events = trace.get("traceEvents", [])
    names = {e["tid"]: e["args"]["name"] for e in events if e.get("name") == "thread_name"}
    other = trace.get("otherData", {})
    if not names or "clock_mhz" not in other:
        raise ValueError("this is no trace of agc-run --timeline")
    clock, end = other["clock_mhz"], other["cycles"] if end is None else min(end, other["cycles"])
    if begin < 0 or end <= begin:
        raise ValueError(f"there are no cycles from {begin} to {end}; the run has {other['cycles']}")
    engines = [name for _, name in sorted(names.items()) if not name.endswith(" stalls")]
    colours = _layer_colours(dict.fromkeys(e["name"] for e in events if e["ph"] == "X" and e["cat"] != "stall"))
    height = TOP + len(engines) * (ROW + STALLS + GAP) + TRAFFIC + 24
    image = Image.new("RGB", (width, height), PAPER)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default()
    scale = (width - LEFT - RIGHT) / (end - begin)
    x_of = lambda cycle: LEFT + (min(max(cycle, begin), end) - begin) * scale  # noqa: E731

    for tick in _ticks(begin, end):
        pen.line([(x_of(tick), TOP - 6), (x_of(tick), height - 22)], fill=GRID)
        pen.text((x_of(tick) + 2, height - 18), f"{tick:,}", fill=INK, font=font)
    pen.text((LEFT, 4), f"core {other['core']}, cycles {begin:,} to {end:,} of {other['cycles']:,}", fill=INK, font=font)
    x = LEFT + 330
    for cause in CAUSES:
        if any(e["ph"] == "X" and e["name"] == cause for e in events):
            pen.rectangle([x, 6, x + 9, 15], fill=CAUSES[cause])
            pen.text((x + 13, 4), cause, fill=INK, font=font)
            x += 22 + pen.textlength(cause, font=font)

    for k, engine in enumerate(engines):
        top = TOP + k * (ROW + STALLS + GAP)
        pen.text((4, top + 8), engine, fill=INK, font=font)
        lost, runs, work, stalls = {}, [], [], []  # runs: a layer's slices that touch, as name, left, right
        for event in events:
            name = names.get(event.get("tid"))
            if event["ph"] != "X" or name not in (engine, f"{engine} stalls"):
                continue
            first, last = event["ts"] * clock, (event["ts"] + event["dur"]) * clock
            if last <= begin or first >= end:
                continue
            left, right = x_of(first), x_of(last)
            if name == engine:
                work.append((left, right - (1 if right - left > 4 else 0), colours[event["name"]]))
                if runs and runs[-1][0] == event["name"] and left - runs[-1][2] < 2:
                    runs[-1][2] = right
                else:
                    runs.append([event["name"], left, right])
            else:
                lost[event["name"]] = lost.get(event["name"], 0) + min(last, end) - max(first, begin)
                stalls.append((left, right, CAUSES.get(event["name"], INK)))
        _strip(pen, top, top + ROW - 2, work)
        _strip(pen, top + ROW, top + ROW + STALLS - 2, stalls)
        for name, left, right in runs:
            label = next((t for t in (name, name.split(" + ")[-1]) if pen.textlength(t, font=font) < right - left - 4), None)
            if label:
                pen.text((left + 3, top + 8), label, fill=INK, font=font)
        pen.rectangle([LEFT, top, x_of(end), top + ROW + STALLS - 2], outline=GRID)
        over = max((e["args"]["end"] for e in events if e["ph"] == "X" and names[e["tid"]] == engine), default=0)  # nothing more to do
        share = max(0.0, min(end, over) - begin - sum(lost.values())) / (end - begin)
        pen.text((x_of(end) + 6, top), f"busy {share:.1%}", fill=INK, font=font)
        for line, (cause, cycles) in enumerate(sorted(lost.items(), key=lambda item: -item[1])[:2]):
            pen.text((x_of(end) + 6, top + 13 * (line + 1)), f"{cause} {cycles / (end - begin):.1%}", fill=CAUSES.get(cause, INK), font=font)

    base = height - 26
    counters = [e for e in events if e["ph"] == "C"]
    most = max([8.0] + [e["args"]["read"] + e["args"]["written"] for e in counters])
    pen.text((4, base - TRAFFIC + 8), "DRAM", fill=INK, font=font)
    pen.text((4, base - TRAFFIC + 20), "B/cycle", fill=INK, font=font)
    pen.text((x_of(end) + 6, base - TRAFFIC), f"full height {most:.0f} bytes a cycle", fill=INK, font=font)
    pen.text((x_of(end) + 6, base - TRAFFIC + 13), "read", fill=READ, font=font)
    pen.text((x_of(end) + 36, base - TRAFFIC + 13), "written", fill=WRITTEN, font=font)
    times = [e["ts"] * clock for e in counters] + [other["cycles"]]
    for event, first, last in zip(counters, times, times[1:]):
        if last <= begin or first >= end:
            continue
        read, both = event["args"]["read"], event["args"]["read"] + event["args"]["written"]
        for value, colour in ((both, WRITTEN), (read, READ)):
            if value > 0:
                pen.rectangle([x_of(first), base - TRAFFIC * value / most, max(x_of(first), x_of(last) - 1), base], fill=colour)
    pen.line([(LEFT, base), (x_of(end), base)], fill=INK)
    return image


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("trace", type=Path)
    p.add_argument("-o", "--output", type=Path, required=True)
    p.add_argument("--begin", type=int, default=0, metavar="CYCLE")
    p.add_argument("--end", type=int, metavar="CYCLE")
    p.add_argument("--width", type=int, default=1400, help="pixels")
    args = p.parse_args()
    try:
        if args.width < 600:
            raise ValueError("a picture needs at least 600 pixels of width")
        picture = draw(json.loads(args.trace.read_text()), args.begin, args.end, args.width)
        picture.save(args.output, optimize=True)
    except (ValueError, OSError) as error:
        sys.exit(f"timeline_png: {error}")


if __name__ == "__main__":
    main()
