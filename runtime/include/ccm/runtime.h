// SPDX-License-Identifier: Apache-2.0
// The C++ side of a compiled model: load its library, hold its parameters, train it, save it.
#pragma once

#include "ccm/artifact.h"
#include "ccm/generator.h"
#include "ccm/memory.h"
#include "ccm/sequences.h"
#include "ccm/session.h"
#include "ccm/threads.h"
#include "ccm/trainer.h"
