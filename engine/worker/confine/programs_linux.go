package confine

import (
	"bufio"
	"debug/elf"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// everyProgram in a permission allows all programs that are where programs are, and in what else is granted.
const everyProgram = "*"

// libraries are the folders and files that programs need to start at all, and public data of theirs.
var libraries = []string{
	"/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/local/lib", "/usr/share", "/usr/local/share",
	"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld.so.preload", "/nix/store", "/gnu/store",
}

// programFolders are where programs are, besides those of PATH.
var programFolders = []string{"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"}

// programs grants programs, by name or path, with what starts them: the dynamic linker of one, the shell of a script. A folder
// grants what is in it.
func (f *fileRules) programs(names []string) {
	if len(names) == 0 {
		return
	}
	f.add(readDir, libraries...)
	for _, name := range names {
		if name == everyProgram {
			f.add(runDir, append(filepath.SplitList(os.Getenv("PATH")), programFolders...)...)
			f.add(runDir, libraries...)
			continue
		}
		if info, err := os.Stat(name); err == nil && info.IsDir() && filepath.IsAbs(name) {
			f.put(runDir, name)
			continue
		}
		path, err := exec.LookPath(name)
		if err != nil || !filepath.IsAbs(path) {
			f.ignored = append(f.ignored, fmt.Sprintf("run %s: there is no such program", name))
			continue
		}
		f.program(path, 0)
	}
}

// maxInterpreters bounds how many scripts may be run by scripts.
const maxInterpreters = 4

func (f *fileRules) program(path string, depth int) {
	f.add(runFile, path)
	if depth == maxInterpreters {
		return
	}
	for _, next := range interpreters(path) {
		f.program(next, depth+1)
	}
}

// interpreters returns the programs that the kernel, or env, starts in order to run one.
func interpreters(path string) []string {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	if binary, err := elf.NewFile(file); err == nil {
		for _, part := range binary.Progs {
			if part.Type == elf.PT_INTERP {
				name, err := io.ReadAll(io.LimitReader(part.Open(), 4096))
				if err == nil {
					return []string{strings.TrimRight(string(name), "\x00")}
				}
			}
		}
		return nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil
	}
	line, _ := bufio.NewReader(io.LimitReader(file, 4096)).ReadString('\n')
	line, script := strings.CutPrefix(line, "#!")
	words := strings.Fields(line)
	if !script || len(words) == 0 {
		return nil
	}
	found := words[:1]
	if filepath.Base(words[0]) == "env" {
		for _, word := range words[1:] {
			if strings.HasPrefix(word, "-") || strings.Contains(word, "=") {
				continue
			}
			if program, err := exec.LookPath(word); err == nil {
				found = append(found, program)
			}
			break
		}
	}
	return found
}
