// SPDX-License-Identifier: Apache-2.0
// Builds and loads the test model.
#include "tests/unit/artifact/TinyModel.h"
#include "codegen/link/Linker.h"
#include "mlir/Parser/Parser.h"
#include "runtime/io/Io.h"
#include "tests/support/TemporaryDirectory.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

namespace ccm::test {

TinyModule::TinyModule(const std::function<void(std::string &)> &edit) {
  mlir::DialectRegistry registry;
  registerDialect(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
  std::string text = *io::readFile(CCM_TEST_MODEL);
  if (edit)
    edit(text);
  module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  EXPECT_TRUE(module);
}

static HostCall callOf(KernelOp kernel) {
  HostCall call{kernel->getAttrOfType<mlir::StringAttr>("test.symbol").str(), {}};
  if (auto listed = kernel->getAttrOfType<mlir::DenseI64ArrayAttr>("test.arguments")) {
    for (int64_t number : listed.asArrayRef())
      call.arguments.push_back({number < 0, unsigned(number < 0 ? -number - 1 : number)});
    return call;
  }
  for (unsigned i = 0; i < kernel.getNumOperands(); ++i)
    call.arguments.push_back({false, i});
  for (unsigned i = 0; i < kernel.getNumResults(); ++i)
    call.arguments.push_back({true, i});
  return call;
}

HostPath TinyModule::path(std::string name) const {
  HostPath path;
  path.name = std::move(name);
  mlir::ModuleOp(*module).walk([&](KernelOp kernel) { path.kernels[kernel] = callOf(kernel); });
  return path;
}

std::string linkTinyModel(const std::vector<HostPath> &paths, const TinyModule &module) {
  auto host = buildHostModule(*module.module, paths, {"{\"name\":\"tiny\"}", "ccm.model @tiny"});
  if (failed(host))
    return "";
  std::string hostObject = *emitHostObject(*host->module);
  std::string kernels = *io::readFile(CCM_TEST_KERNELS);
  auto library = linkLibrary(
      {{"artifact.o", artifactObject()}, {"host.o", hostObject}, {"kernels.o", kernels}},
      "ccm_model_tiny", "tiny.so");
  if (!library) {
    ADD_FAILURE() << llvm::toString(library.takeError());
    return "";
  }
  return *library;
}

const std::string &tinyLibrary() {
  static const std::string library = [] {
    TinyModule module;
    return linkTinyModel({module.path("x86-64")}, module);
  }();
  return library;
}

const ccm_model *loadModel(const std::string &library) {
  TemporaryDirectory directory;
  std::string path = directory / "model.so";
  EXPECT_TRUE(bool(io::writeFileAtomically(path, library)));
  void *handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  EXPECT_TRUE(handle) << dlerror();
  if (!handle)
    return nullptr;
  auto function = reinterpret_cast<ccm_model_function>(dlsym(handle, "ccm_model_tiny"));
  EXPECT_TRUE(function) << dlerror();
  return function ? function() : nullptr;
}

const ccm_model &tinyModel() {
  static const ccm_model *model = loadModel(tinyLibrary());
  return *model;
}

// ---- Calls --------------------------------------------------------------------------------------

static ccm_sizes sizesOf(int64_t count, int32_t workers) {
  ccm_sizes sizes = {};
  sizes.bytes = sizeof(sizes);
  EXPECT_EQ(tinyModel().sizes(count, workers, &sizes, nullptr), CCM_OK);
  return sizes;
}

Call::Call(int64_t count, int32_t workers)
    : sizes(sizesOf(count, workers)), count(count), threads(workers), x(count * 12), id(count * 4),
      p(count * 2), target(count * 8), y(count * 8), dy(count * 8), dx(count * 12), dp(count * 8),
      params(sizes.params), state(sizes.state), delta(sizes.delta), internal(sizes.internal),
      workspace(std::max({sizes.infer, sizes.backward, sizes.step})) {
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t k = 0; k < 3; ++k)
      x.floats()[i * 3 + k] = float((i * 7 + k * 5) % 11 - 5) / 4;
    id.as<int32_t>()[i] = int32_t((i * 3) % 4);
    for (int64_t o = 0; o < 2; ++o) {
      p.as<uint8_t>()[i * 2 + o] = uint8_t(i * 37 + o * 91);
      target.floats()[i * 2 + o] = float((i + 2 * o) % 5) / 3 - 0.5f;
    }
  }
  EXPECT_EQ(tinyModel().init(params.as(), state.as(), 7, &error), CCM_OK) << message;
}

ccm_batch Call::batch(bool withInputDeltas) {
  inputs = {x.as(), id.as(), p.as()};
  targets = {target.as()};
  outputs = {y.as<float>()};
  outputDeltas = {dy.as<float>()};
  inputDeltas = {dx.as<float>(), nullptr, dp.as<float>()};
  return {.bytes = sizeof(ccm_batch),
          .count = count,
          .inputs = inputs.data(),
          .targets = targets.data(),
          .outputs = outputs.data(),
          .output_deltas = outputDeltas.data(),
          .input_deltas = withInputDeltas ? inputDeltas.data() : nullptr,
          .seed = 0};
}

ccm_buffers Call::buffers() const {
  return {sizeof(ccm_buffers), internal.as(), workspace.as(), workspace.size()};
}

} // namespace ccm::test
