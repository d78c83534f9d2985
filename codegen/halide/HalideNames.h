// SPDX-License-Identifier: Apache-2.0
// The names that Halide makes up while it lowers a kernel.
#pragma once

namespace ccm {

/// Makes what a process lowers independent of what it has lowered before. Halide orders operands
/// and loops by names, as text; it would number names by counters of the process, in as few digits
/// as they need, so that the ninth and the tenth name of one kernel come in another order when they
/// are the thirtieth and the thirty-first of the process. The names given here are numbered in a
/// fixed width: any two of one kernel compare alike, whatever came before.
///
/// To be called before a process first lowers anything; calls after the first do nothing. False
/// when Halide does not take its names from here (the definitions of
/// `Halide::Internal::unique_name` in this file's implementation must come before Halide's own when
/// the program is linked).
bool useOrderedNames();

} // namespace ccm
