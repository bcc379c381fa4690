//===- Cost.cpp - what ops cost, in terms of a step -----------------------===//
//
// Sums over a step's quantities and their text form.
//
//===----------------------------------------------------------------------===//

#include "minimax/Dialect/MiniMax/IR/Cost.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace mlir::minimax;

static llvm::StringRef nameOf(StepQuantity quantity) {
  switch (quantity) {
  case StepQuantity::One:
    return "1";
  case StepQuantity::Tokens:
    return "T";
  case StepQuantity::Sequences:
    return "N";
  case StepQuantity::Active:
    return "active";
  case StepQuantity::Starting:
    return "starting";
  case StepQuantity::Keys:
    return "keys";
  case StepQuantity::Cached:
    return "cached";
  case StepQuantity::Pairs:
    return "pairs";
  case StepQuantity::Chunks:
    return "chunks";
  case StepQuantity::Experts:
    return "experts";
  }
  llvm_unreachable("all quantities have a name");
}

std::string CostTerm::name() const {
  std::string text = nameOf(quantity).str();
  if (second != 0)
    return (text + "(" + llvm::Twine(first) + "," + llvm::Twine(second) + ")")
        .str();
  return first != 0 ? (text + "(" + llvm::Twine(first) + ")").str() : text;
}

void CostSum::add(CostTerm term) {
  if (term.coefficient == 0)
    return;
  auto same = llvm::find_if(terms, [&](const CostTerm &known) {
    return known.quantity == term.quantity && known.first == term.first &&
           known.second == term.second;
  });
  if (same == terms.end())
    terms.push_back(term);
  else
    same->coefficient += term.coefficient;
}

CostSum &CostSum::operator+=(const CostSum &other) {
  for (const CostTerm &term : other.terms)
    add(term);
  return *this;
}

CostSum CostSum::operator*(int64_t factor) const {
  CostSum product;
  for (CostTerm term : terms) {
    term.coefficient *= factor;
    product.add(term);
  }
  return product;
}

std::string CostSum::str() const {
  std::string text;
  for (const CostTerm &term : terms) {
    text += text.empty() ? "" : " + ";
    text += std::to_string(term.coefficient);
    if (term.quantity != StepQuantity::One)
      text += "*" + term.name();
  }
  return text.empty() ? "0" : text;
}
