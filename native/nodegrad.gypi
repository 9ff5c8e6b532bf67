# Read by binding.gyp. In here `sources` are relative to this folder, a variable's paths to binding.gyp's.
# One static library of the same sources for each instruction set; the addon picks a table of kernels when it loads.
# NODEGRAD_STRICT=1 makes warnings errors; NODEGRAD_SANITIZE=1 builds with AddressSanitizer and UBSan.
{
  'variables': {
    'strict%': '<!(node -p "process.env.NODEGRAD_STRICT === \'1\' ? 1 : 0")',
    'sanitize%': '<!(node -p "process.env.NODEGRAD_SANITIZE === \'1\' ? 1 : 0")',
    'kernel_sources': [
      'native/table.cpp',
      'native/iterator.cpp',
      'native/elementwise.cpp',
      'native/unary.cpp',
      'native/compare.cpp',
      'native/ternary.cpp',
      'native/convert.cpp',
      'native/random.cpp',
      'native/distributions.cpp',
      'native/reduction.cpp',
      'native/indexing.cpp',
      'native/scatter.cpp',
      'native/masking.cpp',
      'native/extremes.cpp',
      'native/sorting.cpp',
      'native/searching.cpp',
      'native/special.cpp',
      'native/gamma.cpp',
      'native/normal.cpp',
      'native/bessel.cpp',
      'native/polynomials.cpp',
      'native/fold.cpp',
      'native/norm.cpp',
      'native/cumulative.cpp',
      'native/matmul.cpp',
      'native/decomposition.cpp',
      'native/spectral.cpp',
      'native/fft.cpp',
      'native/eigen.cpp',
      'native/ldl.cpp',
      'native/normalization.cpp',
      'native/batch_norm.cpp',
      'native/group_norm.cpp',
      'native/optim.cpp',
      'native/adam.cpp',
      'native/activation.cpp',
      'native/attention.cpp',
      'native/softmax.cpp',
      'native/nll.cpp',
      'native/loss.cpp',
      'native/distance.cpp',
      'native/recurrent.cpp',
      'native/convolution.cpp',
      'native/pooling.cpp',
      'native/averaging.cpp',
      'native/resample.cpp',
    ],
  },
  'target_defaults': {
    # -ffp-contract=off: no fused multiply-add but where it is written, so scalar results are the same everywhere.
    'cflags': [
      '-O3', '-Wall', '-Wextra', '-ffp-contract=off', '-fno-math-errno', '-fvisibility=hidden',
    ],
    'cflags_cc': ['-std=c++17', '-fvisibility-inlines-hidden'],
    'xcode_settings': {
      'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
      'GCC_OPTIMIZATION_LEVEL': '3',
      'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
      'MACOSX_DEPLOYMENT_TARGET': '11.0',
      'OTHER_CFLAGS': ['-Wall', '-Wextra', '-ffp-contract=off', '-fno-math-errno'],
    },
    'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['/std:c++17', '/fp:precise', '/utf-8']}},
    'conditions': [
      ['strict==1', {'cflags': ['-Werror'], 'xcode_settings': {'GCC_TREAT_WARNINGS_AS_ERRORS': 'YES'}}],
      ['sanitize==1', {
        # Fully optimized, the register tiles of matmul.cpp take GCC many minutes under the sanitizers.
        'cflags!': ['-O3'],
        'cflags': ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined', '-O1', '-g'],
        'ldflags': ['-fsanitize=address,undefined'],
      }],
    ],
  },
  'targets': [
    {
      'target_name': 'nodegrad',
      'sources': ['addon.cpp', 'entry.cpp', 'isa.cpp', 'large.cpp', 'pool.cpp', 'regions.cpp'],
      # The pool catches what std::thread throws.
      'cflags_cc!': ['-fno-exceptions'],
      'cflags_cc': ['-fexceptions'],
      'xcode_settings': {'GCC_ENABLE_CPP_EXCEPTIONS': 'YES'},
      'conditions': [
        ['target_arch=="arm64"', {'dependencies': ['kernels_neon']}, {
          'dependencies': ['kernels_baseline', 'kernels_avx2', 'kernels_avx512'],
        }],
      ],
    },
  ],
  'conditions': [
    ['target_arch=="arm64"', {
      'targets': [
        {
          'target_name': 'kernels_neon',
          'type': 'static_library',
          'sources': ['<@(kernel_sources)'],
          'defines': ['NG_ISA=neon'],
        },
      ],
    }, {
      'targets': [
        {
          'target_name': 'kernels_baseline',
          'type': 'static_library',
          'sources': ['<@(kernel_sources)'],
          'defines': ['NG_ISA=baseline'],
        },
        {
          'target_name': 'kernels_avx2',
          'type': 'static_library',
          'sources': ['<@(kernel_sources)'],
          'defines': ['NG_ISA=avx2'],
          'cflags': ['-mavx2', '-mfma', '-mf16c'],
          'xcode_settings': {'OTHER_CFLAGS': ['-mavx2', '-mfma', '-mf16c']},
          'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['/arch:AVX2']}},
        },
        {
          'target_name': 'kernels_avx512',
          'type': 'static_library',
          'sources': ['<@(kernel_sources)'],
          'defines': ['NG_ISA=avx512'],
          # GCC 12 warns of its own AVX-512 headers.
          'cflags': ['-Wno-maybe-uninitialized', '-Wno-uninitialized', '-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mavx2', '-mfma', '-mf16c'],
          'xcode_settings': {
            'OTHER_CFLAGS': ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mavx2', '-mfma', '-mf16c'],
          },
          'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['/arch:AVX512']}},
        },
      ],
    }],
  ],
}
