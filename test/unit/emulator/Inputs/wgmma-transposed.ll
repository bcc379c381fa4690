target datalayout = "e-i64:64-i128:128-v16:16-v32:32-n16:32:64"
target triple = "nvptx64-nvidia-cuda"

@shared_memory = external addrspace(3) global [0 x i8], align 1024

define void @product(ptr nocapture readonly %0, ptr nocapture readonly %1, ptr writeonly %2) local_unnamed_addr {
  %4 = tail call range(i32 0, 128) i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %5 = zext nneg i32 %4 to i64
  br label %6

6:                                                ; preds = %6, %3
  %7 = phi i64 [ %5, %3 ], [ %25, %6 ]
  %.lhs.trunc = trunc nuw i64 %7 to i16
  %.lhs.trunc.frozen = freeze i16 %.lhs.trunc
  %8 = udiv i16 %.lhs.trunc.frozen, 216
  %.zext = zext nneg i16 %8 to i64
  %9 = mul i16 %8, 216
  %.decomposed = sub i16 %.lhs.trunc.frozen, %9
  %.zext3 = zext nneg i16 %.decomposed to i64
  %10 = lshr i64 %.zext3, 6
  %11 = and i64 %.zext3, 7
  %12 = shl nuw nsw i64 %.zext, 3
  %13 = xor i64 %12, %.zext3
  %14 = and i64 %13, 56
  %15 = or disjoint i64 %11, %14
  %.idx = mul nuw nsw i64 %.zext, 432
  %16 = getelementptr i8, ptr %0, i64 %.idx
  %17 = getelementptr bfloat, ptr %16, i64 %.zext3
  %18 = load bfloat, ptr %17, align 2
  %19 = mul nuw nsw i64 %10, 3584
  %20 = shl nuw nsw i64 %.zext, 6
  %21 = add nuw nsw i64 %20, 512
  %22 = add nuw nsw i64 %21, %19
  %23 = or disjoint i64 %22, %15
  %24 = getelementptr bfloat, ptr addrspace(3) @shared_memory, i64 %23
  store bfloat %18, ptr addrspace(3) %24, align 2
  %25 = add nuw nsw i64 %7, 128
  %26 = icmp ult i64 %7, 10240
  br i1 %26, label %6, label %27

27:                                               ; preds = %6
  tail call void asm sideeffect "fence.proxy.async.shared::cta;", ""() #2
  tail call void @llvm.nvvm.barrier0()
  %28 = lshr i64 %5, 2
  %29 = and i64 %28, 7
  %30 = shl nuw nsw i64 %5, 1
  %31 = and i64 %30, 6
  %32 = lshr i64 %5, 1
  %33 = and i64 %32, 48
  %34 = or disjoint i64 %33, %29
  %35 = or disjoint i64 %34, 8
  tail call void asm sideeffect "wgmma.fence.sync.aligned;", ""() #2
  %.idx4 = mul nuw nsw i64 %34, 96
  %36 = getelementptr i8, ptr %1, i64 %.idx4
  %.idx5 = mul nuw nsw i64 %35, 96
  %37 = getelementptr i8, ptr %1, i64 %.idx5
  br label %38

38:                                               ; preds = %38, %27
  %39 = phi <12 x float> [ zeroinitializer, %27 ], [ %388, %38 ]
  %40 = phi <96 x float> [ zeroinitializer, %27 ], [ %347, %38 ]
  %41 = phi i64 [ 0, %27 ], [ %389, %38 ]
  %42 = or disjoint i64 %41, %31
  %43 = or disjoint i64 %42, 8
  %44 = getelementptr bfloat, ptr %36, i64 %42
  %45 = load i32, ptr %44, align 2
  %46 = getelementptr bfloat, ptr %37, i64 %42
  %47 = load i32, ptr %46, align 2
  %48 = getelementptr bfloat, ptr %36, i64 %43
  %49 = load i32, ptr %48, align 2
  %50 = getelementptr bfloat, ptr %37, i64 %43
  %51 = load i32, ptr %50, align 2
  %52 = extractelement <96 x float> %40, i64 0
  %53 = extractelement <96 x float> %40, i64 1
  %54 = extractelement <96 x float> %40, i64 2
  %55 = extractelement <96 x float> %40, i64 3
  %56 = extractelement <96 x float> %40, i64 4
  %57 = extractelement <96 x float> %40, i64 5
  %58 = extractelement <96 x float> %40, i64 6
  %59 = extractelement <96 x float> %40, i64 7
  %60 = extractelement <96 x float> %40, i64 8
  %61 = extractelement <96 x float> %40, i64 9
  %62 = extractelement <96 x float> %40, i64 10
  %63 = extractelement <96 x float> %40, i64 11
  %64 = extractelement <96 x float> %40, i64 12
  %65 = extractelement <96 x float> %40, i64 13
  %66 = extractelement <96 x float> %40, i64 14
  %67 = extractelement <96 x float> %40, i64 15
  %68 = extractelement <96 x float> %40, i64 16
  %69 = extractelement <96 x float> %40, i64 17
  %70 = extractelement <96 x float> %40, i64 18
  %71 = extractelement <96 x float> %40, i64 19
  %72 = extractelement <96 x float> %40, i64 20
  %73 = extractelement <96 x float> %40, i64 21
  %74 = extractelement <96 x float> %40, i64 22
  %75 = extractelement <96 x float> %40, i64 23
  %76 = extractelement <96 x float> %40, i64 24
  %77 = extractelement <96 x float> %40, i64 25
  %78 = extractelement <96 x float> %40, i64 26
  %79 = extractelement <96 x float> %40, i64 27
  %80 = extractelement <96 x float> %40, i64 28
  %81 = extractelement <96 x float> %40, i64 29
  %82 = extractelement <96 x float> %40, i64 30
  %83 = extractelement <96 x float> %40, i64 31
  %84 = extractelement <96 x float> %40, i64 32
  %85 = extractelement <96 x float> %40, i64 33
  %86 = extractelement <96 x float> %40, i64 34
  %87 = extractelement <96 x float> %40, i64 35
  %88 = extractelement <96 x float> %40, i64 36
  %89 = extractelement <96 x float> %40, i64 37
  %90 = extractelement <96 x float> %40, i64 38
  %91 = extractelement <96 x float> %40, i64 39
  %92 = extractelement <96 x float> %40, i64 40
  %93 = extractelement <96 x float> %40, i64 41
  %94 = extractelement <96 x float> %40, i64 42
  %95 = extractelement <96 x float> %40, i64 43
  %96 = extractelement <96 x float> %40, i64 44
  %97 = extractelement <96 x float> %40, i64 45
  %98 = extractelement <96 x float> %40, i64 46
  %99 = extractelement <96 x float> %40, i64 47
  %100 = extractelement <96 x float> %40, i64 48
  %101 = extractelement <96 x float> %40, i64 49
  %102 = extractelement <96 x float> %40, i64 50
  %103 = extractelement <96 x float> %40, i64 51
  %104 = extractelement <96 x float> %40, i64 52
  %105 = extractelement <96 x float> %40, i64 53
  %106 = extractelement <96 x float> %40, i64 54
  %107 = extractelement <96 x float> %40, i64 55
  %108 = extractelement <96 x float> %40, i64 56
  %109 = extractelement <96 x float> %40, i64 57
  %110 = extractelement <96 x float> %40, i64 58
  %111 = extractelement <96 x float> %40, i64 59
  %112 = extractelement <96 x float> %40, i64 60
  %113 = extractelement <96 x float> %40, i64 61
  %114 = extractelement <96 x float> %40, i64 62
  %115 = extractelement <96 x float> %40, i64 63
  %116 = extractelement <96 x float> %40, i64 64
  %117 = extractelement <96 x float> %40, i64 65
  %118 = extractelement <96 x float> %40, i64 66
  %119 = extractelement <96 x float> %40, i64 67
  %120 = extractelement <96 x float> %40, i64 68
  %121 = extractelement <96 x float> %40, i64 69
  %122 = extractelement <96 x float> %40, i64 70
  %123 = extractelement <96 x float> %40, i64 71
  %124 = extractelement <96 x float> %40, i64 72
  %125 = extractelement <96 x float> %40, i64 73
  %126 = extractelement <96 x float> %40, i64 74
  %127 = extractelement <96 x float> %40, i64 75
  %128 = extractelement <96 x float> %40, i64 76
  %129 = extractelement <96 x float> %40, i64 77
  %130 = extractelement <96 x float> %40, i64 78
  %131 = extractelement <96 x float> %40, i64 79
  %132 = extractelement <96 x float> %40, i64 80
  %133 = extractelement <96 x float> %40, i64 81
  %134 = extractelement <96 x float> %40, i64 82
  %135 = extractelement <96 x float> %40, i64 83
  %136 = extractelement <96 x float> %40, i64 84
  %137 = extractelement <96 x float> %40, i64 85
  %138 = extractelement <96 x float> %40, i64 86
  %139 = extractelement <96 x float> %40, i64 87
  %140 = extractelement <96 x float> %40, i64 88
  %141 = extractelement <96 x float> %40, i64 89
  %142 = extractelement <96 x float> %40, i64 90
  %143 = extractelement <96 x float> %40, i64 91
  %144 = extractelement <96 x float> %40, i64 92
  %145 = extractelement <96 x float> %40, i64 93
  %146 = extractelement <96 x float> %40, i64 94
  %147 = extractelement <96 x float> %40, i64 95
  %148 = shl nuw nsw i64 %41, 6
  %149 = or disjoint i64 %148, 512
  %150 = getelementptr bfloat, ptr addrspace(3) @shared_memory, i64 %149
  %151 = ptrtoint ptr addrspace(3) %150 to i64
  %152 = lshr exact i64 %151, 4
  %153 = and i64 %152, 16376
  %154 = or disjoint i64 %153, 4611686293334654976
  %155 = tail call { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } asm sideeffect "{\0A.reg .pred p;\0Asetp.ne.b32 p, $197, 0;\0Awgmma.mma_async.sync.aligned.m64n192k16.f32.bf16.bf16 {$0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64, $65, $66, $67, $68, $69, $70, $71, $72, $73, $74, $75, $76, $77, $78, $79, $80, $81, $82, $83, $84, $85, $86, $87, $88, $89, $90, $91, $92, $93, $94, $95}, {$192, $193, $194, $195}, $196, p, $198, $199, $200;\0A}", "=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63,64,65,66,67,68,69,70,71,72,73,74,75,76,77,78,79,80,81,82,83,84,85,86,87,88,89,90,91,92,93,94,95,r,r,r,r,l,n,n,n,n"(float %52, float %53, float %54, float %55, float %56, float %57, float %58, float %59, float %60, float %61, float %62, float %63, float %64, float %65, float %66, float %67, float %68, float %69, float %70, float %71, float %72, float %73, float %74, float %75, float %76, float %77, float %78, float %79, float %80, float %81, float %82, float %83, float %84, float %85, float %86, float %87, float %88, float %89, float %90, float %91, float %92, float %93, float %94, float %95, float %96, float %97, float %98, float %99, float %100, float %101, float %102, float %103, float %104, float %105, float %106, float %107, float %108, float %109, float %110, float %111, float %112, float %113, float %114, float %115, float %116, float %117, float %118, float %119, float %120, float %121, float %122, float %123, float %124, float %125, float %126, float %127, float %128, float %129, float %130, float %131, float %132, float %133, float %134, float %135, float %136, float %137, float %138, float %139, float %140, float %141, float %142, float %143, float %144, float %145, float %146, float %147, i32 %45, i32 %47, i32 %49, i32 %51, i64 %154, i32 1, i32 1, i32 1, i32 1) #2
  %156 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 0
  %157 = insertelement <96 x float> <float poison, float poison, float poison, float poison, float poison, float poison, float poison, float poison, float poison, float poison, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef, float undef>, float %156, i64 0
  %158 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 1
  %159 = insertelement <96 x float> %157, float %158, i64 1
  %160 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 2
  %161 = insertelement <96 x float> %159, float %160, i64 2
  %162 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 3
  %163 = insertelement <96 x float> %161, float %162, i64 3
  %164 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 4
  %165 = insertelement <96 x float> %163, float %164, i64 4
  %166 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 5
  %167 = insertelement <96 x float> %165, float %166, i64 5
  %168 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 6
  %169 = insertelement <96 x float> %167, float %168, i64 6
  %170 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 7
  %171 = insertelement <96 x float> %169, float %170, i64 7
  %172 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 8
  %173 = insertelement <96 x float> %171, float %172, i64 8
  %174 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 9
  %175 = insertelement <96 x float> %173, float %174, i64 9
  %176 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 10
  %177 = insertelement <96 x float> %175, float %176, i64 10
  %178 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 11
  %179 = insertelement <96 x float> %177, float %178, i64 11
  %180 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 12
  %181 = insertelement <96 x float> %179, float %180, i64 12
  %182 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 13
  %183 = insertelement <96 x float> %181, float %182, i64 13
  %184 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 14
  %185 = insertelement <96 x float> %183, float %184, i64 14
  %186 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 15
  %187 = insertelement <96 x float> %185, float %186, i64 15
  %188 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 16
  %189 = insertelement <96 x float> %187, float %188, i64 16
  %190 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 17
  %191 = insertelement <96 x float> %189, float %190, i64 17
  %192 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 18
  %193 = insertelement <96 x float> %191, float %192, i64 18
  %194 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 19
  %195 = insertelement <96 x float> %193, float %194, i64 19
  %196 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 20
  %197 = insertelement <96 x float> %195, float %196, i64 20
  %198 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 21
  %199 = insertelement <96 x float> %197, float %198, i64 21
  %200 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 22
  %201 = insertelement <96 x float> %199, float %200, i64 22
  %202 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 23
  %203 = insertelement <96 x float> %201, float %202, i64 23
  %204 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 24
  %205 = insertelement <96 x float> %203, float %204, i64 24
  %206 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 25
  %207 = insertelement <96 x float> %205, float %206, i64 25
  %208 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 26
  %209 = insertelement <96 x float> %207, float %208, i64 26
  %210 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 27
  %211 = insertelement <96 x float> %209, float %210, i64 27
  %212 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 28
  %213 = insertelement <96 x float> %211, float %212, i64 28
  %214 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 29
  %215 = insertelement <96 x float> %213, float %214, i64 29
  %216 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 30
  %217 = insertelement <96 x float> %215, float %216, i64 30
  %218 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 31
  %219 = insertelement <96 x float> %217, float %218, i64 31
  %220 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 32
  %221 = insertelement <96 x float> %219, float %220, i64 32
  %222 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 33
  %223 = insertelement <96 x float> %221, float %222, i64 33
  %224 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 34
  %225 = insertelement <96 x float> %223, float %224, i64 34
  %226 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 35
  %227 = insertelement <96 x float> %225, float %226, i64 35
  %228 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 36
  %229 = insertelement <96 x float> %227, float %228, i64 36
  %230 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 37
  %231 = insertelement <96 x float> %229, float %230, i64 37
  %232 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 38
  %233 = insertelement <96 x float> %231, float %232, i64 38
  %234 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 39
  %235 = insertelement <96 x float> %233, float %234, i64 39
  %236 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 40
  %237 = insertelement <96 x float> %235, float %236, i64 40
  %238 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 41
  %239 = insertelement <96 x float> %237, float %238, i64 41
  %240 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 42
  %241 = insertelement <96 x float> %239, float %240, i64 42
  %242 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 43
  %243 = insertelement <96 x float> %241, float %242, i64 43
  %244 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 44
  %245 = insertelement <96 x float> %243, float %244, i64 44
  %246 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 45
  %247 = insertelement <96 x float> %245, float %246, i64 45
  %248 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 46
  %249 = insertelement <96 x float> %247, float %248, i64 46
  %250 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 47
  %251 = insertelement <96 x float> %249, float %250, i64 47
  %252 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 48
  %253 = insertelement <96 x float> %251, float %252, i64 48
  %254 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 49
  %255 = insertelement <96 x float> %253, float %254, i64 49
  %256 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 50
  %257 = insertelement <96 x float> %255, float %256, i64 50
  %258 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 51
  %259 = insertelement <96 x float> %257, float %258, i64 51
  %260 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 52
  %261 = insertelement <96 x float> %259, float %260, i64 52
  %262 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 53
  %263 = insertelement <96 x float> %261, float %262, i64 53
  %264 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 54
  %265 = insertelement <96 x float> %263, float %264, i64 54
  %266 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 55
  %267 = insertelement <96 x float> %265, float %266, i64 55
  %268 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 56
  %269 = insertelement <96 x float> %267, float %268, i64 56
  %270 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 57
  %271 = insertelement <96 x float> %269, float %270, i64 57
  %272 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 58
  %273 = insertelement <96 x float> %271, float %272, i64 58
  %274 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 59
  %275 = insertelement <96 x float> %273, float %274, i64 59
  %276 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 60
  %277 = insertelement <96 x float> %275, float %276, i64 60
  %278 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 61
  %279 = insertelement <96 x float> %277, float %278, i64 61
  %280 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 62
  %281 = insertelement <96 x float> %279, float %280, i64 62
  %282 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 63
  %283 = insertelement <96 x float> %281, float %282, i64 63
  %284 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 64
  %285 = insertelement <96 x float> %283, float %284, i64 64
  %286 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 65
  %287 = insertelement <96 x float> %285, float %286, i64 65
  %288 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 66
  %289 = insertelement <96 x float> %287, float %288, i64 66
  %290 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 67
  %291 = insertelement <96 x float> %289, float %290, i64 67
  %292 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 68
  %293 = insertelement <96 x float> %291, float %292, i64 68
  %294 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 69
  %295 = insertelement <96 x float> %293, float %294, i64 69
  %296 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 70
  %297 = insertelement <96 x float> %295, float %296, i64 70
  %298 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 71
  %299 = insertelement <96 x float> %297, float %298, i64 71
  %300 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 72
  %301 = insertelement <96 x float> %299, float %300, i64 72
  %302 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 73
  %303 = insertelement <96 x float> %301, float %302, i64 73
  %304 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 74
  %305 = insertelement <96 x float> %303, float %304, i64 74
  %306 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 75
  %307 = insertelement <96 x float> %305, float %306, i64 75
  %308 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 76
  %309 = insertelement <96 x float> %307, float %308, i64 76
  %310 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 77
  %311 = insertelement <96 x float> %309, float %310, i64 77
  %312 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 78
  %313 = insertelement <96 x float> %311, float %312, i64 78
  %314 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 79
  %315 = insertelement <96 x float> %313, float %314, i64 79
  %316 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 80
  %317 = insertelement <96 x float> %315, float %316, i64 80
  %318 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 81
  %319 = insertelement <96 x float> %317, float %318, i64 81
  %320 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 82
  %321 = insertelement <96 x float> %319, float %320, i64 82
  %322 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 83
  %323 = insertelement <96 x float> %321, float %322, i64 83
  %324 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 84
  %325 = insertelement <96 x float> %323, float %324, i64 84
  %326 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 85
  %327 = insertelement <96 x float> %325, float %326, i64 85
  %328 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 86
  %329 = insertelement <96 x float> %327, float %328, i64 86
  %330 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 87
  %331 = insertelement <96 x float> %329, float %330, i64 87
  %332 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 88
  %333 = insertelement <96 x float> %331, float %332, i64 88
  %334 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 89
  %335 = insertelement <96 x float> %333, float %334, i64 89
  %336 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 90
  %337 = insertelement <96 x float> %335, float %336, i64 90
  %338 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 91
  %339 = insertelement <96 x float> %337, float %338, i64 91
  %340 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 92
  %341 = insertelement <96 x float> %339, float %340, i64 92
  %342 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 93
  %343 = insertelement <96 x float> %341, float %342, i64 93
  %344 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 94
  %345 = insertelement <96 x float> %343, float %344, i64 94
  %346 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float } %155, 95
  %347 = insertelement <96 x float> %345, float %346, i64 95
  %348 = extractelement <12 x float> %39, i64 0
  %349 = extractelement <12 x float> %39, i64 1
  %350 = extractelement <12 x float> %39, i64 2
  %351 = extractelement <12 x float> %39, i64 3
  %352 = extractelement <12 x float> %39, i64 4
  %353 = extractelement <12 x float> %39, i64 5
  %354 = extractelement <12 x float> %39, i64 6
  %355 = extractelement <12 x float> %39, i64 7
  %356 = extractelement <12 x float> %39, i64 8
  %357 = extractelement <12 x float> %39, i64 9
  %358 = extractelement <12 x float> %39, i64 10
  %359 = extractelement <12 x float> %39, i64 11
  %gep = getelementptr bfloat, ptr addrspace(3) getelementptr (i8, ptr addrspace(3) @shared_memory, i64 22528), i64 %148
  %360 = ptrtoint ptr addrspace(3) %gep to i64
  %361 = lshr exact i64 %360, 4
  %362 = and i64 %361, 16320
  %363 = or disjoint i64 %362, 4611686293305360384
  %364 = tail call { float, float, float, float, float, float, float, float, float, float, float, float } asm sideeffect "{\0A.reg .pred p;\0Asetp.ne.b32 p, $29, 0;\0Awgmma.mma_async.sync.aligned.m64n24k16.f32.bf16.bf16 {$0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11}, {$24, $25, $26, $27}, $28, p, $30, $31, $32;\0A}", "=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,0,1,2,3,4,5,6,7,8,9,10,11,r,r,r,r,l,n,n,n,n"(float %348, float %349, float %350, float %351, float %352, float %353, float %354, float %355, float %356, float %357, float %358, float %359, i32 %45, i32 %47, i32 %49, i32 %51, i64 %363, i32 1, i32 1, i32 1, i32 1) #2
  %365 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float } %364, 0
  %366 = insertelement <12 x float> <float poison, float poison, float poison, float poison, float poison, float poison, float poison, float poison, float poison, float poison, float undef, float undef>, float %365, i64 0
  %367 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float } %364, 1
  %368 = insertelement <12 x float> %366, float %367, i64 1
  %369 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float } %364, 2
  %370 = insertelement <12 x float> %368, float %369, i64 2
  %371 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float } %364, 3
  %372 = insertelement <12 x float> %370, float %371, i64 3
  %373 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float } %364, 4
  %374 = insertelement <12 x float> %372, float %373, i64 4
  %375 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float } %364, 5
  %376 = insertelement <12 x float> %374, float %375, i64 5
  %377 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float } %364, 6
  %378 = insertelement <12 x float> %376, float %377, i64 6
  %379 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float } %364, 7
  %380 = insertelement <12 x float> %378, float %379, i64 7
  %381 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float } %364, 8
  %382 = insertelement <12 x float> %380, float %381, i64 8
  %383 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float } %364, 9
  %384 = insertelement <12 x float> %382, float %383, i64 9
  %385 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float } %364, 10
  %386 = insertelement <12 x float> %384, float %385, i64 10
  %387 = extractvalue { float, float, float, float, float, float, float, float, float, float, float, float } %364, 11
  %388 = insertelement <12 x float> %386, float %387, i64 11
  tail call void asm sideeffect "wgmma.commit_group.sync.aligned;", ""() #2
  tail call void asm sideeffect "wgmma.wait_group.sync.aligned $0;", "n"(i32 0) #2
  %389 = add nuw nsw i64 %41, 16
  %390 = icmp ult i64 %41, 32
  br i1 %390, label %38, label %391

391:                                              ; preds = %38
  %392 = mul nuw nsw i64 %34, 216
  %393 = or disjoint i64 %392, %31
  %394 = getelementptr float, ptr %2, i64 %393
  store float %156, ptr %394, align 4
  %395 = or disjoint i64 %31, 1
  %396 = or disjoint i64 %392, %395
  %397 = getelementptr float, ptr %2, i64 %396
  store float %158, ptr %397, align 4
  %398 = mul nuw nsw i64 %35, 216
  %399 = or disjoint i64 %398, %31
  %400 = getelementptr float, ptr %2, i64 %399
  store float %160, ptr %400, align 4
  %401 = or disjoint i64 %398, %395
  %402 = getelementptr float, ptr %2, i64 %401
  store float %162, ptr %402, align 4
  %403 = or disjoint i64 %31, 8
  %404 = getelementptr float, ptr %2, i64 %392
  %405 = getelementptr float, ptr %404, i64 %403
  store float %164, ptr %405, align 4
  %406 = or disjoint i64 %31, 9
  %407 = getelementptr float, ptr %404, i64 %406
  store float %166, ptr %407, align 4
  %408 = getelementptr float, ptr %2, i64 %398
  %409 = getelementptr float, ptr %408, i64 %403
  store float %168, ptr %409, align 4
  %410 = getelementptr float, ptr %408, i64 %406
  store float %170, ptr %410, align 4
  %411 = or disjoint i64 %31, 16
  %412 = getelementptr float, ptr %404, i64 %411
  store float %172, ptr %412, align 4
  %413 = or disjoint i64 %31, 17
  %414 = getelementptr float, ptr %404, i64 %413
  store float %174, ptr %414, align 4
  %415 = getelementptr float, ptr %408, i64 %411
  store float %176, ptr %415, align 4
  %416 = getelementptr float, ptr %408, i64 %413
  store float %178, ptr %416, align 4
  %417 = or disjoint i64 %31, 24
  %418 = getelementptr float, ptr %404, i64 %417
  store float %180, ptr %418, align 4
  %419 = or disjoint i64 %31, 25
  %420 = getelementptr float, ptr %404, i64 %419
  store float %182, ptr %420, align 4
  %421 = getelementptr float, ptr %408, i64 %417
  store float %184, ptr %421, align 4
  %422 = getelementptr float, ptr %408, i64 %419
  store float %186, ptr %422, align 4
  %423 = or disjoint i64 %31, 32
  %424 = getelementptr float, ptr %404, i64 %423
  store float %188, ptr %424, align 4
  %425 = or disjoint i64 %31, 33
  %426 = getelementptr float, ptr %404, i64 %425
  store float %190, ptr %426, align 4
  %427 = getelementptr float, ptr %408, i64 %423
  store float %192, ptr %427, align 4
  %428 = getelementptr float, ptr %408, i64 %425
  store float %194, ptr %428, align 4
  %429 = or disjoint i64 %31, 40
  %430 = getelementptr float, ptr %404, i64 %429
  store float %196, ptr %430, align 4
  %431 = or disjoint i64 %31, 41
  %432 = getelementptr float, ptr %404, i64 %431
  store float %198, ptr %432, align 4
  %433 = getelementptr float, ptr %408, i64 %429
  store float %200, ptr %433, align 4
  %434 = getelementptr float, ptr %408, i64 %431
  store float %202, ptr %434, align 4
  %435 = or disjoint i64 %31, 48
  %436 = getelementptr float, ptr %404, i64 %435
  store float %204, ptr %436, align 4
  %437 = or disjoint i64 %31, 49
  %438 = getelementptr float, ptr %404, i64 %437
  store float %206, ptr %438, align 4
  %439 = getelementptr float, ptr %408, i64 %435
  store float %208, ptr %439, align 4
  %440 = getelementptr float, ptr %408, i64 %437
  store float %210, ptr %440, align 4
  %441 = or disjoint i64 %31, 56
  %442 = getelementptr float, ptr %404, i64 %441
  store float %212, ptr %442, align 4
  %443 = or disjoint i64 %31, 57
  %444 = getelementptr float, ptr %404, i64 %443
  store float %214, ptr %444, align 4
  %445 = getelementptr float, ptr %408, i64 %441
  store float %216, ptr %445, align 4
  %446 = getelementptr float, ptr %408, i64 %443
  store float %218, ptr %446, align 4
  %447 = or disjoint i64 %31, 64
  %448 = getelementptr float, ptr %404, i64 %447
  store float %220, ptr %448, align 4
  %449 = or disjoint i64 %31, 65
  %450 = getelementptr float, ptr %404, i64 %449
  store float %222, ptr %450, align 4
  %451 = getelementptr float, ptr %408, i64 %447
  store float %224, ptr %451, align 4
  %452 = getelementptr float, ptr %408, i64 %449
  store float %226, ptr %452, align 4
  %453 = or disjoint i64 %31, 72
  %454 = getelementptr float, ptr %404, i64 %453
  store float %228, ptr %454, align 4
  %455 = or disjoint i64 %31, 73
  %456 = getelementptr float, ptr %404, i64 %455
  store float %230, ptr %456, align 4
  %457 = getelementptr float, ptr %408, i64 %453
  store float %232, ptr %457, align 4
  %458 = getelementptr float, ptr %408, i64 %455
  store float %234, ptr %458, align 4
  %459 = or disjoint i64 %31, 80
  %460 = getelementptr float, ptr %404, i64 %459
  store float %236, ptr %460, align 4
  %461 = or disjoint i64 %31, 81
  %462 = getelementptr float, ptr %404, i64 %461
  store float %238, ptr %462, align 4
  %463 = getelementptr float, ptr %408, i64 %459
  store float %240, ptr %463, align 4
  %464 = getelementptr float, ptr %408, i64 %461
  store float %242, ptr %464, align 4
  %465 = or disjoint i64 %31, 88
  %466 = getelementptr float, ptr %404, i64 %465
  store float %244, ptr %466, align 4
  %467 = or disjoint i64 %31, 89
  %468 = getelementptr float, ptr %404, i64 %467
  store float %246, ptr %468, align 4
  %469 = getelementptr float, ptr %408, i64 %465
  store float %248, ptr %469, align 4
  %470 = getelementptr float, ptr %408, i64 %467
  store float %250, ptr %470, align 4
  %471 = or disjoint i64 %31, 96
  %472 = getelementptr float, ptr %404, i64 %471
  store float %252, ptr %472, align 4
  %473 = or disjoint i64 %31, 97
  %474 = getelementptr float, ptr %404, i64 %473
  store float %254, ptr %474, align 4
  %475 = getelementptr float, ptr %408, i64 %471
  store float %256, ptr %475, align 4
  %476 = getelementptr float, ptr %408, i64 %473
  store float %258, ptr %476, align 4
  %477 = or disjoint i64 %31, 104
  %478 = getelementptr float, ptr %404, i64 %477
  store float %260, ptr %478, align 4
  %479 = or disjoint i64 %31, 105
  %480 = getelementptr float, ptr %404, i64 %479
  store float %262, ptr %480, align 4
  %481 = getelementptr float, ptr %408, i64 %477
  store float %264, ptr %481, align 4
  %482 = getelementptr float, ptr %408, i64 %479
  store float %266, ptr %482, align 4
  %483 = or disjoint i64 %31, 112
  %484 = getelementptr float, ptr %404, i64 %483
  store float %268, ptr %484, align 4
  %485 = or disjoint i64 %31, 113
  %486 = getelementptr float, ptr %404, i64 %485
  store float %270, ptr %486, align 4
  %487 = getelementptr float, ptr %408, i64 %483
  store float %272, ptr %487, align 4
  %488 = getelementptr float, ptr %408, i64 %485
  store float %274, ptr %488, align 4
  %489 = or disjoint i64 %31, 120
  %490 = getelementptr float, ptr %404, i64 %489
  store float %276, ptr %490, align 4
  %491 = or disjoint i64 %31, 121
  %492 = getelementptr float, ptr %404, i64 %491
  store float %278, ptr %492, align 4
  %493 = getelementptr float, ptr %408, i64 %489
  store float %280, ptr %493, align 4
  %494 = getelementptr float, ptr %408, i64 %491
  store float %282, ptr %494, align 4
  %495 = or disjoint i64 %31, 128
  %496 = getelementptr float, ptr %404, i64 %495
  store float %284, ptr %496, align 4
  %497 = or disjoint i64 %31, 129
  %498 = getelementptr float, ptr %404, i64 %497
  store float %286, ptr %498, align 4
  %499 = getelementptr float, ptr %408, i64 %495
  store float %288, ptr %499, align 4
  %500 = getelementptr float, ptr %408, i64 %497
  store float %290, ptr %500, align 4
  %501 = or disjoint i64 %31, 136
  %502 = getelementptr float, ptr %404, i64 %501
  store float %292, ptr %502, align 4
  %503 = or disjoint i64 %31, 137
  %504 = getelementptr float, ptr %404, i64 %503
  store float %294, ptr %504, align 4
  %505 = getelementptr float, ptr %408, i64 %501
  store float %296, ptr %505, align 4
  %506 = getelementptr float, ptr %408, i64 %503
  store float %298, ptr %506, align 4
  %507 = or disjoint i64 %31, 144
  %508 = getelementptr float, ptr %404, i64 %507
  store float %300, ptr %508, align 4
  %509 = or disjoint i64 %31, 145
  %510 = getelementptr float, ptr %404, i64 %509
  store float %302, ptr %510, align 4
  %511 = getelementptr float, ptr %408, i64 %507
  store float %304, ptr %511, align 4
  %512 = getelementptr float, ptr %408, i64 %509
  store float %306, ptr %512, align 4
  %513 = or disjoint i64 %31, 152
  %514 = getelementptr float, ptr %404, i64 %513
  store float %308, ptr %514, align 4
  %515 = or disjoint i64 %31, 153
  %516 = getelementptr float, ptr %404, i64 %515
  store float %310, ptr %516, align 4
  %517 = getelementptr float, ptr %408, i64 %513
  store float %312, ptr %517, align 4
  %518 = getelementptr float, ptr %408, i64 %515
  store float %314, ptr %518, align 4
  %519 = or disjoint i64 %31, 160
  %520 = getelementptr float, ptr %404, i64 %519
  store float %316, ptr %520, align 4
  %521 = or disjoint i64 %31, 161
  %522 = getelementptr float, ptr %404, i64 %521
  store float %318, ptr %522, align 4
  %523 = getelementptr float, ptr %408, i64 %519
  store float %320, ptr %523, align 4
  %524 = getelementptr float, ptr %408, i64 %521
  store float %322, ptr %524, align 4
  %525 = or disjoint i64 %31, 168
  %526 = getelementptr float, ptr %404, i64 %525
  store float %324, ptr %526, align 4
  %527 = or disjoint i64 %31, 169
  %528 = getelementptr float, ptr %404, i64 %527
  store float %326, ptr %528, align 4
  %529 = getelementptr float, ptr %408, i64 %525
  store float %328, ptr %529, align 4
  %530 = getelementptr float, ptr %408, i64 %527
  store float %330, ptr %530, align 4
  %531 = or disjoint i64 %31, 176
  %532 = getelementptr float, ptr %404, i64 %531
  store float %332, ptr %532, align 4
  %533 = or disjoint i64 %31, 177
  %534 = getelementptr float, ptr %404, i64 %533
  store float %334, ptr %534, align 4
  %535 = getelementptr float, ptr %408, i64 %531
  store float %336, ptr %535, align 4
  %536 = getelementptr float, ptr %408, i64 %533
  store float %338, ptr %536, align 4
  %537 = or disjoint i64 %31, 184
  %538 = getelementptr float, ptr %404, i64 %537
  store float %340, ptr %538, align 4
  %539 = or disjoint i64 %31, 185
  %540 = getelementptr float, ptr %404, i64 %539
  store float %342, ptr %540, align 4
  %541 = getelementptr float, ptr %408, i64 %537
  store float %344, ptr %541, align 4
  %542 = getelementptr float, ptr %408, i64 %539
  store float %346, ptr %542, align 4
  %543 = or disjoint i64 %31, 192
  %544 = getelementptr float, ptr %404, i64 %543
  store float %365, ptr %544, align 4
  %545 = or disjoint i64 %31, 193
  %546 = getelementptr float, ptr %404, i64 %545
  store float %367, ptr %546, align 4
  %547 = getelementptr float, ptr %408, i64 %543
  store float %369, ptr %547, align 4
  %548 = getelementptr float, ptr %408, i64 %545
  store float %371, ptr %548, align 4
  %549 = or disjoint i64 %31, 200
  %550 = getelementptr float, ptr %404, i64 %549
  store float %373, ptr %550, align 4
  %551 = or disjoint i64 %31, 201
  %552 = getelementptr float, ptr %404, i64 %551
  store float %375, ptr %552, align 4
  %553 = getelementptr float, ptr %408, i64 %549
  store float %377, ptr %553, align 4
  %554 = getelementptr float, ptr %408, i64 %551
  store float %379, ptr %554, align 4
  %555 = or disjoint i64 %31, 208
  %556 = getelementptr float, ptr %404, i64 %555
  store float %381, ptr %556, align 4
  %557 = or disjoint i64 %31, 209
  %558 = getelementptr float, ptr %404, i64 %557
  store float %383, ptr %558, align 4
  %559 = getelementptr float, ptr %408, i64 %555
  store float %385, ptr %559, align 4
  %560 = getelementptr float, ptr %408, i64 %557
  store float %387, ptr %560, align 4
  ret void
}

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare noundef i32 @llvm.nvvm.read.ptx.sreg.tid.x() #0

; Function Attrs: convergent nocallback nounwind
declare void @llvm.nvvm.barrier0() #1

attributes #0 = { nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #1 = { convergent nocallback nounwind }
attributes #2 = { nounwind }

!llvm.module.flags = !{!0}
!nvvm.annotations = !{!1, !2, !3, !4}

!0 = !{i32 2, !"Debug Info Version", i32 3}
!1 = !{ptr @product, !"kernel", i32 1}
!2 = !{ptr @product, !"maxntidx", i32 128}
!3 = !{ptr @product, !"maxntidy", i32 1}
!4 = !{ptr @product, !"maxntidz", i32 1}
