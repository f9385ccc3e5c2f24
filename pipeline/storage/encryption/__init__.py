"""Encryption at rest, as an option: what is kept reads as noise without a key of its owner.

Whoever can read the place of a store (a disk, a bucket, a copy of them) is kept out of what the
files hold. Whoever can also write there cannot make a file that is taken for ours, nor change one,
cut it short, or put one in the place of another. No defence is there against what remains open:
files can be deleted, one that is written anew (a lease, a page of results, a receipt that was set
aside) can be put back as it was before, and so can a whole store.

In clear are: store.json; keys/, with data keys that are wrapped and the store's identity; the names
of files, which hold stages, recipes, labels, days and keys; their sizes, to the byte; their ages. A
key is a hash of a recipe and of what it reads, so somebody who has the very same recipe and the
very same pages can tell from it that they are here. Names of sites, addresses and texts stand in no
name. A hash of plaintext would say of any public page whether it is here, so none is kept in clear:
what was set aside bears in its name a hash of its ciphertext, and by that of the ciphertext an
object store checks an upload.

In clear too, outside of the store: units at work and jobs' checkpoints, on the disk of the machine
that does the work, in folders that nobody else may read (see `nearby`; PENSTOCK_SCRATCH can name
an encrypted disk); Ray's object store, in memory; what a Prefect server is shown; and what somebody
exports. Digests, keys and receipts are those of plaintext: the same versions as without.

Keys. A key file or a key service (KMS) holds the master keys. They wrap data keys, which lie in the
store (see `keyring`): one call of a key service for each process that opens a store, none for each
file. Each file has a key of its own, derived from a data key (see `seal`).
"""
