"""Yosys takes the generated SystemVerilog and makes no latch of it. Exit code 77 (skipped) where pyosys is missing.

    yosys_check.py FOLDER    the folder with agc_isa_pkg.sv, agc_isa_check.sv and <core>/agc_cfg_pkg.sv
"""

import os
import subprocess
import sys
import tempfile

# An error ends the process that runs Yosys, so it gets one of its own.
_RUN = """
import sys
from pyosys import libyosys
design = libyosys.Design()
for command in sys.argv[1:]:
    libyosys.run_pass(command, design)
"""

# A user of both packages: reading a package alone would not evaluate its constants.
_USER = """
module user (input logic [255:0] instr_i, output logic [3:0] engine_o, output logic [7:0] cause_o,
             output logic [agc_isa_pkg::CONV_IN_W-1:0] in_o, output logic [31:0] hash_o,
             output logic [agc_cfg_pkg::Pixels-1:0] pixels_o);
  assign in_o = instr_i[agc_isa_pkg::CONV_IN_LSB +: agc_isa_pkg::CONV_IN_W];
  assign hash_o = agc_cfg_pkg::CoreHash ^ agc_cfg_pkg::IsaVersion ^ agc_isa_pkg::ISA_VERSION;
  assign pixels_o = '1;
  agc_isa_check check (.instr_i, .engine_o, .cause_o);
endmodule
"""


def main(folder):
    try:
        import pyosys  # noqa: F401
    except ImportError:
        print("skipped: this Python has no pyosys; ./setup.sh installs it")
        return 77
    packages = sorted(entry.path for entry in os.scandir(folder) if entry.is_dir())
    packages = [os.path.join(path, "agc_cfg_pkg.sv") for path in packages]
    packages = [path for path in packages if os.path.exists(path)]
    if not packages:
        print(f"{folder} has no core package")
        return 1
    with tempfile.TemporaryDirectory() as scratch:
        user = os.path.join(scratch, "user.sv")
        with open(user, "w", encoding="utf-8") as file:
            file.write(_USER)
        for package in packages:
            sources = " ".join([os.path.join(folder, "agc_isa_pkg.sv"), package, os.path.join(folder, "agc_isa_check.sv"), user])
            commands = (f"read_verilog -sv {sources}", "hierarchy -check -top user", "proc", "opt_clean", "check -assert",
                        "select -assert-none t:$dlatch")
            result = subprocess.run([sys.executable, "-c", _RUN, *commands], capture_output=True, text=True, check=False)
            if result.returncode:
                print(package, result.stdout, result.stderr, sep="\n")
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
