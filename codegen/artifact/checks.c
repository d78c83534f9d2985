/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals of an entry's arguments: what was found, what was expected, and where. */
#include "codegen/artifact/artifact.h"

#include <stdarg.h>

/* ---- Messages -------------------------------------------------------------------------------- */

typedef struct ccm_text {
  char *at;
  uint64_t left; /* without the ending zero */
} ccm_text;

static void put(ccm_text *text, char character) {
  if (!text->left)
    return;
  *text->at++ = character;
  --text->left;
}

static void put_string(ccm_text *text, const char *string) {
  for (; *string; ++string)
    put(text, *string);
}

static void put_number(ccm_text *text, int64_t number) {
  char digits[20];
  int32_t count = 0;
  uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
  do
    digits[count++] = (char)('0' + rest % 10);
  while (rest /= 10);
  if (number < 0)
    put(text, '-');
  while (count)
    put(text, digits[--count]);
}

int32_t ccm_refuse(ccm_error *error, int32_t status, const char *format, ...) {
  if (!error || !error->message || !error->capacity)
    return status;
  ccm_text text = {error->message, error->capacity - 1};
  va_list arguments;
  va_start(arguments, format);
  for (; *format; ++format) {
    if (*format != '%')
      put(&text, *format);
    else if (*++format == 's')
      put_string(&text, va_arg(arguments, const char *));
    else
      put_number(&text, va_arg(arguments, int64_t));
  }
  va_end(arguments);
  *text.at = 0;
  return status;
}

/* ---- Checks ---------------------------------------------------------------------------------- */

int32_t ccm_check_buffer(const void *buffer, uint64_t bytes, const char *name, ccm_error *error) {
  if (!bytes)
    return CCM_OK;
  if (!buffer)
    return ccm_refuse(error, CCM_BAD_ARGUMENT, "expected '%s' of %d bytes, found null", name,
                      (int64_t)bytes);
  uint64_t rest = (uint64_t)buffer % CCM_ALIGNMENT;
  if (rest)
    return ccm_refuse(error, CCM_BAD_ARGUMENT,
                      "expected '%s' at a multiple of %d bytes, found it %d bytes after one", name,
                      (int64_t)CCM_ALIGNMENT, (int64_t)rest);
  return CCM_OK;
}

int32_t ccm_check_path(const ccm_plan *plan, ccm_error *error) {
  if (plan->block_count)
    return CCM_OK;
  return ccm_refuse(error, CCM_NOT_SUPPORTED,
                    "this processor lacks features that every code path of the library needs");
}

uint64_t ccm_port_elements(const ccm_port *port) {
  return port->dtype == CCM_U8 ? port->bytes : port->bytes / 4;
}

int32_t ccm_may_lack(const ccm_port *input) { return input->partner != 0; }

uint64_t ccm_own_bytes(const ccm_port *input) {
  return ccm_may_lack(input) || ccm_is_augmented(input) ? input->bytes : 0;
}

/* ---- Structs --------------------------------------------------------------------------------- */

/* Bytes of a struct's first version and of this library's. */
typedef struct ccm_version {
  const char *name;
  uint32_t first, known;
} ccm_version;

static const ccm_version struct_versions[] = {
    [CCM_STRUCT_SIZES] = {"ccm_sizes", 80, sizeof(ccm_sizes)},
    [CCM_STRUCT_RUNNER] = {"ccm_runner", 32, sizeof(ccm_runner)},
    [CCM_STRUCT_BATCH] = {"ccm_batch", 56, sizeof(ccm_batch)},
    [CCM_STRUCT_UPDATE] = {"ccm_update", 24, sizeof(ccm_update)},
    [CCM_STRUCT_BUFFERS] = {"ccm_buffers", 32, sizeof(ccm_buffers)},
    [CCM_STRUCT_SHARDS] = {"ccm_shards", 40, sizeof(ccm_shards)},
    [CCM_STRUCT_DECODE] = {"ccm_decode", 48, sizeof(ccm_decode)}};

/* Refuses null and structs that are too small. */
static int32_t check_struct(const ccm_version *version, const void *from, ccm_error *error) {
  if (!from)
    return ccm_refuse(error, CCM_BAD_ARGUMENT, "expected a '%s', found null", version->name);
  uint32_t bytes = *(const uint32_t *)from;
  if (bytes < version->first && !CCM_DROP_SIZE_CHECK)
    return ccm_refuse(error, CCM_BAD_ARGUMENT,
                      "expected a '%s' of at least %d bytes, found %d; set its member 'bytes' to "
                      "its size",
                      version->name, (int64_t)version->first, (int64_t)bytes);
  return CCM_OK;
}

int32_t ccm_take(enum ccm_struct which, void *into, const void *from, ccm_error *error) {
  const ccm_version *version = &struct_versions[which];
  int32_t status = check_struct(version, from, error);
  memset(into, 0, version->known);
  if (status)
    return status;
  uint32_t bytes = *(const uint32_t *)from;
  for (uint32_t i = version->known; i < bytes && !CCM_DROP_SIZE_CHECK; ++i)
    if (((const char *)from)[i])
      return ccm_refuse(error, CCM_BAD_ARGUMENT,
                        "expected a '%s' of at most %d bytes, found %d with members that this "
                        "library does not know; compile the model again",
                        version->name, (int64_t)version->known, (int64_t)bytes);
  memcpy(into, from, bytes < version->known ? bytes : version->known);
  return CCM_OK;
}

int32_t ccm_give_sizes(ccm_sizes *into, const ccm_sizes *from, ccm_error *error) {
  const ccm_version *version = &struct_versions[CCM_STRUCT_SIZES];
  int32_t status = check_struct(version, into, error);
  if (status)
    return status;
  uint32_t bytes = into->bytes;
  memset(into, 0, bytes);
  memcpy(into, from, bytes < version->known ? bytes : version->known);
  into->bytes = bytes;
  return CCM_OK;
}

/* ---- Arrays ---------------------------------------------------------------------------------- */

/* One of a batch's lists of arrays: what it is called and which ports it belongs to. */
typedef struct ccm_list {
  const char *what;
  const void *const *arrays;
  const ccm_port *ports;
  int32_t count;
  int32_t target;             /* arrays are of the ports' target types */
  int32_t floats;             /* arrays are of floats whatever the port's type */
  int32_t some;               /* arrays may be null */
  const void *const *targets; /* of the batch, which noised inputs are drawn from */
} ccm_list;

/* Whether there is something to fill an array with that is null. */
static int32_t may_lack(const ccm_list *list, const ccm_port *port) {
  if (list->some || !ccm_may_lack(port))
    return list->some;
  int32_t is_of_target =
      port->draw == CCM_TIME || port->draw == CCM_NOISED || port->draw == CCM_SHIFTED;
  return !is_of_target || (list->targets && list->targets[port->partner - 1]);
}

static int32_t check_array(const ccm_list *list, int32_t i, int64_t samples, ccm_error *error) {
  const ccm_port *port = &list->ports[i];
  int32_t dtype = list->target ? port->target_dtype : port->dtype;
  if (!list->arrays[i])
    return may_lack(list, port)
               ? CCM_OK
               : ccm_refuse(error, CCM_BAD_ARGUMENT,
                            "expected an array of %d samples as %s '%s', found null", samples,
                            list->what, port->name);
  if ((list->floats || dtype != CCM_U8) && (uint64_t)list->arrays[i] % 4)
    return ccm_refuse(error, CCM_BAD_ARGUMENT,
                      "expected %s '%s' at a multiple of 4 bytes, found it %d bytes after one",
                      list->what, port->name, (int64_t)((uint64_t)list->arrays[i] % 4));
  return CCM_OK;
}

static int32_t check_indices(const ccm_list *list, int32_t i, int64_t samples, ccm_error *error) {
  const ccm_port *port = &list->ports[i];
  int64_t per_sample = (int64_t)(list->target ? port->target_bytes : port->bytes) / 4;
  const int32_t *indices = list->arrays[i];
  for (int64_t k = 0; k < samples * per_sample; ++k)
    if ((uint32_t)indices[k] >= (uint64_t)port->vocabulary && !CCM_DROP_BOUNDS_CHECK)
      return ccm_refuse(
          error, CCM_BAD_VALUE, "expected indices from 0 to %d in %s '%s', found %d in sample %d",
          port->vocabulary - 1, list->what, port->name, (int64_t)indices[k], k / per_sample);
  return CCM_OK;
}

static int32_t check_list(const ccm_list *list, int64_t samples, ccm_error *error) {
  if (!list->arrays && (list->some || !list->count))
    return CCM_OK;
  if (!list->arrays)
    return ccm_refuse(error, CCM_BAD_ARGUMENT, "expected a list of %d %s arrays, found null",
                      (int64_t)list->count, list->what);
  for (int32_t i = 0; i < list->count; ++i) {
    int32_t status = check_array(list, i, samples, error);
    if (!status && list->ports[i].vocabulary && !list->floats && list->arrays[i])
      status = check_indices(list, i, samples, error);
    if (status)
      return status;
  }
  return CCM_OK;
}

int32_t ccm_check_batch(const ccm_plan *plan, const ccm_batch *batch, int32_t arrays,
                        ccm_error *error) {
  const ccm_list lists[] = {
      {"input", batch->inputs, plan->inputs, plan->input_count, 0, 0, 0, batch->targets},
      {"target", batch->targets, plan->outputs, plan->output_count, 1, 0, 0, 0},
      {"output", (const void *const *)batch->outputs, plan->outputs, plan->output_count, 0, 1, 0,
       0},
      {"output delta", (const void *const *)batch->output_deltas, plan->outputs, plan->output_count,
       0, 1, 0, 0},
      {"input delta", (const void *const *)batch->input_deltas, plan->inputs, plan->input_count, 0,
       1, 1, 0}};
  for (int32_t i = 0; i < 5; ++i) {
    int32_t status = arrays & 1 << i ? check_list(&lists[i], batch->count, error) : CCM_OK;
    if (status)
      return status;
  }
  return CCM_OK;
}

/* ---- Sequences ------------------------------------------------------------------------------- */

const ccm_port *ccm_shifted(const ccm_plan *plan) {
  for (int32_t i = 0; i < plan->input_count; ++i)
    if (plan->inputs[i].draw == CCM_SHIFTED)
      return &plan->inputs[i];
  return 0;
}

static int32_t check_below(const int32_t *numbers, int64_t count, int64_t end, const char *what,
                           ccm_error *error) {
  for (int64_t i = 0; i < count; ++i)
    if (numbers[i] < 0 || numbers[i] >= end)
      return ccm_refuse(error, CCM_BAD_VALUE, "expected %s from 0 to %d, found %d in sample %d",
                        what, end - 1, (int64_t)numbers[i], i);
  return CCM_OK;
}

int32_t ccm_check_decode(const ccm_plan *plan, const ccm_decode *decode, ccm_error *error) {
  const ccm_port *shifted = ccm_shifted(plan);
  if (!decode->before || !decode->positions || !decode->scores)
    return ccm_refuse(error, CCM_BAD_ARGUMENT,
                      "expected arrays of what is before, positions and scores, found null");
  int32_t status =
      check_below(decode->before, decode->count, shifted->vocabulary, "an element before", error);
  if (!status)
    status = check_below(decode->positions, decode->count, (int64_t)shifted->bytes / 4,
                         "a position", error);
  return status ? status
                : ccm_check_buffer(decode->cache,
                                   ccm_cache_bytes(plan, decode->count, plan->cache_count), "cache",
                                   error);
}
