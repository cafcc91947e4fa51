package vault

import (
	"errors"
	"os"
	"path/filepath"
)

// Storage says where the slots live and what the proof of their erasure reads.
type Storage string

const (
	// StorageDisk is a file that is read back from the device (O_DIRECT).
	StorageDisk Storage = "disk"
	// StorageCached is a file on which O_DIRECT is refused: the proof drops the
	// pages from the cache, if the kernel does so, and reads again.
	StorageCached Storage = "cached"
	// StorageSecret is memory that not even the kernel maps: memfd_secret(2).
	StorageSecret Storage = "secret"
	// StorageLocked is memory that is never swapped out: mlock(2).
	StorageLocked Storage = "locked"
)

// openMedium opens what the slots are kept in.
func (v *Vault) openMedium() (Medium, int, Storage, error) {
	if v.o.Volatile {
		return v.openVolatile()
	}
	file, slots, err := openSlotFile(v.folder.dir, v.o.Slots)
	if err != nil {
		return nil, 0, "", err
	}
	if err := file.raise(slots); err != nil {
		file.Close()
		return nil, 0, "", err
	}
	return file, slots, file.storage(), nil
}

// openVolatile makes the memory, once. What an earlier process left of chunks is
// noise without its slots, and goes.
func (v *Vault) openVolatile() (Medium, int, Storage, error) {
	if v.memory != nil {
		return v.memory, v.memory.slots, v.memory.storage, nil
	}
	if held, err := heldOnDisk(v.folder.dir, v.patience); err != nil {
		return nil, 0, "", err
	} else if held {
		return nil, 0, "", errHeld
	}
	if err := v.folder.removeChunks(); err != nil {
		return nil, 0, "", err
	}
	m, err := openMemory(v.o.Slots)
	if err != nil {
		return nil, 0, "", err
	}
	v.memory = m
	return m, m.slots, m.storage, nil
}

// errHeld keeps a volatile vault from making messages unreadable that the
// folder was to keep, and from leaving their keys behind.
var errHeld = &UnsuitableError{
	Why: "the data folder holds messages that are kept on the disk",
	Do:  "Run the service without volatile mode until they are gone, remove the file slots in the data folder, or choose another folder.",
}

// heldOnDisk says whether the folder of a volatile vault has a slot file with
// anything in it. One that cannot be read counts.
func heldOnDisk(dir string, p *patience) (bool, error) {
	if _, err := os.Lstat(filepath.Join(dir, "slots")); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	file, slots, err := openSlotFile(dir, 0)
	if errors.Is(err, errHeader) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	t, held := &table{m: file, n: slots, patience: p}, false
	err = t.scan(file.ReadAt, func(uint32, *slotBytes) { held = true })
	return held, err
}
