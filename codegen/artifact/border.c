/* SPDX-License-Identifier: Apache-2.0 */
/* Clears the borders of padded buffers. */
#include "codegen/artifact/artifact.h"

/* The number of elements that follow in memory one after another, from axis `axis` inwards. */
static int64_t dense_elements(const ccm_border *border, int64_t axis) {
  int64_t elements = 1;
  for (int64_t i = border->rank - 1; i >= axis; --i) {
    if (border->strides[i] != elements)
      return 0;
    elements *= border->extents[i];
  }
  return elements;
}

static void zero_all(float *buffer, const ccm_border *border, int64_t axis) {
  int64_t dense = dense_elements(border, axis);
  if (dense)
    memset(buffer, 0, (uint64_t)dense * sizeof(float));
  else if (axis == border->rank)
    *buffer = 0;
  else
    for (int64_t i = 0; i < border->extents[axis]; ++i)
      zero_all(buffer + i * border->strides[axis], border, axis + 1);
}

/* Clears the border along the axes from `axis` to `last`, the innermost one that has any. */
static void zero_axis(float *buffer, const ccm_border *border, int64_t axis, int64_t last) {
  int64_t stride = border->strides[axis], end = border->extents[axis] - border->high[axis];
  for (int64_t i = 0; i < border->low[axis]; ++i)
    zero_all(buffer + i * stride, border, axis + 1);
  for (int64_t i = end; i < border->extents[axis]; ++i)
    zero_all(buffer + i * stride, border, axis + 1);
  if (axis < last)
    for (int64_t i = border->low[axis]; i < end; ++i)
      zero_axis(buffer + i * stride, border, axis + 1, last);
}

void ccm_zero_border(float *buffer, const ccm_border *border) {
  int64_t last = border->rank - 1;
  while (last >= 0 && !border->low[last] && !border->high[last])
    --last;
  if (last >= 0)
    zero_axis(buffer, border, 0, last);
}
