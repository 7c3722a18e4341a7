// Checks a presentation <JWS>~<disclosure>~…~ of a Jiannuo event with npm @sd-jwt/core, and prints what it discloses.
//     npm install --ignore-scripts @sd-jwt/core@0.17.0
//     node present.mjs PUBLIC < presentation        PUBLIC: the signer's public key, base64url (a JWK's x)
// Believe the payload that is printed, never the disclosures that came along: the library leaves out a disclosure that
// belongs to no digest of the event.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { SDJwtInstance } from "@sd-jwt/core";

const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: process.argv[2] }, format: "jwk" });
const reader = new SDJwtInstance({
  hasher: (data) => createHash("sha256").update(Buffer.from(data)).digest(),
  verifier: async (data, signature) => verify(null, Buffer.from(data), key, Buffer.from(signature, "base64url")),
});
try {
  const token = readFileSync(0, "utf8").trim();
  const { iat } = JSON.parse(Buffer.from(token.split(".")[1], "base64url")); // a claim of the signer: proves no time
  const { payload } = await reader.verify(token, { currentDate: iat });
  console.log(JSON.stringify(payload, null, 1));
} catch (error) {
  console.log(`FAILED ${error.message}`);
  process.exitCode = 1;
}
