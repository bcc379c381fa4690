//===- ModelResults.cpp - what a model computed ---------------------------===//
//
// Files and JSON of a session.
//
//===----------------------------------------------------------------------===//

#include "Session.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace mlir;
using namespace mlir::minimax;

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
