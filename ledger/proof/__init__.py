"""Pure functions on bytes: the signed event, the Merkle tree, the signed note, the checkpoint, the proof file."""
