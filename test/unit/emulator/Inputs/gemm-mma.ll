target datalayout = "e-i64:64-i128:128-v16:16-v32:32-n16:32:64"
target triple = "nvptx64-nvidia-cuda"

@__dynamic_shmem__0 = internal addrspace(3) global [0 x i8] undef, align 16

; Function Attrs: nounwind
define void @gemm(ptr %0, ptr %1, ptr nocapture writeonly %2) local_unnamed_addr #0 {
  %4 = tail call range(i32 0, 128) i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %5 = zext nneg i32 %4 to i64
  %6 = tail call range(i32 0, 2147483647) i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %7 = zext nneg i32 %6 to i64
  %8 = tail call range(i32 0, 65535) i32 @llvm.nvvm.read.ptx.sreg.ctaid.y()
  %9 = shl nuw nsw i32 %8, 6
  %10 = zext nneg i32 %9 to i64
  %11 = shl nuw nsw i64 %7, 6
  %12 = and i64 %5, 31
  %13 = lshr i64 %5, 5
  %14 = and i64 %13, 1
  %15 = lshr i64 %5, 2
  %16 = or disjoint i64 %15, %10
  %17 = shl nuw nsw i64 %5, 3
  %18 = and i64 %17, 24
  %19 = xor i64 %17, %5
  %20 = and i64 %19, 24
  %21 = shl nuw nsw i64 %15, 5
  %22 = or disjoint i64 %20, %21
  %23 = getelementptr bfloat, ptr addrspace(3) @__dynamic_shmem__0, i64 %22
  %24 = shl nuw nsw i64 %16, 8
  %25 = or disjoint i64 %24, %18
  %26 = getelementptr bfloat, ptr %0, i64 %25
  %27 = addrspacecast ptr %26 to ptr addrspace(1)
  tail call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %23, ptr addrspace(1) %27)
  %28 = or disjoint i64 %5, 128
  %29 = lshr i64 %28, 2
  %30 = or disjoint i64 %29, %10
  %31 = shl nuw nsw i64 %29, 5
  %32 = or disjoint i64 %31, %20
  %33 = getelementptr bfloat, ptr addrspace(3) @__dynamic_shmem__0, i64 %32
  %34 = shl nuw nsw i64 %30, 8
  %35 = or disjoint i64 %34, %18
  %36 = getelementptr bfloat, ptr %0, i64 %35
  %37 = addrspacecast ptr %36 to ptr addrspace(1)
  tail call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %33, ptr addrspace(1) %37)
  %38 = lshr i64 %5, 3
  %39 = and i64 %17, 56
  %40 = or disjoint i64 %39, %11
  %41 = xor i64 %38, %5
  %42 = shl nuw nsw i64 %41, 3
  %43 = and i64 %42, 56
  %44 = shl nuw nsw i64 %38, 6
  %45 = or disjoint i64 %43, %44
  %46 = getelementptr bfloat, ptr addrspace(3) getelementptr (i8, ptr addrspace(3) @__dynamic_shmem__0, i64 12288), i64 %45
  %.idx = shl nuw nsw i64 %38, 8
  %47 = getelementptr i8, ptr %1, i64 %.idx
  %48 = getelementptr bfloat, ptr %47, i64 %40
  %49 = addrspacecast ptr %48 to ptr addrspace(1)
  tail call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %46, ptr addrspace(1) %49)
  %50 = lshr i64 %28, 3
  %51 = xor i64 %50, %5
  %52 = shl nuw nsw i64 %51, 3
  %53 = and i64 %52, 56
  %54 = shl nuw nsw i64 %50, 6
  %55 = or disjoint i64 %53, %54
  %56 = getelementptr bfloat, ptr addrspace(3) getelementptr (i8, ptr addrspace(3) @__dynamic_shmem__0, i64 12288), i64 %55
  %.idx2 = shl nuw nsw i64 %50, 8
  %57 = getelementptr i8, ptr %1, i64 %.idx2
  %58 = getelementptr bfloat, ptr %57, i64 %40
  %59 = addrspacecast ptr %58 to ptr addrspace(1)
  tail call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %56, ptr addrspace(1) %59)
  tail call void @llvm.nvvm.cp.async.commit.group()
  %60 = or disjoint i64 %18, 32
  %61 = or disjoint i64 %22, 2048
  %62 = getelementptr bfloat, ptr addrspace(3) @__dynamic_shmem__0, i64 %61
  %63 = or disjoint i64 %24, %60
  %64 = getelementptr bfloat, ptr %0, i64 %63
  %65 = addrspacecast ptr %64 to ptr addrspace(1)
  tail call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %62, ptr addrspace(1) %65)
  %66 = or i64 %32, 2048
  %67 = getelementptr bfloat, ptr addrspace(3) @__dynamic_shmem__0, i64 %66
  %68 = or disjoint i64 %34, %60
  %69 = getelementptr bfloat, ptr %0, i64 %68
  %70 = addrspacecast ptr %69 to ptr addrspace(1)
  tail call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %67, ptr addrspace(1) %70)
  %71 = or disjoint i64 %45, 2048
  %72 = getelementptr bfloat, ptr addrspace(3) getelementptr (i8, ptr addrspace(3) @__dynamic_shmem__0, i64 12288), i64 %71
  %73 = shl nuw nsw i64 %38, 7
  %74 = or disjoint i64 %73, 4096
  %75 = getelementptr bfloat, ptr %1, i64 %74
  %76 = getelementptr bfloat, ptr %75, i64 %40
  %77 = addrspacecast ptr %76 to ptr addrspace(1)
  tail call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %72, ptr addrspace(1) %77)
  %78 = or i64 %55, 2048
  %79 = getelementptr bfloat, ptr addrspace(3) getelementptr (i8, ptr addrspace(3) @__dynamic_shmem__0, i64 12288), i64 %78
  %80 = shl nuw nsw i64 %50, 7
  %81 = or disjoint i64 %80, 4096
  %82 = getelementptr bfloat, ptr %1, i64 %81
  %83 = getelementptr bfloat, ptr %82, i64 %40
  %84 = addrspacecast ptr %83 to ptr addrspace(1)
  tail call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %79, ptr addrspace(1) %84)
  tail call void @llvm.nvvm.cp.async.commit.group()
  %85 = and i64 %5, 15
  %86 = lshr i64 %12, 4
  %87 = lshr i64 %5, 1
  %88 = and i64 %87, 32
  %89 = or disjoint i64 %88, %85
  %90 = and i64 %87, 3
  %91 = xor i64 %86, %90
  %92 = shl nuw nsw i64 %91, 3
  %93 = or disjoint i64 %85, 16
  %94 = or disjoint i64 %88, %93
  %95 = shl nuw nsw i64 %14, 2
  %96 = or disjoint i64 %95, %86
  %97 = and i64 %5, 7
  %98 = xor i64 %96, %97
  %99 = shl nuw nsw i64 %98, 3
  %100 = or disjoint i64 %96, 2
  %101 = xor i64 %100, %97
  %102 = shl nuw nsw i64 %101, 3
  %103 = or disjoint i64 %86, 2
  %104 = xor i64 %103, %90
  %105 = shl nuw nsw i64 %104, 3
  %invariant.gep = getelementptr bfloat, ptr %1, i64 %40
  %106 = getelementptr bfloat, ptr %0, i64 %24
  %107 = getelementptr bfloat, ptr %0, i64 %34
  %108 = shl nuw nsw i64 %89, 5
  %109 = shl nuw nsw i64 %94, 5
  %110 = shl nuw nsw i64 %85, 6
  %111 = shl nuw nsw i64 %93, 6
  br label %112

112:                                              ; preds = %169, %3
  %113 = phi float [ 0.000000e+00, %3 ], [ %311, %169 ]
  %114 = phi float [ 0.000000e+00, %3 ], [ %310, %169 ]
  %115 = phi float [ 0.000000e+00, %3 ], [ %309, %169 ]
  %116 = phi float [ 0.000000e+00, %3 ], [ %308, %169 ]
  %117 = phi float [ 0.000000e+00, %3 ], [ %306, %169 ]
  %118 = phi float [ 0.000000e+00, %3 ], [ %305, %169 ]
  %119 = phi float [ 0.000000e+00, %3 ], [ %304, %169 ]
  %120 = phi float [ 0.000000e+00, %3 ], [ %303, %169 ]
  %121 = phi float [ 0.000000e+00, %3 ], [ %301, %169 ]
  %122 = phi float [ 0.000000e+00, %3 ], [ %300, %169 ]
  %123 = phi float [ 0.000000e+00, %3 ], [ %299, %169 ]
  %124 = phi float [ 0.000000e+00, %3 ], [ %298, %169 ]
  %125 = phi float [ 0.000000e+00, %3 ], [ %296, %169 ]
  %126 = phi float [ 0.000000e+00, %3 ], [ %295, %169 ]
  %127 = phi float [ 0.000000e+00, %3 ], [ %294, %169 ]
  %128 = phi float [ 0.000000e+00, %3 ], [ %293, %169 ]
  %129 = phi float [ 0.000000e+00, %3 ], [ %291, %169 ]
  %130 = phi float [ 0.000000e+00, %3 ], [ %290, %169 ]
  %131 = phi float [ 0.000000e+00, %3 ], [ %289, %169 ]
  %132 = phi float [ 0.000000e+00, %3 ], [ %288, %169 ]
  %133 = phi float [ 0.000000e+00, %3 ], [ %286, %169 ]
  %134 = phi float [ 0.000000e+00, %3 ], [ %285, %169 ]
  %135 = phi float [ 0.000000e+00, %3 ], [ %284, %169 ]
  %136 = phi float [ 0.000000e+00, %3 ], [ %283, %169 ]
  %137 = phi float [ 0.000000e+00, %3 ], [ %281, %169 ]
  %138 = phi float [ 0.000000e+00, %3 ], [ %280, %169 ]
  %139 = phi float [ 0.000000e+00, %3 ], [ %279, %169 ]
  %140 = phi float [ 0.000000e+00, %3 ], [ %278, %169 ]
  %141 = phi float [ 0.000000e+00, %3 ], [ %276, %169 ]
  %142 = phi float [ 0.000000e+00, %3 ], [ %275, %169 ]
  %143 = phi float [ 0.000000e+00, %3 ], [ %274, %169 ]
  %144 = phi float [ 0.000000e+00, %3 ], [ %273, %169 ]
  %145 = phi i64 [ 0, %3 ], [ %312, %169 ]
  tail call void @llvm.nvvm.cp.async.wait.group(i32 1)
  tail call void @llvm.nvvm.barrier0()
  %146 = icmp ult i64 %145, 6
  br i1 %146, label %147, label %169

147:                                              ; preds = %112
  %148 = add nuw nsw i64 %145, 2
  %149 = shl nuw nsw i64 %148, 5
  %.lhs.trunc = trunc nuw i64 %148 to i8
  %150 = urem i8 %.lhs.trunc, 3
  %.zext = zext nneg i8 %150 to i64
  %151 = or disjoint i64 %149, %18
  %152 = shl nuw nsw i64 %.zext, 11
  %153 = or disjoint i64 %22, %152
  %154 = getelementptr bfloat, ptr addrspace(3) @__dynamic_shmem__0, i64 %153
  %155 = getelementptr bfloat, ptr %106, i64 %151
  %156 = addrspacecast ptr %155 to ptr addrspace(1)
  tail call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %154, ptr addrspace(1) %156)
  %157 = or i64 %32, %152
  %158 = getelementptr bfloat, ptr addrspace(3) @__dynamic_shmem__0, i64 %157
  %159 = getelementptr bfloat, ptr %107, i64 %151
  %160 = addrspacecast ptr %159 to ptr addrspace(1)
  tail call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %158, ptr addrspace(1) %160)
  %161 = or disjoint i64 %149, %38
  %162 = or disjoint i64 %45, %152
  %163 = getelementptr bfloat, ptr addrspace(3) getelementptr (i8, ptr addrspace(3) @__dynamic_shmem__0, i64 12288), i64 %162
  %.idx3 = shl nuw nsw i64 %161, 8
  %gep = getelementptr i8, ptr %invariant.gep, i64 %.idx3
  %164 = addrspacecast ptr %gep to ptr addrspace(1)
  tail call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %163, ptr addrspace(1) %164)
  %165 = or disjoint i64 %149, %50
  %166 = or i64 %55, %152
  %167 = getelementptr bfloat, ptr addrspace(3) getelementptr (i8, ptr addrspace(3) @__dynamic_shmem__0, i64 12288), i64 %166
  %.idx4 = shl nuw nsw i64 %165, 8
  %gep39 = getelementptr i8, ptr %invariant.gep, i64 %.idx4
  %168 = addrspacecast ptr %gep39 to ptr addrspace(1)
  tail call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %167, ptr addrspace(1) %168)
  br label %169

169:                                              ; preds = %147, %112
  tail call void @llvm.nvvm.cp.async.commit.group()
  %.lhs.trunc5 = trunc nuw i64 %145 to i8
  %170 = urem i8 %.lhs.trunc5, 3
  %.zext6 = zext nneg i8 %170 to i64
  %171 = shl nuw nsw i64 %.zext6, 11
  %172 = or disjoint i64 %171, %108
  %173 = or disjoint i64 %172, %92
  %174 = getelementptr bfloat, ptr addrspace(3) @__dynamic_shmem__0, i64 %173
  %175 = tail call { i32, i32, i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16.p3(ptr addrspace(3) %174)
  %176 = extractvalue { i32, i32, i32, i32 } %175, 0
  %177 = extractvalue { i32, i32, i32, i32 } %175, 1
  %178 = extractvalue { i32, i32, i32, i32 } %175, 2
  %179 = extractvalue { i32, i32, i32, i32 } %175, 3
  %180 = or disjoint i64 %171, %109
  %181 = or disjoint i64 %180, %92
  %182 = getelementptr bfloat, ptr addrspace(3) @__dynamic_shmem__0, i64 %181
  %183 = tail call { i32, i32, i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16.p3(ptr addrspace(3) %182)
  %184 = extractvalue { i32, i32, i32, i32 } %183, 0
  %185 = extractvalue { i32, i32, i32, i32 } %183, 1
  %186 = extractvalue { i32, i32, i32, i32 } %183, 2
  %187 = extractvalue { i32, i32, i32, i32 } %183, 3
  %188 = or disjoint i64 %171, %110
  %189 = or disjoint i64 %188, %99
  %190 = getelementptr bfloat, ptr addrspace(3) getelementptr (i8, ptr addrspace(3) @__dynamic_shmem__0, i64 12288), i64 %189
  %191 = tail call { i32, i32, i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.trans.b16.p3(ptr addrspace(3) %190)
  %192 = extractvalue { i32, i32, i32, i32 } %191, 0
  %193 = extractvalue { i32, i32, i32, i32 } %191, 1
  %194 = extractvalue { i32, i32, i32, i32 } %191, 2
  %195 = extractvalue { i32, i32, i32, i32 } %191, 3
  %196 = or disjoint i64 %188, %102
  %197 = getelementptr bfloat, ptr addrspace(3) getelementptr (i8, ptr addrspace(3) @__dynamic_shmem__0, i64 12288), i64 %196
  %198 = tail call { i32, i32, i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.trans.b16.p3(ptr addrspace(3) %197)
  %199 = extractvalue { i32, i32, i32, i32 } %198, 0
  %200 = extractvalue { i32, i32, i32, i32 } %198, 1
  %201 = extractvalue { i32, i32, i32, i32 } %198, 2
  %202 = extractvalue { i32, i32, i32, i32 } %198, 3
  %203 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %176, i32 %177, i32 %178, i32 %179, i32 %192, i32 %193, float %144, float %143, float %142, float %141)
  %204 = extractvalue { float, float, float, float } %203, 0
  %205 = extractvalue { float, float, float, float } %203, 1
  %206 = extractvalue { float, float, float, float } %203, 2
  %207 = extractvalue { float, float, float, float } %203, 3
  %208 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %176, i32 %177, i32 %178, i32 %179, i32 %194, i32 %195, float %140, float %139, float %138, float %137)
  %209 = extractvalue { float, float, float, float } %208, 0
  %210 = extractvalue { float, float, float, float } %208, 1
  %211 = extractvalue { float, float, float, float } %208, 2
  %212 = extractvalue { float, float, float, float } %208, 3
  %213 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %176, i32 %177, i32 %178, i32 %179, i32 %199, i32 %200, float %136, float %135, float %134, float %133)
  %214 = extractvalue { float, float, float, float } %213, 0
  %215 = extractvalue { float, float, float, float } %213, 1
  %216 = extractvalue { float, float, float, float } %213, 2
  %217 = extractvalue { float, float, float, float } %213, 3
  %218 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %176, i32 %177, i32 %178, i32 %179, i32 %201, i32 %202, float %132, float %131, float %130, float %129)
  %219 = extractvalue { float, float, float, float } %218, 0
  %220 = extractvalue { float, float, float, float } %218, 1
  %221 = extractvalue { float, float, float, float } %218, 2
  %222 = extractvalue { float, float, float, float } %218, 3
  %223 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %184, i32 %185, i32 %186, i32 %187, i32 %192, i32 %193, float %128, float %127, float %126, float %125)
  %224 = extractvalue { float, float, float, float } %223, 0
  %225 = extractvalue { float, float, float, float } %223, 1
  %226 = extractvalue { float, float, float, float } %223, 2
  %227 = extractvalue { float, float, float, float } %223, 3
  %228 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %184, i32 %185, i32 %186, i32 %187, i32 %194, i32 %195, float %124, float %123, float %122, float %121)
  %229 = extractvalue { float, float, float, float } %228, 0
  %230 = extractvalue { float, float, float, float } %228, 1
  %231 = extractvalue { float, float, float, float } %228, 2
  %232 = extractvalue { float, float, float, float } %228, 3
  %233 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %184, i32 %185, i32 %186, i32 %187, i32 %199, i32 %200, float %120, float %119, float %118, float %117)
  %234 = extractvalue { float, float, float, float } %233, 0
  %235 = extractvalue { float, float, float, float } %233, 1
  %236 = extractvalue { float, float, float, float } %233, 2
  %237 = extractvalue { float, float, float, float } %233, 3
  %238 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %184, i32 %185, i32 %186, i32 %187, i32 %201, i32 %202, float %116, float %115, float %114, float %113)
  %239 = extractvalue { float, float, float, float } %238, 0
  %240 = extractvalue { float, float, float, float } %238, 1
  %241 = extractvalue { float, float, float, float } %238, 2
  %242 = extractvalue { float, float, float, float } %238, 3
  %243 = or disjoint i64 %172, %105
  %244 = getelementptr bfloat, ptr addrspace(3) @__dynamic_shmem__0, i64 %243
  %245 = tail call { i32, i32, i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16.p3(ptr addrspace(3) %244)
  %246 = extractvalue { i32, i32, i32, i32 } %245, 0
  %247 = extractvalue { i32, i32, i32, i32 } %245, 1
  %248 = extractvalue { i32, i32, i32, i32 } %245, 2
  %249 = extractvalue { i32, i32, i32, i32 } %245, 3
  %250 = or disjoint i64 %180, %105
  %251 = getelementptr bfloat, ptr addrspace(3) @__dynamic_shmem__0, i64 %250
  %252 = tail call { i32, i32, i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16.p3(ptr addrspace(3) %251)
  %253 = extractvalue { i32, i32, i32, i32 } %252, 0
  %254 = extractvalue { i32, i32, i32, i32 } %252, 1
  %255 = extractvalue { i32, i32, i32, i32 } %252, 2
  %256 = extractvalue { i32, i32, i32, i32 } %252, 3
  %257 = or disjoint i64 %171, %111
  %258 = or disjoint i64 %257, %99
  %259 = getelementptr bfloat, ptr addrspace(3) getelementptr (i8, ptr addrspace(3) @__dynamic_shmem__0, i64 12288), i64 %258
  %260 = tail call { i32, i32, i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.trans.b16.p3(ptr addrspace(3) %259)
  %261 = extractvalue { i32, i32, i32, i32 } %260, 0
  %262 = extractvalue { i32, i32, i32, i32 } %260, 1
  %263 = extractvalue { i32, i32, i32, i32 } %260, 2
  %264 = extractvalue { i32, i32, i32, i32 } %260, 3
  %265 = or disjoint i64 %257, %102
  %266 = getelementptr bfloat, ptr addrspace(3) getelementptr (i8, ptr addrspace(3) @__dynamic_shmem__0, i64 12288), i64 %265
  %267 = tail call { i32, i32, i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.trans.b16.p3(ptr addrspace(3) %266)
  %268 = extractvalue { i32, i32, i32, i32 } %267, 0
  %269 = extractvalue { i32, i32, i32, i32 } %267, 1
  %270 = extractvalue { i32, i32, i32, i32 } %267, 2
  %271 = extractvalue { i32, i32, i32, i32 } %267, 3
  %272 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %246, i32 %247, i32 %248, i32 %249, i32 %261, i32 %262, float %204, float %205, float %206, float %207)
  %273 = extractvalue { float, float, float, float } %272, 0
  %274 = extractvalue { float, float, float, float } %272, 1
  %275 = extractvalue { float, float, float, float } %272, 2
  %276 = extractvalue { float, float, float, float } %272, 3
  %277 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %246, i32 %247, i32 %248, i32 %249, i32 %263, i32 %264, float %209, float %210, float %211, float %212)
  %278 = extractvalue { float, float, float, float } %277, 0
  %279 = extractvalue { float, float, float, float } %277, 1
  %280 = extractvalue { float, float, float, float } %277, 2
  %281 = extractvalue { float, float, float, float } %277, 3
  %282 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %246, i32 %247, i32 %248, i32 %249, i32 %268, i32 %269, float %214, float %215, float %216, float %217)
  %283 = extractvalue { float, float, float, float } %282, 0
  %284 = extractvalue { float, float, float, float } %282, 1
  %285 = extractvalue { float, float, float, float } %282, 2
  %286 = extractvalue { float, float, float, float } %282, 3
  %287 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %246, i32 %247, i32 %248, i32 %249, i32 %270, i32 %271, float %219, float %220, float %221, float %222)
  %288 = extractvalue { float, float, float, float } %287, 0
  %289 = extractvalue { float, float, float, float } %287, 1
  %290 = extractvalue { float, float, float, float } %287, 2
  %291 = extractvalue { float, float, float, float } %287, 3
  %292 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %253, i32 %254, i32 %255, i32 %256, i32 %261, i32 %262, float %224, float %225, float %226, float %227)
  %293 = extractvalue { float, float, float, float } %292, 0
  %294 = extractvalue { float, float, float, float } %292, 1
  %295 = extractvalue { float, float, float, float } %292, 2
  %296 = extractvalue { float, float, float, float } %292, 3
  %297 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %253, i32 %254, i32 %255, i32 %256, i32 %263, i32 %264, float %229, float %230, float %231, float %232)
  %298 = extractvalue { float, float, float, float } %297, 0
  %299 = extractvalue { float, float, float, float } %297, 1
  %300 = extractvalue { float, float, float, float } %297, 2
  %301 = extractvalue { float, float, float, float } %297, 3
  %302 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %253, i32 %254, i32 %255, i32 %256, i32 %268, i32 %269, float %234, float %235, float %236, float %237)
  %303 = extractvalue { float, float, float, float } %302, 0
  %304 = extractvalue { float, float, float, float } %302, 1
  %305 = extractvalue { float, float, float, float } %302, 2
  %306 = extractvalue { float, float, float, float } %302, 3
  %307 = tail call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %253, i32 %254, i32 %255, i32 %256, i32 %270, i32 %271, float %239, float %240, float %241, float %242)
  %308 = extractvalue { float, float, float, float } %307, 0
  %309 = extractvalue { float, float, float, float } %307, 1
  %310 = extractvalue { float, float, float, float } %307, 2
  %311 = extractvalue { float, float, float, float } %307, 3
  %312 = add nuw nsw i64 %145, 1
  %exitcond.not = icmp eq i64 %312, 8
  br i1 %exitcond.not, label %313, label %112

313:                                              ; preds = %169
  %314 = lshr i64 %12, 2
  %315 = and i64 %5, 3
  %316 = or disjoint i64 %314, %10
  %317 = or disjoint i64 %316, %88
  %318 = shl nuw nsw i64 %7, 5
  %319 = shl nuw nsw i64 %14, 4
  %320 = or disjoint i64 %319, %318
  %321 = or disjoint i64 %320, %315
  %322 = insertelement <2 x float> poison, float %273, i64 0
  %323 = insertelement <2 x float> %322, float %274, i64 1
  %324 = shl nuw nsw i64 %317, 6
  %325 = getelementptr <2 x float>, ptr %2, i64 %324
  %326 = getelementptr <2 x float>, ptr %325, i64 %321
  store <2 x float> %323, ptr %326, align 8
  %327 = insertelement <2 x float> poison, float %275, i64 0
  %328 = insertelement <2 x float> %327, float %276, i64 1
  %329 = or disjoint i64 %324, 512
  %330 = getelementptr <2 x float>, ptr %2, i64 %329
  %331 = getelementptr <2 x float>, ptr %330, i64 %321
  store <2 x float> %328, ptr %331, align 8
  %332 = or disjoint i64 %321, 4
  %333 = insertelement <2 x float> poison, float %278, i64 0
  %334 = insertelement <2 x float> %333, float %279, i64 1
  %335 = getelementptr <2 x float>, ptr %325, i64 %332
  store <2 x float> %334, ptr %335, align 8
  %336 = insertelement <2 x float> poison, float %280, i64 0
  %337 = insertelement <2 x float> %336, float %281, i64 1
  %338 = getelementptr <2 x float>, ptr %330, i64 %332
  store <2 x float> %337, ptr %338, align 8
  %339 = or disjoint i64 %321, 8
  %340 = insertelement <2 x float> poison, float %283, i64 0
  %341 = insertelement <2 x float> %340, float %284, i64 1
  %342 = getelementptr <2 x float>, ptr %325, i64 %339
  store <2 x float> %341, ptr %342, align 8
  %343 = insertelement <2 x float> poison, float %285, i64 0
  %344 = insertelement <2 x float> %343, float %286, i64 1
  %345 = getelementptr <2 x float>, ptr %330, i64 %339
  store <2 x float> %344, ptr %345, align 8
  %346 = or disjoint i64 %321, 12
  %347 = insertelement <2 x float> poison, float %288, i64 0
  %348 = insertelement <2 x float> %347, float %289, i64 1
  %349 = getelementptr <2 x float>, ptr %325, i64 %346
  store <2 x float> %348, ptr %349, align 8
  %350 = insertelement <2 x float> poison, float %290, i64 0
  %351 = insertelement <2 x float> %350, float %291, i64 1
  %352 = getelementptr <2 x float>, ptr %330, i64 %346
  store <2 x float> %351, ptr %352, align 8
  %353 = insertelement <2 x float> poison, float %293, i64 0
  %354 = insertelement <2 x float> %353, float %294, i64 1
  %355 = or disjoint i64 %324, 1024
  %356 = getelementptr <2 x float>, ptr %2, i64 %355
  %357 = getelementptr <2 x float>, ptr %356, i64 %321
  store <2 x float> %354, ptr %357, align 8
  %358 = insertelement <2 x float> poison, float %295, i64 0
  %359 = insertelement <2 x float> %358, float %296, i64 1
  %360 = or disjoint i64 %324, 1536
  %361 = getelementptr <2 x float>, ptr %2, i64 %360
  %362 = getelementptr <2 x float>, ptr %361, i64 %321
  store <2 x float> %359, ptr %362, align 8
  %363 = insertelement <2 x float> poison, float %298, i64 0
  %364 = insertelement <2 x float> %363, float %299, i64 1
  %365 = getelementptr <2 x float>, ptr %356, i64 %332
  store <2 x float> %364, ptr %365, align 8
  %366 = insertelement <2 x float> poison, float %300, i64 0
  %367 = insertelement <2 x float> %366, float %301, i64 1
  %368 = getelementptr <2 x float>, ptr %361, i64 %332
  store <2 x float> %367, ptr %368, align 8
  %369 = insertelement <2 x float> poison, float %303, i64 0
  %370 = insertelement <2 x float> %369, float %304, i64 1
  %371 = getelementptr <2 x float>, ptr %356, i64 %339
  store <2 x float> %370, ptr %371, align 8
  %372 = insertelement <2 x float> poison, float %305, i64 0
  %373 = insertelement <2 x float> %372, float %306, i64 1
  %374 = getelementptr <2 x float>, ptr %361, i64 %339
  store <2 x float> %373, ptr %374, align 8
  %375 = insertelement <2 x float> poison, float %308, i64 0
  %376 = insertelement <2 x float> %375, float %309, i64 1
  %377 = getelementptr <2 x float>, ptr %356, i64 %346
  store <2 x float> %376, ptr %377, align 8
  %378 = insertelement <2 x float> poison, float %310, i64 0
  %379 = insertelement <2 x float> %378, float %311, i64 1
  %380 = getelementptr <2 x float>, ptr %361, i64 %346
  store <2 x float> %379, ptr %380, align 8
  ret void
}

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare noundef i32 @llvm.nvvm.read.ptx.sreg.tid.x() #1

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare noundef i32 @llvm.nvvm.read.ptx.sreg.ctaid.x() #1

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare noundef i32 @llvm.nvvm.read.ptx.sreg.ctaid.y() #1

; Function Attrs: nocallback nounwind memory(argmem: readwrite)
declare void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) noalias writeonly, ptr addrspace(1) noalias readonly) #2

; Function Attrs: nounwind
declare void @llvm.nvvm.cp.async.commit.group() #0

; Function Attrs: nounwind
declare void @llvm.nvvm.cp.async.wait.group(i32 immarg) #0

; Function Attrs: convergent nocallback nounwind
declare void @llvm.nvvm.barrier0() #3

; Function Attrs: nocallback nounwind memory(argmem: read)
declare { i32, i32, i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16.p3(ptr addrspace(3) nocapture readonly) #4

; Function Attrs: nocallback nounwind memory(argmem: read)
declare { i32, i32, i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.trans.b16.p3(ptr addrspace(3) nocapture readonly) #4

; Function Attrs: nocallback nounwind memory(none)
declare { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32, i32, i32, i32, i32, i32, float, float, float, float) #5

attributes #0 = { nounwind }
attributes #1 = { nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #2 = { nocallback nounwind memory(argmem: readwrite) }
attributes #3 = { convergent nocallback nounwind }
attributes #4 = { nocallback nounwind memory(argmem: read) }
attributes #5 = { nocallback nounwind memory(none) }

!llvm.module.flags = !{!0}
!nvvm.annotations = !{!1, !2, !3, !4}
!nvvmir.version = !{!6}

!0 = !{i32 2, !"Debug Info Version", i32 3}
!1 = !{ptr @gemm, !"kernel", i32 1}
!2 = !{ptr @gemm, !"maxntidx", i32 128}
!3 = !{ptr @gemm, !"maxntidy", i32 1}
!4 = !{ptr @gemm, !"maxntidz", i32 1}
!5 = !{!"clang version 3.8.0 (tags/RELEASE_380/final)"}
!6 = !{i32 2, i32 0}
