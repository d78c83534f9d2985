// SPDX-License-Identifier: Apache-2.0
// Linked into a tool: lets the environment variable CCM_FAIL_CALL make a call of its io layer fail.
#include "runtime/io/FaultyCalls.h"

#include <cstdio>
#include <cstdlib>

/// Before `main`. `parseFault` has the form of the variable.
static const bool kFaultAsked = [] {
  const char *text = std::getenv("CCM_FAIL_CALL");
  ccm::io::Fault fault;
  if (text && !ccm::io::parseFault(text, fault)) {
    std::fprintf(stderr, "fault: CCM_FAIL_CALL=%s is not understood\n", text);
    std::_Exit(2);
  }
  fault.toldOnError = true;
  if (text)
    ccm::io::useFaultyCalls(fault);
  return text != nullptr;
}();
