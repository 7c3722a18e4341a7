// Judges events and presentations of Jiannuo with libraries that are not ours: @sd-jwt/core and jose. Ed25519 and SHA-256
// are those of node:crypto. Reads a JSON list of cases on stdin, {kind: "sd-jwt" | "jws", token, x, iat}, with x the
// public key of a JWK, and prints for each {payload} or {error}.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { SDJwtInstance } from "@sd-jwt/core";
import { compactVerify } from "jose";

const keyOf = (x) => createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });

const readers = {
  async "sd-jwt"({ token, x, iat }) {
    const instance = new SDJwtInstance({
      hasher: (data) => createHash("sha256").update(Buffer.from(data)).digest(),
      verifier: async (data, signature) =>
        verify(null, Buffer.from(data), keyOf(x), Buffer.from(signature, "base64url")),
    });
    return (await instance.verify(token, { currentDate: iat })).payload;
  },
  async jws({ token, x }) {
    const { payload } = await compactVerify(token, keyOf(x), { algorithms: ["Ed25519"] });
    return JSON.parse(new TextDecoder().decode(payload));
  },
};

const verdicts = [];
for (const found of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    verdicts.push({ payload: await readers[found.kind](found) });
  } catch (error) {
    verdicts.push({ error: String(error.message) });
  }
}
console.log(JSON.stringify(verdicts));
