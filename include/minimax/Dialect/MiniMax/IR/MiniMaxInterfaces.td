//===- MiniMaxInterfaces.td - op interfaces of the passes -----*- tablegen -*-===//
//
// What an op offers to passes, so that a new op needs no edit in any of them.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_DIALECT_MINIMAX_IR_MINIMAXINTERFACES_TD
#define MINIMAX_DIALECT_MINIMAX_IR_MINIMAXINTERFACES_TD

include "mlir/IR/OpBase.td"

def MiniMax_ComputeOpInterface : OpInterface<"ComputeOpInterface"> {
  let cppNamespace = "::mlir::minimax";
  let description = [{
    An op with a value form (tensor results) and a buffer form (memrefs in
    `outs`). Implementing it makes an op bufferizable: see
    `registerBufferizationModels`.
  }];
  let methods = [
    InterfaceMethod<"the destinations; empty in value form", "::mlir::MutableOperandRange",
                    "getOutsMutable">,
    InterfaceMethod<[{
      the leading dimension of tensor result `result`; by default the leading
      dimension of the first operand
    }], "::mlir::OpFoldResult", "getLeadingDim",
      (ins "::mlir::OpBuilder &":$builder, "unsigned":$result), "", [{
        return detail::getDim(builder, $_op->getLoc(), $_op->getOperand(0), 0);
      }]>,
    InterfaceMethod<"state operands, each consumed by the op and returned as a result",
                    "::mlir::SmallVector<::mlir::OpOperand *>", "getStateOperands", (ins), "", [{
        return {};
      }]>,
  ];
}

def MiniMax_SequencedOpInterface : OpInterface<"SequencedOpInterface"> {
  let cppNamespace = "::mlir::minimax";
  let description = [{
    An op over the packed sequences of a batch. `minimax-verify-state` compares
    the batches of the ops that share a state. An op whose operands bear these
    names implements the interface by listing it.
  }];
  let methods = [
    InterfaceMethod<"bounds of the sequences", "::mlir::Value", "getCuSeqlens">,
    InterfaceMethod<"each token's position in its sequence; null if the op has none",
                    "::mlir::Value", "getPositions", (ins), "", [{ return {}; }]>,
    InterfaceMethod<"each sequence's slot; null if the op has none",
                    "::mlir::Value", "getSlots", (ins), "", [{ return {}; }]>,
  ];
}

def MiniMax_DecomposableOpInterface : OpInterface<"DecomposableOpInterface"> {
  let cppNamespace = "::mlir::minimax";
  let description = [{
    A whole op (L0) that is defined by parts (L2): `minimax-decompose` replaces it
    by what `decompose` builds.
  }];
  let methods = [
    InterfaceMethod<[{
      builds the parts before the op and returns one value for each result, or
      fails if the op cannot be decomposed
    }], "::mlir::FailureOr<::mlir::SmallVector<::mlir::Value>>", "decompose",
      (ins "::mlir::OpBuilder &":$builder)>,
  ];
}

def MiniMax_ReferenceOpInterface : OpInterface<"ReferenceOpInterface"> {
  let cppNamespace = "::mlir::minimax";
  let description = [{
    Naive evaluation in double precision, the oracle for every pass. Implemented
    by external models in lib/Interpreter, which share no code with lowerings.
  }];
  let methods = [
    InterfaceMethod<"computes the results from the operands", "::llvm::LogicalResult", "evaluate",
      (ins "::mlir::minimax::ReferenceFrame &":$frame)>,
  ];
}

def MiniMax_CostOpInterface : OpInterface<"CostOpInterface"> {
  let cppNamespace = "::mlir::minimax";
  let description = [{
    What one execution of an op costs, for reports and for the profile of a run:
    sums over what a step has a number of (see Cost.h), so that one expression
    holds for prefill, decode and mixed batches.

    - FLOPs: two per multiply-add of a product. Functions, decays and residuals
      applied to a product are free; an op without a product counts one per
      addition, multiplication, division and elementary function.
    - Bytes: every operand read once and every result written once, in the types
      of the op at hand (weights as packed), whatever caches do. Of tables,
      states, caches and experts only what the step touches.
  }];
  let methods = [
    InterfaceMethod<[{
      the cost of one execution; `sizeOf` gives the dynamic sizes of operands
    }], "::mlir::minimax::OpCost", "getCost", (ins "::mlir::minimax::StepSizeFn":$sizeOf)>,
  ];
}

#endif // MINIMAX_DIALECT_MINIMAX_IR_MINIMAXINTERFACES_TD
