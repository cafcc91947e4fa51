package vault

import (
	"strings"
	"testing"
)

func TestFindMount(t *testing.T) {
	const mountinfo = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
23 22 0:21 / /proc rw - proc proc rw
36 22 98:0 /mnt1 /mnt\0402 rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw,errors=continue,data=journal
40 22 0:38 /@home /home rw - btrfs /dev/sda2 rw,subvolid=257,subvol=/@home
41 40 0:50 / /x rw - overlay overlay rw,lowerdir=/a:/b,data=journal2
42 22 0:51 / /empty rw - fuse.sshfs  rw
4 broken
`
	for id, want := range map[uint64]FileSystem{
		22: {Name: "ext4"}, 36: {"ext3", true}, 40: {Name: "btrfs"}, 41: {Name: "overlay"},
	} {
		if got, err := findMount(strings.NewReader(mountinfo), id); err != nil || got != want {
			t.Errorf("%d: %+v %v", id, got, err)
		}
	}
	for _, id := range []uint64{0, 1, 2, 4, 42, 43} {
		if got, err := findMount(strings.NewReader(mountinfo), id); err == nil {
			t.Errorf("%d: found %+v", id, got)
		}
	}
}
