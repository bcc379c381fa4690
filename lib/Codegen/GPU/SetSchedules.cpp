//===- SetSchedules.cpp - schedules from a table --------------------------===//
//
// Reads a table of measured schedules and writes them on the products that it
// names.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/GPU/Passes.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/Dialect/MiniMaxGPU/IR/MiniMaxGPU.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_SETSCHEDULES
#include "minimax/Codegen/GPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

namespace {
/// An entry of the table.
struct Entry {
  std::string arch, op, measured;
  int64_t matrices = 0, depth = 0, columns = 0, fewRows = 0;
  std::vector<int64_t> tileRows;
};

bool fromJSON(const llvm::json::Value &value, Entry &entry,
              llvm::json::Path path) {
  llvm::json::ObjectMapper map(value, path);
  return map && map.map("arch", entry.arch) && map.map("op", entry.op) &&
         map.map("matrices", entry.matrices) && map.map("depth", entry.depth) &&
         map.map("columns", entry.columns) &&
         map.map("few_rows", entry.fewRows) &&
         map.map("tile_rows", entry.tileRows) &&
         map.map("measured", entry.measured);
}
} // namespace

static llvm::Expected<std::vector<Entry>> parseTable(StringRef text) {
  auto value = llvm::json::parse(text);
  if (!value)
    return value.takeError();
  llvm::json::Path::Root root("table");
  std::vector<Entry> entries;
  llvm::json::ObjectMapper map(*value, root);
  if (!map || !map.map("schedules", entries))
    return root.getError();
  return entries;
}

static FailureOr<std::vector<Entry>> readTable(Location location,
                                               StringRef path) {
  auto file = llvm::MemoryBuffer::getFile(path);
  if (!file)
    return emitError(location) << "cannot read the table of schedules '" << path
                               << "': " << file.getError().message();
  auto entries = parseTable((*file)->getBuffer());
  if (!entries)
    return emitError(location) << "'" << path << "' is no table of schedules: "
                               << llvm::toString(entries.takeError());
  return std::move(*entries);
}

/// The entry that names `op`, a product in buffer form, or null.
template <typename OpTy>
static const Entry *find(ArrayRef<Entry> entries, OpTy op) {
  auto columns = [](Value value) {
    return cast<ShapedType>(value.getType()).getShape().back();
  };
  ArrayRef<int64_t> weight =
      cast<ShapedType>(op.getWeight().getType()).getShape();
  bool isGrouped = std::is_same_v<OpTy, GroupedMatmulOp>;
  auto found = llvm::find_if(entries, [&](const Entry &entry) {
    return entry.op == op->getName().stripDialect() &&
           entry.matrices == (isGrouped ? weight[0] : 1) &&
           entry.depth == columns(op.getInput()) &&
           entry.columns == columns(op.getOuts()[0]);
  });
  return found == entries.end() ? nullptr : found;
}

namespace {
struct SetSchedulesPass : minimax::impl::SetSchedulesBase<SetSchedulesPass> {
  using SetSchedulesBase::SetSchedulesBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<std::vector<Entry>> entries = readTable(module.getLoc(), table);
    if (failed(entries))
      return signalPassFailure();
    llvm::erase_if(*entries,
                   [&](const Entry &entry) { return entry.arch != arch; });
    auto set = [&](auto op) -> WalkResult {
      if (op.getOuts().empty() || op->hasAttr(minimax_gpu::kScheduleName))
        return WalkResult::advance();
      const Entry *entry = find(*entries, op);
      if (!entry)
        return WalkResult::advance();
      auto emit = [&] {
        return emitError(module.getLoc()) << "'" << table << "': ";
      };
      if (failed(minimax_gpu::ScheduleAttr::verify(emit, entry->fewRows,
                                                   entry->tileRows)))
        return WalkResult::interrupt();
      op->setAttr(minimax_gpu::kScheduleName,
                  minimax_gpu::ScheduleAttr::get(&getContext(), entry->fewRows,
                                                 entry->tileRows));
      return WalkResult::advance();
    };
    if (module.walk([&](LinearOp op) { return set(op); }).wasInterrupted() ||
        module.walk([&](LmHeadOp op) { return set(op); }).wasInterrupted() ||
        module.walk([&](GroupedMatmulOp op) { return set(op); })
            .wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
