#!/usr/bin/env python3
"""Writes everything that follows from isa.json and the core files.

    isagen.py --isa isa.json --cores cores/*.json --out GEN --rtl RTL      C++ below GEN, SystemVerilog below RTL
    isagen.py --isa isa.json --cores cores/*.json --doc isa.md             the reference page
    isagen.py --isa isa.json --cores cores/*.json                          checks only

GEN gets include/agc/isa/isa_gen.h, isa_gen.cpp and cores_gen.cpp; RTL gets agc_isa_pkg.sv, agc_isa_check.sv and
<core>/agc_cfg_pkg.sv. A file whose content does not change keeps its time. Exit code 1 with one sentence a line
when a description is wrong. Needs nothing but Python's standard library.
"""

import argparse
import os
import sys

if __package__ in (None, ""):
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    __package__ = "gen"

from gen import check, emit_cpp, emit_md, emit_sv, model  # noqa: E402


def write_if_changed(path, text):
    """Keeps the time stamp of a file that is already right, so that builds stay incremental."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            if file.read() == text:
                return
    except (OSError, UnicodeDecodeError):
        pass
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    temporary = f"{path}.{os.getpid()}.new"
    with open(temporary, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    os.replace(temporary, path)


def load(isa_path, core_paths):
    """The checked ISA and cores; raises IsaError with all problems."""
    isa = model.load_json(isa_path)
    problems = [f"{isa_path}: {problem}" for problem in check.check_isa(isa)]
    cores = []
    for path in core_paths:
        core = model.load_json(path)
        problems += check.check_core(path, core)
        cores.append(core)
    names = [core.get("name") for core in cores if isinstance(core, dict)]
    problems += [f"two core files have the name {name!r}." for name in sorted({n for n in names if names.count(n) > 1}, key=str)]
    if problems:
        raise model.IsaError("\n".join(problems))
    return isa, sorted(cores, key=lambda core: core["name"])


def cpp_files(isa, cores):
    """Path -> text."""
    return {
        "include/agc/isa/isa_gen.h": emit_cpp.header(isa),
        "isa_gen.cpp": emit_cpp.source(isa),
        "cores_gen.cpp": emit_cpp.cores(cores),
    }


def rtl_files(isa, cores):
    """Path -> text."""
    files = {"agc_isa_pkg.sv": emit_sv.isa_package(isa), "agc_isa_check.sv": emit_sv.field_checker(isa)}
    for core in cores:
        files[f"{core['name']}/agc_cfg_pkg.sv"] = emit_sv.core_package(isa, core)
    return files


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Generate C++, SystemVerilog and documentation from isa.json.")
    parser.add_argument("--isa", required=True, help="isa.json")
    parser.add_argument("--cores", nargs="*", default=[], help="core files")
    parser.add_argument("--out", help="folder for the generated C++")
    parser.add_argument("--rtl", help="folder for the generated SystemVerilog")
    parser.add_argument("--doc", help="file for the reference page")
    options = parser.parse_args(arguments)
    try:
        isa, cores = load(options.isa, options.cores)
        for folder, files in ((options.out, cpp_files), (options.rtl, rtl_files)):
            if folder:
                for path, text in files(isa, cores).items():
                    write_if_changed(os.path.join(folder, path), text)
        if options.doc:
            write_if_changed(options.doc, emit_md.reference(isa, cores))
    except model.IsaError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: cannot be written ({error.strerror}).", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
