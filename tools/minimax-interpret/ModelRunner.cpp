//===- ModelRunner.cpp - a model on tokens --------------------------------===//
//
// Steps of packed sequences through the entries `score` and `step`.
//
//===----------------------------------------------------------------------===//

#include "Session.h"

using namespace mlir;
using namespace mlir::minimax;

/// The tokens that a sequence has in all.
static int64_t tokenAt(const Sequence &sequence, int64_t position) {
  int64_t prompt = sequence.prompt.size();
  return position < prompt ? sequence.prompt[position]
                           : sequence.generated[position - prompt];
}

/// Arguments of an entry for the next `counts[i]` tokens of each sequence.
SmallVector<ReferenceValue> Session::makeArguments(func::FuncOp function,
                                                   ArrayRef<int64_t> counts) {
  SmallVector<int64_t> tokens, cuSeqlens = {0}, positions, slots;
  for (auto [slot, count] : llvm::enumerate(counts)) {
    Sequence &sequence = sequences[slot];
    for (int64_t i = 0; i < count; ++i) {
      positions.push_back(sequence.done + i);
      tokens.push_back(tokenAt(sequence, sequence.done + i));
    }
    cuSeqlens.push_back(tokens.size());
    slots.push_back(slot);
  }
  SmallVector<ReferenceValue> arguments;
  for (unsigned index = 0; index < function.getNumArguments(); ++index) {
    Type type = function.getArgumentTypes()[index];
    auto name = function.getArgAttrOfType<StringAttr>(index, "minimax.name");
    if (isa<LightningStateType, KVCacheType>(type)) {
      auto &state = states[name.getValue()];
      if (!state)
        state = ReferenceState::create(type);
      arguments.push_back(ReferenceValue(state));
      continue;
    }
    ArrayRef<int64_t> numbers = name == "tokens"       ? tokens
                                : name == "cu_seqlens" ? cuSeqlens
                                : name == "positions"  ? positions
                                                       : slots;
    ReferenceTensor tensor(getElementTypeOrSelf(type),
                           {static_cast<int64_t>(numbers.size())});
    llvm::copy(numbers, tensor.ints());
    arguments.push_back(ReferenceValue(tensor));
  }
  return arguments;
}

/// Adds the rows of `tensor` to their sequences' results.
void Session::keepRows(StringRef name, const ReferenceTensor &tensor,
                       ArrayRef<int64_t> counts) {
  ReferenceTensor dense = tensor.contiguous();
  SmallVector<int64_t> shape(dense.getShape());
  int64_t row = 0;
  for (auto [slot, count] : llvm::enumerate(counts)) {
    if (count > 0 && keeps) {
      shape[0] = count;
      int64_t offset = dense.getOffset() + row * dense.getStrides()[0];
      sequences[slot].rows[name.str()].push_back(
          dense.view(offset, shape, dense.getStrides()));
    }
    row += count;
  }
}

llvm::Error Session::step(StringRef entry, ArrayRef<int64_t> counts) {
  auto function = module.lookupSymbol<func::FuncOp>(entry);
  if (!function)
    return makeError("the module has no entry '" + entry + "'");
  auto results = interpreter.run(function, makeArguments(function, counts));
  if (failed(results))
    return makeError("'" + entry + "' could not be executed");
  int64_t total = 0;
  for (int64_t count : counts)
    total += count;
  for (auto [index, result] : llvm::enumerate(*results)) {
    std::string name = getResultName(function, index);
    if (result.state)
      continue;
    bool all = result.tensor.size(0) == total && entry == "score";
    if (all)
      keepRows(name, result.tensor, counts);
    if (name != "logits")
      continue;
    ReferenceTensor logits = result.tensor.contiguous();
    int64_t row = 0, width = logits.size(1);
    for (auto [slot, count] : llvm::enumerate(counts)) {
      row += all ? count : 1;
      const double *last = logits.floats() + (row - 1) * width;
      if (count > 0)
        sequences[slot].lastLogits.assign(last, last + width);
    }
  }
  for (auto [slot, count] : llvm::enumerate(counts))
    sequences[slot].done += count;
  return llvm::Error::success();
}

/// Feeds all prompts, `run.chunk` tokens of each at a time.
llvm::Error Session::prefill(StringRef entry) {
  while (true) {
    SmallVector<int64_t> counts;
    for (Sequence &sequence : sequences) {
      int64_t rest = sequence.prompt.size() - sequence.done;
      counts.push_back(run.chunk > 0 ? std::min(rest, run.chunk) : rest);
    }
    if (llvm::all_of(counts, [](int64_t count) { return count == 0; }))
      return llvm::Error::success();
    if (llvm::Error error = step(entry, counts))
      return error;
  }
}

/// Whether the model names `token` as an end of text.
bool Session::isEnd(int64_t token) const {
  auto model = module->getAttrOfType<DictionaryAttr>("minimax.model");
  auto ends = model ? model.getAs<DenseI32ArrayAttr>("eos_token_ids") : nullptr;
  return ends && llvm::is_contained(ends.asArrayRef(), token);
}

llvm::Error Session::generate() {
  for (int64_t round = 0; round < run.newTokens; ++round) {
    SmallVector<int64_t> counts;
    for (Sequence &sequence : sequences) {
      bool goesOn = !sequence.ended && !sequence.lastLogits.empty();
      counts.push_back(goesOn);
      if (!goesOn)
        continue;
      auto best = llvm::max_element(sequence.lastLogits);
      sequence.generated.push_back(best - sequence.lastLogits.begin());
      sequence.ended = isEnd(sequence.generated.back());
    }
    if (round + 1 == run.newTokens ||
        llvm::all_of(counts, [](int64_t count) { return count == 0; }))
      break;
    if (llvm::Error error = step("step", counts))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error Session::execute() {
  for (const SmallVector<int64_t> &prompt : run.sequences)
    sequences.emplace_back().prompt = prompt;
  keeps = !run.logits.empty() || !run.hidden.empty() || run.newTokens == 0;
  if (llvm::Error error = prefill(keeps ? "score" : "step"))
    return error;
  if (llvm::Error error = generate())
    return error;
  if (llvm::Error error = writeResults())
    return error;
  if (run.json) {
    printJson();
    return llvm::Error::success();
  }
  for (const Sequence &sequence : sequences) {
    llvm::interleave(sequence.generated, llvm::outs(), " ");
    llvm::outs() << "\n";
  }
  return llvm::Error::success();
}

llvm::Error mlir::minimax::runModel(ModuleOp module, Interpreter &interpreter,
                                    const ModelRun &run) {
  return Session(module, interpreter, run).execute();
}

llvm::Expected<std::vector<SmallVector<int64_t>>>
mlir::minimax::parseTokens(StringRef text) {
  std::vector<SmallVector<int64_t>> sequences;
  SmallVector<StringRef> lines, words;
  text.rtrim('\n').split(lines, '\n');
  for (StringRef line : lines) {
    SmallVector<int64_t> &sequence = sequences.emplace_back();
    words.clear();
    line.split(words, ' ', -1, /*KeepEmpty=*/false);
    for (StringRef word : words)
      if (word.trim().getAsInteger(10, sequence.emplace_back()) ||
          sequence.back() < 0)
        return makeError("expected token ids, but got '" + word + "'");
  }
  return sequences;
}
