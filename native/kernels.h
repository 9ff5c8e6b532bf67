// Every kernel: KERNEL(name, kind, operands, ints, scalars), as in src/kernels.ts (a test compares the two).
// The function itself is `kernel_<name>` in <family>.cpp.
// Not aligned, and the last line is none of the kernels, so that branches that add kernels change different lines.
// clang-format off
#define NG_GATHER_INTS "outer,count,inner,bound,wrap,xOuter,xStep,xInner,indexOuter,indexStep,indexInner"
#define NG_SCATTER_INTS NG_GATHER_INTS ",srcOuter,srcStep,srcInner"
#define NG_CONVOLUTION_INTS "n,c,o,groups,d,h,w,kd,kh,kw,od,oh,ow,sd,sh,sw,pd,ph,pw,dd,dh,dw"
#define NG_WINDOW_INTS "planes,d,h,w,kd,kh,kw,od,oh,ow,sd,sh,sw,pd,ph,pw,dd,dh,dw"
#define NG_STEPS(name) name "Batch," name "Head," name "Row"
#define NG_ATTENTION_INTS "batch,heads,rows,columns,width,valueWidth,causal,"
#define NG_ATTENTION_STEPS NG_STEPS("query") "," NG_STEPS("key") "," NG_STEPS("value") "," NG_STEPS("mask")
#define NG_KERNELS(KERNEL) \
  /* elementwise */ \
  KERNEL(copy, strided, "out,x", "", "") \
  KERNEL(fill, strided, "out", "", "value,rest") \
  KERNEL(sequence, dense, "out", "", "origin,step,first") \
  KERNEL(add, strided, "out,x,y", "", "") \
  KERNEL(sub, strided, "out,x,y", "", "") \
  KERNEL(mul, strided, "out,x,y", "", "") \
  KERNEL(div, strided, "out,x,y", "", "") \
  KERNEL(floorDivide, strided, "out,x,y", "", "") \
  KERNEL(truncDivide, strided, "out,x,y", "", "") \
  KERNEL(remainder, strided, "out,x,y", "", "") \
  KERNEL(fmod, strided, "out,x,y", "", "") \
  KERNEL(maximum, strided, "out,x,y", "", "") \
  KERNEL(minimum, strided, "out,x,y", "", "") \
  KERNEL(fmax, strided, "out,x,y", "", "") \
  KERNEL(fmin, strided, "out,x,y", "", "") \
  KERNEL(pow, strided, "out,x,y", "", "") \
  KERNEL(atan2, strided, "out,x,y", "", "") \
  KERNEL(hypot, strided, "out,x,y", "", "") \
  KERNEL(copysign, strided, "out,x,y", "", "") \
  KERNEL(nextafter, strided, "out,x,y", "", "") \
  KERNEL(eq, strided, "out,x,y", "", "") \
  KERNEL(ne, strided, "out,x,y", "", "") \
  KERNEL(lt, strided, "out,x,y", "", "") \
  KERNEL(le, strided, "out,x,y", "", "") \
  KERNEL(gt, strided, "out,x,y", "", "") \
  KERNEL(ge, strided, "out,x,y", "", "") \
  KERNEL(bitwiseAnd, strided, "out,x,y", "", "") \
  KERNEL(bitwiseOr, strided, "out,x,y", "", "") \
  KERNEL(bitwiseXor, strided, "out,x,y", "", "") \
  KERNEL(bitwiseLeftShift, strided, "out,x,y", "", "") \
  KERNEL(bitwiseRightShift, strided, "out,x,y", "", "") \
  KERNEL(neg, strided, "out,x", "", "") \
  KERNEL(abs, strided, "out,x", "", "") \
  KERNEL(sign, strided, "out,x", "", "") \
  KERNEL(square, strided, "out,x", "", "") \
  KERNEL(cube, strided, "out,x", "", "") \
  KERNEL(floor, strided, "out,x", "", "") \
  KERNEL(ceil, strided, "out,x", "", "") \
  KERNEL(trunc, strided, "out,x", "", "") \
  KERNEL(round, strided, "out,x", "", "") \
  KERNEL(frac, strided, "out,x", "", "") \
  KERNEL(sqrt, strided, "out,x", "", "") \
  KERNEL(rsqrt, strided, "out,x", "", "") \
  KERNEL(reciprocal, strided, "out,x", "", "") \
  KERNEL(exp, strided, "out,x", "", "") \
  KERNEL(exp2, strided, "out,x", "", "") \
  KERNEL(expm1, strided, "out,x", "", "") \
  KERNEL(log, strided, "out,x", "", "") \
  KERNEL(log2, strided, "out,x", "", "") \
  KERNEL(log10, strided, "out,x", "", "") \
  KERNEL(log1p, strided, "out,x", "", "") \
  KERNEL(sin, strided, "out,x", "", "") \
  KERNEL(cos, strided, "out,x", "", "") \
  KERNEL(tan, strided, "out,x", "", "") \
  KERNEL(asin, strided, "out,x", "", "") \
  KERNEL(acos, strided, "out,x", "", "") \
  KERNEL(atan, strided, "out,x", "", "") \
  KERNEL(sinh, strided, "out,x", "", "") \
  KERNEL(cosh, strided, "out,x", "", "") \
  KERNEL(tanh, strided, "out,x", "", "") \
  KERNEL(asinh, strided, "out,x", "", "") \
  KERNEL(acosh, strided, "out,x", "", "") \
  KERNEL(atanh, strided, "out,x", "", "") \
  KERNEL(sigmoid, strided, "out,x", "", "") \
  KERNEL(erf, strided, "out,x", "", "") \
  KERNEL(erfc, strided, "out,x", "", "") \
  KERNEL(erfinv, strided, "out,x", "", "") \
  KERNEL(sinc, strided, "out,x", "", "") \
  KERNEL(logit, strided, "out,x", "", "eps") \
  KERNEL(nanToNum, strided, "out,x", "", "nan,posinf,neginf") \
  KERNEL(logaddexp, strided, "out,x,y", "", "") \
  KERNEL(logaddexp2, strided, "out,x,y", "", "") \
  KERNEL(xlogy, strided, "out,x,y", "", "") \
  KERNEL(frexp, dense, "out,out exponent,x", "", "") \
  KERNEL(heaviside, strided, "out,x,y", "", "") \
  KERNEL(gcd, strided, "out,x,y", "", "") \
  KERNEL(lcm, strided, "out,x,y", "", "") \
  KERNEL(isnan, strided, "out,x", "", "") \
  KERNEL(isinf, strided, "out,x", "", "") \
  KERNEL(isfinite, strided, "out,x", "", "") \
  KERNEL(logicalNot, strided, "out,x", "", "") \
  KERNEL(bitwiseNot, strided, "out,x", "", "") \
  KERNEL(where, strided, "out,condition,x,y", "", "") \
  KERNEL(addcmul, strided, "out,x,y,z", "", "value") \
  KERNEL(addScaled, strided, "out,x,y", "", "value") \
  KERNEL(addcdiv, strided, "out,x,y,z", "", "value") \
  KERNEL(lerp, strided, "out,x,y,weight", "", "") \
  KERNEL(clamp, strided, "out,x", "", "min,max") \
  /* special functions */ \
  KERNEL(lgamma, strided, "out,x", "", "") \
  KERNEL(digamma, strided, "out,x", "", "") \
  KERNEL(polygamma, strided, "out,x", "", "n") \
  KERNEL(zeta, strided, "out,x,y", "", "") \
  KERNEL(igamma, strided, "out,x,y", "", "") \
  KERNEL(igammac, strided, "out,x,y", "", "") \
  KERNEL(erfcx, strided, "out,x", "", "") \
  KERNEL(logNdtr, strided, "out,x", "", "") \
  KERNEL(ndtri, strided, "out,x", "", "") \
  KERNEL(entr, strided, "out,x", "", "") \
  KERNEL(xlog1py, strided, "out,x,y", "", "") \
  KERNEL(besselJ0, strided, "out,x", "", "") \
  KERNEL(besselJ1, strided, "out,x", "", "") \
  KERNEL(besselY0, strided, "out,x", "", "") \
  KERNEL(besselY1, strided, "out,x", "", "") \
  KERNEL(i0, strided, "out,x", "", "") \
  KERNEL(i0e, strided, "out,x", "", "") \
  KERNEL(i1, strided, "out,x", "", "") \
  KERNEL(i1e, strided, "out,x", "", "") \
  KERNEL(modifiedBesselK0, strided, "out,x", "", "") \
  KERNEL(modifiedBesselK1, strided, "out,x", "", "") \
  KERNEL(scaledModifiedBesselK0, strided, "out,x", "", "") \
  KERNEL(scaledModifiedBesselK1, strided, "out,x", "", "") \
  KERNEL(sphericalBesselJ0, strided, "out,x", "", "") \
  KERNEL(airyAi, strided, "out,x", "", "") \
  KERNEL(chebyshevPolynomialT, strided, "out,x,y", "", "") \
  KERNEL(chebyshevPolynomialU, strided, "out,x,y", "", "") \
  KERNEL(chebyshevPolynomialV, strided, "out,x,y", "", "") \
  KERNEL(chebyshevPolynomialW, strided, "out,x,y", "", "") \
  KERNEL(shiftedChebyshevPolynomialT, strided, "out,x,y", "", "") \
  KERNEL(shiftedChebyshevPolynomialU, strided, "out,x,y", "", "") \
  KERNEL(shiftedChebyshevPolynomialV, strided, "out,x,y", "", "") \
  KERNEL(shiftedChebyshevPolynomialW, strided, "out,x,y", "", "") \
  KERNEL(hermitePolynomialH, strided, "out,x,y", "", "") \
  KERNEL(hermitePolynomialHe, strided, "out,x,y", "", "") \
  KERNEL(laguerrePolynomialL, strided, "out,x,y", "", "") \
  KERNEL(legendrePolynomialP, strided, "out,x,y", "", "") \
  /* reduction */ \
  KERNEL(sum, dense, "out,x", "outer,n,inner", "") \
  KERNEL(prod, dense, "out,x", "outer,n,inner", "") \
  KERNEL(any, dense, "out,x", "outer,n,inner", "") \
  KERNEL(all, dense, "out,x", "outer,n,inner", "") \
  KERNEL(variance, dense, "out,out mean,x", "outer,n,inner", "correction") \
  KERNEL(norm, dense, "out,x", "outer,n,inner", "p") \
  KERNEL(logSumExp, dense, "out,x", "outer,n,inner", "") \
  /* indexing */ \
  KERNEL(gather, dense, "out,x,index", NG_GATHER_INTS, "") \
  KERNEL(scatter, dense, "inout,index,src", NG_SCATTER_INTS, "") \
  KERNEL(scatterAdd, dense, "inout,index,src", NG_SCATTER_INTS, "") \
  KERNEL(scatterMultiply, dense, "inout,index,src", NG_SCATTER_INTS, "") \
  KERNEL(scatterMaximum, dense, "inout,index,src", NG_SCATTER_INTS, "") \
  KERNEL(scatterMinimum, dense, "inout,index,src", NG_SCATTER_INTS, "") \
  KERNEL(linearIndex, strided, "out,base,index", "", "size,step") \
  /* masking */ \
  KERNEL(countNonzero, dense, "out,x", "outer,n,inner", "") \
  KERNEL(nonzero, dense, "out,x,shape", "n,count,rank", "") \
  KERNEL(maskedSelect, dense, "out,x,mask", "n,count", "") \
  KERNEL(maskedScatter, dense, "inout,mask,src", "n,count", "") \
  KERNEL(tril, dense, "out,x", "batch,rows,columns,diagonal", "") \
  KERNEL(triu, dense, "out,x", "batch,rows,columns,diagonal", "") \
  /* extremes */ \
  KERNEL(max, dense, "out values?,out indices?,x", "outer,n,inner", "") \
  KERNEL(min, dense, "out values?,out indices?,x", "outer,n,inner", "") \
  KERNEL(cummax, dense, "out values,out indices,x", "outer,n,inner", "") \
  KERNEL(cummin, dense, "out values,out indices,x", "outer,n,inner", "") \
  /* sorting */ \
  KERNEL(sort, dense, "out values,out indices,x,inout work", "outer,n,inner,descending", "") \
  KERNEL(topk, dense, "out values,out indices,x,inout work", "outer,n,inner,k,largest", "") \
  KERNEL(kthvalue, dense, "out values,out indices,x,inout work", "outer,n,inner,k,ignoreNan", "") \
  KERNEL(mode, dense, "out values,out indices,x,inout work", "outer,n,inner", "") \
  /* searching */ \
  KERNEL(searchsorted, dense, "out,sorted,values,sorter?", "rows,n,m,right,shared", "") \
  KERNEL(sortRows, dense, "out,x,inout work", "rows,columns", "") \
  KERNEL(runs, dense, "out,x", "rows,columns", "") \
  KERNEL(bins, dense, "inout,x,edges", "n,bins", "") \
  KERNEL(evenBins, dense, "inout,x", "n,bins", "low,high") \
  /* matmul */ \
  KERNEL(gemm, dense, "inout,a,c,bias?", "batch,m,n,k,transA,transB,strideA,strideB,accumulate", "") \
  /* linear algebra */ \
  KERNEL(luFactor, dense, "inout a,out pivots,out info", "batch,m,n", "") \
  KERNEL(choleskyFactor, dense, "inout a,out info", "batch,n", "") \
  KERNEL(triangularSolve, dense, "inout b,a", "batch,m,n,upper,transposed,unit", "") \
  KERNEL(qrFactor, dense, "inout a,out tau,inout work", "batch,m,n", "") \
  KERNEL(householderProduct, dense, "inout a,tau,inout work", "batch,m,n,k", "") \
  KERNEL(symmetricEigen, dense, "inout a,out values,inout work", "batch,n", "") \
  KERNEL(svdFactor, dense, "inout x,out values,out v", "batch,m,n,rows", "") \
  /* fft */ \
  KERNEL(fft, dense, "out,x,table,inout work", "batch,n,m,inverse", "scale") \
  KERNEL(generalEigen, dense, "inout a,out values,out vectors?,inout work", "batch,n", "") \
  KERNEL(ldlFactor, dense, "inout a,out pivots,out info", "batch,n", "") \
  KERNEL(ldlSolve, dense, "inout b,a,pivots", "batch,n,m", "") \
  /* normalization */ \
  KERNEL(layerNorm, dense, "out,x,weight?,bias?,out mean,out rstd", "rows,n", "eps") \
  KERNEL(layerNormBackward, dense, "out,grad,x,weight?,mean,rstd", "rows,n", "") \
  KERNEL(distances, dense, "out,x,y", "batch,rows,columns,width", "") \
  KERNEL(distancesBackward, dense, "out,factor,x,y", "batch,rows,columns,width", "") \
  KERNEL(lstmCell, dense, "out h,out next,x,hidden,c", "rows,size", "") \
  KERNEL(lstmCellBackward, dense, "out gates,out c,hGrad?,cGrad?,x,hidden,c", "rows,size", "") \
  KERNEL(gruCell, dense, "out h,x,hidden,h", "rows,size", "") \
  KERNEL(gruCellBackward, dense, "out x,out hidden,out h,grad,x,hidden,h", "rows,size", "") \
  KERNEL(layerNormParameters, dense, "out weight,out bias,grad,x,mean,rstd", "rows,n", "") \
  KERNEL(batchNorm, dense, "out,x,weight?,bias?,inout mean,inout variance,out rstd", "batch,channels,inner,training", "eps") \
  KERNEL(batchNormBackward, dense, "out,out weightGrad,out biasGrad,grad,x,weight?,mean,rstd", "batch,channels,inner,training", "") \
  KERNEL(groupNorm, dense, "out,x,weight?,bias?,out mean,out rstd", "rows,groups,width,inner", "eps") \
  KERNEL(groupNormBackward, dense, "out,out products,out sums,grad,x,weight?,mean,rstd", "rows,groups,width,inner", "") \
  /* random */ \
  KERNEL(randomUniform, dense, "out,inout state", "", "from,to") \
  KERNEL(randomNormal, dense, "out,inout state", "serial", "mean,std") \
  KERNEL(randomInteger, dense, "out,inout state", "", "rangeHigh,rangeLow,baseHigh,baseLow") \
  KERNEL(randomPermutation, dense, "out,inout state", "", "") \
  KERNEL(randomBernoulli, dense, "out,inout state,probabilities?", "", "probability,scale") \
  KERNEL(randomExponential, dense, "out,inout state", "", "rate") \
  KERNEL(randomGeometric, dense, "out,inout state", "", "probability") \
  KERNEL(randomCauchy, dense, "out,inout state", "", "median,sigma") \
  KERNEL(randomLogNormal, dense, "out,inout state", "", "mean,std") \
  KERNEL(randomPoisson, dense, "out,inout state,rates", "", "") \
  KERNEL(randomMultinomial, dense, "out,inout state,weights,out cumulative", "rows,categories,samples", "") \
  /* optim */ \
  KERNEL(sgdStep, dense, "inout param,grad,inout momentum?", "first,nesterov", "lr,momentum,dampening,weightDecay,sign") \
  KERNEL(adamStep, dense, "inout param,grad,inout average,inout square,inout maximum?", "", "stepSize,beta1,beta2,eps,correction,weightDecay,shrink,sign") \
  KERNEL(adamaxStep, dense, "inout param,grad,inout average,inout norm", "", "stepSize,beta1,beta2,eps,weightDecay,sign") \
  KERNEL(nadamStep, dense, "inout param,grad,inout average,inout square", "", "gradStep,averageStep,beta1,beta2,eps,correction,weightDecay,sign") \
  KERNEL(radamStep, dense, "inout param,grad,inout average,inout square", "rectified", "stepSize,beta1,beta2,eps,weightDecay,sign") \
  KERNEL(rmspropStep, dense, "inout param,grad,inout square,inout mean?,inout momentum?", "", "lr,alpha,eps,momentum,weightDecay,sign") \
  KERNEL(rpropStep, dense, "inout param,grad,inout previous,inout step", "", "smaller,greater,least,most,sign") \
  KERNEL(adagradStep, dense, "inout param,grad,inout total", "", "stepSize,eps,weightDecay,sign") \
  KERNEL(adadeltaStep, dense, "inout param,grad,inout square,inout deltas", "", "lr,rho,eps,weightDecay,sign") \
  KERNEL(asgdStep, dense, "inout param,grad,inout average", "", "decay,eta,mu,weightDecay,sign") \
  /* cumulative */ \
  KERNEL(cumsum, dense, "out,x", "outer,n,inner,reverse", "") \
  KERNEL(cumprod, dense, "out,x", "outer,n,inner,reverse", "") \
  KERNEL(logCumSumExp, dense, "out,x", "outer,n,inner,reverse", "") \
  KERNEL(recurrence, dense, "out,x,a", "outer,n,inner,reverse", "") \
  /* functional */ \
  KERNEL(tanhBackward, strided, "out,grad,y", "", "") \
  KERNEL(sigmoidBackward, strided, "out,grad,y", "", "") \
  KERNEL(relu, strided, "out,x", "", "") \
  KERNEL(threshold, strided, "out,x", "", "threshold,value") \
  KERNEL(thresholdBackward, strided, "out,grad,x", "", "threshold") \
  KERNEL(softmax, dense, "out,x", "outer,n,inner", "") \
  KERNEL(logSoftmax, dense, "out,x", "outer,n,inner", "") \
  KERNEL(softmaxBackward, dense, "out,grad,y", "outer,n,inner", "") \
  KERNEL(logSoftmaxBackward, dense, "out,grad,y", "outer,n,inner", "") \
  /* attention */ \
  KERNEL(attention, dense, "out,out logSums,query,key,value,mask?", NG_ATTENTION_INTS NG_STEPS("out") "," NG_ATTENTION_STEPS, "scale") \
  KERNEL(attentionBackward, dense, "out queryGrad,out keyGrad,out valueGrad,grad,query,key,value,mask?,result,logSums", NG_ATTENTION_INTS NG_STEPS("queryGrad") "," NG_STEPS("keyGrad") "," NG_STEPS("valueGrad") "," NG_STEPS("grad") "," NG_ATTENTION_STEPS "," NG_STEPS("result"), "scale") \
  KERNEL(crossEntropy, dense, "out,out largest,out total,x,target,weight?", "outer,n,inner,reduction", "ignoreIndex") \
  KERNEL(crossEntropyBackward, dense, "out,grad,x,largest,target,weight?,total", "outer,n,inner,reduction", "ignoreIndex") \
  KERNEL(nllLoss, dense, "out,out total,x,target,weight?", "outer,n,inner,reduction", "ignoreIndex") \
  KERNEL(nllLossBackward, dense, "out,grad,target,weight?,total", "outer,n,inner,reduction", "ignoreIndex") \
  KERNEL(mseLoss, strided, "out,x,y", "", "") \
  KERNEL(mseLossBackward, strided, "out,grad,x,y", "", "factor") \
  KERNEL(binaryCrossEntropy, strided, "out,x,y", "", "") \
  KERNEL(binaryCrossEntropyBackward, strided, "out,grad,x,y", "", "") \
  KERNEL(binaryCrossEntropyWithLogits, strided, "out,x,y", "", "") \
  KERNEL(binaryCrossEntropyWithLogitsBackward, strided, "out,grad,x,y", "", "factor") \
  KERNEL(smoothL1Loss, strided, "out,x,y", "", "beta") \
  KERNEL(smoothL1LossBackward, strided, "out,grad,x,y", "", "beta,factor") \
  KERNEL(huberLoss, strided, "out,x,y", "", "delta") \
  KERNEL(huberLossBackward, strided, "out,grad,x,y", "", "delta,factor") \
  KERNEL(convolution, dense, "out,x,weight,bias?", NG_CONVOLUTION_INTS, "") \
  KERNEL(convolutionBackwardInput, dense, "out,grad,weight", NG_CONVOLUTION_INTS, "") \
  KERNEL(convolutionBackwardWeight, dense, "out,x,grad", NG_CONVOLUTION_INTS, "") \
  KERNEL(maxPool, dense, "out,out indices,x", NG_WINDOW_INTS, "") \
  KERNEL(maxPoolBackward, dense, "out,grad,indices", "planes,volume,count", "") \
  KERNEL(averagePool, dense, "out,x,factors", NG_WINDOW_INTS, "") \
  KERNEL(averagePoolBackward, dense, "out,grad,factors", NG_WINDOW_INTS, "") \
  KERNEL(resample, dense, "out,x,places,weights", "outer,size,inner,count", "") \
  KERNEL(hardtanh, strided, "out,x", "", "low,high") \
  KERNEL(hardtanhBackward, strided, "out,grad,x", "", "low,high") \
  KERNEL(leakyRelu, strided, "out,x", "", "slope") \
  KERNEL(leakyReluBackward, strided, "out,grad,x", "", "slope") \
  KERNEL(prelu, strided, "out,x,w", "", "") \
  KERNEL(hardshrink, strided, "out,x", "", "width") \
  KERNEL(softshrink, strided, "out,x", "", "width") \
  KERNEL(shrinkBackward, strided, "out,grad,x", "", "width") \
  KERNEL(hardsigmoid, strided, "out,x", "", "") \
  KERNEL(hardsigmoidBackward, strided, "out,grad,x", "", "") \
  KERNEL(hardswish, strided, "out,x", "", "") \
  KERNEL(hardswishBackward, strided, "out,grad,x", "", "") \
  KERNEL(elu, strided, "out,x", "", "alpha,scale,inputScale") \
  KERNEL(eluBackward, strided, "out,grad,x", "", "alpha,scale,inputScale") \
  KERNEL(gelu, strided, "out,x", "", "") \
  KERNEL(geluBackward, strided, "out,grad,x", "", "") \
  KERNEL(geluTanh, strided, "out,x", "", "") \
  KERNEL(geluTanhBackward, strided, "out,grad,x", "", "") \
  KERNEL(silu, strided, "out,x", "", "") \
  KERNEL(siluBackward, strided, "out,grad,x", "", "") \
  KERNEL(mish, strided, "out,x", "", "") \
  KERNEL(mishBackward, strided, "out,grad,x", "", "") \
  KERNEL(softplus, strided, "out,x", "", "beta,threshold") \
  KERNEL(softplusBackward, strided, "out,grad,x", "", "beta,threshold") \
  KERNEL(logSigmoid, strided, "out,x", "", "") \
  KERNEL(logSigmoidBackward, strided, "out,grad,x", "", "") \
  /* end of functional */ \
  /* end */
// clang-format on
