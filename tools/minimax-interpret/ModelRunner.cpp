//===- ModelRunner.cpp - a model on tokens --------------------------------===//
//
// Steps of packed sequences through the entries `score` and `step`.
//
//===----------------------------------------------------------------------===//

#include "InterpretTool.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace mlir;
using namespace mlir::minimax;

namespace {
/// One sequence, which lives in the slot of its number.
struct Sequence {
  SmallVector<int64_t> prompt, generated;
  int64_t done = 0; // tokens that have been fed
  /// Rows of each result so far, appended step by step.
  llvm::MapVector<std::string, SmallVector<ReferenceTensor>, std::map<std::string, unsigned>> rows;
  SmallVector<double> lastLogits;
  bool ended = false;
};

/// A model, its states and its sequences.
class Session {
public:
  Session(ModuleOp module, Interpreter &interpreter, const ModelRun &run)
      : module(module), interpreter(interpreter), run(run) {}

  llvm::Error execute();

private:
  llvm::Error prefill(StringRef entry);
  llvm::Error generate();
  llvm::Error step(StringRef entry, ArrayRef<int64_t> counts);
  SmallVector<ReferenceValue> makeArguments(func::FuncOp function,
                                            ArrayRef<int64_t> counts);
  void keepRows(StringRef name, const ReferenceTensor &tensor,
                ArrayRef<int64_t> counts);
  bool isEnd(int64_t token) const;
  llvm::Error writeResults();
  NamedTensors collectStates() const;
  void printJson() const;

  ModuleOp module;
  Interpreter &interpreter;
  const ModelRun &run;
  std::vector<Sequence> sequences;
  llvm::MapVector<StringRef, std::shared_ptr<ReferenceState>> states;
  /// Whether rows of all results are kept, not only the last logits.
  bool keeps = false;
};
} // namespace

/// The tokens that a sequence has in all.
static int64_t tokenAt(const Sequence &sequence, int64_t position) {
  int64_t prompt = sequence.prompt.size();
  return position < prompt ? sequence.prompt[position]
                           : sequence.generated[position - prompt];
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

/// Arguments of an entry for the next `counts[i]` tokens of each sequence.
SmallVector<ReferenceValue>
Session::makeArguments(func::FuncOp function, ArrayRef<int64_t> counts) {
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

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// `parts` one below the other.
static ReferenceTensor concatenate(ArrayRef<ReferenceTensor> parts) {
  SmallVector<int64_t> shape(parts[0].getShape());
  for (const ReferenceTensor &part : parts.drop_front())
    shape[0] += part.size(0);
  ReferenceTensor whole(parts[0].getElementType(), shape);
  int64_t offset = 0;
  for (const ReferenceTensor &part : parts) {
    whole.view(offset, part.getShape(), whole.getStrides()).copyFrom(part);
    offset += part.getNumElements();
  }
  return whole;
}

/// The written part of each state's slot of each sequence.
NamedTensors Session::collectStates() const {
  NamedTensors tensors;
  for (const auto &[name, state] : states)
    for (auto [slot, sequence] : llvm::enumerate(sequences)) {
      bool cache = state->pools.size() == 2;
      for (auto [index, pool] : llvm::enumerate(state->pools)) {
        if (static_cast<int64_t>(slot) >= pool.size(0))
          continue;
        SmallVector<int64_t> shape(pool.getShape().drop_front());
        if (cache)
          shape[0] = std::min(shape[0], sequence.done);
        int64_t offset = pool.getOffset() + slot * pool.getStrides()[0];
        StringRef suffix = !cache ? "" : index == 0 ? ".key" : ".value";
        tensors.emplace_back(
            (name + suffix + "." + llvm::Twine(slot)).str(),
            pool.view(offset, shape, pool.getStrides().drop_front()));
      }
    }
  return tensors;
}

llvm::Error Session::writeResults() {
  NamedTensors logits, hidden;
  for (auto [slot, sequence] : llvm::enumerate(sequences))
    for (const auto &[name, parts] : sequence.rows)
      (name == "logits" ? logits : hidden)
          .emplace_back(name + "." + std::to_string(slot), concatenate(parts));
  if (!run.logits.empty())
    if (llvm::Error error = writeTensors(run.logits, logits, run.single))
      return error;
  if (!run.hidden.empty())
    if (llvm::Error error = writeTensors(run.hidden, hidden, run.single))
      return error;
  if (run.states.empty())
    return llvm::Error::success();
  return writeTensors(run.states, collectStates(), run.single);
}

/// Mean negative log-likelihood of a prompt's tokens but the first.
static double meanLoss(const Sequence &sequence) {
  auto found = sequence.rows.find("logits");
  if (found == sequence.rows.end() || sequence.prompt.size() < 2)
    return 0;
  ReferenceTensor logits = concatenate(found->second);
  int64_t width = logits.size(1), count = sequence.prompt.size() - 1;
  double loss = 0;
  for (int64_t t = 0; t < count; ++t) {
    const double *row = logits.floats() + t * width;
    double largest = *std::max_element(row, row + width), sum = 0;
    for (int64_t c = 0; c < width; ++c)
      sum += std::exp(row[c] - largest);
    loss += largest + std::log(sum) - row[sequence.prompt[t + 1]];
  }
  return loss / count;
}

void Session::printJson() const {
  llvm::json::Array list;
  for (const Sequence &sequence : sequences) {
    llvm::json::Object entry;
    entry["prompt_tokens"] = llvm::json::Array(sequence.prompt);
    entry["tokens"] = llvm::json::Array(sequence.generated);
    if (keeps) {
      double loss = meanLoss(sequence);
      entry["mean_nll"] = loss;
      entry["perplexity"] = std::exp(loss);
    }
    list.push_back(std::move(entry));
  }
  llvm::outs() << llvm::json::Value(
                      llvm::json::Object{{"sequences", std::move(list)}})
               << "\n";
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
