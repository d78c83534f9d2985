/* SPDX-License-Identifier: Apache-2.0 */
/* Samples of inputs that training changes: moved along their axes, then their values. Values are
 * taken between positions linearly; where nothing lies between, they are the sample's own bits. */
#include "codegen/artifact/artifact.h"

#define AXES 3

/* Numbers of a sample, as streams of its input's key. Noise has a key of its own. */
enum { STREAM_FLIP, STREAM_CUT, STREAM_GAIN, STREAM_BRIGHTNESS, STREAM_NOISE, STREAM_AXES = 8 };

/* Where a sample's positions come from: along each axis from first + step * position. */
typedef struct moving {
  int64_t extents[AXES]; /* the last ones are the port's, those before 1 */
  double first[AXES], step[AXES];
} moving;

/* What becomes of values: value * gain + light + noise. */
typedef struct lighting {
  double gain, light, noise; /* in the array's values */
  uint64_t key;              /* of the noise */
} lighting;

int32_t ccm_is_augmented(const ccm_port *port) {
  const ccm_augment *by = &port->augment;
  return by->flip || by->shift || by->crop > 0 || by->gain > 0 || by->brightness > 0 ||
         by->noise > 0;
}

/* A number from -1 to 1. */
static double signed_uniform(uint64_t key, uint64_t stream, uint64_t sample) {
  return 2 * ccm_random_uniform(key, stream, sample) - 1;
}

/* A whole number from -most to most. */
static double shift_of(uint64_t key, uint64_t stream, uint64_t sample, int64_t most) {
  double among = ccm_random_uniform(key, stream, sample) * (double)(2 * most + 1);
  return (double)((int64_t)among - most);
}

/* Along an axis: a part `cut` of it is left out, at both ends together, and the rest is moved. */
static void move_axis(moving *move, int32_t axis, double cut, uint64_t key, uint64_t sample,
                      int64_t shift) {
  double extent = (double)move->extents[axis];
  uint64_t stream = STREAM_AXES + 2 * (uint64_t)axis;
  double step = 1 - cut;
  double window = cut * extent * ccm_random_uniform(key, stream, sample);
  move->step[axis] = step;
  move->first[axis] = window + 0.5 * (step - 1) + shift_of(key, stream + 1, sample, shift);
}

static void flip_last(moving *move) {
  double *first = &move->first[AXES - 1], *step = &move->step[AXES - 1];
  *first += *step * (double)(move->extents[AXES - 1] - 1);
  *step = -*step;
}

static moving moving_of(const ccm_port *port, uint64_t key, uint64_t sample) {
  const ccm_augment *by = &port->augment;
  moving move;
  double cut = by->crop * ccm_random_uniform(key, STREAM_CUT, sample);
  for (int32_t axis = 0; axis < AXES; ++axis) {
    int32_t own = axis - (AXES - (port->rank - 1));
    move.extents[axis] = own < 0 ? 1 : port->extents[own];
    if (own < 0)
      move.first[axis] = 0, move.step[axis] = 1;
    else
      move_axis(&move, axis, cut, key, sample, by->shift);
  }
  if (by->flip && ccm_random_uniform(key, STREAM_FLIP, sample) < 0.5)
    flip_last(&move);
  return move;
}

static lighting lighting_of(const ccm_port *port, uint64_t key, uint64_t sample) {
  const ccm_augment *by = &port->augment;
  double unit = port->dtype == CCM_U8 ? 255 : 1;
  lighting light = {1 + by->gain * signed_uniform(key, STREAM_GAIN, sample),
                    unit * by->brightness * signed_uniform(key, STREAM_BRIGHTNESS, sample),
                    unit * by->noise, ccm_random_bits(key, STREAM_NOISE, sample)};
  return light;
}

/* ---- Positions ------------------------------------------------------------------------------- */

/* What lies around a place along an axis, within it; `share` is that of the second. */
typedef struct around {
  int64_t at[2];
  double share;
} around;

static int64_t within(int64_t i, int64_t extent) { return i < 0 ? 0 : i < extent ? i : extent - 1; }

static around around_of(const moving *move, int32_t axis, int64_t position) {
  double place = move->first[axis] + move->step[axis] * (double)position;
  int64_t below = (int64_t)place;
  below -= (double)below > place;
  around found = {{within(below, move->extents[axis]), within(below + 1, move->extents[axis])},
                  place - (double)below};
  return found;
}

static double value_at(const ccm_port *port, const void *sample, int64_t i) {
  return port->dtype == CCM_U8 ? ((const uint8_t *)sample)[i] : ((const float *)sample)[i];
}

/* A channel's value between the positions around a place. */
static double between(const ccm_port *port, const void *sample, const moving *move,
                      const around *place, int64_t channel) {
  int64_t channels = port->extents[port->rank - 1];
  double sum = 0;
  for (int32_t corner = 0; corner < 1 << AXES; ++corner) {
    double share = 1;
    int64_t i = 0;
    for (int32_t axis = 0; axis < AXES; ++axis) {
      int32_t second = corner >> axis & 1;
      share *= second ? place[axis].share : 1 - place[axis].share;
      i = i * move->extents[axis] + place[axis].at[second];
    }
    if (share > 0)
      sum += share * value_at(port, sample, i * channels + channel);
  }
  return sum;
}

/* ---- Values ---------------------------------------------------------------------------------- */

static uint8_t as_byte(double value) {
  return value > 0 ? value < 255 ? (uint8_t)(value + 0.5) : 255 : 0;
}

static void store(const ccm_port *port, const lighting *light, double value, void *sample,
                  int64_t i) {
  value = value * light->gain + light->light;
  if (light->noise > 0)
    value += light->noise * ccm_random_normal(light->key, 0, (uint64_t)i);
  if (port->dtype == CCM_U8)
    ((uint8_t *)sample)[i] = as_byte(value);
  else
    ((float *)sample)[i] = (float)value;
}

void ccm_augment_sample(const ccm_port *port, uint64_t key, uint64_t sample, const void *from,
                        void *to) {
  const moving move = moving_of(port, key, sample);
  const lighting light = lighting_of(port, key, sample);
  int64_t channels = port->extents[port->rank - 1], at = 0;
  around place[AXES];
  for (int64_t i = 0; i < move.extents[0]; ++i) {
    place[0] = around_of(&move, 0, i);
    for (int64_t j = 0; j < move.extents[1]; ++j) {
      place[1] = around_of(&move, 1, j);
      for (int64_t k = 0; k < move.extents[2]; ++k) {
        place[2] = around_of(&move, 2, k);
        for (int64_t c = 0; c < channels; ++c, ++at)
          store(port, &light, between(port, from, &move, place, c), to, at);
      }
    }
  }
}
