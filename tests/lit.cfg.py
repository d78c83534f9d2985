# SPDX-License-Identifier: Apache-2.0
# What lit runs: text IR through ccm-opt, declarations through ccm-compile.
import os

import lit.formats

config.name = "ccm"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".json", ".mlir", ".test"]
config.excludes = ["bench", "fuzz", "laws", "models", "support", "unit"]
config.test_source_root = os.path.join(config.ccm_source, "tests")
config.test_exec_root = os.path.join(config.ccm_build, "tests")
config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.ccm_build, "bin"), config.llvm_tools, config.environment["PATH"]]
)
config.environment["XDG_CACHE_HOME"] = os.path.join(config.ccm_build, "cache")
if config.is_test_build:
    # Halide works on a stack of its own, which makes ASan print a warning in every process.
    config.environment["HL_COMPILER_STACK_SIZE"] = "0"
config.substitutions.append(("%examples", os.path.join(config.ccm_source, "examples")))
config.substitutions.append(("%models", os.path.join(config.ccm_source, "tests/e2e/models")))
config.substitutions.append(("%include", os.path.join(config.ccm_source, "runtime/include")))
