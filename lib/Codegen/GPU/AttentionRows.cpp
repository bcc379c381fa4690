//===- AttentionRows.cpp - the rows that a block attends for --------------===//
//
// What the kernels for tiles of rows share: which rows and keys meet, queries.
//
// Roofline: queries are read once, bound by memory and, where they are rotated,
// by sines and cosines in f64; both are small beside the products.
//
//===----------------------------------------------------------------------===//

#include "AttentionGPU.h"
#include <numbers>

using namespace mlir;
using namespace mlir::minimax;

void minimax::emitQueries(
    GPUKernelBuilder &kb, const AttentionGPUOperands &ops,
    const Rotation &rotation, Value tile, int64_t rows, const Team &team,
    function_ref<std::pair<Value, Value>(Value)> placeOf) {
  Value items = kb.index(rotation.items());
  Value scale = kb.f32(ops.scale * std::numbers::log2e);
  Value count = kb.index(rows * rotation.items());
  kb.loop(team.thread, count, team.threads, [&](Value place) {
    Value r = kb.div(place, items);
    auto [row, head] = placeOf(r);
    Value position = kb.create<memref::LoadOp>(ops.positions, row);
    auto load = [&, row = row, head = head](Value column) {
      return kb.load(ops.query, {row, head, column});
    };
    rotation.emit(
        kb.rem(place, items), position, load, [&](Value value, Value column) {
          kb.store(kb.create<arith::MulFOp>(value, scale), tile, {r, column});
        });
  });
}

AttentionRows::AttentionRows(GPUKernelBuilder &kb,
                             const AttentionGPUOperands &operands,
                             const HeadParts &parts, const SequenceBlock &block,
                             Value groupAndPart)
    : kb(kb), ops(operands), parts(parts) {
  group = kb.div(groupAndPart, kb.index(parts.parts));
  part = kb.rem(groupAndPart, kb.index(parts.parts));
  firstRow = block.first;
  count = kb.sub(block.end, block.first);
  firstPosition = kb.loadIndex(ops.positions, {firstRow});
  Value slot = kb.loadIndex(ops.slots, {block.sequence});
  firstPlace = kb.mul(slot, ops.capacity);
  Value last =
      kb.loadIndex(ops.cuSeqlens, {kb.add(block.sequence, kb.index(1))});
  Value total = kb.add(firstPosition, kb.sub(last, firstRow));
  range = findShare(kb, ops, total, kb.add(firstPosition, count));
}

Value AttentionRows::seenBy(Value r) const {
  Value position = kb.add(firstPosition, tokenOf(r));
  return kb.minimum(kb.add(position, kb.index(1)), range.end);
}

void AttentionRows::loadQueries(const Rotation &rotation, Value tile,
                                int64_t rows, const Team &team) const {
  emitQueries(kb, ops, rotation, tile, rows, team, [&](Value r) {
    Value row =
        kb.add(firstRow, kb.minimum(tokenOf(r), kb.sub(count, kb.index(1))));
    Value member = kb.minimum(memberOf(r), kb.index(parts.groupHeads - 1));
    Value head = kb.add(kb.mul(group, kb.index(parts.groupHeads)), member);
    return std::pair(row, head);
  });
}

void AttentionRows::ifExists(Value r,
                             function_ref<void(Value, Value)> store) const {
  Value token = tokenOf(r), member = memberOf(r);
  Value row = kb.add(firstRow, token);
  Value head = kb.add(kb.mul(group, kb.index(parts.groupHeads)), member);
  Value exists = kb.create<arith::AndIOp>(
      kb.less(token, count), kb.less(member, kb.index(parts.groupHeads)));
  kb.ifThen(exists, [&] { store(row, head); });
}

void minimax::launchAttentionRows(
    GPUKernelBuilder &kb, const AttentionGPUOperands &operands, StringRef name,
    int64_t rows, int64_t threads,
    function_ref<void(const AttentionRows &, const Rotation &)> body) {
  HeadParts parts(operands.groupHeads(), rows);
  int64_t tokens = rows / parts.heads;
  Rotation rotation(kb, operands.dim(), operands.rotary, operands.theta);
  Value cu = operands.cuSeqlens, sequences = countSequences(kb, cu);
  Value total = kb.size(operands.query, 0);
  // A step of one token has no sequence of two.
  Value blocks =
      kb.create<arith::SelectOp>(kb.less(total, kb.index(2)), kb.index(0),
                                 countBlocks(kb, cu, total, tokens));
  Value groups = kb.index(operands.groups() * parts.parts);
  kb.launch(name, {blocks, groups}, threads, [&] {
    // Late blocks have most keys: they go first.
    Value number = kb.sub(kb.sub(blocks, kb.index(1)), kb.block());
    SequenceBlock block = findBlock(kb, cu, sequences, tokens, number);
    Value next = kb.loadIndex(cu, {kb.add(block.sequence, kb.index(1))});
    Value several = kb.less(kb.index(1), kb.sub(next, block.begin));
    Value used =
        kb.create<arith::AndIOp>(several, kb.less(block.first, block.end));
    kb.ifThen(used, [&] {
      body(AttentionRows(kb, operands, parts, block, kb.block(1)), rotation);
    });
  });
}
