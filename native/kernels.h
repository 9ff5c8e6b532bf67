// Every kernel: KERNEL(name, kind, operands, ints, scalars), as in src/kernels.ts (a test compares the two).
// The function itself is `kernel_<name>` in <family>.cpp.
#define NG_GATHER_INTS "outer,count,inner,bound,wrap,xOuter,xStep,xInner,indexOuter,indexStep,indexInner"
#define NG_SCATTER_INTS NG_GATHER_INTS ",srcOuter,srcStep,srcInner"
#define NG_KERNELS(KERNEL)                                                                           \
  /* elementwise */                                                                                  \
  KERNEL(copy, strided, "out,x", "", "")                                                             \
  KERNEL(add, strided, "out,x,y", "", "")                                                            \
  KERNEL(sub, strided, "out,x,y", "", "")                                                            \
  KERNEL(mul, strided, "out,x,y", "", "")                                                            \
  KERNEL(div, strided, "out,x,y", "", "")                                                            \
  KERNEL(eq, strided, "out,x,y", "", "")                                                             \
  KERNEL(lt, strided, "out,x,y", "", "")                                                             \
  KERNEL(le, strided, "out,x,y", "", "")                                                             \
  KERNEL(neg, strided, "out,x", "", "")                                                              \
  KERNEL(exp, strided, "out,x", "", "")                                                              \
  /* reduction */                                                                                    \
  KERNEL(sum, dense, "out,x", "outer,n,inner", "")                                                   \
  /* indexing */                                                                                     \
  KERNEL(gather, dense, "out,x,index", NG_GATHER_INTS, "")                                           \
  KERNEL(scatter, dense, "inout,index,src", NG_SCATTER_INTS, "")                                     \
  KERNEL(scatterAdd, dense, "inout,index,src", NG_SCATTER_INTS, "")                                  \
  KERNEL(linearIndex, strided, "out,base,index", "", "size,step")                                    \
  KERNEL(countNonzero, dense, "out,x", "outer,n,inner", "")                                          \
  KERNEL(nonzero, dense, "out,x,shape", "n,count,rank", "")                                          \
  /* matmul */                                                                                       \
  KERNEL(gemm, dense, "inout,a,c,bias?", "batch,m,n,k,transA,transB,strideA,strideB,accumulate", "") \
  /* random */                                                                                       \
  KERNEL(randomUniform, dense, "out,inout state", "", "from,to")                                     \
  KERNEL(randomNormal, dense, "out,inout state", "serial", "mean,std")                               \
  KERNEL(randomInteger, dense, "out,inout state", "", "rangeHigh,rangeLow,baseHigh,baseLow")         \
  KERNEL(randomPermutation, dense, "out,inout state", "", "")                                        \
  KERNEL(randomBernoulli, dense, "out,inout state,probabilities?", "", "probability,scale")          \
  KERNEL(randomExponential, dense, "out,inout state", "", "rate")                                    \
  KERNEL(randomGeometric, dense, "out,inout state", "", "probability")                               \
  KERNEL(randomCauchy, dense, "out,inout state", "", "median,sigma")                                 \
  KERNEL(randomLogNormal, dense, "out,inout state", "", "mean,std")                                  \
  KERNEL(randomPoisson, dense, "out,inout state,rates", "", "")                                      \
  KERNEL(randomMultinomial, dense, "out,inout state,weights,out cumulative", "rows,categories,samples", "")
