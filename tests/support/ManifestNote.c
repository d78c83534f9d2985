/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest of a library that is written by hand; SealLibrary.cpp gives it its digest. */
#include "ccm/abi.h"
#include "ccm/manifest.h"

#ifndef NOTE_ABI_MAJOR
#define NOTE_ABI_MAJOR CCM_ABI_MAJOR
#endif

static const struct {
  uint32_t name_bytes, content_bytes, type;
  char name[sizeof(CCM_NOTE_NAME)];
  ccm_manifest content;
} kNote __attribute__((used, section(".note.ccm"), aligned(4))) = {
    sizeof(CCM_NOTE_NAME),
    sizeof(ccm_manifest),
    CCM_NOTE_TYPE,
    CCM_NOTE_NAME,
    {NOTE_ABI_MAJOR, CCM_ABI_MINOR, NOTE_SYMBOL, 1, {{"any", {0}}}, {0}}};
