//===- matrix.cc - ldmatrix and mma.sync ----------------------------------===//
//
// Fragments are laid out over the lanes as the PTX ISA's figures show: lane
// 4 g + t holds elements 2 t and 2 t + 1 of row g, of each 8 x 8 tile.
//
//===----------------------------------------------------------------------===//
#include <cstdint>
#include <cstring>

#include "emulator/memory.h"
#include "emulator/numbers.h"
#include "emulator/rendezvous.h"
#include "minimax/runtime/emulated_abi.h"

namespace minimax::runtime::emulator {

namespace {
struct LaneData {
  const void* operands;
  void* results;
};
}  // namespace

static const LaneData& DataOf(const Rendezvous& meeting, int lane) {
  return *static_cast<const LaneData*>(meeting.data[lane]);
}

/// Adds the bank conflicts of a tile's rows to the counts, of the first warp as
/// for other accesses.
static void CountRows(Thread& thread, const uint32_t (&offsets)[8]) {
  if (!thread.worker->checking() || thread.warp() != 0) return;
  Counters& counters = thread.worker->counters();
  counters.bank_conflicts += CountBankConflicts(offsets, 8, 16);
  ++counters.shared_accesses;
}

/// Lane 8 i + r brings the address of row r of tile i.
static void LoadTile(Thread& thread, const Rendezvous& meeting, int tile,
                     bool transposed) {
  uint16_t rows[8][8];
  uint32_t offsets[8];
  for (int row = 0; row < 8; ++row) {
    const int lane = tile * 8 + row;
    const void* const address =
        *static_cast<void* const*>(DataOf(meeting, lane).operands);
    Thread& owner = LaneOf(thread, lane);
    if (thread.worker->checking()) {
      CheckAlignment(owner, address, 16, "ldmatrix reads");
      CheckShared(owner, *thread.block, address, 16, Access::kRead,
                  "ldmatrix reads");
    }
    std::memcpy(rows[row], address, 16);
    offsets[row] = static_cast<uint32_t>(thread.block->SharedOffset(address));
  }
  CountRows(thread, offsets);
  for (int lane = 0; lane < kWarpLanes; ++lane) {
    const int g = lane / 4;
    const int t = lane % 4 * 2;
    const uint32_t low = transposed ? rows[t][g] : rows[g][t];
    const uint32_t high = transposed ? rows[t + 1][g] : rows[g][t + 1];
    static_cast<uint32_t*>(DataOf(meeting, lane).results)[tile] =
        low | high << 16;
  }
}

static void LoadMatrix(Thread& thread, int tiles, bool transposed,
                       void* results, const void* operands, int32_t site) {
  LaneData data = {operands, results};
  Meet(thread, kAllLanes, "ldmatrix", site, &data,
       [&](const Rendezvous& meeting) {
         for (int tile = 0; tile < tiles; ++tile) {
           LoadTile(thread, meeting, tile, transposed);
         }
       });
}

namespace {
/// Of a lane: the address of a row, and its part of each tile.
struct StoreOperands {
  void* row;
  uint32_t tiles[4];
};
}  // namespace

static const StoreOperands& StoreOf(const Rendezvous& meeting, int lane) {
  return *static_cast<const StoreOperands*>(DataOf(meeting, lane).operands);
}

static void StoreTile(Thread& thread, const Rendezvous& meeting, int tile,
                      bool transposed) {
  uint16_t rows[8][8];
  for (int lane = 0; lane < kWarpLanes; ++lane) {
    const int g = lane / 4;
    const int t = lane % 4 * 2;
    const uint32_t pair = StoreOf(meeting, lane).tiles[tile];
    (transposed ? rows[t][g] : rows[g][t]) = static_cast<uint16_t>(pair);
    (transposed ? rows[t + 1][g] : rows[g][t + 1]) =
        static_cast<uint16_t>(pair >> 16);
  }
  for (int row = 0; row < 8; ++row) {
    const int lane = tile * 8 + row;
    Thread& owner = LaneOf(thread, lane);
    void* const address = StoreOf(meeting, lane).row;
    if (thread.worker->checking()) {
      CheckAlignment(owner, address, 16, "stmatrix writes");
      CheckShared(owner, *thread.block, address, 16, Access::kWrite,
                  "stmatrix writes");
      NoteGenericStore(owner, *thread.block, address, 16);
    }
    std::memcpy(address, rows[row], 16);
  }
}

static void StoreMatrix(Thread& thread, int tiles, bool transposed,
                        const void* operands, int32_t site) {
  LaneData data = {operands, nullptr};
  Meet(thread, kAllLanes, "stmatrix", site, &data,
       [&](const Rendezvous& meeting) {
         for (int tile = 0; tile < tiles; ++tile) {
           StoreTile(thread, meeting, tile, transposed);
         }
       });
}

namespace {

/// Operands of mma.m16n8k16 with 16-bit factors, and of m16n8k8 with tf32.
struct ProductOperands {
  uint32_t a[4];
  uint32_t b[2];
  float c[4];
};

constexpr int kRows = 16;
constexpr int kColumns = 8;

struct Product {
  float a[kRows][16];
  float b[16][kColumns];
  float c[kRows][kColumns];
};

}  // namespace

using Unpack = void (*)(Product& product, int g, int t,
                        const ProductOperands& operands);

template <float (*Convert)(uint16_t)>
static void Unpack16(Product& product, int g, int t,
                     const ProductOperands& operands) {
  for (int i = 0; i < 4; ++i) {
    float* const row = product.a[g + i % 2 * 8] + t * 2 + i / 2 * 8;
    row[0] = Convert(static_cast<uint16_t>(operands.a[i]));
    row[1] = Convert(static_cast<uint16_t>(operands.a[i] >> 16));
  }
  for (int i = 0; i < 2; ++i) {
    const int k = t * 2 + i * 8;
    product.b[k][g] = Convert(static_cast<uint16_t>(operands.b[i]));
    product.b[k + 1][g] = Convert(static_cast<uint16_t>(operands.b[i] >> 16));
  }
}

static void UnpackTF32(Product& product, int g, int t,
                       const ProductOperands& operands) {
  for (int i = 0; i < 4; ++i) {
    product.a[g + i % 2 * 8][t + i / 2 * 4] = FromTF32(operands.a[i]);
  }
  for (int i = 0; i < 2; ++i) {
    product.b[t + i * 4][g] = FromTF32(operands.b[i]);
  }
}

/// c += a b, in f32, over `depth` columns of a.
__attribute__((target("avx2,fma"))) static void Multiply(Product& product,
                                                         int depth) {
  for (int row = 0; row < kRows; ++row) {
    float sums[kColumns];
    std::memcpy(sums, product.c[row], sizeof(sums));
    for (int k = 0; k < depth; ++k) {
      for (int column = 0; column < kColumns; ++column) {
        sums[column] = __builtin_fmaf(product.a[row][k], product.b[k][column],
                                      sums[column]);
      }
    }
    std::memcpy(product.c[row], sums, sizeof(sums));
  }
}

static void MultiplyFragments(Thread& thread, const char* name, Unpack unpack,
                              int depth, void* results, const void* operands,
                              int32_t site) {
  LaneData data = {operands, results};
  Meet(thread, kAllLanes, name, site, &data, [&](const Rendezvous& meeting) {
    Product product;
    for (int lane = 0; lane < kWarpLanes; ++lane) {
      const auto& fragments =
          *static_cast<const ProductOperands*>(DataOf(meeting, lane).operands);
      const int g = lane / 4;
      const int t = lane % 4;
      unpack(product, g, t, fragments);
      std::memcpy(product.c[g] + t * 2, fragments.c, 8);
      std::memcpy(product.c[g + 8] + t * 2, fragments.c + 2, 8);
    }
    Multiply(product, depth);
    for (int lane = 0; lane < kWarpLanes; ++lane) {
      float* const sums = static_cast<float*>(DataOf(meeting, lane).results);
      std::memcpy(sums, product.c[lane / 4] + lane % 4 * 2, 8);
      std::memcpy(sums + 2, product.c[lane / 4 + 8] + lane % 4 * 2, 8);
    }
    ++thread.worker->counters().matrix_products;
  });
}

}  // namespace minimax::runtime::emulator

using namespace minimax::runtime::emulator;  // NOLINT

#define MMRT_EMULATED_LDMATRIX(TILES)                                        \
  MMRT_EMULATED_OPERATION(ldmatrix_sync_aligned_m8n8_x##TILES##_b16) {       \
    LoadMatrix(*thread, TILES, false, results, operands, site);              \
  }                                                                          \
  MMRT_EMULATED_OPERATION(ldmatrix_sync_aligned_m8n8_x##TILES##_trans_b16) { \
    LoadMatrix(*thread, TILES, true, results, operands, site);               \
  }
#define MMRT_EMULATED_STMATRIX(TILES)                   \
  MMRT_EMULATED_OPERATION(stmatrix_x##TILES) {          \
    StoreMatrix(*thread, TILES, false, operands, site); \
  }                                                     \
  MMRT_EMULATED_OPERATION(stmatrix_x##TILES##_trans) {  \
    StoreMatrix(*thread, TILES, true, operands, site);  \
  }
MMRT_EMULATED_STMATRIX(1)
MMRT_EMULATED_STMATRIX(2)
MMRT_EMULATED_STMATRIX(4)

MMRT_EMULATED_LDMATRIX(1)
MMRT_EMULATED_LDMATRIX(2)
MMRT_EMULATED_LDMATRIX(4)

MMRT_EMULATED_OPERATION(mma_m16n8k16_row_col_bf16) {
  MultiplyFragments(*thread, "mma.sync.m16n8k16", Unpack16<FromBF16>, 16,
                    results, operands, site);
}
MMRT_EMULATED_OPERATION(mma_m16n8k16_row_col_f32_f32) {
  MultiplyFragments(*thread, "mma.sync.m16n8k16", Unpack16<FromF16>, 16,
                    results, operands, site);
}
MMRT_EMULATED_OPERATION(mma_m16n8k8_row_col_tf32) {
  MultiplyFragments(*thread, "mma.sync.m16n8k8", UnpackTF32, 8, results,
                    operands, site);
}
