package onion

import (
	"errors"
	"fmt"
	"os"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"
)

// lowestDescriptor is above every descriptor a child is given: forking must not
// put one of those where the executable is, before it is executed.
const lowestDescriptor = 200

const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE

var errDamaged = errors.New("the embedded Tor is damaged")

// inMemory unpacks an executable into memory that nobody can change any more,
// this process included. The file must be kept: it is executed by the path of
// its descriptor, and a file that is collected is closed.
func inMemory(packed []byte) (*os.File, error) {
	var head zstd.Header
	if err := head.Decode(packed); err != nil {
		return nil, err
	}
	if !head.HasFCS || head.FrameContentSize == 0 {
		return nil, errDamaged
	}
	f, err := memfd()
	if err != nil {
		return nil, err
	}
	if err = fill(f, packed, int(head.FrameContentSize)); err == nil {
		_, err = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// fill unpacks straight into the file, so that the heap never holds it. The
// memory is reserved first: running out of it later would kill this process.
func fill(f *os.File, packed []byte, size int) error {
	if err := unix.Fallocate(int(f.Fd()), 0, 0, int64(size)); err != nil {
		return os.NewSyscallError("fallocate", err)
	}
	m, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return os.NewSyscallError("mmap", err)
	}
	out, err := decompress(packed, m[:0:size])
	if err == nil && (len(out) != size || &out[0] != &m[0]) {
		err = errDamaged
	}
	return errors.Join(err, unix.Munmap(m))
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
