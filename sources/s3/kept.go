package s3

import "sync"

// maxKept bounds the bytes that are kept between two fetches.
const maxKept = 64 << 20

// kept holds the contents of objects, so that the next fetch, of another revision or after a failure, gets only what it
// does not have. They share their memory with the trees that they were added to.
type kept struct {
	mu    sync.Mutex
	files map[string]content // by path
	bytes int64
}

type content struct {
	id   string // see object.id
	data []byte
}

// get returns the content of an object, where it is there as it was listed.
func (k *kept) get(o object) ([]byte, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c, ok := k.files[o.path]
	return c.data, ok && c.id == o.id()
}

func (k *kept) put(o object, data []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.drop(o.path)
	if k.bytes+int64(len(data)) > maxKept {
		return
	}
	if k.files == nil {
		k.files = map[string]content{}
	}
	k.files[o.path] = content{o.id(), data}
	k.bytes += int64(len(data))
}

// prune drops what is not in a listing any more.
func (k *kept) prune(objects []object) {
	listed := make(map[string]string, len(objects))
	for _, o := range objects {
		listed[o.path] = o.id()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for path, c := range k.files {
		if listed[path] != c.id {
			k.drop(path)
		}
	}
}

// drop forgets a path. The caller holds the lock.
func (k *kept) drop(path string) {
	if c, ok := k.files[path]; ok {
		k.bytes -= int64(len(c.data))
		delete(k.files, path)
	}
}
