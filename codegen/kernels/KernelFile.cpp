// SPDX-License-Identifier: Apache-2.0
// The form in which compiled kernels pass between processes and lie in the cache.
#include "codegen/kernels/KernelCompiler.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/Endian.h"

using namespace llvm;

namespace ccm {

static constexpr StringLiteral kMagic = "ccm kernel 2\n";
static constexpr size_t kDigestBytes = 32;

static std::string digest(StringRef bytes) {
  auto raw = BLAKE3::hash<kDigestBytes>(arrayRefFromStringRef(bytes));
  return std::string(reinterpret_cast<const char *>(raw.data()), raw.size());
}

static void putNumber(std::string &to, uint64_t number) {
  char raw[8];
  support::endian::write64le(raw, number);
  to.append(raw, sizeof raw);
}

static void putText(std::string &to, StringRef text) {
  putNumber(to, text.size());
  to += text;
}

namespace {

/// Takes fields off the front of bytes; `ok` turns false when they end early.
struct Fields {
  StringRef rest;
  bool ok = true;

  uint64_t number() {
    if (rest.size() < 8)
      return ok = false;
    uint64_t value = support::endian::read64le(rest.data());
    rest = rest.drop_front(8);
    return value;
  }

  StringRef text() {
    uint64_t size = number();
    if (size > rest.size())
      ok = false;
    StringRef value = ok ? rest.take_front(size) : "";
    rest = rest.drop_front(value.size());
    return value;
  }
};

} // namespace

std::string packKernel(const KernelObject &object) {
  std::string body;
  putText(body, object.symbol);
  putNumber(body, uint64_t(object.tasks));
  putNumber(body, object.arguments.size());
  for (const KernelArgument &argument : object.arguments)
    putNumber(body, argument.number * 2 + argument.isResult);
  putText(body, object.schedule);
  putText(body, object.bytes);
  return (kMagic + digest(body) + body).str();
}

std::optional<KernelObject> unpackKernel(StringRef bytes, StringRef symbol) {
  if (!bytes.consume_front(kMagic) || bytes.size() < kDigestBytes)
    return std::nullopt;
  StringRef stated = bytes.take_front(kDigestBytes);
  Fields fields{bytes.drop_front(kDigestBytes)};
  if (digest(fields.rest) != stated)
    return std::nullopt;
  KernelObject object;
  object.symbol = fields.text().str();
  object.tasks = int(fields.number());
  uint64_t count = fields.number();
  for (uint64_t i = 0; i < count && fields.ok; ++i) {
    uint64_t argument = fields.number();
    object.arguments.push_back({argument % 2 == 1, unsigned(argument / 2)});
  }
  object.schedule = fields.text().str();
  object.bytes = fields.text().str();
  if (!fields.ok || !fields.rest.empty() || object.symbol != symbol)
    return std::nullopt;
  return object;
}

} // namespace ccm
