//===- MiniMaxBase.td - dialect, types and op base classes ----*- tablegen -*-===//
//
// The minimax dialect, its state types and the base class of its ops.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_DIALECT_MINIMAX_IR_MINIMAXBASE_TD
#define MINIMAX_DIALECT_MINIMAX_IR_MINIMAXBASE_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "minimax/Dialect/MiniMax/IR/MiniMaxInterfaces.td"

def MiniMax_Dialect : Dialect {
  let name = "minimax";
  let cppNamespace = "::mlir::minimax";
  let summary = "hybrid-attention mixture-of-experts models";
  let description = [{
    The mathematics of models whose layers mix lightning (linear, decayed)
    attention with softmax attention and route every token to a few experts.

    Activations are token-major and packed: `[T, hidden]`, where `T` counts the
    tokens of all sequences of a step. Sequence `n` owns the rows
    `cu_seqlens[n] .. cu_seqlens[n+1]` and may be empty; its states live in slot
    `slots[n]` of a pool, and `positions` holds each token's absolute position
    in its sequence. Prefill, chunked prefill, decode and mixed batches are the
    same ops with other lengths.

    **Two forms.** Every compute op has a value form (tensor operands, tensor
    results, no side effect) and a buffer form (memref operands, one memref in
    `outs` for each result it would have had, no tensor result). Bufferization
    turns the first into the second. Checked on every compute op:

    - F1: all results are in one form.
    - F2: each typed state operand comes back as a result of its type, after the
      tensor results; a state that is a pool already does not.

    **States are linear.** `!minimax.lightning_state` and `!minimax.kv_cache`
    values stand for a whole pool at one point in time. Each is consumed exactly
    once; `minimax-verify-state` rejects programs that read one stale, use one
    twice or drop one. `minimax-materialize-states` turns them into memrefs.
  }];
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::mlir::tensor::TensorDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::affine::AffineDialect"];
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

class MiniMax_StateType<string name, string typeMnemonic> : TypeDef<MiniMax_Dialect, name> {
  let mnemonic = typeMnemonic;
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "Type":$elementType);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def MiniMax_LightningStateType : MiniMax_StateType<"LightningState", "lightning_state"> {
  let summary = "pool of key-value states of lightning attention";
  let description = [{
    `!minimax.lightning_state<H x K x V x f32>`: for each slot and head one
    `K x V` matrix, rows indexed by the key's dimension (SPEC 2.4, convention A).
    The element type is f32: the state is an accumulator.
  }];
}

def MiniMax_KVCacheType : MiniMax_StateType<"KVCache", "kv_cache"> {
  let summary = "pool of keys and values of softmax attention";
  let description = [{
    `!minimax.kv_cache<G x D x T>`: for each slot and position the rotated keys
    and the values of `G` heads of dimension `D`, stored as f32 or bf16.
  }];
}

//===----------------------------------------------------------------------===//
// Operand and result types
//===----------------------------------------------------------------------===//

def MiniMax_Float : AnyTypeOf<[F32, BF16, F16]>;
def MiniMax_Value : AnyTypeOf<[TensorOf<[F32, BF16, F16]>, MemRefOf<[F32, BF16, F16]>],
                              "tensor or memref of f32, bf16 or f16">;
def MiniMax_Value1D : AnyTypeOf<[1DTensorOf<[F32, BF16, F16]>, MemRefRankOf<[F32, BF16, F16], [1]>],
                                "1D tensor or memref of f32, bf16 or f16">;
def MiniMax_Value2D : AnyTypeOf<[2DTensorOf<[F32, BF16, F16]>, MemRefRankOf<[F32, BF16, F16], [2]>],
                                "2D tensor or memref of f32, bf16 or f16">;
def MiniMax_Value3D : AnyTypeOf<[3DTensorOf<[F32, BF16, F16]>, MemRefRankOf<[F32, BF16, F16], [3]>],
                                "3D tensor or memref of f32, bf16 or f16">;
def MiniMax_Heads : AnyTypeOf<[3DTensorOf<[F32, BF16]>, MemRefRankOf<[F32, BF16], [3]>],
                              "3D tensor or memref of f32 or bf16">;
def MiniMax_ProductInput : AnyTypeOf<[2DTensorOf<[F32, BF16, F16, I16]>, MemRefRankOf<[F32, BF16, F16, I16], [2]>],
                                     "2D tensor or memref of f32, bf16, f16 or i16">;
def MiniMax_ProductWeight : AnyTypeOf<[TensorOf<[F32, BF16, F16, I8]>, MemRefOf<[F32, BF16, F16, I8]>],
                                      "tensor or memref of f32, bf16, f16 or i8">;
def MiniMax_Float1D : AnyTypeOf<[1DTensorOf<[F32]>, MemRefRankOf<[F32], [1]>], "1D tensor or memref of f32">;
def MiniMax_Float2D : AnyTypeOf<[2DTensorOf<[F32]>, MemRefRankOf<[F32], [2]>], "2D tensor or memref of f32">;
def MiniMax_Float3D : AnyTypeOf<[3DTensorOf<[F32]>, MemRefRankOf<[F32], [3]>], "3D tensor or memref of f32">;
def MiniMax_Float4D : AnyTypeOf<[4DTensorOf<[F32]>, MemRefRankOf<[F32], [4]>], "4D tensor or memref of f32">;
def MiniMax_Index1D : AnyTypeOf<[1DTensorOf<[I32]>, MemRefRankOf<[I32], [1]>], "1D tensor or memref of i32">;
def MiniMax_Index2D : AnyTypeOf<[2DTensorOf<[I32]>, MemRefRankOf<[I32], [2]>], "2D tensor or memref of i32">;
def MiniMax_AnyState : AnyTypeOf<[MiniMax_LightningStateType, MiniMax_KVCacheType]>;
def MiniMax_LightningStateOperand : AnyTypeOf<[MiniMax_LightningStateType, MemRefRankOf<[F32], [4]>],
                                              "lightning state or its pool">;
def MiniMax_KVCacheOperand : AnyTypeOf<[MiniMax_KVCacheType, MemRefRankOf<[F32, BF16], [4]>],
                                       "key-value cache or its two pools">;

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

def MiniMax_Activation : I32EnumAttr<"Activation", "elementwise function applied to a product", [
    I32EnumAttrCase<"none", 0>, I32EnumAttrCase<"silu", 1>, I32EnumAttrCase<"sigmoid", 2>,
    I32EnumAttrCase<"swiglu", 3>]> {
  let cppNamespace = "::mlir::minimax";
}

def MiniMax_Packing : I32EnumAttr<"HeadPacking", "order of q, k and v in a fused projection", [
    I32EnumAttrCase<"per_head", 0>, I32EnumAttrCase<"concatenated", 1>]> {
  let cppNamespace = "::mlir::minimax";
}

//===----------------------------------------------------------------------===//
// Op base classes
//===----------------------------------------------------------------------===//

class MiniMax_Op<string mnemonic, list<Trait> traits = []> : Op<MiniMax_Dialect, mnemonic, traits>;

/// An op with a value form and a buffer form. Its last operand group is named
/// `outs`; all its tensor results get their leading dimension from
/// `getLeadingDim` and have static trailing dimensions.
class MiniMax_ComputeOp<string mnemonic, list<Trait> traits = []>
    : MiniMax_Op<mnemonic, !listconcat(traits, [
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface>,
        DeclareOpInterfaceMethods<MiniMax_CostOpInterface>,
        MiniMax_ComputeOpInterface])> {
  let extraClassDefinition = [{
    void $cppClass::getEffects(
        SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
      detail::getComputeOpEffects(getOperation(), effects);
    }
    LogicalResult $cppClass::reifyResultShapes(
        OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
      return detail::reifyComputeOpShapes(getOperation(), builder, shapes);
    }
  }];
}

#endif // MINIMAX_DIALECT_MINIMAX_IR_MINIMAXBASE_TD
