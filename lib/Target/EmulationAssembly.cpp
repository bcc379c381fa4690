//===- EmulationAssembly.cpp - inline assembly for the emulator -----------===//
//
// The texts that our kernel builders and MLIR's NVVM ops emit. What LLVM has
// no intrinsic for becomes an operation of the runtime; its operands are named
// here.
//
//===----------------------------------------------------------------------===//

#include "EmulationSteps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace mlir::minimax;
using namespace mlir::minimax::emulation;

namespace {
/// One call of inline assembly. `arguments` leaves out the predicate.
struct Assembly {
  CallInst &call;
  StringRef text;
  SmallVector<Value *> arguments;
  IRBuilder<> builder;
  Sites &sites;

  /// Calls an operation without results.
  bool emit(StringRef name, ArrayRef<Value *> operands) {
    callOperation(builder, name, operands, builder.getVoidTy(), sites);
    return true;
  }
  bool emit(StringRef name) { return emit(name, arguments); }
};
} // namespace

/// Thread-level texts that begin with the key. They have no results.
static StringRef findOperation(StringRef text) {
  static constexpr std::pair<StringLiteral, StringLiteral> operations[] = {
      {"mbarrier.arrive.expect_tx.shared", "mbarrier_arrive_expect_tx"},
      {"mbarrier.arrive.release.cluster.shared::cluster",
       "mbarrier_arrive_shared"},
      {"fence.proxy.async", "fence_proxy_async"},
      {"wgmma.commit_group", "wgmma_commit_group"},
      {"wgmma.wait_group", "wgmma_wait_group"},
      {"cp.async.bulk.commit_group", "cp_async_bulk_commit_group"},
      {"cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [",
       "bulk_load"},
      {"cp.async.bulk.prefetch.L2.global [", "bulk_prefetch"},
      {"griddepcontrol.wait", "griddepcontrol_wait"},
  };
  for (auto [prefix, operation] : operations)
    if (text.starts_with(prefix))
      return operation;
  return "";
}

/// What has no effect here: hints, and fences between what is ordered anyway.
static bool isIgnored(StringRef text) {
  return text.starts_with("prefetch.") ||
         text.starts_with("fence.mbarrier_init") ||
         text.starts_with("wgmma.fence") ||
         text.starts_with("griddepcontrol.launch_dependents");
}

/// bar.arrive id, count; the id may be in the text.
static bool lowerArrive(Assembly &assembly) {
  if (assembly.arguments.size() == 2)
    return assembly.emit("barrier_arrive");
  if (assembly.text != "bar.arrive 0, $0")
    return false;
  return assembly.emit("barrier_arrive",
                       {assembly.builder.getInt32(0), assembly.arguments[0]});
}

/// cp.async.bulk.tensor: {shared, map, barrier, multicast, coordinates...} for
/// loads, {shared, map, coordinates...} for stores.
static bool lowerTensorCopy(Assembly &assembly) {
  IRBuilder<> &builder = assembly.builder;
  SmallVector<Value *> &arguments = assembly.arguments;
  StringRef text = assembly.text;
  unsigned rank = text[strlen("cp.async.bulk.tensor.")] - '0';
  if (text.contains(".im2col"))
    return false;
  if (text.contains(".global.shared::cta.bulk_group")) {
    SmallVector<Value *> operands = {arguments[rank + 1], arguments[0]};
    operands.append(arguments.begin() + 1, arguments.begin() + 1 + rank);
    return assembly.emit("tensor_store", operands);
  }
  if (!text.contains(".shared::cluster.global."))
    return false;
  bool isMulticast = text.contains(".multicast::cluster");
  Value *multicast = builder.getInt32(0);
  if (isMulticast)
    multicast = builder.CreateZExt(arguments[rank + 3], builder.getInt32Ty());
  SmallVector<Value *> operands = {arguments[0], arguments[1],
                                   arguments[rank + 2], multicast};
  operands.append(arguments.begin() + 2, arguments.begin() + 2 + rank);
  return assembly.emit("tensor_load", operands);
}

/// stmatrix.sync.aligned.xN(.trans).m8n8: {row, tiles...}.
static bool lowerStoreMatrix(Assembly &assembly) {
  StringRef rest = assembly.text;
  if (!rest.consume_front("stmatrix.sync.aligned."))
    return false;
  std::string name = ("stmatrix_" + rest.take_front(2)).str();
  if (rest.contains(".trans"))
    name += "_trans";
  return assembly.emit(name);
}

/// wgmma.mma_async: {columns, is f16, A in registers, scale of D, A, B,
/// transposed A, B, descriptors of A, B, fragment of A, D}.
static Value *lowerProduct(Assembly &assembly) {
  IRBuilder<> &builder = assembly.builder;
  StringRef shape = assembly.text.split("m64n").second;
  unsigned columns = 0;
  bool isHalf = shape.contains("k16.f32.f16.f16");
  if (shape.consumeInteger(10, columns) ||
      (!isHalf && !shape.starts_with("k16.f32.bf16.bf16")))
    return nullptr;
  ArrayRef<Value *> arguments = assembly.arguments;
  ArrayRef<Value *> sums = arguments.take_front(columns / 2);
  ArrayRef<Value *> rest = arguments.drop_front(columns / 2);
  bool inRegisters = rest[0]->getType()->isIntegerTy(32);
  Value *zero = builder.getInt32(0);
  SmallVector<Value *> fragment(4, zero);
  Value *descriptorA = builder.getInt64(0);
  if (inRegisters) {
    fragment.assign(rest.begin(), rest.begin() + 4);
    rest = rest.drop_front(4);
  } else {
    descriptorA = rest[0];
    rest = rest.drop_front(1);
  }
  // Descriptor of B, scales of D, A and B, then what is transposed.
  Value *transposedA = inRegisters ? zero : rest[4];
  SmallVector<Value *> operands = {builder.getInt32(columns),
                                   builder.getInt32(isHalf),
                                   builder.getInt32(inRegisters),
                                   rest[1],
                                   rest[2],
                                   rest[3],
                                   transposedA,
                                   rest[inRegisters ? 4 : 5],
                                   descriptorA,
                                   rest[0]};
  operands.append(fragment);
  operands.append(sums.begin(), sums.end());
  return callOperation(builder, "wgmma", operands, assembly.call.getType(),
                       assembly.sites);
}

/// Texts without a result.
static bool lowerStatement(Assembly &assembly) {
  StringRef text = assembly.text;
  if (isIgnored(text))
    return true;
  if (StringRef name = findOperation(text); !name.empty())
    return assembly.emit(name);
  if (text.starts_with("bar.arrive"))
    return lowerArrive(assembly);
  if (text.starts_with("cp.async.bulk.tensor."))
    return lowerTensorCopy(assembly);
  if (text.starts_with("stmatrix."))
    return lowerStoreMatrix(assembly);
  // The loop around try_wait; its last operand is a hint.
  if (text.contains("mbarrier.try_wait.parity.shared") &&
      text.contains("bra.uni     LAB_WAIT"))
    return assembly.emit("mbarrier_wait_parity",
                         ArrayRef(assembly.arguments).take_front(2));
  return false;
}

/// Texts with a result; null for those that are not known.
static Value *lowerExpression(Assembly &assembly) {
  StringRef text = assembly.text;
  // Hides where a value comes from.
  if (text == "mov.b32 $0, $1" || text == "mov.b64 $0, $1")
    return assembly.arguments[0];
  if (text.contains("elect.sync rx | px, 0xFFFFFFFF"))
    return callOperation(assembly.builder, "elect_sync", {},
                         assembly.call.getType(), assembly.sites);
  if (text.contains("wgmma.mma_async.sync.aligned.m64n"))
    return lowerProduct(assembly);
  return nullptr;
}

/// Takes "@$k " off the text and puts the call into a branch of its own.
static void splitPredicate(Assembly &assembly) {
  unsigned number = 0;
  if (!assembly.text.consume_front("@$") ||
      assembly.text.consumeInteger(10, number))
    return;
  assembly.text = assembly.text.trim();
  Value *predicate = assembly.arguments[number];
  assembly.arguments.erase(assembly.arguments.begin() + number);
  Instruction *then = SplitBlockAndInsertIfThen(predicate, &assembly.call,
                                                /*Unreachable=*/false);
  assembly.builder.SetInsertPoint(then);
}

bool emulation::lowerAssembly(CallInst &call, StringRef text, Sites &sites) {
  text = text.trim();
  text.consume_back(";");
  Assembly assembly = {call, text, SmallVector<Value *>(call.args()),
                       IRBuilder<>(&call), sites};
  if (call.getType()->isVoidTy()) {
    splitPredicate(assembly);
    if (!lowerStatement(assembly))
      return false;
  } else {
    Value *result = lowerExpression(assembly);
    if (!result)
      return false;
    call.replaceAllUsesWith(result);
  }
  call.eraseFromParent();
  return true;
}
