"""Quantises a GGUF file with the llama.cpp that is installed with the engine, as `llama-quantize` does.

    llama_quantize.py FOLDER FROM TO FILE_TYPE

FOLDER holds the engine's libraries; FILE_TYPE is a number of `enum llama_ftype`. A quantised FROM is
allowed: to type 0 it gives every weight in F32, as llama.cpp itself decodes it.
"""

import ctypes
import sys
from pathlib import Path


class QuantizeParams(ctypes.Structure):
    """`struct llama_model_quantize_params`, as far as it is used here, with room for what follows."""

    _fields_ = [
        ("threads", ctypes.c_int32),
        ("file_type", ctypes.c_int32),
        ("output_type", ctypes.c_int32),
        ("embedding_type", ctypes.c_int32),
        ("allow_requantize", ctypes.c_bool),
        ("rest", ctypes.c_byte * 487),
    ]


def main(folder: str, source: str, target: str, file_type: int) -> None:
    path = min(Path(folder).glob("libllama.*"))
    llama = ctypes.CDLL(str(path))
    llama.llama_model_quantize_default_params.restype = QuantizeParams
    params = llama.llama_model_quantize_default_params()
    params.threads = 1
    params.file_type = file_type
    params.allow_requantize = True
    llama.llama_model_quantize.restype = ctypes.c_uint32
    status = llama.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(params))
    if status != 0:
        sys.exit(f"llama_model_quantize ended with {status}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
