import type { GgmlTypeName, GgufHeader } from "./format.ts";

/** Names of `general.file_type`, llama.cpp's mixes of tensor types (source: its llama_ftype list). */
const fileTypes: ReadonlyMap<number, string> = new Map([
  [0, "F32"],
  [1, "F16"],
  [2, "Q4_0"],
  [3, "Q4_1"],
  [7, "Q8_0"],
  [8, "Q5_0"],
  [9, "Q5_1"],
  [10, "Q2_K"],
  [11, "Q3_K_S"],
  [12, "Q3_K_M"],
  [13, "Q3_K_L"],
  [14, "Q4_K_S"],
  [15, "Q4_K_M"],
  [16, "Q5_K_S"],
  [17, "Q5_K_M"],
  [18, "Q6_K"],
  [19, "IQ2_XXS"],
  [20, "IQ2_XS"],
  [21, "Q2_K_S"],
  [22, "IQ3_XS"],
  [23, "IQ3_XXS"],
  [24, "IQ1_S"],
  [25, "IQ4_NL"],
  [26, "IQ3_S"],
  [27, "IQ3_M"],
  [28, "IQ2_S"],
  [29, "IQ2_M"],
  [30, "IQ4_XS"],
  [31, "IQ1_M"],
  [32, "BF16"],
  [36, "TQ1_0"],
  [37, "TQ2_0"],
  [38, "MXFP4_MOE"],
]);

/** The name people use for how a model is stored, such as `Q4_K_M`; without a stated one, the type of most of its bytes. */
export function quantisationName(header: GgufHeader): string {
  const stated = header.metadata.optionalNumber("general.file_type");
  const name = stated === undefined ? undefined : fileTypes.get(stated);
  return name ?? prevailingType(header);
}

function prevailingType(header: GgufHeader): string {
  const bytes = new Map<GgmlTypeName, number>();
  for (const tensor of header.tensors.values()) {
    bytes.set(tensor.type, (bytes.get(tensor.type) ?? 0) + tensor.byteLength);
  }
  const sorted = [...bytes].toSorted((a, b) => b[1] - a[1]);
  return sorted[0]?.[0] ?? "F32";
}
