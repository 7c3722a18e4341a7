// Command cosignature_tool makes and judges cosignatures of witnesses (C2SP tlog-cosignature, type 0x04) with Go's
// crypto/ed25519 and golang.org/x/mod/sumdb/note, written from the specification. See README.md beside it.
//
//	cosignature_tool generate > cosignature.json
//	cosignature_tool check < cases.json > verdicts.json
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

const kind = 0x04

// cosigner is a note.Signer and a note.Verifier.
type cosigner struct {
	name   string
	public ed25519.PublicKey
	secret ed25519.PrivateKey
	time   uint64
}

func (c cosigner) Name() string { return c.name }

func (c cosigner) KeyHash() uint32 {
	sum := sha256.Sum256([]byte(c.name + "\n" + string([]byte{kind}) + string(c.public)))
	return binary.BigEndian.Uint32(sum[:])
}

func message(time uint64, text []byte) []byte {
	return append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", time)), text...)
}

func (c cosigner) Sign(text []byte) ([]byte, error) {
	stamp := binary.BigEndian.AppendUint64(nil, c.time)
	return append(stamp, ed25519.Sign(c.secret, message(c.time, text))...), nil
}

func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 72 {
		return false
	}
	return ed25519.Verify(c.public, message(binary.BigEndian.Uint64(signature), text), signature[8:])
}

func (c cosigner) vkey() string {
	return fmt.Sprintf("%s+%08x+%s", c.name, c.KeyHash(), base64.StdEncoding.EncodeToString(append([]byte{kind}, c.public...)))
}

func parse(vkey string) (cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return cosigner{}, errors.New("malformed vkey")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 33 || raw[0] != kind {
		return cosigner{}, errors.New("malformed vkey")
	}
	found := cosigner{name: parts[0], public: raw[1:]}
	if fmt.Sprintf("%08x", found.KeyHash()) != parts[1] {
		return cosigner{}, errors.New("vkey has another hash")
	}
	return found, nil
}

type cosigned struct {
	Name string `json:"name"`
	Seed []byte `json:"seed"`
	Time uint64 `json:"time"`
	Vkey string `json:"vkey"`
	Text string `json:"text"`
	Note string `json:"note"`
}

func cosign(name string, time uint64, text string) cosigned {
	seed := sha256.Sum256([]byte("seed of " + name))
	secret := ed25519.NewKeyFromSeed(seed[:])
	signer := cosigner{name, secret.Public().(ed25519.PublicKey), secret, time}
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		log.Fatal(err)
	}
	return cosigned{name, seed[:], time, signer.vkey(), text, string(signed)}
}

type check struct {
	Note string `json:"note"`
	Vkey string `json:"vkey"`
}

func (c check) verdict() string {
	verifier, err := parse(c.Vkey)
	if err == nil {
		_, err = note.Open([]byte(c.Note), note.VerifierList(verifier))
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func main() {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	if len(os.Args) == 2 && os.Args[1] == "generate" {
		root := base64.StdEncoding.EncodeToString(make([]byte, 32))
		encoder.Encode([]cosigned{
			cosign("witness.example/w1", 1679315147, "example.com/behind-the-sofa\n20852163\n"+root+"\n"),
			cosign("见证.example", 0, "ledger.example/运城\n1\n"+root+"\n"),
			cosign("w", 1<<63-1, "ledger.example\n9223372036854775807\n"+root+"\nan extension\n"),
		})
		return
	}
	if len(os.Args) != 2 || os.Args[1] != "check" {
		log.Fatal("usage: cosignature_tool generate | check")
	}
	var cases []check
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		log.Fatal(err)
	}
	verdicts := []string{} // "" is accepted, anything else says why not
	for _, c := range cases {
		verdicts = append(verdicts, c.verdict())
	}
	encoder.Encode(verdicts)
}
