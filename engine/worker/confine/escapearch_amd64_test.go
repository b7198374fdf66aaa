//go:build linux

package confine_test

import (
	"errors"
	"unsafe"

	"golang.org/x/sys/unix"
)

var archEscapes = []escape{
	{name: "descriptor tables", try: func(world) error { return raw(unix.SYS_MODIFY_LDT, 0) }},
	{name: "ports of devices", uncertain: true, try: func(world) error { return raw(unix.SYS_IOPL, 999) }},
	{name: "the old fork", grant: runTrue, try: func(world) error { return fork(unix.SYS_FORK, 0) }},
	{name: "a number of x32", killed: true, free: unix.ENOSYS, try: func(world) error { return raw(0x40000000 + unix.SYS_GETPID) }},
	{name: "a call of 32 bits", killed: true, try: func(world) error { return call32(20) }}, // getpid
}

// call32 makes a system call as a program of 32 bits does.
func call32(number byte) error {
	page, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return errors.New(err.Error())
	}
	copy(page, []byte{
		0xb8, number, 0, 0, 0, // mov eax, number
		0xcd, 0x80, // int 0x80
		0xc3, // ret
	})
	entry := &page[0]
	function := unsafe.Pointer(&entry) // what a func value points to begins with its code
	(*(*func())(unsafe.Pointer(&function)))()
	return nil
}
