// SPDX-License-Identifier: Apache-2.0
// Launches, places and borders as constants.
#include "codegen/host/LaunchTables.h"
#include "codegen/host/Places.h"
#include "ir/Strides.h"

using namespace mlir;

namespace ccm {

/// Whether a region is one array per port, state or output: `ccm_regions` holds a list of pointers.
static bool isList(Region region) {
  switch (region) {
  case Region::Input:
  case Region::Target:
  case Region::Output:
  case Region::OutputDelta:
  case Region::InputDelta:
  case Region::State:
  case Region::Loss:
  case Region::Cache:
    return true;
  default:
    return false;
  }
}

static ccm_place placeOf(PlaceAttr place) {
  Region region = place.getRegion();
  return {int32_t(memberOf(region)), isList(region) ? int32_t(place.getIndex()) : -1,
          uint64_t(place.getOffset())};
}

std::string LaunchTables::definePlaces(ArrayRef<ccm_place> places) {
  auto record = [&](const ccm_place &place) {
    return tables.record(sizeof(ccm_place),
                         {CCM_MEMBER(ccm_place, region, tables.i32(place.region)),
                          CCM_MEMBER(ccm_place, index, tables.i32(place.index)),
                          CCM_MEMBER(ccm_place, offset, tables.i64(place.offset))});
  };
  return tables.share("places", tables.array(llvm::map_to_vector(places, record)));
}

static SmallVector<int64_t> stridesOf(ZeroBorderOp border) {
  if (!border.getPlace().getStrides().empty())
    return llvm::to_vector(border.getPlace().getStrides());
  return denseStrides(border.getExtents());
}

std::string LaunchTables::defineBorder(ZeroBorderOp border) {
  int32_t rank = border.getExtents().size();
  auto list = [&](ArrayRef<int64_t> values) { return tables.extents(values.data(), rank); };
  return tables.share("border",
                      tables.record(sizeof(ccm_border),
                                    {CCM_MEMBER(ccm_border, rank, tables.i64(rank)),
                                     CCM_MEMBER(ccm_border, extents, list(border.getExtents())),
                                     CCM_MEMBER(ccm_border, low, list(border.getLow())),
                                     CCM_MEMBER(ccm_border, high, list(border.getHigh())),
                                     CCM_MEMBER(ccm_border, strides, list(stridesOf(border)))}));
}

FailureOr<LaunchTables::Launch> LaunchTables::kernelLaunch(KernelOp kernel) {
  auto found = path.kernels.find(kernel);
  if (found == path.kernels.end())
    return kernel.emitError() << "has no code for target " << path.name;
  SmallVector<ccm_place> places;
  for (auto [i, argument] : llvm::enumerate(found->second.arguments)) {
    ArrayAttr planned =
        argument.isResult ? kernel.getResultPlacesAttr() : kernel.getOperandPlacesAttr();
    if (!planned || argument.number >= planned.size())
      return kernel.emitError() << "has no place for argument " << i << " of its code";
    places.push_back(placeOf(cast<PlaceAttr>(planned[argument.number])));
  }
  return Launch{kernel, definePlaces(places), "", places.size()};
}

LaunchTables::Launch LaunchTables::borderLaunch(ZeroBorderOp border) {
  return {border, definePlaces(placeOf(border.getPlace())), defineBorder(border), 1};
}

llvm::Constant *LaunchTables::launchRecord(const Launch &launch) {
  auto &t = tables;
  SmallVector<Member> members{
      CCM_MEMBER(ccm_launch, places, t.address(launch.places)),
      CCM_MEMBER(ccm_launch, place_count, t.i32(launch.placeCount)),
      CCM_MEMBER(ccm_launch, border, t.address(launch.border)),
  };
  auto kernel = dyn_cast<KernelOp>(launch.op);
  const HostCall call = kernel ? path.kernels.find(kernel)->second : HostCall();
  const Work work = kernel ? works.of(kernel) : Work();
  llvm::append_range(
      members,
      ArrayRef<Member>{CCM_MEMBER(ccm_launch, kernel, t.address(call.symbol)),
                       CCM_MEMBER(ccm_launch, tasks, t.i32(call.tasks)),
                       CCM_MEMBER(ccm_launch, name, t.text(kernel ? call.symbol : "zero_border")),
                       CCM_MEMBER(ccm_launch, of, t.text(kernel ? originOf(kernel) : "")),
                       CCM_MEMBER(ccm_launch, macs, t.i64(work.macs)),
                       CCM_MEMBER(ccm_launch, moved, t.i64(work.moved))});
  return t.record(sizeof(ccm_launch), members);
}

LogicalResult LaunchTables::define(StringRef name, ArrayRef<Operation *> ops) {
  std::vector<Launch> launches;
  for (Operation *op : ops) {
    auto kernel = dyn_cast<KernelOp>(op);
    FailureOr<Launch> launch = kernel ? kernelLaunch(kernel) : borderLaunch(cast<ZeroBorderOp>(op));
    if (failed(launch))
      return failure();
    launches.push_back(*launch);
  }
  tables.define(name, tables.array(llvm::map_to_vector(
                          launches, [&](const Launch &launch) { return launchRecord(launch); })));
  return success();
}

llvm::Constant *LaunchTables::functionRecord(StringRef name, ArrayRef<Operation *> ops,
                                             func::FuncOp function, uint64_t readers) {
  uint64_t work = 0, cut = 0;
  for (Operation *op : ops)
    if (auto kernel = dyn_cast<KernelOp>(op)) {
      uint64_t nanoseconds = works.of(kernel).nanoseconds();
      work += nanoseconds;
      cut += path.kernels.find(kernel)->second.tasks > 1 ? nanoseconds : 0;
    }
  auto &t = tables;
  return t.record(
      sizeof(ccm_function),
      {CCM_MEMBER(ccm_function, entry,
                  function ? t.text(stringifyEntryKind(*entryOf(function))) : t.null()),
       CCM_MEMBER(ccm_function, samples, t.i64(function ? blockOf(function) : 0)),
       CCM_MEMBER(ccm_function, launches, t.address(function ? name : "")),
       CCM_MEMBER(ccm_function, launch_count, t.i32(ops.size())),
       CCM_MEMBER(ccm_function, regions, t.i32(regionsOf(ops))),
       CCM_MEMBER(ccm_function, readers, t.i64(readers)),
       CCM_MEMBER(ccm_function, scratch_bytes, t.i64(bytesAttribute(function, kScratchBytes))),
       CCM_MEMBER(ccm_function, work, t.i64(work)),
       CCM_MEMBER(ccm_function, cut_work, t.i64(cut))});
}

} // namespace ccm
