package onion

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"
)

// lowestDescriptor is above every descriptor a child is given: forking must not
// put one of those where the executable is, before it is executed.
const lowestDescriptor = 200

const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE

// inMemory unpacks an executable into memory that nobody can change any more,
// this process included. The file must be kept: it is executed by the path of
// its descriptor, and a file that is collected is closed.
func inMemory(packed []byte) (*os.File, error) {
	frames, size, err := cut(packed)
	if err != nil {
		return nil, err
	}
	f, err := memfd()
	if err != nil {
		return nil, err
	}
	if err = fill(f, frames, size); err == nil {
		_, err = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// fill unpacks straight into the file, so that the heap never holds it, and all
// frames side by side. The memory is reserved first: running out of it later
// would kill this process.
func fill(f *os.File, frames []frame, size int) error {
	if err := unix.Fallocate(int(f.Fd()), 0, 0, int64(size)); err != nil {
		return os.NewSyscallError("fallocate", err)
	}
	m, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return os.NewSyscallError("mmap", err)
	}
	errs := make([]error, len(frames))
	var all sync.WaitGroup
	at := 0
	for i, one := range frames {
		place := m[at : at+one.size]
		at += one.size
		all.Go(func() { errs[i] = one.unpack(place) })
	}
	all.Wait()
	return errors.Join(append(errs, unix.Munmap(m))...)
}

// unpack fills a place of the frame's size.
func (f frame) unpack(place []byte) error {
	out, err := decompress(f.packed, place[:0:len(place)])
	if err == nil && (len(out) != len(place) || &out[0] != &place[0]) {
		err = errDamaged
	}
	return err
}

// decompress appends to dst.
func decompress(packed, dst []byte) ([]byte, error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.DecodeAll(packed, dst)
}

// memfd asks for an executable one, of which kernels before 6.3 know nothing.
// Where the system forbids them (vm.memfd_noexec=2), it fails with EACCES.
func memfd() (*os.File, error) {
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	low, err := unix.MemfdCreate("tor", flags|unix.MFD_EXEC)
	if errors.Is(err, unix.EINVAL) {
		low, err = unix.MemfdCreate("tor", flags)
	}
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	defer unix.Close(low)
	high, err := unix.FcntlInt(uintptr(low), unix.F_DUPFD_CLOEXEC, lowestDescriptor)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(high), fmt.Sprintf("/proc/self/fd/%d", high)), nil
}
