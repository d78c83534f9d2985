// SPDX-License-Identifier: Apache-2.0
// Standard streams that a caller closed before it started us.
#pragma once

namespace ccm::io {

/// Gives standard input, output and error that are closed a descriptor on which reading and writing
/// fail. Otherwise the next file that is opened would take their number, and what is printed would
/// go into it.
void occupyStandardStreams();

} // namespace ccm::io
